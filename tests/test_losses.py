import math

import pytest
import torch
from torch.nn import functional as F

from gan_lessons import losses
from gan_lessons.distributions import Normal, bimodal

TARGET = bimodal(3, 2)
bce = F.binary_cross_entropy_with_logits


def column(*values):
    return torch.tensor(values, dtype=torch.float64)[:, None]


FAKE, REAL_LOGITS, LOGITS = column(0.5, 2.0, 7.0), column(-3.0, 0.0, 1.5, 4.0), column(-1, 0.5, 2)
PAIRS = REAL_LOGITS[:3]
BY_FORMULA = {
    "mean": lambda f, a: -f.mean(),
    "squared_mean": lambda f, a: (f.mean() - 3) ** 2,
    "stats": lambda f, a: (f.mean() - 3) ** 2 + (f.std() - 2) ** 2,
    "saturating": lambda f, a: -bce(a, torch.zeros_like(a)),
    "nonsaturating": lambda f, a: bce(a, torch.ones_like(a)),
    "adversarial_plus_stats": lambda f, a: (
        bce(a, torch.ones_like(a)) + (f.mean() - 3) ** 2 + (f.std() - 2) ** 2
    ),
    "relativistic": lambda f, a: bce(a - PAIRS, torch.ones_like(a)),
    "least_squares": lambda f, a: (1 - 2 * a + a**2).mean() / 2,
    "hinge": lambda f, a: -a.mean(),
    "wasserstein": lambda f, a: -a.mean(),
}


def above_0(score):
    return torch.stack([score, 0 * score]).amax(dim=0)


OF_D = {
    "relativistic": lambda real, fake: bce(real - fake, torch.ones_like(real)),
    "least_squares": lambda real, fake: (1 - 2 * real + real**2 + fake**2).mean() / 2,
    "hinge": lambda real, fake: (above_0(1 - real) + above_0(1 + fake)).mean(),
    "wasserstein": lambda real, fake: fake.mean() - real.mean(),
}


@pytest.mark.parametrize("name", OF_D)
def test_the_loss_of_an_opponent_is_that_of_its_formula(name):
    loss = losses.DISCRIMINATOR_LOSSES[losses.GENERATOR_LOSSES[name].opponent]
    torch.testing.assert_close(loss(PAIRS, LOGITS), OF_D[name](PAIRS, LOGITS))
    for alone in ((PAIRS, None), (None, LOGITS)):
        with pytest.raises(ValueError, match="_logits is None"):
            loss(*alone)


def test_discriminator_loss_is_both_cross_entropies_added():
    expected = bce(REAL_LOGITS, torch.ones(4, 1).double()) + bce(
        LOGITS, torch.zeros(3, 1).double()
    )
    torch.testing.assert_close(losses.discriminator_loss(REAL_LOGITS, LOGITS), expected)
    half = torch.zeros(7, 1)
    assert losses.discriminator_loss(half, half).item() == pytest.approx(math.log(4))


@pytest.mark.parametrize("name", losses.GENERATOR_LOSSES)
def test_a_generators_loss_is_that_of_its_formula(name):
    loss = losses.GENERATOR_LOSSES[name]
    torch.testing.assert_close(loss(FAKE, LOGITS, TARGET, PAIRS), BY_FORMULA[name](FAKE, LOGITS))
    fake = FAKE.clone().requires_grad_()
    judged = lambda fake: loss(fake, 0.7 * fake**2 - 1, TARGET, PAIRS)  # noqa: E731
    assert torch.autograd.gradcheck(judged, (fake,))


def test_a_loss_may_have_as_much_of_each_term_as_it_likes():
    mixed = losses.GeneratorLoss(mean=0.5, saturating=2.0)
    expected = 0.5 * losses.mean_loss(FAKE) + 2 * losses.saturating_loss(LOGITS)
    torch.testing.assert_close(mixed(FAKE, LOGITS, Normal()), expected)


def test_nothing_overflows():
    for a in (-1e4, 1e4):
        logit = torch.tensor([[a]], requires_grad=True)
        total = (
            losses.discriminator_loss(logit, logit)
            + losses.saturating_loss(logit)
            + losses.nonsaturating_loss(logit)
        )
        total.backward()
        assert torch.isfinite(total)
        assert torch.isfinite(logit.grad).all()


@pytest.mark.parametrize("n", [2, 128])
def test_the_impostors_loss_in_closed_form(n):
    half = n // 2
    balanced = column(*[4.0] * half, *[6.0] * half)
    expected = (math.sqrt(n / (n - 1)) - 1) ** 2
    assert losses.stats_loss(balanced).item() == pytest.approx(expected, rel=1e-9)
    offset = math.sqrt((n - 1) / n)
    exact = column(*[5 - offset] * half, *[5 + offset] * half)
    assert losses.stats_loss(exact).item() == pytest.approx(0, abs=1e-25)


@pytest.mark.parametrize("rows", [0, 1])
def test_stats_loss_needs_two_rows(rows):
    with pytest.raises(ValueError, match=rf"^fake has {rows} row\(s\): .*2 or more"):
        losses.stats_loss(torch.zeros(rows, 1))


@pytest.mark.parametrize("name", ["saturating", "nonsaturating", "adversarial_plus_stats"])
def test_adversarial_losses_need_a_discriminator(name):
    with pytest.raises(ValueError, match=r"^discriminator is None: \w*saturating needs one"):
        losses.GENERATOR_LOSSES[name](FAKE, None, Normal())
