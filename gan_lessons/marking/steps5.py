"""The two steps of a GAN, of the assignment of lesson 5: one update, on given networks."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import expit

from gan_lessons.marking.lesson5 import softplus
from gan_lessons.marking.task import Task, Verdict, close
from gan_lessons.raw_weights import AdamByHand, Arrays, backward_by_hand, forward_by_hand
from gan_lessons.trials import Array, Case, Plain, torch_runs

#
# `run` plays three rounds with modules whose weights are in the case.  `judge` plays them again
# in NumPy, with the gradients of lesson 6 and an Adam of our own: once rightly, and once for each
# misconception.

BATCH = 16
ROUNDS = 3
NEAR = (
    0.001 * torch_runs.RATE
)  # by how much weights may differ: right answers differ by 0.00001 of a step
APART = (
    0.004 * torch_runs.RATE
)  # by how much those of a right and of all wrong steps differ in each case

Slope = Callable[[Array], Array]
"""The slope of a loss in the logit, for one sample."""


def _draw_d(rng: np.random.Generator, hidden: int = 8) -> dict[str, Plain]:
    """A D whose logit bends where the batches are, so that each misconception moves it its way."""
    w1 = rng.uniform(0.5, 1.5, (1, hidden)) * np.resize([1, -1], hidden)
    kinks = rng.permutation(np.linspace(-1.5, 2.5, hidden))
    w2 = rng.normal(0, 1, (hidden, 1))
    return {"w1": w1.tolist(), "b1": (-w1[0] * kinks).tolist(), "w2": w2.tolist(), "b2": [0.0]}


def _draw_g(rng: np.random.Generator, hidden: int = 8) -> dict[str, Plain]:
    shapes = {"w1": (2, hidden), "b1": (hidden,), "w2": (hidden, 1), "b2": (1,)}
    return {name: rng.normal(0, 0.7, shape).tolist() for name, shape in shapes.items()}


def _arrays(weights: dict[str, Plain]) -> Arrays:
    return {name: np.array(value) for name, value in weights.items()}


def _row(weights: Arrays) -> Array:
    return np.concatenate([weights[name].ravel() for name in ("w1", "b1", "w2", "b2")])


def _agree(rows: Plain, wanted: Sequence[Array]) -> bool:
    """Whether the weights after each round are those of a replay."""
    return bool(np.abs(np.array(rows) - np.array(wanted)).mean() < NEAR)


def _tells_apart(replays: Sequence[Sequence[Array]]) -> bool:
    """Whether these replays of one case all end up in different places."""
    pairs = combinations(map(np.array, replays), 2)
    return all(np.abs(one - other).mean() > APART for one, other in pairs)


def _ask_d_step(rng: np.random.Generator, student: str) -> list[Case]:
    while True:
        batches = [
            {"real": rng.normal(1, 1, (BATCH, 1)).tolist(), "z": _noise(rng)}
            for _ in range(ROUNDS)
        ]
        case: Case = {"D": _draw_d(rng), "G": _draw_g(rng), "batches": batches}
        # What G's step has left in D's gradients:
        case |= {"smooth": float(rng.uniform(0.1, 0.3)), "left": float(rng.uniform(0.2, 0.5))}
        if _tells_apart([_right_d(case), *(wrong for wrong, _ in _d_beliefs(case))]):
            return [case]


def _noise(rng: np.random.Generator) -> list[list[float]]:
    return rng.normal(0, 1, (BATCH, 2)).tolist()


def _replay_d(case: Case, real: Slope, fake: Slope, habit: str = "") -> list[Array]:
    """D's weights after each round, for the slopes of its loss in real and fake logits.

    ``habit`` is "" for a step that clears the gradients first, "after" for one that clears them
    when it is done, and "never".
    """
    weights, adam = _arrays(case["D"]), AdamByHand(torch_runs.RATE)
    rows, kept = [], dict.fromkeys(weights, 0.0)
    for batch in case["batches"]:
        fakes, _ = forward_by_hand(np.array(batch["z"]), _arrays(case["G"]))
        total: dict[str, Any] = {k: kept[k] + case["left"] if habit else 0.0 for k in weights}
        for x, slope in ((np.array(batch["real"]), real), (fakes, fake)):
            a, hidden = forward_by_hand(x, weights)
            part, _ = backward_by_hand(x, hidden, weights, slope(a) / len(x))
            total = {k: total[k] + part[k] for k in total}
        kept = total if habit == "never" else kept
        weights = adam.step(weights, total)
        rows.append(_row(weights))
    return rows


def _twice(label: float) -> Slope:
    """The slope of a cross-entropy that squashes again what a sigmoid has squashed."""
    return lambda a: (expit(expit(a)) - label) * expit(a) * expit(-a)


def _towards(label: float) -> Slope:
    """The slope of the cross-entropy with this label: what D says minus the label."""
    return lambda a: expit(a) - label


def _right_d(case: Case) -> list[Array]:
    return _replay_d(case, _towards(1 - case["smooth"]), _towards(0))


def _d_beliefs(case: Case) -> list[tuple[list[Array], str]]:
    s = case["smooth"]
    right = _towards(1 - s), _towards(0)
    return [
        (
            _replay_d(case, *right, habit="never"),
            "The gradients are never cleared: they pile up from step to step.",
        ),
        (
            _replay_d(case, *right, habit="after"),
            "The gradients must be cleared before you call backward: G's step has left some in D.",
        ),
        (
            _replay_d(case, _twice(1 - s), _twice(0)),
            "The logits are squashed twice: D returns logits, so the loss must take logits and "
            "there must be no sigmoid before it.",
        ),
        (
            _replay_d(case, _towards(0), _towards(1 - s)),
            "The labels are swapped: this D learns to call fakes real.",
        ),
        (
            _replay_d(case, right[0], lambda a: -expit(a)),
            "The term of the fakes has the wrong sign: D raises its logit on them.",
        ),
        (
            _replay_d(case, right[0], _towards(1)),
            "D learns to call everything real: log D stands where log(1 − D) belongs.",
        ),
        (
            _replay_d(case, lambda a: 1 - s - expit(a), lambda a: -expit(a)),
            "D climbs up its loss. An optimizer makes a loss small: mind the sign.",
        ),
        (
            _replay_d(case, right[0], _towards(s)),
            "Smooth one side only: a fake keeps the label 0.",
        ),
        (
            _replay_d(case, _towards(1), _towards(0)),
            "This is the step without smoothing: which label do the real numbers get?",
        ),
        (
            _replay_d(case, _towards(s), _towards(0)),
            "The label of a real number is smooth instead of 1 − smooth.",
        ),
    ]


def _d_losses(case: Case, rows: Plain) -> list[float]:
    """The loss at the start of each round, if the weights after each are ``rows``."""
    before = [_arrays(case["D"]), *(_unflatten(row, 1) for row in rows[:-1])]
    losses = []
    for weights, batch in zip(before, case["batches"], strict=True):
        fakes, _ = forward_by_hand(np.array(batch["z"]), _arrays(case["G"]))
        a, _ = forward_by_hand(np.array(batch["real"]), weights)
        b, _ = forward_by_hand(fakes, weights)
        s = case["smooth"]
        real = (1 - s) * softplus(-a) + s * softplus(a)
        losses.append(float(real.mean() + softplus(b).mean()))
    return losses


def _unflatten(row: Plain, inputs: int) -> Arrays:
    hidden = (len(row) - 1) // (inputs + 2)
    w1, b1, w2, b2 = np.split(np.array(row), np.cumsum([inputs * hidden, hidden, hidden]).tolist())
    return {"w1": w1.reshape(inputs, hidden), "b1": b1, "w2": w2[:, None], "b2": b2}


def _judge_d_step(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    (case,), (result,) = cases, results
    rows = np.array(result["rows"])
    if result["other_moved"] > 0:
        return Verdict(0, "Your step moves G. In D's step only D may learn.")
    if _still(rows, case["D"]):
        return Verdict(
            0,
            "D does not move. Is there a step of its optimizer, and are the gradients still "
            "there when it comes?",
        )
    if not _agree(rows, _right_d(case)):
        found = (words for wrong, words in _d_beliefs(case) if _agree(rows, wrong))
        return Verdict(
            0,
            next(
                found,
                "Not yet: D moves otherwise than it should. Real numbers have the label "
                "1 − smooth, fakes the label 0, and each batch its own mean.",
            ),
        )
    if result["left"] > 0:
        return Verdict(
            0.5,
            "D moves as it should, but your step leaves gradients in G: what is good for D's "
            "loss flows on into it.",
        )
    if not close(result["losses"], _d_losses(case, rows), 1e-3):
        return Verdict(
            0.75,
            "D moves as it should. What you return is not its loss, the sum of the two means, "
            "from before the step.",
        )
    return Verdict(1, "Right: D learns, and G does not notice.")


def _still(rows: Array, start: dict[str, Plain]) -> bool:
    return bool(np.abs(rows - _row(_arrays(start))).max() < 1e-6)


discriminator_step = Task(
    objective="To write the two steps",
    ask=_ask_d_step,
    run=torch_runs.discriminator_step,
    judge=_judge_d_step,
)


def _ask_g_step(rng: np.random.Generator, student: str) -> list[Case]:
    while True:
        case: Case = {"D": _draw_d(rng), "G": _draw_g(rng)}
        case["batches"] = [_noise(rng) for _ in range(ROUNDS)]
        # A hint near what G makes anyway, so that it does not drown the adversary.
        z = np.concatenate(case["batches"])
        fakes, _ = forward_by_hand(z, _arrays(case["G"]))
        case["mean"] = float(fakes.mean() + rng.uniform(-0.1, 0.1))
        case["std"] = float(fakes.std() * rng.uniform(0.9, 1.1))
        if _tells_apart([_right_g(case), *(wrong for wrong, _ in _g_beliefs(case))]):
            return [case]


def _hint_slope(fake: Array, case: Case, ddof: int = 1) -> Array:
    """The slope of (m − mean)² + (s − std)² in each fake."""
    n, m, s = len(fake), fake.mean(), fake.std(ddof=ddof)
    return 2 * (m - case["mean"]) / n + 2 * (s - case["std"]) * (fake - m) / ((n - ddof) * s)


def _replay_g(
    case: Case, slope: Slope, hint: float = 1, ddof: int = 1, keeps: bool = False
) -> list[Array]:
    """G's weights after each round, for the slope of its loss in the logit."""
    weights, d, adam = _arrays(case["G"]), _arrays(case["D"]), AdamByHand(torch_runs.RATE)
    rows = []
    kept: dict[str, Any] = dict.fromkeys(weights, 0.0)
    for batch in case["batches"]:
        z = np.array(batch)
        fake, hidden = forward_by_hand(z, weights)
        a, d_hidden = forward_by_hand(fake, d)
        _, through_d = backward_by_hand(fake, d_hidden, d, slope(a) / len(z))
        pull = through_d + hint * _hint_slope(fake, case, ddof)
        gradient, _ = backward_by_hand(z, hidden, weights, pull)
        total = {k: gradient[k] + kept[k] for k in weights}
        kept = total if keeps else kept
        weights = adam.step(weights, total)
        rows.append(_row(weights))
    return rows


