import math

import numpy as np
import pytest
from oracles import integral, landmarks
from scipy import stats
from scipy.special import expit

from gan_lessons import theory
from gan_lessons.distributions import (
    Drawn,
    Exponential,
    Mixture,
    Normal,
    TwoPoint,
    Uniform,
    bimodal,
)

LOG_2, LOG_4 = math.log(2), math.log(4)
NORMALS = [
    (Normal(5, 1), Normal(2, 2)),
    (Normal(0, 1), Normal(0, 0.1)),
    (Normal(0, 1e-3), Normal(1, 10)),
    (Normal(5, 1), Normal(25, 1)),
]
NARROW = Mixture((Normal(0, 1e-3), Normal(1, 2e-3)), (0.3, 0.7))
UNEVEN = Mixture((Normal(-3, 0.5), Normal(1, 2), Normal(9, 0.2)), (0.2, 0.5, 0.3))
PAIRS = [
    *NORMALS,
    (bimodal(), Normal()),
    (UNEVEN, Normal(0, 5)),
    (NARROW, Normal(0.5, 1)),
    (NARROW, UNEVEN),
    (Drawn(), Normal(2, 2)),
    (Drawn(), Drawn("z" * 33)),
    (Uniform(0, 3), Normal(1, 1)),
    (Exponential(0.5), Normal(1, 1)),
    (Uniform(0, 1), Uniform(0.5, 2)),
]
ENDS = [  # of the scale: the same, or far apart
    *((p, p) for p in (Normal(), bimodal(), Uniform(), Exponential())),
    (Uniform(0, 1), Uniform(3, 4)),
    (Normal(0, 1), Normal(100, 1)),
    (Uniform(-2, -1), Exponential(1)),
]
ids = {"ids": lambda target: str(target)[:28]}


def kl_by_scipy(p, q):
    def gain(x):
        return np.where(p.pdf(x) > 0, p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), 0)

    return integral(gain, landmarks(p, reach=9))


def kl_of_normals(p, q):
    variances = (p.std / q.std) ** 2
    return (variances + ((p.mean - q.mean) / q.std) ** 2 - 1 - math.log(variances)) / 2


def js_by_scipy(p, q):
    def entropy(density):  # −d·log d
        return -np.where(density > 0, density * np.log(np.maximum(density, 1e-300)), 0)

    def gap(x):
        a, b = p.pdf(x), q.pdf(x)
        return entropy((a + b) / 2) - (entropy(a) + entropy(b)) / 2

    return integral(gap, landmarks(p, q))


# --- D* ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "q"), PAIRS, **ids)
def test_optimal_discriminator_is_p_over_p_plus_q(p, q):
    x = np.linspace(0.1, 2.9, 29)
    a, b = p.pdf(x), q.pdf(x)
    seen = a + b > 0
    best = theory.optimal_discriminator(p, q, x)
    np.testing.assert_allclose(best[seen], (a / (a + b + (~seen)))[seen], rtol=1e-9, atol=1e-300)


def test_optimal_discriminator_is_right_where_both_densities_underflow():
    p, q = Normal(0, 1), Normal(1, 1)
    x = np.array([-100.0, 60.0, 0.5])
    assert p.pdf(x[0]) == q.pdf(x[0]) == 0
    np.testing.assert_allclose(theory.optimal_discriminator(p, q, x), expit(0.5 - x), rtol=1e-9)


def test_optimal_discriminator_is_nan_where_nothing_ever_falls():
    best = theory.optimal_discriminator(Uniform(0, 1), Uniform(3, 4), [0.5, 2.0, 3.5])
    np.testing.assert_array_equal(best, [1, np.nan, 0])


# --- V ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "q"), PAIRS + ENDS, **ids)
def test_value_at_optimum_equals_the_game_played_with_d_star(p, q):
    played = theory.game_value(p, q, lambda x: theory.optimal_discriminator(p, q, x))
    assert played == pytest.approx(theory.value_at_optimum(p, q), abs=1e-7)


