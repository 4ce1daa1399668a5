"""The tasks of lesson 1: a matrix game, gradient play, the best discriminator, and two losses."""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, log_expit

from gan_lessons.marking.task import (
    MINIMISER,
    Array,
    Case,
    Comparison,
    Plain,
    Task,
    Verdict,
    call,
    no_cases,
    value,
)

Pair = tuple[float, float]

# --- Exercises ----------------------------------------------------------------------------------

DEAR_ROCK = [[0, 1, -2], [-1, 0, 1], [2, -1, 0]]

dear_rock = Task(
    objective="to solve a small game",
    ask=no_cases,
    run=value,
    judge=Comparison(
        right=lambda: DEAR_ROCK,
        wrong=[
            (
                lambda: np.negative(DEAR_ROCK),
                "The signs are turned round: an entry is what the row player pays, and the "
                "rows are the row player's moves.",
            ),
            (
                lambda: np.clip(DEAR_ROCK, -1, 1),
                "These are the old rules: who loses to rock now pays 2.",
            ),
        ],
        hint="Not yet. Take one entry at a time: who wins there, and does rock win? "
        "The matrix has three rows and three columns.",
        praise="Right. Now solve it: is rock played more often?",
    ),
)


def _ask_steps(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {"x": rng.uniform(1, 2), "y": rng.uniform(-2, -1), "eta": rng.uniform(0.2, 0.9)}
        for _ in range(2)
    ]


def _second_player_first(x: float, y: float, eta: float) -> Pair:
    y = y + eta * x
    return x - eta * y, y


def _first_player_first(x: float, y: float, eta: float) -> Pair:
    x = x - eta * y
    return x, y + eta * x


def _both_downhill(x: float, y: float, eta: float) -> Pair:
    y = y - eta * x
    return x - eta * y, y


alternating_step = Task(
    objective="to predict whether three ways",
    ask=_ask_steps,
    run=call,
    judge=Comparison(
        right=_second_player_first,
        wrong=[
            (
                lambda x, y, eta: (x - eta * y, y + eta * x),
                "This is a simultaneous step: both players move from the old place. "
                "The one who moves later should see the new move.",
            ),
            (
                _first_player_first,
                "This is the lesson's order: x moves, then y answers. Here y moves first.",
            ),
            (
                _both_downhill,
                "Both walk downhill here. The second player is paid xy, and wants it large.",
            ),
            (
                lambda x, y, eta: _second_player_first(x, y, eta)[::-1],
                "The two numbers are right and have changed places: return x, then y.",
            ),
        ],
        hint="Not yet. Write two lines: the new y from the old x, then the new x. "
        "Return both, x first.",
        praise="Right. The second to move sees where the first one went.",
    ),
)

fastest_eta = Task(
    objective="to predict whether three ways",
    ask=no_cases,
    run=value,
    judge=Comparison(
        right=lambda: np.sqrt(0.5),
        wrong=[
            (
                lambda: 0.5,
                "Is this η, or its square? The factor is √(1 − η² + η⁴); try a few η near yours.",
            ),
            (
                lambda: 1.0,
                "At η = 1 the factor is 1, and the steps circle. Is there no better η below?",
            ),
            (
                lambda: np.sqrt(0.75),
                "This is about the factor itself. Asked is the η that has it.",
            ),
        ],
        hint="Not yet. Compute the factor √(1 − η² + η⁴) for many η between 0 and 1: "
        "where is it smallest? Two digits are enough.",
        tolerance=8e-3,
    ),
)


def _ask_densities(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"p": rng.uniform(0.01, 1, 7).tolist(), "q": rng.uniform(0.01, 1, 7).tolist()}]


best_discriminator = Task(
    objective="to derive the best discriminator",
    ask=_ask_densities,
    run=call,
    judge=Comparison(
        right=lambda p, q: p / (p + q),
        wrong=[
            (
                lambda p, q: q / (p + q),
                "This is the probability that x is fake. D is the probability that x is real.",
            ),
            (
                lambda p, q: p / q,
                "This is the ratio of the densities, which can pass 1. Of all x at one place, "
                "which share is real?",
            ),
            (
                lambda p, q: 1 / (1 + np.exp(q - p)),
                "This squashes the difference of the densities. The logit of D* is the "
                "difference of their logarithms.",
            ),
        ],
        hint="Not yet. For one x, V has the two terms p·log D + q·log(1 − D). "
        "Where is the slope in D zero?",
    ),
)


