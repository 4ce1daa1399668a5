"""The two steps of a GAN, of the assignment of lesson 5: one update, on given networks.

A student's step plays three rounds with modules whose weights are in the case.  To judge it, the
same rounds are played by the right step, and by one for each misconception.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_lessons.marking.task import Belief, Task, Verdict, close
from gan_lessons.trials import Array, Case, Plain, Run, torch_runs

BATCH = 16
ROUNDS = 3
NEAR = 0.001 * torch_runs.RATE
"""By how much weights may differ: right answers differ by 0.00001 of a step."""
APART = 0.004 * torch_runs.RATE
"""By how much those of a right and of all wrong steps differ in each case."""


def _draw_d(rng: np.random.Generator, hidden: int = 8) -> dict[str, Plain]:
    """A D whose logit bends where the batches are, so that each misconception moves it its way."""
    w1 = rng.uniform(0.5, 1.5, (1, hidden)) * np.resize([1, -1], hidden)
    kinks = rng.permutation(np.linspace(-1.5, 2.5, hidden))
    w2 = rng.normal(0, 1, (hidden, 1))
    return {"w1": w1.tolist(), "b1": (-w1[0] * kinks).tolist(), "w2": w2.tolist(), "b2": [0.0]}


def _draw_g(rng: np.random.Generator, hidden: int = 8) -> dict[str, Plain]:
    shapes = {"w1": (2, hidden), "b1": (hidden,), "w2": (hidden, 1), "b2": (1,)}
    return {name: rng.normal(0, 0.7, shape).tolist() for name, shape in shapes.items()}


def _noise(rng: np.random.Generator) -> list[list[float]]:
    return rng.normal(0, 1, (BATCH, 2)).tolist()


def _agree(rows: Plain, wanted: Plain) -> bool:
    """Whether the weights after each round are those of another run."""
    return bool(np.abs(np.array(rows) - np.array(wanted)).mean() < NEAR)


def _tells_apart(task: Task, steps: Sequence[Callable[..., Any]], case: Case) -> bool:
    """Whether these steps all end up in different places."""
    pairs = combinations([np.array(task.run(step, case)["rows"]) for step in steps], 2)
    return all(np.abs(one - other).mean() > APART for one, other in pairs)


def _still(rows: Array, start: dict[str, Plain]) -> bool:
    before = torch_runs.weights_of(torch_runs.module_of(start))
    return bool(np.abs(rows - before).max() < 1e-6)


def _entropy(logits: Tensor, label: float) -> Tensor:
    """The mean cross-entropy with this label; its slope is what D says minus the label."""
    return (softplus(logits) - label * logits).mean()


@dataclass(frozen=True)
class _StepJudge:
    """A ``judge``: the player ``mover`` must move as in one of the right steps, and it alone.

    ``wrong`` has words for each misconception, with the step that holds it.
    """

    mover: str
    other: str
    run: Run
    rights: Sequence[Belief]
    wrong: Mapping[str, Belief]
    still: str
    hint: str
    loss: str
    praise: str

    def __call__(self, cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
        (case,), (result,), mover = cases, results, self.mover
        rows = np.array(result["rows"])
        if result["other_moved"] > 0:
            return Verdict(
                0, f"Your step moves {self.other}. In {mover}'s step only {mover} may learn."
            )
        if _still(rows, case[mover]):
            return Verdict(0, f"{mover} does not move. {self.still}")
        rights = [self.run(step, case) for step in self.rights]
        if not any(_agree(rows, right["rows"]) for right in rights):
            for words, step in self.wrong.items():
                if _agree(rows, self.run(step, case)["rows"]):
                    return Verdict(0, words)
            return Verdict(0, f"Not yet: {mover} moves otherwise than it should. {self.hint}")
        if mover == "D" and result["left"] > 0:  # G's own step needs the gradients of D
            return Verdict(
                0.5,
                "D moves as it should, but your step leaves gradients in G: what is good for D's "
                "loss flows on into it.",
            )
        if not any(close(result["losses"], right["losses"], 1e-3) for right in rights):
            return Verdict(0.75, f"{mover} moves as it should. What you return is not {self.loss}")
        return Verdict(1, self.praise)


# --- D's step ---------------------------------------------------------------------------------


def _d_step(loss: Callable[[Tensor, Tensor, float], Tensor], clears: str = "before") -> Any:
    """A step for a loss of the logits of real and fake numbers, and of ``smooth``."""

    def step(D: Any, G: Any, adam: Any, real: Tensor, z: Tensor, smooth: float) -> Tensor:
        value = loss(D(real), D(G(z).detach()), smooth)
        if clears == "before":
            adam.zero_grad()
        value.backward()
        adam.step()
        if clears == "after":
            adam.zero_grad()
        return value

    return step


def _d_loss(real: Tensor, fake: Tensor, smooth: float) -> Tensor:
    return _entropy(real, 1 - smooth) + _entropy(fake, 0)


RIGHT_D = _d_step(_d_loss)
D_BELIEFS: dict[str, Belief] = {
    "The gradients are never cleared: they pile up from step to step.": _d_step(_d_loss, "never"),
    "The gradients must be cleared before you call backward: "
    "G's step has left some in D.": _d_step(_d_loss, "after"),
    "The logits are squashed twice: D returns logits, so the loss must take logits and there must "
    "be no sigmoid before it.": _d_step(lambda a, b, s: _d_loss(a.sigmoid(), b.sigmoid(), s)),
    "The labels are swapped: this D learns to call fakes real.": _d_step(
        lambda a, b, s: _d_loss(b, a, s)
    ),
    "The term of the fakes has the wrong sign: D raises its logit on them.": _d_step(
        lambda a, b, s: _entropy(a, 1 - s) - _entropy(b, 0)
    ),
    "D learns to call everything real: log D stands where log(1 − D) belongs.": _d_step(
        lambda a, b, s: _entropy(a, 1 - s) + _entropy(b, 1)
    ),
    "D climbs up its loss. An optimizer makes a loss small: mind the sign.": _d_step(
        lambda a, b, s: -_d_loss(a, b, s)
    ),
    "Smooth one side only: a fake keeps the label 0.": _d_step(
        lambda a, b, s: _entropy(a, 1 - s) + _entropy(b, s)
    ),
    "This is the step without smoothing: which label do the real numbers get?": _d_step(
        lambda a, b, s: _d_loss(a, b, 0)
    ),
    "The label of a real number is smooth instead of 1 − smooth.": _d_step(
        lambda a, b, s: _d_loss(a, b, 1 - s)
    ),
}


def _ask_d_step(rng: np.random.Generator, student: str) -> list[Case]:
    while True:
        batches = [
            {"real": rng.normal(1, 1, (BATCH, 1)).tolist(), "z": _noise(rng)}
            for _ in range(ROUNDS)
        ]
        case: Case = {"D": _draw_d(rng), "G": _draw_g(rng), "batches": batches}
        # What G's step has left in D's gradients:
        case |= {"smooth": float(rng.uniform(0.1, 0.3)), "left": float(rng.uniform(0.2, 0.5))}
        steps = [RIGHT_D, *D_BELIEFS.values()]
        if _tells_apart(discriminator_step, steps, case):
            return [case]


discriminator_step = Task(
    objective="To write the two steps",
    ask=_ask_d_step,
    run=torch_runs.discriminator_step,
    judge=_StepJudge(
        mover="D",
        other="G",
        run=torch_runs.discriminator_step,
        rights=[RIGHT_D],
        wrong=D_BELIEFS,
        still="Is there a step of its optimizer, and are the gradients still there when it comes?",
        hint="Real numbers have the label 1 − smooth, fakes the label 0, and each batch its own "
        "mean.",
        loss="its loss, the sum of the two means, from before the step.",
        praise="Right: D learns, and G does not notice.",
    ),
)


# --- G's step ---------------------------------------------------------------------------------


def _g_step(
    adversarial: Callable[[Tensor], Tensor] = lambda logits: _entropy(logits, 1),
    hint: float = 1,
    ddof: int = 1,
    clears: bool = True,
) -> Any:
    """A step for a loss of D's logits, and so much of the hint."""

    def step(G: Any, D: Any, adam: Any, z: Tensor, mean: float, std: float) -> Tensor:
        fake = G(z)
        off, spread = fake.mean() - mean, fake.std(correction=ddof) - std
        value = adversarial(D(fake)) + hint * (off**2 + spread**2)
        if clears:
            adam.zero_grad()
        value.backward()
        adam.step()
        return value

    return step


