import numpy as np
import pytest
import torch
from scipy import stats
from torch.nn import functional as F

from gan_lessons import raw_weights
from gan_lessons.distributions import Normal
from gan_lessons.networks import latent_size, require_logits
from gan_lessons.training import train

RNG = np.random.default_rng(0)


def doubles(in_dim, hidden=6, seed=0):
    weights = raw_weights.initialize_weights(in_dim, hidden, seed)
    return {k: v.detach().double().requires_grad_() for k, v in weights.items()}


def close(by_hand, weights, loss):
    slopes = torch.autograd.grad(loss, list(weights.values()))
    assert list(by_hand) == list(weights)
    for name, slope in zip(weights, slopes, strict=True):
        assert by_hand[name].shape == tuple(weights[name].shape)
        np.testing.assert_allclose(by_hand[name], slope, rtol=1e-9, atol=1e-13)


# --- Weights and networks ---------------------------------------------------------------------


def test_the_unknown_target_is_drawn_from_its_ranges():
    means, stds = np.array(
        [(t.mean, t.std) for t in (raw_weights.unknown_normal(seed) for seed in range(400))]
    ).T
    assert stats.kstest(means, stats.uniform(-5, 10).cdf).pvalue > 0.01
    assert stats.kstest(stds, stats.uniform(1, 2).cdf).pvalue > 0.01


def test_weights_are_standard_normal_and_record_gradients():
    weights = raw_weights.initialize_weights(2, 5000, seed=1)
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    assert shapes == {"w1": (2, 5000), "b1": (5000,), "w2": (5000, 1), "b2": (1,)}
    assert all(
        v.requires_grad and v.is_leaf and v.dtype == torch.float32 for v in weights.values()
    )
    for name in ("w1", "b1", "w2"):
        assert stats.kstest(weights[name].detach().numpy().ravel(), "norm").pvalue > 0.001


def test_weights_come_from_the_seed_alone():
    torch.manual_seed(0)
    first = raw_weights.initialize_weights(seed=5)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    second, other = (raw_weights.initialize_weights(seed=s) for s in (5, 6))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first["w1"], second["w1"])
    assert not torch.equal(first["w1"], other["w1"])
    assert first["w1"].shape == (2, 16)


def test_both_players_equal_modules_with_the_same_weights():
    for in_dim, player in ((2, raw_weights.generator), (1, raw_weights.discriminator_logits)):
        weights = raw_weights.initialize_weights(in_dim, 7, seed=in_dim)
        x = torch.from_numpy(RNG.normal(size=(9, in_dim)).astype(np.float32))
        hidden = F.relu(F.linear(x, weights["w1"].T, weights["b1"]))
        expected = F.linear(hidden, weights["w2"].T, weights["b2"])
        torch.testing.assert_close(player(x, weights), expected)
    d = raw_weights.discriminator(x, weights)
    torch.testing.assert_close(d, 1 / (1 + torch.exp(-expected)))


def test_the_logit_bends_at_its_kinks_and_nowhere_else():
    weights = doubles(1, 4, seed=2)
    kinks = raw_weights.kinks(weights)
    assert kinks.shape == (4,)
    assert (np.diff(kinks) > 0).all()

    def bend(x):  # second difference
        x = torch.tensor([[x - 1e-3], [x], [x + 1e-3]], dtype=torch.float64)
        left, middle, right = raw_weights.discriminator_logits(x, weights)[:, 0].tolist()
        return abs(left - 2 * middle + right)

    assert all(bend(kink) > 1e-5 for kink in kinks)
    assert all(bend(x) < 1e-12 for x in (kinks[:-1] + kinks[1:]) / 2)


# --- By hand ----------------------------------------------------------------------------------


def test_forward_and_backward_by_hand_equal_torch_for_any_slope():
    weights = doubles(3)
    x, d_out = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 1))
    arrays = raw_weights.as_arrays(weights)
    out, hidden = raw_weights.forward_by_hand(x, arrays)
    gradients, d_x = raw_weights.backward_by_hand(x, hidden, arrays, d_out)
    t = torch.from_numpy(x).requires_grad_()
    expected = raw_weights.generator(t, weights)
    np.testing.assert_allclose(out, expected.detach(), rtol=1e-12)
    assert hidden.min() == 0
    loss = (expected * torch.from_numpy(d_out)).sum()
    np.testing.assert_allclose(d_x, torch.autograd.grad(loss, t, retain_graph=True)[0], rtol=1e-9)
    close(gradients, weights, loss)


@pytest.mark.parametrize("sizes", [(8, 8), (5, 3), (1, 1)])
def test_gradients_of_d_by_hand_equal_autograd(sizes):
    weights = doubles(1, seed=4)
    real, fake = (RNG.normal(size=(n, 1)) for n in sizes)
    logits = [raw_weights.discriminator_logits(torch.from_numpy(b), weights) for b in (real, fake)]
    bce = F.binary_cross_entropy_with_logits
    loss = bce(logits[0], torch.ones(sizes[0], 1).double())
    loss = loss + bce(logits[1], torch.zeros(sizes[1], 1).double())
    by_hand = raw_weights.discriminator_gradients(real, fake, raw_weights.as_arrays(weights))
    close(by_hand, weights, loss)


