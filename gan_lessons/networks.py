"""The two players as small multilayer perceptrons, and the noise that feeds the generator."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from gan_lessons import validation
from gan_lessons.distributions import Seed

Array = NDArray[np.float64]

FAR = np.array([-1e6, -1e4, -100, -10, 0, 10, 100, 1e4, 1e6])
"""Where a discriminator is asked whether it returns logits."""


def _mlp(
    inputs: int, hidden_dim: int, hidden_layers: int, outputs: int, seed: int | None
) -> nn.Sequential:
    """Linear layers with ReLU in between; PyTorch's own initialisation."""
    hidden = [validation.count("hidden_dim", hidden_dim)]
    hidden *= validation.count("hidden_layers", hidden_layers)
    if seed is not None and (seed := validation.count("seed", seed, minimum=0)) >= 2**64:
        raise ValueError(f"seed is {seed}: it must be below 2**64, as PyTorch asks")
    # With a seed, the global random state is set aside and put back: no one else notices.
    with torch.random.fork_rng(devices=[]) if seed is not None else nullcontext():
        if seed is not None:
            torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for before, after in pairwise([inputs, *hidden, outputs]):
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
    data_dim = validation.count("data_dim", data_dim)
    return _mlp(latent_dim, hidden_dim, hidden_layers, data_dim, seed)


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
    net = _mlp(data_dim, hidden_dim, hidden_layers, 1, seed)
    return net if logits else net.append(nn.Sigmoid())


def require_logits(discriminator: nn.Module) -> None:
    """Look at what D says far out, and raise ``ValueError`` if these are probabilities.

    The losses take logits, which grow; a probability, or its logarithm, comes to rest at an end.
    Warns where D stays between 0 and 1 and comes to rest nowhere, as a bounded logit may.
    """
    logits = outputs(discriminator, FAR[:, None], "discriminator")
    if not np.isfinite(logits).all() or not logits.any():
        return  # a run that diverges is noticed later; a last layer of zeros knows nothing yet
    kind = "probabilities" if logits.min() >= 0 and logits.max() <= 1 else "log-probabilities"
    at_end = np.abs(logits[:, None] - ([0, 1] if kind == "probabilities" else [0])) < 1e-6
    if kind == "probabilities" and not at_end.any():
        warnings.warn(
            f"discriminator stays between {logits.min():.3g} and {logits.max():.3g} even far out: "
            "training takes logits, not probabilities",
            stacklevel=2,
        )
    elif logits.max() <= (1 if kind == "probabilities" else 0) and at_end.any():
        raise ValueError(
            f"discriminator returns {kind}: training takes logits, "
            "as from build_discriminator(logits=True)"
        )


@contextmanager
def _looking(module: nn.Module) -> Iterator[None]:
    """No gradients; no batch statistics move, no units drop out: looking changes nothing."""
    training = [part for part in module.modules() if part.training]
    for part in training:
        part.training = False
    try:
        with torch.no_grad():
            yield
    finally:
        for part in training:
            part.training = True


def outputs(module: nn.Module, x: ArrayLike | Tensor, name: str = "module") -> Array:
    """What a network makes of a batch (n, k), looked at without a trace: shape (n,), float64.

    Raises ``ValueError`` unless it gives one number for each.
    """
    batch = torch.as_tensor(x).to(like(module))
    with _looking(module):
        output = require_column(module(batch), len(batch), name)
    return output[:, 0].double().cpu().numpy()


def require_column(output: Tensor, n: int, name: str) -> Tensor:
    """The output of a network for n samples; ``ValueError`` unless its shape is (n, 1)."""
    if tuple(output.shape) != (n, 1):
        raise ValueError(
            f"{name} gives shape {tuple(output.shape)} for {n} samples: it must be ({n}, 1)"
        )
    return output


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


def generate(generator: nn.Module, n: int, rng: Seed) -> Array:
    """Draw n samples G(z), shape (n, 1), and leave no trace; ``sample_noise`` draws z."""
    z = sample_noise(n, latent_size(generator), rng).to(like(generator))
    with _looking(generator):
        return generator(z).double().cpu().numpy()


def probability(discriminator: nn.Module, x: ArrayLike) -> Array:
    """D(x) = σ(logit) of a discriminator that returns logits, for x of shape (n,); shape (n,).

    Raises ``ValueError`` unless ``x`` has this shape, or (n, 1), and is finite, and for a
    discriminator that returns probabilities.
    """
    require_logits(discriminator)
    batch = validation.vector("x", x)[:, None]
    logits = torch.from_numpy(outputs(discriminator, batch, "discriminator"))
    return torch.sigmoid(logits).numpy()
