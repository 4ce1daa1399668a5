import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam

from gan_lessons import training
from gan_lessons.distributions import Normal, TwoPoint, bimodal
from gan_lessons.metrics import sample_density
from gan_lessons.networks import build_discriminator, build_generator, probability
from gan_lessons.training import train

TARGET = Normal(5, 1)


def nets(seed=0, hidden=8):
    return (
        build_generator(3, hidden, seed=seed),
        build_discriminator(1, hidden, logits=True, seed=seed + 100),
    )


def run(seed=0, target=TARGET, **settings):
    g, d = nets()
    settings = {"steps": 12, "batch_size": 8, "every": 6, "learning_rate_g": 1e-2, **settings}
    return train(target, g, d, seed=seed, **settings), g, d


def weights(*networks):
    return torch.cat([p.detach().flatten() for net in networks for p in net.parameters()]).clone()


def arrays(history):
    return {name: getattr(history, name) for name in history.__dataclass_fields__}


def same(first, second):
    pairs = [(arrays(first)[name], arrays(second)[name]) for name in arrays(first)]
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


# --- The run is repeatable and undisturbed ----------------------------------------------------


def test_same_seed_same_history_other_seed_another():
    assert same(run(seed=3)[0], run(seed=3)[0])
    other = run(seed=4)[0]
    assert not np.array_equal(run(seed=3)[0].g_loss, other.g_loss)


@pytest.mark.parametrize("loss", ["nonsaturating", "adversarial_plus_stats"])
def test_watching_does_not_change_the_run(loss):
    often, g, d = run(every=1, loss=loss)
    seldom, h, e = run(every=50, loss=loss, x=np.linspace(0, 9, 31))
    assert torch.equal(weights(g, d), weights(h, e))
    np.testing.assert_array_equal(often.g_loss, seldom.g_loss)
    np.testing.assert_array_equal(often.d_loss, seldom.d_loss)
    np.testing.assert_array_equal(often.samples[[0, -1]], seldom.samples)


def test_the_global_random_states_are_left_alone():
    g, d = nets()
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    train(TARGET, g, d, steps=3, batch_size=4)
    assert torch.equal(torch.get_rng_state(), torch_before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)


def test_the_global_random_states_do_not_matter():
    torch.manual_seed(1)
    first = run()[0]
    torch.manual_seed(2)
    np.random.seed(9)
    assert same(first, run()[0])


# --- The run is the one the lesson writes out -------------------------------------------------


def plain_loop(target, steps, batch_size, lr_g, lr_d, betas, d_steps, seed, g_label_loss):
    """The same GAN with labels, PyTorch's own loss and optimiser, and nothing from the package."""
    g, d = nets()
    bce = nn.BCEWithLogitsLoss()
    adam_g = Adam(g.parameters(), lr=lr_g, betas=betas)
    adam_d = Adam(d.parameters(), lr=lr_d, betas=betas)
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[0])
    ones, zeros = torch.ones(batch_size, 1), torch.zeros(batch_size, 1)

    def noise():
        return torch.from_numpy(rng.standard_normal((batch_size, 3), dtype=np.float32))

    g_losses, d_losses = [], []
    for _ in range(steps):
        for _ in range(d_steps):
            real = torch.from_numpy(
                rng.normal(target.mean, target.std, batch_size).astype(np.float32)
            )[:, None]
            with torch.no_grad():
                fake = g(noise())
            d_loss = bce(d(real), ones) + bce(d(fake), zeros)
            d.zero_grad()
            d_loss.backward()
            adam_d.step()
        g_loss = g_label_loss(bce, d(g(noise())), ones, zeros)
        g.zero_grad()
        g_loss.backward()
        adam_g.step()
        g_losses.append(g_loss.item())
        d_losses.append(d_loss.item())
    return g, d, g_losses, d_losses


