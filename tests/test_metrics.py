import math
import tracemalloc

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import trapezoid

from gan_lessons import metrics
from gan_lessons.distributions import Exponential, Mixture, Normal, TwoPoint, Uniform, bimodal

TARGETS = [Normal(), Normal(-2, 3), Uniform(-1, 4), Exponential(0.5), bimodal()]
ids = {"ids": lambda value: getattr(value, "__name__", str(value)[:24])}


def off_target(target, n=400):
    return 0.3 + 1.2 * target.sample(n, seed=1)


@pytest.mark.parametrize("target", [*TARGETS, TwoPoint()], **ids)
def test_w1_is_the_area_between_the_cdfs(target):
    samples = off_target(target)[:, 0]
    x = np.linspace(target.mean - 15 * target.std, target.mean + 15 * target.std, 300_001)
    own = np.searchsorted(np.sort(samples), x, side="right") / samples.size
    area = trapezoid(np.abs(own - target.cdf(x)), x)
    assert metrics.w1_distance(samples, target) == pytest.approx(area, abs=2e-3)


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
    samples = np.r_[off_target(target)[:, 0], [1e9] * 50]
    edges = [-np.inf, *target.quantile(np.arange(1, bins) / bins), np.inf]
    p = np.histogram(samples, edges)[0] / samples.size
    q = np.full(bins, 1 / bins)
    m = (p + q) / 2
    expected = (stats.entropy(p, m) + stats.entropy(q, m)) / 2  # SciPy's KL, in nats
    assert metrics.js_estimate(samples, target, bins) == pytest.approx(expected, abs=1e-12)


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


# --- The noise floor --------------------------------------------------------------------------


def test_floor_of_the_mean_error_in_closed_form():
    n = 128
    floor = metrics.noise_floor(metrics.mean_error, Normal(5, 2), n, repeats=3000)
    # the error is |N(0, σ²/n)|: its quantiles are those of the half-normal law
    law = stats.halfnorm(scale=2 / math.sqrt(n))
    assert floor.low == pytest.approx(law.ppf(0.1), rel=0.15)
    assert floor.median == pytest.approx(law.ppf(0.5), rel=0.06)
    assert floor.high == pytest.approx(law.ppf(0.9), rel=0.06)


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


def test_sample_density_of_many_samples_takes_little_memory():
    samples, x = Normal().sample(50_000, seed=0), np.linspace(0, 10, 200)
    tracemalloc.start()
    metrics.sample_density(samples, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6  # all kernels at once are 80 MB, and are needed twice or more


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


PEAKS = Mixture((Normal(-4, 0.5), Normal(0, 0.5), Normal(4, 0.5)), (0.25, 0.5, 0.25))


@pytest.mark.parametrize(
    ("samples", "share", "covered"),
    [
        (PEAKS.sample(300, 0), 0.2, 3),
        (np.full(100, 0.1), 0.2, 1),
        (np.full(100, 2.0), 0.2, 0),  # between two peaks, four deviations from each
        (np.repeat([-4.0, 4.0], 50), 0.2, 2),
        (np.repeat([0.0, 4.0], [96, 4]), 0.2, 1),  # 4 of 100, and 20 % of 25 are asked for
        (np.repeat([0.0, 4.0], [95, 5]), 0.2, 2),
        (np.repeat([0.0, 4.0], [80, 20]), 0.9, 1),
        (np.repeat([0.0, 4.0], [80, 20]), 0, 2),  # but one or more
    ],
)
def test_modes_covered_by_hand(samples, share, covered):
    assert metrics.modes_covered(samples, PEAKS, share) == covered


@pytest.mark.parametrize(
    ("call", "arguments", "complaint"),
    [
        (metrics.std_error, ([1.0], Normal()), r"^samples has shape \(1,\).*n >= 2"),
        (metrics.sample_density, ([1, 2], [0]), r"^x has shape \(1,\)"),
        (metrics.sample_density, ([1, 2], [3, 3]), "^x holds 3.0 alone"),
        (metrics.histogram, ([1.0], 1, 1), "^low is 1: it must be below high"),
        (metrics.modes_covered, ([1.0], Normal()), "^target is Normal.*: only a Mixture"),
    ],
)
def test_what_does_not_fit_together_is_refused(call, arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        call(*arguments)
