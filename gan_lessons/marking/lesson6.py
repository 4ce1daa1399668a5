"""The exercises of lesson 6: forward and back by hand, Adam, kinks, and sizes."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import norm, pearsonr, spearmanr

from gan_lessons import evidence
from gan_lessons.marking.task import Comparison, Task, no_cases
from gan_lessons.trials import Array, Case, value

TINY = {"w1": 1.0, "b1": -1.0, "w2": 3.0, "b2": -2.0}


def _tiny(mask: Callable[[float], float], factor: float = 3.0, label: float = 1.0) -> Array:
    """The gradients at x = 2 and at x = 0.5: of w1, b1, w2 and b2."""
    rows = []
    for x in (2.0, 0.5):
        u = x - 1.0
        h = mask(u) * u
        delta = expit(3 * h - 2) - label
        back = factor * delta * mask(u)
        rows.append([x * back, back, h * delta, delta])
    return np.array(rows)


def _on(u: float) -> float:
    return float(u > 0)


tiny_gradients = Task(
    objective="To derive every gradient",
    ask=no_cases,
    run=value,
    judge=Comparison(
        right=lambda: _tiny(_on),
        wrong={
            "The signs are turned round: "
            "the slope in the logit is what D says minus the label.": lambda: -_tiny(_on),
            "In the second case the hidden unit is off. What does ReLU give for −0.5, and what "
            "does it let through on the way back?": lambda: _tiny(lambda u: 1.0),
            "These are the gradients for a fake. Which label does a real sample have?": lambda: (
                _tiny(_on, label=0.0)
            ),
            "On the way back to the first layer the gradient passes w2.": lambda: _tiny(
                _on, factor=1.0
            ),
        },
        hint="Not yet. Two rows, x = 2 and x = 0.5, each with the gradients of w1, b1, w2 and b2. "
        "Start with the logit and what D says minus the label; three digits will do.",
        tolerance=2e-3,
    ),
)


def _cauchy(x: float) -> float:
    return float(np.arctan(x) / np.pi)


expected_kinks = Task(
    objective="What such networks are",
    ask=lambda rng, student: [
        {"mean": float(rng.uniform(0.5, 5)), "std": float(rng.uniform(1, 3))} for _ in range(2)
    ],
    judge=Comparison(
        right=lambda m, s: 16 * (_cauchy(m + 2 * s) - _cauchy(m - 2 * s)),
        wrong={
            "This takes the kinks for draws from N(0, 1). They are ratios of two such draws, and "
            "F is given.": lambda m, s: 16 * (norm.cdf(m + 2 * s) - norm.cdf(m - 2 * s)),
            "This is for the data within one σ of μ. Two are asked for.": lambda m, s: (
                16 * (_cauchy(m + s) - _cauchy(m - s))
            ),
            "This is the share of the kinks. How many are there?": lambda m, s: (
                _cauchy(m + 2 * s) - _cauchy(m - 2 * s)
            ),
            "This is the number around 0, as after centring. Here the target is where it "
            "is.": lambda m, s: 16 * (_cauchy(2 * s) - _cauchy(-2 * s)),
        },
        hint="Not yet. What is the probability that one kink lies between μ − 2σ and μ + 2σ? "
        "There are 16 of them.",
    ),
)


place_kinks = Task(
    objective="What such networks are",
    ask=lambda rng, student: [
        {"w1": rng.normal(0, 1, 8).tolist(), "places": rng.normal(3, 1.5, 8).tolist()}
    ],
    judge=Comparison(
        right=lambda w, x: -w * x,
        wrong={
            "Mirrored: with these biases the kinks lie at minus the places.": lambda w, x: w * x,
            "This divides where it should multiply. "
            "Unit j bends where w·x + b is zero.": lambda w, x: -x / w,
            "This divides the wrong way. Unit j bends where w·x + b is zero.": lambda w, x: -w / x,
            "These are the places themselves. A unit bends at −b/w.": lambda w, x: x,
            "Right if all w1 were 1. A unit bends at −b/w, not at −b.": lambda w, x: -x,
        },
        hint="Not yet. Unit j bends the logit where its input w·x + b is zero; solve for b.",
    ),
)


@cache
def _narrow() -> tuple[float, ...]:
    """The rank correlation of exercise 4, and what it is with one thing done otherwise."""
    runs = evidence.load("raw_weights")["centred, β1 = 0.9"]
    std = runs.target_std

    def swings(scale: Array) -> Array:
        error = (runs.mean - runs.target_mean[:, None]) / scale[:, None]
        return np.sqrt((error[:, runs.steps >= 10_000] ** 2).mean(axis=1))

    own, absolute = swings(std), swings(np.ones_like(std))
    rank = float(spearmanr(std, own).statistic)
    return rank, float(spearmanr(std, absolute).statistic), float(pearsonr(std, own).statistic)


narrow_targets = Task(
    objective="Why this GAN gets the spread wrong",
    ask=no_cases,
    run=value,
    judge=Comparison(
        right=lambda: _narrow()[0],
        wrong={
            "Here the error is in the units of x. Divide it by σ: `errors` has it so.": lambda: (
                _narrow()[1]
            ),
            "This is the correlation of the values, not of the ranks.": lambda: _narrow()[2],
            "The sign is turned round. "
            "Do the widest or the narrowest targets swing more?": lambda: -_narrow()[0],
        },
        hint='Not yet. The runs are those of "centred, β1 = 0.9", the error is `rms` of their '
        "`mean` in units of σ, and σ is `target_std`; one correlation of the two.",
        tolerance=6e-3,
    ),
)

B1, B2, ALPHA = 0.9, 0.999, 1e-3


def _ask_two_gradients(rng: np.random.Generator, student: str) -> list[Case]:
    signs = (1, -1), (1, 1)
    return [
        {"g1": float(a * rng.uniform(0.5, 3)), "g2": float(b * rng.uniform(3.5, 9))}
        for a, b in signs
    ]


def _second(g1: float, g2: float, m_seen: float, v_seen: float) -> float:
    m = B1 * (1 - B1) * g1 + (1 - B1) * g2
    v = B2 * (1 - B2) * g1**2 + (1 - B2) * g2**2
    return float(-ALPHA * (m / m_seen) / np.sqrt(v / v_seen) * 1000)


second_step = Task(
    objective="To derive every gradient",
    ask=_ask_two_gradients,
    judge=Comparison(
        right=lambda g1, g2: _second(g1, g2, 1 - B1**2, 1 - B2**2),
        wrong={
            "This is without the bias correction: after two steps both averages are still far too "
            "small.": lambda g1, g2: _second(g1, g2, 1, 1),
            "The correction is that of the first step. Which t is it now?": lambda g1, g2: _second(
                g1, g2, 1 - B1, 1 - B2
            ),
            "m is corrected, and v is not.": lambda g1, g2: _second(g1, g2, 1 - B1**2, 1),
            "This forgets the first gradient: Adam has a memory.": lambda g1, g2: _second(
                0, g2, 1 - B1, 1 - B2
            ),
            "This is the step of SGD. Adam divides the size of the gradient out.": lambda g1, g2: (
                -g2
            ),
            "The sign is turned round: a step goes against the gradient.": lambda g1, g2: (
                -_second(g1, g2, 1 - B1**2, 1 - B2**2)
            ),
        },
        hint="Not yet. m and v start at 0 and see g1, then g2. Then comes the correction with "
        "t = 2, and the step −α·m̂/√v̂ in thousandths, with α = 0.001.",
    ),
)


batch_for = Task(
    objective="What a larger batch buys",
    ask=lambda rng, student: [
        {
            "n": int(rng.integers(16, 500)),
            "scatter": float(rng.uniform(0.5, 2)),
            "wanted": float(rng.uniform(0.05, 0.3)),
        }
    ],
    judge=Comparison(
        right=lambda n, scatter, wanted: n * (scatter / wanted) ** 2,
        wrong={
            "The noise falls with √n, not with n: half the noise costs more than twice the "
            "batch.": lambda n, scatter, wanted: n * scatter / wanted,
            "The root is on the wrong side: the noise falls with √n.": lambda n, scatter, wanted: (
                n * np.sqrt(scatter / wanted)
            ),
            "This batch is smaller, and its noise larger.": lambda n, scatter, wanted: (
                n * (wanted / scatter) ** 2
            ),
            "This is the factor by which the batch grows. "
            "From which size?": lambda n, scatter, wanted: (scatter / wanted) ** 2,
        },
        hint="Not yet. scatter times √n is the same for all batches. No need to round.",
        tolerance=2e-2,  # so that a rounded answer will do
    ),
)


def _ask_sizes(rng: np.random.Generator, student: str) -> list[Case]:
    inside = [rng.integers(2, 20, depth).tolist() for depth in (1, 2, 3)]
    return [{"sizes": [int(rng.integers(2, 6)), *hidden, 1]} for hidden in inside]


def _run_sizes(answer: Any, case: Case) -> Any:
    return answer([int(size) for size in case["sizes"]])


def _pairs(sizes: Any) -> list[tuple[int, int]]:
    return list(pairwise(int(size) for size in sizes))


numbers_to_learn = Task(
    objective="To write both networks",
    ask=_ask_sizes,
    run=_run_sizes,
    judge=Comparison(
        right=lambda sizes: sum((a + 1) * b for a, b in _pairs(sizes)),
        wrong={
            "These are the entries of the matrices. "
            "Each layer has shifts as well.": lambda sizes: sum(a * b for a, b in _pairs(sizes)),
            "One is missing: the last layer has a shift, too.": lambda sizes: (
                sum((a + 1) * b for a, b in _pairs(sizes)) - 1
            ),
            "A layer has one shift for each of its outputs, not of its inputs.": lambda sizes: sum(
                a * b + a for a, b in _pairs(sizes)
            ),
        },
        hint="Not yet. Try [2, 16, 1], which has 65: two matrices, and two rows of shifts.",
    ),
)
