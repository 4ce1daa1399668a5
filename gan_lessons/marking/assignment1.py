"""The assignment of lesson 1: mixed strategies, extragradient, collapse, the value, slopes."""

import numpy as np
from scipy.special import expit, log_expit

from gan_lessons.marking.lesson1 import Pair, ask_steps
from gan_lessons.marking.task import MINIMISER, Comparison, Task
from gan_lessons.trials import Array, Case


def _ask_games(rng: np.random.Generator, student: str) -> list[Case]:
    """Two games without a safe move: whoever must announce it loses by it."""
    meet, miss = rng.uniform(1, 5, 4), rng.uniform(-4, 0, 4)
    return [
        {"payments": [[meet[0], miss[0]], [miss[1], meet[1]]]},
        {"payments": [[miss[2], meet[2]], [meet[3], miss[3]]]},
    ]


def _equilibrium(payments: Array) -> Pair:
    (a, b), (c, d) = payments
    return (d - c) / (a - b - c + d), (a * d - b * c) / (a - b - c + d)


def _opponents_mix(payments: Array) -> Pair:
    return _equilibrium(payments.T)


equilibrium = Task(
    objective="to solve a small game",
    ask=_ask_games,
    judge=Comparison(
        right=_equilibrium,
        wrong={
            "The value is right, and the dice are those of the column player. The row player's "
            "dice must leave the column player with no preference.": _opponents_mix,
            "The value is right, and r is how often the second row is played, not the "
            "first.": lambda m: (1 - _equilibrium(m)[0], _equilibrium(m)[1]),
            "r is right. The value is what the row player pays: its sign is turned.": lambda m: (
                _equilibrium(m)[0],
                -_equilibrium(m)[1],
            ),
            "Half and half is best only in a game as even as matching pennies.": lambda m: (
                0.5,
                m.mean(),
            ),
        },
        hint="Not yet. For one r, write down the expected payment against each of the two "
        "columns. At the best r, what is true of these two numbers? Four digits count.",
        tolerance=MINIMISER,
        parts=("r", "the value"),
    ),
)


def _pulled(x: float, y: float, eta: float, c: float) -> Pair:
    """A simultaneous step on f(x, y) = xy + c·x²/2 − c·y²/2."""
    return x - eta * (y + c * x), y + eta * (x - c * y)


def _extragradient(x: float, y: float, eta: float, c: float) -> Pair:
    ahead_x, ahead_y = _pulled(x, y, eta, c)
    return x - eta * (ahead_y + c * ahead_x), y + eta * (ahead_x - c * ahead_y)


def _two_steps(x: float, y: float, eta: float, c: float) -> Pair:
    return _pulled(*_pulled(x, y, eta, c), eta, c)


def _half_ahead(x: float, y: float, eta: float, c: float) -> Pair:
    """Looks ahead with the opponent's number, and stays with its own."""
    ahead_x, ahead_y = _pulled(x, y, eta, c)
    return x - eta * (ahead_y + c * x), y + eta * (ahead_x - c * y)


extragradient_step = Task(
    objective="to predict whether three ways",
    ask=lambda rng, student: [
        {**case, "c": rng.uniform(0.5, 1.5)} for case in ask_steps(rng, student)
    ],
    judge=Comparison(
        right=_extragradient,
        wrong={
            "This is one simultaneous step. "
            "An extragradient step looks at the slopes there, and has not moved yet.": _pulled,
            "These are two simultaneous steps. Take the slopes from the place ahead, and step "
            "with them from where you stood.": _two_steps,
            "You look ahead in the opponent's number alone. "
            "A slope here depends on both numbers: take both from the place ahead.": _half_ahead,
            "This is the step for the game xy. The two terms with c have slopes "
            "too.": lambda x, y, eta, c: _extragradient(x, y, eta, 0),
            "The pull has the wrong sign: what the first player pays for a large x, and the "
            "second for a large y, draws both towards "
            "0.": lambda x, y, eta, c: _extragradient(x, y, eta, -c),
        },
        hint="Not yet. Write the two slopes of f first. Then the place ahead, by a simultaneous "
        "step; then one step from the old place, with the slopes at the place ahead.",
    ),
)


def _ask_bumps(rng: np.random.Generator, student: str) -> list[Case]:
    m, s = rng.uniform(1, 3), rng.uniform(0.7, 1.3)
    return [{"x": np.sort(rng.uniform(-m - s, m + s, 9)).tolist(), "m": m, "s": s}]


def _bump(x: Array, m: float, s: float) -> Array:
    return np.exp(-((x - m) ** 2) / (2 * s**2)) / (s * np.sqrt(2 * np.pi))


def _bumps(x: Array, m: float, s: float) -> Array:
    return (_bump(x, m, s) + _bump(x, -m, s)) / 2


def _collapsed_d(x: Array, m: float, s: float) -> Array:
    """D* from the log-ratio of the densities, in which most of the terms have cancelled."""
    return expit(np.logaddexp(0, -2 * m * x / s**2) - np.log(2))


