"""The tasks of lesson 6: forward and back by hand, Adam by hand, kinks, and an unknown target."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import norm, pearsonr, spearmanr

from gan_lessons import evidence
from gan_lessons.marking.students import target_of
from gan_lessons.marking.task import (
    Array,
    Case,
    Comparison,
    Plain,
    Task,
    Verdict,
    call,
    close,
    no_cases,
    plain,
    row,
    value,
)

Arrays = dict[str, Array]

# --- Exercises ----------------------------------------------------------------------------------

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
        wrong=[
            (
                lambda: -_tiny(_on),
                "The signs are turned round: the slope in the logit is what D says minus the "
                "label.",
            ),
            (
                lambda: _tiny(lambda u: 1.0),
                "In the second case the hidden unit is off. What does ReLU give for −0.5, and "
                "what does it let through on the way back?",
            ),
            (
                lambda: _tiny(_on, label=0.0),
                "These are the gradients for a fake. Which label does a real sample have?",
            ),
            (
                lambda: _tiny(_on, factor=1.0),
                "On the way back to the first layer the gradient passes w2.",
            ),
        ],
        hint="Not yet. Two rows, x = 2 and x = 0.5, each with the gradients of w1, b1, w2 and b2. "
        "Start with the logit and what D says minus the label; three digits will do.",
        tolerance=2e-3,
    ),
)


def _ask_target(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {"mean": float(rng.uniform(0.5, 5)), "std": float(rng.uniform(1, 3))} for _ in range(2)
    ]


def _cauchy(x: float) -> float:
    return float(np.arctan(x) / np.pi)


expected_kinks = Task(
    objective="What such networks are",
    ask=_ask_target,
    run=call,
    judge=Comparison(
        right=lambda m, s: 16 * (_cauchy(m + 2 * s) - _cauchy(m - 2 * s)),
        wrong=[
            (
                lambda m, s: 16 * (norm.cdf(m + 2 * s) - norm.cdf(m - 2 * s)),
                "This takes the kinks for draws from N(0, 1). They are ratios of two such draws, "
                "and F is given.",
            ),
            (
                lambda m, s: 16 * (_cauchy(m + s) - _cauchy(m - s)),
                "This is for the data within one σ of μ. Two are asked for.",
            ),
            (
                lambda m, s: _cauchy(m + 2 * s) - _cauchy(m - 2 * s),
                "This is the share of the kinks. How many are there?",
            ),
            (
                lambda m, s: 16 * (_cauchy(2 * s) - _cauchy(-2 * s)),
                "This is the number around 0, as after centring. Here the target is where it is.",
            ),
        ],
        hint="Not yet. What is the probability that one kink lies between μ − 2σ and μ + 2σ? "
        "There are 16 of them.",
    ),
)


def _ask_places(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"w1": rng.normal(0, 1, 8).tolist(), "places": rng.normal(3, 1.5, 8).tolist()}]


place_kinks = Task(
    objective="What such networks are",
    ask=_ask_places,
    run=call,
    judge=Comparison(
        right=lambda w, x: -w * x,
        wrong=[
            (lambda w, x: w * x, "Mirrored: with these biases the kinks lie at minus the places."),
            (
                lambda w, x: -x / w,
                "This divides where it should multiply. Unit j bends where w·x + b is zero.",
            ),
            (
                lambda w, x: -w / x,
                "This divides the wrong way. Unit j bends where w·x + b is zero.",
            ),
            (lambda w, x: x, "These are the places themselves. A unit bends at −b/w."),
            (
                lambda w, x: -x,
                "Right if all w1 were 1. A unit bends at −b/w, not at −b.",
            ),
        ],
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
        return np.sqrt((error[:, 30:] ** 2).mean(axis=1))

    own, absolute = swings(std), swings(np.ones_like(std))
    rank = float(spearmanr(std, own).statistic)
    return rank, float(spearmanr(std, absolute).statistic), float(pearsonr(std, own).statistic)


narrow_targets = Task(
    objective="Why this GAN circles",
    ask=no_cases,
    run=value,
    judge=Comparison(
        right=lambda: _narrow()[0],
        wrong=[
            (
                lambda: _narrow()[1],
                "Here the error is in the units of x. Divide it by σ: `errors` has it so.",
            ),
            (
                lambda: _narrow()[2],
                "This is the correlation of the values, not of the ranks.",
            ),
            (
                lambda: -_narrow()[0],
                "The sign is turned round. Do the widest or the narrowest targets swing more?",
            ),
        ],
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
    run=call,
    judge=Comparison(
        right=lambda g1, g2: _second(g1, g2, 1 - B1**2, 1 - B2**2),
        wrong=[
            (
                lambda g1, g2: _second(g1, g2, 1, 1),
                "This is without the bias correction: after two steps both averages are still "
                "far too small.",
            ),
            (
                lambda g1, g2: _second(g1, g2, 1 - B1, 1 - B2),
                "The correction is that of the first step. Which t is it now?",
            ),
            (
                lambda g1, g2: _second(g1, g2, 1 - B1**2, 1),
                "m is corrected, and v is not.",
            ),
            (
                lambda g1, g2: _second(0, g2, 1 - B1, 1 - B2),
                "This forgets the first gradient: Adam has a memory.",
            ),
            (
                lambda g1, g2: -g2,
                "This is the step of SGD. Adam divides the size of the gradient out.",
            ),
            (
                lambda g1, g2: -_second(g1, g2, 1 - B1**2, 1 - B2**2),
                "The sign is turned round: a step goes against the gradient.",
            ),
        ],
        hint="Not yet. m and v start at 0 and see g1, then g2. Then comes the correction with "
        "t = 2, and the step −α·m̂/√v̂ in thousandths, with α = 0.001.",
    ),
)


def _ask_batch(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {
            "n": int(rng.integers(16, 500)),
            "scatter": float(rng.uniform(0.5, 2)),
            "wanted": float(rng.uniform(0.05, 0.3)),
        }
    ]


batch_for = Task(
    objective="What a larger batch buys",
    ask=_ask_batch,
    run=call,
    judge=Comparison(
        right=lambda n, scatter, wanted: n * (scatter / wanted) ** 2,
        wrong=[
            (
                lambda n, scatter, wanted: n * scatter / wanted,
                "The noise falls with √n, not with n: half the noise costs more than twice the "
                "batch.",
            ),
            (
                lambda n, scatter, wanted: n * np.sqrt(scatter / wanted),
                "The root is on the wrong side: the noise falls with √n.",
            ),
            (
                lambda n, scatter, wanted: n * (wanted / scatter) ** 2,
                "This batch is smaller, and its noise larger.",
            ),
            (
                lambda n, scatter, wanted: (scatter / wanted) ** 2,
                "This is the factor by which the batch grows. From which size?",
            ),
        ],
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
        wrong=[
            (
                lambda sizes: sum(a * b for a, b in _pairs(sizes)),
                "These are the entries of the matrices. Each layer has shifts as well.",
            ),
            (
                lambda sizes: sum((a + 1) * b for a, b in _pairs(sizes)) - 1,
                "One is missing: the last layer has a shift, too.",
            ),
            (
                lambda sizes: sum(a * b + a for a, b in _pairs(sizes)),
                "A layer has one shift for each of its outputs, not of its inputs.",
            ),
        ],
        hint="Not yet. Try [2, 16, 1], which has 65: two matrices, and two rows of shifts.",
    ),
)

EXERCISES = {
    "tiny_gradients": tiny_gradients,
    "expected_kinks": expected_kinks,
    "place_kinks": place_kinks,
    "narrow_targets": narrow_targets,
    "second_step": second_step,
    "batch_for": batch_for,
    "numbers_to_learn": numbers_to_learn,
}

# --- The assignment: gradients ------------------------------------------------------------------

LEAK = 0.2
NAMES = ("w1", "b1", "w2", "b2")
Slope = Callable[[Array], Array]
"""The slope of a loss in the logit, for one sample."""


def _ask_batches(rng: np.random.Generator, student: str) -> list[Case]:
    target = target_of(student)
    cases = []
    for real, fake in ((5, 9), (8, 8)):
        shapes = {"w1": (1, 6), "b1": (6,), "w2": (6, 1), "b2": (1,)}
        d = {name: rng.normal(0, 1, shape) for name, shape in shapes.items()}
        d["b1"] = -d["w1"][0] * target.sample(6, rng)[:, 0]  # so that it bends at the data
        cases.append(
            {
                "real": target.sample(real, rng).tolist(),
                "fake": (target.sample(fake, rng) + rng.normal(0, 1)).tolist(),
                "d": {name: array.tolist() for name, array in d.items()},
            }
        )
    return cases


def _run_gradients(answer: Any, case: Case) -> Any:
    d = {name: np.array(array) for name, array in case["d"].items()}
    found = answer(np.array(case["real"]), np.array(case["fake"]), d)
    if isinstance(found, list | tuple) and len(found) == len(NAMES):
        found = dict(zip(NAMES, found, strict=True))
    if isinstance(found, dict):
        return {name: row(plain(part)) for name, part in found.items()}
    return found


def _gradients(
    real: Array,
    fake: Array,
    d: dict[str, Plain],
    *,
    of_real: Slope = lambda a: expit(a) - 1,
    of_fake: Slope = expit,
    leak: float = LEAK,
    back: float = LEAK,
    mean: bool = True,
) -> Arrays:
    """The gradients in one flat row for each array, unit by unit: no matrix products here."""
    w1, b1, w2, b2 = (np.array(d[name]).ravel() for name in NAMES)
    total = {name: np.zeros(np.size(d[name])) for name in NAMES}
    for batch, slope in ((real, of_real), (fake, of_fake)):
        for x in batch.ravel():
            u = w1 * x + b1
            h = np.where(u > 0, u, leak * u)
            delta = float(slope(h @ w2 + b2[0])) / (batch.size if mean else 1)
            before = delta * w2 * np.where(u > 0, 1, back)
            for name, part in zip(NAMES, (x * before, before, h * delta, delta), strict=True):
                total[name] += part
    return total


def _with(**changes: Any) -> Callable[..., Arrays]:
    return lambda real, fake, d: _gradients(real, fake, d, **changes)


def _twice(label: float) -> Slope:
    return lambda a: (expit(expit(a)) - label) * expit(a) * expit(-a)


d_gradients = Task(
    objective="To derive every gradient",
    ask=_ask_batches,
    run=_run_gradients,
    judge=Comparison(
        right=_gradients,
        wrong=[
            (
                _with(leak=0.0, back=0.0),
                "These are the gradients for ReLU. This D leaks: what is its slope where its "
                "input is negative?",
            ),
            (
                _with(back=0.0),
                "Forward it leaks, but on the way back nothing comes through where a unit's "
                "input is negative.",
            ),
            (
                _with(back=1.0),
                "On the way back all units let everything through. What is the slope of leaky "
                "ReLU on either side?",
            ),
            (
                _with(of_real=_twice(1), of_fake=_twice(0)),
                "The logits are squashed twice.",
            ),
            (
                _with(of_real=expit, of_fake=lambda a: expit(a) - 1),
                "The labels are swapped: a real sample has the label 1.",
            ),
            (
                _with(of_fake=lambda a: -expit(a)),
                "The term of the fakes has the wrong sign.",
            ),
            (
                _with(of_fake=lambda a: expit(a) - 1),
                "This D learns to call everything real: log D stands where log(1 − D) belongs.",
            ),
            (
                _with(of_real=lambda a: 1 - expit(a), of_fake=lambda a: -expit(a)),
                "These are the gradients of V. The loss is −V.",
            ),
            (
                _with(mean=False),
                "These are sums over the batches. The loss is a mean: what does that do to δ?",
            ),
            (
                lambda real, fake, d: {
                    name: (len(real) * one + len(fake) * two) / (len(real) + len(fake))
                    for (name, one), two in zip(
                        _gradients(real, fake, d, of_fake=np.zeros_like).items(),
                        _gradients(real, fake, d, of_real=np.zeros_like).values(),
                        strict=True,
                    )
                },
                "You took one mean over both batches together. Each batch has a mean of its own.",
            ),
        ],
        hint="Not yet. Forward, keep the hidden layer; δ is what D says minus the label, divided "
        "by the size of its batch; then back through the weights and the leaky ReLU. Return a "
        "dictionary with w1, b1, w2 and b2.",
    ),
)

# --- The assignment: Adam -----------------------------------------------------------------------


def _ask_path(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {
            "theta": rng.normal(0, 1, 4).tolist(),
            "gradients": (rng.normal(0, 1, (6, 4)) * [3.0, 1.0, 0.3, 0.1]).tolist(),
            "rate": float(rng.uniform(0.005, 0.05)),
            "beta1": float(rng.uniform(0.3, 0.8)),
            "beta2": float(rng.uniform(0.9, 0.99)),
        }
    ]


def _path(
    theta: Array,
    gradients: Array,
    rate: float,
    beta1: float,
    beta2: float,
    *,
    first: bool = True,
    second: bool = True,
    late: int = 0,
    root: bool = True,
    sign: float = 1.0,
    swapped: bool = False,
) -> Array:
    """Adam's path from weighted sums over all gradients so far: no running averages here."""
    if swapped:
        beta1, beta2 = beta2, beta1
    places, place = [], theta
    for t in range(1, len(gradients) + 1):
        age = np.arange(t)[::-1, None]
        m = ((1 - beta1) * beta1**age * gradients[:t]).sum(axis=0)
        v = ((1 - beta2) * beta2**age * gradients[:t] ** 2).sum(axis=0)
        m = m / (1 - beta1 ** (t + late)) if first else m
        v = v / (1 - beta2 ** (t + late)) if second else v
        place = place - sign * rate * m / ((np.sqrt(v) if root else v) + 1e-8)
        places.append(place)
    return np.array(places)


