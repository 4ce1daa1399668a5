import math
import tracemalloc

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import trapezoid

from gan_lessons import metrics
from gan_lessons.distributions import Exponential, Mixture, Normal, TwoPoint, Uniform, bimodal

TARGETS = [Normal(), Normal(-2, 3), Uniform(-1, 4), Exponential(0.5), bimodal()]
METRICS = [
    metrics.w1_distance,
    metrics.ks_distance,
    metrics.js_estimate,
    metrics.mean_error,
    metrics.std_error,
]
ids = {"ids": lambda value: getattr(value, "__name__", str(value)[:24])}


def off_target(target, n=400):
    return 0.3 + 1.2 * target.sample(n, seed=1)


@pytest.mark.parametrize("target", TARGETS, **ids)
def test_w1_is_the_area_between_the_cdfs(target):
    samples = off_target(target)[:, 0]
    x = np.linspace(target.mean - 15 * target.std, target.mean + 15 * target.std, 300_001)
    own = np.searchsorted(np.sort(samples), x, side="right") / samples.size
    area = trapezoid(np.abs(own - target.cdf(x)), x)
    assert metrics.w1_distance(samples, target) == pytest.approx(area, abs=2e-3)


def test_w1_of_one_point_is_its_mean_distance():
    # E|X − 5| = σ√(2/π) for a normal around the point
    exact = math.sqrt(2 / math.pi)
    assert metrics.w1_distance([5.0], Normal(5, 1)) == pytest.approx(exact, abs=1e-3)
    assert metrics.w1_distance([4.0, 6.0], TwoPoint(4, 6)) == 0


@pytest.mark.parametrize("target", TARGETS, **ids)
@pytest.mark.parametrize("decimals", [0, 9])  # rounded samples hold ties
def test_ks_equals_scipy(target, decimals):
    samples = off_target(target)[:, 0].round(decimals)
    expected = stats.ks_1samp(samples, target.cdf).statistic
    assert metrics.ks_distance(samples, target) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("samples", "gap"),
    [([4, 6], 0), ([4, 4, 4, 6], 0.25), ([5, 5], 0.5), ([3.9, 6], 0.5), ([6, 6], 0.5), ([9], 1)],
)
def test_ks_against_a_target_that_jumps(samples, gap):
    assert metrics.ks_distance(samples, TwoPoint(4, 6)) == pytest.approx(gap)


@pytest.mark.parametrize("target", TARGETS, **ids)
@pytest.mark.parametrize("bins", [2, 30])
def test_js_estimate_is_the_divergence_of_binned_shares(target, bins):
    samples = off_target(target)[:, 0]
    edges = [-np.inf, *target.quantile(np.arange(1, bins) / bins), np.inf]
    p = np.histogram(samples, edges)[0] / samples.size
    q = np.full(bins, 1 / bins)
    m = (p + q) / 2
    expected = (stats.entropy(p, m) + stats.entropy(q, m)) / 2  # SciPy's KL, in nats
    assert metrics.js_estimate(samples, target, bins) == pytest.approx(expected, abs=1e-12)


def test_js_estimate_of_samples_elsewhere_is_near_log_two():
    # all mass in one of 30 bins: log 2 − ½·[…] in closed form
    p, q = np.eye(30)[-1], np.full(30, 1 / 30)
    m = (p + q) / 2
    expected = (stats.entropy(p, m) + stats.entropy(q, m)) / 2
    assert metrics.js_estimate([1e9] * 50, Normal()) == pytest.approx(expected, rel=1e-12)


def test_js_estimate_of_a_perfect_sampler_is_biased_as_stated():
    n, bins, repeats = 2000, 30, 150
    rng = np.random.default_rng(0)
    scores = [metrics.js_estimate(Normal().sample(n, rng), Normal(), bins) for _ in range(repeats)]
    # 8n·JSD is nearly χ² with bins − 1 degrees: mean 29, standard error √(58/150) = 0.62
    assert 8 * n * np.mean(scores) == pytest.approx(bins - 1, abs=4 * 0.62)


@pytest.mark.parametrize("bins", [2, 3, 30])
@pytest.mark.parametrize(("low", "high"), [(50, 50), (100, 0), (25, 75)])
def test_js_estimate_of_two_points_by_their_shares(low, high, bins):
    samples = np.repeat([4.0, 6.0], [low, high])
    p, q = np.array([low, high]) / 100, np.array([0.5, 0.5])
    m = (p + q) / 2
    expected = (stats.entropy(p, m) + stats.entropy(q, m)) / 2
    assert metrics.js_estimate(samples, TwoPoint(4, 6), bins) == pytest.approx(expected, abs=1e-12)


def test_mean_and_std_errors_by_hand():
    assert metrics.mean_error([3.0, 5.0, 10.0], Normal(5, 1)) == pytest.approx(1)
    # deviations −3, −1, 4: variance 26/2 with n − 1
    assert metrics.std_error([3.0, 5.0, 10.0], Normal(5, 1)) == pytest.approx(math.sqrt(13) - 1)
    assert metrics.mean_error([[4.0]], Normal(5, 1)) == 1


