"""One step of each player: the heart of every run in the course.

The steps take players, which may be one network or a stack of S.  A batch comes in blocks, small
enough for the processor's cache; a block of a stack of one may lie in rows (see ``players``).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from gan_lessons.losses import (
    GeneratorLoss,
    HasMoments,
    discriminator_loss,
    discriminator_slopes,
)
from gan_lessons.players import Player


def discriminator_step(
    discriminator: Player, generator: Player, blocks: Iterable[tuple[Tensor, Tensor]], n: int
) -> Tensor:
    """One update of D on a batch of n; returns its loss, shape (S,).

    Each block holds m real samples, shape (S, 1, m), and noise for as many fakes, (S, k, m).
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    losses, gradients = [], []
    for real, z in blocks:
        m = real.shape[2]
        fake, _ = generator.forward(z)  # no way back is kept: this step must not reach G
        logits, memory = discriminator.forward(torch.cat([real, fake], dim=2))
        pair = logits.split(m, dim=2)
        slope = torch.cat(discriminator_slopes(*pair), dim=2)
        if m < n:
            slope *= m / n
        gradients.append(discriminator.weight_slope(memory, slope))
        loss = discriminator_loss(*pair).view(discriminator.members, -1)
        losses.append(loss.sum(1) * (m / n))
    discriminator.update(_total(gradients))
    return _total(losses)


def generator_step(
    generator: Player,
    discriminator: Player | None,
    blocks: Sequence[Tensor],
    loss: GeneratorLoss,
    target: HasMoments,
) -> Tensor:
    """One update of G on a batch that comes as blocks of noise, (S, k, m); its loss, shape (S,).

    The whole batch goes forward before any of it goes back, since a loss may depend on the mean
    of all.  Source: Goodfellow et al. (2014), Algorithm 1.
    """

    def forward(z: Tensor) -> tuple[Tensor, Any, Tensor, Any]:
        fake, memory = generator.forward(z)
        return fake, memory, *(discriminator.forward(fake) if discriminator else (fake, None))

    runs = [forward(z) for z in blocks]
    fakes = _batch([run[0] for run in runs], generator.members)
    logits = _batch([run[2] for run in runs], generator.members) if discriminator else None
    value = loss(fakes, logits, target)  # before any weight moves: it may refuse
    of_samples, of_logits = loss.sample_slope(fakes, target), loss.logit_slope(logits)
    gradients, start = [], 0
    for z, run in zip(blocks, runs, strict=True):
        # The memory of several blocks is not kept: it would not fit the cache.
        fake, memory, _, d_memory = run if len(blocks) == 1 else forward(z)
        span = slice(start, start + fake.numel() // generator.members)
        start = span.stop
        slopes = []
        if of_samples is not None:
            slopes.append(of_samples[:, :, span].view_as(fake))
        if of_logits is not None and discriminator:
            logit_slope = of_logits[:, :, span].view_as(fake)
            slopes.append(discriminator.input_slope(d_memory, logit_slope))
        gradients.append(generator.weight_slope(memory, _total(slopes)))
    generator.update(_total(gradients))
    return value


def _total(parts: list[Tensor]) -> Tensor:
    """Their sum."""
    return parts[0] if len(parts) == 1 else torch.stack(parts).sum(0)


def _batch(blocks: list[Tensor], members: int) -> Tensor:
    """The blocks of a batch, put together: (S, 1, n)."""
    rows = [block.view(members, 1, -1) for block in blocks]
    return rows[0] if len(rows) == 1 else torch.cat(rows, dim=2)
