"""How a run is trained: the settings that one run, an ensemble, a study and the lab share."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_lessons import engine, validation
from gan_lessons.losses import GENERATOR_LOSSES

Array = NDArray[np.float64]

SCHEDULES: dict[str, Callable[[Array], Array]] = {
    "constant": np.ones_like,
    "linear": lambda done: 1 - done,
    "cosine": lambda done: (1 + np.cos(np.pi * done)) / 2,
}
"""What is left of a learning rate when a part of the steps is done."""
CURES = "r1", "r2", "gradient_penalty", "average", "schedule", "optimistic", "standardise"
"""The settings that make a GAN land; each is off by default."""


@dataclass(frozen=True)
class Settings:
    """How a run is trained.

    Attributes:
        loss: of the generator, a name in ``losses.GENERATOR_LOSSES``.
        batch_size: samples in each batch, 2 or more.
        learning_rate_g, learning_rate_d: Adam's step sizes, above 0.
        betas: Adam's decay rates, both in [0, 1).
        d_steps: updates of D before each update of G.
        r1, r2: the weights γ of the penalties γ/2·E[D'(x)²] on real data and on fakes; D' is the
            slope of D's logit (Mescheder et al. 2018, Section 4).
        gradient_penalty: the weight λ of λ·E[(|D'(x)| − 1)²] on random places between a real
            value and a fake (Gulrajani et al. 2017).
        average: how much stays, in each step, of the average of G's weights over time: 0.995
            looks back some 200 steps, 0 keeps none.  With it the generator is left with the
            average (Yazıcı et al. 2019).
        schedule: how the learning rates fall to 0: "constant" not at all, "linear" or "cosine".
        optimistic: whether Adam looks ahead (Daskalakis et al. 2018, Algorithm 1).
        standardise: whether both see the data as (x − m)/s, with m and s from 1000 samples.  A
            fresh G then begins near the data.

    Raises ``ValueError`` for a value out of range.
    """

    loss: str = "nonsaturating"
    batch_size: int = 128
    learning_rate_g: float = 2e-4
    learning_rate_d: float = 2e-4
    betas: tuple[float, float] = (0.9, 0.999)
    d_steps: int = 1
    r1: float = 0.0
    r2: float = 0.0
    gradient_penalty: float = 0.0
    average: float = 0.0
    schedule: str = "constant"
    optimistic: bool = False
    standardise: bool = False

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            "loss": validation.choice("loss", self.loss, GENERATOR_LOSSES),
            "batch_size": validation.count("batch_size", self.batch_size, minimum=2),
            "learning_rate_g": validation.positive("learning_rate_g", self.learning_rate_g),
            "learning_rate_d": validation.positive("learning_rate_d", self.learning_rate_d),
            "betas": validation.decay_rates("betas", self.betas),
            "d_steps": validation.count("d_steps", self.d_steps),
            "average": validation.between("average", self.average, 0, 1),
            "schedule": validation.choice("schedule", self.schedule, SCHEDULES),
            "r1": validation.between("r1", self.r1, 0, inf),
            "r2": validation.between("r2", self.r2, 0, inf),
            "gradient_penalty": validation.between(
                "gradient_penalty", self.gradient_penalty, 0, inf
            ),
            "optimistic": validation.switch("optimistic", self.optimistic),
            "standardise": validation.switch("standardise", self.standardise),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def rule(self) -> engine.Rule:
        """The same for the engine."""
        rates = self.learning_rate_g, self.learning_rate_d, *self.betas, self.optimistic
        return engine.Rule(*rates, self.r1, self.r2, self.gradient_penalty, self.average)

    def decay(self, steps: int) -> Array:
        """What the learning rates are multiplied with in each step, shape (steps,)."""
        return SCHEDULES[self.schedule](np.arange(steps) / steps)