def _right_g(case: Case, ddof: int = 1) -> list[Array]:
    return _replay_g(case, _towards(1), ddof=ddof)


def _g_beliefs(case: Case) -> list[tuple[list[Array], str]]:
    own = _towards(1)
    return [
        (
            _replay_g(case, own, keeps=True),
            "The gradients are never cleared: they pile up from step to step.",
        ),
        (
            _replay_g(case, lambda a: 0 * a),
            "Only the hint reaches G, the stats loss. Does the gradient of the other term get "
            "through D, or is the fake detached?",
        ),
        (
            _replay_g(case, own, hint=0),
            "The hint does not reach G: this is the step of the adversarial loss alone.",
        ),
        (
            _replay_g(case, lambda a: -expit(a)),
            "This is the saturating loss, log(1 − D). Here G minimises −log D.",
        ),
        (
            _replay_g(case, lambda a: -np.ones_like(a)),
            "This makes the logit itself large. Here G minimises −log D.",
        ),
        (
            _replay_g(case, lambda a: expit(a)),
            "G learns to be caught: a fake has the label 1 in this step.",
        ),
        (
            _replay_g(case, lambda a: expit(-a)),
            "The adversarial term has the wrong sign: G is to make −log D small.",
        ),
        (
            _replay_g(case, _twice(1)),
            "The logits are squashed twice: D returns logits, so the loss must take logits and "
            "there must be no sigmoid before it.",
        ),
    ]


