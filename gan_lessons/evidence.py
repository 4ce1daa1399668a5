"""The runs that take too long for a lesson: computed once, kept with their history, and checked.

A study puts one question to many seeds, under several conditions.  ``make evidence`` computes
the studies anew and keeps them in ``gan_lessons/data``; ``load`` reads them; a test computes a
part of them again, chosen at random, and compares.
"""

import argparse
import hashlib
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gan_lessons import metrics, validation
from gan_lessons.distributions import Mixture
from gan_lessons.networks import generate
from gan_lessons.optimality import optimality_gap
from gan_lessons.progress import any_encoding
from gan_lessons.studies import STUDIES, Condition

Array = NDArray[np.float64]

DATA = Path(__file__).with_name("data")
SEEDS = tuple(range(32))
SHARES = (np.arange(50) + 0.5) / 50
LARGE = 10_000
"""Fresh samples: with ten times as many the noise floor is a third as high."""


@dataclass(frozen=True)
class Evidence:
    """What is kept of one condition: S seeds, F snapshots.

    Attributes:
        seeds: (S,).
        steps: (F,) how many steps lie behind each snapshot.
        target_mean, target_std: (S,) of the targets.
        mean, std: (S, F) of the generators' samples.
        w1: (S, F) distance W1 from the target.
        jsd: (S, F) Jensen-Shannon divergence from it, in 30 equally likely bins.
        modes: (S, F) peaks covered, for a target that has several; else NaN.
        g_loss, d_loss: (S, F) mean loss over the steps since the snapshot before; NaN at the start
            and where there is no discriminator.
        looks: (L,) steps after which the samples were looked at more closely.
        quantiles: (S, L, 50) of the samples then, at 1 %, 3 %, …, 99 %.
        final_d_loss, final_jsd: (S,) D's loss on 100 000 fresh samples after the last step, and
            the JSD in nats that ``optimality_gap`` finds; NaN without a discriminator.
        final_w1: (S,) W1 of 10 000 fresh samples after the last step.

    The samples are those of the average of G's weights where one is kept, and NaN stands where a
    run has diverged.  As kept, ``jsd`` is NaN in the studies
    of before November 27, 2026, and ``final_w1`` in all but "landing".
    """

    seeds: NDArray[np.int64]
    steps: NDArray[np.int64]
    target_mean: Array
    target_std: Array
    mean: Array
    std: Array
    w1: Array
    jsd: Array
    modes: Array
    g_loss: Array
    d_loss: Array
    looks: NDArray[np.int64]
    quantiles: Array
    final_d_loss: Array
    final_jsd: Array
    final_w1: Array

    def at(self, step: int) -> int:
        """The index of the snapshot after ``step`` steps; ``ValueError`` if there is none."""
        found = np.flatnonzero(self.steps == step) if np.ndim(step) == 0 else np.array([])
        if isinstance(step, bool | np.bool_) or not found.size:
            raise ValueError(f"step is {step!r}: there are snapshots at {self.steps.tolist()}")
        return int(found[0])


def compute(condition: Condition, seeds: Sequence[int], steps: int | None = None) -> Evidence:
    """Train a condition's runs, in full or for the first ``steps``, and measure them."""
    ensemble, generators, discriminators = condition.train(seeds, steps)
    ensemble = replace(ensemble, samples=ensemble.averaged)
    targets = ensemble.targets
    looked_at = np.flatnonzero(np.isin(ensemble.steps, condition.looks))
    several = isinstance(condition.target, Mixture)
    finals, final_w1 = np.full((len(seeds), 2), np.nan), np.full(len(seeds), np.nan)
    for i in map(int, np.flatnonzero(ensemble.diverged < 0)):
        samples = generate(generators[i], LARGE, seeds[i])
        final_w1[i] = metrics.w1_distance(samples, targets[i])
        if np.isfinite(ensemble.d_loss[i]).any():
            gap = optimality_gap(discriminators[i], generators[i], targets[i])
            finals[i] = gap.d_loss, gap.jsd
    return Evidence(
        seeds=np.array(seeds),
        steps=ensemble.steps,
        target_mean=np.array([target.mean for target in targets]),
        target_std=np.array([target.std for target in targets]),
        mean=ensemble.mean,
        std=ensemble.std,
        w1=ensemble.measure(metrics.w1_distance),
        jsd=ensemble.measure(metrics.js_estimate),
        modes=ensemble.measure(metrics.modes_covered) if several else ensemble.mean * np.nan,
        g_loss=_recent(ensemble.g_loss, ensemble.steps),
        d_loss=_recent(ensemble.d_loss, ensemble.steps),
        looks=ensemble.steps[looked_at],
        quantiles=np.moveaxis(np.quantile(ensemble.samples[:, looked_at], SHARES, axis=2), 0, 2),
        final_d_loss=finals[:, 0],
        final_jsd=finals[:, 1],
        final_w1=final_w1,
    )


def _recent(losses: Array, steps: NDArray[np.int64]) -> Array:
    """The mean of the losses between one snapshot and the next, shape (S, F)."""
    spans = [losses[:, a:b].mean(axis=1) for a, b in pairwise(steps)]
    return np.stack([np.full(len(losses), np.nan), *spans], axis=1)


def keep(study: str) -> None:
    """Compute a study for all seeds and write it to ``DATA``, with its provenance."""
    name = validation.choice("study", study, STUDIES)
    started, code = time.perf_counter(), code_hash()
    arrays = {}
    for label, condition in STUDIES[name].items():
        evidence = compute(condition, SEEDS)
        for field in fields(Evidence):
            values = getattr(evidence, field.name)
            small = values.astype(np.float32) if values.dtype == float else values
            arrays[f"{label}/{field.name}"] = small
    provenance = {
        "study": name,
        "conditions": recipe(name),
        "seeds": [SEEDS[0], SEEDS[-1]],
        "code": code,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "threads": torch.get_num_threads(),
        "seconds": round(time.perf_counter() - started),
        "date": time.strftime("%Y-%m-%d"),
    }
    DATA.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=DATA) as scratch:
        part = Path(scratch, "part.npz")
        np.savez_compressed(part, provenance=json.dumps(provenance), **arrays)
        part.replace(DATA / f"{name}.npz")


def load(study: str) -> dict[str, Evidence]:
    """The kept evidence of a study, by the names of its conditions."""
    name = validation.choice("study", study, STUDIES)
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return {
            label: Evidence(**{f.name: file[f"{label}/{f.name}"] for f in fields(Evidence)})
            for label in STUDIES[name]
        }


def provenance(study: str) -> dict[str, Any]:
    """Where the kept evidence of a study comes from: recipe, code, versions, date, seconds."""
    name = validation.choice("study", study, STUDIES)
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return dict(json.loads(str(file["provenance"])))


def recipe(study: str) -> dict[str, str]:
    """The conditions of a study, written out."""
    return {label: str(condition) for label, condition in STUDIES[study].items()}


def code_hash() -> str:
    """A hash of the package's modules, as they are now."""
    total = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()[:16]


def main() -> None:
    """Compute the studies named on the command line, or all."""
    any_encoding()
    parser = argparse.ArgumentParser(prog="python -m gan_lessons.evidence", description=__doc__)
    parser.add_argument("studies", nargs="*", help=f"any of {', '.join(STUDIES)}; by default all")
    for study in parser.parse_args().studies or STUDIES:
        keep(study)
        print(study, "kept:", provenance(study)["seconds"], "s")


if __name__ == "__main__":
    main()