@pytest.mark.parametrize("metric", METRICS, **ids)
def test_a_column_counts_as_a_vector(metric):
    column = off_target(Normal())
    assert metric(column, Normal()) == metric(column[:, 0], Normal())
    assert type(metric(column, Normal())) is float


@pytest.mark.parametrize("metric", METRICS, **ids)
@pytest.mark.parametrize(
    "bad", [[], [[1.0, 2.0]], [1.0, math.nan], [math.inf, 1], ["a", "b"], True]
)
def test_bad_samples_are_refused_by_name(metric, bad):
    with pytest.raises(ValueError, match=r"^samples (has|holds)"):
        metric(bad, Normal())


def test_std_error_needs_two_samples():
    with pytest.raises(ValueError, match=r"^samples has shape \(1,\).*n >= 2"):
        metrics.std_error([1.0], Normal())


@pytest.mark.parametrize("bins", [1, 0, 2.5, True, "9"])
def test_js_estimate_refuses_bins(bins):
    with pytest.raises(ValueError, match=r"^bins is .*2 or more"):
        metrics.js_estimate([1.0, 2.0], Normal(), bins)


# --- The noise floor --------------------------------------------------------------------------


def test_floor_of_the_mean_error_in_closed_form():
    n = 128
    floor = metrics.noise_floor(metrics.mean_error, Normal(5, 2), n, repeats=3000)
    # the error is |N(0, σ²/n)|: its quantiles are those of the half-normal law
    law = stats.halfnorm(scale=2 / math.sqrt(n))
    assert floor.low == pytest.approx(law.ppf(0.1), rel=0.15)
    assert floor.median == pytest.approx(law.ppf(0.5), rel=0.06)
    assert floor.high == pytest.approx(law.ppf(0.9), rel=0.06)


def test_mean_error_of_a_perfect_sampler_on_average():
    n, rng = 128, np.random.default_rng(2)
    errors = [metrics.mean_error(Normal().sample(n, rng), Normal()) for _ in range(3000)]
    assert np.mean(errors) == pytest.approx(math.sqrt(2 / (math.pi * n)), rel=0.06)


def test_floor_of_ks_follows_kolmogorov():
    floor = metrics.noise_floor(metrics.ks_distance, Normal(), 200, repeats=400)
    assert floor.median == pytest.approx(stats.kstwo.ppf(0.5, 200), rel=0.08)
    assert floor.high == pytest.approx(stats.kstwo.ppf(0.9, 200), rel=0.1)


def test_floor_is_repeatable_and_depends_on_its_seed():
    floor = metrics.noise_floor(metrics.w1_distance, Normal(), 50, repeats=20)
    metrics._noise_floor.cache_clear()
    assert metrics.noise_floor(metrics.w1_distance, Normal(), 50, repeats=20) == floor
    assert metrics.noise_floor(metrics.w1_distance, Normal(), 50, repeats=20, seed=1) != floor
    assert floor.low < floor.median < floor.high


def test_a_remembered_floor_does_not_take_what_a_new_one_would_refuse():
    metrics.noise_floor(metrics.mean_error, Normal(), 1, 1, 1)
    for arguments in ((True, 1, 1), (1, 1.0, 1), (1, 1, True), (1, 1, np.random.default_rng(1))):
        with pytest.raises(ValueError, match=r"^(n|repeats|seed) is "):
            metrics.noise_floor(metrics.mean_error, Normal(), *arguments)


@pytest.mark.parametrize("bad", [0, -1, 2.5, "9"])
def test_floor_refuses_counts(bad):
    with pytest.raises(ValueError, match=r"^n is .*whole number"):
        metrics.noise_floor(metrics.mean_error, Normal(), bad)
    with pytest.raises(ValueError, match=r"^repeats is .*whole number"):
        metrics.noise_floor(metrics.mean_error, Normal(), 5, bad)


# --- Densities of samples ---------------------------------------------------------------------


def test_sample_density_equals_scipys_kernel_estimate():
    samples = bimodal().sample(300, seed=0)[:, 0]
    x = np.linspace(0, 10, 101)
    quartiles = np.quantile(samples, [0.25, 0.75])
    bandwidth = 0.9 * min(samples.std(), np.ptp(quartiles) / 1.34) * 300**-0.2
    # SciPy's factor multiplies the standard deviation with n − 1
    kernel = stats.gaussian_kde(samples, bandwidth / samples.std(ddof=1))
    np.testing.assert_allclose(metrics.sample_density(samples, x), kernel(x), rtol=1e-9)


@pytest.mark.parametrize("samples", [[5.0] * 40, [5.0] * 39 + [5.5]])
def test_sample_density_of_a_collapsed_generator_is_a_spike_of_mass_one(samples):
    x = np.linspace(4, 7, 20_001)
    density = metrics.sample_density(samples, x)
    assert trapezoid(density, x) == pytest.approx(1, abs=1e-3)
    assert x[density.argmax()] == pytest.approx(5, abs=1e-3)