collapsed_d = Task(
    objective="to derive the best discriminator",
    ask=_ask_bumps,
    judge=Comparison(
        right=_collapsed_d,
        wrong={
            "This is the probability that x is fake. "
            "D is the probability that x is real.": lambda x, m, s: 1 - _collapsed_d(x, m, s),
            "Is the area under each of your densities 1? p_data has two bumps, and half of the "
            "data in each.": lambda x, m, s: expit(np.logaddexp(0, -2 * m * x / s**2)),
            "This squashes the difference of the densities. "
            "What counts is their ratio.": lambda x, m, s: expit(_bumps(x, m, s) - _bump(x, m, s)),
            "This G makes the left bump. The one in question makes the right one, at "
            "+m.": lambda x, m, s: _collapsed_d(-x, m, s),
            "You took s for the variance. It is the standard deviation.": lambda x, m, s: (
                _collapsed_d(x, m, np.sqrt(s))
            ),
        },
        hint="Not yet. Compute p_data and p_g first, and check that the area under each is 1. "
        "Then D* is p_data / (p_data + p_g).",
        praise="Right. What does D* say at the bump that G does make?",
    ),
)


def _ask_batches(rng: np.random.Generator, student: str) -> list[Case]:
    real, fake = rng.integers(5, 9), rng.integers(10, 14)  # of different sizes
    return [
        {
            "real_logits": rng.normal(1, 1.5, real).tolist(),
            "fake_logits": rng.normal(-0.5, 1.5, fake).tolist(),
        }
    ]


def _value(real: Array, fake: Array) -> float:
    return log_expit(real).mean() + log_expit(-fake).mean()


def _log_of_logits(real: Array, fake: Array) -> float:
    with np.errstate(invalid="ignore"):
        return np.log(real).mean() + np.log(1 - fake).mean()


estimated_value = Task(
    objective="to say what the losses 1.386",
    ask=_ask_batches,
    judge=Comparison(
        right=_value,
        wrong={
            "For a fake you took log D. V pays log(1 − D): D earns by calling a fake "
            "fake.": lambda real, fake: log_expit(real).mean() + log_expit(fake).mean(),
            "This is D's loss. V is what D is paid, and no such payment is above "
            "0.": lambda real, fake: -_value(real, fake),
            "The fakes' term has the wrong sign: V adds log(1 − D).": lambda real, fake: (
                log_expit(real).mean() - log_expit(-fake).mean()
            ),
            "The labels are swapped: D is the probability of real, so the real numbers come with "
            "log D.": lambda real, fake: _value(fake, real),
            "The sigmoid is taken twice. "
            "One sigmoid turns a logit into a probability.": lambda real, fake: (
                np.log(expit(expit(real))).mean() + np.log(1 - expit(expit(fake))).mean()
            ),
            "Some logarithms here are of numbers below 0. "
            "A logit is no probability yet.": _log_of_logits,
            "This is a sum, and grows with the batch. Each term of V is an "
            "average.": lambda real, fake: log_expit(real).sum() + log_expit(-fake).sum(),
            "This is one average over both batches. V is the sum of two averages, one of each "
            "batch, whatever their sizes.": lambda real, fake: np.concatenate(
                [log_expit(real), log_expit(-fake)]
            ).mean(),
            "This is the mean of the two terms. V is their sum.": lambda real, fake: (
                _value(real, fake) / 2
            ),
        },
        hint="Not yet. From logits to probabilities; then the average of log D over the real "
        "numbers plus the average of log(1 − D) over the fakes.",
    ),
)


def _ask_lines(rng: np.random.Generator, student: str) -> list[Case]:
    """A D that rises with x, and one that falls."""
    return [
        {
            "x": rng.uniform(-1, 1, 6).tolist(),
            "w": sign * rng.uniform(1.5, 3),
            "b": rng.uniform(-1, 1),
        }
        for sign in (1, -1)
    ]


def _slopes_in_x(x: Array, w: float, b: float) -> tuple[Array, Array]:
    return -expit(w * x + b) * w, -expit(-w * x - b) * w


def _slopes_in_logit(x: Array, w: float, b: float) -> tuple[Array, Array]:
    return -expit(w * x + b), -expit(-w * x - b)


slopes_in_x = Task(
    objective="to say which of the generator's two losses",
    ask=_ask_lines,
    judge=Comparison(
        right=_slopes_in_x,
        wrong={
            "These are slopes in the logit. "
            "How does the logit change when x moves?": _slopes_in_logit,
            "The two have changed places. The saturating loss, log(1 − D), rests where D catches "
            "the fake.": lambda x, w, b: _slopes_in_x(x, w, b)[::-1],
            "The slope of the sigmoid is missing: the chain is from the loss to D, from D to the "
            "logit, from the logit to "
            "x.": lambda x, w, b: (-w / expit(-w * x - b), -w / expit(w * x + b)),
            "This is the way downhill, where a step would go. "
            "Asked is the slope itself.": lambda x, w, b: np.negative(_slopes_in_x(x, w, b)),
            "The slope of the sigmoid is in there once too often.": lambda x, w, b: np.multiply(
                _slopes_in_x(x, w, b), expit(w * x + b) * expit(-w * x - b)
            ),
        },
        hint="Not yet. Three factors, one for each link: from the loss to D, from D to the "
        "logit a = wx + b, from a to x. Return the saturating slopes, then the others.",
        parts=("the slopes of the saturating loss", "the slopes of the other loss"),
    ),
)
