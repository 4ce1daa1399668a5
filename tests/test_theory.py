import math

import numpy as np
import pytest
from oracles import integral, landmarks
from scipy import stats
from scipy.special import expit

from gan_lessons import theory
from gan_lessons.distributions import Exponential, Mixture, Normal, TwoPoint, Uniform, bimodal

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
    (Uniform(0, 3), Normal(1, 1)),
    (Exponential(0.5), Normal(1, 1)),
    (Uniform(0, 1), Uniform(0.5, 2)),
]
FAR = [
    (Uniform(0, 1), Uniform(3, 4)),
    (Normal(0, 1), Normal(100, 1)),
    (Uniform(-2, -1), Exponential(1)),
]
ids = {"ids": lambda target: str(target)[:28]}


def kl_by_scipy(p, q):
    return integral(lambda x: stats_kl(p.pdf(x), p.logpdf(x) - q.logpdf(x)), landmarks(p, reach=9))


def stats_kl(density, log_ratio):
    return np.where(density > 0, density * log_ratio, 0)


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


def test_optimal_discriminator_is_the_best_at_each_point_by_search():
    p, q = Normal(5, 1), Normal(2, 2)
    grid = np.linspace(1e-6, 1 - 1e-6, 200_001)
    for x in (0.0, 3.1, 5.0, 8.0):
        payoff = p.pdf(x) * np.log(grid) + q.pdf(x) * np.log(1 - grid)
        best = theory.optimal_discriminator(p, q, x)
        assert best == pytest.approx(grid[payoff.argmax()], abs=1e-5)


def test_optimal_discriminator_is_right_where_both_densities_underflow():
    p, q = Normal(0, 1), Normal(1, 1)
    x = np.array([-100.0, 60.0, 0.5])
    assert p.pdf(x[0]) == q.pdf(x[0]) == 0
    np.testing.assert_allclose(theory.optimal_discriminator(p, q, x), expit(0.5 - x), rtol=1e-9)


def test_optimal_discriminator_of_scripted_start():
    assert theory.optimal_discriminator(Normal(5, 1), Normal(2, 2), 5.0) == pytest.approx(
        0.860, abs=5e-4
    )
    far = theory.optimal_discriminator(Normal(5, 1), Normal(2, 2), [-40.0, 60.0])
    assert (far < 1e-200).all()


def test_optimal_discriminator_is_nan_where_nothing_ever_falls():
    best = theory.optimal_discriminator(Uniform(0, 1), Uniform(3, 4), [0.5, 2.0, 3.5])
    np.testing.assert_array_equal(best, [1, np.nan, 0])


# --- V ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "q"), PAIRS, **ids)
def test_value_at_optimum_equals_the_game_played_with_d_star(p, q):
    played = theory.game_value(p, q, lambda x: theory.optimal_discriminator(p, q, x))
    assert played == pytest.approx(theory.value_at_optimum(p, q), abs=1e-7)


@pytest.mark.parametrize(("p", "q"), PAIRS, **ids)
def test_value_of_a_logistic_d_against_scipy(p, q):
    def gain(x):
        return -p.pdf(x) * np.logaddexp(0, 1 - x) - q.pdf(x) * np.logaddexp(0, x - 1)

    value = theory.game_value(p, q, lambda x: x - 1, logits=True)
    assert value == pytest.approx(integral(gain, landmarks(p, q, reach=10)), abs=1e-8, rel=1e-8)
    assert value <= theory.value_at_optimum(p, q) + 1e-9


def test_value_of_a_constant_d_is_exact():
    for level in (0.5, 0.2):
        value = theory.game_value(
            Normal(), bimodal(), lambda x, level=level: np.full_like(x, level)
        )
        assert value == pytest.approx(math.log(level) + math.log(1 - level), abs=1e-11)


def test_a_certain_and_wrong_d_loses_everything():
    assert theory.game_value(Normal(), Normal(2, 1), lambda x: np.zeros_like(x)) == -math.inf


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


@pytest.mark.parametrize(("p", "q"), PAIRS[:4], **ids)
def test_value_by_logits_equals_value_by_probabilities(p, q):
    both = (
        theory.game_value(p, q, lambda x: x / 3 - 1, logits=True),
        theory.game_value(p, q, lambda x: expit(x / 3 - 1)),
    )
    assert both[0] == pytest.approx(both[1], abs=1e-9)


def test_infinite_logits_cost_nothing_where_no_mass_is():
    p, q = Uniform(0, 1), Uniform(3, 4)
    value = theory.game_value(p, q, lambda x: np.where(x < 2, np.inf, -np.inf), logits=True)
    assert value == 0
    with pytest.raises(ValueError, match=r"^discriminator returns NaN"):
        theory.game_value(p, q, lambda x: x * np.nan, logits=True)