@pytest.mark.parametrize(
    ("samples", "x", "complaint"),
    [
        ([math.nan, 1], [0, 1], "^samples holds"),
        ([], [0, 1], "^samples has shape"),
        ([1, 2], [0], "^x has shape"),
        ([1, 2], [3, 3], "^x holds 3.0 alone"),
    ],
)
def test_sample_density_refuses(samples, x, complaint):
    with pytest.raises(ValueError, match=complaint):
        metrics.sample_density(samples, x)


def test_sample_density_of_many_samples_takes_little_memory():
    samples, x = Normal().sample(50_000, seed=0), np.linspace(0, 10, 200)
    tracemalloc.start()
    density = metrics.sample_density(samples, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6  # all kernels at once are 80 MB, and are needed twice or more
    kernel = stats.gaussian_kde(samples[:, 0])
    spread = min(samples.std(), stats.iqr(samples) / 1.34)
    kernel.set_bandwidth(0.9 * spread * 50_000**-0.2 / samples.std(ddof=1))
    few = slice(0, 200, 40)
    np.testing.assert_allclose(density[few], kernel(x[few]), rtol=1e-9)


@pytest.mark.parametrize("at_once", [1, 7, 1000, 10**9])
def test_sample_density_does_not_depend_on_the_parts(monkeypatch, at_once):
    samples, x = bimodal().sample(300, seed=0), np.linspace(0, 10, 101)
    whole = metrics.sample_density(samples, x)
    monkeypatch.setattr(metrics, "AT_ONCE", at_once)
    np.testing.assert_array_equal(metrics.sample_density(samples, x), whole)


@pytest.mark.parametrize("shape", [(-1, 1), (1, -1), (2, 5, 10)])
def test_sample_density_has_the_shape_of_its_points(shape):
    samples, x = bimodal().sample(30, seed=0), np.linspace(0, 10, 100)
    density = metrics.sample_density(samples, x.reshape(shape))
    np.testing.assert_array_equal(density, metrics.sample_density(samples, x).reshape(shape))


def test_histogram_accounts_for_every_sample():
    samples = [-9, 0, 0.1, 0.5, 0.99, 1.0, 7, 8]
    centres, heights, outside = metrics.histogram(samples, 0, 1, bins=2)
    np.testing.assert_allclose(centres, [0.25, 0.75])
    np.testing.assert_allclose(heights, [2 / 8 / 0.5, 3 / 8 / 0.5])
    assert outside == pytest.approx(3 / 8)
    assert heights.sum() * 0.5 + outside == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (([1.0], 1, 1), "^low is 1: it must be below high"),
        (([1.0], 2, 1), "^low is 2: it must be below high"),
        (([1.0], math.nan, 1), "^low is nan"),
        (([1.0], 0, math.inf), "^high is inf"),
        (([1.0], 0, 1, 0), "^bins is 0"),
        (([], 0, 1), "^samples has shape"),
    ],
)
def test_histogram_refuses(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        metrics.histogram(*arguments)


PEAKS = Mixture((Normal(-4, 0.5), Normal(0, 0.5), Normal(4, 0.5)), (0.25, 0.5, 0.25))


@pytest.mark.parametrize(
    ("samples", "covered"),
    [
        (PEAKS.sample(300, 0), 3),
        (np.full(100, 0.1), 1),
        (np.full(100, 2.0), 0),  # between two peaks, four deviations from each
        (np.r_[np.full(50, -4.0), np.full(50, 4.0)], 2),
        (np.r_[np.full(96, 0.0), np.full(4, 4.0)], 1),  # 4 of 100, and 20 % of 25 are asked for
        (np.r_[np.full(95, 0.0), np.full(5, 4.0)], 2),
        (np.full(10, 99.0), 0),
    ],
)
def test_modes_covered_by_hand(samples, covered):
    assert metrics.modes_covered(samples, PEAKS) == covered


def test_modes_covered_can_ask_for_more():
    samples = np.r_[np.full(80, 0.0), np.full(20, 4.0)]
    assert metrics.modes_covered(samples, PEAKS, share=0.2) == 2
    assert metrics.modes_covered(samples, PEAKS, share=0.9) == 1
    assert metrics.modes_covered(samples, PEAKS, share=0) == 2


def test_a_perfect_sampler_covers_all_modes():
    floor = metrics.noise_floor(metrics.modes_covered, bimodal(), 200, repeats=50)
    assert (floor.low, floor.median, floor.high) == (2, 2, 2)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (([1.0], Normal()), "^target is Normal.*: only a Mixture"),
        (([1.0], PEAKS, 1.0), "^share is 1.0"),
        (([1.0], PEAKS, -0.1), "^share is -0.1"),
        (([math.nan], PEAKS), "^samples holds NaN"),
    ],
)
def test_modes_covered_refuses(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        metrics.modes_covered(*arguments)
