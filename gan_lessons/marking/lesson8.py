"""The exercises of lesson 8: memory in a game, Adam's stride, fingerprints, a diagnosis."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import xlogy

from gan_lessons.marking.task import Comparison, Task
from gan_lessons.marking.words import DIAGNOSES, saying
from gan_lessons.raw_weights import AdamByHand
from gan_lessons.theory import LOG_2, LOG_4
from gan_lessons.trials import Array, Case, call, plain, row

# --- Memory in the Dirac-GAN --------------------------------------------------------------------


def _ask_memory(rng: np.random.Generator, student: str) -> list[Case]:
    betas = [rng.uniform(0.3, 0.95), rng.uniform(0.3, 0.95), rng.uniform(-0.7, -0.3)]
    return [{"beta": float(beta), "eta": float(rng.uniform(0.3, 0.8))} for beta in betas]


def _eigenvalues(
    beta: float, eta: float, new: float, alternating: bool = True, half: float = 0.5
) -> np.ndarray[Any, np.dtype[np.complex128]]:
    """Of one step from (θ, ψ, vθ, vψ); ``new`` is the share of the new slope in the memory."""
    d = np.eye(4)
    d[3] = [new * half, 0, 0, beta]
    d[1] = d[1] - eta * d[3]
    seen = d[1] if alternating else np.eye(4)[1]
    g = d.copy()
    g[2] = beta * np.eye(4)[2] - new * half * seen
    g[0] = g[0] - eta * g[2]
    return np.linalg.eigvals(g).astype(complex)


def _size(**changes: Any) -> Callable[[float, float], float]:
    def size(beta: float, eta: float) -> float:
        return float(np.abs(_eigenvalues(beta, eta, **{"new": 1 - beta, **changes})).max())

    return size


memory = Task(
    objective="to tell from two eigenvalues",
    ask=_ask_memory,
    judge=Comparison(
        right=_size(),
        wrong={
            "Here both players step at the same time. In turns, G answers D's new ψ.": _size(
                alternating=False
            ),
            "Here the memory adds the whole slope. "
            "A running mean takes the share 1 − β of it.": _size(new=1.0),
            "The slopes are twice too steep. What is sigmoid(0)?": _size(half=1.0),
            "This is the size without a memory. Do the two v belong to your state, and does each "
            "step use the new v?": lambda beta, eta: 1.0,
            "This is the largest real part. A step is repeated, so it is the absolute value of λ "
            "that counts.": lambda beta, eta: _eigenvalues(beta, eta, 1 - beta).real.max(),
        },
        hint="Not yet. The state has four numbers, so J is 4 × 4; nudge each of them at rest, "
        "and take the largest absolute value of the eigenvalues. D steps first.",
        tolerance=1e-3,
    ),
)

# --- Adam's stride ------------------------------------------------------------------------------

RATE, FIRST = 1e-3, 0.01


def _ask_travel(rng: np.random.Generator, student: str) -> list[Case]:
    shrinking = [{"q": float(rng.uniform(0.9, 0.98)), "steps": 200} for _ in range(2)]
    return [{"q": 1.0, "steps": 200}, *shrinking]


def _run_travel(answer: Any, case: Case) -> Any:
    """A distance has no sign; what is no number is judged as it is."""
    travelled = call(answer, case)
    if travelled is None or travelled is ...:
        return travelled
    found = plain(travelled)
    return found if isinstance(found, str | dict) else np.abs(row(found))


def _slopes(q: float, steps: int) -> Array:
    return np.asarray(FIRST * q ** np.arange(steps), dtype=float)


def _travel(q: float, steps: int) -> float:
    adam, weight = AdamByHand(RATE), {"w": np.zeros(1)}
    for slope in _slopes(q, steps):
        weight = adam.step(weight, {"w": np.array([slope])})
    return float(abs(weight["w"][0]))


def _uncorrected(q: float, steps: int) -> float:
    first = second = travelled = 0.0
    for slope in _slopes(q, steps):
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        travelled += RATE * first / (second**0.5 + 1e-8)
    return float(travelled)


travel = Task(
    objective="to name the cause of each",
    ask=_ask_travel,
    run=_run_travel,
    judge=Comparison(
        right=_travel,
        wrong={
            "Here each step has the full length. That holds for q = 1; if the gradient shrinks, "
            "what does Adam's yardstick still remember?": lambda q, steps: RATE * steps,
            "This is plain gradient descent: "
            "Adam also divides by its yardstick.": lambda q, steps: RATE * _slopes(q, steps).sum(),
            "The first steps are too long: "
            "Adam corrects both running means for their start at 0.": _uncorrected,
            "This multiplies the first gradient by rate and steps: that is plain gradient "
            "descent, with a gradient that never shrinks.": lambda q, steps: FIRST * RATE * steps,
        },
        hint="Not yet. Make one AdamByHand(1e-3), step it with 0.01·q^k for k = 0, 1, 2, …, and "
        "return where the weight has come to.",
        tolerance=1e-4,
    ),
)

# --- The fingerprint of a half solution ---------------------------------------------------------


def _ask_held(rng: np.random.Generator, student: str) -> list[Case]:
    some = [int(n) for n in rng.choice(np.arange(3, 12), 3, replace=False)]
    return [{"k": 1, "K": 2}, *({"k": int(rng.integers(1, n)), "K": n} for n in some)]


def _losses(k: int, of: int) -> tuple[float, float]:
    """D's loss and G's by their definitions, peak by peak."""
    real, fake = np.full(of, 1 / of), np.where(np.arange(of) < k, 1 / k, 0)
    d = real / (real + fake)
    return -float((xlogy(real, d) + xlogy(fake, 1 - d)).sum()), -float(xlogy(fake, d).sum())


held_losses = Task(
    objective="to recognise five failures",
    ask=_ask_held,
    judge=Comparison(
        right=_losses,
        wrong={
            "The numbers are right, in the other order: D's loss comes first.": lambda k, of: (
                _losses(k, of)[::-1]
            ),
            "Here D* is ½ on a held peak. But fakes are denser there than real data: "
            "they share fewer peaks.": lambda k, of: (k / of * LOG_2 + LOG_2, LOG_2),
            "Here all real data lie on held peaks. "
            "On the other peaks D* is 1: what do they add to D's loss?": lambda k, of: (
                np.log((k + of) / k) + np.log((k + of) / of),
                np.log((k + of) / k),
            ),
            "D's loss is right. G's is the saturating one; the non-saturating loss is −log "
            "D.": lambda k, of: (_losses(k, of)[0], np.log(of / (k + of))),
            "G's loss is right. D's is halved: it is the sum of two means, over the real data and "
            "over the fakes.": lambda k, of: (_losses(k, of)[0] / 2, _losses(k, of)[1]),
            "Here D* is the probability of a fake. "
            "D's output is the probability that x is real.": lambda k, of: (
                k / of * np.log((k + of) / of) + np.log((k + of) / k),
                np.log((k + of) / of),
            ),
        },
        hint="Not yet. Take one peak at a time: how dense are the real data there, and how dense "
        "the fakes? Return the pair (D loss, G loss).",
    ),
)

# --- A diagnosis from two numbers ---------------------------------------------------------------

PERFECT = 0.02
KINDS = ["healthy", "saturation", "mode collapse", "blind discriminator"]


def _patient(rng: np.random.Generator, kind: str) -> Case:
    jsd = {"healthy": rng.uniform(0.002, 0.015), "saturation": rng.uniform(0.64, 0.69)}.get(
        kind, rng.uniform(0.1, 0.2)
    )
    d_loss = {"saturation": rng.uniform(0.0001, 0.02), "healthy": LOG_4 - 2 * jsd}.get(
        kind, LOG_4 - rng.uniform(-0.003, 0.01)
    )
    if kind == "mode collapse":
        peaks = int(rng.integers(2, 4))
        d_loss = _losses(int(rng.integers(1, peaks)), peaks)[0] + rng.uniform(0, 0.01)
        jsd = (LOG_4 - d_loss) / 2 + rng.uniform(0, 0.01)
    return {"d_loss": float(d_loss), "jsd": float(jsd)}


def _gap(d_loss: float, jsd: float) -> float:
    return d_loss - (LOG_4 - 2 * jsd)


def _diagnose(d_loss: float, jsd: float) -> str:
    if jsd < PERFECT:
        return "healthy"
    if d_loss < 0.1:
        return "saturation"
    return "blind discriminator" if _gap(d_loss, jsd) > jsd else "mode collapse"


def _believing(trusted: str) -> Callable[..., str]:
    """Right, but for what ``trusted`` is wrongly taken to show."""

    def diagnose(d_loss: float, jsd: float) -> str:
        calm = {
            "losses": d_loss > 1.3,
            "D at 0": d_loss < 0.1,
            "gap": _gap(d_loss, jsd) < 0.02,
        }
        return "healthy" if calm[trusted] else _diagnose(d_loss, jsd)

    return diagnose


def _swapped(d_loss: float, jsd: float) -> str:
    said = _diagnose(d_loss, jsd)
    other = {"mode collapse": KINDS[3], "blind discriminator": KINDS[2]}
    return other.get(said, said)


diagnose = Task(
    objective="to recognise five failures",
    ask=lambda rng, student: [_patient(rng, str(kind)) for kind in rng.permutation(KINDS * 3)],
    run=saying(DIAGNOSES),
    judge=Comparison(
        right=_diagnose,
        wrong={
            "One kind of patient is sent home ill. Its losses are those of a perfect G; what does "
            "its JSD say?": _believing("losses"),
            "A D loss at 0 is taken for health. "
            "Who has won such a game, and who has stopped learning?": _believing("D at 0"),
            "A small gap is taken for health. "
            "It says that D is near the best possible D, not that G is right.": _believing("gap"),
            "Two kinds are taken for each other. A large gap says that D misses what is wrong; "
            "what does a small one say?": _swapped,
        },
        hint="Not yet. Each of the four is one row of the chart; ask first whether the JSD is "
        "below 0.02. Return one of the four names, as they stand in the exercise.",
    ),
)


# --- Counting the healthy -----------------------------------------------------------------------

LOOKS = 21


def _trial(rng: np.random.Generator) -> Case:
    """Runs that tell the ways to count apart; errors in units of the target's std."""
    lucky = int(rng.integers(1, 3))
    kinds = ["steady"] * int(rng.integers(1, 4)) + ["wide"] * int(rng.integers(2, 4)) + ["blip"]
    kinds += ["lucky at the end"] * lucky + ["swings"] * 2 + ["wrong spread"] * (lucky + 2)
    kinds += ["beside", "blips"]
    rng.shuffle(kinds)
    wave = np.sin(2 * np.pi * np.arange(LOOKS) / (LOOKS - 1) * rng.integers(2, 5))
    flips = np.where(np.arange(LOOKS) % 2, -1.0, 1.0)
    flips[0] = 0  # so that they average to 0, and yet don't end there
    mean, std, targets = [], [], []
    for kind in kinds:
        sigma = 3.0 if kind == "wide" else rng.uniform(1, 1.2)
        off = rng.normal(0, 0.005, LOOKS) + (0.05 if kind == "wide" else 0)
        spread = rng.normal(0, 0.005, LOOKS) - (0.3 if kind == "wrong spread" else 0)
        if kind in ("lucky at the end", "swings"):
            off = off + rng.uniform(0.4, 0.8) * (wave if kind == "lucky at the end" else flips)
        if kind == "beside":
            off = off + rng.uniform(0.4, 0.8)
        if kind in ("blip", "blips"):  # of these the first is healthy: 0.3/√21 is below 0.1
            off[rng.choice(LOOKS - 1, 1 if kind == "blip" else 4, replace=False)] += 0.3
        goal = 0.0 if kind == "blip" else rng.uniform(-2.5, 2.5)  # so that σ is the yardstick
        mean.append((goal + sigma * off).tolist())
        std.append((sigma * (1 + spread)).tolist())
        targets.append((float(goal), float(sigma)))
    goals, sigmas = (list(part) for part in zip(*targets, strict=True))
    return {"mean": mean, "std": std, "target_mean": goals, "target_std": sigmas}


