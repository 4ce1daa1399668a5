"""The training: one step of each player, and one loop for every run in the course."""

import math

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from gan_lessons import validation
from gan_lessons.distributions import Target
from gan_lessons.history import History
from gan_lessons.losses import GENERATOR_LOSSES, discriminator_loss
from gan_lessons.metrics import sample_density
from gan_lessons.networks import latent_size, probability, require_logits, sample_noise
from gan_lessons.progress import progress

SAMPLES_PER_FRAME = 1000


def sample_real(target: Target, n: int, rng: np.random.Generator) -> Tensor:
    """Draw a batch of real data, shape (n, 1), float32."""
    return torch.from_numpy(target.sample(n, rng).astype(np.float32))


def train_discriminator(
    discriminator: nn.Module,
    generator: nn.Module,
    optimizer: Optimizer,
    real: Tensor,
    rng: np.random.Generator,
) -> float:
    """One step of D on a real batch, shape (n, 1), and n fresh fakes; returns its loss.

    The fakes are detached: this step must not reach G, and need not spend time on its gradient.
    Raises ``ValueError`` for a discriminator that returns probabilities.
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    require_logits(discriminator)
    fake = generator(sample_noise(len(real), latent_size(generator), rng)).detach()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train_generator(
    generator: nn.Module,
    optimizer: Optimizer,
    target: Target,
    rng: np.random.Generator,
    loss: str = "nonsaturating",
    batch_size: int = 128,
    discriminator: nn.Module | None = None,
) -> float:
    """One step of G on ``batch_size`` fresh fakes; returns its loss.

    ``loss`` is a name in ``losses.GENERATOR_LOSSES``.  The gradient passes through D, which
    leaves its mark on D's ``.grad`` too; ``train_discriminator`` clears that before it steps.
    Raises ``ValueError`` as ``train`` does.
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    name = validation.choice("loss", loss, GENERATOR_LOSSES)
    batch_size = validation.count("batch_size", batch_size)
    if discriminator is not None:
        require_logits(discriminator)
    fake = generator(sample_noise(batch_size, latent_size(generator), rng))
    logits = None if discriminator is None else discriminator(fake)
    value = GENERATOR_LOSSES[name](fake, logits, target)
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
    return value.item()


def train(
    target: Target,
    generator: nn.Module,
    discriminator: nn.Module | None = None,
    *,
    loss: str = "nonsaturating",
    steps: int = 200,
    batch_size: int = 128,
    learning_rate_g: float = 2e-4,
    learning_rate_d: float = 2e-4,
    betas: tuple[float, float] = (0.9, 0.999),
    d_steps: int = 1,
    every: int = 1,
    x: ArrayLike | None = None,
    seed: int = 0,
) -> History:
    """Train the networks in place with Adam, D first and then G, and return the record.

    Args:
        target: where the real data come from.
        generator: noise (n, k) to samples (n, 1).
        discriminator: samples (n, 1) to logits (n, 1); None for a loss that needs none.
        loss: a name in ``losses.GENERATOR_LOSSES``.
        steps: how many times G is updated.
        batch_size: samples in each batch, 2 or more.
        learning_rate_g, learning_rate_d: Adam's step sizes, above 0.
        betas: Adam's decay rates, both in [0, 1).
        d_steps: updates of D before each update of G.
        every: a frame is recorded before the first step, after each ``every`` steps, and at the
            end.
        x: the grid, shape (X,); by default 200 points over mean ± 5 std of the target.
        seed: fixes noise and data.  Recording draws from a source of its own, so that looking
            more often does not change the run.

    Raises:
        ValueError: for an argument out of range, an unknown loss, a loss that needs a
            discriminator and has none, or a discriminator that returns probabilities.
        FloatingPointError: if a loss or a recorded output becomes NaN or infinite; the message
            names the step.
    """
    validation.choice("loss", loss, GENERATOR_LOSSES)
    steps, every = validation.count("steps", steps), validation.count("every", every)
    batch_size = validation.count("batch_size", batch_size, minimum=2)
    d_steps = validation.count("d_steps", d_steps)
    learning_rate_g = validation.positive("learning_rate_g", learning_rate_g)
    learning_rate_d = validation.positive("learning_rate_d", learning_rate_d)
    if not isinstance(betas, tuple | list) or len(betas) != 2:
        raise ValueError(f"betas is {betas!r}: it must be two numbers, each in [0, 1)")
    betas = (
        validation.between("betas", betas[0], 0, 1),
        validation.between("betas", betas[1], 0, 1),
    )
    if discriminator is not None:
        require_logits(discriminator)
    if x is None:
        x = np.linspace(target.mean - 5 * target.std, target.mean + 5 * target.std, 200)
    grid = validation.vector("x", x, minimum=2)

    noise_seed, watch_seed = np.random.SeedSequence(validation.count("seed", seed, 0)).spawn(2)
    watch = sample_noise(
        SAMPLES_PER_FRAME, latent_size(generator), np.random.default_rng(watch_seed)
    )
    p_data = target.pdf(grid)
    frames: list[int] = []
    samples, p_g, d = [], [], []
    losses: list[tuple[float, float]] = []

    def check(what: str, values: ArrayLike) -> None:
        if not np.isfinite(values).all():
            raise FloatingPointError(
                f"the run diverged at step {len(losses)}: {what} hold NaN or infinity; "
                "try a smaller learning rate"
            )

    def record() -> None:
        frames.append(len(losses))
        with torch.no_grad():
            samples.append(generator(watch)[:, 0].double().numpy())
        check("G's samples", samples[-1])
        p_g.append(sample_density(samples[-1], grid))
        blind = np.full_like(grid, np.nan)
        d.append(blind if discriminator is None else probability(discriminator, grid))
        if discriminator is not None:
            check("D's outputs", d[-1])

    rng = np.random.default_rng(noise_seed)
    adam_g = Adam(generator.parameters(), lr=learning_rate_g, betas=betas, foreach=True)
    if discriminator is not None:
        adam_d = Adam(discriminator.parameters(), lr=learning_rate_d, betas=betas, foreach=True)
    record()
    for step in progress(range(1, steps + 1), "training"):
        d_loss = math.nan
        if discriminator is not None:
            for _ in range(d_steps):
                real = sample_real(target, batch_size, rng)
                d_loss = train_discriminator(discriminator, generator, adam_d, real, rng)
        g_loss = train_generator(generator, adam_g, target, rng, loss, batch_size, discriminator)
        if not math.isfinite(g_loss) or (discriminator is not None and not math.isfinite(d_loss)):
            raise FloatingPointError(
                f"the run diverged at step {step}: G loss {g_loss}, D loss {d_loss}; "
                "try a smaller learning rate"
            )
        losses.append((g_loss, d_loss))
        if step % every == 0 or step == steps:
            record()

    return History(
        steps=np.array(frames),
        x=grid,
        p_data=p_data,
        p_g=np.array(p_g),
        d=np.array(d),
        samples=np.array(samples),
        mean=np.mean(samples, axis=1),
        std=np.std(samples, axis=1, ddof=1),
        g_loss=np.array(losses)[:, 0],
        d_loss=np.array(losses)[:, 1],
    )