@pytest.mark.parametrize(("p", "q"), PAIRS, **ids)
def test_value_of_a_logistic_d_against_scipy(p, q):
    def gain(x):
        a = (x - 1) / 3
        return -p.pdf(x) * np.logaddexp(0, -a) - q.pdf(x) * np.logaddexp(0, a)

    exact = pytest.approx(integral(gain, landmarks(p, q, reach=10)), abs=1e-8, rel=1e-8)
    assert theory.game_value(p, q, lambda x: (x - 1) / 3, logits=True) == exact
    assert theory.game_value(p, q, lambda x: expit((x - 1) / 3)) == exact


def test_a_steep_d_keeps_its_value_by_logits_where_its_probability_rounds_to_one():
    p, q, slope = Normal(5, 1), Normal(9, 4), 5.0

    def gain(x):
        a = slope * (x + 2)
        return -p.pdf(x) * np.logaddexp(0, -a) - q.pdf(x) * np.logaddexp(0, a)

    value = theory.game_value(p, q, lambda x: slope * (x + 2), logits=True)
    assert value == pytest.approx(integral(gain, landmarks(p, q, reach=10)), rel=1e-9)
    # nearly all fakes lie to the right: the value is about −5·(9 + 2)
    assert value == pytest.approx(-55, abs=0.1)
    # as probabilities the same D is certain, and wrong, about most fakes
    assert theory.game_value(p, q, lambda x: expit(slope * (x + 2))) == -math.inf


def test_infinite_logits_cost_nothing_where_no_mass_is():
    p, q = Uniform(0, 1), Uniform(3, 4)
    value = theory.game_value(p, q, lambda x: np.where(x < 2, np.inf, -np.inf), logits=True)
    assert value == 0
    with pytest.raises(ValueError, match=r"^discriminator returns NaN"):
        theory.game_value(p, q, lambda x: x * np.nan, logits=True)


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan])
def test_a_d_that_returns_no_probability_is_refused(bad):
    with pytest.raises(ValueError, match=r"^discriminator leaves \[0, 1\]"):
        theory.game_value(Normal(), Normal(), lambda x: np.full_like(x, bad))


# --- Divergences ------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "q"), NORMALS, **ids)
def test_kl_of_normals_in_closed_form(p, q):
    assert theory.kl_divergence(p, q) == pytest.approx(kl_of_normals(p, q), rel=1e-8)
    assert theory.kl_divergence(q, p) == pytest.approx(kl_of_normals(q, p), rel=1e-8)


@pytest.mark.parametrize(("p", "q"), PAIRS[4:8], **ids)
def test_kl_of_mixtures_against_scipy(p, q):
    assert theory.kl_divergence(p, q) == pytest.approx(kl_by_scipy(p, q), rel=1e-7)
    if q is not UNEVEN:  # the other way round its tails alone make it huge
        assert theory.kl_divergence(q, p) == pytest.approx(kl_by_scipy(q, p), rel=1e-6)


@pytest.mark.parametrize(("p", "q"), PAIRS + ENDS, **ids)
def test_js_against_scipy_by_entropies(p, q):
    js = theory.js_divergence(p, q)
    assert js == pytest.approx(js_by_scipy(p, q), abs=1e-7)
    assert js == pytest.approx(theory.js_divergence(q, p), abs=1e-12)
    assert 0 <= js <= LOG_2


# --- Wasserstein distances --------------------------------------------------------------------


@pytest.mark.parametrize(("p", "q"), NORMALS, **ids)
def test_w2_of_normals_in_closed_form(p, q):
    exact = math.hypot(p.mean - q.mean, p.std - q.std)
    assert theory.wasserstein_2(p, q) == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize(
    ("p", "q", "w1", "w2"),
    [
        (Uniform(0, 1), Uniform(3, 4), 3, 3),
        (bimodal(), bimodal(1005), 1000, 1000),
        (Normal(5, 1), Normal(5, 3), 2 * math.sqrt(2 / math.pi), 2),
        (Uniform(0, 1), Uniform(0, 2), 0.5, math.sqrt(1 / 3)),
        (Exponential(1), Exponential(0.5), 1, math.sqrt(2)),
        (TwoPoint(4, 6), TwoPoint(4, 8), 1, math.sqrt(2)),
        (TwoPoint(0, 1), Uniform(0, 1), 0.25, math.sqrt(1 / 12)),
    ],
    **ids,
)
def test_wasserstein_in_closed_form(p, q, w1, w2):
    assert theory.wasserstein_1(p, q) == pytest.approx(w1, rel=1e-6)
    assert theory.wasserstein_2(p, q) == pytest.approx(w2, rel=1e-6)
    assert theory.wasserstein_2(q, p) == pytest.approx(w2, rel=1e-6)


