"""The networks as players: S of them in one stack, or any one PyTorch module.

A player knows three things: its output, the way back from a slope in its output to a slope in
its weights or its input, and how to take an optimiser's step.  Batches lie in columns: inputs
have shape (S, k, n), outputs (S, 1, n), for S members, k inputs and n samples.
"""

from collections.abc import Iterator, Sequence
from threading import get_ident
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Layer = tuple[Tensor, Tensor]
"""Weight (out, k) and bias (out,) of one linear layer."""


class Player(Protocol):
    """What a training step asks of a network, or of a stack of them.

    ``members`` is S; ``like`` is a tensor of the type and on the device that it computes with.
    """

    members: int
    like: Tensor

    def forward(self, x: Tensor) -> tuple[Tensor, Any]:
        """The output for ``x``, and what the way back needs: until this thread's next call."""

    def weight_slope(self, memory: Any, slope: Tensor) -> Tensor:
        """The gradient in all weights, from the gradient in the output; shape (S, P)."""

    def input_slope(self, memory: Any, slope: Tensor) -> Tensor:
        """The gradient in the input, from the gradient in the output; shape (S, k, n)."""

    def update(self, gradient: Tensor) -> None:
        """One step of the optimiser along ``gradient``, of shape (S, P)."""

    def store(self) -> None:
        """Leave what was learned in the modules that the player was made from."""


def linear_layers(network: nn.Module) -> list[Layer] | None:
    """The layers of a perceptron, linear maps with ReLU in between; None for any other module.

    That is an ``nn.Sequential`` of ``nn.Linear`` and ``nn.ReLU`` by turns, or a module that names
    its layers in a list ``linear_layers``.  A parameter that is frozen, shared by two layers or
    computed from others makes it another module.
    """
    parameters = list(network.parameters())
    if not all(parameter.requires_grad for parameter in parameters):
        return None
    named: Any = getattr(network, "linear_layers", None)
    if isinstance(named, list):
        return named
    modules = list(network) if type(network) is nn.Sequential else []
    linear = [m for m in modules[::2] if type(m) is nn.Linear]
    between = [m for m in modules[1::2] if type(m) is nn.ReLU]
    own = {id(part) for m in linear for part in (m.weight, m.bias)}
    by_turns = len(linear) + len(between) == len(modules) == 2 * len(between) + 1
    plain = len(own) == 2 * len(linear) and own == {id(parameter) for parameter in parameters}
    return [(m.weight.detach(), m.bias.detach()) for m in linear] if by_turns and plain else None


class Adam:
    """Adam for S rows of P weights, with a learning rate and decay rates for each row.

    m̂ and v̂ are the running means of gradient and squared gradient, divided by 1 − βᵗ; a step is
    −α·m̂/(√v̂ + ε).
    Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), Algorithm 1.
    """

    def __init__(self, weights: Tensor, learning_rate: Tensor, betas: tuple[Tensor, Tensor]):
        self.weights, self.downhill = weights, -learning_rate[:, None]
        self.fresh1, self.fresh2 = ((1 - beta)[:, None].to(weights) for beta in betas)
        self.first, self.second = torch.zeros_like(weights), torch.zeros_like(weights)
        self.seen1, self.seen2 = torch.zeros_like(self.fresh1), torch.zeros_like(self.fresh2)
        self.one = torch.ones_like(self.fresh1)

    def step(self, gradient: Tensor) -> None:
        """Move the weights in place, along ``gradient`` of the same shape."""
        # 1 − βᵗ as a running mean of ones: the difference itself would lose digits for β near 1.
        self.seen1.lerp_(self.one, self.fresh1)
        self.seen2.lerp_(self.one, self.fresh2)
        self.first.lerp_(gradient, self.fresh1)
        self.second.lerp_(gradient * gradient, self.fresh2)
        size = (self.second / self.seen2).sqrt_().add_(1e-8)
        self.weights.addcmul_(self.first / size, self.downhill / self.seen1)


_relu_back = torch.ops.aten.threshold_backward.grad_input


