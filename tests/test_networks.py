import numpy as np
import pytest
import torch
from torch import nn

from gan_lessons import networks


def shapes(net):
    return [tuple(p.shape) for p in net.parameters()]


def test_default_generator_is_the_seeds_net():
    net = networks.build_generator()
    kinds = [type(layer) for layer in net]
    assert kinds == [nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear]
    assert shapes(net) == [(128, 10), (128,), (128, 128), (128,), (1, 128), (1,)]
    assert sum(p.numel() for p in net.parameters()) == 10 * 128 + 128 + 128**2 + 128 + 128 + 1


def test_default_discriminator_ends_in_a_sigmoid_and_returns_probabilities():
    net = networks.build_discriminator()
    kinds = [type(layer) for layer in net]
    assert kinds == [nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear, nn.Sigmoid]
    assert shapes(net) == [(128, 1), (128,), (128, 128), (128,), (1, 128), (1,)]
    d = net(torch.linspace(-50, 50, 101)[:, None])
    assert d.shape == (101, 1)
    assert ((d > 0) & (d < 1)).all()


def test_logits_leaves_only_the_sigmoid_out():
    x = torch.linspace(-9, 9, 20)[:, None]
    plain = networks.build_discriminator(seed=3)
    bare = networks.build_discriminator(logits=True, seed=3)
    assert len(bare) == len(plain) - 1
    torch.testing.assert_close(1 / (1 + torch.exp(-bare(x))), plain(x))


def test_sizes_are_as_asked():
    net = networks.build_generator(2, 5, 3, hidden_layers=1)
    assert shapes(net) == [(5, 2), (5,), (3, 5), (3,)]
    net = networks.build_discriminator(3, 5, hidden_layers=3, logits=True)
    assert shapes(net) == [(5, 3), (5,), (5, 5), (5,), (5, 5), (5,), (1, 5), (1,)]


@pytest.mark.parametrize("build", [networks.build_generator, networks.build_discriminator])
def test_seed_fixes_the_weights_and_leaves_the_global_state_alone(build):
    torch.manual_seed(11)
    before = torch.get_rng_state()
    first, second, other = build(seed=1), build(seed=1), build(seed=2)
    assert torch.equal(torch.get_rng_state(), before)
    for a, b, c in zip(first.parameters(), second.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
        assert not torch.equal(a, c)


def test_without_a_seed_the_global_state_decides():
    torch.manual_seed(4)
    first = networks.build_generator()
    second = networks.build_generator()
    torch.manual_seed(4)
    third = networks.build_generator()
    assert torch.equal(first[0].weight, third[0].weight)
    assert not torch.equal(first[0].weight, second[0].weight)


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, "8", None])
@pytest.mark.parametrize(
    ("build", "argument"),
    [
        (networks.build_generator, "latent_dim"),
        (networks.build_generator, "hidden_dim"),
        (networks.build_generator, "data_dim"),
        (networks.build_generator, "hidden_layers"),
        (networks.build_discriminator, "data_dim"),
        (networks.build_discriminator, "hidden_dim"),
        (networks.build_discriminator, "hidden_layers"),
    ],
)
def test_sizes_must_be_counts(build, argument, bad):
    with pytest.raises(ValueError, match=rf"^{argument} is .*: it must be a whole number, 1 or"):
        build(**{argument: bad})


@pytest.mark.parametrize("bad", [-1, 2.5, True, "8"])
@pytest.mark.parametrize("build", [networks.build_generator, networks.build_discriminator])
def test_seed_must_be_a_count(build, bad):
    with pytest.raises(ValueError, match=r"^seed is .*whole number, 0 or more"):
        build(seed=bad)


class Wrapped(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)


@pytest.mark.parametrize(
    "net",
    [
        networks.build_discriminator(),
        Wrapped(networks.build_discriminator()),
        nn.Sequential(nn.Linear(1, 1), nn.Softmax(dim=1)),
        nn.Sequential(nn.Linear(1, 1), nn.LogSigmoid()),
        nn.Sequential(nn.Linear(1, 1), nn.Hardsigmoid()),
    ],
)
def test_a_net_that_squashes_is_refused(net):
    with pytest.raises(ValueError, match=r"^discriminator returns (log-)?probabilities.*logits"):
        networks.require_logits(net)


def test_a_net_that_returns_logits_passes():
    networks.require_logits(networks.build_discriminator(logits=True))
    networks.require_logits(nn.Sequential(nn.Sigmoid(), nn.Linear(1, 1)))


