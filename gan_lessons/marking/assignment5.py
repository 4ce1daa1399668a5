"""The assignment of lesson 5: the two steps of a GAN (`steps5`), a whole run, and the meter."""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from gan_lessons.marking.lesson5 import softplus
from gan_lessons.marking.steps5 import discriminator_step, generator_step
from gan_lessons.marking.task import Comparison, Task, Verdict
from gan_lessons.theory import LOG_2, LOG_4
from gan_lessons.trials import Array, Case, Plain, call, runs

# --- A whole run ---------------------------------------------------------------------------------
#
# The target has two humps, around mean 0 with std 1.  What only an adversary can teach G is the
# valley between them: the share of fakes in |x| < 0.4.  Over 80 seeds the model answer leaves
# 0.116 of them there, with a spread of 0.011 from seed to seed, and the stats loss alone 0.264,
# with a spread of 0.024 (p_data itself: 0.034).  So the mean of two runs has a standard error of
# 0.008 and of 0.017, and a limit of 0.17 is 6 of the first above the one and 5 of the second
# below the other.  `tests/test_marking_players.py` measures both again.

MODEL_VALLEY, MODEL_SPREAD = 0.116, 0.011
STATS_VALLEY, STATS_SPREAD = 0.264, 0.024
RUNS = 2
RUN_ROUNDS = 250
VALLEY = 0.4
LIMIT = 0.17
OFF_MEAN = 0.4  # the model answer, two runs on average: 0.084, spread 0.05
OFF_STD = 0.25  # the model answer: 0.044, spread 0.025


def _torch_like(rng: np.random.Generator, hidden: int = 32) -> dict[str, Plain]:
    """First weights as PyTorch draws them for 1-32-1: U(−1/√k, 1/√k) for k inputs."""
    shapes = {"w1": (1, hidden), "b1": (hidden,), "w2": (hidden, 1), "b2": (1,)}
    reach = {"w1": 1, "b1": 1, "w2": hidden**-0.5, "b2": hidden**-0.5}
    return {k: rng.uniform(-reach[k], reach[k], shape).tolist() for k, shape in shapes.items()}


def _ask_run(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {
            "D": _torch_like(rng),
            "G": _torch_like(rng),
            "seed": int(rng.integers(2**31)),
            "rounds": RUN_ROUNDS,
        }
        for _ in range(RUNS)
    ]


