import dataclasses
import math

import numpy as np
import pytest
from oracles import integral, landmarks
from scipy import stats

from gan_lessons.distributions import (
    KNOTS,
    Drawn,
    Exponential,
    Mixture,
    Normal,
    TwoPoint,
    Uniform,
    bimodal,
    true_distribution,
)

UNEVEN = Mixture((Normal(-3, 0.5), Normal(1, 2), Normal(9, 0.2)), (0.2, 0.5, 0.3))
EXPONENTIALS = [Exponential(0.4), Exponential(2, start=-3)]
GAPS = Drawn(
    "z0000000000000a0000012500000009zk", -1, 0.5
)  # it jumps at both ends, and is 0 within
SPIKE = Drawn("0" * 20 + "1" + "0" * 12)
WITH_DENSITY = [Normal(), Normal(-2, 3), Uniform(-1, 4), *EXPONENTIALS, bimodal(), UNEVEN]
WITH_DENSITY += [Drawn(), GAPS, SPIKE]
ALL = [*WITH_DENSITY, TwoPoint(), TwoPoint(-1, 7)]


def name(target):
    return str(target)[:40]


@pytest.mark.parametrize("target", WITH_DENSITY, ids=name)
def test_density_integrates_to_one_and_to_moments_and_cdf(target):
    cuts = landmarks(target)
    assert integral(target.pdf, cuts) == pytest.approx(1, abs=1e-9)
    assert integral(lambda x: x * target.pdf(x), cuts) == pytest.approx(target.mean, abs=1e-8)
    variance = integral(lambda x: (x - target.mean) ** 2 * target.pdf(x), cuts)
    assert variance == pytest.approx(target.std**2, rel=1e-8)
    for end in (-2.0, 0.5, 3.3, 6.1):
        below = integral(target.pdf, [*(c for c in cuts if c < end), end])
        assert target.cdf(end) == pytest.approx(below, abs=1e-9)


@pytest.mark.parametrize("target", WITH_DENSITY, ids=name)
def test_logpdf_is_the_log_of_pdf(target):
    x = np.linspace(-5, 12, 60).reshape(3, 20)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(target.logpdf(x), np.log(target.pdf(x)), rtol=1e-10)
    assert target.pdf(x).shape == (3, 20)


@pytest.mark.parametrize("target", WITH_DENSITY, ids=name)
def test_quantiles_invert_the_mass_on_their_side_into_both_tails(target):
    u = np.array([[1e-200, 1e-13, 1e-6], [0.1, 0.5, 1 - 1e-6]])
    below, above = target.cdf(target.quantile(u)), target.survival(target.upper_quantile(u))
    np.testing.assert_allclose([below, above], [u, u], rtol=1e-6, atol=1e-15)
    assert np.shape(target.quantile(0.5)) == ()


@pytest.mark.parametrize("target", ALL, ids=name)
def test_counted_from_above_it_is_the_same(target):
    x, u = np.linspace(-5, 12, 60), np.array([0.05, 0.3, 0.49, 0.51, 0.95])
    np.testing.assert_allclose(target.survival(x), 1 - target.cdf(x), atol=1e-15)
    np.testing.assert_allclose(target.upper_quantile(u), target.quantile(1 - u), rtol=1e-12)


@pytest.mark.parametrize("target", WITH_DENSITY[:2] + WITH_DENSITY[3:6], ids=name)
def test_survival_keeps_its_digits_far_out(target):
    u = np.array([1e-13, 1e-50, 1e-200])
    np.testing.assert_allclose(target.survival(target.upper_quantile(u)), u, rtol=1e-9)


def test_log_density_of_a_mixture_survives_where_the_density_underflows():
    x = 5 + 100.0
    offset = math.sqrt(1 - 0.09)
    expected = math.log(0.5) + stats.norm.logpdf(x, 5 + offset, 0.3)  # the nearer mode alone
    assert bimodal().pdf(x) == 0
    assert bimodal().logpdf(x) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("parts", [(Normal(5, 1), Normal(5, 1 + 1e-15)), (Normal(5, 1),) * 2])
def test_quantile_of_a_mixture_of_twins(parts):
    u = np.linspace(0, 1, 33)
    quantile = Mixture(parts, (0.4, 0.6)).quantile(u)
    np.testing.assert_allclose(quantile, stats.norm.ppf(u, 5, 1), rtol=1e-12)


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
def test_samples_come_from_their_source_alone(target):
    before = np.random.get_state()[1].copy()
    assert not np.array_equal(target.sample(9, seed=1), target.sample(9, seed=4))
    rng = np.random.default_rng(0)
    assert not np.array_equal(target.sample(9, rng), target.sample(9, rng))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_two_point_has_a_step_function_and_no_density():
    target = TwoPoint(4, 6)
    x = [-np.inf, 3.9, 4, 5, 6, 7, np.inf, np.nan]
    np.testing.assert_array_equal(target.cdf(x), [0, 0, 0.5, 0.5, 1, 1, 1, np.nan])
    np.testing.assert_array_equal(target.quantile([0.1, 0.5, 0.51]), [4, 4, 6])
    assert (target.mean, target.std) == (5, 1)
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
    assert Exponential(2, start=-1).breakpoints == (-1,)


