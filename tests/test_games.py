import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from gan_lessons import games, losses

PENNIES = [[1, -1], [-1, 1]]
ROCK_PAPER_SCISSORS = [[0, 1, -1], [-1, 0, 1], [1, -1, 0]]
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("payoffs", "expected"),
    [
        (PENNIES, (-1, 1)),
        (ROCK_PAPER_SCISSORS, (-1, 1)),
        ([[3, 5], [2, 1]], (2, 2)),  # a saddle: row 1, column 0
        ([[4]], (4, 4)),
        ([[1, 2, 3], [0, 5, -1]], (2, 3)),
    ],
)
def test_pure_values_by_hand(payoffs, expected):
    assert games.pure_values(payoffs) == expected


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (6, 1), (1, 4)])
def test_max_min_is_never_above_min_max_and_the_value_lies_between(shape):
    for _ in range(10):
        payoffs = RNG.normal(size=shape)
        low, high = games.pure_values(payoffs)
        assert low <= high
        assert low - 1e-9 <= games.solve_zero_sum(payoffs).value <= high + 1e-9


@pytest.mark.parametrize("payoffs", [PENNIES, ROCK_PAPER_SCISSORS])
def test_symmetric_games_are_played_evenly_and_are_worth_nothing(payoffs):
    n = len(payoffs)
    found = games.solve_zero_sum(payoffs)
    np.testing.assert_allclose(found.rows, np.full(n, 1 / n), atol=1e-9)
    np.testing.assert_allclose(found.columns, np.full(n, 1 / n), atol=1e-9)
    assert found.value == pytest.approx(0, abs=1e-9)


def test_two_by_two_without_a_saddle_in_closed_form():
    a, b, c, d = 3.0, -1.0, -2.0, 4.0
    found = games.solve_zero_sum([[a, b], [c, d]])
    whole = a - b - c + d
    np.testing.assert_allclose(found.rows, [(d - c) / whole, (a - b) / whole], atol=1e-9)
    np.testing.assert_allclose(found.columns, [(d - b) / whole, (a - c) / whole], atol=1e-9)
    assert found.value == pytest.approx((a * d - b * c) / whole)


def test_two_rows_by_direct_search():
    payoffs = RNG.normal(size=(2, 7))
    best = minimize_scalar(
        lambda p: (np.array([p, 1 - p]) @ payoffs).max(), bounds=(0, 1), method="bounded"
    )
    assert games.solve_zero_sum(payoffs).value == pytest.approx(best.fun, abs=1e-4)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 6)])
def test_no_player_gains_by_leaving_the_equilibrium(shape):
    payoffs = RNG.normal(size=shape)
    found = games.solve_zero_sum(payoffs)
    for mix in (found.rows, found.columns):
        assert mix.sum() == pytest.approx(1)
        assert (mix >= -1e-12).all()
    assert (found.rows @ payoffs).max() == pytest.approx(found.value, abs=1e-9)
    assert (payoffs @ found.columns).min() == pytest.approx(found.value, abs=1e-9)


DEAR = [[3, -1], [-1, 1]]  # rows and columns 1/3, 2/3
FORBIDDEN = [[1, -1], [-1, 1], [1e9, 1e12]]  # a move that nobody makes
LOPSIDED = [[1e10, 0], [0, 1]]  # its first row is played once in 10¹⁰ times


def prove(payoffs, found, part=1e-9):
    """Both mixes in exact fractions: what one may lose is what the other can be sure to get.

    The two may differ by this part of what dice can change.
    """
    exact = [[Fraction(float(x)) for x in row] for row in np.asarray(payoffs).tolist()]
    rows, columns = (
        [Fraction(x) / sum(map(Fraction, mix.tolist())) for x in mix.tolist()]
        for mix in (found.rows, found.columns)
    )
    assert min(rows + columns) >= 0
    most = max(sum(p * x for p, x in zip(rows, c, strict=True)) for c in zip(*exact, strict=True))
    least = min(sum(q * x for q, x in zip(columns, row, strict=True)) for row in exact)
    stake = Fraction(games.pure_values(payoffs)[1]) - Fraction(games.pure_values(payoffs)[0])
    room = stake * Fraction(part)
    assert least <= most <= least + room
    rounding = abs(Fraction(found.value)) * Fraction(1e-15)
    assert least - room - rounding <= Fraction(found.value) <= most + room + rounding


