import dataclasses
import math

import numpy as np
import pytest
from oracles import integral, landmarks
from scipy import stats

from gan_lessons.distributions import (
    Exponential,
    Mixture,
    Normal,
    TwoPoint,
    Uniform,
    bimodal,
    true_distribution,
)

UNEVEN = Mixture((Normal(-3, 0.5), Normal(1, 2), Normal(9, 0.2)), (0.2, 0.5, 0.3))
WITH_DENSITY = [Normal(), Normal(-2, 3), Uniform(-1, 4), Exponential(0.4), bimodal(), UNEVEN]
ALL = [*WITH_DENSITY, TwoPoint(), TwoPoint(-1, 7)]
BAD = [math.nan, math.inf, -math.inf, True, "1", None]


def name(target):
    return str(target)[:40]


@pytest.mark.parametrize("target", WITH_DENSITY, ids=name)
def test_density_integrates_to_one_and_to_its_moments(target):
    cuts = landmarks(target)
    assert integral(target.pdf, cuts) == pytest.approx(1, abs=1e-9)
    assert integral(lambda x: x * target.pdf(x), cuts) == pytest.approx(target.mean, abs=1e-8)
    variance = integral(lambda x: (x - target.mean) ** 2 * target.pdf(x), cuts)
    assert variance == pytest.approx(target.std**2, rel=1e-8)


@pytest.mark.parametrize("target", WITH_DENSITY, ids=name)
def test_cdf_is_the_integral_of_the_density(target):
    for a, b in [(-2.0, 0.5), (3.3, 6.1)]:
        cuts = [a, *(c for c in landmarks(target) if a < c < b), b]
        gain = target.cdf(b) - target.cdf(a)
        assert gain == pytest.approx(integral(target.pdf, cuts), abs=1e-9)


@pytest.mark.parametrize("target", WITH_DENSITY, ids=name)
def test_logpdf_is_the_log_of_pdf(target):
    x = np.linspace(-5, 12, 60).reshape(3, 20)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(target.logpdf(x), np.log(target.pdf(x)), rtol=1e-10)
    assert target.pdf(x).shape == target.logpdf(x).shape == target.cdf(x).shape == (3, 20)


@pytest.mark.parametrize("target", WITH_DENSITY, ids=name)
def test_quantile_inverts_the_cdf_into_both_tails(target):
    u = np.array([1e-13, 1e-6, 0.1, 0.5, 0.7, 1 - 1e-6])
    np.testing.assert_allclose(target.cdf(target.quantile(u)), u, rtol=1e-6, atol=1e-15)
    high = target.quantile(1 - 1e-13)
    assert np.isfinite(high)
    assert target.cdf(high) == pytest.approx(1, abs=1e-12)
    assert target.quantile(u.reshape(2, 3)).shape == (2, 3)
    assert np.shape(target.quantile(0.5)) == ()


def test_log_density_of_a_mixture_survives_where_the_density_underflows():
    x = 5 + 100.0
    offset = math.sqrt(1 - 0.09)
    expected = math.log(0.5) + stats.norm.logpdf(x, 5 + offset, 0.3)  # the nearer mode alone
    assert bimodal().pdf(x) == 0
    assert bimodal().logpdf(x) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("parts", [(Normal(5, 1), Normal(5, 1 + 1e-15)), (Normal(5, 1),) * 2])
def test_quantile_of_a_mixture_of_twins(parts):
    u = np.linspace(0.01, 0.99, 33)
    quantile = Mixture(parts, (0.4, 0.6)).quantile(u)
    np.testing.assert_allclose(quantile, stats.norm.ppf(u, 5, 1), rtol=1e-12)


def test_quantile_of_a_mixture_at_the_ends_is_infinite():
    np.testing.assert_array_equal(UNEVEN.quantile([0.0, 1.0]), [-np.inf, np.inf])


@pytest.mark.parametrize(
    ("target", "law"),
    [
        (Normal(-2, 3), stats.norm(-2, 3)),
        (Uniform(-1, 4), stats.uniform(-1, 5)),
        (Exponential(0.4), stats.expon(scale=2.5)),
    ],
    ids=name,
)
def test_named_targets_equal_scipy(target, law):
    x, u = np.linspace(-4, 8, 25), np.linspace(0.05, 0.95, 9)
    np.testing.assert_allclose(target.pdf(x), law.pdf(x), rtol=1e-13)
    np.testing.assert_allclose(target.cdf(x), law.cdf(x), rtol=1e-13)
    np.testing.assert_allclose(target.quantile(u), law.ppf(u), rtol=1e-13)
    assert (target.mean, target.std) == pytest.approx((law.mean(), law.std()))


