import copy
import math
from dataclasses import astuple

import numpy as np
import pytest
import torch
from players import leaky, noisy, perceptrons, weights
from torch import nn
from torch.optim import SGD, Adam

from gan_lessons import training
from gan_lessons.distributions import Normal, TwoPoint
from gan_lessons.metrics import sample_density
from gan_lessons.networks import build_discriminator, probability
from gan_lessons.training import train

TARGET = Normal(5, 1)


def run(make=perceptrons, target=TARGET, **settings):
    g, d = make()
    settings = {"steps": 12, "batch_size": 8, "every": 6, "learning_rate_g": 1e-2, **settings}
    return train(target, g, d, **settings), g, d


# --- The run is repeatable and undisturbed ----------------------------------------------------


@pytest.mark.parametrize("make", [perceptrons, noisy])
def test_a_run_is_its_seeds_and_leaves_the_global_random_states_alone(make):
    torch.manual_seed(1)
    first = run(make, seed=3)[0]
    torch.manual_seed(2)
    np.random.seed(9)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    second = run(make, seed=3)[0]
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])
    for one, other in zip(astuple(first), astuple(second), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(first.g_loss, run(make, seed=4)[0].g_loss)


@pytest.mark.parametrize("make", [perceptrons, noisy])
def test_watching_does_not_change_the_run(make):
    often, *pair = run(make, every=1)
    seldom, *others = run(make, every=50, x=np.linspace(0, 9, 31))
    np.testing.assert_array_equal(often.g_loss, seldom.g_loss)
    np.testing.assert_array_equal(often.d_loss, seldom.d_loss)
    np.testing.assert_array_equal(often.samples[[0, -1]], seldom.samples)
    for one, other in zip(pair, others, strict=True):
        for name, value in one.state_dict().items():
            assert torch.equal(value, other.state_dict()[name]), name
        assert all(part.training for part in one.modules())


# --- The run is the one the lesson writes out -------------------------------------------------

bce = nn.BCEWithLogitsLoss()
MEAN, STD = 1 / 3, 0.7  # no floats of single precision


def mean_term(fake):
    return (fake.mean() - MEAN).square()


def std_term(fake):
    return (fake.var().sqrt() - STD).square()


BY_LABELS = {
    "mean": lambda fake, judged: -fake.mean(),
    "squared_mean": lambda fake, judged: mean_term(fake),
    "stats": lambda fake, judged: mean_term(fake) + std_term(fake),
    "saturating": lambda fake, judged: -bce(judged, torch.zeros_like(judged)),
    "nonsaturating": lambda fake, judged: bce(judged, torch.ones_like(judged)),
    "adversarial_plus_stats": lambda fake, judged: (
        bce(judged, torch.ones_like(judged)) + mean_term(fake) + std_term(fake)
    ),
    "relativistic": lambda fake, judged, pairs: bce(judged - pairs, torch.ones_like(judged)),
    "least_squares": lambda fake, judged: (judged - 1).square().mean() / 2,
    "hinge": lambda fake, judged: -judged.mean(),
    "wasserstein": lambda fake, judged: -judged.mean(),
}
D_BY_LABELS = {
    "relativistic": lambda real, fake: bce(real - fake, torch.ones_like(real)),
    "least_squares": lambda real, fake: ((real - 1).square() + fake.square()).mean() / 2,
    "hinge": lambda real, fake: ((1 - real).clamp(min=0) + (1 + fake).clamp(min=0)).mean(),
    "wasserstein": lambda real, fake: (fake - real).mean(),
}


def by_labels(real, fake):
    return bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))


def plain_loop(g, d, loss, d_steps, seed, steps, batch_size, rates, betas):
    """The same GAN with labels, PyTorch's own loss and optimiser, and nothing from the package."""
    adam_g, adam_d = (
        Adam(net.parameters(), lr=rate, betas=betas)
        for net, rate in zip((g, d), rates, strict=True)
    )
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[0])

    def noise():
        return torch.from_numpy(rng.standard_normal((batch_size, 3), dtype=np.float32)).double()

    losses = []
    for _ in range(steps):
        d_loss = torch.tensor(math.nan)
        for _ in range(d_steps):
            real = rng.normal(MEAN, STD, batch_size).astype(np.float32)
            real = torch.from_numpy(real).double()[:, None]
            d_loss = D_BY_LABELS.get(loss, by_labels)(d(real), d(g(noise()).detach()))
            adam_d.zero_grad()
            d_loss.backward()
            adam_d.step()
        fake = g(noise())
        pairs = [d(real).detach()] if loss == "relativistic" else []
        g_loss = BY_LABELS[loss](fake, d(fake), *pairs)
        adam_g.zero_grad()
        g_loss.backward()
        adam_g.step()
        losses.append((g_loss.item(), d_loss.item()))
    return np.array(losses).T


