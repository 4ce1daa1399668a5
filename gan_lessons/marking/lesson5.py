"""The tasks of lesson 5: the two steps of a GAN, and what their losses say."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch
from scipy.special import expit
from torch import Tensor, nn

from gan_lessons.distributions import bimodal
from gan_lessons.marking.task import (
    Array,
    Case,
    Comparison,
    Plain,
    Task,
    Unreadable,
    Verdict,
    call,
    close,
    plain,
    row,
)
from gan_lessons.marking.words import word
from gan_lessons.raw_weights import AdamByHand, Arrays, backward_by_hand, forward_by_hand
from gan_lessons.theory import LOG_2, LOG_4


def _softplus(a: Array) -> Array:
    return np.logaddexp(0, a)


# --- Exercises ----------------------------------------------------------------------------------


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
    run=call,
    judge=Comparison(
        right=lambda real, fake: _softplus(-real).mean() + _softplus(fake).mean(),
        wrong=[
            (
                _from_d,
                "Right for ordinary logits, infinite for a fake with a logit of 60: there "
                "1 − D is rounded to 0. Write the logarithms as functions of the logit.",
            ),
            *[
                (
                    _clipped(room),
                    "Right for ordinary logits. For a fake with a logit of 60 the loss is 60, and "
                    "clipping D hides that. Write the logarithms as functions of the logit.",
                )
                for room in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
            ],
            (
                lambda real, fake: _softplus(-expit(real)).mean() + _softplus(expit(fake)).mean(),
                "The logits are squashed twice: this loss takes them as they are.",
            ),
            (
                lambda real, fake: _softplus(real).mean() + _softplus(-fake).mean(),
                "The labels are swapped: this D would learn to call fakes real.",
            ),
            (
                lambda real, fake: _softplus(-real).mean() + _softplus(-fake).mean(),
                "This asks D to call everything real: log D where log(1 − D) belongs.",
            ),
            (
                lambda real, fake: _softplus(-real).mean() - _softplus(fake).mean(),
                "The second term has the wrong sign. For D to gain, should its loss rise or "
                "fall with a fake's logit?",
            ),
            (
                lambda real, fake: -_softplus(-real).mean() - _softplus(fake).mean(),
                "This is V, which D makes large. A loss is made small.",
            ),
            (
                lambda real, fake: (_softplus(-real).mean() + _softplus(fake).mean()) / 2,
                "This is half of it. A D that says ½ everywhere should have log 4.",
            ),
        ],
        hint="Not yet. One term for the real batch, one for the fakes, each a mean of its own. "
        "Try it on logits of 0: what should come out?",
    ),
)


def _ask_slopes(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"logit": rng.normal(0, 2, 9).tolist()}]


reaches_g = Task(
    objective="To write the two steps",
    ask=_ask_slopes,
    run=call,
    judge=Comparison(
        right=lambda a: 2 * expit(a) - 1,
        wrong=[
            (
                lambda a: expit(a),
                "This is what D's step leaves. G's own step comes on top of it.",
            ),
            (
                lambda a: expit(a) - 1,
                "This is what G asks for. What D's step has left is still there.",
            ),
            (
                lambda a: 1 - 2 * expit(a),
                "The sign is turned round: these are slopes of losses, which are made small.",
            ),
            (
                lambda a: np.ones_like(a),
                "You took one slope minus the other. Gradients that are not cleared add up.",
            ),
            (
                lambda a: np.zeros_like(a),
                "Nothing is left if G's loss is the saturating one. Here G minimises −log D.",
            ),
        ],
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


def _run_verdict(answer: Any, case: Case) -> Any:
    said = call(answer, case)
    return word(said, VERDICTS) if isinstance(said, str) else said


def _by_loss(d_loss: float, jsd: float, floor: float) -> str:
    return "G is right" if abs(d_loss - LOG_4) < 0.05 else "D sees it"


verdict = Task(
    objective="To read the two losses",
    ask=_ask_readings,
    run=_run_verdict,
    judge=Comparison(
        right=lambda d, jsd, floor: _verdict_of(jsd, d - (LOG_4 - 2 * jsd), floor),
        wrong=[
            (_by_loss, "This believes the loss alone: a blind D has a loss near log 4, too."),
            (
                lambda d, jsd, floor: _verdict_of(jsd, d - LOG_4, floor),
                "The gap is counted from log 4. Count it from the best loss that any D can "
                "have against this G.",
            ),
            (
                lambda d, jsd, floor: _verdict_of(jsd, d - (LOG_4 - jsd), floor),
                "Here D is called blind only if its loss is above log 4. The best loss that any D "
                "can have lies below log 4: by how much?",
            ),
            (
                lambda d, jsd, floor: (
                    "D is blind" if d > LOG_4 - jsd else _verdict_of(jsd, 0, floor)
                ),
                "Here D is asked first. If G is right, there is nothing that D could miss.",
            ),
            (
                lambda d, jsd, floor: (
                    _verdict_of(0 if jsd == 0 else 1e9 * jsd, 1e9, floor)
                    if d > LOG_4 - 2 * jsd and jsd > floor
                    else _verdict_of(jsd, 0, floor)
                ),
                "A gap above 0 is not yet blindness: D is blind if it misses more than half.",
            ),
        ],
        hint="Not yet. First ask whether G is right: is the JSD within the floor? Only then ask "
        "whether the gap is larger than the JSD. The words are 'G is right', 'D is blind' and "
        "'D sees it'.",
    ),
)


def _ask_wishes(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {"wish": float(rng.uniform(3, 9)), "slope": float(sign * rng.uniform(0.3, 2))}
        for sign in (-1, 1)
    ]


settles = Task(
    objective="To take a combined loss apart",
    ask=_ask_wishes,
    run=call,
    judge=Comparison(
        right=lambda wish, slope: wish + slope / 4,
        wrong=[
            (
                lambda wish, slope: wish,
                "Here the hint has it all its own way. What does D add to the slope of the sum?",
            ),
            (
                lambda wish, slope: wish - slope / 4,
                "The sign is turned round: where D's logit rises to the right, which way is G "
                "pushed?",
            ),
            (
                lambda wish, slope: wish + slope / 2,
                "D pushes with half of this: the push is (1 − D) times the slope of the logit.",
            ),
            (
                lambda wish, slope: wish + slope,
                "Set the slope of the whole sum to zero. The hint's slope has a factor 2, and "
                "D's a factor 1 − D.",
            ),
        ],
        hint="Not yet. Move all fakes by a little, so that m changes and s does not. "
        "How fast does each term change? Where do they cancel?",
    ),
)


def _ask_pushes(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"logit": rng.normal(0, 2, 7).tolist(), "slope": rng.normal(0, 1, 7).tolist()}]


pushes = Task(
    objective="To see, sample by sample",
    ask=_ask_pushes,
    run=call,
    judge=Comparison(
        right=lambda a, slope: np.stack([expit(a) * slope, expit(-a) * slope]),
        wrong=[
            (
                lambda a, slope: np.stack([expit(-a) * slope, expit(a) * slope]),
                "They are the wrong way round. Saturated means that the push dies where D is "
                "sure of a fake.",
            ),
            (
                lambda a, slope: -np.stack([expit(a) * slope, expit(-a) * slope]),
                "These are the slopes of the losses. The push goes downhill.",
            ),
            (
                lambda a, slope: np.stack([expit(a), expit(-a)]),
                "This is the push on the logit. On x it also depends on how the logit changes "
                "with x.",
            ),
            (
                lambda a, slope: np.stack([-expit(a) * slope, expit(-a) * slope]),
                "One of them has the wrong sign. G makes log(1 − D) small, and −log D as well: "
                "both want D to rise.",
            ),
        ],
        hint="Not yet. Write both losses as functions of the logit, take minus their slope, and "
        "multiply by the slope of the logit in x. First the saturating one.",
    ),
)

EXERCISES = {
    "d_loss": d_loss,
    "reaches_g": reaches_g,
    "verdict": verdict,
    "settles": settles,
    "pushes": pushes,
}

# --- The assignment: two steps ------------------------------------------------------------------
#
# `run` plays three rounds with modules whose weights are in the case.  `judge` plays them again
# in NumPy, with the gradients of lesson 6 and an Adam of our own: once rightly, and once for each
# misconception.

RATE = 0.02
BATCH = 16
ROUNDS = 3
NEAR = 0.001 * RATE  # by how much weights may differ: right answers differ by 0.00001 of a step
APART = 0.004 * RATE  # by how much those of a right and of all wrong steps differ in each case

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


def _tensor(values: Plain) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)


def _module(weights: dict[str, Plain]) -> nn.Sequential:
    w1, b1, w2, b2 = (_tensor(weights[name]) for name in ("w1", "b1", "w2", "b2"))
    layers = [nn.utils.skip_init(nn.Linear, *w.shape) for w in (w1, w2)]  # draws nothing
    for layer, weight, bias in zip(layers, (w1, w2), (b1, b2), strict=True):
        layer.weight.data, layer.bias.data = weight.T.contiguous(), bias
    return nn.Sequential(layers[0], nn.ReLU(), layers[1])


def _weights(module: nn.Module) -> list[float]:
    """All weights of a module in one row, each layer's matrix as (inputs, outputs)."""
    parts = [(p.detach().T if p.ndim == 2 else p.detach()).flatten() for p in module.parameters()]
    return torch.cat(parts).double().tolist()


