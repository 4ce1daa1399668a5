"""The training: the record of a run, in the compiled engine or in a plain PyTorch loop.

Both draw the same numbers in the same order, so that they make the same run up to rounding.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import ThreadpoolController
from torch import nn

from gan_lessons import validation
from gan_lessons.distributions import Target
from gan_lessons.history import History
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.metrics import sample_density
from gan_lessons.networks import latent_size, require_logits
from gan_lessons.perceptrons import Perceptrons, is_compiled, undo_standardising
from gan_lessons.plain_loop import Modules, sample_real, train_discriminator, train_generator
from gan_lessons.progress import progress
from gan_lessons.settings import Settings

__all__ = [
    "Record",
    "Settings",
    "require_opponent",
    "run",
    "sample_real",
    "train",
    "train_discriminator",
    "train_generator",
    "undisturbed",
]

Array = NDArray[np.float64]

SAMPLES_SEEN = 1000


@dataclass
class Record:
    """What is noted of a run: F snapshots of n samples, T steps, a grid of X points.

    Attributes:
        steps: (F,) how many steps lie behind each snapshot.
        samples: (F, n) the generator's output on a fixed batch of noise.
        averaged: (F, n) the same of the average over time of its weights.
        d: (F, X) the probability of "real" on the grid; NaN without a discriminator.
        g_loss, d_loss: (T,), the latter NaN without a discriminator.
        alone: whether there is no discriminator.
        diverged: the step at which a loss or an output became NaN or infinite, or −1.
    """

    steps: NDArray[np.int64]
    samples: Array
    averaged: Array
    d: Array
    g_loss: Array
    d_loss: Array
    alone: bool
    diverged: int = -1

    @classmethod
    def empty(
        cls, steps: int, every: int, points: int, alone: bool, seen: int = SAMPLES_SEEN
    ) -> "Record":
        """A record of a run that is still to come: all NaN."""
        looks = [*range(0, steps, every), steps]
        snapshots = len(looks)
        samples, averaged = np.full((2, snapshots, seen), np.nan)
        d = np.full((snapshots, points), np.nan)
        g_loss, d_loss = np.full((2, steps), np.nan)
        return cls(np.array(looks), samples, averaged, d, g_loss, d_loss, alone)

    def note_losses(self, start: int, g_loss: Array, d_loss: Array) -> None:
        """Put down the losses of the steps after ``start``; the last one may be broken."""
        self.g_loss[start : start + len(g_loss)] = g_loss
        self.d_loss[start : start + len(d_loss)] = d_loss
        if not np.isfinite(g_loss[-1] if self.alone else g_loss[-1] + d_loss[-1]):
            self.mark(start + len(g_loss))

    def note_snapshot(self, snapshot: int, samples: Array, averaged: Array, logits: Array) -> None:
        """Put down one look at the networks."""
        self.samples[snapshot], self.averaged[snapshot] = samples, averaged
        self.d[snapshot] = torch.sigmoid(torch.from_numpy(logits)).numpy()
        if not np.isfinite(samples).all() or (not self.alone and np.isnan(logits).any()):
            self.mark(int(self.steps[snapshot]))

    def history(self, x: Array, p_data: Array) -> History:
        """The same for those who asked for it; ``FloatingPointError`` for a run that diverged."""
        if self.diverged >= 0:
            raise FloatingPointError(
                f"the run diverged at step {self.diverged}: a loss or an output became NaN or "
                "infinite; try a smaller learning rate"
            )
        return History(
            steps=self.steps,
            x=x,
            p_data=p_data,
            p_g=np.array([sample_density(snapshot, x) for snapshot in self.samples]),
            d=self.d,
            samples=self.samples,
            averaged=self.averaged,
            mean=self.samples.mean(axis=1),
            std=self.samples.std(axis=1, ddof=1),
            g_loss=self.g_loss,
            d_loss=self.d_loss,
        )

    def mark(self, step: int) -> None:
        """The run diverged: from there on its entries are NaN."""
        self.diverged = step
        self.samples[self.steps >= step] = self.averaged[self.steps >= step] = np.nan
        for losses in (self.g_loss, self.d_loss):
            losses[max(step - 1, 0) :] = np.nan


def require_opponent(
    settings: Settings, generator: nn.Module, discriminator: nn.Module | None
) -> None:
    """Raise ``ValueError`` unless the networks fit each other and the settings."""
    latent_size(generator)
    if discriminator is not None:
        require_logits(discriminator)
    else:
        needs = [name for name in ("r1", "r2", "gradient_penalty") if getattr(settings, name)]
        needs += [settings.loss] if GENERATOR_LOSSES[settings.loss].needs_discriminator else []
        if needs:
            raise ValueError(f"discriminator is None: {needs[0]} needs one")
    if settings.standardise and not is_compiled(generator, discriminator):
        kind = type(generator).__name__
        raise ValueError(f"generator is {kind}: standardise needs perceptrons, of Linear and ReLU")


class Standardised:
    """A target in units of its own: (x − m)/s, with m and s of some samples."""

    def __init__(self, target: Target, m: float, s: float):
        self.target, self.m, self.s = target, m, s
        self.mean, self.std = (target.mean - m) / s, target.std / s

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """As a target does it."""
        return (self.target.draw(n, rng) - self.m) / self.s


_libraries = cache(ThreadpoolController)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave PyTorch's random state as it was; matrix products of a run stay in its thread."""
    with torch.random.fork_rng(devices=[]), _libraries().limit(limits=1, user_api="blas"):
        yield


