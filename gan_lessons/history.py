"""The record of a training run: what every picture, metric and animation reads."""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from gan_lessons import validation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """A training run in plain NumPy arrays: F snapshots on a grid of X points, T steps.

    A snapshot is a look at the networks between two steps; number 0 comes before the first step.

    Attributes:
        steps: (F,) how many steps lie behind each snapshot.
        x: (X,) the grid.
        p_data: (X,) density of the target on the grid.
        p_g: (F, X) density of the generator's samples on the grid, a kernel estimate.
        d: (F, X) the discriminator's probability of "real"; NaN where there is none.
        samples: (F, n) the generator's output on one fixed batch of noise.
        averaged: (F, n) the same of the average over time of G's weights; the samples themselves
            where none was kept.
        mean, std: (F,) of the samples, std with n − 1.
        g_loss: (T,) the generator's loss in each step.
        d_loss: (T,) the discriminator's loss in each step; NaN where there is none.

    Lists and tensors become arrays.  Raises ``ValueError`` for shapes that don't fit together.
    """

    steps: NDArray[np.int64]
    x: Array
    p_data: Array
    p_g: Array
    d: Array
    samples: Array
    averaged: Array
    mean: Array
    std: Array
    g_loss: Array
    d_loss: Array

    def __post_init__(self) -> None:
        for field in fields(self):
            array = validation.numbers(field.name, getattr(self, field.name))
            if field.name == "steps":
                array = array.astype(np.int64)
            object.__setattr__(self, field.name, array)
        snapshots, points, batch = self.steps.shape, self.x.shape, self.samples.shape[1:]
        wanted = {"p_data": points, "d_loss": self.g_loss.shape}
        wanted |= dict.fromkeys(("mean", "std"), snapshots)
        wanted |= dict.fromkeys(("p_g", "d"), snapshots + points)
        wanted |= dict.fromkeys(("samples", "averaged"), snapshots + batch)
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"{name} has shape {getattr(self, name).shape}: it must be {shape}"
                )

    @property
    def has_discriminator(self) -> bool:
        """Whether a discriminator took part in the run."""
        return not bool(np.isnan(self.d).all())

    def snapshot_at(self, step: int) -> int:
        """The index of the snapshot after ``step`` steps; ``ValueError`` if there is none."""
        found = np.flatnonzero(self.steps == step) if np.ndim(step) == 0 else np.array([])
        if isinstance(step, bool | np.bool_) or not found.size:
            raise ValueError(
                f"step is {step!r}: snapshots were taken at {self.steps[0]}, "
                f"{self.steps[min(1, len(self.steps) - 1)]}, …, {self.steps[-1]}"
            )
        return int(found[0])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all arrays into one ``.npz`` file: whole, or not at all.

        Raises ``ValueError`` unless the name ends in ``.npz``; ``OSError`` if it can't be written.
        """
        target = validation.output_path("path", path, ".npz")
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        with TemporaryDirectory(dir=target.parent) as scratch:
            part = Path(scratch, "part.npz")
            np.savez(part, **arrays)
            os.replace(part, target)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "History":
        """Read what ``save`` wrote.

        Raises ``ValueError`` if it is another kind of file, or an array is missing;
        ``FileNotFoundError`` if it is not there.
        """
        if not isinstance(path, str | os.PathLike):
            raise ValueError(f"path is {path!r}: it must be a path")
        known = [field.name for field in fields(cls)]
        try:
            # Opened here, since np.load leaves a file that it cannot read open.
            with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                arrays = {name: file[name] for name in known if name in file}
        except (ValueError, TypeError, EOFError, BadZipFile) as error:
            raise ValueError(
                f"path is {str(path)!r}: it must be a file that History.save wrote"
            ) from error
        if "samples" in arrays:  # written before there were averages
            arrays.setdefault("averaged", arrays["samples"])
        missing = [name for name in known if name not in arrays]
        if missing:
            raise ValueError(f"path is {str(path)!r}: it lacks {', '.join(missing)}")
        return cls(**arrays)