@pytest.mark.parametrize(
    ("loss", "with_labels"),
    [
        ("nonsaturating", lambda bce, logits, ones, zeros: bce(logits, ones)),
        ("saturating", lambda bce, logits, ones, zeros: -bce(logits, zeros)),
    ],
)
@pytest.mark.parametrize("d_steps", [1, 3])
def test_train_equals_a_plain_loop_with_labels(loss, with_labels, d_steps):
    settings = {"steps": 25, "batch_size": 16, "betas": (0.5, 0.9), "d_steps": d_steps}
    history, g, d = run(
        seed=5, loss=loss, learning_rate_g=3e-3, learning_rate_d=1e-3, every=10, **settings
    )
    h, e, g_losses, d_losses = plain_loop(
        TARGET, lr_g=3e-3, lr_d=1e-3, seed=5, g_label_loss=with_labels, **settings
    )
    np.testing.assert_allclose(history.g_loss, g_losses, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(history.d_loss, d_losses, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(weights(g, d), weights(h, e), rtol=1e-3, atol=2e-5)


def test_without_a_discriminator_train_equals_a_plain_loop():
    g, h = nets()[0], nets()[0]
    history = train(TARGET, g, loss="stats", steps=20, batch_size=16, learning_rate_g=1e-2, seed=2)
    rng = np.random.default_rng(np.random.SeedSequence(2).spawn(2)[0])
    adam = Adam(h.parameters(), lr=1e-2)
    for step in range(20):
        fake = h(torch.from_numpy(rng.standard_normal((16, 3), dtype=np.float32)))
        loss = (fake.mean() - 5).square() + (fake.var().sqrt() - 1).square()
        adam.zero_grad()
        loss.backward()
        adam.step()
        assert history.g_loss[step] == pytest.approx(loss.item(), rel=1e-4)
    torch.testing.assert_close(weights(g), weights(h), rtol=1e-3, atol=2e-5)
    assert np.isnan(history.d_loss).all()
    assert np.isnan(history.d).all()
    assert not history.has_discriminator


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate_g": 1e-3},
        {"learning_rate_d": 1e-2},
        {"betas": (0.5, 0.999)},
        {"betas": (0.9, 0.5)},
        {"d_steps": 2},
        {"batch_size": 9},
        {"loss": "saturating"},
        {"target": bimodal()},
    ],
    ids=str,
)
def test_every_setting_has_an_effect(change):
    assert not torch.equal(weights(*run()[1:]), weights(*run(**change)[1:]))


def test_each_learning_rate_moves_its_own_player():
    # Adam's first step has the length of its learning rate in each weight that feels a gradient
    before = weights(nets()[0]), weights(nets()[1])
    _, g, d = run(steps=1, learning_rate_g=1e-2, learning_rate_d=1e-4)
    for net, start, rate in ((g, before[0], 1e-2), (d, before[1], 1e-4)):
        moved = (weights(net) - start).abs()
        assert moved.max().item() == pytest.approx(rate, rel=0.02)


# --- One step of one player -------------------------------------------------------------------


def one_d_step(g, d, optimizer=None):
    real = torch.from_numpy(TARGET.sample(6, 0).astype(np.float32))
    optimizer = optimizer or SGD(d.parameters(), lr=0.1)
    return training.train_discriminator(d, g, optimizer, real, np.random.default_rng(1))


def one_g_step(g, d, loss="nonsaturating"):
    rng = np.random.default_rng(2)
    return training.train_generator(
        g, SGD(g.parameters(), lr=0.1), TARGET, rng, loss, batch_size=6, discriminator=d
    )


def test_the_d_step_touches_neither_weights_nor_gradients_of_g():
    g, d = nets()
    before = weights(g), weights(d)
    one_d_step(g, d)
    assert torch.equal(weights(g), before[0])
    assert not torch.equal(weights(d), before[1])
    assert all(p.grad is None for p in g.parameters())


def test_the_g_step_leaves_the_weights_of_d():
    g, d = nets()
    before = weights(g), weights(d)
    one_g_step(g, d)
    assert torch.equal(weights(d), before[1])
    assert not torch.equal(weights(g), before[0])


def test_the_g_step_leaves_no_gradient_on_d():
    g, d = nets()
    one_g_step(g, d)
    assert all(p.grad is None for p in d.parameters())