def _outer(slope: Tensor, x: Tensor) -> Tensor:
    """Σ slope·xᵀ over the batch, shape (S, out, k).  The narrower factor first is faster."""
    if x.shape[1] < slope.shape[1]:
        return torch.bmm(x, slope.mT).mT
    return torch.bmm(slope, x.mT)


def _times(x: Tensor, factor: Tensor | None) -> Tensor:
    return x if factor is None else x * factor


class Stack:
    """S perceptrons of one shape side by side, trained by Adam, each with its own settings.

    Every pass is one batched matrix product per layer.  The weights lie in one tensor of shape
    (S, P), of which the layers are views; ``store`` copies them back into the modules.  The first
    layer holds its bias as one more column, for an input that is always 1: adding the bias apart
    would cost a pass over the memory.

    Args:
        networks: the layers of each member, all of one shape.
        learning_rate: shape (S,).
        betas: Adam's two decay rates, each of shape (S,), best in float64.
    """

    def __init__(
        self, networks: Sequence[list[Layer]], learning_rate: Tensor, betas: tuple[Tensor, Tensor]
    ):
        self.networks = networks
        rows = []
        for first, *others in networks:
            parts = [torch.column_stack(first), *(part for layer in others for part in layer)]
            rows.append(torch.cat([part.flatten() for part in parts]))
        self.weights = torch.stack(rows).to(learning_rate.device)
        self.members, self.like = len(rows), self.weights
        self.first, self.others = self._views(self.weights)
        self.adam = Adam(self.weights, learning_rate, betas)
        self._rooms: dict[tuple[str | int, ...], Tensor] = {}

    def _views(self, flat: Tensor) -> tuple[Tensor, list[Layer]]:
        """The first layer, (S, out, k + 1), and pairs (S, out, k), (S, out, 1) for the others."""
        (out, k), *shapes = [tuple(weight.shape) for weight, _ in self.networks[0]]
        sizes = [size for rows, columns in shapes for size in (rows * columns, rows)]
        first, *rest = flat.split([out * (k + 1), *sizes], dim=1)
        parts = iter(rest)
        others = [(next(parts).unflatten(1, shape), next(parts)[:, :, None]) for shape in shapes]
        return first.unflatten(1, (out, k + 1)), others

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The outputs (S, 1, n) and the inputs of each layer."""
        one_more = self._room("input", 0, x.shape[1] + 1, x)
        one_more[:, :-1] = x
        inputs = [one_more]
        out = torch.bmm(self.first, inputs[0], out=self._hidden(0, x))
        for layer, (weight, bias) in enumerate(self.others, start=1):
            inputs.append(out.relu_())
            out = torch.baddbmm(bias, weight, inputs[-1], out=self._hidden(layer, x))
        return out, inputs

    def _hidden(self, layer: int, x: Tensor) -> Tensor | None:
        """Where a layer's output goes; that of the last layer will be kept, and gets no room."""
        units = [self.first.shape[1], *(weight.shape[1] for weight, _ in self.others)]
        return self._room("hidden", layer, units[layer], x) if layer < len(self.others) else None

    def weight_slope(self, memory: list[Tensor], slope: Tensor) -> Tensor:
        """The chain rule down to the weights, shape (S, P); layout as in ``weights``."""
        parts: list[Tensor] = []
        for layer, part, factor in self._way_back(memory, slope):
            if layer:
                parts.append(_times(part.sum(2, keepdim=True), factor).flatten(1))
            parts.append(_times(_outer(part, memory[layer]), factor).flatten(1))
        return torch.cat(parts[::-1], dim=1)

    def input_slope(self, memory: list[Tensor], slope: Tensor) -> Tensor:
        """The chain rule down to the input, shape (S, k, n)."""
        *_, (_, part, factor) = self._way_back(memory, slope)
        return torch.bmm(_times(self.first[:, :, :-1], factor).mT, part)

    def _way_back(
        self, memory: list[Tensor], slope: Tensor
    ) -> Iterator[tuple[int, Tensor, Tensor | None]]:
        """From the last layer to the first: the slope in its output, (S, out, n), times a factor.

        To all units before it, a layer with one output sends back the same but for their weights.
        These are the factor: to multiply them in here would cost another pass over the memory.
        """
        factor: Tensor | None = None
        yield len(self.others), slope, factor
        for layer in reversed(range(1, len(memory))):
            hidden, weight = memory[layer], _times(self.others[layer - 1][0], factor).mT
            before = self._room("slope", layer, hidden.shape[1], slope)
            if weight.shape[2] == 1:
                slope, factor = slope.expand_as(hidden), weight
            else:
                slope, factor = torch.bmm(weight, slope, out=before), None
            # ReLU lets through what was positive on the way there: autograd's own operator.
            slope = _relu_back(slope, hidden, 0, grad_input=before)
            yield layer - 1, slope, factor

    def _room(self, kind: str, layer: int, units: int, x: Tensor) -> Tensor:
        """Space of shape (S, units, columns of x) that this thread uses again in its next step.

        Fresh memory for large arrays costs more than the arithmetic that fills it.
        """
        key = (kind, layer, x.shape[2], get_ident())
        if key not in self._rooms:
            self._rooms[key] = x.new_ones(self.members, units, x.shape[2])
        return self._rooms[key]

    def update(self, gradient: Tensor) -> None:
        """One step of Adam."""
        self.adam.step(gradient)

    def store(self) -> None:
        """Copy the weights back into the networks that the stack was made from."""
        for member, network in enumerate(self.networks):
            packed = self.first[member]
            others = [(weight[member], bias[member, :, 0]) for weight, bias in self.others]
            ours = [(packed[:, :-1], packed[:, -1]), *others]
            for sources, parts in zip(ours, network, strict=True):
                for source, part in zip(sources, parts, strict=True):
                    part.copy_(source)


