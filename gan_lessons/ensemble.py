"""Many runs at once: one run is an anecdote.

Each member has its own networks, seed, target and settings, and none knows of the others: it is
the run that ``train`` would make of it alone.
"""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_lessons import validation
from gan_lessons.distributions import Target
from gan_lessons.metrics import Metric
from gan_lessons.perceptrons import is_compiled
from gan_lessons.progress import progress
from gan_lessons.training import (
    Record,
    Settings,
    require_opponent,
    run,
    undisturbed,
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ensemble:
    """S training runs in plain NumPy arrays: F snapshots of n samples each, T steps.

    A run that diverged keeps what it had until then; from there on its entries are NaN.

    Attributes:
        targets, seeds: of length S, one for each run.
        steps: (F,) how many steps lie behind each snapshot.
        samples: (S, F, n) each generator's output on a fixed batch of noise of its own.
        averaged: (S, F, n) the same of the average over time of G's weights, or of G itself.
        g_loss, d_loss: (S, T), the latter NaN where there is no discriminator.
        diverged: (S,) the step at which a run diverged, −1 for one that did not.
    """

    targets: tuple[Target, ...]
    seeds: tuple[int, ...]
    steps: NDArray[np.int64]
    samples: Array
    averaged: Array
    g_loss: Array
    d_loss: Array
    diverged: NDArray[np.int64]

    @property
    def mean(self) -> Array:
        """Mean of the samples of each snapshot, shape (S, F)."""
        return self.samples.mean(axis=2)

    @property
    def std(self) -> Array:
        """Standard deviation of the samples of each snapshot, with n − 1, shape (S, F)."""
        return self.samples.std(axis=2, ddof=1)

    def measure(self, metric: Metric) -> Array:
        """``metric(samples, target)`` for each run and snapshot, (S, F); NaN once diverged."""
        return np.array(
            [
                [metric(f, target) if np.isfinite(f).all() else np.nan for f in snapshots]
                for snapshots, target in zip(self.samples, self.targets, strict=True)
            ]
        )


def train_ensemble(
    targets: Target | Sequence[Target],
    generators: Sequence[nn.Module],
    discriminators: Sequence[nn.Module] | None = None,
    *,
    seeds: Sequence[int] | None = None,
    steps: int = 200,
    every: int = 1,
    **settings: Any,
) -> Ensemble:
    """Train S generators in place, each against its own discriminator, and return the records.

    Run i is ``train(targets[i], generators[i], discriminators[i], seed=seeds[i], …)``, bit for
    bit.

    Args:
        targets: one for all runs, or one for each.
        generators, discriminators: S modules each; no discriminators for a loss that needs none.
        seeds: one for each run; by default 0 … S − 1.
        steps, every: as in ``train``, the same for all.
        settings: those of ``Settings``; one value for all runs, or one for each.

    Raises:
        ValueError: as ``train`` does; for no generator at all, for a module given twice, and for
            a sequence of another length than S.
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
    opponents: list[Any] = [None] * members
    if discriminators is not None:
        opponents = _each("discriminators", discriminators, members)
    for name, modules in (("generators", generators), ("discriminators", opponents)):
        if len({id(module) for module in modules if module}) < sum(map(bool, modules)):
            raise ValueError(f"{name} holds a module twice: each run trains its own")
    each = {
        name: [values] * members
        if name == "betas" and _is_pair(values)
        else _each(name, values, members)
        for name, values in settings.items()
    }
    chosen = [Settings(**{name: each[name][i] for name in each}) for i in range(members)]
    for setting, generator, opponent in zip(chosen, generators, opponents, strict=True):
        require_opponent(setting, generator, opponent)
    stop = threading.Event()

    def member(i: int) -> Record:
        return run(
            targets[i],
            generators[i],
            opponents[i],
            chosen[i],
            seeds[i],
            steps=steps,
            every=every,
            x=np.empty(0),
            stop=stop,
        )

    pairs = zip(generators, opponents, strict=True)
    compiled = [is_compiled(*pair) for pair in pairs]
    with undisturbed(), ThreadPoolExecutor(torch.get_num_threads()) as threads:
        try:
            futures = {i: threads.submit(member, i) for i in range(members) if compiled[i]}
            records = [
                # PyTorch has threads of its own, and its layers may share a state.
                futures[i].result() if compiled[i] else member(i)
                for i in progress(range(members), "training")
            ]
        except BaseException:
            stop.set()
            threads.shutdown(cancel_futures=True)
            raise
    return Ensemble(
        tuple(targets),
        tuple(seeds),
        records[0].steps,
        *(
            np.array([getattr(record, name) for record in records])
            for name in ("samples", "averaged", "g_loss", "d_loss", "diverged")
        ),
    )


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
