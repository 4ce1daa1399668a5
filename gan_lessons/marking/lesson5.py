"""The exercises of lesson 5: losses of logits, a leak, and how to read what D says."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit

from gan_lessons.marking.task import Comparison, Task
from gan_lessons.marking.words import saying
from gan_lessons.theory import LOG_4
from gan_lessons.trials import Array, Case


def softplus(a: Array) -> Array:
    """log(1 + exp(a)), without overflow."""
    return np.logaddexp(0, a)


def _ask_logits(rng: np.random.Generator, student: str) -> list[Case]:
    def logits(n: int) -> list[float]:
        return rng.normal(0, 2, n).tolist()

    extreme = float(rng.uniform(50, 70))  # here 1 − D is 0 to sixteen digits
    return [
        {"real": logits(6), "fake": logits(8)},
        {"real": [*logits(4), -extreme], "fake": [*logits(4), extreme]},
    ]


def _from_d(real: Array, fake: Array) -> Any:
    with np.errstate(divide="ignore"):
        return -np.log(expit(real)).mean() - np.log(1 - expit(fake)).mean()


def _clipped(room: float) -> Callable[[Array, Array], Any]:
    def loss(real: Array, fake: Array) -> Any:
        d_real, d_fake = (np.clip(expit(a), room, 1 - room) for a in (real, fake))
        return -np.log(d_real).mean() - np.log(1 - d_fake).mean()

    return loss


d_loss = Task(
    objective="To write the two steps",
    ask=_ask_logits,
    judge=Comparison(
        right=lambda real, fake: softplus(-real).mean() + softplus(fake).mean(),
        wrong={
            "Right for ordinary logits, infinite for a fake with a logit of 60: there 1 − D is "
            "rounded to 0. Write the logarithms as functions of the logit.": _from_d,
            "Right for ordinary logits. For a fake with a logit of 60 the loss is 60, and "
            "clipping D hides that. Write the logarithms as functions of the "
            "logit.": [_clipped(room) for room in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)],
            "The logits are squashed twice: "
            "this loss takes them as they are.": lambda real, fake: (
                softplus(-expit(real)).mean() + softplus(expit(fake)).mean()
            ),
            "The labels are swapped: this D would learn to call fakes real.": lambda real, fake: (
                softplus(real).mean() + softplus(-fake).mean()
            ),
            "This asks D to call everything real: log D where log(1 − D) "
            "belongs.": lambda real, fake: softplus(-real).mean() + softplus(-fake).mean(),
            "The second term has the wrong sign. For D to gain, should its loss rise or fall with "
            "a fake's logit?": lambda real, fake: softplus(-real).mean() - softplus(fake).mean(),
            "This is V, which D makes large. A loss is made small.": lambda real, fake: (
                -softplus(-real).mean() - softplus(fake).mean()
            ),
            "This is half of it. A D that says ½ everywhere should have log "
            "4.": lambda real, fake: (softplus(-real).mean() + softplus(fake).mean()) / 2,
        },
        hint="Not yet. One term for the real batch, one for the fakes, each a mean of its own. "
        "Try it on logits of 0: what should come out?",
    ),
)


reaches_g = Task(
    objective="To write the two steps",
    ask=lambda rng, student: [{"logit": rng.normal(0, 2, 9).tolist()}],
    judge=Comparison(
        right=lambda a: 2 * expit(a) - 1,
        wrong={
            "This is what D's step leaves. G's own step comes on top of it.": lambda a: expit(a),
            "This is what G asks for. What D's step has left is still there.": lambda a: (
                expit(a) - 1
            ),
            "The sign is turned round: "
            "these are slopes of losses, which are made small.": lambda a: 1 - 2 * expit(a),
            "You took one slope minus the other. "
            "Gradients that are not cleared add up.": lambda a: np.ones_like(a),
            "Nothing is left if G's loss is the saturating one. "
            "Here G minimises −log D.": lambda a: np.zeros_like(a),
        },
        hint="Not yet. Take the slope of softplus(a) and that of softplus(−a), and mind the "
        "inner derivative.",
    ),
)


def _ask_readings(rng: np.random.Generator, student: str) -> list[Case]:
    """Readings of all kinds; among them some that fool each of the wrong beliefs."""
    floor = float(rng.uniform(0.001, 0.002))
    within = rng.uniform(0.2, 0.9, 3) * floor  # G is right, whatever the gap
    near = rng.uniform(0.02, 0.025, 1)  # a loss near log 4, of a D that sees
    jsds = [*within, *near, *rng.uniform(0.05, 0.2, 6)]
    gaps = [0.3, 0.001, 1.8, 0.3, 0.7, 1.25, 1.75, 0.5, 1.9, 2.5]  # in JSDs
    return [
        {"d_loss": float(LOG_4 - 2 * jsd + share * jsd), "jsd": float(jsd), "floor": floor}
        for jsd, share in zip(jsds, gaps, strict=True)
    ]


def _verdict_of(jsd: float, gap: float, floor: float) -> str:
    if jsd <= floor:
        return "G is right"
    return "D is blind" if gap > jsd else "D sees it"


VERDICTS = ("G is right", "D is blind", "D sees it")


def _by_loss(d_loss: float, jsd: float, floor: float) -> str:
    return "G is right" if abs(d_loss - LOG_4) < 0.05 else "D sees it"


verdict = Task(
    objective="To read the two losses",
    ask=_ask_readings,
    run=saying(VERDICTS),
    judge=Comparison(
        right=lambda d, jsd, floor: _verdict_of(jsd, d - (LOG_4 - 2 * jsd), floor),
        wrong={
            "This believes the loss alone: a blind D has a loss near log 4, too.": _by_loss,
            "The gap is counted from log 4. Count it from the best loss that any D can have "
            "against this G.": lambda d, jsd, floor: _verdict_of(jsd, d - LOG_4, floor),
            "Here D is called blind only if its loss is above log 4. The best loss that any D can "
            "have lies below log 4: by how "
            "much?": lambda d, jsd, floor: _verdict_of(jsd, d - (LOG_4 - jsd), floor),
            "Here D is asked first. "
            "If G is right, there is nothing that D could miss.": lambda d, jsd, floor: (
                "D is blind" if d > LOG_4 - jsd else _verdict_of(jsd, 0, floor)
            ),
            "A gap above 0 is not yet blindness: "
            "D is blind if it misses more than half.": lambda d, jsd, floor: (
                _verdict_of(0 if jsd == 0 else 1e9 * jsd, 1e9, floor)
                if d > LOG_4 - 2 * jsd and jsd > floor
                else _verdict_of(jsd, 0, floor)
            ),
        },
        hint="Not yet. First ask whether G is right: is the JSD within the floor? Only then ask "
        "whether the gap is larger than the JSD. The words are 'G is right', 'D is blind' and "
        "'D sees it'.",
    ),
)


settles = Task(
    objective="To take a combined loss apart",
    ask=lambda rng, student: [
        {"wish": float(rng.uniform(3, 9)), "slope": float(sign * rng.uniform(0.3, 2))}
        for sign in (-1, 1)
    ],
    judge=Comparison(
        right=lambda wish, slope: wish + slope / 4,
        wrong={
            "Here the hint has it all its own way. "
            "What does D add to the slope of the sum?": lambda wish, slope: wish,
            "The sign is turned round: where D's logit rises to the right, which way is G "
            "pushed?": lambda wish, slope: wish - slope / 4,
            "D pushes with half of this: the push is (1 − D) times the slope of the "
            "logit.": lambda wish, slope: wish + slope / 2,
            "Set the slope of the whole sum to zero. The hint's slope has a factor 2, and D's a "
            "factor 1 − D.": lambda wish, slope: wish + slope,
        },
        hint="Not yet. Move all fakes by a little, so that m changes and s does not. "
        "How fast does each term change? Where do they cancel?",
    ),
)


pushes = Task(
    objective="To see, sample by sample",
    ask=lambda rng, student: [
        {"logit": rng.normal(0, 2, 7).tolist(), "slope": rng.normal(0, 1, 7).tolist()}
    ],
    judge=Comparison(
        right=lambda a, slope: np.stack([expit(a) * slope, expit(-a) * slope]),
        wrong={
            "They are the wrong way round. Saturated means that the push dies where D is sure of "
            "a fake.": lambda a, slope: np.stack([expit(-a) * slope, expit(a) * slope]),
            "These are the slopes of the losses. The push goes downhill.": lambda a, slope: (
                -np.stack([expit(a) * slope, expit(-a) * slope])
            ),
            "This is the push on the logit. On x it also depends on how the logit changes with "
            "x.": lambda a, slope: np.stack([expit(a), expit(-a)]),
            "One of them has the wrong sign. G makes log(1 − D) small, and −log D as well: both "
            "want D to rise.": lambda a, slope: np.stack([-expit(a) * slope, expit(-a) * slope]),
        },
        hint="Not yet. Write both losses as functions of the logit, take minus their slope, and "
        "multiply by the slope of the logit in x. First the saturating one.",
    ),
)
