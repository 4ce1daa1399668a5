import math
from fractions import Fraction
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch

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


DEAR = [[3, -1], [-1, 1]]  # rows and columns 1/3, 2/3


def prove(payoffs, found):
    """Both mixes in exact fractions: what one may lose is what the other can be sure to get.

    The two may differ by 1e-9 of what dice can change.
    """
    exact = [[Fraction(float(x)) for x in row] for row in np.asarray(payoffs).tolist()]
    rows, columns = (
        [Fraction(x) / sum(map(Fraction, mix.tolist())) for x in mix.tolist()]
        for mix in (found.rows, found.columns)
    )
    assert min(rows + columns) >= 0
    assert (found.rows.sum(), found.columns.sum()) == pytest.approx((1, 1))
    most = max(sum(p * x for p, x in zip(rows, c, strict=True)) for c in zip(*exact, strict=True))
    least = min(sum(q * x for q, x in zip(columns, row, strict=True)) for row in exact)
    stake = Fraction(games.pure_values(payoffs)[1]) - Fraction(games.pure_values(payoffs)[0])
    room = stake * Fraction(1e-9)
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


@pytest.mark.parametrize(
    ("payoffs", "value"),
    [
        ([[1, -1], [-1, 1], [1e9, 1e12]], 0),  # a move that nobody makes
        ([[1e10, 0], [0, 1]], 1e10 / (1e10 + 1)),  # a row played once in 10¹⁰ times
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
        *(RNG.normal(size=shape) for shape in ((3, 3), (2, 7), (4, 7), (12, 9))),
    ],
    ids=lambda payoffs: str(np.shape(payoffs)),
)
@pytest.mark.parametrize("solve", [games.solve_zero_sum, games._by_fractions])
def test_random_games_ties_single_moves_and_games_about_nothing(payoffs, solve):
    matrix = np.array(payoffs, dtype=float)
    found = solve(matrix)
    assert found.rows.shape + found.columns.shape == matrix.shape
    prove(matrix, found)


@pytest.mark.parametrize("ask", [games.pure_values, games.solve_zero_sum])
@pytest.mark.parametrize(
    "bad",
    [[1, 2], 3, [[]], [], [[1, math.nan]], [[math.inf, 1]]],
)
def test_payoffs_must_be_a_matrix(ask, bad):
    with pytest.raises(ValueError, match=r"^payoffs (has|holds) "):
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
    np.testing.assert_array_equal(games.gradient_play(method, eta, 0), [[1, 0]])


@pytest.mark.parametrize("play", [games.gradient_play, games.dirac_play])
def test_play_refuses_an_unknown_method_and_a_start_of_another_shape(play):
    with pytest.raises(ValueError, match=r"^method is 'simultan' \(did you mean 'simultaneous'\?"):
        play("simultan", 0.1, 3)
    with pytest.raises(ValueError, match=r"^start has shape \(3,\): .*\(2,\)"):
        play("alternating", 0.1, 3, start=(1, 2, 3))


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


@pytest.mark.parametrize("ask", [partial(games.dirac_play, num_steps=3), games.dirac_jacobian])
def test_the_dirac_gan_knows_no_extragradient(ask):
    with pytest.raises(ValueError, match=r"^method is 'extragradient'"):
        ask("extragradient", 0.1)