@pytest.mark.parametrize("scale", [1, 1e-10, 1e15, 1e-300, 1e300, 7])
@pytest.mark.parametrize("offset", [0, 1e8, -3e12])
@pytest.mark.parametrize("payoffs", [DEAR, ROCK_PAPER_SCISSORS, [[1, 2, 3], [0, 5, -1]]])
def test_unit_and_zero_of_the_payoffs_do_not_matter(payoffs, scale, offset):
    if offset and scale != 1e-300:
        scale = min(scale, 1e15)
    moved = (np.array(payoffs) + offset) * scale
    found = games.solve_zero_sum(moved)
    plain = games.solve_zero_sum(payoffs)
    prove(moved, found)
    # the payoffs themselves are rounded to 16 digits
    room = 1e-9 + abs(offset) * 1e-15
    np.testing.assert_allclose(found.rows, plain.rows, atol=room)
    np.testing.assert_allclose(found.columns, plain.columns, atol=room)
    assert found.value == pytest.approx((plain.value + offset) * scale, rel=1e-9, abs=1e-9 * scale)


def test_two_by_two_in_the_units_of_the_example():
    for scale in (1e-10, 1e15):
        found = games.solve_zero_sum(np.array(DEAR) * scale)
        np.testing.assert_allclose(found.rows, [1 / 3, 2 / 3], rtol=1e-12)
        np.testing.assert_allclose(found.columns, [1 / 3, 2 / 3], rtol=1e-12)
        assert found.value == pytest.approx(scale / 3, rel=1e-12)


@pytest.mark.parametrize(
    ("payoffs", "value"),
    [
        (FORBIDDEN, 0),
        (LOPSIDED, 1e10 / (1e10 + 1)),
        ([[1e15, 0], [0, 1e-3]], 1e12 / (1e15 + 1e-3)),
        ([[1e15, 0, 2], [0, 1e-3, 1]], 1),
        ([[1e300, 0], [0, 1]], 1),
        ([[1e300, -1e300], [-1e300, 1e300]], 0),
        ([[1e308, -1e308], [-1e308, 1.5e308]], None),
        ([[1e-300, -1e-300], [-1e-300, 1e-300], [1, 1]], 0),
        ([[1e8 + 1e-6, 1e8], [1e8, 1e8 + 1e-6]], 1e8 + 5e-7),
    ],
)
def test_payoffs_of_many_sizes_at_once(payoffs, value):
    found = games.solve_zero_sum(payoffs)
    prove(payoffs, found)
    if value is not None:
        assert found.value == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "payoffs",
    [
        [[3], [2], [5]],
        [[3, 2, 5]],
        [[0.0]],
        np.zeros((3, 4)),
        np.full((2, 2), 1e-30),
        [[1, 1, 2], [1, 1, 3]],
        [[0, 1, -1, 0], [-1, 0, 1, 0], [1, -1, 0, 0], [0, 0, 0, 0]],  # a row for nothing
        RNG.integers(-2, 3, size=(5, 6)),
        RNG.integers(-1, 2, size=(6, 5)) * 1e-12 + 5,
    ],
    ids=lambda payoffs: str(np.shape(payoffs)),
)
@pytest.mark.parametrize("solve", [games.solve_zero_sum, lambda a: games._by_fractions(a)])
def test_ties_single_moves_and_games_about_nothing(payoffs, solve):
    matrix = np.array(payoffs, dtype=float)
    found = solve(matrix)
    assert found.rows.shape, found.columns.shape == matrix.shape
    prove(matrix, found)


@pytest.mark.parametrize("shape", [(3, 3), (4, 7), (12, 9)])
def test_fractions_and_floats_agree(shape):
    payoffs = RNG.normal(size=shape)
    exact, found = games._by_fractions(payoffs), games.solve_zero_sum(payoffs)
    np.testing.assert_allclose(exact.rows, found.rows, atol=1e-9)
    np.testing.assert_allclose(exact.columns, found.columns, atol=1e-9)
    assert exact.value == pytest.approx(found.value, abs=1e-12)


