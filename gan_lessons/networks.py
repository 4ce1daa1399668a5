"""The two players as small multilayer perceptrons, and the noise that feeds the generator."""

from contextlib import nullcontext
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from gan_lessons import validation
from gan_lessons.distributions import Seed

SQUASHING = (nn.Sigmoid, nn.Hardsigmoid, nn.LogSigmoid, nn.Softmax, nn.LogSoftmax)


def _mlp(sizes: list[int], seed: int | None) -> nn.Sequential:
    """Linear layers of these sizes with ReLU in between; PyTorch's own initialisation."""
    if seed is not None and (seed := validation.count("seed", seed, minimum=0)) >= 2**64:
        raise ValueError(f"seed is {seed}: it must be below 2**64, as PyTorch asks")
    # With a seed, the global random state is set aside and put back: no one else notices.
    with torch.random.fork_rng(devices=[]) if seed is not None else nullcontext():
        if seed is not None:
            torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def build_generator(
    latent_dim: int = 10,
    hidden_dim: int = 128,
    data_dim: int = 1,
    hidden_layers: int = 2,
    seed: int | None = None,
) -> nn.Sequential:
    """A generator: noise of shape (n, latent_dim) to samples of shape (n, data_dim).

    By default 10-128-128-1 with ReLU.  ``seed`` fixes the initial weights; without it they come
    from PyTorch's global random state.  Raises ``ValueError`` unless all sizes are whole numbers
    above 0.
    """
    latent_dim = validation.count("latent_dim", latent_dim)
    hidden = [validation.count("hidden_dim", hidden_dim)]
    hidden *= validation.count("hidden_layers", hidden_layers)
    return _mlp([latent_dim, *hidden, validation.count("data_dim", data_dim)], seed)


def build_discriminator(
    data_dim: int = 1,
    hidden_dim: int = 128,
    hidden_layers: int = 2,
    logits: bool = False,
    seed: int | None = None,
) -> nn.Sequential:
    """A discriminator: data of shape (n, data_dim) to (n, 1), the probability of "real".

    By default 1-128-128-1 with ReLU and a sigmoid at the end.  ``logits=True`` leaves the
    sigmoid out; that is what the losses and the training take.  ``seed`` as in
    ``build_generator``.  Raises ``ValueError`` unless all sizes are whole numbers above 0.
    """
    data_dim = validation.count("data_dim", data_dim)
    hidden = [validation.count("hidden_dim", hidden_dim)]
    hidden *= validation.count("hidden_layers", hidden_layers)
    net = _mlp([data_dim, *hidden, 1], seed)
    return net if logits else net.append(nn.Sigmoid())


def require_logits(discriminator: nn.Module) -> None:
    """Raise ``ValueError`` if the last layer squashes: the losses would squash a second time."""
    layers = [m for m in discriminator.modules() if not list(m.children())]
    if layers and isinstance(layers[-1], SQUASHING):
        raise ValueError(
            f"discriminator ends in {type(layers[-1]).__name__}: training takes logits, "
            "as from build_discriminator(logits=True)"
        )


def latent_size(generator: nn.Module) -> int:
    """How many noise values the generator takes: the input width of its first weight matrix.

    Raises ``ValueError`` if the module has no linear layer and no ``latent_dim`` attribute, or
    that is no whole number above 0.
    """
    named = getattr(generator, "latent_dim", None)
    if named is not None:
        return validation.count("generator.latent_dim", named)
    for module in generator.modules():
        if isinstance(module, nn.Linear):
            return module.in_features
    raise ValueError(
        f"generator is {type(generator).__name__}: it must hold an nn.Linear or name latent_dim"
    )


def like(module: nn.Module) -> Tensor:
    """A tensor of the type and on the device that the module computes with."""
    return next(module.parameters(), torch.empty(0))


def sample_noise(n: int, latent_dim: int, rng: Seed) -> Tensor:
    """Draw z ~ N(0, I), shape (n, latent_dim), float32.

    ``rng`` is a ``numpy.random.Generator``, which is then advanced, or a seed.  Raises
    ``ValueError`` unless both sizes are whole numbers above 0.
    """
    shape = (validation.count("n", n), validation.count("latent_dim", latent_dim))
    source = validation.random_source("rng", rng)
    return torch.from_numpy(source.standard_normal(shape, dtype=np.float32))


def generate(generator: nn.Module, n: int, rng: Seed) -> NDArray[np.float64]:
    """Draw n samples G(z), shape (n, 1), without recording gradients; ``sample_noise`` draws z."""
    z = sample_noise(n, latent_size(generator), rng).to(like(generator))
    with torch.no_grad():
        return generator(z).double().cpu().numpy()


def probability(discriminator: nn.Module, x: ArrayLike) -> NDArray[np.float64]:
    """D(x) = σ(logit) of a discriminator that returns logits, for x of shape (n,); shape (n,).

    Raises ``ValueError`` unless ``x`` has this shape, or (n, 1), and is finite.
    """
    batch = torch.from_numpy(validation.vector("x", x)).to(like(discriminator))[:, None]
    with torch.no_grad():
        return torch.sigmoid(discriminator(batch))[:, 0].double().cpu().numpy()