@pytest.mark.parametrize(("p", "q"), [*PAIRS, *ENDS, (TwoPoint(), Normal())], **ids)
def test_wasserstein_against_many_quantiles(p, q):
    u = (np.arange(20_000) + 0.5) / 20_000
    a, b = p.quantile(u), q.quantile(u)
    w1 = stats.wasserstein_distance(a, b)  # SciPy's own way, by the cdfs of samples
    assert theory.wasserstein_1(p, q) == pytest.approx(w1, rel=1e-3, abs=1e-12)
    w2 = math.sqrt(np.mean((a - b) ** 2))
    assert theory.wasserstein_2(p, q) == pytest.approx(w2, rel=3e-3, abs=1e-12)


def test_what_has_no_density_has_no_divergence():
    for ask in (theory.kl_divergence, theory.js_divergence, theory.value_at_optimum):
        with pytest.raises(ValueError, match="has no density"):
            ask(Normal(), TwoPoint())


# --- Far, narrow, small and lopsided ----------------------------------------------------------

DISTANCES = [theory.wasserstein_1, theory.wasserstein_2]
DIVERGENCES = [theory.kl_divergence, theory.js_divergence, theory.value_at_optimum]


def moved(target, shift, scale):
    """The law of shift + scale·X."""
    if isinstance(target, Mixture):
        parts = tuple(moved(part, shift, scale) for part in target.components)
        return Mixture(parts, target.weights)
    if isinstance(target, Uniform):
        return Uniform(shift + scale * target.low, shift + scale * target.high)
    if isinstance(target, Exponential):
        return Exponential(target.rate / scale, shift + scale * target.start)
    if isinstance(target, Drawn):
        return Drawn(target.shape, shift + scale * target.middle, scale * target.unit)
    return Normal(shift + scale * target.mean, scale * target.std)


@pytest.mark.parametrize(("p", "q"), [NORMALS[0], (bimodal(), Normal()), *PAIRS[-5:]], **ids)
@pytest.mark.parametrize(
    ("shift", "scale", "rel"),
    [(0, 1e-6, 1e-9), (0, 1e6, 1e-9), (0, 1e-200, 1e-9), (0, 1e200, 1e-9), (1e6, 1, 1e-6)],
)
def test_another_unit_or_origin_changes_nothing(p, q, shift, scale, rel):
    pair = moved(p, shift, scale), moved(q, shift, scale)
    for ask in DISTANCES:
        assert ask(*pair) == pytest.approx(scale * ask(p, q), rel=rel, abs=0)
    for ask in DIVERGENCES:
        assert ask(*pair) == pytest.approx(ask(p, q), rel=rel, abs=1e-9)