def _ask_shifts(rng: np.random.Generator, student: str) -> list[Case]:
    near, far = rng.uniform(0.1, 0.4), rng.uniform(1.2, 3)
    return [{"s": near}, {"s": far}, {"s": rng.uniform(0.6, 0.9)}, {"s": 0.0}]


def _overlap(s: float) -> float:
    return max(0, 1 - s)


shifted_jsd = Task(
    objective="to derive the best discriminator",
    ask=_ask_shifts,
    run=call,
    judge=Comparison(
        right=lambda s: (1 - _overlap(s)) * np.log(2),
        wrong=[
            (
                lambda s: s * np.log(2),
                "Right while the two overlap. Beyond that it grows and grows: can a JSD do that?",
            ),
            (
                lambda s: 1 - _overlap(s),
                "This counts in bits. Our logarithms are natural.",
            ),
            (
                lambda s: -2 * _overlap(s) * np.log(2),
                "This is V(D*, G). One more line of the lesson leads from it to the JSD.",
            ),
            (
                lambda s: _overlap(s) * np.log(2),
                "This falls where the JSD grows. What is the JSD of two equal distributions?",
            ),
            (
                lambda s: 2 * (1 - _overlap(s)) * np.log(2),
                "Twice too much: V(D*, G) = −log 4 + 2·JSD.",
            ),
            (
                lambda s: np.sqrt((1 - _overlap(s)) * np.log(2)),
                "This is the root of the JSD, which some libraries call the Jensen–Shannon "
                "distance.",
            ),
        ],
        hint="Not yet. Find D* on each of three pieces: real numbers alone, both, fakes alone. "
        "Then V(D*, G), then the JSD. And what changes when s passes 1?",
    ),
)


def _ask_answers(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"d": rng.uniform(0.05, 0.4)}, {"d": rng.uniform(0.6, 0.95)}]


blind_losses = Task(
    objective="to say what the losses 1.386",
    ask=_ask_answers,
    run=call,
    judge=Comparison(
        right=lambda d: (-np.log(d * (1 - d)), -np.log(d)),
        wrong=[
            (
                lambda d: (-np.log(d * (1 - d)) / 2, -np.log(d)),
                "D's loss is −V, the sum of its two terms. Here it is their mean.",
            ),
            (
                lambda d: (np.log(d * (1 - d)), np.log(d)),
                "These are gains. A loss is what a player wants small: mind the signs.",
            ),
            (
                lambda d: (-2 * np.log(d), -np.log(d)),
                "For D you took log D of the fakes too. The fakes' term is log(1 − D).",
            ),
            (
                lambda d: (-np.log(d * (1 - d)), np.log(1 - d)),
                "D's loss is right. For G this is the saturating loss; asked is the other one.",
            ),
            (
                lambda d: (-np.log(d * (1 - d)), -np.log(1 - d)),
                "D's loss is right. G wants its fakes taken for real: is that d, or 1 − d?",
            ),
        ],
        hint="Not yet. D's loss is −V, with two terms; G's non-saturating loss has one. "
        "All averages are of one number, since D always says d. Return D's loss, then G's.",
        praise="Right. For which d does D lose least, and did you need to know p_g?",
    ),
)


def _ask_logits(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"a": rng.uniform(-4, 4, 6).tolist()}]


logit_slopes = Task(
    objective="to say which of the generator's two losses",
    ask=_ask_logits,
    run=call,
    judge=Comparison(
        right=lambda a: (-expit(a), -expit(-a)),
        wrong=[
            (
                lambda a: (-expit(-a), -expit(a)),
                "The two have changed places. The saturating loss is log(1 − D): does it change "
                "much where D is near 0?",
            ),
            (
                lambda a: (-1 / expit(-a), -1 / expit(a)),
                "These are slopes in D. The gradient must still pass through the sigmoid.",
            ),
            (
                lambda a: (expit(a), expit(-a)),
                "Strong where it should be, with the sign turned: both losses fall as a grows.",
            ),
            (
                lambda a: (log_expit(-a), -log_expit(a)),
                "These are the two losses. Asked are their slopes in a.",
            ),
        ],
        hint="Not yet. The slope of sigmoid(a) is sigmoid(a)·(1 − sigmoid(a)). Return the slope "
        "of log(1 − sigmoid(a)), then that of −log sigmoid(a).",
    ),
)


