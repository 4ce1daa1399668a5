import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_lessons import theory
from gan_lessons.distributions import Normal
from gan_lessons.metrics import js_estimate
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.optimality import optimality_gap

TARGET = Normal(5, 1.5)
N = 20_000


class NormalGenerator(nn.Module):
    """A generator whose density is known: N(mean, std²)."""

    latent_dim = 1

    def __init__(self, mean, std):
        super().__init__()
        self.normal = Normal(mean, std)

    def forward(self, z):
        return self.normal.mean + self.normal.std * z


class BestDiscriminator(nn.Module):
    """The logit of D*: log p_data − log p_g."""

    def __init__(self, p, q):
        super().__init__()
        self.p, self.q = p, q

    def forward(self, x):
        return torch.from_numpy(self.p.logpdf(x.numpy()) - self.q.logpdf(x.numpy())).float()


def blind():
    d = build_discriminator(hidden_dim=4, logits=True, seed=0)
    for parameter in d[-1].parameters():
        nn.init.zeros_(parameter)
    return d


@pytest.mark.parametrize(("mean", "std"), [(5, 1.5), (6, 1.5), (5, 0.5), (2, 3), (-20, 1)])
@pytest.mark.parametrize("is_blind", [True, False])
def test_the_meter_in_closed_form(is_blind, mean, std):
    g = NormalGenerator(mean, std)
    d = blind() if is_blind else BestDiscriminator(TARGET, g.normal)
    meter = optimality_gap(d, g, TARGET, n=N)
    exact = theory.js_divergence(TARGET, g.normal)
    assert meter.jsd == pytest.approx(exact, abs=0.01)
    assert meter.best == pytest.approx(math.log(4) - 2 * exact, abs=0.02)
    assert meter.gap == pytest.approx(2 * exact if is_blind else 0, abs=0.02)
    assert meter.d_loss == pytest.approx(meter.best + meter.gap)
    if mean != 5 or std != 1.5:
        assert meter.verdict == ("D is blind" if is_blind else "D sees it")


def test_the_verdict_at_the_floor():
    meters = [
        optimality_gap(blind(), NormalGenerator(5, 1.5), TARGET, n=N, seed=seed)
        for seed in range(12)
    ]
    # 90 % of perfect samplers lie below the upper end of the floor
    assert sum(meter.verdict == "G is right" for meter in meters) >= 8


def test_the_numbers_are_those_of_fresh_samples():
    g, d = (
        build_generator(hidden_dim=4, seed=1),
        build_discriminator(hidden_dim=4, logits=True, seed=2),
    )
    meter = optimality_gap(d, g, TARGET, n=5000, bins=50, seed=3)
    rng = np.random.default_rng(3)
    real = torch.from_numpy(TARGET.sample(5000, rng)).float()
    fake = g(torch.from_numpy(rng.standard_normal((5000, 10), dtype=np.float32))).detach()
    p, q = torch.sigmoid(d(real)), torch.sigmoid(d(fake))
    assert meter.d_loss == pytest.approx(-(p.log().mean() + (1 - q).log().mean()).item(), rel=1e-5)
    assert meter.jsd == pytest.approx(js_estimate(fake.numpy(), TARGET, 50))
    assert optimality_gap(d, g, TARGET, n=5000, bins=50, seed=3) == meter


def test_a_discriminator_of_probabilities_is_refused():
    with pytest.raises(ValueError, match=r"^discriminator returns probabilities"):
        optimality_gap(build_discriminator(), build_generator(), TARGET)
