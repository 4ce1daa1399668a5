import copy
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from gan_lessons.players import Adam, Single, Stack, linear_layers
from gan_lessons.raw_weights import RawNetwork, initialize_weights

SHAPES = [(3, 4, 1), (1, 5, 6, 1), (2, 3, 4, 5, 1), (3, 1)]
RATE, BETAS = 1e-2, (0.5, 0.9)


def perceptron(sizes, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    layers = []
    for inputs, units in pairwise(sizes):
        layers += [nn.Linear(inputs, units, dtype=dtype), nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator, dtype=dtype))
    return net


def raw(seed=0, in_dim=3):
    return RawNetwork(initialize_weights(in_dim, 5, seed)).double()


def draw(*shape, seed=9):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def stack(nets, rate=RATE, betas=BETAS):
    full = (torch.full((len(nets),), value, dtype=torch.float64) for value in (rate, *betas))
    rates, *decay = full
    return Stack([linear_layers(net) for net in nets], rates, tuple(decay))


def by_autograd(net, x, slope):
    """One net's output (1, n), and its gradients in weights (P,) and input (k, n)."""
    x = x.clone().requires_grad_()
    out = net(x.mT).mT
    slopes = torch.autograd.grad((out * slope).sum(), [*net.parameters(), x])
    if isinstance(net, RawNetwork):  # which keeps its first weights the other way round
        named = dict(zip(net.weights.keys(), slopes, strict=False))
        named["w1"], named["w2"] = named["w1"].T, named["w2"].T
        slopes = [*(named[name] for name in ("w1", "b1", "w2", "b2")), slopes[-1]]
    return out.detach(), stacked(slopes[:-1]), slopes[-1]


def stacked(parts):
    """Gradients in a stack's layout, which has the first weight and bias in one."""
    weight, bias, *others = parts
    return torch.cat([part.flatten() for part in (torch.column_stack((weight, bias)), *others)])


def flat(net):
    return torch.cat([p.detach().flatten() for p in net.parameters()]).clone()


# --- A stack against autograd -----------------------------------------------------------------


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("sizes", [*SHAPES, "raw"], ids=str)
def test_the_way_there_and_both_ways_back_equal_autograd(sizes, members):
    nets = [raw(i) if sizes == "raw" else perceptron(sizes, i) for i in range(members)]
    player = stack(nets)
    x = draw(members, 3 if sizes == "raw" else sizes[0], 7)
    slope = draw(members, 1, 7, seed=1)
    out, memory = player.forward(x)
    in_weights, in_x = player.weight_slope(memory, slope), player.input_slope(memory, slope)
    for i, net in enumerate(nets):
        expected = by_autograd(net, x[i], slope[i])
        for found, wanted in zip((out[i], in_weights[i], in_x[i]), expected, strict=True):
            torch.testing.assert_close(found, wanted, rtol=1e-11, atol=1e-13)


def test_relu_lets_nothing_through_at_zero():
    net = perceptron((1, 2, 1))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[1.0], [0.0]]))
        net[0].bias.copy_(torch.tensor([-1.0, 0.0]))  # both units are 0 at x = 1
    player = stack([net])
    _, memory = player.forward(torch.ones(1, 1, 1, dtype=torch.float64))
    assert player.input_slope(memory, torch.ones(1, 1, 1, dtype=torch.float64)).item() == 0


@pytest.mark.filterwarnings("error")  # PyTorch warns of an output that does not fit
def test_batches_of_several_sizes_do_not_disturb_each_other():
    player, net = stack([perceptron((2, 4, 4, 1))]), perceptron((2, 4, 4, 1))
    for n in (5, 3, 5, 1, 3):
        x, slope = draw(1, 2, n, seed=n), draw(1, 1, n, seed=n + 1)
        out, memory = player.forward(x)
        expected = by_autograd(net, x[0], slope[0])
        torch.testing.assert_close(out[0], expected[0])
        torch.testing.assert_close(player.weight_slope(memory, slope)[0], expected[1])


def test_outputs_outlive_the_next_batch():
    player = stack([perceptron((2, 4, 1))])
    first, _ = player.forward(draw(1, 2, 5))
    kept = first.clone()
    player.forward(draw(1, 2, 5, seed=4))
    assert torch.equal(first, kept)