def _ask_fakes(rng: np.random.Generator, student: str) -> list[Case]:
    m, s = rng.uniform(-5, 5), rng.uniform(1.5, 4)
    return [{"z": rng.normal(0, 1, 7).tolist(), "m": m, "s": s}]


compare_fakes = Comparison(
    right=lambda z, m, s: m + s * z,
    wrong=[
        (lambda z, m, s: m - s * z, "Right, and it is the other one: your fakes turn z round."),
        (
            lambda z, m, s: m + s**2 * z,
            "The spread of your fakes is s², but s is the standard deviation, not the variance.",
        ),
        (lambda z, m, s: m + z, "Your fakes have the right mean, and the spread of the dice."),
        (lambda z, m, s: s * (m + z), "The spread fits, but the mean has been stretched as well."),
    ],
    hint="Not yet. Where must a fake lie whose z is 0, and where one whose z is 1?",
    praise="Right. And with −z in place of z?",
)


def _judge_fakes(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    """−z follows N(0, 1) as well, so the mirrored generator is as good."""
    verdict = compare_fakes(cases, results)
    return Verdict(1, verdict.message) if verdict.message.startswith("Right") else verdict


make_fakes = Task(
    objective="to say what a generator",
    ask=_ask_fakes,
    run=call,
    judge=_judge_fakes,
)

EXERCISES = {
    "dear_rock": dear_rock,
    "alternating_step": alternating_step,
    "fastest_eta": fastest_eta,
    "best_discriminator": best_discriminator,
    "shifted_jsd": shifted_jsd,
    "blind_losses": blind_losses,
    "logit_slopes": logit_slopes,
    "make_fakes": make_fakes,
}

# --- Assignment ---------------------------------------------------------------------------------


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
    run=call,
    judge=Comparison(
        right=_equilibrium,
        wrong=[
            (
                _opponents_mix,
                "The value is right, and the dice are those of the column player. The row "
                "player's dice must leave the column player with no preference.",
            ),
            (
                lambda m: (1 - _equilibrium(m)[0], _equilibrium(m)[1]),
                "The value is right, and r is how often the second row is played, not the first.",
            ),
            (
                lambda m: (_equilibrium(m)[0], -_equilibrium(m)[1]),
                "r is right. The value is what the row player pays: its sign is turned.",
            ),
            (
                lambda m: (0.5, m.mean()),
                "Half and half is best only in a game as even as matching pennies.",
            ),
        ],
        hint="Not yet. For one r, write down the expected payment against each of the two "
        "columns. At the best r, what is true of these two numbers? Four digits count.",
        tolerance=MINIMISER,
    ),
)