def _count(
    error: Callable[[Array], Array], place: bool = True, spread: bool = True, scaled: bool = True
) -> Callable[[Array, Array, Array, Array], int]:
    def count(mean: Array, std: Array, target_mean: Array, target_std: Array) -> int:
        size = target_std if scaled else 1.0
        good_place = error(mean - target_mean[:, None]) / size < 0.1
        good_spread = error(std - target_std[:, None]) / size < 0.1
        return int(((good_place | (not place)) & (good_spread | (not spread))).sum())

    return count


def _rms(gap: Array) -> Array:
    return np.asarray(np.sqrt((gap**2).mean(axis=1)))


count_healthy = Task(
    objective="to judge a cure",
    ask=lambda rng, student: [_trial(rng) for _ in range(3)],
    judge=Comparison(
        right=_count(_rms),
        wrong={
            "A run that swings to and fro has errors of both signs, and they cancel here. "
            "Square before you average.": _count(lambda gap: np.asarray(np.abs(gap.mean(axis=1)))),
            "This looks at the last frame alone. A run that swings passes its goal now and "
            "then.": _count(lambda gap: np.asarray(np.abs(gap[:, -1]))),
            "Some of these runs have the right mean and a wrong spread. "
            "Both errors must be small.": _count(_rms, spread=False),
            "Some of these runs have the right spread and a wrong mean. "
            "Both errors must be small.": _count(_rms, place=False),
            "This asks for a small error at every look. "
            "Asked is the root of the mean square.": _count(lambda gap: np.abs(gap).max(axis=1)),
            "This is the mean of the sizes of the errors. Square before you average, and take the "
            "root.": _count(lambda gap: np.abs(gap).mean(axis=1)),
            "The errors are to be measured in units of each target's own σ.": _count(
                _rms, scaled=False
            ),
        },
        hint="Not yet. For each run: the root of the mean of the squared errors, of the mean "
        "and of the std, each below a tenth of its target's σ. Return how many runs pass.",
    ),
)
