"""The assignment of lesson 5, but for the two steps (`steps5`): a whole run, and the meter."""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from gan_lessons.marking.lesson5 import softplus
from gan_lessons.marking.task import Comparison, Task, Verdict
from gan_lessons.theory import LOG_2, LOG_4
from gan_lessons.trials import Array, Case, Plain, torch_runs

# --- A whole run ---------------------------------------------------------------------------------
#
# The target has two unequal humps, other ones in each case, so no fixed G fits.  What only an
# adversary can teach G is the valley between the humps, and the share of each.  Measured over
# 40 targets, one run on each:
#
#                        in the valley           a share is off by       width of a hump
#   right answers        0.121, spread 0.020     0.022, spread 0.014     above 1.0
#   the stats loss alone 0.291, spread 0.042     0.054, spread 0.032     above 1.3
#   a G made by hand     0.116, spread 0.059     0.157, spread 0.024     above 0.8
#   two points           0                       0.180, spread 0.027     0
#
# (The right answers are `right_plain`, `right_by_modules` and `right_by_gradients`, which agree,
# and `right_by_probabilities`, whose figures are given; the largest value of all in the valley is
# 0.173, the smallest of the stats loss alone 0.230.  A G made by hand has equal humps at the
# hinted mean and std.  The width is in units of the target's.)  The mean of two runs has √2 less
# spread: for right answers each limit is five standard errors away or more, and for the others
# the one that catches them three or more.  `tests/test_marking_players.py` measures it again.

MODEL_VALLEY, MODEL_SPREAD = 0.121, 0.020
STATS_VALLEY, STATS_SPREAD = 0.291, 0.042
RUNS = 2
RUN_ROUNDS = 250
BATCH = 64
VALLEY = 0.42  # of the way from the middle to a hump's centre
LIMIT = 0.195
OFF_SHARE = 0.09
WIDTH = 0.5
OFF_MEAN = 0.4  # in stds of the target; right answers: 0.084, spread 0.065
OFF_STD = 0.25  # right answers: 0.050, spread 0.027


def _torch_like(rng: np.random.Generator, hidden: int = 32) -> dict[str, Plain]:
    """First weights as PyTorch draws them for 1-32-1: U(−1/√k, 1/√k) for k inputs."""
    shapes = {"w1": (1, hidden), "b1": (hidden,), "w2": (hidden, 1), "b2": (1,)}
    reach = {"w1": 1, "b1": 1, "w2": hidden**-0.5, "b2": hidden**-0.5}
    return {k: rng.uniform(-reach[k], reach[k], shape).tolist() for k, shape in shapes.items()}


def _two_humps(rng: np.random.Generator, share: float) -> Case:
    """Two humps of one width, the lower one with this share of the data."""
    mean, std = rng.uniform(-0.5, 0.5), rng.uniform(0.8, 1.25)
    width = std * rng.uniform(0.2, 0.35)
    gap = ((std**2 - width**2) / (share * (1 - share))) ** 0.5
    centres = mean - (1 - share) * gap, mean + share * gap
    humps = {"humps": [[centre, width] for centre in centres], "shares": [share, 1 - share]}
    return {**humps, "mean": float(mean), "std": float(std)}


def _ask_run(rng: np.random.Generator, student: str) -> list[Case]:
    shares = [rng.uniform(0.28, 0.36), rng.uniform(0.64, 0.72)]
    return [
        {
            "D": _torch_like(rng),
            "G": _torch_like(rng),
            "seed": int(rng.integers(2**31)),
            "rounds": RUN_ROUNDS,
            **_two_humps(rng, shares[i]),
        }
        for i in rng.permutation(2)[:RUNS]
    ]


def measures(case: Case, fake: Array) -> Array:
    """How a run ended: mean and std off, the share in the valley, a share off, and a width."""
    (low, width), (high, _) = case["humps"]
    middle = (low + high) / 2
    sides = fake[fake < middle], fake[fake >= middle]
    widths = [side.std() / width for side in sides if side.size]
    return np.array(
        [
            abs(fake.mean() - case["mean"]) / case["std"],
            abs(fake.std(ddof=1) / case["std"] - 1),
            np.mean(np.abs(fake - middle) < VALLEY * (high - low) / 2),
            abs(np.mean(fake < middle) - case["shares"][0]),
            np.mean(widths),
        ]
    )