def test_gradients_of_one_step_do_not_enter_the_next_of_the_same_player():
    g, d = nets()
    h = copy.deepcopy(g)
    for p in g.parameters():
        p.grad = torch.full_like(p, 7.0)
    one_g_step(g, d)
    one_g_step(h, d)
    assert torch.equal(weights(g), weights(h))


def test_a_step_goes_downhill_by_the_gradient_of_its_loss():
    g, d = nets()
    e = copy.deepcopy(d)
    value = one_d_step(g, d)
    real = torch.from_numpy(TARGET.sample(6, 0).astype(np.float32))
    z = torch.from_numpy(np.random.default_rng(1).standard_normal((6, 3), dtype=np.float32))
    loss = -torch.log(torch.sigmoid(e(real))).mean() - torch.log(1 - torch.sigmoid(e(g(z)))).mean()
    slopes = torch.autograd.grad(loss, list(e.parameters()))
    assert value == pytest.approx(loss.item(), rel=1e-5)
    for after, before, slope in zip(d.parameters(), e.parameters(), slopes, strict=True):
        torch.testing.assert_close(after, before - 0.1 * slope, rtol=1e-4, atol=1e-6)


def test_a_batch_of_real_data_is_a_float32_column():
    real = training.sample_real(TARGET, 5, np.random.default_rng(0))
    assert real.dtype == torch.float32
    np.testing.assert_allclose(real, TARGET.sample(5, 0), rtol=1e-6)


# --- The record -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "every", "frames"),
    [
        (6, 1, [0, 1, 2, 3, 4, 5, 6]),
        (6, 3, [0, 3, 6]),
        (7, 3, [0, 3, 6, 7]),
        (2, 50, [0, 2]),
        (1, 1, [0, 1]),
    ],
)
def test_frames_at_the_start_at_every_and_at_the_end(steps, every, frames):
    history, _, _ = run(steps=steps, every=every)
    f = len(frames)
    assert history.steps.tolist() == frames
    assert history.p_g.shape == history.d.shape == (f, 200)
    assert history.samples.shape == (f, 1000)
    assert history.mean.shape == history.std.shape == (f,)
    assert history.g_loss.shape == history.d_loss.shape == (steps,)
    assert all(a.dtype == np.float64 for n, a in arrays(history).items() if n != "steps")


def test_frames_show_the_networks():
    grid = np.linspace(-3, 9, 40)
    g0, _ = nets()
    history, _, d = run(x=grid, every=5)
    np.testing.assert_array_equal(history.x, grid)
    np.testing.assert_allclose(history.p_data, TARGET.pdf(grid))
    np.testing.assert_allclose(history.d[-1], probability(d, grid), rtol=1e-5)
    np.testing.assert_allclose(history.mean, history.samples.mean(axis=1))
    np.testing.assert_allclose(history.std, history.samples.std(axis=1, ddof=1))
    np.testing.assert_allclose(history.p_g[1], sample_density(history.samples[1], grid))
    # frame 0 comes before the first step
    z = np.random.default_rng(np.random.SeedSequence(0).spawn(2)[1])
    z = torch.from_numpy(z.standard_normal((1000, 3), dtype=np.float32))
    np.testing.assert_allclose(history.samples[0], g0(z).detach().numpy()[:, 0], rtol=1e-5)


def test_default_grid_spans_five_deviations():
    history, _, _ = run(steps=1, target=Normal(-2, 3))
    assert (history.x[0], history.x[-1]) == (-17, 13)


def test_a_gan_learns_to_come_closer():
    history, _, _ = run(
        steps=300, every=300, batch_size=32, learning_rate_g=5e-3, learning_rate_d=5e-3
    )
    assert abs(history.mean[0] - 5) > 4
    assert abs(history.mean[-1] - 5) < 3