@pytest.mark.parametrize("ask", [games.pure_values, games.solve_zero_sum])
@pytest.mark.parametrize(
    "bad",
    [[1, 2], 3, [[]], [], [[1, math.nan]], [[math.inf, 1]], [["a"]], [[1], [2, 3]], [[True]]],
)
def test_payoffs_must_be_a_matrix(ask, bad):
    with pytest.raises(ValueError, match=r"^payoffs (has|holds|is)"):
        ask(bad)


# --- Gradient play ----------------------------------------------------------------------------


def matrix(method, eta):
    """One step of play as a linear map, derived from the update rules on paper."""
    return {
        "simultaneous": [[1, -eta], [eta, 1]],
        "alternating": [[1, -eta], [eta, 1 - eta**2]],
        "extragradient": [[1 - eta**2, -eta], [eta, 1 - eta**2]],
    }[method]


@pytest.mark.parametrize("method", games.METHODS)
@pytest.mark.parametrize("eta", [0.1, 0.7, 1.5])
def test_play_is_the_linear_map_repeated(method, eta):
    orbit = games.gradient_play(method, eta, 12, start=(0.3, -0.8))
    assert orbit.shape == (13, 2)
    expected = [
        np.linalg.matrix_power(np.array(matrix(method, eta)), k) @ (0.3, -0.8) for k in range(13)
    ]
    np.testing.assert_allclose(orbit, expected, rtol=1e-9)


@pytest.mark.parametrize("eta", [0.05, 0.5, 0.9])
def test_growth_of_the_radius_a_step(eta):
    def growth(method):
        radius = np.hypot(*games.gradient_play(method, eta, 30, start=(1.0, 0.5)).T)
        return radius[1:] / radius[:-1]

    np.testing.assert_allclose(growth("simultaneous"), math.sqrt(1 + eta**2))
    np.testing.assert_allclose(growth("extragradient"), math.sqrt(1 - eta**2 + eta**4))


@pytest.mark.parametrize(("eta", "bounded"), [(0.1, True), (1.9, True), (2.1, False)])
def test_alternating_play_stays_bounded_below_two(eta, bounded):
    orbit = games.gradient_play("alternating", eta, 300)
    # it moves on an ellipse: x² + y² − η·x·y keeps its value
    x, y = orbit.T
    if bounded:
        np.testing.assert_allclose(x**2 + y**2 - eta * x * y, 1, rtol=1e-6)
        assert np.abs(orbit).max() < 10
    else:
        assert np.abs(orbit).max() > 1e6


