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
from torch import nn

from gan_lessons import metrics, validation
from gan_lessons.distributions import Mixture, Normal, Target, bimodal
from gan_lessons.ensemble import Ensemble, train_ensemble
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.optimality import optimality_gap
from gan_lessons.progress import any_encoding
from gan_lessons.raw_weights import RawNetwork, initialize_weights, unknown_normal
from gan_lessons.settings import CURES, Settings

Array = NDArray[np.float64]

DATA = Path(__file__).with_name("data")
SEEDS = tuple(range(32))
SHARES = (np.arange(50) + 0.5) / 50


@dataclass(frozen=True)
class Condition(Settings):
    """One way to train, the same for every seed: ``Settings``, and what else a run asks for.

    Attributes:
        target: the target of all runs; None for ``unknown_normal(seed)``, a new one for each.
        centred: with target None, shift each target to mean 0.
        networks: "wide" for the three-layer nets of 128 units, "small" for one hidden layer of
            32, "large D" for that G against one hidden layer of 128, "raw" for raw weights from
            N(0, 1).
        looks: the steps after which the samples' quantiles are kept.
    """

    target: Target | None = None
    networks: str = "wide"
    centred: bool = False
    steps: int = 3000
    every: int = 100
    looks: tuple[int, ...] = (200, 1000, 3000)

    def __str__(self) -> str:
        """All of the recipe but the cures that it does not use."""
        used = [
            f for f in fields(self) if f.name not in CURES or getattr(self, f.name) != f.default
        ]
        return f"Condition({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in used)})"

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of ``train`` that are ``Settings``."""
        return {field.name: getattr(self, field.name) for field in fields(Settings)}

    def target_of(self, seed: int) -> Target:
        """What the run with this seed must imitate."""
        if self.target is not None:
            return self.target
        unknown = unknown_normal(seed)
        return Normal(0, unknown.std) if self.centred else unknown

    def players(self, seed: int) -> tuple[nn.Module, nn.Module]:
        """A fresh generator and discriminator."""
        g_seed, d_seed = 1000 + seed, 2000 + seed
        if self.networks == "raw":
            weights = initialize_weights(2, seed=g_seed), initialize_weights(1, seed=d_seed)
            return RawNetwork(weights[0]), RawNetwork(weights[1])
        layers = 2 if self.networks == "wide" else 1
        g_units = 128 if self.networks == "wide" else 32
        d_units = 32 if self.networks == "small" else 128
        return (
            build_generator(hidden_dim=g_units, hidden_layers=layers, seed=g_seed),
            build_discriminator(
                hidden_dim=d_units, hidden_layers=layers, logits=True, seed=d_seed
            ),
        )

    def train(
        self, seeds: Sequence[int], steps: int | None = None
    ) -> tuple[Ensemble, list[nn.Module], list[nn.Module]]:
        """Train the runs of these seeds; ``steps`` cuts them short.

        Returns the records, the generators and the discriminators (of no use to the stats loss).
        """
        players = [self.players(seed) for seed in seeds]
        generators, discriminators = [g for g, _ in players], [d for _, d in players]
        ensemble = train_ensemble(
            [self.target_of(seed) for seed in seeds],
            generators,
            discriminators if GENERATOR_LOSSES[self.loss].needs_discriminator else None,
            seeds=seeds,
            **self.settings,
            steps=steps or self.steps,
            every=self.every,
        )
        return ensemble, generators, discriminators


RAW = Condition(
    networks="raw",
    steps=15_000,
    every=250,
    looks=(15_000,),
    learning_rate_g=1e-3,
    learning_rate_d=1e-3,
)

SMALL = Condition(
    target=Normal(10, 1),
    networks="small",
    steps=2000,
    looks=(2000,),
    batch_size=64,
    learning_rate_g=1e-3,
    learning_rate_d=1e-3,
)


def _peaks(*places: float) -> Mixture:
    """Equally heavy peaks of standard deviation 0.3."""
    return Mixture(tuple(Normal(at, 0.3) for at in places), (1 / len(places),) * len(places))


SATURATED = replace(
    SMALL,
    loss="saturating",
    steps=1000,
    looks=(),
    learning_rate_d=1e-2,
    d_steps=3,
)
COLLAPSED = replace(SMALL, target=_peaks(-2, 2), learning_rate_d=5e-3)
APART = replace(COLLAPSED, target=_peaks(-4, 4))
BLIND = replace(SMALL, target=bimodal(5), every=200)
MEAN_ALONE = replace(SMALL, target=Normal(5, 2), loss="squared_mean", looks=())

STUDIES: dict[str, dict[str, Condition]] = {
    "ablation": {
        f"{name}, {target}": Condition(loss, target=p_data)
        for target, p_data in (("normal", Normal(5, 1)), ("bimodal", bimodal(0)))
        for name, loss in (
            ("convergence only", "stats"),
            ("adversarial only", "nonsaturating"),
            ("both", "adversarial_plus_stats"),
        )
    },
    "raw_weights": {
        f"{'centred' if centred else 'as it is'}, β1 = {beta}": replace(
            RAW, centred=centred, betas=(beta, 0.999)
        )
        for centred in (False, True)
        for beta in (0.9, 0.5)
    },
    "clinic": {
        "saturation: as it is": SATURATED,
        "saturation: non-saturating": replace(SATURATED, loss="nonsaturating"),
        "saturation: D's rate ÷ 10": replace(SATURATED, learning_rate_d=1e-3),
        "saturation: G's rate × 5": replace(SATURATED, learning_rate_g=5e-3),
        "saturation: β1 = 0.5": replace(SATURATED, betas=(0.5, 0.999)),
        "collapse: as it is": COLLAPSED,
        "collapse: D's rate ÷ 5": replace(COLLAPSED, learning_rate_d=1e-3),
        "collapse: G's rate × 5": replace(COLLAPSED, learning_rate_g=5e-3),
        "collapse: G's rate × 5, β1 = 0.5": replace(
            COLLAPSED, learning_rate_g=5e-3, betas=(0.5, 0.999)
        ),
        "collapse: β1 = 0.5": replace(COLLAPSED, betas=(0.5, 0.999)),
        "collapse: batch × 4": replace(COLLAPSED, batch_size=256),
        "collapse: 3 steps of D": replace(COLLAPSED, d_steps=3),
        "apart: D's rate ÷ 5": replace(APART, learning_rate_d=1e-3),
        "apart: G's rate × 5, β1 = 0.5": replace(APART, learning_rate_g=5e-3, betas=(0.5, 0.999)),
        "blind: as it is": BLIND,
        "blind: D's rate × 5": replace(BLIND, learning_rate_d=5e-3),
        "blind: D × 4": replace(BLIND, networks="large D"),
        "blind: centred": replace(BLIND, target=bimodal(0)),
        "blind: centred, D × 4, β1 = 0.5": replace(
            BLIND, target=bimodal(0), networks="large D", betas=(0.5, 0.999)
        ),
    },
    "capstone": {
        "mean alone": MEAN_ALONE,
        "mean alone: stats": replace(MEAN_ALONE, loss="stats"),
        "collapse, β1 = 0.5: D's rate ÷ 5": replace(
            COLLAPSED, betas=(0.5, 0.999), learning_rate_d=1e-3, looks=()
        ),
    },
    "batch_size": {f"batch {n}": replace(RAW, batch_size=n) for n in (64, 640, 6400)},
}


@dataclass(frozen=True)
class Evidence:
    """What is kept of one condition: S seeds, F snapshots.

    Attributes:
        seeds: (S,).
        steps: (F,) how many steps lie behind each snapshot.
        target_mean, target_std: (S,) of the targets.
        mean, std: (S, F) of the generators' samples.
        w1: (S, F) distance W1 from the target.
        modes: (S, F) peaks covered, for a target that has several; else NaN.
        g_loss, d_loss: (S, F) mean loss over the steps since the snapshot before; NaN at the start
            and where there is no discriminator.
        looks: (L,) steps after which the samples were looked at more closely.
        quantiles: (S, L, 50) of the samples then, at 1 %, 3 %, …, 99 %.
        final_d_loss, final_jsd: (S,) D's loss on 100 000 fresh samples after the last step, and
            the JSD in nats that ``optimality_gap`` finds; NaN without a discriminator.
    """

    seeds: NDArray[np.int64]
    steps: NDArray[np.int64]
    target_mean: Array
    target_std: Array
    mean: Array
    std: Array
    w1: Array
    modes: Array
    g_loss: Array
    d_loss: Array
    looks: NDArray[np.int64]
    quantiles: Array
    final_d_loss: Array
    final_jsd: Array

    def at(self, step: int) -> int:
        """The index of the snapshot after ``step`` steps; ``ValueError`` if there is none."""
        found = np.flatnonzero(self.steps == step) if np.ndim(step) == 0 else np.array([])
        if isinstance(step, bool | np.bool_) or not found.size:
            raise ValueError(f"step is {step!r}: there are snapshots at {self.steps.tolist()}")
        return int(found[0])


def compute(condition: Condition, seeds: Sequence[int], steps: int | None = None) -> Evidence:
    """Train a condition's runs, in full or for the first ``steps``, and measure them."""
    ensemble, generators, discriminators = condition.train(seeds, steps)
    targets = ensemble.targets
    looked_at = np.flatnonzero(np.isin(ensemble.steps, condition.looks))
    several = isinstance(condition.target, Mixture)
    players = zip(discriminators, generators, targets, strict=True)
    finals = [(np.nan, np.nan)] * len(seeds)
    if np.isfinite(ensemble.d_loss).any():
        gaps = [optimality_gap(d, g, target) for d, g, target in players]
        finals = [(gap.d_loss, gap.jsd) for gap in gaps]
    return Evidence(
        seeds=np.array(seeds),
        steps=ensemble.steps,
        target_mean=np.array([target.mean for target in targets]),
        target_std=np.array([target.std for target in targets]),
        mean=ensemble.mean,
        std=ensemble.std,
        w1=ensemble.measure(metrics.w1_distance),
        modes=ensemble.measure(metrics.modes_covered) if several else ensemble.mean * np.nan,
        g_loss=_recent(ensemble.g_loss, ensemble.steps),
        d_loss=_recent(ensemble.d_loss, ensemble.steps),
        looks=ensemble.steps[looked_at],
        quantiles=np.moveaxis(np.quantile(ensemble.samples[:, looked_at], SHARES, axis=2), 0, 2),
        final_d_loss=np.array([d_loss for d_loss, _ in finals]),
        final_jsd=np.array([jsd for _, jsd in finals]),
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