def _sgd(theta: Array, gradients: Array, rate: float, beta1: float, beta2: float) -> Array:
    return theta - rate * np.cumsum(gradients, axis=0)


def _changed(**changes: Any) -> Callable[..., Array]:
    return lambda *case: _path(*case, **changes)


adam_path = Task(
    objective="To derive every gradient",
    ask=_ask_path,
    run=call,
    judge=Comparison(
        right=_path,
        wrong=[
            (
                _changed(first=False, second=False),
                "The bias correction is missing: both averages start at 0, so they begin too "
                "small.",
            ),
            (_changed(second=False), "m is corrected, and v is not."),
            (_changed(first=False), "v is corrected, and m is not."),
            (_changed(late=1), "The correction is one step ahead: at the first step, t is 1."),
            (_changed(root=False), "The step is divided by v̂. The root is missing."),
            (_changed(sign=-1.0), "The sign is turned round: a step goes against the gradient."),
            (_changed(swapped=True), "The two betas are swapped: beta1 belongs to m."),
            (_sgd, "This is SGD. Adam keeps averages of the gradients and of their squares."),
            (
                lambda theta, gradients, rate, beta1, beta2: np.array(
                    [_path(theta, g[None], rate, beta1, beta2)[0] for g in gradients]
                ),
                "Each step begins again: from the first θ, with empty averages.",
            ),
            (
                lambda *given: np.repeat(_path(*given)[-1:], len(given[1]), axis=0),
                "All rows are the last θ: a list of one array that is changed in place holds it "
                "many times. Keep a copy of each.",
            ),
        ],
        hint="Not yet. One row for each gradient: θ after that step. m and v start at 0 and are "
        "kept from step to step, and t counts from 1.",
    ),
)

