"""Golden traces: runs of the package, written down to the last weight, for the page's engine.

The engine in ``engine.js`` is a second GAN in another language.  It is right if, given the same
first weights and the same random numbers, it has the same weights after each step.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gan_lessons.distributions import Target
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.noise import blocks_of
from gan_lessons.players import Layer, Stack, linear_layers
from gan_lessons.steps import discriminator_step, generator_step


@dataclass(frozen=True)
class Setting:
    """What the engine calls its settings, with the page's names."""

    loss: str = "nonsaturating"
    batch: int = 16
    rateG: float = 1e-3
    rateD: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    dSteps: int = 1
    latent: int = 2
    hidden: int = 16
    layers: int = 1


@torch.no_grad()
def trace(setting: Setting, target: Target, steps: int = 200, seed: int = 0) -> dict[str, Any]:
    """Train in float64 and write everything down, as numbers that JSON can hold.

    The keys: ``settings``; ``start`` and ``weights`` (after each step) for ``g`` and ``d``, each
    layer's W row by row and then its b; ``real`` and ``noise``, the batches in the order in which
    they were drawn, in columns; ``lossG`` and ``lossD``, one for each update.
    """
    shape = {"hidden_dim": setting.hidden, "hidden_layers": setting.layers}
    g = _player(build_generator(setting.latent, seed=seed, **shape), setting.rateG, setting)
    d = _player(build_discriminator(logits=True, seed=seed + 1, **shape), setting.rateD, setting)
    (block,) = blocks_of([target], [seed], setting.latent, setting.batch, g.like)
    drawn: dict[str, list[list[float]]] = {"real": [], "noise": []}
    start = {"g": _numbers(g), "d": _numbers(d)}
    weights: dict[str, list[list[float]]] = {"g": [], "d": []}
    losses: dict[str, list[float]] = {"lossG": [], "lossD": []}

    def note(kind: str) -> Tensor:
        batch: Tensor = getattr(block, kind)()
        drawn[kind].append(batch.flatten().tolist())
        return batch

    loss = GENERATOR_LOSSES[setting.loss]
    for _ in range(steps):
        for _ in range(setting.dSteps):
            loss_d = discriminator_step(d, g, [lambda: (note("real"), note("noise"))])
            losses["lossD"].append(loss_d.item())
        losses["lossG"].append(generator_step(g, d, [lambda: note("noise")], loss, target).item())
        weights["g"].append(_numbers(g))
        weights["d"].append(_numbers(d))
    return {"settings": asdict(setting), "start": start, "weights": weights, **drawn, **losses}


def _player(network: nn.Module, rate: float, setting: Setting) -> Stack:
    """One network as a stack of one in float64."""
    layers = linear_layers(network.double())
    assert layers is not None
    rates, beta1, beta2 = (
        torch.tensor([value], dtype=torch.float64)
        for value in (rate, setting.beta1, setting.beta2)
    )
    return Stack([layers], rates, (beta1, beta2))


def _numbers(player: Stack) -> list[float]:
    """All weights in the engine's order."""
    player.store()
    layers: list[Layer] = player.networks[0]
    return torch.cat([part.flatten() for layer in layers for part in layer]).tolist()