# --- Adam -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "rtol"), [(torch.float64, 1e-8), (torch.float32, 1e-5)], ids=str
)
def test_each_row_of_adam_is_pytorchs_adam(dtype, rtol):
    rates = [1e-3, 3e-2, 0.5]
    betas = [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99999999)]
    rows = draw(3, 8).to(dtype)
    alone = [rows[i].clone().requires_grad_() for i in range(3)]
    optimizers = [
        torch.optim.Adam([p], lr=rate, betas=pair)
        for p, rate, pair in zip(alone, rates, betas, strict=True)
    ]
    adam = Adam(
        rows, torch.tensor(rates, dtype=dtype), tuple(torch.tensor(betas, dtype=torch.float64).T)
    )
    for step in range(30):
        gradient = (draw(3, 8, seed=step) * 10.0 ** (step % 3 - 1)).to(dtype)
        adam.step(gradient)
        for parameter, optimizer, own in zip(alone, optimizers, gradient, strict=True):
            parameter.grad = own.clone()
            optimizer.step()
    torch.testing.assert_close(rows, torch.stack(alone).detach(), rtol=rtol, atol=rtol)


# --- The modules that the stack was made from -------------------------------------------------


@pytest.mark.parametrize(
    "make", [lambda seed: perceptron((3, 5, 1), seed), raw], ids=("nn", "raw")
)
def test_store_writes_what_the_stack_learned_into_the_modules(make):
    nets = [make(seed) for seed in range(2)]
    places = [[p.data_ptr() for p in net.parameters()] for net in nets]
    before = [flat(net) for net in nets]
    player = stack(nets)
    player.update(draw(*player.weights.shape))
    assert all(torch.equal(flat(net), was) for net, was in zip(nets, before, strict=True))
    player.store()
    assert [[p.data_ptr() for p in net.parameters()] for net in nets] == places
    assert not any(torch.equal(flat(net), was) for net, was in zip(nets, before, strict=True))
    x = draw(2, 3, 6)
    out, _ = player.forward(x)
    for i, net in enumerate(nets):
        torch.testing.assert_close(out[i], net(x[i].mT).mT)


class Perceptron(nn.Sequential):
    """Looks like a perceptron, and could do anything."""

    def forward(self, x):
        return super().forward(x).abs()


class Listed(nn.Module):
    """Names its layers as a module list, which says nothing of what lies between them."""

    def __init__(self):
        super().__init__()
        self.linear_layers = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 1)])


def frozen(part):
    net = perceptron((2, 3, 1))
    getattr(net[2], part).requires_grad_(False)
    return net


def frozen_raw():
    net = raw()
    net.weights["b1"].requires_grad_(False)
    return net


def tied():
    linear = nn.Linear(2, 2)
    return nn.Sequential(linear, nn.ReLU(), linear)


def middle(*modules):
    return nn.Sequential(nn.Linear(2, 3), *modules, nn.Linear(3, 1))


OTHERS = {
    "leaky": lambda: middle(nn.LeakyReLU()),
    "tanh": lambda: middle(nn.Tanh()),
    "relu of one's own": lambda: middle(type("Mine", (nn.ReLU,), {})()),
    "sigmoid at the end": lambda: nn.Sequential(*middle(nn.ReLU()), nn.Sigmoid()),
    "relu at the end": lambda: nn.Sequential(*middle(nn.ReLU()), nn.ReLU()),
    "relu at the start": lambda: nn.Sequential(nn.ReLU(), *middle(nn.ReLU())),
    "two linear in a row": lambda: middle(),
    "two relus in a row": lambda: middle(nn.ReLU(), nn.ReLU()),
    "dropout": lambda: middle(nn.ReLU(), nn.Dropout()),
    "no bias": lambda: nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 1)),
    "frozen weight": lambda: frozen("weight"),
    "frozen bias": lambda: frozen("bias"),
    "frozen raw": frozen_raw,
    "shared weights": tied,
    "spectral norm": lambda: (
        middle(nn.ReLU()).append(nn.ReLU()).append(nn.utils.spectral_norm(nn.Linear(1, 1)))
    ),
    "spectral parametrization": lambda: nn.Sequential(
        parametrizations.spectral_norm(nn.Linear(2, 3)), nn.ReLU(), nn.Linear(3, 1)
    ),
    "subclass": lambda: Perceptron(*middle(nn.ReLU())),
    "module list": Listed,
    "nested": lambda: nn.Sequential(middle(nn.ReLU())),
    "lone linear": lambda: nn.Linear(2, 1),
    "empty": nn.Sequential,
}


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_any_other_module_is_no_perceptron(make):
    assert linear_layers(make()) is None


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_a_perceptron_shows_its_layers(sizes):
    net = perceptron(sizes)
    layers = linear_layers(net)
    assert [tuple(w.shape) for w, _ in layers] == [(b, a) for a, b in pairwise(sizes)]
    for (weight, bias), linear in zip(layers, net[::2], strict=True):
        assert weight.data_ptr() == linear.weight.data_ptr()
        assert bias.data_ptr() == linear.bias.data_ptr()
        assert not weight.requires_grad