def _judge_g_step(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    (case,), (result,) = cases, results
    rows = np.array(result["rows"])
    if result["other_moved"] > 0:
        return Verdict(0, "Your step moves D. In G's step only G may learn.")
    if _still(rows, case["G"]):
        return Verdict(
            0,
            "G does not move. Is the fake detached, or are the gradients cleared between "
            "backward and the step?",
        )
    if not any(_agree(rows, _right_g(case, ddof)) for ddof in (1, 0)):
        found = (words for wrong, words in _g_beliefs(case) if _agree(rows, wrong))
        return Verdict(
            0,
            next(
                found,
                "Not yet: G moves otherwise than it should. Its loss is a sum: −log D of the "
                "fakes, averaged, and the two squares of the hint.",
            ),
        )
    if not any(close(result["losses"], _g_losses(case, rows, d), 1e-3) for d in (1, 0)):
        return Verdict(
            0.75, "G moves as it should. What you return is not its loss from before the step."
        )
    return Verdict(1, "Right: the gradient comes back through D, and only G learns.")


def _g_losses(case: Case, rows: Array, ddof: int) -> list[float]:
    before = [_arrays(case["G"]), *(_unflatten(row, 2) for row in rows[:-1])]
    losses = []
    for weights, z in zip(before, case["batches"], strict=True):
        fake, _ = forward_by_hand(np.array(z), weights)
        a, _ = forward_by_hand(fake, _arrays(case["D"]))
        hint = (fake.mean() - case["mean"]) ** 2 + (fake.std(ddof=ddof) - case["std"]) ** 2
        losses.append(float(softplus(-a).mean() + hint))
    return losses


generator_step = Task(
    objective="To write the two steps",
    ask=_ask_g_step,
    run=torch_runs.generator_step,
    judge=_judge_g_step,
)