def test_latent_size_is_the_width_of_the_input():
    assert networks.latent_size(networks.build_generator(7)) == 7
    assert networks.latent_size(Wrapped(networks.build_generator(3))) == 3
    named = nn.ReLU()
    named.latent_dim = 5
    assert networks.latent_size(named) == 5
    with pytest.raises(ValueError, match=r"^generator is ReLU: it must hold an nn.Linear"):
        networks.latent_size(nn.ReLU())


def test_noise_is_standard_normal_and_comes_from_the_given_source():
    z = networks.sample_noise(20_000, 3, np.random.default_rng(0))
    assert z.shape == (20_000, 3)
    assert z.dtype == torch.float32
    assert z.mean(0).abs().max() < 4 / 20_000**0.5
    torch.testing.assert_close(torch.cov(z.T), torch.eye(3), atol=0.04, rtol=0)
    assert torch.equal(z[:5], networks.sample_noise(20_000, 3, np.random.default_rng(0))[:5])


def test_generate_draws_samples_without_gradients():
    net = networks.build_generator(4, 8, seed=0)
    samples = networks.generate(net, 6, np.random.default_rng(1))
    z = np.random.default_rng(1).standard_normal((6, 4), dtype=np.float32)
    expected = net(torch.from_numpy(z)).detach().numpy()
    assert samples.shape == (6, 1)
    assert samples.dtype == np.float64
    np.testing.assert_allclose(samples, expected, rtol=1e-6)


def test_probability_is_the_sigmoid_of_the_logit_once():
    net = networks.build_discriminator(hidden_dim=8, logits=True, seed=0)
    x = np.linspace(-3, 8, 12)
    logit = net(torch.tensor(x, dtype=torch.float32)[:, None]).detach().numpy()[:, 0]
    d = networks.probability(net, x)
    assert d.shape == (12,)
    np.testing.assert_allclose(d, 1 / (1 + np.exp(-logit.astype(float))), rtol=1e-6)


@pytest.mark.parametrize("bad", [0, -2, 1.5, True, "3"])
def test_batches_must_be_counts(bad):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"^n is "):
        networks.sample_noise(bad, 2, rng)
    with pytest.raises(ValueError, match=r"^latent_dim is "):
        networks.sample_noise(2, bad, rng)
    with pytest.raises(ValueError, match=r"^n is "):
        networks.generate(networks.build_generator(2, 2), bad, rng)


# --- Networks of all kinds --------------------------------------------------------------------


class Sigmoids(nn.Module):
    """A sigmoid that no module shows."""

    def __init__(self):
        super().__init__()
        self.net = networks.build_discriminator(hidden_dim=4, logits=True, seed=0)

    def forward(self, x):
        return torch.sigmoid(self.net(x))


class LateHidden(nn.Module):
    """Logits, though the module that was named last is a sigmoid."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(1, 4), nn.Linear(4, 1)
        self.hidden = nn.Sigmoid()

    def forward(self, x):
        return 30 * self.last(self.hidden(self.first(x))) - 20


def test_a_net_is_judged_by_what_it_does():
    with pytest.raises(ValueError, match=r"^discriminator returns probabilities"):
        networks.require_logits(Sigmoids())
    torch.manual_seed(0)
    networks.require_logits(LateHidden())


def test_a_net_that_may_return_either_gets_a_warning():
    bounded = nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1))
    with torch.no_grad():
        bounded[2].weight.fill_(0.2)
        bounded[2].bias.fill_(0.5)
    with pytest.warns(UserWarning, match=r"^discriminator stays between 0.3 and 0.7 even far out"):
        networks.require_logits(bounded)


def test_a_last_layer_of_zeros_is_no_probability(recwarn):
    net = networks.build_discriminator(logits=True)
    torch.nn.init.zeros_(net[-1].weight)
    torch.nn.init.zeros_(net[-1].bias)
    networks.require_logits(net)
    assert not recwarn


def test_probability_refuses_probabilities():
    with pytest.raises(ValueError, match=r"^discriminator returns probabilities"):
        networks.probability(networks.build_discriminator(seed=0), [20.0])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_a_network_of_another_precision_is_looked_at_as_it_is(dtype):
    g = networks.build_generator(2, 4, seed=0).to(dtype)
    assert networks.generate(g, 5, 0).shape == (5, 1)
    d = networks.build_discriminator(hidden_dim=4, logits=True, seed=0).to(dtype)
    assert networks.probability(d, [1, 2]).dtype == np.float64


def test_looking_changes_nothing():
    net = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 1))
    net[1].eval()  # as its owner left it
    before = {name: value.clone() for name, value in net.state_dict().items()}
    first = networks.probability(net, [0.0, 1.0])
    np.testing.assert_array_equal(first, networks.probability(net, [0.0, 1.0]))
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert [part.training for part in net] == [True, False, True, True]