def _row(weights: Arrays) -> Array:
    return np.concatenate([weights[name].ravel() for name in ("w1", "b1", "w2", "b2")])


def _left_in(module: nn.Module) -> float:
    """The size of what lies in the gradients of a module."""
    grads = [p.grad.abs().sum().item() for p in module.parameters() if p.grad is not None]
    return float(sum(grads))


def _play(step: Callable[[int], Any], mover: nn.Module, other: nn.Module) -> Plain:
    """Call the student's step in each round, and look at both players afterwards."""
    start, first = _weights(other), _weights(mover)
    rows, returned, left = [], [], 0.0
    for number in range(ROUNDS):
        returned.append(step(number))
        rows.append(_weights(mover))
        left = max(left, _left_in(other))
    if all(each is None or each is ... for each in returned) and _weights(mover) == first:
        return None  # nothing is written yet
    moved = float(np.abs(np.subtract(_weights(other), start)).max())
    losses = [_as_number(each) for each in returned]
    return {"rows": rows, "losses": losses, "left": left, "other_moved": moved}


def _as_number(loss: Any) -> float:
    """The loss that a step returns, or NaN where it is not one number."""
    try:
        found = row(plain(loss))
    except Unreadable:
        return float("nan")
    return found.item() if found.size == 1 else float("nan")


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