def test_raw_weights_show_their_layers_as_views():
    net = raw()
    (w1, b1), (w2, b2) = linear_layers(net)
    assert torch.equal(w1, net.weights["w1"].T)
    assert torch.equal(w2, net.weights["w2"].T)
    for part, name in ((w1, "w1"), (b1, "b1"), (w2, "w2"), (b2, "b2")):
        assert part.data_ptr() == net.weights[name].data_ptr()


# --- Any module by autograd -------------------------------------------------------------------


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_a_single_module_equals_a_stack_of_one(sizes):
    net, other = perceptron(sizes), perceptron(sizes)
    single = Single(net, torch.optim.Adam(net.parameters(), lr=RATE, betas=BETAS))
    player = stack([other])
    for step in range(3):
        x, slope = draw(1, sizes[0], 5, seed=step), draw(1, 1, 5, seed=step + 7)
        passes = []
        for one in (single, player):
            out, memory = one.forward(x)
            gradient = one.weight_slope(memory, slope)
            out, memory = one.forward(x)
            passes.append([out.clone(), gradient[0], one.input_slope(memory, slope)])
            one.update(gradient)
        pieces = passes[0][1].split([p.numel() for p in net.parameters()])
        passes[0][1] = stacked(
            [piece.view_as(p) for piece, p in zip(pieces, net.parameters(), strict=True)]
        )
        for mine, other_ones in zip(*passes, strict=True):
            torch.testing.assert_close(mine, other_ones, rtol=1e-11, atol=1e-13)
    player.store()
    torch.testing.assert_close(flat(net), flat(other), rtol=1e-10, atol=1e-12)


def test_a_frozen_weight_stays_even_with_a_gradient_of_an_earlier_run():
    net = perceptron((2, 3, 1))
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    net[0].weight.requires_grad_(False)
    before = copy.deepcopy(net)
    single = Single(net, torch.optim.SGD(net.parameters(), lr=0.1))
    x, slope = draw(1, 2, 5), draw(1, 1, 5, seed=1)
    gradient = single.weight_slope(single.forward(x)[1], slope)
    single.update(gradient)
    assert torch.equal(net[0].weight, before[0].weight)
    torch.testing.assert_close((flat(net) - flat(before))[6:], -0.1 * gradient[0])


def test_a_module_that_does_not_look_at_its_input_has_slope_zero():
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.value = nn.Parameter(torch.ones(1, 1))
            self.unused = nn.Parameter(torch.ones(2))

        def forward(self, x):
            return self.value.expand(len(x), 1)

    single = Single(Constant())
    out, memory = single.forward(torch.zeros(1, 2, 4))
    assert out.shape == (1, 1, 4)
    assert single.weight_slope(memory, torch.ones(1, 1, 4)).tolist() == [[4, 0, 0]]
    _, memory = single.forward(torch.zeros(1, 2, 4))
    assert torch.equal(single.input_slope(memory, torch.ones(1, 1, 4)), torch.zeros(1, 2, 4))


def test_a_module_goes_back_to_where_it_came_from():
    net = perceptron((2, 3, 1))
    Single(net).store()  # no home: it stays
    assert next(net.parameters()).device.type == "cpu"
    Single(net, home=torch.device("meta")).store()
    assert next(net.parameters()).device.type == "meta"
