"""Two-player games: matrix games by linear programming, gradient play, and the Dirac-GAN.

One convention all through: the first player is G, or its part, and the second is D.  Where the
game is zero-sum, the *first* player pays and minimises, the *second* is paid and maximises.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.special import expit

from gan_lessons import validation

Array = NDArray[np.float64]

METHODS = ("simultaneous", "alternating", "extragradient")
DIRAC_METHODS = ("simultaneous", "alternating")


@dataclass(frozen=True)
class Equilibrium:
    """A mixed equilibrium: how often each player takes each row or column, and the value.

    ``rows`` has shape (m,), ``columns`` (n,); both are probabilities.  ``value`` is what the row
    player pays on average.
    """

    rows: Array
    columns: Array
    value: float


def _payoffs(payoffs: ArrayLike) -> Array:
    array = validation.numbers("payoffs", payoffs)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"payoffs has shape {array.shape}: it must be a matrix of finite numbers")
    if not np.isfinite(array).all():
        raise ValueError("payoffs holds NaN or infinity: every entry must be a finite number")
    return array


def pure_values(payoffs: ArrayLike) -> tuple[float, float]:
    """Return (max-min, min-max) over pure strategies; the first is never above the second.

    ``payoffs[i, j]`` is what the row player, who minimises, pays to the column player.  Max-min
    is the best the column player can get when the row player answers; min-max is the least the
    row player can pay when the column player answers.  Raises ``ValueError`` unless ``payoffs``
    is a matrix of finite numbers.

    Source: von Neumann, "Zur Theorie der Gesellschaftsspiele", Math. Ann. 100 (1928).
    """
    matrix = _payoffs(payoffs)
    return float(matrix.min(axis=0).max()), float(matrix.max(axis=1).min())


def _best_mix(matrix: Array) -> tuple[Array, float]:
    """The row mix p that minimises v, subject to (p @ matrix)[j] <= v for every column j.

    Raises ``ArithmeticError`` if the solver gives up.
    """
    m, n = matrix.shape
    solution = linprog(
        c=np.r_[np.zeros(m), 1.0],
        A_ub=np.c_[matrix.T, -np.ones(n)],
        b_ub=np.zeros(n),
        A_eq=np.r_[np.ones(m), 0.0][None],
        b_eq=[1.0],
        bounds=[(0, None)] * m + [(None, None)],
    )
    if solution.x is None:
        raise ArithmeticError(solution.message)
    return solution.x[:m], float(solution.x[m])


def _by_solver(matrix: Array) -> Equilibrium:
    """Both linear programs in floats; raises ``ArithmeticError`` unless they prove each other.

    The unit is what dice can change, for a solver takes for zero what is small beside 1.
    """
    low, high = pure_values(matrix)
    unit = high - low
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (matrix - low) / unit
    if not np.isfinite(scaled).all():
        raise FloatingPointError("payoffs are too far apart for floats")
    rows, value = _best_mix(scaled)
    columns, _ = _best_mix(-scaled.T)
    if (rows @ scaled).max() - (scaled @ columns).min() > 1e-12:
        raise FloatingPointError("payoffs are too far apart for the solver's tolerance")
    return Equilibrium(rows, columns, low + unit * value)


def _by_fractions(matrix: Array) -> Equilibrium:
    """The simplex method in whole numbers: never wrong, but slow from some 40 moves on.

    With all payoffs made positive, x = p/v maximises Σx subject to x @ matrix <= 1, and the
    slopes of the slack variables are the column player's q/v.
    Source: Edmonds, "Systems of distinct representatives and linear algebra" (1967), for the
    division without a rest; Bland (1977) for the rule that never goes round in circles.
    """
    m, n = matrix.shape
    exact = [Fraction(x) for x in matrix.T.ravel().tolist()]
    shift = 2 * min(exact) - max(exact) - 1
    grain = max(x.denominator for x in exact)  # powers of two
    table = np.ones((n + 1, m + 1), dtype=object)
    table[:-1, :-1] = np.reshape(
        np.array([int((x - shift) * grain) for x in exact], object), (n, m)
    )
    table[-1] = [-1] * m + [0]
    inside, outside, divisor = [*range(m, m + n)], [*range(m)], 1
    while any(falling := table[-1, :-1] < 0):
        c = min(np.flatnonzero(falling), key=lambda c: outside[c])
        r = min(
            np.flatnonzero(table[:-1, c] > 0),
            key=lambda r: (Fraction(table[r, -1], table[r, c]), inside[r]),
        )
        pivot, row, column = table[r, c], table[r].copy(), table[:, c].copy()
        table = (table * pivot - np.outer(column, row)) // divisor
        table[r], table[:, c], table[r, c] = row, -column, divisor
        divisor, inside[r], outside[c] = pivot, outside[c], inside[r]
    total = table[-1, -1]
    x, y = (
        dict(zip(inside, table[:-1, -1], strict=True)),
        dict(zip(outside, table[-1], strict=False)),
    )
    return Equilibrium(
        np.array([x.get(i, 0) / total for i in range(m)]),
        np.array([y.get(m + j, 0) / total for j in range(n)]),
        float(Fraction(divisor, total) / grain + shift),
    )


def solve_zero_sum(payoffs: ArrayLike) -> Equilibrium:
    """Solve a zero-sum matrix game: each player's best mix is a linear program.

    ``payoffs[i, j]``, shape (m, n), is what the row player pays, in any unit and from any zero.
    What floats can't decide, such as a move that costs 10¹² beside others that cost 1, is solved
    in whole numbers.  Raises ``ValueError`` unless ``payoffs`` is a matrix of finite numbers.

    Source: Dantzig, "A proof of the equivalence of the programming problem and the game
    problem" (1951).
    """
    matrix = _payoffs(payoffs)
    low, high = pure_values(matrix)
    if low == high:  # a saddle: no dice needed
        row, column = matrix.max(axis=1).argmin(), matrix.min(axis=0).argmax()
        return Equilibrium(np.eye(len(matrix))[row], np.eye(matrix.shape[1])[column], low)
    try:
        return _by_solver(matrix)
    except ArithmeticError:
        return _by_fractions(matrix)


def _place(start: ArrayLike) -> tuple[float, float]:
    place = validation.vector("start", start)
    if place.size != 2:
        raise ValueError(f"start has shape {place.shape}: it must be (2,), one number a player")
    return float(place[0]), float(place[1])


def gradient_play(
    method: str, step: float, num_steps: int, start: tuple[float, float] = (1.0, 0.0)
) -> Array:
    """Play f(x, y) = x·y by gradient steps: x walks downhill, y walks uphill.

    ``method`` is ``"simultaneous"`` (both move from the same point: the radius grows by exactly
    √(1+η²) a step), ``"alternating"`` (y answers x's new place: bounded for 0 < η < 2) or
    ``"extragradient"`` (look a step ahead, then move from where you stood by the gradient found
    there: the radius shrinks by √(1−η²+η⁴) for 0 < η < 1).

    Returns the orbit, shape (num_steps + 1, 2), start included.  Raises ``ValueError`` for an
    unknown method, a step that is not above 0, or a negative number of steps.

    Source: Korpelevich (1976) for the extragradient; Mescheder, Geiger and Nowozin (2018) for
    the spiral of simultaneous steps.
    """
    validation.choice("method", method, METHODS)
    step = validation.positive("step", step)
    num_steps = validation.count("num_steps", num_steps, minimum=0)
    x, y = _place(start)
    orbit = [(x, y)]
    for _ in range(num_steps):
        if method == "simultaneous":
            x, y = x - step * y, y + step * x
        elif method == "alternating":
            x = x - step * y
            y = y + step * x
        else:
            ahead_x, ahead_y = x - step * y, y + step * x
            x, y = x - step * ahead_y, y + step * ahead_x
        orbit.append((x, y))
    return np.array(orbit)


def dirac_play(
    method: str,
    step: float,
    num_steps: int,
    penalty: float = 0.0,
    saturating: bool = False,
    start: tuple[float, float] = (1.0, 0.0),
) -> Array:
    """Train the Dirac-GAN, with one number for each player, by gradient steps of size η.

    All data lie at 0, all fakes at θ, and D's logit is ψ·x.  D walks down its loss
    log 2 + softplus(ψθ) plus the R1 penalty γ/2·ψ²; G walks down softplus(−ψθ), or with
    ``saturating`` down −softplus(ψθ).  ``method`` is ``"simultaneous"`` (both move from the same
    point) or ``"alternating"`` (D first; G answers its new ψ, as in ``train``).

    Returns the orbit of (θ, ψ), shape (num_steps + 1, 2), start included.  Raises ``ValueError``
    for an unknown method, a step that is not above 0, a penalty γ below 0, or a negative number
    of steps.

    Source: Mescheder, Geiger and Nowozin (2018), Section 2, where D has the other sign.
    """
    validation.choice("method", method, DIRAC_METHODS)
    step, penalty = validation.positive("step", step), _penalty(penalty)
    num_steps = validation.count("num_steps", num_steps, minimum=0)
    theta, psi = _place(start)
    orbit = [(theta, psi)]
    for _ in range(num_steps):
        new_psi = psi - step * (theta * expit(psi * theta) + penalty * psi)
        seen = new_psi if method == "alternating" else psi
        strength = expit(seen * theta if saturating else -seen * theta)
        theta, psi = theta + step * seen * strength, new_psi
        orbit.append((theta, psi))
    return np.array(orbit)


def dirac_jacobian(method: str, step: float, penalty: float = 0.0) -> Array:
    """The Jacobian, shape (2, 2), of one step of ``dirac_play`` in (θ, ψ) at the equilibrium.

    Both losses of G have the same one.  The orbit near (0, 0) comes home if both eigenvalues lie
    inside the unit circle.  Raises ``ValueError`` as ``dirac_play`` does.

    Source: Mescheder, Geiger and Nowozin (2018), Sections 2 and 4, with f'(0) = ½.
    """
    validation.choice("method", method, DIRAC_METHODS)
    step = validation.positive("step", step)
    half, kept = step / 2, 1 - step * _penalty(penalty)
    if method == "simultaneous":
        return np.array([[1, half], [-half, kept]])
    return np.array([[1 - half**2, half * kept], [-half, kept]])


def _penalty(penalty: float) -> float:
    number = validation.finite("penalty", penalty)
    if number < 0:
        raise ValueError(f"penalty is {penalty!r}: it must be 0 or more")
    return number