def test_no_steps_show_the_start():
    np.testing.assert_array_equal(games.gradient_play("alternating", 0.1, 0), [[1, 0]])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("simultan", 0.1, 3), r"^method is 'simultan' \(did you mean 'simultaneous'\?\)"),
        (("alternating", 0, 3), "^step is 0: .* above 0"),
        (("alternating", math.nan, 3), "^step is nan"),
        (("alternating", True, 3), "^step is True"),
        (("alternating", 0.1, -1), "^num_steps is -1: .*0 or more"),
        (("alternating", 0.1, 2.0), "^num_steps is 2.0"),
        (("alternating", 0.1, 3, (1, math.inf)), "^start holds NaN or infinity"),
        (("alternating", 0.1, 3, ("a", 1)), "^start holds"),
        (("alternating", 0.1, 3, (1, 2, 3)), r"^start has shape \(3,\): .*\(2,\)"),
        (("alternating", 0.1, 3, 1), r"^start has shape \(\)"),
    ],
)
def test_bad_arguments_of_play(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        games.gradient_play(*arguments)


# --- The Dirac-GAN ----------------------------------------------------------------------------


def torch_dirac_step(method, eta, gamma, saturating, theta, psi):
    """One step with the gradients of the package's losses, by autograd."""
    theta, psi = (
        torch.tensor([[v]], dtype=torch.float64, requires_grad=True) for v in (theta, psi)
    )
    real = torch.zeros(1, 1, dtype=torch.float64, requires_grad=True)
    penalty = torch.autograd.grad((psi * real).sum(), real, create_graph=True)[0].square().sum()
    d_loss = losses.discriminator_loss(psi * real, psi * theta) + gamma / 2 * penalty
    (d_slope,) = torch.autograd.grad(d_loss, psi)
    new_psi = (psi - eta * d_slope).detach()
    seen = new_psi if method == "alternating" else psi.detach()
    g_loss = losses.saturating_loss if saturating else losses.nonsaturating_loss
    (g_slope,) = torch.autograd.grad(g_loss(seen * theta), theta)
    return (theta - eta * g_slope).item(), new_psi.item()


@pytest.mark.parametrize("method", games.DIRAC_METHODS)
@pytest.mark.parametrize("saturating", [False, True])
@pytest.mark.parametrize("gamma", [0.0, 0.7])
def test_the_dirac_gan_plays_the_losses_of_the_course(method, saturating, gamma):
    orbit = games.dirac_play(method, 0.3, 5, gamma, saturating, start=(1.2, -0.4))
    assert orbit.shape == (6, 2)
    for before, after in pairwise(orbit):
        wanted = torch_dirac_step(method, 0.3, gamma, saturating, *before)
        np.testing.assert_allclose(after, wanted, rtol=1e-12)


@pytest.mark.parametrize("method", games.DIRAC_METHODS)
@pytest.mark.parametrize("saturating", [False, True])
@pytest.mark.parametrize(("eta", "gamma"), [(0.1, 0), (0.5, 0.3), (0.5, 2.5), (3, 0)])
def test_the_jacobian_of_the_dirac_gan_is_that_of_differences(method, saturating, eta, gamma):
    h = 1e-5

    def step(*start):
        return games.dirac_play(method, eta, 1, gamma, saturating, start)[1]

    numerical = np.stack(
        [(step(h, 0) - step(-h, 0)) / (2 * h), (step(0, h) - step(0, -h)) / (2 * h)], axis=1
    )
    exact = games.dirac_jacobian(method, eta, gamma)
    np.testing.assert_allclose(exact, numerical, atol=1e-9)
    np.testing.assert_allclose(
        np.sort_complex(np.linalg.eigvals(exact)),
        np.sort_complex(np.linalg.eigvals(numerical)),
        atol=1e-6,
    )


@pytest.mark.parametrize(
    ("method", "gamma", "expected"),
    [
        ("simultaneous", 0, math.sqrt(1 + 0.3**2 / 4)),
        ("simultaneous", 0.4, math.sqrt(1 - 0.3 * 0.4 + 0.3**2 / 4)),
        ("alternating", 0, 1),
        ("alternating", 0.4, math.sqrt(1 - 0.3 * 0.4)),
        ("alternating", 1 - 0.3 / 4, 1 - 0.3 / 2),  # the best penalty: a double eigenvalue
    ],
)
def test_near_the_equilibrium_the_orbit_grows_by_the_eigenvalue(method, gamma, expected):
    sizes = np.abs(np.linalg.eigvals(games.dirac_jacobian(method, 0.3, gamma)))
    np.testing.assert_allclose(sizes, expected, atol=1e-6)
    radius = np.hypot(*games.dirac_play(method, 0.3, 400, gamma, start=(1e-6, 1e-6)).T)
    # averaged over many steps; a double eigenvalue lends the radius a factor of k, so 2 %
    assert (radius[-1] / radius[0]) ** (1 / 400) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("extragradient", 0.1, 3), r"^method is 'extragradient'"),
        (("alternating", 0, 3), "^step is 0: .* above 0"),
        (("alternating", 0.1, -1), "^num_steps is -1: .*0 or more"),
        (("alternating", 0.1, 3, -0.1), "^penalty is -0.1: it must be 0 or more"),
        (("alternating", 0.1, 3, math.nan), "^penalty is nan"),
        (("alternating", 0.1, 3, 0.0, False, (1, 2, 3)), r"^start has shape \(3,\): .*\(2,\)"),
    ],
)
def test_bad_arguments_of_the_dirac_gan(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        games.dirac_play(*arguments)
    if len(arguments) == 4 or arguments[1] == 0 or arguments[0] == "extragradient":
        with pytest.raises(ValueError, match=complaint):
            games.dirac_jacobian(*arguments[:2], *arguments[3:4])
