"""What is asked of many seeds: the ways to train, and the studies that compare them.

``evidence`` answers them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from typing import Any

from torch import nn

from gan_lessons import validation
from gan_lessons.distributions import Exponential, Mixture, Normal, Target, Uniform, bimodal
from gan_lessons.ensemble import Ensemble, train_ensemble
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.raw_weights import RawNetwork, initialize_weights, unknown_normal
from gan_lessons.settings import CURES, Settings

NETWORKS = {
    "wide": (2, 128, 128),
    "small": (1, 32, 32),
    "large D": (1, 32, 128),
    "large": (1, 64, 128),
}
"""Hidden layers of both players, units of each in G, units of each in D."""


@dataclass(frozen=True)
class Condition(Settings):
    """One way to train, the same for every seed: ``Settings``, and what else a run asks for.

    Attributes:
        target: the target of all runs; None for ``unknown_normal(seed)``, a new one for each.
        centred: with target None, shift each target to mean 0.
        networks: a name in ``NETWORKS``, or "raw" for raw weights from N(0, 1).
        latent_dim: dimensions of z; a raw G always takes 2.
        looks: the steps after which the samples' quantiles are kept.

    Raises ``ValueError`` as ``Settings`` does, and for other networks.
    """

    target: Target | None = None
    networks: str = "wide"
    latent_dim: int = 10
    centred: bool = False
    steps: int = 3000
    every: int = 100
    looks: tuple[int, ...] = (200, 1000, 3000)

    def __post_init__(self) -> None:
        super().__post_init__()
        validation.choice("networks", self.networks, (*NETWORKS, "raw"))

    def __str__(self) -> str:
        """All of the recipe but the cures that it does not use, and the usual noise."""
        unsaid = (*CURES, "latent_dim")
        used = [
            f for f in fields(self) if f.name not in unsaid or getattr(self, f.name) != f.default
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
        layers, of_g, of_d = NETWORKS[self.networks]
        return (
            build_generator(self.latent_dim, of_g, hidden_layers=layers, seed=g_seed),
            build_discriminator(1, of_d, layers, logits=True, seed=d_seed),
        )

    def train(
        self, seeds: Sequence[int], steps: int | None = None
    ) -> tuple[Ensemble, list[nn.Module], list[nn.Module]]:
        """Train the runs of these seeds; ``steps`` cuts them short.

        Returns the records, the generators and the discriminators (of no use to the stats loss).
        Raises ``ValueError`` where rates that fall over all steps would fall faster.
        """
        if steps is not None and steps != self.steps and self.schedule != "constant":
            raise ValueError(f"steps is {steps}: the rates fall over all {self.steps} steps")
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

DAY_19 = replace(SMALL, target=Normal(5, 1.5), steps=5000, every=1000, looks=())
"""The small GAN of lesson 5, whose losses look perfect and which is not right once in 32 runs."""
TARGETS: dict[str, Target] = {
    "N(5, 1.5)": DAY_19.target_of(0),
    "N(5, 1)": Normal(5, 1),
    "uniform": Uniform(),
    "exponential": Exponential(),
    "two humps around 0": bimodal(0),
    "two humps around 5": bimodal(5),
}
RUNGS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "data standardised": {"standardise": True},
    "β1 = 0": {"betas": (0.0, 0.999)},
    "R1": {"r1": 0.05},
    "average of G's weights": {"average": 0.998},
    "more units": {"networks": "large"},
    "2 noise numbers": {"latent_dim": 2},
    "D's rate × 3": {"learning_rate_d": 3e-3},
    "large batches, rates that fall": {
        "batch_size": 256,
        "betas": (0.0, 0.9),
        "schedule": "cosine",
        "steps": 10_000,
        "every": 2000,
    },
}
"""The rungs of lesson 9's ladder: what each changes, and keeps of those before."""
LADDER = dict(
    zip(RUNGS, accumulate(RUNGS.values(), lambda below, rung: below | rung), strict=True)
)
*_, ALMOST, LANDED = (replace(DAY_19, **recipe) for recipe in LADDER.values())
"""The recipe on the last rung but one, and on the last."""
CHANGES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "R1 and R2": {"r1": 0.05, "r2": 0.05},
    "gradient penalty": {"r1": 0.0, "gradient_penalty": 0.05},
    "3 steps of D": {"d_steps": 3},
    "batch × 4": {"batch_size": 256},
    "relativistic": {"loss": "relativistic"},
    "least squares": {"loss": "least_squares"},
    "hinge": {"loss": "hinge"},
    "Wasserstein": {
        "loss": "wasserstein",
        "r1": 0.0,
        "gradient_penalty": 10.0,
        "d_steps": 5,
        "betas": (0.0, 0.9),
        "learning_rate_g": 1e-4,
        "learning_rate_d": 1e-4,
    },
    "Wasserstein, λ = 0.1": {"loss": "wasserstein", "r1": 0.0, "gradient_penalty": 0.1},
    "optimistic": {"optimistic": True},
    "rates that fall": {"schedule": "cosine"},
}
"""What others claim to help, each tried alone on the plain GAN and on the ladder's.

The Wasserstein critic is that of Gulrajani et al. (2017), Algorithm 1, with all its settings.
"""
ALONE = {name: RUNGS[name] for name in list(RUNGS)[1:-1]}
"""The rungs, but for the first and the last, each alone on the plain GAN."""
LEFT_OUT: dict[str, dict[str, Any]] = {
    "data not standardised": {"standardise": False},
    "β1 = 0.9": {"betas": (0.9, 0.999)},
    "no penalty": {"r1": 0.0},
    "no average": {"average": 0.0},
    "fewer units": {"networks": "small"},
    "10 noise numbers": {"latent_dim": 10},
    "equal rates": {"learning_rate_d": 1e-3},
}
"""The same, each left out on the last rung but one."""

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
    "cures": {
        "collapse: R1": replace(COLLAPSED, r1=1.0),
        "apart: as it is": APART,
        "apart: relativistic": replace(APART, loss="relativistic"),
        "apart: R1": replace(APART, r1=3.0),
        "apart: R1 and R2": replace(APART, r1=3.0, r2=3.0),
        "apart: R1, R2, relativistic": replace(APART, r1=3.0, r2=3.0, loss="relativistic"),
        "blind: standardised": replace(BLIND, standardise=True),
        "blind: R1": replace(BLIND, r1=0.05),
        "blind: standardised, R1, β1 = 0": replace(
            BLIND, standardise=True, r1=0.05, betas=(0.0, 0.999)
        ),
        "apart: the landing recipe": replace(LANDED, target=APART.target, every=500),
    },
    "capstone": {
        "mean alone": MEAN_ALONE,
        "mean alone: stats": replace(MEAN_ALONE, loss="stats"),
        "collapse, β1 = 0.5: D's rate ÷ 5": replace(
            COLLAPSED, betas=(0.5, 0.999), learning_rate_d=1e-3, looks=()
        ),
    },
    "batch_size": {f"batch {n}": replace(RAW, batch_size=n) for n in (64, 640, 6400)},
    "ladder": {
        f"{rung}, {target}": replace(DAY_19, target=TARGETS[target], **recipe)
        for target in ("N(5, 1.5)", "two humps around 5")
        for rung, recipe in LADDER.items()
    },
    "landing": {target: replace(LANDED, target=p_data) for target, p_data in TARGETS.items()},
    "claims": {
        f"{base}: {name}": replace(recipe, **change)
        for base, recipe, own in (
            ("plain", DAY_19, ALONE),
            ("ladder", replace(ALMOST, target=bimodal(5)), LEFT_OUT),
        )
        for name, change in (own | CHANGES).items()
    },
    "penalties": {
        f"γ = {gamma:g}, D's rate {rate:g}": replace(
            ALMOST, target=bimodal(5), r1=gamma, learning_rate_d=rate
        )
        for gamma in (0.0, 0.01, 0.05, 0.2, 1.0, 5.0)
        for rate in (1e-3, 3e-3, 1e-2)
    },
}
