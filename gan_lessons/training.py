"""The training: a plain PyTorch loop for any networks, and the engine for perceptrons.

Both draw the same numbers in the same order, so that they make the same run up to rounding.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from math import inf
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import ThreadpoolController
from torch import Tensor, nn, optim

from gan_lessons import engine, perceptrons, validation
from gan_lessons.distributions import Seed, Target
from gan_lessons.history import History
from gan_lessons.losses import DISCRIMINATOR_LOSSES, GENERATOR_LOSSES
from gan_lessons.metrics import sample_density
from gan_lessons.networks import (
    latent_size,
    like,
    outputs,
    require_column,
    require_logits,
    sample_noise,
)
from gan_lessons.progress import patience, progress

Array = NDArray[np.float64]

COMPILING = "Compiling the training engine: once, then it is kept …"
SAMPLES_SEEN = 1000
DRAWN = 2**15
"""Random numbers that the engine gets at a time: some milliseconds of work."""


def sample_real(target: Target, n: int, rng: Seed) -> Tensor:
    """Draw a batch of real data, shape (n, 1), float32; ``rng`` as in ``sample_noise``."""
    source = validation.random_source("rng", rng)
    return torch.from_numpy(target.sample(n, source).astype(np.float32))


def train_discriminator(
    discriminator: nn.Module,
    generator: nn.Module,
    optimizer: optim.Optimizer,
    real: ArrayLike | Tensor,
    rng: Seed,
) -> float:
    """One step of D on a real batch, shape (n, 1), and n fresh fakes; returns its loss.

    ``rng`` as in ``sample_noise``.  Raises ``ValueError`` for a discriminator that returns
    probabilities, or a batch of another shape or with entries that are not finite.
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    require_logits(discriminator)
    return _discriminator_step(discriminator, generator, optimizer, real, rng, Settings())


def _discriminator_step(
    discriminator: nn.Module,
    generator: nn.Module,
    optimizer: optim.Optimizer,
    real: ArrayLike | Tensor,
    rng: Seed,
    settings: "Settings",
) -> float:
    batch = torch.from_numpy(validation.vector("real", real)).to(like(discriminator))[:, None]
    n = len(batch)
    z = sample_noise(n, latent_size(generator), rng).to(like(generator))
    fake = require_column(generator(z), n, "generator").detach()  # this step must not reach G
    fake = fake.to(batch)
    loss = DISCRIMINATOR_LOSSES[GENERATOR_LOSSES[settings.loss].opponent](
        require_column(discriminator(batch), n, "discriminator"),
        require_column(discriminator(fake), n, "discriminator"),
    )
    optimizer.zero_grad()
    (loss + _penalty(discriminator, batch, fake, rng, settings)).backward()
    optimizer.step()
    return loss.item()


def _penalty(
    discriminator: nn.Module, real: Tensor, fake: Tensor, rng: Seed, settings: "Settings"
) -> Tensor:
    """What D pays for being steep; 0 where there is no penalty."""

    def slope(x: Tensor) -> Tensor:
        x = x.clone().requires_grad_()
        return torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)[0]

    total = torch.zeros(())
    for amount, x in ((settings.r1, real), (settings.r2, fake)):
        if amount:
            total = total + amount / 2 * (slope(x) ** 2).mean()
    if settings.gradient_penalty:
        source = validation.random_source("rng", rng)
        mix = torch.from_numpy(source.random((len(real), 1), np.float32)).to(real)
        off = slope(mix * real + (1 - mix) * fake).abs() - 1
        total = total + settings.gradient_penalty * (off**2).mean()
    return total