def _grad(out: Tensor, inputs: Sequence[Tensor], slope: Tensor) -> tuple[Tensor, ...]:
    """autograd's way back from ``slope``, of shape (1, 1, n); zeros for what has no part in it."""
    return torch.autograd.grad(
        out, inputs, slope.reshape(-1, 1), allow_unused=True, materialize_grads=True
    )


class Single:
    """Any module as a player, by autograd, as a stack of one.

    ``optimizer`` may be None for a player that is not updated.  ``home`` is the device to which
    ``store`` takes the module back.
    """

    def __init__(
        self,
        module: nn.Module,
        optimizer: Optimizer | None = None,
        home: torch.device | None = None,
    ):
        self.module, self.optimizer, self.home = module, optimizer, home
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        self.members, self.like = 1, next(module.parameters(), torch.empty(0))

    def forward(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The output (1, 1, n), and the two ends of its graph."""
        samples = x[0].mT.detach().requires_grad_()
        with torch.enable_grad():
            out = self.module(samples)
        return out.detach().view(1, 1, -1), (samples, out)

    def weight_slope(self, memory: tuple[Tensor, Tensor], slope: Tensor) -> Tensor:
        """The gradient in all parameters, one after the other, shape (1, P)."""
        slopes = _grad(memory[1], self.parameters, slope)
        return torch.cat([part.flatten() for part in slopes])[None]

    def input_slope(self, memory: tuple[Tensor, Tensor], slope: Tensor) -> Tensor:
        """The gradient in the input, in the shape of the input."""
        return _grad(memory[1], [memory[0]], slope)[0].mT[None]

    def update(self, gradient: Tensor) -> None:
        """One step of the optimizer."""
        assert self.optimizer is not None
        self.optimizer.zero_grad()  # what is left of an earlier run must not move a frozen weight
        pieces = gradient[0].split([p.numel() for p in self.parameters])
        for parameter, piece in zip(self.parameters, pieces, strict=True):
            parameter.grad = piece.view_as(parameter)
        self.optimizer.step()

    def store(self) -> None:
        """The module itself was trained; it goes home."""
        if self.home is not None:
            self.module.to(self.home)