def _judge_train(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    fakes = np.array([result["fake"] for result in results])
    valley = float((np.abs(fakes) < VALLEY).mean())
    off_mean = float(np.abs(fakes.mean(axis=1)).mean())
    off_std = float(np.abs(fakes.std(axis=1, ddof=1) - 1).mean())
    if not all(result["G_moved"] for result in results):
        return Verdict(0, "G does not learn: its weights are those that it began with.")
    if not all(result["D_moved"] for result in results):
        return Verdict(0, "D does not learn: its weights are those that it began with.")
    if not np.isfinite(fakes).all():
        return Verdict(0, "G's output is infinite or no number: the run has come apart.")
    if valley < LIMIT and off_mean < OFF_MEAN and off_std < OFF_STD:
        return Verdict(1, "Right: two humps, and only D can have said so.")
    if off_mean > OFF_MEAN or off_std > OFF_STD:
        return Verdict(
            0,
            f"Over {RUNS} runs the mean is off by {off_mean:.2f} and the std by {off_std:.2f} on "
            "average. With the hint both are near: does it reach G, and does each step move "
            "its own player only?",
        )
    if valley > 0.5:
        return Verdict(
            0,
            f"Over {RUNS} runs {valley:.0%} of the fakes lie in the valley, where p_data has "
            "next to nothing: G is sent to where D finds the fakes. Which label does each "
            "batch have, in each step?",
        )
    return Verdict(
        0,
        f"Mean and std are right, the shape is not: over {RUNS} runs {valley:.0%} of the fakes "
        "lie in the valley between the humps. That is what the stats loss does alone: does D "
        "learn to tell, and does its word reach G?",
    )


train = Task(
    objective="To take a combined loss apart",
    ask=_ask_run,
    run=runs.train,
    judge=_judge_train,
)

# --- The meter -----------------------------------------------------------------------------------


def _ask_meter(rng: np.random.Generator, student: str) -> list[Case]:
    cases = []
    for _ in range(2):
        p, q = rng.dirichlet(np.full(6, 2.0), 2)
        logits = rng.normal(0, 1, 6)
        cases.append({"p": p.tolist(), "q": q.tolist(), "logit": logits.tolist()})
    return cases


def _js(p: Array, q: Array) -> float:
    middle = (p + q) / 2
    return float((p * np.log(p / middle) + q * np.log(q / middle)).sum() / 2)


def _reading(p: Array, q: Array, loss: float, jsd: float | None = None) -> Array:
    jsd = _js(p, q) if jsd is None else jsd
    return np.array([loss, jsd, loss - (LOG_4 - 2 * jsd)])


def _loss(p: Array, q: Array, a: Array) -> float:
    return float((p * softplus(-a) + q * softplus(a)).sum())


meter = Task(
    objective="To build a meter",
    ask=_ask_meter,
    run=call,
    judge=Comparison(
        right=lambda p, q, a: _reading(p, q, _loss(p, q, a)),
        wrong=[
            (
                lambda p, q, a: _reading(p, q, _loss(p, q, expit(a))),
                "The logits are squashed twice.",
            ),
            (
                lambda p, q, a: _reading(p, q, _loss(p, q, -a)),
                "The labels are swapped: D's output is the probability that x is real.",
            ),
            (
                lambda p, q, a: _reading(p, q, float(((p + q) * softplus(-a)).sum())),
                "In the loss, log D stands where log(1 − D) belongs.",
            ),
            (
                lambda p, q, a: _reading(p, q, float((p * softplus(-a) - q * softplus(a)).sum())),
                "In the loss, the term of the fakes has the wrong sign.",
            ),
            (
                lambda p, q, a: _reading(p, q, _loss(p, q, a), 2 * _js(p, q)),
                "The JSD is twice what it should be: it is the mean of two divergences.",
            ),
            (
                lambda p, q, a: _reading(p, q, _loss(p, q, a), float((p * np.log(p / q)).sum())),
                "This is the KL divergence from p to q. The JSD compares each with their mean.",
            ),
            (
                lambda p, q, a: _reading(p, q, _loss(p, q, a), _js(p, q) ** 0.5),
                "This is the root of the JSD, which some libraries call the Jensen–Shannon "
                "distance.",
            ),
            (
                lambda p, q, a: _reading(p, q, _loss(p, q, a)) - [0, 0, 2 * _js(p, q)],
                "The gap is counted from log 4. Count it from the best loss that any D can have.",
            ),
            (
                lambda p, q, a: _reading(p, q, _loss(p, q, a)) - [0, 0, _js(p, q)],
                "In the gap, the JSD must count twice.",
            ),
            (
                lambda p, q, a: _reading(p, q, _loss(p, q, a)) * [1, 1, -1],
                "The gap has the wrong sign: a D that misses something has a gap above 0.",
            ),
            (
                lambda p, q, a: (
                    _reading(p, q, _loss(p, q, a)) / [1, LOG_2, 1]
                    + [0, 0, 2 * (_js(p, q) / LOG_2 - _js(p, q))]
                ),
                "The JSD is in bits. Take the natural logarithm.",
            ),
        ],
        hint="Not yet. Return three numbers: the loss of this D, the JSD, and the loss minus the "
        "best loss. Each mean is a sum over the bins, weighted by their probabilities.",
    ),
)


TASKS = {
    "discriminator_step": discriminator_step,
    "generator_step": generator_step,
    "train": train,
    "meter": meter,
}
