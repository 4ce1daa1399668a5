"""One step on a batch in blocks is one step on the whole batch, by autograd."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from gan_lessons import training
from gan_lessons.distributions import Normal
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.players import Single, Stack, linear_layers
from gan_lessons.steps import discriminator_step, generator_step, side_by_side

bce = F.binary_cross_entropy_with_logits
BLOCKS = [[12], [5, 7], [2, 8, 2]]  # how a batch of 12 may come
CASES = [
    (kind, members, blocks)
    for kind, members in (("stack", 1), ("stack", 3), ("single", 1))
    for blocks in BLOCKS
]


class Probe:
    """A player that notes the gradient in place of a step."""

    def __init__(self, player):
        self.player, self.members, self.gradients = player, player.members, []
        self.forward, self.input_slope = player.forward, player.input_slope
        self.weight_slope = player.weight_slope

    def update(self, gradient):
        self.gradients.append(gradient)


def nets(members):
    """Of each member, a generator and a discriminator."""
    return [
        (
            build_generator(2, 6, seed=i).double(),
            build_discriminator(1, 5, logits=True, seed=i + 50).double(),
        )
        for i in range(members)
    ]


def player(networks, kind):
    if kind == "single":
        return Probe(Single(networks[0]))
    ones = torch.ones(len(networks), dtype=torch.float64)
    return Probe(Stack([linear_layers(net) for net in networks], ones, (ones / 2, ones / 2)))


def draw(members, k, seed):
    """A batch of 12 for each member, (S, k, 12)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn((members, k, 12), generator=generator, dtype=torch.float64)


def cut(blocks, *batches):
    """The batches (S, k, 12) in blocks, as a step draws them."""
    pieces = zip(*(batch.split(blocks, dim=2) for batch in batches), strict=True)
    return [lambda piece=piece: piece if len(piece) > 1 else piece[0] for piece in pieces]


def slopes(loss, network, kind):
    """autograd's gradient; a stack has the first weight and bias in one."""
    weight, bias, *parts = torch.autograd.grad(loss, list(network.parameters()))
    first = [torch.column_stack((weight, bias))] if kind == "stack" else [weight, bias]
    return torch.cat([part.flatten() for part in (*first, *parts)])


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(("kind", "members", "blocks"), CASES, ids=str)
def test_the_step_of_d(kind, members, blocks):
    pairs = nets(members)
    g, d = (player(networks, kind) for networks in zip(*pairs, strict=True))
    real, z = draw(members, 1, 0), draw(members, 2, 1)
    with side_by_side(len(blocks)) as each:
        value = discriminator_step(d, g, cut(blocks, real, z), each)
    assert not g.gradients
    (gradient,) = d.gradients
    for i, (generator, discriminator) in enumerate(pairs):
        on_real, on_fake = discriminator(real[i].T), discriminator(generator(z[i].T).detach())
        loss = bce(on_real, torch.ones(12, 1).double()) + bce(on_fake, torch.zeros(12, 1).double())
        close(value[i], loss)
        close(gradient[i], slopes(loss, discriminator, kind))


LOSSES = {
    "mean": lambda fake, logits, target: -fake.mean(),
    "squared_mean": lambda fake, logits, target: (fake.mean() - target.mean) ** 2,
    "stats": lambda fake, logits, target: (
        (fake.mean() - target.mean) ** 2 + (fake.std() - target.std) ** 2
    ),
    "saturating": lambda fake, logits, target: -bce(logits, torch.zeros_like(logits)),
    "nonsaturating": lambda fake, logits, target: bce(logits, torch.ones_like(logits)),
}
LOSSES["adversarial_plus_stats"] = lambda *args: (
    LOSSES["nonsaturating"](*args) + LOSSES["stats"](*args)
)


@pytest.mark.parametrize(("kind", "members", "blocks"), CASES, ids=str)
@pytest.mark.parametrize("name", GENERATOR_LOSSES)
def test_the_step_of_g(name, kind, members, blocks):
    pairs = nets(members)
    g, d = (player(networks, kind) for networks in zip(*pairs, strict=True))
    targets = [Normal(3 + i, 1 + i) for i in range(members)]
    moments = SimpleNamespace(
        mean=torch.tensor([t.mean for t in targets]), std=torch.tensor([t.std for t in targets])
    )
    z = draw(members, 2, 1)
    with side_by_side(len(blocks)) as each:
        value = generator_step(g, d, cut(blocks, z), GENERATOR_LOSSES[name], moments, each)
    assert not d.gradients
    (gradient,) = g.gradients
    for i, (generator, discriminator) in enumerate(pairs):
        fake = generator(z[i].T)
        loss = LOSSES[name](fake, discriminator(fake), targets[i])
        close(value[i], loss)
        close(gradient[i], slopes(loss, generator, kind))


@pytest.mark.parametrize("name", ["mean", "squared_mean", "stats"])
def test_the_step_of_g_alone(name):
    (generator, _), target = nets(1)[0], Normal(3, 2)
    g, z = player([generator], "stack"), draw(1, 2, 1)
    value = generator_step(g, None, cut(BLOCKS[-1], z), GENERATOR_LOSSES[name], target)
    loss = LOSSES[name](generator(z[0].T), None, target)
    close(value[0], loss)
    close(g.gradients[0][0], slopes(loss, generator, "stack"))


@pytest.mark.parametrize(
    ("loss", "batch_size", "complaint"),
    [
        ("nonsaturating", 8, "^discriminator is None"),
        ("saturating", 8, "^discriminator is None"),
        ("adversarial_plus_stats", 8, "^discriminator is None"),
        ("stats", 1, r"^fake has 1 row\(s\)"),
    ],
)
def test_a_step_that_is_refused_moves_nothing(loss, batch_size, complaint):
    g = build_generator(2, 4, seed=0)
    before = copy.deepcopy(g)
    with pytest.raises(ValueError, match=complaint):
        training.train_generator(
            g,
            torch.optim.SGD(g.parameters(), lr=0.1),
            Normal(),
            np.random.default_rng(0),
            loss,
            batch_size=batch_size,
        )
    for now, was in zip(g.parameters(), before.parameters(), strict=True):
        assert torch.equal(now, was)


def test_a_step_by_hand_takes_any_module():
    g = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    h, rng = copy.deepcopy(g), np.random.default_rng(0)
    z = torch.from_numpy(rng.standard_normal((6, 2), dtype=np.float32))
    loss = -h(z).mean()
    loss.backward()
    adam = torch.optim.SGD(g.parameters(), lr=0.5)
    value = training.train_generator(
        g, adam, Normal(), np.random.default_rng(0), "mean", batch_size=6
    )
    assert value == pytest.approx(loss.item(), rel=1e-5)
    for now, was in zip(g.parameters(), h.parameters(), strict=True):
        torch.testing.assert_close(now, was - 0.5 * was.grad)
