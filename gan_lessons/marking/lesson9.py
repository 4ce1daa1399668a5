"""The exercises of lesson 9: who has landed, the penalty on a slope, the average over time."""

from collections.abc import Callable

import numpy as np

from gan_lessons.marking.task import Comparison, Task
from gan_lessons.trials import Array, Case

# --- Who has landed -----------------------------------------------------------------------------


def _ask_landed(rng: np.random.Generator, student: str) -> list[Case]:
    perfect = rng.gamma(6, 0.01, (3, 500))
    high = np.quantile(perfect, 0.9, axis=1)
    # Runs nearer than most perfect samplers, inside, just outside, and far out.
    parts = [(0.1, 0.3, 4), (0.5, 0.99, 20), (1.01, 1.1, 5), (2, 3, 3)]
    ends = [[rng.uniform(a * top, b * top, n) for a, b, n in parts] for top in high]
    return [
        {"ends": rng.permutation(np.concatenate(run)).tolist(), "perfect": each.tolist()}
        for run, each in zip(ends, perfect, strict=True)
    ]


def _within(level: Callable[[Array], float]) -> Callable[[Array, Array], int]:
    return lambda ends, perfect: int((ends <= level(perfect)).sum())


landed = Task(
    objective="to say when a recipe has landed",
    also="to read a claim",
    ask=_ask_landed,
    judge=Comparison(
        right=_within(lambda perfect: float(np.quantile(perfect, 0.9))),
        wrong={
            "This asks for less than a middling perfect sampler has. "
            "Half of them would not have landed.": [
                _within(lambda perfect: float(np.median(perfect))),
                _within(lambda perfect: float(perfect.mean())),
            ],
            "The worst of 500 perfect samplers is no limit: "
            "with more of them it would be higher.": _within(lambda perfect: float(perfect.max())),
            "You count those that have not landed.": lambda ends, perfect: int(
                (ends > np.quantile(perfect, 0.9)).sum()
            ),
            "A run below the 10 % quantile was lucky, not wrong: "
            "there is no limit from below.": lambda ends, perfect: int(
                ((ends <= np.quantile(perfect, 0.9)) & (ends >= np.quantile(perfect, 0.1))).sum()
            ),
        },
        hint="Not yet. Nine of ten perfect samplers lie below the limit. "
        "Return how many of the runs do.",
    ),
)

# --- The penalty on a slope ---------------------------------------------------------------------


def _ask_penalty(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {
            "x": rng.normal(0, 2, 6).tolist(),
            "w": rng.normal(0, 1, 4).tolist(),
            "b": rng.normal(0, 1, 4).tolist(),
            "v": rng.normal(0, 1, 4).tolist(),
            "gamma": float(rng.uniform(0.5, 3)),
        }
        for _ in range(3)
    ]


def _slopes(x: Array, w: Array, b: Array, v: Array) -> Array:
    return np.asarray((x[:, None] * w + b > 0) @ (v * w))


def _penalty(x: Array, w: Array, b: Array, v: Array, gamma: float) -> float:
    return float(gamma / 2 * (_slopes(x, w, b, v) ** 2).mean())


penalty = Task(
    objective="to give the reason for each change",
    ask=_ask_penalty,
    judge=Comparison(
        right=_penalty,
        wrong={
            "The factor is γ/2: here it is γ.": lambda *case: 2 * _penalty(*case),
            "Slopes of both signs cancel here. Square before you average.": (
                lambda x, w, b, v, gamma: float(gamma / 2 * _slopes(x, w, b, v).mean() ** 2)
            ),
            "This is the sum over the batch. The penalty is a mean, "
            "so that it does not grow with the batch.": lambda *case: (
                len(case[0]) * _penalty(*case)
            ),
            "Here every unit counts at every x. "
            "A unit whose input is below 0 is off, and adds no slope.": (
                lambda x, w, b, v, gamma: float(gamma / 2 * (v @ w) ** 2)
            ),
            "This is a fine on the size of the logit. R1 fines its slope: "
            "a(x) may be as large as it likes.": lambda x, w, b, v, gamma: float(
                gamma / 2 * ((np.maximum(x[:, None] * w + b, 0) @ v) ** 2).mean()
            ),
            "This is a fine on the weights, weight decay. R1 fines the slope where the data are, "
            "and nowhere else.": lambda x, w, b, v, gamma: float(
                gamma / 2 * (w @ w + b @ b + v @ v)
            ),
        },
        hint="Not yet. The slope at x is the sum of v·w over the units that are on there, "
        "those with w·x + b above 0. Then γ/2 times the mean of its square.",
    ),
)

# --- The average over time ----------------------------------------------------------------------


def _ask_average(rng: np.random.Generator, student: str) -> list[Case]:
    keeps = rng.uniform(0.85, 0.97, 3)
    return [{"weights": rng.normal(3, 1, 30).tolist(), "keep": float(keep)} for keep in keeps]


def _average(weights: Array, keep: float, start: float | None = None) -> float:
    average = weights[0] if start is None else start
    for weight in weights[1:] if start is None else weights:
        average = keep * average + (1 - keep) * weight
    return float(average)


average = Task(
    objective="to give the reason for each change",
    ask=_ask_average,
    judge=Comparison(
        right=_average,
        wrong={
            "Here the new weight gets the share `keep`, and the average the rest: "
            "it forgets what it should keep.": lambda weights, keep: _average(weights, 1 - keep),
            "This average starts at 0, and it takes long to forget that. "
            "Start it at the first weight.": lambda weights, keep: _average(weights, keep, 0.0),
            "This is the mean of the whole run. The average must forget the start, "
            "when G was still far away.": lambda weights, keep: float(weights.mean()),
            "This is the last weight itself.": lambda weights, keep: float(weights[-1]),
        },
        hint="Not yet. Begin with the first weight. For each later one: keep times the average, "
        "plus (1 − keep) times the weight. Return the last average.",
    ),
)
