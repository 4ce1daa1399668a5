"""Many runs at once: one run is an anecdote, and a stack of them costs little more.

Each member has its own networks, seed, target and settings, and none knows of the others: it is
the run that ``train`` would make of it alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_lessons import validation
from gan_lessons.distributions import Target
from gan_lessons.metrics import Metric
from gan_lessons.players import linear_layers
from gan_lessons.progress import progress
from gan_lessons.training import Record, Settings, require_opponent, run_stack

Array = NDArray[np.float64]

CACHED = 2**18  # values of a stack's widest layer that stay in the cache from one pass to the next


@dataclass(frozen=True)
class Ensemble:
    """S training runs in plain NumPy arrays: F frames of n samples each, T steps.

    A run that diverged keeps what it had until then; from there on its entries are NaN.

    Attributes:
        targets, seeds: of length S, one for each run.
        steps: (F,) how many steps lie behind each frame.
        samples: (S, F, n) each generator's output on a fixed batch of noise of its own.
        g_loss, d_loss: (S, T), the latter NaN where there is no discriminator.
        diverged: (S,) the step at which a run diverged, −1 for one that did not.
    """

    targets: tuple[Target, ...]
    seeds: tuple[int, ...]
    steps: NDArray[np.int64]
    samples: Array
    g_loss: Array
    d_loss: Array
    diverged: NDArray[np.int64]

    @property
    def mean(self) -> Array:
        """Mean of the samples of each frame, shape (S, F)."""
        return self.samples.mean(axis=2)

    @property
    def std(self) -> Array:
        """Standard deviation of the samples of each frame, with n − 1, shape (S, F)."""
        return self.samples.std(axis=2, ddof=1)

    def measure(self, metric: Metric) -> Array:
        """``metric(samples, target)`` for each run and frame, shape (S, F); NaN once diverged."""
        return np.array(
            [
                [metric(f, target) if np.isfinite(f).all() else np.nan for f in frames]
                for frames, target in zip(self.samples, self.targets, strict=True)
            ]
        )


def train_ensemble(
    targets: Target | Sequence[Target],
    generators: Sequence[nn.Module],
    discriminators: Sequence[nn.Module] | None = None,
    *,
    seeds: Sequence[int] | None = None,
    loss: str | Sequence[str] = "nonsaturating",
    steps: int = 200,
    batch_size: int | Sequence[int] = 128,
    learning_rate_g: float | Sequence[float] = 2e-4,
    learning_rate_d: float | Sequence[float] = 2e-4,
    betas: tuple[float, float] | Sequence[tuple[float, float]] = (0.9, 0.999),
    d_steps: int | Sequence[int] = 1,
    every: int = 1,
    device: str = "cpu",
) -> Ensemble:
    """Train S generators in place, each against its own discriminator, and return the records.

    Run i is ``train(targets[i], generators[i], discriminators[i], seed=seeds[i], …)``.  Runs that
    share loss, batch size, ``d_steps`` and the shape of their networks are computed together.

    Args:
        targets: one for all runs, or one for each.
        generators, discriminators: S modules each; no discriminators for a loss that needs none.
        seeds: one for each run; by default 0 … S − 1.
        loss, batch_size, learning_rate_g, learning_rate_d, betas, d_steps: as in ``train``; one
            value for all runs, or one for each.
        steps, every: as in ``train``, the same for all.
        device: where to compute, such as "cuda".  Random numbers are drawn on the CPU, so that
            the runs are the same everywhere but for rounding.

    Raises:
        ValueError: as ``train`` does; for no generator at all, for a module given twice, for a
            sequence of another length than S, and for a device that is not there.
    """
    generators = list(generators)
    if not generators:
        raise ValueError("generators is empty: an ensemble needs 1 or more")
    members = len(generators)
    steps, every = validation.count("steps", steps), validation.count("every", every)
    if seeds is not None and not isinstance(seeds, Iterable):
        raise ValueError(f"seeds is {seeds!r}: it must be a sequence, one seed for each generator")
    seeds = _each("seeds", range(members) if seeds is None else seeds, members)
    seeds = [validation.count("seeds", seed, minimum=0) for seed in seeds]
    targets = _each("targets", targets, members)
    rivals = None if discriminators is None else _each("discriminators", discriminators, members)
    for name, modules in (("generators", generators), ("discriminators", rivals or [])):
        if len({id(module) for module in modules}) < len(modules):
            raise ValueError(f"{name} holds a module twice: each run trains its own")
    settings = [
        Settings(*values)
        for values in zip(
            _each("loss", loss, members),
            _each("batch_size", batch_size, members),
            _each("learning_rate_g", learning_rate_g, members),
            _each("learning_rate_d", learning_rate_d, members),
            [betas] * members if _is_pair(betas) else _each("betas", betas, members),
            _each("d_steps", d_steps, members),
            strict=True,
        )
    ]
    for i, (setting, generator) in enumerate(zip(settings, generators, strict=True)):
        require_opponent(setting.loss, generator, rivals[i] if rivals else None)
    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, TypeError) as error:
        raise ValueError(f"device is {device!r}: PyTorch can't compute there ({error})") from None

    def run(stack: list[int]) -> Record:
        return run_stack(
            [targets[i] for i in stack],
            [generators[i] for i in stack],
            None if rivals is None else [rivals[i] for i in stack],
            [settings[i] for i in stack],
            [seeds[i] for i in stack],
            steps=steps,
            every=every,
            device=device,
        )

    stacks = _stacks(settings, generators, rivals)
    records = [run(stack) for stack in progress(stacks, "training")]
    return _together(targets, seeds, stacks, records)


def _each(name: str, values: Any, members: int) -> list[Any]:
    """One value for each member: the given one for all, or the given ones."""
    single = getattr(values, "ndim", None) == 0  # an array of no dimensions passes for iterable
    if single or isinstance(values, str) or not isinstance(values, Iterable):
        return [values] * members
    values = list(values)
    if len(values) != members:
        raise ValueError(
            f"{name} has {len(values)} entries: it must be one value for all, or one for each of "
            f"the {members} generators"
        )
    return values


def _is_pair(betas: Any) -> bool:
    return isinstance(betas, tuple | list) and not any(isinstance(b, Iterable) for b in betas)


def _stacks(
    settings: list[Settings], generators: list[nn.Module], rivals: list[nn.Module] | None
) -> list[list[int]]:
    """The members that are computed together: alike, and few enough for the cache."""
    alike = defaultdict(list)
    for i, setting in enumerate(settings):
        shapes = []
        for network in (generators[i], *([rivals[i]] if rivals else [])):
            layers = linear_layers(network)
            # A network that is no perceptron runs alone.
            shapes.append(tuple((w.shape, w.dtype) for w, _ in layers) if layers else i)
        alike[setting.loss, setting.batch_size, setting.d_steps, *shapes].append(i)
    stacks = []
    for members in alike.values():
        layers = linear_layers(generators[members[0]]) or []
        hidden = settings[members[0]].batch_size * max(
            (len(bias) for _, bias in layers), default=1
        )
        size = max(1, CACHED // hidden)
        stacks += [members[at : at + size] for at in range(0, len(members), size)]
    return stacks


def _together(
    targets: list[Target], seeds: list[int], stacks: list[list[int]], records: list[Record]
) -> Ensemble:
    """The records of all stacks in the order of the members, NaN where a run had diverged."""
    order = np.argsort([i for stack in stacks for i in stack])
    diverged, samples, g_loss, d_loss = (
        np.concatenate([getattr(record, name) for record in records])[order]
        for name in ("diverged", "samples", "g_loss", "d_loss")
    )
    steps = records[0].steps
    for member in np.flatnonzero(diverged >= 0):
        samples[member, steps >= diverged[member]] = np.nan
        for losses in (g_loss, d_loss):
            losses[member, max(diverged[member] - 1, 0) :] = np.nan
    return Ensemble(tuple(targets), tuple(seeds), steps, samples, g_loss, d_loss, diverged)
