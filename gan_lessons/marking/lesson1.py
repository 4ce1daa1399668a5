"""The tasks of lesson 1: a matrix game, gradient play, and the best discriminator."""

from typing import Any

import numpy as np

from gan_lessons.marking.task import (
    Case,
    Comparison,
    Task,
    call,
    no_cases,
    value,
)

Array = np.ndarray[Any, np.dtype[np.float64]]

# --- Exercises ----------------------------------------------------------------------------------

DEAR_ROCK = [[0, 1, -2], [-1, 0, 1], [2, -1, 0]]

dear_rock = Task(
    objective="write a small game as a matrix of payments",
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


def _ask_densities(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"p": rng.uniform(0.01, 1, 7).tolist(), "q": rng.uniform(0.01, 1, 7).tolist()}]


best_discriminator = Task(
    objective="derive the best discriminator D*",
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

TASKS = {"dear_rock": dear_rock, "best_discriminator": best_discriminator}