RIGHT_G = [_g_step(ddof=ddof) for ddof in (1, 0)]
G_BELIEFS: dict[str, Belief] = {
    "The gradients are never cleared: they pile up from step to step.": _g_step(clears=False),
    "Only the hint reaches G, the stats loss. Does the gradient of the other term get through D, "
    "or is the fake detached?": _g_step(lambda a: torch.zeros(())),
    "The hint does not reach G: this is the step of the adversarial loss alone.": _g_step(hint=0),
    "This is the saturating loss, log(1 − D). Here G minimises −log D.": _g_step(
        lambda a: -_entropy(a, 0)
    ),
    "This makes the logit itself large. Here G minimises −log D.": _g_step(lambda a: -a.mean()),
    "G learns to be caught: a fake has the label 1 in this step.": _g_step(
        lambda a: _entropy(a, 0)
    ),
    "The adversarial term has the wrong sign: G is to make −log D small.": _g_step(
        lambda a: -_entropy(a, 1)
    ),
    "The logits are squashed twice: D returns logits, so the loss must take logits and there must "
    "be no sigmoid before it.": _g_step(lambda a: _entropy(a.sigmoid(), 1)),
}


def _ask_g_step(rng: np.random.Generator, student: str) -> list[Case]:
    while True:
        case: Case = {"D": _draw_d(rng), "G": _draw_g(rng)}
        case["batches"] = [_noise(rng) for _ in range(ROUNDS)]
        # A hint near what G makes anyway, so that it does not drown the adversary.
        z = torch_runs.tensor_of(case["batches"]).flatten(0, 1)
        fakes = torch_runs.module_of(case["G"])(z).detach()
        case["mean"] = fakes.mean().item() + float(rng.uniform(-0.1, 0.1))
        case["std"] = fakes.std().item() * float(rng.uniform(0.9, 1.1))
        steps = [RIGHT_G[0], *G_BELIEFS.values()]
        if _tells_apart(generator_step, steps, case):
            return [case]


generator_step = Task(
    objective="To write the two steps",
    ask=_ask_g_step,
    run=torch_runs.generator_step,
    judge=_StepJudge(
        mover="G",
        other="D",
        run=torch_runs.generator_step,
        rights=RIGHT_G,
        wrong=G_BELIEFS,
        still="Is the fake detached, or are the gradients cleared between backward and the step?",
        hint="Its loss is a sum: −log D of the fakes, averaged, and the two squares of the hint.",
        loss="its loss from before the step.",
        praise="Right: the gradient comes back through D, and only G learns.",
    ),
)
