"""The assignment of lesson 6: D's gradients and Adam by hand, and an unknown target."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import expit

from gan_lessons.marking.task import Comparison, Task, Verdict, close
from gan_lessons.raw_weights import Arrays
from gan_lessons.students import target_of
from gan_lessons.trials import Array, Case, Plain, row, runs

# --- Gradients -----------------------------------------------------------------------------------

LEAK = 0.2
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
    w1, b1, w2, b2 = (np.array(d[name]).ravel() for name in runs.NAMES)
    total = {name: np.zeros(np.size(d[name])) for name in runs.NAMES}
    for batch, slope in ((real, of_real), (fake, of_fake)):
        for x in batch.ravel():
            u = w1 * x + b1
            h = np.where(u > 0, u, leak * u)
            delta = float(slope(h @ w2 + b2[0])) / (batch.size if mean else 1)
            before = delta * w2 * np.where(u > 0, 1, back)
            for name, part in zip(runs.NAMES, (x * before, before, h * delta, delta), strict=True):
                total[name] += part
    return total


def _with(**changes: Any) -> Callable[..., Arrays]:
    return lambda real, fake, d: _gradients(real, fake, d, **changes)


def _twice(label: float) -> Slope:
    return lambda a: (expit(expit(a)) - label) * expit(a) * expit(-a)


d_gradients = Task(
    objective="To derive every gradient",
    ask=_ask_batches,
    run=runs.d_gradients,
    judge=Comparison(
        right=_gradients,
        wrong={
            "These are the gradients for ReLU. This D leaks: "
            "what is its slope where its input is negative?": _with(leak=0.0, back=0.0),
            "Forward it leaks, but on the way back nothing comes through where a unit's input is "
            "negative.": _with(back=0.0),
            "On the way back all units let everything through. "
            "What is the slope of leaky ReLU on either side?": _with(back=1.0),
            "The logits are squashed twice.": _with(of_real=_twice(1), of_fake=_twice(0)),
            "The labels are swapped: a real sample has the label 1.": _with(
                of_real=expit, of_fake=lambda a: expit(a) - 1
            ),
            "The term of the fakes has the wrong sign.": _with(of_fake=lambda a: -expit(a)),
            "This D learns to call everything real: log D stands where log(1 − D) belongs.": _with(
                of_fake=lambda a: expit(a) - 1
            ),
            "These are the gradients of V. The loss is −V.": _with(
                of_real=lambda a: 1 - expit(a), of_fake=lambda a: -expit(a)
            ),
            "These are sums over the batches. The loss is a mean: what does that do to δ?": _with(
                mean=False
            ),
            "You took one mean over both batches together. "
            "Each batch has a mean of its own.": lambda real, fake, d: {
                name: (len(real) * one + len(fake) * two) / (len(real) + len(fake))
                for (name, one), two in zip(
                    _gradients(real, fake, d, of_fake=np.zeros_like).items(),
                    _gradients(real, fake, d, of_real=np.zeros_like).values(),
                    strict=True,
                )
            },
        },
        hint="Not yet. Forward, keep the hidden layer; δ is what D says minus the label, divided "
        "by the size of its batch; then back through the weights and the leaky ReLU. Return a "
        "dictionary with w1, b1, w2 and b2.",
    ),
)

# --- Adam ----------------------------------------------------------------------------------------


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
    ask=lambda rng, student: [
        {
            "theta": rng.normal(0, 1, 4).tolist(),
            "gradients": (rng.normal(0, 1, (6, 4)) * [3.0, 1.0, 0.3, 0.1]).tolist(),
            "rate": float(rng.uniform(0.005, 0.05)),
            "beta1": float(rng.uniform(0.3, 0.8)),
            "beta2": float(rng.uniform(0.9, 0.99)),
        }
    ],
    judge=Comparison(
        right=_path,
        wrong={
            "The bias correction is missing: both averages start at 0, so they begin too "
            "small.": _changed(first=False, second=False),
            "m is corrected, and v is not.": _changed(second=False),
            "v is corrected, and m is not.": _changed(first=False),
            "The correction is one step ahead: at the first step, t is 1.": _changed(late=1),
            "The step is divided by v̂. The root is missing.": _changed(root=False),
            "The sign is turned round: a step goes against the gradient.": _changed(sign=-1.0),
            "The two betas are swapped: beta1 belongs to m.": _changed(swapped=True),
            "This is SGD. Adam keeps averages of the gradients and of their squares.": _sgd,
            "Each step begins again: from the first θ, with empty "
            "averages.": lambda theta, gradients, rate, beta1, beta2: np.array(
                [_path(theta, g[None], rate, beta1, beta2)[0] for g in gradients]
            ),
            "All rows are the last θ: a list of one array that is changed in place holds it many "
            "times. Keep a copy of "
            "each.": lambda *given: np.repeat(_path(*given)[-1:], len(given[1]), axis=0),
        },
        hint="Not yet. One row for each gradient: θ after that step. m and v start at 0 and are "
        "kept from step to step, and t counts from 1.",
    ),
)

# --- The unknown target --------------------------------------------------------------------------

SIZES = 300, 800
SPREADS_OFF = 0.28  # a bootstrap's standard error of s strays by some 7 % at n = 300


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
    ask=lambda rng, student: [
        {"samples": target_of(student).sample(n, rng)[:, 0].tolist()} for n in SIZES
    ],
    judge=_judge_estimate,
)
