"""The exercises of lesson 1: a matrix game, gradient play, the best discriminator, two losses."""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, log_expit

from gan_lessons.marking.task import Comparison, Task, Verdict, no_cases
from gan_lessons.trials import Case, Plain, value

Pair = tuple[float, float]

DEAR_ROCK = [[0, 1, -2], [-1, 0, 1], [2, -1, 0]]

dear_rock = Task(
    objective="to solve a small game",
    ask=no_cases,
    run=value,
    judge=Comparison(
        right=lambda: DEAR_ROCK,
        wrong={
            "The signs are turned round: an entry is what the row player pays, and the rows are "
            "the row player's moves.": lambda: np.negative(DEAR_ROCK),
            "These are the old rules: who loses to rock now pays 2.": lambda: np.clip(
                DEAR_ROCK, -1, 1
            ),
        },
        hint="Not yet. Take one entry at a time: who wins there, and does rock win? "
        "The matrix has three rows and three columns.",
        praise="Right. Now solve it: is rock played more often?",
    ),
)


def ask_steps(rng: np.random.Generator, student: str) -> list[Case]:
    """A place on the saddle xy, and a step size."""
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
    ask=ask_steps,
    judge=Comparison(
        right=_second_player_first,
        wrong={
            "This is a simultaneous step: both players move from the old place. The one who moves "
            "later should see the new move.": lambda x, y, eta: (x - eta * y, y + eta * x),
            "This is the lesson's order: x moves, then y answers. "
            "Here y moves first.": _first_player_first,
            "Both walk downhill here. "
            "The second player is paid xy, and wants it large.": _both_downhill,
            "The two numbers are right and have changed places: "
            "return x, then y.": lambda x, y, eta: _second_player_first(x, y, eta)[::-1],
        },
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
        wrong={
            "Is this η, or its square? "
            "The factor is √(1 − η² + η⁴); try a few η near yours.": lambda: 0.5,
            "At η = 1 the factor is 1, and the steps circle. "
            "Is there no better η below?": lambda: 1.0,
            "This is about the factor itself. Asked is the η that has it.": lambda: np.sqrt(0.75),
        },
        hint="Not yet. Compute the factor √(1 − η² + η⁴) for many η between 0 and 1: "
        "where is it smallest? Two digits are enough.",
        tolerance=8e-3,
    ),
)


best_discriminator = Task(
    objective="to derive the best discriminator",
    ask=lambda rng, student: [
        {"p": rng.uniform(0.01, 1, 7).tolist(), "q": rng.uniform(0.01, 1, 7).tolist()}
    ],
    judge=Comparison(
        right=lambda p, q: p / (p + q),
        wrong={
            "This is the probability that x is fake. "
            "D is the probability that x is real.": lambda p, q: q / (p + q),
            "This is the ratio of the densities, which can pass 1. "
            "Of all x at one place, which share is real?": lambda p, q: p / q,
            "This squashes the difference of the densities. The logit of D* is the difference of "
            "their logarithms.": lambda p, q: 1 / (1 + np.exp(q - p)),
        },
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
    judge=Comparison(
        right=lambda s: (1 - _overlap(s)) * np.log(2),
        wrong={
            "Right while the two overlap. "
            "Beyond that it grows and grows: can a JSD do that?": lambda s: s * np.log(2),
            "This counts in bits. Our logarithms are natural.": lambda s: 1 - _overlap(s),
            "This is V(D*, G). One more line of the lesson leads from it to the JSD.": lambda s: (
                -2 * _overlap(s) * np.log(2)
            ),
            "This falls where the JSD grows. "
            "What is the JSD of two equal distributions?": lambda s: _overlap(s) * np.log(2),
            "Twice too much: V(D*, G) = −log 4 + 2·JSD.": lambda s: (
                2 * (1 - _overlap(s)) * np.log(2)
            ),
            "This is the root of the JSD, which some libraries call the Jensen–Shannon "
            "distance.": lambda s: np.sqrt((1 - _overlap(s)) * np.log(2)),
        },
        hint="Not yet. Find D* on each of three pieces: real numbers alone, both, fakes alone. "
        "Then V(D*, G), then the JSD. And what changes when s passes 1?",
    ),
)


blind_losses = Task(
    objective="to say what the losses 1.386",
    ask=lambda rng, student: [{"d": rng.uniform(0.05, 0.4)}, {"d": rng.uniform(0.6, 0.95)}],
    judge=Comparison(
        right=lambda d: (-np.log(d * (1 - d)), -np.log(d)),
        wrong={
            "D's loss is −V, the sum of its two terms. Here it is their mean.": lambda d: (
                -np.log(d * (1 - d)) / 2,
                -np.log(d),
            ),
            "These are gains. A loss is what a player wants small: mind the signs.": lambda d: (
                np.log(d * (1 - d)),
                np.log(d),
            ),
            "For D you took log D of the fakes too. The fakes' term is log(1 − D).": lambda d: (
                -2 * np.log(d),
                -np.log(d),
            ),
            "D's loss is right. For G this is the saturating loss; "
            "asked is the other one.": lambda d: (-np.log(d * (1 - d)), np.log(1 - d)),
            "D's loss is right. G wants its fakes taken for real: "
            "is that d, or 1 − d?": lambda d: (-np.log(d * (1 - d)), -np.log(1 - d)),
        },
        hint="Not yet. D's loss is −V, with two terms; G's non-saturating loss has one. "
        "All averages are of one number, since D always says d. Return D's loss, then G's.",
        praise="Right. For which d does D lose least, and did you need to know p_g?",
    ),
)


logit_slopes = Task(
    objective="to say which of the generator's two losses",
    ask=lambda rng, student: [{"a": rng.uniform(-4, 4, 6).tolist()}],
    judge=Comparison(
        right=lambda a: (-expit(a), -expit(-a)),
        wrong={
            "The two have changed places. The saturating loss is log(1 − D): "
            "does it change much where D is near 0?": lambda a: (-expit(-a), -expit(a)),
            "These are slopes in D. The gradient must still pass through the sigmoid.": lambda a: (
                -1 / expit(-a),
                -1 / expit(a),
            ),
            "Strong where it should be, with the sign turned: "
            "both losses fall as a grows.": lambda a: (expit(a), expit(-a)),
            "These are the two losses. Asked are their slopes in a.": lambda a: (
                log_expit(-a),
                -log_expit(a),
            ),
        },
        hint="Not yet. The slope of sigmoid(a) is sigmoid(a)·(1 − sigmoid(a)). Return the slope "
        "of log(1 − sigmoid(a)), then that of −log sigmoid(a).",
    ),
)


def _ask_fakes(rng: np.random.Generator, student: str) -> list[Case]:
    m, s = rng.uniform(-5, 5), rng.uniform(1.5, 4)
    return [{"z": rng.normal(0, 1, 7).tolist(), "m": m, "s": s}]


compare_fakes = Comparison(
    right=lambda z, m, s: m + s * z,
    wrong={
        "Right, and it is the other one: your fakes turn z round.": lambda z, m, s: m - s * z,
        "The spread of your fakes is s², but s is the standard deviation, not the "
        "variance.": lambda z, m, s: m + s**2 * z,
        "Your fakes have the right mean, and the spread of the dice.": lambda z, m, s: m + z,
        "The spread fits, but the mean has been stretched as well.": lambda z, m, s: s * (m + z),
    },
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
    judge=_judge_fakes,
)