@pytest.mark.parametrize("make", [perceptrons, leaky])
@pytest.mark.parametrize("loss", training.GENERATOR_LOSSES)
@pytest.mark.parametrize("d_steps", [0, 1, 3])
def test_train_equals_a_plain_loop_with_labels(make, loss, d_steps):
    if not d_steps and training.GENERATOR_LOSSES[loss].needs_discriminator:
        return
    (g, d), (h, e) = make(), make()
    settings = {"seed": 5, "steps": 25, "batch_size": 16, "betas": (0.5, 0.9)}
    history = train(
        Normal(MEAN, STD),
        g,
        d if d_steps else None,
        loss=loss,
        learning_rate_g=3e-3,
        learning_rate_d=1e-3,
        d_steps=max(d_steps, 1),
        every=10,
        **settings,
    )
    g_loss, d_loss = plain_loop(h, e, loss, d_steps, rates=(3e-3, 1e-3), **settings)
    np.testing.assert_allclose(history.g_loss, g_loss, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(history.d_loss, d_loss, rtol=1e-9)
    torch.testing.assert_close(weights(g, d), weights(h, e), rtol=1e-8, atol=1e-10)
    assert history.has_discriminator == np.isfinite(history.d).all() == (d_steps > 0)


# --- One step of one player -------------------------------------------------------------------


def one_step(player, g, d, rate=0.1):
    """A step by hand; returns its loss, and the same loss by its formula."""
    rng, z = np.random.default_rng(1), np.random.default_rng(1)
    z = torch.from_numpy(z.standard_normal((6, 3), dtype=np.float32)).double()
    if player == "d":
        real = torch.from_numpy(TARGET.sample(6, 0))
        loss = -torch.log(torch.sigmoid(d(real))).mean()
        loss = loss - torch.log(1 - torch.sigmoid(d(g(z)))).mean()
        optimizer = SGD(d.parameters(), rate)
        return loss, lambda: training.train_discriminator(d, g, optimizer, real, rng)
    optimizer = SGD(g.parameters(), rate)
    return -torch.log(torch.sigmoid(d(g(z)))).mean(), lambda: training.train_generator(
        g, optimizer, TARGET, rng, batch_size=6, discriminator=d
    )


@pytest.mark.parametrize("player", ["g", "d"])
def test_a_step_goes_downhill_by_the_gradient_of_its_loss_and_touches_no_one_else(player):
    pair = dict(zip("gd", perceptrons(), strict=True))
    own, other = pair.pop(player), *pair.values()
    loss, step = one_step(player, *((own, other) if player == "g" else (other, own)))
    slopes = torch.autograd.grad(loss, list(own.parameters()))
    wanted = [p.detach() - 0.1 * slope for p, slope in zip(own.parameters(), slopes, strict=True)]
    before = weights(other)
    for p in (*own.parameters(), *other.parameters()):
        p.grad = torch.full_like(p, 7.0)  # of steps before
    assert step() == pytest.approx(loss.item(), rel=1e-9)
    torch.testing.assert_close([*map(torch.detach, own.parameters())], wanted)
    assert torch.equal(weights(other), before)
    assert all((p.grad == 7).all() for p in other.parameters())


@pytest.mark.parametrize("player", ["g", "d"])
def test_a_step_with_probabilities_is_refused(player):
    _, step = one_step(player, perceptrons()[0], build_discriminator(hidden_dim=4).double())
    with pytest.raises(ValueError, match=r"^discriminator returns probabilities"):
        step()


def test_a_batch_of_real_data_is_a_float32_column():
    real = training.sample_real(TARGET, 5, np.random.default_rng(0))
    assert real.dtype == torch.float32
    np.testing.assert_allclose(real, TARGET.sample(5, 0), rtol=1e-6)


# --- The record -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "every", "frames"),
    [(6, 1, [*range(7)]), (6, 3, [0, 3, 6]), (7, 3, [0, 3, 6, 7]), (2, 50, [0, 2])],
)
def test_frames_at_the_start_at_every_and_at_the_end(steps, every, frames):
    history, _, _ = run(steps=steps, every=every)
    assert history.steps.tolist() == frames
    assert history.p_g.shape == history.d.shape == (len(frames), 200)
    assert history.samples.shape == (len(frames), 1000)
    assert history.g_loss.shape == (steps,)


@pytest.mark.parametrize("make", [perceptrons, leaky])
def test_frames_show_the_networks(make):
    grid = np.linspace(-3, 9, 40)
    history, g, d = run(make, x=grid, every=5)
    np.testing.assert_array_equal(history.x, grid)
    np.testing.assert_allclose(history.p_data, TARGET.pdf(grid))
    np.testing.assert_allclose(history.mean, history.samples.mean(axis=1))
    np.testing.assert_allclose(history.std, history.samples.std(axis=1, ddof=1))
    np.testing.assert_allclose(history.p_g[1], sample_density(history.samples[1], grid))
    z = np.random.default_rng(np.random.SeedSequence(0).spawn(2)[1])
    z = torch.from_numpy(z.standard_normal((1000, 3), dtype=np.float32)).double()
    for frame, nets in ((0, make()), (-1, (g, d))):
        samples = nets[0](z).detach().numpy()[:, 0]
        np.testing.assert_allclose(history.samples[frame], samples, rtol=1e-9)
        np.testing.assert_allclose(history.d[frame], probability(nets[1], grid), rtol=1e-9)