@pytest.mark.parametrize("target", ALL, ids=name)
def test_samples_follow_the_target(target):
    n = 20_000
    samples = target.sample(n, seed=3)
    assert samples.shape == (n, 1)
    assert samples.dtype == np.float64
    # DKW: the cdfs differ by more than this once in 10⁵ seeds
    reach = math.sqrt(math.log(2e5) / (2 * n))
    for x in np.quantile(samples, [0.1, 0.3, 0.5, 0.9]):
        assert abs((samples <= x).mean() - target.cdf(x)) < reach
    assert samples.mean() == pytest.approx(target.mean, abs=5 * target.std / math.sqrt(n))
    assert samples.std() == pytest.approx(target.std, rel=0.06)


@pytest.mark.parametrize("target", ALL, ids=name)
def test_seed_repeats_and_a_generator_moves_on(target):
    np.testing.assert_array_equal(target.sample(5, seed=1), target.sample(5, seed=1))
    assert not np.array_equal(target.sample(5, seed=1), target.sample(5, seed=4))
    rng = np.random.default_rng(0)
    assert not np.array_equal(target.sample(9, rng), target.sample(9, rng))


def test_sampling_leaves_the_global_state_alone():
    before = np.random.get_state()[1].copy()
    for target in ALL:
        target.sample(3)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_two_point_has_a_step_function_and_no_density():
    target = TwoPoint(4, 6)
    np.testing.assert_array_equal(target.cdf([3.9, 4, 5, 6, 7]), [0, 0.5, 0.5, 1, 1])
    np.testing.assert_array_equal(target.quantile([0.1, 0.5, 0.51]), [4, 4, 6])
    assert (target.mean, target.std) == (5, 1)
    assert set(target.sample(50, seed=0).ravel()) == {4.0, 6.0}
    for ask in (target.pdf, target.logpdf):
        with pytest.raises(ValueError, match=r"TwoPoint.*has no density"):
            ask(4.0)


@pytest.mark.parametrize("within", [0.05, 0.3, 0.99])
def test_bimodal_has_the_wanted_mean_and_std(within):
    target = bimodal(2, 1.5, within)
    assert (target.mean, target.std) == pytest.approx((2, 1.5))
    assert [c.std for c in target.components] == [within] * 2


def test_breakpoints_are_where_the_density_jumps():
    assert Normal().breakpoints == UNEVEN.breakpoints == ()
    assert Uniform(2, 3).breakpoints == TwoPoint(2, 3).breakpoints == (2, 3)
    assert Exponential().breakpoints == (0,)


def test_targets_are_values():
    assert Normal(5, 1) == Normal(5.0, 1.0)
    assert len({bimodal(), bimodal(), Normal()}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        Normal().mean = 3
    # a list of components is as good as a tuple, also as a key
    assert len({Mixture([Normal(0, 1), Normal(1, 1)], np.array([0.5, 0.5]))}) == 1


@pytest.mark.parametrize("bad", [*BAD, 0, -1.0])
@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda v: Normal(5, v), "std"),
        (Exponential, "rate"),
        (lambda v: bimodal(std=v), "std"),
        (lambda v: bimodal(within=v), "within"),
        (lambda v: Mixture((Normal(), Normal()), (v, 1.0)), "weights"),
        (lambda v: true_distribution(3, 0, 5, v), "std"),
    ],
)
def test_scales_must_be_positive(make, argument, bad):
    with pytest.raises(ValueError, match=rf"^{argument} is .*must"):
        make(bad)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (Normal, "mean"),
        (lambda v: Uniform(v, 1), "low"),
        (lambda v: Uniform(0, v), "high"),
        (lambda v: TwoPoint(v, 1), "low"),
        (lambda v: TwoPoint(0, v), "high"),
        (bimodal, "mean"),
        (lambda v: true_distribution(3, 0, v), "mean"),
    ],
)
def test_places_must_be_finite(make, argument, bad):
    with pytest.raises(ValueError, match=rf"^{argument} is .*finite"):
        make(bad)


