"""The optimality gap: is the generator right, or is the discriminator blind?

Against a generator with density p_g, no discriminator can bring its loss below
log 4 − 2·JSD(p_data, p_g).  So the loss says how good both players are, and the two must be told
apart: the JSD says how far G is from the data, the gap how much of that D does not see.
"""

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
from torch import nn

from gan_lessons import validation
from gan_lessons.distributions import Target
from gan_lessons.losses import discriminator_loss
from gan_lessons.metrics import NoiseFloor, js_estimate, noise_floor
from gan_lessons.networks import generate, outputs, require_logits
from gan_lessons.theory import LOG_4


@dataclass(frozen=True)
class OptimalityGap:
    """D's loss on fresh samples, and the lowest loss that any D could reach on them.

    Attributes:
        d_loss: the loss of this D.
        jsd: JSD(p_data, p_g) in nats, estimated from the fakes.
        floor: what the same estimate gives for a perfect sampler, whose JSD is 0.
    """

    d_loss: float
    jsd: float
    floor: NoiseFloor

    @property
    def best(self) -> float:
        """log 4 − 2·JSD, the loss of D*.  Source: Goodfellow et al. (2014), Theorem 1."""
        return LOG_4 - 2 * self.jsd

    @property
    def gap(self) -> float:
        """How far D is from D*: 0 for a D that sees all, 2·JSD for one that says ½ everywhere."""
        return self.d_loss - self.best

    @property
    def verdict(self) -> str:
        """ "G is right" if its JSD is within the floor; else whether D sees half of the rest."""
        if self.jsd <= self.floor.high:
            return "G is right"
        return "D is blind" if self.gap > self.jsd else "D sees it"


def optimality_gap(
    discriminator: nn.Module,
    generator: nn.Module,
    target: Target,
    n: int = 100_000,
    bins: int = 1000,
    seed: int = 0,
) -> OptimalityGap:
    """Measure D's loss on ``n`` fresh real and ``n`` fresh fake samples against D*'s.

    The JSD is ``metrics.js_estimate``: the fakes are sorted into ``bins`` equally likely bins.
    Binning can hide a difference, and counting noise adds about (bins − 1)/(8n); ``floor`` says
    what it adds at p_g = p_data.  Raises ``ValueError`` for a discriminator that returns
    probabilities, or sizes that are not whole numbers above 0 (bins: above 1).
    """
    require_logits(discriminator)
    n, bins = validation.count("n", n), validation.count("bins", bins, minimum=2)
    rng = np.random.default_rng(validation.count("seed", seed, minimum=0))
    real, fake = target.sample(n, rng), generate(generator, n, rng)
    logits = [torch.from_numpy(outputs(discriminator, batch)) for batch in (real, fake)]
    return OptimalityGap(
        discriminator_loss(*logits).item(),
        js_estimate(fake, target, bins),
        _floor(target, n, bins),
    )


@lru_cache(maxsize=64)
def _floor(target: Target, n: int, bins: int) -> NoiseFloor:
    return noise_floor(partial(js_estimate, bins=bins), target, n, repeats=20)