def _ask_pulled_steps(rng: np.random.Generator, student: str) -> list[Case]:
    return [{**case, "c": rng.uniform(0.5, 1.5)} for case in _ask_steps(rng, student)]


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
    ask=_ask_pulled_steps,
    run=call,
    judge=Comparison(
        right=_extragradient,
        wrong=[
            (
                _pulled,
                "This is one simultaneous step. An extragradient step looks at the slopes there, "
                "and has not moved yet.",
            ),
            (
                _two_steps,
                "These are two simultaneous steps. Take the slopes from the place ahead, and "
                "step with them from where you stood.",
            ),
            (
                _half_ahead,
                "You look ahead in the opponent's number alone. A slope here depends on both "
                "numbers: take both from the place ahead.",
            ),
            (
                lambda x, y, eta, c: _extragradient(x, y, eta, 0),
                "This is the step for the game xy. The two terms with c have slopes too.",
            ),
            (
                lambda x, y, eta, c: _extragradient(x, y, eta, -c),
                "The pull has the wrong sign: what the first player pays for a large x, and "
                "the second for a large y, draws both towards 0.",
            ),
        ],
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
    run=call,
    judge=Comparison(
        right=_collapsed_d,
        wrong=[
            (
                lambda x, m, s: 1 - _collapsed_d(x, m, s),
                "This is the probability that x is fake. D is the probability that x is real.",
            ),
            (
                lambda x, m, s: expit(np.logaddexp(0, -2 * m * x / s**2)),
                "Is the area under each of your densities 1? p_data has two bumps, and half of "
                "the data in each.",
            ),
            (
                lambda x, m, s: expit(_bumps(x, m, s) - _bump(x, m, s)),
                "This squashes the difference of the densities. What counts is their ratio.",
            ),
            (
                lambda x, m, s: _collapsed_d(-x, m, s),
                "This G makes the left bump. The one in question makes the right one, at +m.",
            ),
            (
                lambda x, m, s: _collapsed_d(x, m, np.sqrt(s)),
                "You took s for the variance. It is the standard deviation.",
            ),
        ],
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
    run=call,
    judge=Comparison(
        right=_value,
        wrong=[
            (
                lambda real, fake: log_expit(real).mean() + log_expit(fake).mean(),
                "For a fake you took log D. V pays log(1 − D): D earns by calling a fake fake.",
            ),
            (
                lambda real, fake: -_value(real, fake),
                "This is D's loss. V is what D is paid, and no such payment is above 0.",
            ),
            (
                lambda real, fake: log_expit(real).mean() - log_expit(-fake).mean(),
                "The fakes' term has the wrong sign: V adds log(1 − D).",
            ),
            (
                lambda real, fake: _value(fake, real),
                "The labels are swapped: D is the probability of real, so the real numbers "
                "come with log D.",
            ),
            (
                lambda real, fake: (
                    np.log(expit(expit(real))).mean() + np.log(1 - expit(expit(fake))).mean()
                ),
                "The sigmoid is taken twice. One sigmoid turns a logit into a probability.",
            ),
            (
                _log_of_logits,
                "Some logarithms here are of numbers below 0. A logit is no probability yet.",
            ),
            (
                lambda real, fake: log_expit(real).sum() + log_expit(-fake).sum(),
                "This is a sum, and grows with the batch. Each term of V is an average.",
            ),
            (
                lambda real, fake: np.concatenate([log_expit(real), log_expit(-fake)]).mean(),
                "This is one average over both batches. V is the sum of two averages, one of "
                "each batch, whatever their sizes.",
            ),
            (
                lambda real, fake: _value(real, fake) / 2,
                "This is the mean of the two terms. V is their sum.",
            ),
        ],
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
    run=call,
    judge=Comparison(
        right=_slopes_in_x,
        wrong=[
            (
                _slopes_in_logit,
                "These are slopes in the logit. How does the logit change when x moves?",
            ),
            (
                lambda x, w, b: _slopes_in_x(x, w, b)[::-1],
                "The two have changed places. The saturating loss, log(1 − D), rests where D "
                "catches the fake.",
            ),
            (
                lambda x, w, b: (-w / expit(-w * x - b), -w / expit(w * x + b)),
                "The slope of the sigmoid is missing: the chain is from the loss to D, from D to "
                "the logit, from the logit to x.",
            ),
            (
                lambda x, w, b: np.negative(_slopes_in_x(x, w, b)),
                "This is the way downhill, where a step would go. Asked is the slope itself.",
            ),
            (
                lambda x, w, b: np.multiply(
                    _slopes_in_x(x, w, b), expit(w * x + b) * expit(-w * x - b)
                ),
                "The slope of the sigmoid is in there once too often.",
            ),
        ],
        hint="Not yet. Three factors, one for each link: from the loss to D, from D to the "
        "logit a = wx + b, from a to x. Return the saturating slopes, then the others.",
    ),
)

ASSIGNED = {
    "equilibrium": equilibrium,
    "extragradient_step": extragradient_step,
    "collapsed_d": collapsed_d,
    "estimated_value": estimated_value,
    "slopes_in_x": slopes_in_x,
}

TASKS = EXERCISES | ASSIGNED