def _run_d_step(answer: Any, case: Case) -> Plain:
    D, G = _module(case["D"]), _module(case["G"])
    adam = torch.optim.Adam(D.parameters(), lr=RATE)

    def step(number: int) -> Any:
        for parameter in D.parameters():
            old = parameter.grad if parameter.grad is not None else 0
            parameter.grad = torch.zeros_like(parameter) + old + case["left"]
        batch = case["batches"][number]
        return answer(D, G, adam, _tensor(batch["real"]), _tensor(batch["z"]), case["smooth"])

    return _play(step, D, G)


def _replay_d(case: Case, real: Slope, fake: Slope, habit: str = "") -> list[Array]:
    """D's weights after each round, for the slopes of its loss in real and fake logits.

    ``habit`` is "" for a step that clears the gradients first, "after" for one that clears them
    when it is done, and "never".
    """
    weights, adam = _arrays(case["D"]), AdamByHand(RATE)
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
        real = (1 - s) * _softplus(-a) + s * _softplus(a)
        losses.append(float(real.mean() + _softplus(b).mean()))
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
    run=_run_d_step,
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


def _run_g_step(answer: Any, case: Case) -> Plain:
    D, G = _module(case["D"]), _module(case["G"])
    adam = torch.optim.Adam(G.parameters(), lr=RATE)

    def step(number: int) -> Any:
        z = _tensor(case["batches"][number])
        return answer(G, D, adam, z, case["mean"], case["std"])

    return _play(step, G, D)


