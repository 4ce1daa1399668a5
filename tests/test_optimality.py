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


def test_a_right_generator_and_a_discriminator_that_says_one_half():
    meter = optimality_gap(blind(), NormalGenerator(5, 1.5), TARGET, n=N)
    assert meter.d_loss == pytest.approx(math.log(4), abs=1e-6)
    # the floor is a band from 10 to 90 %: one reading may lie a little outside
    assert meter.jsd == pytest.approx(
        meter.floor.median, abs=4 * (meter.floor.high - meter.floor.low)
    )
    assert meter.gap == pytest.approx(2 * meter.jsd, abs=1e-6)


def test_a_far_generator_and_a_blind_discriminator_have_the_same_loss_but_not_the_same_gap():
    meter = optimality_gap(blind(), NormalGenerator(-20, 1), TARGET, n=N)
    assert meter.d_loss == pytest.approx(math.log(4), abs=1e-6)
    assert meter.jsd == pytest.approx(math.log(2), abs=5e-3)
    assert meter.gap == pytest.approx(2 * math.log(2), abs=1e-2)
    assert meter.verdict == "D is blind"


@pytest.mark.parametrize(("mean", "std"), [(6, 1.5), (5, 0.5), (2, 3)])
def test_against_the_best_discriminator_the_gap_is_zero(mean, std):
    g = NormalGenerator(mean, std)
    meter = optimality_gap(BestDiscriminator(TARGET, g.normal), g, TARGET, n=N)
    exact = theory.js_divergence(TARGET, g.normal)
    assert meter.jsd == pytest.approx(exact, abs=0.01)
    assert meter.best == pytest.approx(math.log(4) - 2 * exact, abs=0.02)
    assert meter.gap == pytest.approx(0, abs=0.02)
    assert meter.verdict == "D sees it"


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


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [({"n": 0}, "^n is 0"), ({"bins": 1}, "^bins is 1"), ({"seed": -1}, "^seed is -1")],
    ids=str,
)
def test_bad_input(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        optimality_gap(blind(), NormalGenerator(5, 1), TARGET, **settings)


def test_a_discriminator_of_probabilities_is_refused():
    with pytest.raises(ValueError, match=r"^discriminator returns probabilities"):
        optimality_gap(build_discriminator(), build_generator(), TARGET)