# --- What can go wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"steps": 0}, r"^steps is 0"),
        ({"steps": 2.5}, r"^steps is 2.5"),
        ({"steps": True}, r"^steps is True"),
        ({"every": 0}, r"^every is 0"),
        ({"every": -5}, r"^every is -5"),
        ({"batch_size": 1}, r"^batch_size is 1: .*2 or more"),
        ({"batch_size": "8"}, r"^batch_size is '8'"),
        ({"d_steps": 0}, r"^d_steps is 0"),
        ({"learning_rate_g": 0}, r"^learning_rate_g is 0"),
        ({"learning_rate_g": math.nan}, r"^learning_rate_g is nan"),
        ({"learning_rate_d": -1e-3}, r"^learning_rate_d is -0.001"),
        ({"learning_rate_d": math.inf}, r"^learning_rate_d is inf"),
        ({"betas": (1.0, 0.9)}, r"^betas is .*1.0"),
        ({"betas": (0.9, -0.1)}, r"^betas is .*-0.1"),
        ({"betas": (0.9,)}, r"^betas is \(0.9,\): it must be two numbers"),
        ({"betas": (0.9, 0.99, 0.5)}, r"^betas is .*two numbers"),
        ({"betas": 0.9}, r"^betas is 0.9: .*two numbers"),
        ({"loss": "nonsaturated"}, r"^loss is 'nonsaturated' \(did you mean 'nonsaturating'\?\)"),
        ({"loss": None}, r"^loss is None"),
        ({"x": [1.0]}, r"^x has shape \(1,\)"),
        ({"x": [[1.0, 2.0]]}, r"^x has shape \(1, 2\)"),
        ({"x": [0.0, math.nan]}, r"^x holds NaN"),
        ({"seed": -1}, r"^seed is -1"),
        ({"seed": "a"}, r"^seed is 'a'"),
        ({"target": TwoPoint()}, "has no density"),
    ],
    ids=str,
)
def test_bad_settings_are_refused_before_the_first_step(settings, complaint):
    g, d = nets()
    before = weights(g, d)
    with pytest.raises(ValueError, match=complaint):
        train(settings.pop("target", TARGET), g, d, **{"steps": 2, **settings})
    assert torch.equal(weights(g, d), before)


@pytest.mark.parametrize("loss", ["nonsaturating", "saturating", "adversarial_plus_stats"])
def test_a_loss_that_needs_a_discriminator_says_so(loss):
    with pytest.raises(ValueError, match=r"^discriminator is None: \w+ needs one"):
        train(TARGET, nets()[0], loss=loss, steps=1)


def test_a_net_that_returns_probabilities_gets_a_clear_error_everywhere():
    g, d = nets()[0], build_discriminator(hidden_dim=4)
    complaint = r"^discriminator returns probabilities: training takes logits"
    with pytest.raises(ValueError, match=complaint):
        train(TARGET, g, d, steps=1)
    with pytest.raises(ValueError, match=complaint):
        one_d_step(g, d)
    with pytest.raises(ValueError, match=complaint):
        one_g_step(g, d)


@pytest.mark.parametrize("bad", [0, -3, 2.5, True])
def test_steps_by_hand_check_the_batch_size(bad):
    g, d = nets()
    adam = Adam(g.parameters())
    with pytest.raises(ValueError, match=r"^(batch_size|n) is "):
        training.train_generator(
            g, adam, TARGET, np.random.default_rng(0), batch_size=bad, discriminator=d
        )


def test_a_nets_without_an_input_width_is_refused():
    with pytest.raises(ValueError, match=r"^generator is ReLU"):
        train(TARGET, nn.ReLU(), loss="mean", steps=1)


@pytest.mark.parametrize("every", [1, 1000])
def test_a_run_that_diverges_names_the_step(every):
    with pytest.raises(FloatingPointError, match=r"diverged at step \d+: .*learning rate"):
        run(steps=200, every=every, learning_rate_g=1e20, learning_rate_d=1e20)


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
    g, d = nets()
    with torch.no_grad():
        next(d.parameters()).fill_(math.nan)
    with pytest.raises(FloatingPointError, match=r"diverged at step 0: "):
        train(TARGET, g, d, steps=1)


# --- Networks of all kinds: a plain loop takes them, or says why not ---------------------------


