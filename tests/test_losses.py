import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gan_lessons import losses
from gan_lessons.distributions import Normal, bimodal

bce = F.binary_cross_entropy_with_logits
LOG_2 = math.log(2)


def column(*values):
    return torch.tensor(values, dtype=torch.float64)[:, None]


A, B = column(-3.0, -0.2, 0.0, 1.5), column(4.0, -2.5, 0.3)


def test_discriminator_loss_is_both_cross_entropies_added():
    expected = bce(A, torch.ones_like(A)) + bce(B, torch.zeros_like(B))
    torch.testing.assert_close(losses.discriminator_loss(A, B), expected)


def test_generator_losses_are_cross_entropies():
    torch.testing.assert_close(losses.nonsaturating_loss(B), bce(B, torch.ones_like(B)))
    torch.testing.assert_close(losses.saturating_loss(B), -bce(B, torch.zeros_like(B)))


def test_losses_from_probabilities_by_their_formulas():
    d_real, d_fake = torch.sigmoid(A), torch.sigmoid(B)
    value = -torch.log(d_real).mean() - torch.log(1 - d_fake).mean()
    torch.testing.assert_close(losses.discriminator_loss(A, B), value)
    torch.testing.assert_close(losses.saturating_loss(B), torch.log(1 - d_fake).mean())
    torch.testing.assert_close(losses.nonsaturating_loss(B), -torch.log(d_fake).mean())


def test_levels_where_d_says_one_half():
    half = torch.zeros(7, 1)
    assert losses.discriminator_loss(half, half).item() == pytest.approx(2 * LOG_2)
    assert losses.nonsaturating_loss(half).item() == pytest.approx(LOG_2)
    assert losses.saturating_loss(half).item() == pytest.approx(-LOG_2)


@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        (losses.saturating_loss, lambda a: -1 / (1 + math.exp(-a))),
        (losses.nonsaturating_loss, lambda a: -1 / (1 + math.exp(a))),
    ],
)
@pytest.mark.parametrize("a", [-8.0, -1.0, 0.0, 2.0])
def test_slope_in_the_logit(loss, slope, a):
    logit = column(a).requires_grad_()
    loss(logit).backward()
    assert logit.grad.item() == pytest.approx(slope(a), rel=1e-9)


def test_the_saturating_loss_dies_where_d_is_sure_of_a_fake():
    slopes = []
    for loss in (losses.saturating_loss, losses.nonsaturating_loss):
        logit = column(-30.0).requires_grad_()
        loss(logit).backward()
        slopes.append(abs(logit.grad.item()))
    assert slopes[0] < 1e-12
    assert slopes[1] == pytest.approx(1)


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


def test_mean_losses_by_hand():
    fake = column(1.0, 2.0, 6.0)
    assert losses.mean_loss(fake).item() == -3
    assert losses.squared_mean_loss(fake).item() == 4
    assert losses.squared_mean_loss(fake, 1.0).item() == 4


def test_mean_loss_pulls_every_sample_by_one_over_n():
    fake = column(-50.0, 5.0, 1e6, 2.0).requires_grad_()
    losses.mean_loss(fake).backward()
    np.testing.assert_array_equal(fake.grad, np.full((4, 1), -0.25))


def test_stats_loss_by_hand_with_n_minus_one():
    fake = column(1.0, 2.0, 6.0)  # mean 3, deviations −2, −1, 3: variance 14/2
    expected = (3 - 5) ** 2 + (math.sqrt(7) - 1) ** 2
    assert losses.stats_loss(fake).item() == pytest.approx(expected)
    assert losses.stats_loss(fake, 3.0, math.sqrt(7)).item() == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("n", [2, 128])
def test_the_impostors_loss_in_closed_form(n):
    half = n // 2
    balanced = column(*[4.0] * half, *[6.0] * half)
    expected = (math.sqrt(n / (n - 1)) - 1) ** 2
    assert losses.stats_loss(balanced).item() == pytest.approx(expected, rel=1e-9)
    offset = math.sqrt((n - 1) / n)
    exact = column(*[5 - offset] * half, *[5 + offset] * half)
    assert losses.stats_loss(exact).item() == pytest.approx(0, abs=1e-25)