@pytest.mark.parametrize(("p", "q"), FAR, **ids)
def test_apart_d_star_wins_all(p, q):
    played = theory.game_value(p, q, lambda x: theory.optimal_discriminator(p, q, x))
    assert played == pytest.approx(0, abs=1e-10)
    assert theory.value_at_optimum(p, q) == pytest.approx(0, abs=1e-10)
    assert theory.js_divergence(p, q) == pytest.approx(LOG_2, abs=1e-10)


def test_at_equilibrium_the_value_is_minus_log_four():
    for p in (Normal(), bimodal(), Uniform(), Exponential()):
        assert theory.value_at_optimum(p, p) == pytest.approx(-LOG_4, abs=1e-12)


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


def test_kl_in_closed_form_elsewhere():
    assert theory.kl_divergence(Uniform(0, 1), Uniform(-1, 3)) == pytest.approx(LOG_4)
    # rates a, b: log(a/b) + b/a − 1
    kl = theory.kl_divergence(Exponential(2), Exponential(0.5))
    assert kl == pytest.approx(LOG_4 + 0.25 - 1, abs=1e-9)
    assert theory.kl_divergence(Normal(3, 2), Normal(3, 2)) == 0


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (Normal(), Uniform(0, 10)),
        (Uniform(0, 1), Uniform(3, 4)),
        (Normal(), Exponential()),
        (Mixture((Normal(0, 1), Normal(1000, 1)), (0.5, 0.5)), Uniform(0, 1)),
    ],
    **ids,
)
def test_kl_is_infinite_where_q_has_no_mass(p, q):
    assert theory.kl_divergence(p, q) == math.inf


@pytest.mark.parametrize(("p", "q"), PAIRS, **ids)
def test_js_against_scipy_by_entropies(p, q):
    js = theory.js_divergence(p, q)
    assert js == pytest.approx(js_by_scipy(p, q), abs=1e-7)
    assert js == pytest.approx(theory.js_divergence(q, p), abs=1e-12)
    assert 0 <= js <= LOG_2


def test_js_of_overlapping_uniforms_in_closed_form():
    # densities 1 on [0, 2] and [1, 3], halved: half of each lies alone
    assert theory.js_divergence(Uniform(0, 2), Uniform(1, 3)) == pytest.approx(LOG_2 / 2)


def test_js_of_the_scripted_path_stays_below_its_start():
    assert theory.js_divergence(Normal(5, 1), Normal(2, 2)) == pytest.approx(0.351, abs=5e-4)


# --- Wasserstein distances --------------------------------------------------------------------


@pytest.mark.parametrize(("p", "q"), NORMALS, **ids)
def test_w2_of_normals_in_closed_form(p, q):
    exact = math.hypot(p.mean - q.mean, p.std - q.std)
    assert theory.wasserstein_2(p, q) == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize("delta", [0, 0.5, 3, 20, 1000])
def test_w1_of_a_shift_is_the_shift(delta):
    assert theory.wasserstein_1(Normal(5, 1), Normal(5 + delta, 1)) == pytest.approx(delta)
    assert theory.wasserstein_1(bimodal(), bimodal(5 + delta)) == pytest.approx(delta)


def test_w1_of_a_change_of_scale():
    # |σ − τ|·E|Z|, with E|Z| = √(2/π)
    exact = 2 * math.sqrt(2 / math.pi)
    assert theory.wasserstein_1(Normal(5, 1), Normal(5, 3)) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize(
    ("p", "q", "w1", "w2"),
    [
        (Uniform(0, 1), Uniform(3, 4), 3, 3),
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


@pytest.mark.parametrize(("p", "q"), [*PAIRS, (TwoPoint(), Normal())], **ids)
def test_wasserstein_against_many_quantiles(p, q):
    u = (np.arange(20_000) + 0.5) / 20_000
    a, b = p.quantile(u), q.quantile(u)
    w1 = stats.wasserstein_distance(a, b)  # SciPy's own way, by the cdfs of samples
    assert theory.wasserstein_1(p, q) == pytest.approx(w1, rel=1e-3)
    w2 = math.sqrt(np.mean((a - b) ** 2))
    assert theory.wasserstein_2(p, q) == pytest.approx(w2, rel=3e-3)


def test_interpolated_normals_are_a_w2_geodesic():
    start, end = Normal(2, 2), Normal(5, 1)
    whole = theory.wasserstein_2(start, end)
    for t in (0.2, 0.5, 0.9):
        between = Normal(2 + 3 * t, 2 - t)
        assert theory.wasserstein_2(start, between) == pytest.approx(t * whole)
        assert theory.wasserstein_2(between, end) == pytest.approx((1 - t) * whole)


def test_what_has_no_density_has_no_divergence():
    for ask in (theory.kl_divergence, theory.js_divergence, theory.value_at_optimum):
        with pytest.raises(ValueError, match="has no density"):
            ask(Normal(), TwoPoint())