def run(
    target: Target,
    generator: nn.Module,
    discriminator: nn.Module | None,
    settings: Settings,
    seed: int,
    *,
    steps: int,
    every: int,
    x: Array,
    stop: threading.Event | None = None,
    ahead: Executor | None = None,
    tick: Callable[[int], object] = lambda steps: None,
) -> Record:
    """Train one pair in place, and note what happens; the arguments are those of ``train``.

    ``tick`` hears how many steps were taken; ``stop`` ends the run from another thread; in
    ``ahead``, if it has a thread to spare, the next random numbers are drawn meanwhile.
    """
    # Two sources, so that looking more often does not change the run.
    training, watching = np.random.SeedSequence(seed).spawn(2)
    rng = np.random.default_rng(training)
    noise = np.random.default_rng(watching).standard_normal(
        (SAMPLES_SEEN, latent_size(generator)), dtype=np.float32
    )
    record = Record.empty(steps, every, len(x), alone=discriminator is None)
    law: Target | Standardised = target
    m, s = 0.0, 1.0
    if settings.standardise:
        seen = target.sample(SAMPLES_SEEN, np.random.default_rng(watching.spawn(1)[0]))
        m, s = float(seen.mean()), float(seen.std(ddof=1))
        law = Standardised(target, m, s)
    learner: Perceptrons | Modules
    if is_compiled(generator, discriminator):
        columns = SAMPLES_SEEN, len(x)
        learner = Perceptrons(law, generator, discriminator, settings, rng, steps, columns, ahead)
    else:
        learner = Modules(target, generator, discriminator, settings, rng, steps)
    try:
        follow(learner, record, noise, x, m, s, stop=stop, tick=tick)
    finally:  # an interrupted run leaves what it has learned
        with torch.no_grad():
            learner.store()
            if settings.standardise:
                undo_standardising(generator, discriminator, m, s)
    return record


def follow(
    learner: Perceptrons | Modules,
    record: Record,
    noise: NDArray[Any],
    x: Array,
    m: float,
    s: float,
    *,
    stop: threading.Event | None = None,
    tick: Callable[[int], object] = lambda steps: None,
) -> None:
    """Let a learner, which sees (x − m)/s, take the steps of a record, and note what happens."""

    def look(snapshot: int) -> None:
        samples, averaged, logits = learner.look(noise, (x - m) / s)
        record.note_snapshot(snapshot, m + s * samples, m + s * averaged, logits)

    look(0)
    for snapshot, (at, end) in enumerate(pairwise(record.steps.tolist()), 1):
        while at < end and record.diverged < 0 and not (stop and stop.is_set()):
            losses = learner.advance(end - at)
            record.note_losses(at, *losses)
            at += len(losses[0])
            tick(len(losses[0]))
        if record.diverged >= 0:
            break
        look(snapshot)


@contextmanager
def ticking(steps: int) -> Iterator[Callable[[int], object]]:
    """A progress bar, as what hears how many steps were taken."""
    bar = progress(range(steps), "training")
    yield lambda taken: deque(islice(bar, taken), maxlen=0)
    deque(bar, maxlen=0)  # comes to its end


def train(
    target: Target,
    generator: nn.Module,
    discriminator: nn.Module | None = None,
    *,
    steps: int = 200,
    every: int = 1,
    x: ArrayLike | None = None,
    seed: int = 0,
    **settings: Any,
) -> History:
    """Train the networks in place with Adam, D first and then G, and return the record.

    Args:
        target: where the real data come from.
        generator: noise (n, k) to samples (n, 1).
        discriminator: samples (n, 1) to logits (n, 1); None for a loss that needs none.
        steps: how many times G is updated.
        every: a snapshot is recorded before the first step, after each ``every`` steps, and at the
            end.
        x: the grid, shape (X,); by default 200 points over mean ± 5 std of the target.
        seed: fixes noise and data.  Recording draws from a source of its own, so that looking
            more often does not change the run.
        settings: those of ``Settings``: ``loss``, ``batch_size``, ``learning_rate_g``, ….

    Raises:
        ValueError: for an argument out of range, a grid without a span, an unknown loss, a loss
            that needs a discriminator and has none, a discriminator that returns probabilities,
            or a network that does not give one number for each sample.
        FloatingPointError: if a loss or a recorded output becomes NaN or infinite; the message
            names the step.
    """
    chosen = Settings(**settings)
    steps, every = validation.count("steps", steps), validation.count("every", every)
    seed = validation.count("seed", seed, minimum=0)
    require_opponent(chosen, generator, discriminator)
    if x is None:
        x = np.linspace(target.mean - 5 * target.std, target.mean + 5 * target.std, 200)
    grid = validation.grid("x", x)
    p_data = target.pdf(grid)
    with undisturbed(), ThreadPoolExecutor(1) as ahead, ticking(steps) as tick:
        record = run(
            target,
            generator,
            discriminator,
            chosen,
            seed,
            steps=steps,
            every=every,
            x=grid,
            ahead=ahead,
            tick=tick,
        )
    return record.history(grid, p_data)