def test_a_perfect_sampler_scores_above_the_impostor():
    # E (m − 5)² = 1/n, E (s − 1)² ≈ 1/(2(n − 1)) at n = 128: about 0.012
    rng = np.random.default_rng(0)
    scores = [losses.stats_loss(torch.from_numpy(Normal().sample(128, rng))) for _ in range(2000)]
    assert np.mean(scores) == pytest.approx(1 / 128 + 1 / 254, rel=0.08)


@pytest.mark.parametrize("rows", [0, 1])
def test_stats_loss_needs_two_rows(rows):
    with pytest.raises(ValueError, match=rf"^fake has {rows} row\(s\): .*2 or more"):
        losses.stats_loss(torch.zeros(rows, 1))


@pytest.mark.parametrize("name", losses.GENERATOR_LOSSES)
def test_gradients_equal_finite_differences(name):
    target = bimodal(3, 2)

    def value(fake):
        return losses.GENERATOR_LOSSES[name](fake, 0.7 * fake**2 - 1, target)

    fake = column(0.5, 2.0, 7.0).requires_grad_()
    assert torch.autograd.gradcheck(value, (fake,))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean", lambda f, a: -f.mean()),
        ("squared_mean", lambda f, a: (f.mean() - 3) ** 2),
        ("stats", lambda f, a: (f.mean() - 3) ** 2 + (f.std() - 2) ** 2),
        ("saturating", lambda f, a: -bce(a, torch.zeros_like(a))),
        ("nonsaturating", lambda f, a: bce(a, torch.ones_like(a))),
        (
            "adversarial_plus_stats",
            lambda f, a: bce(a, torch.ones_like(a)) + (f.mean() - 3) ** 2 + (f.std() - 2) ** 2,
        ),
    ],
)
def test_the_names_that_train_knows(name, expected):
    fake, logits = column(0.5, 2.0, 7.0), column(-1.0, 0.5, 2.0)
    value = losses.GENERATOR_LOSSES[name](fake, logits, bimodal(3, 2))
    torch.testing.assert_close(value, expected(fake, logits))


def test_every_loss_is_known_by_the_names_tested_above():
    assert set(losses.GENERATOR_LOSSES) == {
        "mean",
        "squared_mean",
        "stats",
        "saturating",
        "nonsaturating",
        "adversarial_plus_stats",
    }


@pytest.mark.parametrize("name", ["saturating", "nonsaturating", "adversarial_plus_stats"])
def test_adversarial_losses_need_a_discriminator(name):
    with pytest.raises(ValueError, match=r"^discriminator is None: \w*saturating needs one"):
        losses.GENERATOR_LOSSES[name](column(1.0, 2.0), None, Normal())


@pytest.mark.parametrize("name", losses.GENERATOR_LOSSES)
def test_every_loss_is_a_scalar_of_the_batch_mean(name):
    # twice the same batch has the same loss (but for the n − 1 of the std)
    fake, logits = column(0.5, 2.0, 7.0), column(-1.0, 0.5, 2.0)
    loss = losses.GENERATOR_LOSSES[name]
    once = loss(fake, logits, Normal())
    twice = loss(fake.repeat(500, 1), logits.repeat(500, 1), Normal())
    assert once.shape == ()
    if "stats" not in name:
        torch.testing.assert_close(once, twice)


def test_a_loss_may_have_as_much_of_each_term_as_it_likes():
    mixed = losses.GeneratorLoss(mean=0.5, saturating=2.0)
    fake, logits = column(0.5, 2.0, 7.0), column(-1.0, 0.5, 2.0)
    expected = 0.5 * losses.mean_loss(fake) + 2 * losses.saturating_loss(logits)
    torch.testing.assert_close(mixed(fake, logits, Normal()), expected)
