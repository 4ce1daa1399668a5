"""Between PyTorch's modules and the engine: which modules it takes, their weights as one row, and
the run of a pair.

The engine takes a perceptron: linear layers with ReLU in between, on the CPU, in float32 or
float64, of which every weight learns, and that is nothing else.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gan_lessons import engine
from gan_lessons.losses import GENERATOR_LOSSES, HasMoments
from gan_lessons.networks import latent_size
from gan_lessons.progress import patience
from gan_lessons.raw_weights import RawNetwork
from gan_lessons.settings import Settings

Array = NDArray[np.float64]
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


def outputs(player: engine.Player, x: NDArray[Any]) -> Array:
    """The network's outputs (n,) for inputs (n, k)."""
    columns = np.ascontiguousarray(x.T, player.weights.dtype)
    return engine.forward(player, columns)[0].astype(np.float64)


def is_compiled(generator: nn.Module, discriminator: nn.Module | None) -> bool:
    """Whether the engine takes this pair: two perceptrons of one type, or one alone."""
    g = layers_of(generator)
    if g is None or discriminator is None:
        return g is not None
    d = layers_of(discriminator)
    return d is not None and d[0][0].dtype == g[0][0].dtype


# --- The run -----------------------------------------------------------------------------------

COMPILING = "Compiling the training engine: once, then it is kept …"
DRAWN = 2**15
"""Random numbers that the engine gets at a time: some milliseconds of work."""


class Law(HasMoments, Protocol):
    """What a run needs of its target."""

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """``n`` independent draws, shape (n,)."""


Drawn = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Real data, noise, and places between real and fake, for some steps."""


def _ahead(
    thread: Executor, function: Callable[[int], Drawn], arguments: Iterable[int]
) -> Iterator[Drawn]:
    """``map``, of which the next result is computed while this one is used."""
    waiting = deque[Future[Drawn]]()
    for argument in arguments:
        waiting.append(thread.submit(function, argument))
        if len(waiting) > 1:
            yield waiting.popleft().result()
    yield waiting.popleft().result()


class Perceptrons:
    """Two perceptrons, or a generator alone, in the compiled engine."""

    def __init__(
        self,
        target: Law,
        generator: nn.Module,
        discriminator: nn.Module | None,
        settings: Settings,
        rng: np.random.Generator,
        steps: int,
        columns: tuple[int, int],
        ahead: Executor | None,
    ):
        self.target, self.settings, self.rng = target, settings, rng
        self.latent_dim = latent_size(generator)
        self.with_d = discriminator is not None
        self.d_steps = settings.d_steps if self.with_d else 0
        each = settings.batch_size * (self.d_steps + (self.d_steps + 1) * self.latent_dim)
        size = -(-DRAWN // each)
        sizes = [min(size, steps - at) for at in range(0, steps, size)]
        self.chunks = _ahead(ahead, self.draw, sizes) if ahead else map(self.draw, sizes)
        self.drawn: Drawn = (np.empty(0, np.float32),) * 3
        self.rule, self.decay = settings.rule, settings.decay(steps)
        networks = [generator, discriminator] if discriminator is not None else [generator]
        self.layers = [layers_of(network) or [] for network in networks]
        widest = max(len(bias) for layers in self.layers for _, bias in layers)
        self.piece = min(settings.batch_size, max(1, engine.PIECE // widest))
        rooms = max(self.piece, columns[0]), max(2 * self.piece, columns[1])
        players = map(player_of, self.layers, rooms)
        self.g, self.d = (*players,) if self.with_d else (*players,) * 2  # D is not asked then

    def advance(self, steps: int) -> tuple[Array, Array]:
        """Both players' losses in some of the next steps."""
        first = not engine.train_steps.signatures
        with patience(COMPILING) if first else nullcontext():
            if not len(self.drawn[1]):
                self.drawn = next(self.chunks)
            real, noise, mix = (numbers[:steps] for numbers in self.drawn)
            self.drawn = self.drawn[0][steps:], self.drawn[1][steps:], self.drawn[2][steps:]
            decay, self.decay = self.decay[: len(noise)], self.decay[len(noise) :]
            g_loss, d_loss = np.full((2, len(noise)), np.nan)
            taken = engine.train_steps(
                self.g,
                self.d,
                self.piece,
                real,
                noise,
                mix,
                GENERATOR_LOSSES[self.settings.loss],
                (float(self.target.mean), float(self.target.std)),
                self.rule,
                decay,
                g_loss,
                d_loss,
            )
        return g_loss[:taken], d_loss[:taken]

    def draw(self, steps: int) -> Drawn:
        """Real data (T, s, n), noise (T, s + 1, n, k) and mix, drawn as a plain loop does."""
        n, d_steps = self.settings.batch_size, self.d_steps
        lines = n if self.settings.gradient_penalty else 0
        real = np.empty((steps, d_steps, n), np.float32)
        noise = np.empty((steps, d_steps + 1, n, self.latent_dim), np.float32)
        mix = np.empty((steps, d_steps, lines), np.float32)
        for t in range(steps):
            for s in range(d_steps):
                real[t, s] = self.target.draw(n, self.rng)
                if s < d_steps - 1 or lines:
                    self.rng.standard_normal(out=noise[t, s], dtype=np.float32)
                    self.rng.random(out=mix[t, s], dtype=np.float32)
            # The noise for G's step, and for D's last if that is still to come.
            self.rng.standard_normal(out=noise[t, -1 if lines else -2 :], dtype=np.float32)
        return real, noise, mix

    def look(self, noise: NDArray[np.float32], x: Array) -> tuple[Array, Array, Array]:
        """G of the noise (n, k), its average of it, and D's logits on the grid."""
        logits = np.full(x.shape, np.nan)
        if self.with_d:
            logits = outputs(self.d, x[:, None])
        samples = averaged = outputs(self.g, noise)
        if self.settings.average:
            averaged = outputs(self._averaged, noise)
        return samples, averaged, logits

    @property
    def _averaged(self) -> engine.Player:
        return self.g._replace(weights=self.g.average) if self.settings.average else self.g

    def store(self) -> None:
        """Leave what was learned in the modules."""
        for player, layers in zip((self._averaged, self.d), self.layers, strict=False):
            store(player, layers)