class Flat(nn.Module):
    """Shape (n,) in place of (n, 1)."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)[:, 0]


@pytest.mark.parametrize("who", ["generator", "discriminator"])
@pytest.mark.parametrize("how", ["flat", "two"])
def test_a_network_with_another_output_is_refused(who, how):
    pair = dict(zip(("generator", "discriminator"), nets(), strict=True))
    inner = pair[who]
    shape = r"\(\d+,\)" if how == "flat" else r"\(\d+, 2\)"
    pair[who] = Flat(inner) if how == "flat" else inner.append(nn.Linear(1, 2))
    with pytest.raises(ValueError, match=rf"^{who} gives shape {shape} for \d+ samples"):
        train(TARGET, **pair, steps=1)


def test_a_network_that_can_not_learn_is_refused():
    g, d = nets()
    for p in d.parameters():
        p.requires_grad_(False)
    with pytest.raises(ValueError, match=r"^discriminator is Sequential with no parameter that"):
        train(TARGET, g, d, steps=1)


def test_a_frozen_layer_stays_and_the_others_learn():
    g, d = nets()
    g[0].weight.requires_grad_(False)
    before, rest = g[0].weight.clone(), g[2].weight.clone()
    train(TARGET, g, d, steps=3, batch_size=8)
    assert torch.equal(g[0].weight, before)
    assert not torch.equal(g[2].weight, rest)


@pytest.mark.parametrize("who", [0, 1])
def test_two_precisions_may_play_each_other(who):
    pair = list(nets())
    pair[who] = pair[who].double()
    run = train(TARGET, *pair, steps=3, batch_size=8, loss="adversarial_plus_stats")
    expected = train(TARGET, *nets(), steps=3, batch_size=8, loss="adversarial_plus_stats")
    np.testing.assert_allclose(run.g_loss, expected.g_loss, rtol=1e-4)
    assert next(pair[who].parameters()).dtype == torch.float64


def noisy():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        g = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
        d = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
    return g, d


def test_looking_more_often_changes_no_run_with_batch_norm_and_dropout():
    pairs = noisy(), noisy()
    often = train(TARGET, *pairs[0], steps=8, batch_size=8, every=1)
    seldom = train(TARGET, *pairs[1], steps=8, batch_size=8, every=8)
    np.testing.assert_array_equal(often.g_loss, seldom.g_loss)
    np.testing.assert_array_equal(often.d_loss, seldom.d_loss)
    for one, other in zip(pairs[0], pairs[1], strict=True):
        for name, value in one.state_dict().items():
            assert torch.equal(value, other.state_dict()[name]), name
        assert all(part.training for part in one.modules())


def test_a_run_with_dropout_is_its_seeds():
    torch.manual_seed(1)
    first = train(TARGET, *noisy(), steps=4, batch_size=8, seed=3)
    torch.manual_seed(2)
    assert same(first, train(TARGET, *noisy(), steps=4, batch_size=8, seed=3))


def test_hooks_are_called():
    (g, d), calls = nets(), []
    g.register_forward_hook(lambda *_: calls.append(1))
    run = train(TARGET, g, d, steps=3, batch_size=8)
    assert len(calls) == 2 * 3 + 4  # two passes in each step, and four looks
    expected = train(TARGET, *nets(), steps=3, batch_size=8)
    np.testing.assert_allclose(run.g_loss, expected.g_loss, rtol=1e-5)


def test_a_module_with_a_list_of_layers_is_no_perceptron_by_that():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear_layers = nn.ModuleList([nn.Linear(3, 4), nn.Linear(4, 1)])

        def forward(self, z):
            return 2 * self.linear_layers[1](torch.tanh(self.linear_layers[0](z)))

    run = train(TARGET, Twice(), nets()[1], steps=3, batch_size=8)
    assert np.isfinite(run.g_loss).all()


@pytest.mark.parametrize("loss", training.GENERATOR_LOSSES)
def test_the_engine_and_the_plain_loop_make_the_same_run(loss, monkeypatch):
    compiled, *pair = run(loss=loss)
    monkeypatch.setattr(training, "is_compiled", lambda generator, discriminator: False)
    plain, *other = run(loss=loss)
    for name in ("g_loss", "d_loss", "samples", "d"):
        np.testing.assert_allclose(
            getattr(compiled, name), getattr(plain, name), rtol=1e-3, atol=1e-4
        )
    torch.testing.assert_close(weights(*pair), weights(*other), rtol=1e-3, atol=1e-4)
