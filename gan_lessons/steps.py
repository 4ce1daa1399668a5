"""One step of each player: the heart of every run in the course.

The steps take players, which may be one network or a stack of S.  A batch comes in blocks, small
enough for a core's cache.  Of each block a step takes the mean, and the mean of these, weighted by
their sizes, is the batch's.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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

Each = Callable[..., Any]
"""``map``, or what does the same with several threads."""


@contextmanager
def side_by_side(blocks: int) -> Iterator[Each]:
    """A ``map`` for so many blocks: each core takes the next one, if there are several."""
    cores = torch.get_num_threads()
    if blocks == 1 or cores == 1:
        yield map
        return
    torch.set_num_threads(1)  # a core with a block of its own has no time for the others'
    try:
        with ThreadPoolExecutor(cores) as threads:
            yield threads.map
    finally:
        torch.set_num_threads(cores)


def discriminator_step(
    discriminator: Player,
    generator: Player,
    blocks: Sequence[Callable[[], tuple[Tensor, Tensor]]],
    each: Each = map,
) -> Tensor:
    """One update of D on a batch; returns its loss, shape (S,).

    Each block gives m real samples, shape (S, 1, m), and noise for as many fakes, (S, k, m).
    Source: Goodfellow et al. (2014), Algorithm 1.
    """

    def way_back(block: Callable[[], tuple[Tensor, Tensor]]) -> tuple[int, Tensor, Tensor]:
        real, z = block()
        fake, _ = generator.forward(z)  # no way back is kept: this step must not reach G
        logits, memory = discriminator.forward(torch.cat([real, fake], dim=2))
        pair = logits.split(real.shape[2], dim=2)
        slope = torch.cat(discriminator_slopes(*pair), dim=2)
        loss = discriminator_loss(*pair)
        return real.shape[2], discriminator.weight_slope(memory, slope), loss

    sizes, gradients, losses = zip(*each(way_back, blocks), strict=True)
    discriminator.update(_mean(gradients, sizes))
    return _mean(losses, sizes)


def generator_step(
    generator: Player,
    discriminator: Player | None,
    blocks: Sequence[Callable[[], Tensor]],
    loss: GeneratorLoss,
    target: HasMoments,
    each: Each = map,
) -> Tensor:
    """One update of G on a batch; returns its loss, shape (S,).

    Each block gives noise for m fakes, shape (S, k, m).
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    noise = list(each(lambda block: block(), blocks))
    sizes = [z.shape[2] for z in noise]
    pulls: Sequence[Tensor | None] = [None] * len(noise)
    if loss.of_samples and len(noise) > 1:  # which may depend on the mean of all: make all first
        fakes = _batch([fake for fake, _ in each(generator.forward, noise)])
        slope = loss.sample_slope(fakes, target)
        assert slope is not None
        pulls = [pull * (sum(sizes) / pull.shape[2]) for pull in slope.split(sizes, dim=2)]

    def way_back(z: Tensor, pull: Tensor | None) -> tuple[Tensor, Tensor | None, Tensor]:
        fake, memory = generator.forward(z)
        logits, d_memory = discriminator.forward(fake) if discriminator else (None, None)
        slope = loss.sample_slope(fake, target) if pull is None else pull
        of_logits = loss.logit_slope(logits)
        if discriminator and of_logits is not None:
            through_d = discriminator.input_slope(d_memory, of_logits)
            slope = through_d if slope is None else through_d + slope
        assert slope is not None  # a loss has one term or two
        return fake, logits, generator.weight_slope(memory, slope)

    made, judged, gradients = zip(*each(way_back, noise, pulls), strict=True)
    value = loss(_batch(made), _batch(judged) if discriminator else None, target)
    generator.update(_mean(gradients, sizes))
    return value


def _batch(blocks: Sequence[Tensor]) -> Tensor:
    """The blocks of a batch put together: (S, 1, n)."""
    return blocks[0] if len(blocks) == 1 else torch.cat([*blocks], dim=2)


def _mean(parts: Sequence[Tensor], sizes: Sequence[int]) -> Tensor:
    """The mean over a batch, from the means over its blocks."""
    if len(parts) == 1:
        return parts[0]
    shares = [size / sum(sizes) for size in sizes]
    return torch.stack([part * share for part, share in zip(parts, shares, strict=True)]).sum(0)