def test_a_start_at_zero_goes_without_saying():
    assert str(Exponential(2.0)) == "Exponential(rate=2.0)"
    assert str(Exponential(2.0, -1.5)) == "Exponential(rate=2.0, start=-1.5)"


def test_a_drawn_density_goes_straight_from_height_to_height():
    target = Drawn("0" * 16 + "2" + "0" * 8 + "4" + "0" * 7, middle=0, unit=4)  # knots at −16 … 16
    np.testing.assert_allclose(target.pdf([0, 0.5, 1, 9, 8.25]), np.array([2, 1, 0, 4, 1]) / 6)
    np.testing.assert_allclose(
        target.cdf([-1, 0, 1, 7.9, 9, 10]), np.array([0, 1, 2, 2, 4, 6]) / 6
    )
    assert target.quantile(1 / 3) == 1  # where it is first reached, before the gap
    assert (target.mean, target.std) == pytest.approx((6, (1 / 6 + 18) ** 0.5))
    assert target.support == (-1, 10)
    assert target.pdf([-16.1, 16.1]).tolist() == [0, 0]
    np.testing.assert_array_equal(target.cdf([-np.inf, np.inf, np.nan]), [0, 1, np.nan])


def test_a_drawn_density_counts_heights_against_each_other():
    twice = Drawn("2" * KNOTS, 3, 2)
    assert (twice.mean, twice.std) == pytest.approx((3, 16 / 12**0.5))
    x = np.linspace(-6, 12, 50)
    np.testing.assert_allclose(twice.pdf(x), Drawn("z" * KNOTS, 3, 2).pdf(x))
    assert twice.breakpoints[0] == twice.support[0] == -5


def test_targets_are_values():
    assert Normal(5, 1) == Normal(5.0, 1.0)
    assert len({bimodal(), bimodal(), Normal()}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        Normal().mean = 3
    # a list of components is as good as a tuple, also as a key
    assert len({Mixture([Normal(0, 1), Normal(1, 1)], np.array([0.5, 0.5]))}) == 1


@pytest.mark.parametrize(
    ("make", "arguments", "complaint"),
    [
        (Uniform, (1, 1), "^low is 1: it must be below high"),
        (TwoPoint, (2, 1), "^low is 2: it must be below high"),
        (Drawn, ("z" * 32,), "^shape is 'z{32}': it must hold 33 heights, each one of 0 to 9"),
        (Drawn, ("Z" * 33,), "^shape is 'Z{33}': it must hold 33 heights"),
        (Drawn, ("-" * 33,), "^shape is '-{33}': it must hold 33 heights"),
        (Drawn, (5,), "^shape is 5: it must hold 33 heights"),
        (Drawn, ("0" * 33,), "^shape is '0{33}': one height or more must be above 0"),
        (bimodal, (5, 1, 1.0), "^within is 1.0: it must be below std, which is 1.0"),
        (Mixture, ((), ()), "at least one"),
        (Mixture, ((Normal(),), (0.5, 0.5)), "one weight for each of the 1 components"),
        (Mixture, ((Normal(), Normal()), (0.5, 0.4)), "add up to 1"),
        (Mixture, ((Normal(), Normal()), (1.5, -0.5)), "above 0"),
        (Mixture, ((Uniform(), Normal()), (0.5, 0.5)), "components is .*Normal"),
        (Mixture, (5.0, (0.5, 0.5)), "components is 5.0: it must be a sequence"),
    ],
)
def test_numbers_of_a_target_must_fit_together(make, arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        make(*arguments)


@pytest.mark.parametrize("bad", [-1e-9, 1 + 1e-9, math.nan, math.inf])
@pytest.mark.parametrize("target", ALL[5:], ids=name)
def test_quantiles_are_asked_for_at_probabilities(target, bad):
    for ask in (target.quantile, target.upper_quantile):
        with pytest.raises(ValueError, match=r"^u is .*between 0 and 1"):
            ask([0.5, bad])


def test_true_distribution_is_a_column_of_the_courses_data():
    np.testing.assert_array_equal(true_distribution(40, seed=0), Normal(5, 1).sample(40, 0))


def test_weights_that_miss_one_by_rounding_are_set_right():
    target = Mixture((Normal(1e6, 1), Normal(1e6, 1)), (0.3, 0.7 + 5e-10))
    assert target.mean == pytest.approx(1e6, rel=1e-15)
    assert target.cdf(np.inf) == 1
    assert target.quantile(1 - 1e-12) == pytest.approx(stats.norm.isf(1e-12, 1e6, 1), abs=1e-3)


@pytest.mark.parametrize("std", [1e-200, 1e200])
def test_std_of_a_mixture_neither_overflows_nor_vanishes(std):
    pair = (Normal(-std, std), Normal(std, std))
    assert Mixture(pair, (0.5, 0.5)).std == pytest.approx(math.sqrt(2) * std)