def _hint_slope(fake: Array, case: Case, ddof: int = 1) -> Array:
    """The slope of (m − mean)² + (s − std)² in each fake."""
    n, m, s = len(fake), fake.mean(), fake.std(ddof=ddof)
    return 2 * (m - case["mean"]) / n + 2 * (s - case["std"]) * (fake - m) / ((n - ddof) * s)


def _replay_g(
    case: Case, slope: Slope, hint: float = 1, ddof: int = 1, keeps: bool = False
) -> list[Array]:
    """G's weights after each round, for the slope of its loss in the logit."""
    weights, d, adam = _arrays(case["G"]), _arrays(case["D"]), AdamByHand(RATE)
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
        losses.append(float(_softplus(-a).mean() + hint))
    return losses


generator_step = Task(
    objective="To write the two steps",
    ask=_ask_g_step,
    run=_run_g_step,
    judge=_judge_g_step,
)

# --- The assignment: a whole run ----------------------------------------------------------------
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
TWO_HUMPS = bimodal(mean=0)


def _torch_like(rng: np.random.Generator, hidden: int = 32) -> dict[str, Plain]:
    """First weights as PyTorch draws them for 1-32-1: U(−1/√k, 1/√k) for k inputs."""
    shapes = {"w1": (1, hidden), "b1": (hidden,), "w2": (hidden, 1), "b2": (1,)}
    reach = {"w1": 1, "b1": 1, "w2": hidden**-0.5, "b2": hidden**-0.5}
    return {k: rng.uniform(-reach[k], reach[k], shape).tolist() for k, shape in shapes.items()}


def _ask_run(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {"D": _torch_like(rng), "G": _torch_like(rng), "seed": int(rng.integers(2**31))}
        for _ in range(RUNS)
    ]


def _run_train(answer: Any, case: Case) -> Plain:
    D, G = _module(case["D"]), _module(case["G"])
    rng = np.random.default_rng(case["seed"])

    def draw(n: int) -> Tensor:
        return torch.from_numpy(TWO_HUMPS.sample(int(n), rng).astype(np.float32))

    start = _weights(D), _weights(G)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(case["seed"])
        returned = answer(G, D, draw, RUN_ROUNDS, 0.0, 1.0)
        with torch.no_grad():
            fake = G(torch.randn(2000, 1))[:, 0]
    if returned is ...:
        return None  # nothing is written yet
    return {"fake": fake, "D_moved": _weights(D) != start[0], "G_moved": _weights(G) != start[1]}


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
    run=_run_train,
    judge=_judge_train,
)

# --- The assignment: the meter ------------------------------------------------------------------


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
    return float((p * _softplus(-a) + q * _softplus(a)).sum())


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
                lambda p, q, a: _reading(p, q, float(((p + q) * _softplus(-a)).sum())),
                "In the loss, log D stands where log(1 − D) belongs.",
            ),
            (
                lambda p, q, a: _reading(
                    p, q, float((p * _softplus(-a) - q * _softplus(a)).sum())
                ),
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

ASSIGNED = {
    "discriminator_step": discriminator_step,
    "generator_step": generator_step,
    "train": train,
    "meter": meter,
}

TASKS = EXERCISES | ASSIGNED
