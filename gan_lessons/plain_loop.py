"""The training of any two modules: a plain PyTorch loop with autograd and PyTorch's Adam."""

from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn, optim

from gan_lessons import validation
from gan_lessons.distributions import Seed, Target
from gan_lessons.losses import DISCRIMINATOR_LOSSES, GENERATOR_LOSSES
from gan_lessons.networks import (
    latent_size,
    like,
    outputs,
    require_column,
    require_logits,
    sample_noise,
)
from gan_lessons.settings import Settings

Array = NDArray[np.float64]


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
    settings: Settings,
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
    discriminator: nn.Module, real: Tensor, fake: Tensor, rng: Seed, settings: Settings
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


class Modules:
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
        self.decay = iter(settings.decay(steps))
        torch.manual_seed(int(rng.bit_generator.seed_seq.generate_state(1)[0]))  # for dropout
        self.adam_g = _adam("generator", generator, settings)
        if discriminator is not None:
            self.adam_d = _adam("discriminator", discriminator, settings)

    def advance(self, steps: int) -> tuple[Array, Array]:
        """Both players' losses in the next step: one at a time."""
        settings, d_loss, real, decay = self.settings, np.nan, None, next(self.decay)
        self.adam_g.param_groups[0]["lr"] = decay * settings.learning_rate_g
        if self.discriminator is not None:
            self.adam_d.param_groups[0]["lr"] = decay * settings.learning_rate_d
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
