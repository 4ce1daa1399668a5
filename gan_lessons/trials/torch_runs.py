"""The runs that train networks: they need PyTorch, whose import takes longer than many a trial."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_lessons.trials import Array, Case, Plain, Unreadable, plain, row

# --- Assignment 3 --------------------------------------------------------------------------------


def generator_of(weights: Plain) -> nn.Sequential:
    """A generator with one hidden layer and these weights, in PyTorch's order and shapes."""
    hidden, inputs = np.shape(weights[0])
    net = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 1))
    with torch.no_grad():
        for parameter, values in zip(net.parameters(), weights, strict=True):
            parameter.copy_(torch.tensor(values))
    return net


def parameters_of(net: nn.Module) -> list[Plain]:
    """The weights of a module, in PyTorch's order and shapes."""
    return [parameter.detach().tolist() for parameter in net.parameters()]


def _losses(returned: Any) -> list[float]:
    """Losses as floats, in whatever they come; none for what is no numbers."""
    try:
        return row(plain(returned)).tolist()
    except Unreadable:
        return []


def train_squared(answer: Any, case: Case) -> Plain:
    """The generator's weights after a training loop, and the losses that it returns."""
    net = generator_of(case["weights"])
    before = parameters_of(net)
    batches = [torch.tensor(batch) for batch in case["batches"]]
    recorded = _losses(answer(net, batches, case["mu"], case["lr"]))
    after = parameters_of(net)
    if not recorded and after == before:
        return None  # nothing was done and nothing returned: not answered yet
    return {"weights": after, "losses": recorded}


# --- Assignment 5 --------------------------------------------------------------------------------

RATE = 0.02
"""The learning rate of a single step."""


def tensor_of(values: Plain) -> Tensor:
    """Numbers as a tensor of PyTorch's usual floats."""
    return torch.tensor(values, dtype=torch.float32)


def module_of(weights: dict[str, Plain]) -> nn.Sequential:
    """A network with these weights, each layer's matrix as (inputs, outputs)."""
    w1, b1, w2, b2 = (tensor_of(weights[name]) for name in ("w1", "b1", "w2", "b2"))
    layers = [nn.utils.skip_init(nn.Linear, *w.shape) for w in (w1, w2)]  # draws nothing
    for layer, weight, bias in zip(layers, (w1, w2), (b1, b2), strict=True):
        layer.weight.data, layer.bias.data = weight.T.contiguous(), bias
    return nn.Sequential(layers[0], nn.ReLU(), layers[1])


def weights_of(module: nn.Module) -> list[float]:
    """All weights of a module in one row, each layer's matrix as (inputs, outputs)."""
    parts = [(p.detach().T if p.ndim == 2 else p.detach()).flatten() for p in module.parameters()]
    return torch.cat(parts).double().tolist()


def _left_in(module: nn.Module) -> float:
    """The size of what lies in the gradients of a module."""
    grads = [p.grad.abs().sum().item() for p in module.parameters() if p.grad is not None]
    return float(sum(grads))


def _as_number(loss: Any) -> float:
    """The loss that a step returns, or NaN where it is not one number."""
    try:
        found = row(plain(loss))
    except Unreadable:
        return float("nan")
    return found.item() if found.size == 1 else float("nan")


def _play(
    step: Callable[[Plain], Any], batches: list[Plain], mover: nn.Module, other: nn.Module
) -> Plain:
    """Call the student's step on each batch, and look at both players afterwards."""
    start, first = weights_of(other), weights_of(mover)
    rows, returned, left = [], [], 0.0
    for batch in batches:
        returned.append(step(batch))
        rows.append(weights_of(mover))
        left = max(left, _left_in(other))
    if all(each is None or each is ... for each in returned) and weights_of(mover) == first:
        return None  # nothing is written yet
    moved = float(np.abs(np.subtract(weights_of(other), start)).max())
    losses = [_as_number(each) for each in returned]
    return {"rows": rows, "losses": losses, "left": left, "other_moved": moved}


def discriminator_step(answer: Any, case: Case) -> Plain:
    """Some steps of D, whose gradients hold what G's step has left."""
    D, G = module_of(case["D"]), module_of(case["G"])
    adam = torch.optim.Adam(D.parameters(), lr=RATE)

    def step(batch: Plain) -> Any:
        for parameter in D.parameters():
            old = parameter.grad if parameter.grad is not None else 0
            parameter.grad = torch.zeros_like(parameter) + old + case["left"]
        real, z = tensor_of(batch["real"]), tensor_of(batch["z"])
        return answer(D, G, adam, real, z, case["smooth"])

    return _play(step, case["batches"], D, G)


def generator_step(answer: Any, case: Case) -> Plain:
    """Some steps of G."""
    D, G = module_of(case["D"]), module_of(case["G"])
    adam = torch.optim.Adam(G.parameters(), lr=RATE)

    def step(batch: Plain) -> Any:
        return answer(G, D, adam, tensor_of(batch), case["mean"], case["std"])

    return _play(step, case["batches"], G, D)


class _Watched:
    """Counts how often a network is moved, as seen whenever it is used or looked at."""

    def __init__(self, net: nn.Module) -> None:
        self.net, self.moves = net, 0
        self.last = self._weights()
        net.register_forward_pre_hook(lambda *_: self.look())

    def look(self) -> None:
        now = self._weights()
        self.moves += not torch.equal(now, self.last)
        self.last = now

    def _weights(self) -> Tensor:
        return torch.cat([p.detach().flatten() for p in self.net.parameters()]).double()


def _draw(case: Case, n: int, rng: np.random.Generator) -> Array:
    """Real numbers of a whole run, shape (n, 1): each from one of the humps, by their shares."""
    hump = rng.choice(len(case["shares"]), size=n, p=case["shares"])
    centres, widths = np.transpose(case["humps"])
    return rng.normal(centres[hump], widths[hump])[:, None]


def train(answer: Any, case: Case) -> Plain:
    """A whole run: what G makes after it, how often both players moved, and the data used."""
    D, G = module_of(case["D"]), module_of(case["G"])
    rng, drawn = np.random.default_rng(case["seed"]), 0
    players = {"D": _Watched(D), "G": _Watched(G)}

    def look() -> None:
        for each in players.values():
            each.look()

    def draw(n: int) -> Tensor:
        nonlocal drawn
        drawn += int(n)
        look()
        return torch.from_numpy(_draw(case, int(n), rng).astype(np.float32))

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(case["seed"])
        returned = answer(G, D, draw, case["rounds"], case["mean"], case["std"])
        look()
        with torch.no_grad():
            fake = G(torch.randn(2000, 1))[:, 0]
    if returned is ...:
        return None  # nothing is written yet
    moves = {name: each.moves for name, each in players.items()}
    return {"fake": fake, "drawn": drawn, "moves": moves}
