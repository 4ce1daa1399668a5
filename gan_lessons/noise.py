"""The one source of random numbers for a single run and for many side by side."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_lessons.distributions import Target

BLOCK = 32_000  # samples: enough that two cores with a block each seldom wait for Python


def seed_sequences(seed: int) -> tuple[np.random.SeedSequence, np.random.SeedSequence]:
    """Where a run with this seed takes its numbers from: for training, and for being watched.

    Since these are two, looking more often does not change the run.
    """
    training, watching = np.random.SeedSequence(seed).spawn(2)
    return training, watching


def watch_noise(seeds: Sequence[int], latent_dim: int, n: int, like: Tensor) -> Tensor:
    """The fixed noise on which each run is watched, shape (S, latent_dim, n)."""
    rngs = [np.random.default_rng(seed_sequences(seed)[1]) for seed in seeds]
    drawn = np.stack([rng.standard_normal((n, latent_dim), dtype=np.float32) for rng in rngs])
    return torch.from_numpy(drawn).to(like).mT


class _Stream:
    """Random numbers for one run: NumPy's, and PyTorch's, which are three times as fast."""

    def __init__(self, seed: np.random.SeedSequence):
        self.numpy = np.random.default_rng(seed)
        self.torch = torch.Generator().manual_seed(int(seed.generate_state(1, np.uint64)[0]) >> 1)


def _fill_real(row: NDArray[np.float32], target: Target, stream: _Stream) -> None:
    row[:, 0] = target.draw(len(row), stream.numpy)


def _fill_noise(row: NDArray[np.float32], target: Target, stream: _Stream) -> None:
    stream.numpy.standard_normal(out=row, dtype=np.float32)


def _fill_noise_fast(row: NDArray[np.float32], target: Target, stream: _Stream) -> None:
    torch.from_numpy(row).normal_(generator=stream.torch)


class Block:
    """A part of each batch of S runs: where m of its samples and their noise come from.

    Numbers are drawn in float32 and cast, so a run in float64 sees the same ones.  Two threads
    may draw from two blocks, not from one.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        seeds: Sequence[np.random.SeedSequence],
        latent_dim: int,
        size: int,
        fill: Callable[..., None],
        like: Tensor,
    ):
        self._pairs = [(t, _Stream(seed)) for t, seed in zip(targets, seeds, strict=True)]
        self._latent_dim, self._size, self._fill, self._like = latent_dim, size, fill, like

    def real(self) -> Tensor:
        """The next real data, (S, 1, m)."""
        return self._draw(1, _fill_real)

    def noise(self) -> Tensor:
        """The next noise, (S, latent_dim, m)."""
        return self._draw(self._latent_dim, self._fill)

    def both(self) -> tuple[Tensor, Tensor]:
        """The next real data, and the next noise after them."""
        return self.real(), self.noise()

    def _draw(self, width: int, fill: Callable[..., None]) -> Tensor:
        drawn = np.empty((len(self._pairs), self._size, width), np.float32)
        for row, (target, stream) in zip(drawn, self._pairs, strict=True):
            fill(row, target, stream)
        return torch.from_numpy(drawn).to(self._like).mT.contiguous()


def blocks_of(
    targets: Sequence[Target],
    seeds: Sequence[int],
    latent_dim: int,
    batch_size: int,
    like: Tensor,
) -> list[Block]:
    """Where S runs take their batches from, each run from its own seed.

    A batch comes in blocks of at most 32 000 samples, each with random numbers of its own.  The
    batch of one block is drawn as a lesson would draw it, from one NumPy generator; a larger one
    takes its noise from PyTorch, which is faster.

    Args:
        targets: where the real data of each run come from.
        seeds: one for each run.
        latent_dim: noise values for each sample.
        batch_size: n.
        like: a tensor that has the type and the device to draw for.
    """
    count = -(-batch_size // BLOCK)
    fill = _fill_noise if count == 1 else _fill_noise_fast
    roots = [seed_sequences(seed)[0] for seed in seeds]
    each = [[root, *root.spawn(count - 1)] for root in roots]
    return [
        Block(targets, own, latent_dim, batch_size // count + (i < batch_size % count), fill, like)
        for i, own in enumerate(zip(*each, strict=True))
    ]