def train_generator(
    generator: nn.Module,
    optimizer: optim.Optimizer,
    target: Target,
    rng: Seed,
    loss: str = "nonsaturating",
    batch_size: int = 128,
    discriminator: nn.Module | None = None,
) -> float:
    """One step of G on ``batch_size`` fresh fakes; returns its loss.

    ``loss`` is a name in ``losses.GENERATOR_LOSSES``, ``rng`` as in ``sample_noise``.  Raises
    ``ValueError`` as ``train`` does.
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    name = validation.choice("loss", loss, GENERATOR_LOSSES)
    size = validation.count("batch_size", batch_size)
    if discriminator is not None:
        require_logits(discriminator)
    return _generator_step(generator, optimizer, target, rng, name, size, discriminator, None)


def _generator_step(
    generator: nn.Module,
    optimizer: optim.Optimizer,
    target: Target,
    rng: Seed,
    name: str,
    n: int,
    discriminator: nn.Module | None,
    real: Tensor | None,
) -> float:
    z = sample_noise(n, latent_size(generator), rng).to(like(generator))
    fake = require_column(generator(z), n, "generator")
    logits = of_real = None
    if discriminator is not None and GENERATOR_LOSSES[name].needs_discriminator:
        logits = require_column(discriminator(fake.to(like(discriminator))), n, "discriminator")
        if GENERATOR_LOSSES[name].relativistic:
            pairs = sample_real(target, n, rng) if real is None else real
            of_real = discriminator(pairs.to(like(discriminator))).detach()
    loss = GENERATOR_LOSSES[name](fake, logits, target, of_real)
    # D's weights are looked at and not asked: the step leaves no gradient on them.
    parameters = [p for p in generator.parameters() if p.requires_grad]
    optimizer.zero_grad()
    loss.backward(inputs=parameters)
    optimizer.step()
    return loss.item()


SCHEDULES: dict[str, Callable[[Array], Array]] = {
    "constant": np.ones_like,
    "linear": lambda done: 1 - done,
    "cosine": lambda done: (1 + np.cos(np.pi * done)) / 2,
}
"""What is left of a learning rate when a part of the steps is done."""


@dataclass(frozen=True)
class Settings:
    """How a run is trained.

    Attributes:
        loss: of the generator, a name in ``losses.GENERATOR_LOSSES``.
        batch_size: samples in each batch, 2 or more.
        learning_rate_g, learning_rate_d: Adam's step sizes, above 0.
        betas: Adam's decay rates, both in [0, 1).
        d_steps: updates of D before each update of G.
        r1, r2: the weights γ of the penalties γ/2·E[D'(x)²] on real data and on fakes; D' is the
            slope of D's logit (Mescheder et al. 2018, Section 4).
        gradient_penalty: the weight λ of λ·E[(|D'(x)| − 1)²] on random places between a real
            value and a fake (Gulrajani et al. 2017).
        average: how much stays, in each step, of the average of G's weights over time: 0.995
            looks back some 200 steps, 0 keeps none.  With it the generator is left with the
            average (Yazıcı et al. 2019).
        schedule: how the learning rates fall to 0: "constant" not at all, "linear" or "cosine".
        optimistic: whether Adam looks ahead (Daskalakis et al. 2018, Algorithm 1).
        standardise: whether both see the data as (x − m)/s, with m and s from 1000 samples.  A
            fresh G then begins near the data.

    Raises ``ValueError`` for a value out of range.
    """

    loss: str = "nonsaturating"
    batch_size: int = 128
    learning_rate_g: float = 2e-4
    learning_rate_d: float = 2e-4
    betas: tuple[float, float] = (0.9, 0.999)
    d_steps: int = 1
    r1: float = 0.0
    r2: float = 0.0
    gradient_penalty: float = 0.0
    average: float = 0.0
    schedule: str = "constant"
    optimistic: bool = False
    standardise: bool = False

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            "loss": validation.choice("loss", self.loss, GENERATOR_LOSSES),
            "batch_size": validation.count("batch_size", self.batch_size, minimum=2),
            "learning_rate_g": validation.positive("learning_rate_g", self.learning_rate_g),
            "learning_rate_d": validation.positive("learning_rate_d", self.learning_rate_d),
            "betas": validation.decay_rates("betas", self.betas),
            "d_steps": validation.count("d_steps", self.d_steps),
            "average": validation.between("average", self.average, 0, 1),
            "schedule": validation.choice("schedule", self.schedule, SCHEDULES),
            "r1": validation.between("r1", self.r1, 0, inf),
            "r2": validation.between("r2", self.r2, 0, inf),
            "gradient_penalty": validation.between(
                "gradient_penalty", self.gradient_penalty, 0, inf
            ),
            "optimistic": validation.switch("optimistic", self.optimistic),
            "standardise": validation.switch("standardise", self.standardise),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def rule(self) -> engine.Rule:
        """The same for the engine."""
        rates = self.learning_rate_g, self.learning_rate_d, *self.betas, self.optimistic
        return engine.Rule(*rates, self.r1, self.r2, self.gradient_penalty, self.average)

    def fall(self, steps: int) -> Array:
        """What the learning rates are multiplied with in each step, shape (steps,)."""
        return SCHEDULES[self.schedule](np.arange(steps) / steps)


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
    def empty(cls, steps: list[int], points: int, alone: bool) -> "Record":
        """A record of a run that is still to come: all NaN."""
        snapshots, total = len(steps), steps[-1]
        samples, averaged = np.full((2, snapshots, SAMPLES_SEEN), np.nan)
        d = np.full((snapshots, points), np.nan)
        g_loss, d_loss = np.full((2, total), np.nan)
        return cls(np.array(steps), samples, averaged, d, g_loss, d_loss, alone)

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

    def mark(self, step: int) -> None:
        """The run diverged: from there on its entries are NaN."""
        self.diverged = step
        self.samples[self.steps >= step] = self.averaged[self.steps >= step] = np.nan
        for losses in (self.g_loss, self.d_loss):
            losses[max(step - 1, 0) :] = np.nan


# --- Who takes the steps: each knows `advance`, `look` and `store` ------------------------------


class _Modules:
    """Any pair of modules, in a plain loop with autograd and PyTorch's Adam."""

    def __init__(
        self,
        target: Target,
        generator: nn.Module,
        discriminator: nn.Module | None,
        settings: Settings,
        rng: np.random.Generator,
        steps: int,
    ):
        self.target, self.settings, self.rng = target, settings, rng
        self.generator, self.discriminator = generator, discriminator
        self.average = deepcopy(generator) if settings.average else generator
        self.fall = iter(settings.fall(steps))
        torch.manual_seed(int(rng.bit_generator.seed_seq.generate_state(1)[0]))  # for dropout
        self.adam_g = _adam("generator", generator, settings)
        if discriminator is not None:
            self.adam_d = _adam("discriminator", discriminator, settings)

    def advance(self, steps: int) -> tuple[Array, Array]:
        """Both players' losses in the next step: one at a time."""
        settings, d_loss, real, fall = self.settings, np.nan, None, next(self.fall)
        self.adam_g.param_groups[0]["lr"] = fall * settings.learning_rate_g
        if self.discriminator is not None:
            self.adam_d.param_groups[0]["lr"] = fall * settings.learning_rate_d
            for _ in range(settings.d_steps):
                real = sample_real(self.target, settings.batch_size, self.rng)
                d_loss = _discriminator_step(
                    self.discriminator, self.generator, self.adam_d, real, self.rng, settings
                )
        g_loss = _generator_step(
            self.generator,
            self.adam_g,
            self.target,
            self.rng,
            settings.loss,
            settings.batch_size,
            self.discriminator,
            real,
        )
        if settings.average:
            _follow(self.average, self.generator, 1 - settings.average)
        return np.array([g_loss]), np.array([d_loss])

    def look(self, noise: NDArray[np.float32], x: Array) -> tuple[Array, Array, Array]:
        """G of the noise (n, k), its average of it, and D's logits on the grid."""
        logits = np.full(x.shape, np.nan)
        if self.discriminator is not None:
            logits = outputs(self.discriminator, x[:, None], "discriminator")
        samples = averaged = outputs(self.generator, noise, "generator")
        if self.settings.average:
            averaged = outputs(self.average, noise, "generator")
        return samples, averaged, logits

    def store(self) -> None:
        """Leave the average in the generator; else the modules themselves were trained."""
        if self.settings.average:
            self.generator.load_state_dict(self.average.state_dict())


def _follow(average: nn.Module, module: nn.Module, share: float) -> None:
    """Move the average towards the module: its weights by a share, its other state at once."""
    with torch.no_grad():
        for old, new in zip(average.parameters(), module.parameters(), strict=True):
            old.copy_(old.lerp(new, share))
        for kept, state in zip(average.buffers(), module.buffers(), strict=True):
            kept.copy_(state)


class OptimisticAdam(optim.Adam):
    """Adam that adds to each update what it has changed since the last one.

    Source: Daskalakis et al. (2018), Algorithm 1.
    """

    def step(self, closure: Any = None) -> Any:
        """One update of all parameters."""
        parameters = [p for group in self.param_groups for p in group["params"]]
        before = [p.detach().clone() for p in parameters]
        loss = super().step(closure)
        with torch.no_grad():
            for p, old in zip(parameters, before, strict=True):
                update = p - old
                p += update - self.state[p].get("update", 0)
                self.state[p]["update"] = update
        return loss


def _adam(name: str, module: nn.Module, settings: Settings) -> optim.Optimizer:
    parameters = [p for p in module.parameters() if p.requires_grad]
    if not parameters:
        raise ValueError(f"{name} is {type(module).__name__} with no parameter that learns")
    kind = OptimisticAdam if settings.optimistic else optim.Adam
    return kind(parameters, betas=settings.betas)


Drawn = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Real data, noise, and places between real and fake, for some steps."""


def _ahead(
    thread: Executor, function: Callable[[int], Drawn], arguments: Iterable[int]
) -> Iterator[Drawn]:
    """``map``, of which the next result is computed while this one is used."""
    waiting = deque[Future[Drawn]]()
    for argument in arguments:
        waiting.append(thread.submit(function, argument))
        if len(waiting) > 1:
            yield waiting.popleft().result()
    yield waiting.popleft().result()


class _Perceptrons:
    """Two perceptrons, or a generator alone, in the compiled engine."""

    def __init__(
        self,
        target: "Target | _Standardised",
        generator: nn.Module,
        discriminator: nn.Module | None,
        settings: Settings,
        rng: np.random.Generator,
        steps: int,
        points: int,
        ahead: Executor | None,
    ):
        self.target, self.settings, self.rng = target, settings, rng
        self.latent_dim = latent_size(generator)
        self.with_d = discriminator is not None
        self.d_steps = settings.d_steps if self.with_d else 0
        each = settings.batch_size * (self.d_steps + (self.d_steps + 1) * self.latent_dim)
        size = -(-DRAWN // each)
        sizes = [min(size, steps - at) for at in range(0, steps, size)]
        self.chunks = _ahead(ahead, self._draw, sizes) if ahead else map(self._draw, sizes)
        self.drawn: Drawn = (np.empty(0, np.float32),) * 3
        self.fall = settings.fall(steps)
        networks = [generator, discriminator] if discriminator is not None else [generator]
        self.layers = [perceptrons.layers_of(network) or [] for network in networks]
        widest = max(len(bias) for layers in self.layers for _, bias in layers)
        self.piece = min(settings.batch_size, max(1, engine.PIECE // widest))
        columns = max(self.piece, SAMPLES_SEEN), max(2 * self.piece, points)
        players = map(perceptrons.player_of, self.layers, columns)
        self.g, self.d = (*players,) if self.with_d else (*players,) * 2  # D is not asked then

    def advance(self, steps: int) -> tuple[Array, Array]:
        """Both players' losses in some of the next steps."""
        if not len(self.drawn[1]):
            self.drawn = next(self.chunks)
        real, noise, mix = (numbers[:steps] for numbers in self.drawn)
        self.drawn = self.drawn[0][steps:], self.drawn[1][steps:], self.drawn[2][steps:]
        fall, self.fall = self.fall[: len(noise)], self.fall[len(noise) :]
        g_loss, d_loss = np.full((2, len(noise)), np.nan)
        first = not engine.train_steps.signatures
        with patience(COMPILING) if first else nullcontext():
            taken = engine.train_steps(
                self.g,
                self.d,
                self.piece,
                real,
                noise,
                mix,
                GENERATOR_LOSSES[self.settings.loss],
                (float(self.target.mean), float(self.target.std)),
                self.settings.rule,
                fall,
                g_loss,
                d_loss,
            )
        return g_loss[:taken], d_loss[:taken]

    def _draw(self, steps: int) -> Drawn:
        """Real data (T, s, n), noise (T, s + 1, n, k) and mix, drawn as a plain loop does."""
        n, d_steps = self.settings.batch_size, self.d_steps
        lines = n if self.settings.gradient_penalty else 0
        real = np.empty((steps, d_steps, n), np.float32)
        noise = np.empty((steps, d_steps + 1, n, self.latent_dim), np.float32)
        mix = np.empty((steps, d_steps, lines), np.float32)
        for t in range(steps):
            for s in range(d_steps):
                real[t, s] = self.target.draw(n, self.rng)
                if s < d_steps - 1 or lines:
                    self.rng.standard_normal(out=noise[t, s], dtype=np.float32)
                    self.rng.random(out=mix[t, s], dtype=np.float32)
            # The noise for G's step, and for D's last if that is still to come.
            self.rng.standard_normal(out=noise[t, -1 if lines else -2 :], dtype=np.float32)
        return real, noise, mix

    def look(self, noise: NDArray[np.float32], x: Array) -> tuple[Array, Array, Array]:
        """G of the noise (n, k), its average of it, and D's logits on the grid."""
        logits = np.full(x.shape, np.nan)
        if self.with_d:
            logits = perceptrons.outputs(self.d, x[:, None])
        samples = averaged = perceptrons.outputs(self.g, noise)
        if self.settings.average:
            averaged = perceptrons.outputs(self._averaged, noise)
        return samples, averaged, logits

    @property
    def _averaged(self) -> engine.Player:
        return self.g._replace(weights=self.g.average) if self.settings.average else self.g

    def store(self) -> None:
        """Leave what was learned in the modules."""
        for player, layers in zip((self._averaged, self.d), self.layers, strict=False):
            perceptrons.store(player, layers)


def is_compiled(generator: nn.Module, discriminator: nn.Module | None) -> bool:
    """Whether the engine takes this pair: two perceptrons of one type, or one alone."""
    g = perceptrons.layers_of(generator)
    if g is None or discriminator is None:
        return g is not None
    d = perceptrons.layers_of(discriminator)
    return d is not None and d[0][0].dtype == g[0][0].dtype


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


class _Standardised:
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
    snapshots = [*range(0, steps, every), steps]
    record = Record.empty(snapshots, len(x), alone=discriminator is None)
    law: Target | _Standardised = target
    m, s = 0.0, 1.0
    if settings.standardise:
        seen = target.sample(SAMPLES_SEEN, np.random.default_rng(watching.spawn(1)[0]))
        m, s = float(seen.mean()), float(seen.std(ddof=1))
        law = _Standardised(target, m, s)
    learner: _Perceptrons | _Modules
    if is_compiled(generator, discriminator):
        learner = _Perceptrons(law, generator, discriminator, settings, rng, steps, len(x), ahead)
    else:
        learner = _Modules(target, generator, discriminator, settings, rng, steps)

    def look(snapshot: int) -> None:
        samples, averaged, logits = learner.look(noise, (x - m) / s)
        record.note_snapshot(snapshot, m + s * samples, m + s * averaged, logits)

    try:
        look(0)
        for snapshot, (at, end) in enumerate(pairwise(snapshots), 1):
            while at < end and record.diverged < 0 and not (stop and stop.is_set()):
                losses = learner.advance(end - at)
                record.note_losses(at, *losses)
                at += len(losses[0])
                tick(len(losses[0]))
            if record.diverged >= 0:
                break
            look(snapshot)
    finally:  # an interrupted run leaves what it has learned
        with torch.no_grad():
            learner.store()
            if settings.standardise:
                perceptrons.undo_standardising(generator, discriminator, m, s)
    return record


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
    bar = progress(range(steps), "training")
    with undisturbed(), ThreadPoolExecutor(1) as ahead:
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
            tick=lambda taken: deque(islice(bar, taken), maxlen=0),
        )
    deque(bar, maxlen=0)  # comes to its end
    if record.diverged >= 0:
        raise FloatingPointError(
            f"the run diverged at step {record.diverged}: a loss or an output became NaN or "
            "infinite; try a smaller learning rate"
        )
    return History(
        steps=record.steps,
        x=grid,
        p_data=p_data,
        p_g=np.array([sample_density(snapshot, grid) for snapshot in record.samples]),
        d=record.d,
        samples=record.samples,
        averaged=record.averaged,
        mean=record.samples.mean(axis=1),
        std=record.samples.std(axis=1, ddof=1),
        g_loss=record.g_loss,
        d_loss=record.d_loss,
    )