# --- The assignment: the unknown target ---------------------------------------------------------

SIZES = 300, 800
SPREADS_OFF = 0.28  # a bootstrap's standard error of s strays by some 7 % at n = 300


def _ask_samples(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"samples": target_of(student).sample(n, rng)[:, 0].tolist()} for n in SIZES]


def _estimates(x: Array) -> Array:
    """Mean and std of the target, and the standard errors of both."""
    s = x.std(ddof=1)
    return np.array([x.mean(), s, s / len(x) ** 0.5, s / (2 * len(x)) ** 0.5])


def _judge_estimate(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    samples = [np.array(case["samples"]) for case in cases]
    wanted = np.array([_estimates(x) for x in samples])
    rows = [row(result) for result in results]
    if not all(found.size == 4 for found in rows):
        return Verdict(0, "Return four numbers: mean, std, and the standard error of each.")
    found = np.array(rows)
    if np.array_equal(found[0], found[1]):
        return Verdict(
            0,
            "The same numbers for two different samples: your function does not look at the "
            "samples that it gets, and they are of a target that is yours alone.",
        )
    parts = [close(found[:, 0], wanted[:, 0], 1e-4), close(found[:, 1], wanted[:, 1], 1e-4)]
    off = found[:, 2:] / wanted[:, 2:]
    parts += [bool((np.abs(off[:, i] - 1) < SPREADS_OFF).all()) for i in (0, 1)]
    words = [
        "the mean is not that of the sample",
        _about_std(samples, found[:, 1]),
        "the standard error of the mean is off: it is how much a mean of n numbers scatters",
        "the standard error of the std is off: it is smaller than that of the mean, and falls "
        "with n as well",
    ]
    if all(parts):
        return Verdict(1, "Right, and it took no training.")
    told = "; ".join(word for word, fine in zip(words, parts, strict=True) if not fine)
    return Verdict(sum(parts) / 4, f"{told[0].upper()}{told[1:].rstrip('.?')}.")


def _about_std(samples: Sequence[Array], found: Array) -> str:
    if close(found, [x.std() for x in samples], 1e-6):
        return "the std divides by n: the mean is estimated from the same sample, so take n − 1"
    if close(found, [x.var(ddof=1) for x in samples], 1e-6):
        return "this is the variance, not the std"
    return "the std is not that of the sample"


estimate = Task(
    objective="What a larger batch buys",
    ask=_ask_samples,
    run=call,
    judge=_judge_estimate,
)

ASSIGNED = {"d_gradients": d_gradients, "adam_path": adam_path, "estimate": estimate}

TASKS = EXERCISES | ASSIGNED
