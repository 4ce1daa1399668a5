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


def test_default_discriminator_ends_in_a_sigmoid_and_returns_probabilities():
    net = networks.build_discriminator()
    kinds = [type(layer) for layer in net]
    assert kinds == [nn.Linear, nn.ReLU, nn.Linear, nn.ReLU, nn.Linear, nn.Sigmoid]
    assert shapes(net) == [(128, 1), (128,), (128, 128), (128,), (1, 128), (1,)]


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
    by_chance = build()
    torch.manual_seed(11)
    again = build()
    for a, b, c in zip(first.parameters(), second.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
        assert not torch.equal(a, c)
    assert torch.equal(by_chance[0].weight, again[0].weight)  # without a seed that state decides


class Wrapped(nn.Module):
    """What a network does before its output, no module shows."""

    def __init__(self, inner, then=lambda x: x):
        super().__init__()
        self.inner, self.then = inner, then

    def forward(self, x):
        return self.then(self.inner(x))


class LateHidden(nn.Module):
    """Logits, though the module that was named last is a sigmoid."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(1, 4), nn.Linear(4, 1)
        self.hidden = nn.Sigmoid()

    def forward(self, x):
        return 30 * self.last(self.hidden(self.first(x))) - 20


@pytest.mark.parametrize(
    "net",
    [
        networks.build_discriminator(),
        Wrapped(networks.build_discriminator(logits=True), torch.sigmoid),
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
    torch.manual_seed(0)
    networks.require_logits(LateHidden())


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
    with pytest.raises(ValueError, match=r"^discriminator returns probabilities"):
        networks.probability(networks.build_discriminator(seed=0), x)


# --- Networks of all kinds --------------------------------------------------------------------


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


def test_looking_changes_nothing():
    net = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 1))
    net[1].eval()  # as its owner left it
    before = {name: value.clone() for name, value in net.state_dict().items()}
    first = networks.probability(net, [0.0, 1.0])
    np.testing.assert_array_equal(first, networks.probability(net, [0.0, 1.0]))
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert [part.training for part in net] == [True, False, True, True]