@pytest.mark.parametrize("gap", [10, 1e8])
@pytest.mark.parametrize("share", [1e-3, 1e-9])
def test_w2_between_mixtures_with_a_gap(gap, share):
    # Far apart, each peak has quantiles of its own: those of a normal, and no root to find.
    std, a, b = 0.01, 0.3, 0.7
    peaks = (Normal(0, std), Normal(gap, std))
    p, q = Mixture(peaks, (a, b)), Mixture(peaks, (a + share, b - share))
    ppf, isf = stats.norm.ppf, stats.norm.isf
    # Counted from the nearer end of a peak, a probability keeps its digits.
    gaps = [
        (a / 2, lambda u: std * (ppf(u / a) - ppf(u / (a + share)))),
        (a / 2, lambda u: std * (isf(u / a) - isf((u + share) / (a + share)))),
        (share, lambda u: gap + std * (ppf(u / b) - isf((share - u) / (a + share)))),
        ((b - share) / 2, lambda u: std * (ppf((u + share) / b) - ppf(u / (b - share)))),
        ((b - share) / 2, lambda u: std * (isf(u / b) - isf(u / (b - share)))),
    ]
    squares = [integral(lambda u, f=f: f(u) ** 2, [0, end / 2, end]) for end, f in gaps]
    # floats near 0.3 are so far apart that little shares keep only some of their digits
    rel = 1e-8 + 1e-16 / share
    exact = math.sqrt(sum(squares))
    assert theory.wasserstein_2(p, q) == pytest.approx(exact, rel=rel)
    assert theory.wasserstein_2(q, p) == pytest.approx(exact, rel=rel)
    assert theory.wasserstein_1(p, q) == pytest.approx(share * gap, rel=1e-8 + 4e-16 / share)