@pytest.mark.parametrize("kind", [Uniform, TwoPoint])
@pytest.mark.parametrize("ends", [(1, 1), (2, 1)])
def test_ends_must_be_in_order(kind, ends):
    with pytest.raises(ValueError, match=r"^low is .*: it must be below high"):
        kind(*ends)


@pytest.mark.parametrize(
    ("components", "weights", "complaint"),
    [
        ((), (), "at least one"),
        ((Normal(),), (0.5, 0.5), "one weight for each of the 1 components"),
        ((Normal(), Normal()), (0.5, 0.4), "add up to 1"),
        ((Normal(), Normal()), (1.5, -0.5), "above 0"),
        ((Uniform(), Normal()), (0.5, 0.5), "components is .*Normal"),
        ((5.0, 6.0), (0.5, 0.5), "components is .*Normal"),
    ],
)
def test_a_mixture_must_fit_together(components, weights, complaint):
    with pytest.raises(ValueError, match=complaint):
        Mixture(components, weights)


def test_bimodal_modes_must_be_narrower_than_the_whole():
    with pytest.raises(ValueError, match=r"^within is 1.0: it must be below std, which is 1.0"):
        bimodal(within=1.0)


@pytest.mark.parametrize("target", ALL, ids=name)
def test_bad_arguments_of_the_methods(target):
    for n in (0, -1, 2.5, True, "3", None):
        with pytest.raises(ValueError, match=r"^n is .*whole number, 1 or more"):
            target.sample(n)
    with pytest.raises(ValueError, match=r"^seed is 'a'"):
        target.sample(3, seed="a")
    for ask, argument in ((target.cdf, "x"), (target.quantile, "u")):
        with pytest.raises(ValueError, match=rf"^{argument} holds entries of type"):
            ask("abc")


def test_true_distribution_is_a_column_of_the_courses_data():
    samples = true_distribution(4000, seed=0)
    assert samples.shape == (4000, 1)
    np.testing.assert_array_equal(samples, Normal(5, 1).sample(4000, 0))
    assert stats.kstest(samples[:, 0], stats.norm(5, 1).cdf).pvalue > 0.01


@pytest.mark.parametrize("target", ALL, ids=name)
def test_counted_from_above_it_is_the_same(target):
    x, u = np.linspace(-5, 12, 60), np.array([0.05, 0.3, 0.49, 0.51, 0.95])
    np.testing.assert_allclose(target.survival(x), 1 - target.cdf(x), atol=1e-15)
    np.testing.assert_allclose(target.upper_quantile(u), target.quantile(1 - u), rtol=1e-12)


@pytest.mark.parametrize("target", WITH_DENSITY[:2] + WITH_DENSITY[3:], ids=name)
def test_survival_keeps_its_digits_far_out(target):
    u = np.array([1e-13, 1e-50, 1e-200])
    np.testing.assert_allclose(target.survival(target.upper_quantile(u)), u, rtol=1e-9)


def test_weights_that_miss_one_by_rounding_are_set_right():
    target = Mixture((Normal(1e6, 1), Normal(1e6, 1)), (0.3, 0.7 + 5e-10))
    assert target.mean == pytest.approx(1e6, rel=1e-15)
    assert target.cdf(np.inf) == 1
    assert target.quantile(1 - 1e-12) == pytest.approx(stats.norm.isf(1e-12, 1e6, 1), abs=1e-3)


@pytest.mark.parametrize("std", [1e-200, 1e200])
def test_std_of_a_mixture_neither_overflows_nor_vanishes(std):
    pair = (Normal(-std, std), Normal(std, std))
    assert Mixture(pair, (0.5, 0.5)).std == pytest.approx(math.sqrt(2) * std)
    assert bimodal(0, std, std / 2).std == pytest.approx(std)


@pytest.mark.parametrize("bad", [-1e-9, 1 + 1e-9, math.nan, math.inf])
@pytest.mark.parametrize("target", ALL[-3:], ids=name)
def test_quantiles_are_asked_for_at_probabilities(target, bad):
    for ask in (target.quantile, target.upper_quantile):
        with pytest.raises(ValueError, match=r"^u is .*between 0 and 1"):
            ask([0.5, bad])


def test_two_point_knows_nothing_of_nan():
    np.testing.assert_array_equal(TwoPoint(4, 6).cdf([np.nan, np.inf, -np.inf]), [np.nan, 1, 0])