@pytest.mark.parametrize("n", [1, 9])
def test_gradients_of_g_by_hand_equal_autograd(n):
    g, d = doubles(2, seed=5), doubles(1, seed=6)
    z = RNG.normal(size=(n, 2))
    logits = raw_weights.discriminator_logits(raw_weights.generator(torch.from_numpy(z), g), d)
    loss = F.binary_cross_entropy_with_logits(logits, torch.ones(n, 1).double())
    by_hand = raw_weights.generator_gradients(
        z, raw_weights.as_arrays(g), raw_weights.as_arrays(d)
    )
    close(by_hand, g, loss)


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99)])
@pytest.mark.parametrize("eps", [1e-8, 1e-2])
def test_adam_by_hand_equals_torch_over_fifty_steps(betas, eps):
    weights = doubles(2)
    arrays = raw_weights.as_arrays(weights)
    by_hand = raw_weights.AdamByHand(learning_rate=3e-2, betas=betas, eps=eps)
    theirs = torch.optim.Adam(weights.values(), lr=3e-2, betas=betas, eps=eps)
    for _ in range(50):
        slopes = {name: RNG.normal(size=value.shape) for name, value in arrays.items()}
        for name, value in weights.items():
            value.grad = torch.from_numpy(slopes[name])
        theirs.step()
        for own in (*arrays.values(), *slopes.values()):
            own.flags.writeable = False  # a step changes no array of its caller's
        arrays = by_hand.step(arrays, slopes)
        for name, value in weights.items():
            np.testing.assert_allclose(arrays[name], value.detach(), rtol=1e-9, atol=1e-12)


# --- In the dress of a module -----------------------------------------------------------------


def test_raw_network_gives_logits_of_the_same_formula():
    weights = raw_weights.initialize_weights(1, 5, seed=3)
    net = raw_weights.RawNetwork(weights)
    x = torch.linspace(-3, 3, 7)[:, None]
    torch.testing.assert_close(net(x), raw_weights.discriminator_logits(x, weights))
    require_logits(net)
    assert latent_size(raw_weights.RawNetwork(raw_weights.initialize_weights(2))) == 2


def test_a_run_of_raw_weights_equals_the_run_by_hand():
    target, steps, n = Normal(1, 2), 8, 16
    g, d = raw_weights.initialize_weights(2, seed=0), raw_weights.initialize_weights(1, seed=1)
    g_hand, d_hand = raw_weights.as_arrays(g), raw_weights.as_arrays(d)
    rates = {"learning_rate_g": 1e-2, "learning_rate_d": 2e-2}
    train(
        target,
        raw_weights.RawNetwork(g),
        raw_weights.RawNetwork(d),
        steps=steps,
        batch_size=n,
        seed=9,
        **rates,
    )
    rng = np.random.default_rng(np.random.SeedSequence(9).spawn(2)[0])
    adam_g, adam_d = raw_weights.AdamByHand(1e-2), raw_weights.AdamByHand(2e-2)
    for _ in range(steps):
        real = rng.normal(1, 2, n)[:, None]
        z = rng.standard_normal((n, 2), dtype=np.float32).astype(float)
        fake, _ = raw_weights.forward_by_hand(z, g_hand)
        slopes = raw_weights.discriminator_gradients(real, fake, d_hand)
        d_hand = adam_d.step(d_hand, slopes)
        z = rng.standard_normal((n, 2), dtype=np.float32).astype(float)
        g_hand = adam_g.step(g_hand, raw_weights.generator_gradients(z, g_hand, d_hand))
    for name in g:
        np.testing.assert_allclose(g[name].detach(), g_hand[name], atol=2e-4)
        np.testing.assert_allclose(d[name].detach(), d_hand[name], atol=2e-4)


# --- What can go wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (
            lambda w: raw_weights.forward_by_hand(np.zeros((4, 3)), raw_weights.as_arrays(w)),
            r"^x has shape .*: it must be \(n, 2\)",
        ),
        (
            lambda w: raw_weights.RawNetwork({k: v for k, v in w.items() if k != "b1"}),
            "^weights lack b1",
        ),
        (lambda w: raw_weights.RawNetwork({**w, "b1": 3}), r"^weights\['b1'\] is 3: it must be a"),
        (raw_weights.kinks, r"^weights take 2 inputs: .* need just 1"),
    ],
)
def test_shapes_and_names_must_fit(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call(raw_weights.initialize_weights(2, seed=0))


def test_as_many_slopes_as_samples():
    weights = raw_weights.as_arrays(raw_weights.initialize_weights(1, seed=0))
    out, hidden = raw_weights.forward_by_hand(np.zeros((4, 1)), weights)
    with pytest.raises(ValueError, match=r"^d_out has 3 rows: there must be as many as in x, 4"):
        raw_weights.backward_by_hand(np.zeros((4, 1)), hidden, weights, out[:3])
