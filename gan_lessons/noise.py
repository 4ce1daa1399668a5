"""The one source of random numbers for a single run and for many side by side."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, pairwise, starmap
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_lessons.distributions import Target

Item = TypeVar("Item")

ROW = 8000  # samples: with 16 hidden units, what a core keeps close while it works on them


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


class NoiseSource:
    """Real batches and noise for S runs, each from its own seed, in columns: (S, ·, n).

    A step asks ``d_steps`` times for real data and noise, and then once for noise.  A batch is
    drawn in rows of at most 8000 samples, each row with random numbers of its own.  The batch of
    one row is drawn as a lesson would draw it, from one NumPy generator; a larger batch takes its
    noise from PyTorch, which is faster, and is drawn ahead, while the step before is computed.
    Numbers are drawn in float32 and cast, so a run in float64 sees the same ones.

    Args:
        targets: where the real data of each run come from.
        seeds: one for each run.
        latent_dim: noise values for each sample.
        batch_size: n.
        d_steps: updates of D in each step; 0 without a discriminator.
        like: a tensor that has the type and the device to draw for.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        seeds: Sequence[int],
        latent_dim: int,
        batch_size: int,
        d_steps: int,
        like: Tensor,
    ) -> None:
        self._like = like
        rows, cores = -(-batch_size // ROW), torch.get_num_threads()
        streams = []
        for seed in seeds:
            root = seed_sequences(seed)[0]
            streams.append([_Stream(s) for s in (root, *root.spawn(rows - 1))])
        # In a stack of one, a block takes a row for each core; they must be of one length.
        together = cores if len(seeds) == 1 else 1
        longer = batch_size % rows
        starts = [*range(0, longer, together), *range(longer, rows, together)]
        self._blocks: list[tuple[int, list[tuple[Target, _Stream]]]] = []
        for start, stop in pairwise([*starts, rows]):
            size = batch_size // rows + (start < longer)
            pairs = [
                (target, stream)
                for target, own in zip(targets, streams, strict=True)
                for stream in own[start:stop]
            ]
            self._blocks.append((size, pairs))
        real = (1, _fill_real)
        noise = (latent_dim, _fill_noise if rows == 1 else _fill_noise_fast)
        self._draws: Iterator[list[Tensor]] = starmap(
            self._draw, cycle([real, noise] * d_steps + [noise])
        )
        if rows > 1 and cores > 1:
            self._draws = _ahead(self._draws, 2 * d_steps + 1)

    def next(self) -> list[Tensor]:
        """The next real data or noise, in blocks of shape (S, ·, m)."""
        return next(self._draws)

    def _draw(self, width: int, fill: Callable[..., None]) -> list[Tensor]:
        blocks = []
        for size, pairs in self._blocks:
            drawn = np.empty((len(pairs), size, width), np.float32)
            for row, (target, stream) in zip(drawn, pairs, strict=True):
                fill(row, target, stream)
            blocks.append(torch.from_numpy(drawn).to(self._like).mT.contiguous())
        return blocks


class _Stream:
    """The random numbers of one row: NumPy's, and PyTorch's, which are three times as fast."""

    def __init__(self, seed: np.random.SeedSequence):
        self.numpy = np.random.default_rng(seed)
        self.torch = torch.Generator().manual_seed(int(seed.generate_state(1, np.uint64)[0] >> 1))


def _fill_real(row: NDArray[np.float32], target: Target, stream: _Stream) -> None:
    row[:, 0] = target.draw(len(row), stream.numpy)


def _fill_noise(row: NDArray[np.float32], target: Target, stream: _Stream) -> None:
    stream.numpy.standard_normal(out=row, dtype=np.float32)


def _fill_noise_fast(row: NDArray[np.float32], target: Target, stream: _Stream) -> None:
    torch.from_numpy(row).normal_(generator=stream.torch)


def _ahead(items: Iterator[Item], count: int) -> Iterator[Item]:
    """The same items in the same order, made by a second thread, so many in advance."""
    with ThreadPoolExecutor(1) as thread:
        waiting = deque(thread.submit(next, items) for _ in range(count))
        while True:
            waiting.append(thread.submit(next, items))
            yield waiting.popleft().result()