@pytest.mark.parametrize("share", [0.3, 1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("place", [-1e6, -50, 50, 1e6])
def test_a_small_part_far_away_in_closed_form(share, place):
    p = Normal(0, 1)
    q = Mixture((p, Normal(place, 1)), (1 - share, share))
    assert theory.wasserstein_1(p, q) == pytest.approx(share * abs(place), rel=1e-6)
    assert theory.wasserstein_1(q, p) == pytest.approx(share * abs(place), rel=1e-6)
    assert theory.kl_divergence(p, q) == pytest.approx(-math.log1p(-share), rel=1e-6)
    forward = (1 - share) * math.log1p(-share) + share * (math.log(share) + place**2 / 2)
    assert theory.kl_divergence(q, p) == pytest.approx(forward, rel=1e-9)
    js = share * LOG_2 + (1 - share) * math.log1p(-share) - (2 - share) * math.log1p(-share / 2)
    assert theory.js_divergence(p, q) == pytest.approx(js / 2, rel=1e-3 if share < 1e-9 else 1e-6)
    if abs(place) == 1e6 and share < 0.1:
        # what goes there comes from the tail, so from within 10 of 0
        exact = math.sqrt(share) * abs(place)
        assert theory.wasserstein_2(p, q) == pytest.approx(exact, rel=2e-5)
        assert theory.wasserstein_2(q, p) == pytest.approx(exact, rel=2e-5)


@pytest.mark.parametrize("shift", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("std", [1e-6, 1, 1e6])
def test_close_together_in_closed_form(shift, std):
    p, q = Normal(0, std), Normal(shift * std, std)
    assert theory.wasserstein_1(p, q) == pytest.approx(shift * std, rel=1e-6)
    assert theory.wasserstein_2(p, q) == pytest.approx(shift * std, rel=1e-6)
    assert theory.kl_divergence(p, q) == pytest.approx(shift**2 / 2, rel=1e-6, abs=0)
    # the first term of the series in the shift
    assert theory.js_divergence(p, q) == pytest.approx(shift**2 / 8, rel=1e-5, abs=0)


@pytest.mark.parametrize(("mean", "std"), [(1e6, 1), (1e6, 1e-3), (-1e9, 1), (1e3, 1e-9)])
def test_far_from_zero_in_closed_form(mean, std):
    # a float holds x to 16 digits, so the place within a peak to this part of its width
    reach = max(1e-8, abs(mean) / std * 1e-15)
    p, q = Normal(mean, std), Normal(mean + std, 2 * std)
    assert theory.kl_divergence(p, q) == pytest.approx(kl_of_normals(p, q), rel=reach)
    assert theory.wasserstein_2(p, q) == pytest.approx(math.sqrt(2) * std, rel=reach)
    near = theory.js_divergence(Normal(0, 1), Normal(1, 2))
    assert theory.js_divergence(p, q) == pytest.approx(near, rel=reach)


@pytest.mark.parametrize("place", [0.0, 3.3, 777.0])
@pytest.mark.parametrize("std", [1e-6, 1e-9])
def test_a_needle_in_a_wide_support_in_closed_form(place, std):
    p, q = Normal(place, std), Uniform(-1000, 2000)
    box = Uniform(place - std, place + std)
    assert theory.kl_divergence(box, q) == pytest.approx(math.log(3000 / (box.high - box.low)))
    # half of q's mass is gone where the needle is: KL(p‖m) = log 2 + KL(p‖q), nearly
    assert theory.js_divergence(p, q) == pytest.approx(LOG_2, abs=20 * std)
    # |x − place| on average, since the needle is as good as a point
    w1 = ((place + 1000) ** 2 + (2000 - place) ** 2) / 6000
    assert theory.wasserstein_1(p, q) == pytest.approx(w1, rel=1e-8)
    w2 = math.sqrt(((place + 1000) ** 3 + (2000 - place) ** 3) / 9000)
    assert theory.wasserstein_2(p, q) == pytest.approx(w2, rel=1e-8)


@pytest.mark.parametrize("place", [0.13, -1.7])
def test_kl_to_two_needles_has_a_kink_between_them(place):
    p, std = Normal(0, 1), 1e-3
    q = Mixture((Normal(place - 1, std), Normal(place + 1, std)), (0.5, 0.5))
    # each x counts for the nearer needle: E[(|x − place| − 1)²], with E|x − place| folded normal
    folded = 2 * stats.norm.pdf(place) + place * (2 * stats.norm.cdf(place) - 1)
    square = 1 + place**2 - 2 * folded + 1
    exact = math.log(2 * std) - 0.5 + square / (2 * std**2)
    assert theory.kl_divergence(p, q) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (Uniform(0, 1), Uniform(3, 4)),
        (Normal(0, 1), Uniform(-8, 8)),
        (Normal(0, 1), Uniform(-1e6, 1e6)),
        (Normal(100, 1), Exponential(1)),
        (Exponential(1), Uniform(0, 1000)),
        (Mixture((Normal(0, 1), Normal(1e6, 1)), (0.5, 0.5)), Uniform(-1e9, 1e9)),
        (Uniform(0, 1), Uniform(1e-9, 1)),
        (Uniform(-1e-9, 1), Exponential(1)),
    ],
    **ids,
)
def test_kl_is_infinite_however_little_mass_lies_outside(p, q):
    assert theory.kl_divergence(p, q) == math.inf


@pytest.mark.parametrize(
    ("p", "q", "exact"),
    [
        (Uniform(0.1, 0.3), Uniform(0.1, 0.3), 0),
        (Normal(3, 2), Normal(3, 2), 0),
        (Uniform(0, 1), Uniform(-1, 3), LOG_4),
        (Exponential(2), Exponential(0.5), LOG_4 + 0.25 - 1),  # log(a/b) + b/a − 1
        (Uniform(0, 1), Exponential(1), 0.5),
        (Uniform(0, 1e-9), Uniform(0, 1e9), math.log(1e18)),
        (Exponential(1e6), Exponential(1e-6), math.log(1e12) + 1e-12 - 1),
        (Exponential(1), Normal(0, 1e-3), 1e6 + math.log(1e-3) + math.log(2 * math.pi) / 2 - 1),
    ],
    **ids,
)
def test_kl_at_the_edges_in_closed_form(p, q, exact):
    assert theory.kl_divergence(p, q) == pytest.approx(exact, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("step", [0.0, 3.17, -2.5])
def test_value_of_a_d_that_jumps(step):
    p, q = Normal(1, 2), bimodal(2, 1.5)

    def d(x):
        return np.where(x < step, 0.1, 0.7)

    below, fake_below = p.cdf(step), q.cdf(step)
    exact = below * math.log(0.1) + (1 - below) * math.log(0.7)
    exact += fake_below * math.log(0.9) + (1 - fake_below) * math.log(0.3)
    assert theory.game_value(p, q, d) == pytest.approx(exact, abs=1e-8)
    logits = theory.game_value(
        p, q, lambda x: np.where(x < step, math.log(1 / 9), math.log(7 / 3)), logits=True
    )
    assert logits == pytest.approx(exact, abs=1e-8)
