"""Between PyTorch's modules and the engine: which modules it takes, and their weights as one row.

The engine takes a perceptron: linear layers with ReLU in between, on the CPU, in float32 or
float64, of which every weight learns, and that is nothing else.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gan_lessons import engine
from gan_lessons.raw_weights import RawNetwork

Layer = tuple[Tensor, Tensor]
"""Weight (out, k) and bias (out,) of one linear layer."""
HOOKS = "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"


def layers_of(network: nn.Module) -> list[Layer] | None:
    """The layers of a perceptron, sharing its memory; None for any other module.

    That is an ``nn.Sequential`` of ``nn.Linear`` and ``nn.ReLU`` by turns, or a ``RawNetwork``.
    A parameter that is frozen, shared by two layers or computed from others, a hook, or a
    ``forward`` of its own makes it another module.
    """
    if not _is_plain(network):
        return None
    if type(network) is RawNetwork:
        w1, b1, w2, b2 = (network.weights[name].detach() for name in ("w1", "b1", "w2", "b2"))
        return [(w1.T, b1), (w2.T, b2)]
    modules = list(network) if type(network) is nn.Sequential else []
    linear = [m for m in modules[::2] if type(m) is nn.Linear]
    between = [m for m in modules[1::2] if type(m) is nn.ReLU]
    own = {id(part) for m in linear for part in (m.weight, m.bias)}
    by_turns = len(linear) + len(between) == len(modules) == 2 * len(between) + 1
    plain = len(own) == 2 * len(linear) and own == {id(part) for part in network.parameters()}
    fits = by_turns and plain and linear[-1].out_features == 1
    return [(m.weight.detach(), m.bias.detach()) for m in linear] if fits else None


def _is_plain(network: nn.Module) -> bool:
    parts = list(network.parameters())
    kinds = {(part.dtype, part.device.type, part.requires_grad) for part in parts}
    return (
        kinds <= {(torch.float32, "cpu", True), (torch.float64, "cpu", True)}
        and len(kinds) == 1
        and not any(part._backward_hooks for part in parts)
        and not any(getattr(m, name) for m in network.modules() for name in HOOKS)
        and not any("forward" in vars(m) for m in network.modules())
    )


def player_of(layers: list[Layer], columns: int) -> engine.Player:
    """The engine's copy of a network, for inputs of at most so many columns."""
    parts = [part.numpy().ravel() for layer in layers for part in layer]
    sizes = [layers[0][0].shape[1], *(len(bias) for _, bias in layers)]
    return engine.create_player(sizes, np.concatenate(parts), columns)


def store(player: engine.Player, layers: list[Layer]) -> None:
    """Copy what the engine has learned into the module."""
    at = 0
    for layer in layers:
        for part in layer:
            learned = player.weights[at : at + part.numel()].reshape(part.shape)
            part.copy_(torch.from_numpy(learned))
            at += part.numel()


def undo_standardising(
    generator: nn.Module, discriminator: nn.Module | None, m: float, s: float
) -> None:
    """Make networks that know (x − m)/s know x: G's last layer and D's first take it over."""
    weight, bias = (layers_of(generator) or [])[-1]
    weight.mul_(s)
    bias.mul_(s).add_(m)
    if discriminator is not None:
        weight, bias = (layers_of(discriminator) or [])[0]
        weight.div_(s)
        bias.sub_(m * weight[:, 0])


def outputs(player: engine.Player, x: NDArray[Any]) -> NDArray[np.float64]:
    """The network's outputs (n,) for inputs (n, k)."""
    columns = np.ascontiguousarray(x.T, player.weights.dtype)
    return engine.forward(player, columns)[0].astype(np.float64)