def test_default_grid_spans_five_deviations():
    history, _, _ = run(steps=1, target=Normal(-2, 3))
    assert (history.x[0], history.x[-1]) == (-17, 13)


# --- What can go wrong ------------------------------------------------------------------------


class Flat(nn.Sequential):
    """Shape (n,) in place of (n, 1)."""

    def forward(self, x):
        return super().forward(x)[:, 0]


def frozen():
    return perceptrons()[1].requires_grad_(False)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"loss": "nonsaturated"}, r"^loss is 'nonsaturated' \(did you mean 'nonsaturating'\?\)"),
        ({"loss": None}, r"^loss is None"),
        ({"x": [3, 3]}, "^x holds 3.0 alone"),
        ({"target": TwoPoint()}, "has no density"),
        ({"discriminator": None}, "^discriminator is None: nonsaturating needs one"),
        ({"discriminator": build_discriminator()}, "^discriminator returns probabilities"),
        ({"discriminator": frozen()}, "^discriminator is Sequential with no parameter that"),
        ({"generator": nn.ReLU()}, "^generator is ReLU"),
        *(
            case
            for who, net in zip(("generator", "discriminator"), perceptrons(), strict=True)
            for case in (
                ({who: Flat(net)}, rf"^{who} gives shape \(\d+,\) for \d+ samples"),
                (
                    {who: nn.Sequential(net, nn.Linear(1, 2).double())},
                    rf"^{who} gives shape \(\d+, 2\) for \d+ samples",
                ),
            )
        ),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_before_the_first_step(change, complaint):
    pair = dict(zip(("generator", "discriminator"), perceptrons(), strict=True))
    given = {"target": TARGET, **pair, "steps": 2, **change}
    networks = [value for value in given.values() if isinstance(value, nn.Module)]
    before = copy.deepcopy(networks)
    with pytest.raises(ValueError, match=complaint):
        train(**given)
    for now, was in zip(networks, before, strict=True):
        assert all(map(torch.equal, now.parameters(), was.parameters()))


@pytest.mark.parametrize("every", [1, 1000])
def test_a_run_that_diverges_names_the_step(every):
    with pytest.raises(FloatingPointError, match=r"diverged at step \d+: .*learning rate"):
        run(steps=200, every=every, learning_rate_g=1e200, learning_rate_d=1e200)


class Cliff(nn.Module):
    """Its output is finite, and its slope is infinite: √ at 0."""

    latent_dim = 2

    def __init__(self):
        super().__init__()
        self.place = nn.Parameter(torch.zeros(1))

    def forward(self, z):
        return 4 + z[:, :1] + torch.sqrt(self.place)


@pytest.mark.parametrize(("steps", "every"), [(1, 1), (5, 1), (5, 5)])
def test_weights_that_turn_nan_behind_a_finite_loss_name_the_step_too(steps, every):
    with pytest.raises(FloatingPointError, match=r"diverged at step [12]: "):
        train(TARGET, Cliff(), loss="mean", steps=steps, every=every)


def test_a_discriminator_that_turns_nan_is_noticed():
    g, d = perceptrons()
    with torch.no_grad():
        next(d.parameters()).fill_(math.nan)
    with pytest.raises(FloatingPointError, match=r"diverged at step 0: "):
        train(TARGET, g, d, steps=1)


# --- Networks of all kinds --------------------------------------------------------------------


def test_a_frozen_layer_stays_and_the_others_learn():
    g, d = perceptrons()
    g[0].weight.requires_grad_(False)
    before, rest = g[0].weight.clone(), g[2].weight.clone()
    train(TARGET, g, d, steps=3, batch_size=8)
    assert torch.equal(g[0].weight, before)
    assert not torch.equal(g[2].weight, rest)


@pytest.mark.parametrize("who", [0, 1])
def test_two_precisions_may_play_each_other(who):
    pair = list(perceptrons())
    pair[who] = pair[who].float()
    found = train(TARGET, *pair, steps=3, batch_size=8, loss="adversarial_plus_stats")
    expected = train(TARGET, *perceptrons(), steps=3, batch_size=8, loss="adversarial_plus_stats")
    np.testing.assert_allclose(found.g_loss, expected.g_loss, rtol=1e-4)
    assert next(pair[who].parameters()).dtype == torch.float32


def test_hooks_are_called():
    (g, d), calls = perceptrons(), []
    g.register_forward_hook(lambda *_: calls.append(1))
    train(TARGET, g, d, steps=3, batch_size=8)
    assert len(calls) == 2 * 3 + 4  # two passes in each step, and four looks


def test_a_module_with_a_list_of_layers_is_no_perceptron_by_that():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear_layers = nn.ModuleList([nn.Linear(3, 4), nn.Linear(4, 1)])

        def forward(self, z):
            return 2 * self.linear_layers[1](torch.tanh(self.linear_layers[0](z)))

    assert np.isfinite(train(TARGET, Twice(), perceptrons()[1], steps=3).g_loss).all()
