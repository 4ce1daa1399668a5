import math
from types import SimpleNamespace

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
    for function in (losses.stats_loss, losses.stats_slope):
        with pytest.raises(ValueError, match=rf"^fake has {rows} row\(s\): .*2 or more"):
            function(torch.zeros(rows, 1))


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
    with pytest.raises(ValueError, match=r"^discriminator is None: \w*saturating_loss needs one"):
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


# --- Slopes, and many batches side by side ----------------------------------------------------

SLOPES = [
    (losses.saturating_loss, losses.saturating_slope),
    (losses.nonsaturating_loss, losses.nonsaturating_slope),
    (losses.mean_loss, losses.mean_slope),
    (losses.squared_mean_loss, losses.squared_mean_slope),
    (losses.stats_loss, losses.stats_slope),
]
BATCHES = [(5,), (7, 1), (2, 1), (1, 1, 7), (3, 1, 7), (3, 1, 2)]
MEMBERS = SimpleNamespace(  # three targets
    mean=torch.tensor([3.0, -1.0, 5.0], dtype=torch.float64),
    std=torch.tensor([2.0, 0.5, 1.0], dtype=torch.float64),
)


def draw(shape, seed=0):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


def autograd(loss, *batches):
    """The slopes of the sum of all batches' losses."""
    batches = [batch.clone().requires_grad_() for batch in batches]
    total = loss(*batches).sum()
    return torch.autograd.grad(total, batches, allow_unused=True)


def same(slope, expected):
    torch.testing.assert_close(slope, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", BATCHES, ids=str)
@pytest.mark.parametrize(("loss", "slope"), SLOPES, ids=[loss.__name__ for loss, _ in SLOPES])
def test_slopes_equal_autograd(loss, slope, shape):
    batch = draw(shape)
    same(slope(batch), *autograd(loss, batch))


@pytest.mark.parametrize("shape", BATCHES, ids=str)
def test_discriminator_slopes_equal_autograd_with_batches_of_two_sizes(shape):
    longer = (*shape[:-1], 4 * shape[-1])
    real, fake = draw(shape), draw(longer, 1)
    for found, wanted in zip(
        losses.discriminator_slopes(real, fake),
        autograd(losses.discriminator_loss, real, fake),
        strict=True,
    ):
        same(found, wanted)


@pytest.mark.parametrize("shape", BATCHES, ids=str)
@pytest.mark.parametrize("name", losses.GENERATOR_LOSSES)
def test_the_slopes_that_train_knows_equal_autograd(name, shape):
    fake, logits = draw(shape), draw(shape, 1)
    target = MEMBERS if shape[0] == 3 else bimodal(3, 2)
    loss = losses.GENERATOR_LOSSES[name]
    found = loss.sample_slope(fake, target), loss.logit_slope(logits)
    wanted = autograd(lambda fake, logits: loss(fake, logits, target), fake, logits)
    for slope, expected in zip(found, wanted, strict=True):
        assert (slope is None) == (expected is None)
        if slope is not None:
            same(slope, expected)
    if loss.of_logits:
        with pytest.raises(ValueError, match=r"^discriminator is None: \w+ needs one"):
            loss.logit_slope(None)
    else:
        assert loss.logit_slope(None) is None


@pytest.mark.parametrize("name", losses.GENERATOR_LOSSES)
def test_each_of_many_batches_has_the_loss_and_the_slope_that_it_has_alone(name):
    loss, fake, logits = losses.GENERATOR_LOSSES[name], draw((3, 1, 7)), draw((3, 1, 7), 1)
    values, slopes = loss(fake, logits, MEMBERS), loss.sample_slope(fake, MEMBERS)
    assert values.shape == (3,)
    for i in range(3):
        target = Normal(MEMBERS.mean[i].item(), MEMBERS.std[i].item())
        same(values[i], loss(fake[i].T, logits[i].T, target))
        if slopes is not None:
            same(slopes[i].T, loss.sample_slope(fake[i].T, target))


def test_each_of_many_pairs_of_batches_has_the_loss_that_it_has_alone():
    real, fake = draw((3, 1, 7)), draw((3, 1, 4), 1)
    values = losses.discriminator_loss(real, fake)
    for i in range(3):
        same(values[i], losses.discriminator_loss(real[i].T, fake[i].T))


@pytest.mark.parametrize("shape", BATCHES, ids=str)
def test_a_collapsed_batch_has_a_finite_slope(shape):
    batch = torch.full(shape, 2.0, dtype=torch.float64)  # std 0: there it has a kink
    slope = losses.stats_slope(batch)
    same(slope, torch.full_like(batch, 2 * (2 - 5) / np.prod(shape[-2:])))
    same(slope, *autograd(losses.stats_loss, batch))


def test_one_collapsed_batch_leaves_its_neighbour_alone():
    batch = draw((2, 1, 7))
    batch[0] = 2
    same(losses.stats_slope(batch), *autograd(losses.stats_loss, batch))


def test_slopes_do_not_overflow():
    for a in (-1e4, 1e4):
        logit = torch.full((3, 1), a)
        both = losses.discriminator_slopes(logit, logit)
        slopes = [*both, losses.saturating_slope(logit), losses.nonsaturating_slope(logit)]
        assert torch.stack(slopes).isfinite().all()