def _trouble_in_run(case: Case, result: Plain) -> str:
    """What went wrong on the way, whatever the end looks like."""
    moves, rounds = result["moves"], case["rounds"]
    for name in ("G", "D"):
        if not moves[name]:
            return f"{name} does not learn: its weights are those that it began with."
    if not np.isfinite(result["fake"]).all():
        return "G's output is infinite or no number: the run has come apart."
    if result["drawn"] < BATCH * rounds:
        return (
            f"Your run drew {result['drawn']:.0f} real numbers. In each of the {rounds} rounds D "
            f"is shown a fresh batch of {BATCH}."
        )
    for name in ("G", "D"):
        if moves[name] < rounds:
            times = "once" if moves[name] == 1 else f"{moves[name]:.0f} times"
            return f"{name} moved {times}, and {rounds} rounds are asked for, with a step in each."
    return ""


def _judge_train(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    troubles = map(_trouble_in_run, cases, results)
    if trouble := next(filter(None, troubles), ""):
        return Verdict(0, trouble)
    fakes = [np.array(result["fake"]) for result in results]
    off_mean, off_std, valley, off_share, width = np.mean(
        [measures(case, fake) for case, fake in zip(cases, fakes, strict=True)], axis=0
    )
    if off_mean > OFF_MEAN or off_std > OFF_STD:
        return Verdict(
            0,
            f"Over {RUNS} runs the mean is off by {off_mean:.2f} and the std by {off_std:.2f} on "
            "average, in units of the target's std. With the hint both are near: does it reach G, "
            "and does each step move its own player only?",
        )
    if valley > 0.5:
        return Verdict(
            0,
            f"Over {RUNS} runs {valley:.0%} of the fakes lie in the valley, where p_data has "
            "next to nothing: G is sent to where D finds the fakes. Which label does each "
            "batch have, in each step?",
        )
    if valley > LIMIT:
        return Verdict(
            0,
            f"Mean and std are right, the shape is not: over {RUNS} runs {valley:.0%} of the "
            "fakes lie in the valley between the humps. That is what the stats loss does alone: "
            "does D learn to tell, does its word reach G, and does each step move its own player "
            "only?",
        )
    if width < WIDTH:
        return Verdict(0, "G makes next to two values. The data have two humps, with a width.")
    if off_share > OFF_SHARE:
        return Verdict(
            0,
            f"There are two humps, and over {RUNS} runs their shares are off by {off_share:.0%}. "
            "Mean and std don't tell how many of the data each hump has: does D's word reach G?",
        )
    return Verdict(1, "Right: two humps, each with its share, and only D can have said so.")


train = Task(
    objective="To take a combined loss apart",
    ask=_ask_run,
    run=torch_runs.train,
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
    judge=Comparison(
        right=lambda p, q, a: _reading(p, q, _loss(p, q, a)),
        wrong={
            "The logits are squashed twice.": lambda p, q, a: _reading(
                p, q, _loss(p, q, expit(a))
            ),
            "The labels are swapped: D's output is the probability that x is "
            "real.": lambda p, q, a: _reading(p, q, _loss(p, q, -a)),
            "In the loss, log D stands where log(1 − D) belongs.": lambda p, q, a: _reading(
                p, q, float(((p + q) * softplus(-a)).sum())
            ),
            "In the loss, the term of the fakes has the wrong sign.": lambda p, q, a: _reading(
                p, q, float((p * softplus(-a) - q * softplus(a)).sum())
            ),
            "The JSD is twice what it should be: it is the mean of two "
            "divergences.": lambda p, q, a: _reading(p, q, _loss(p, q, a), 2 * _js(p, q)),
            "This is the KL divergence from p to q. "
            "The JSD compares each with their mean.": lambda p, q, a: _reading(
                p, q, _loss(p, q, a), float((p * np.log(p / q)).sum())
            ),
            "This is the root of the JSD, which some libraries call the Jensen–Shannon "
            "distance.": lambda p, q, a: _reading(p, q, _loss(p, q, a), _js(p, q) ** 0.5),
            "The gap is counted from log 4. Count it from the best loss that any D can "
            "have.": lambda p, q, a: _reading(p, q, _loss(p, q, a)) - [0, 0, 2 * _js(p, q)],
            "In the gap, the JSD must count twice.": lambda p, q, a: (
                _reading(p, q, _loss(p, q, a)) - [0, 0, _js(p, q)]
            ),
            "The gap has the wrong sign: a D that misses something has a gap above "
            "0.": lambda p, q, a: _reading(p, q, _loss(p, q, a)) * [1, 1, -1],
            "The JSD is in bits. Take the natural logarithm.": lambda p, q, a: (
                _reading(p, q, _loss(p, q, a)) / [1, LOG_2, 1]
                + [0, 0, 2 * (_js(p, q) / LOG_2 - _js(p, q))]
            ),
        },
        hint="Not yet. Return three numbers: the loss of this D, the JSD, and the loss minus the "
        "best loss. Each mean is a sum over the bins, weighted by their probabilities.",
    ),
)
