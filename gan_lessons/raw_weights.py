"""A GAN without modules: weights in a dictionary, and its gradients and Adam by hand.

Both players have one hidden layer: out = ReLU(x·w1 + b1)·w2 + b2.  The dictionary holds ``w1``
(k, h), ``b1`` (h,), ``w2`` (h, 1) and ``b2`` (1,).  The upper half of this module is the torch
version, the lower half does the same in NumPy with every derivative written out.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from torch import Tensor, nn

from gan_lessons import validation
from gan_lessons.distributions import Normal, Seed

Array = NDArray[np.float64]
Weights = dict[str, Tensor]
Arrays = dict[str, Array]


def unknown_normal(seed: Seed = None) -> Normal:
    """The target that the reader does not know: μ ~ U(−5, 5), σ ~ U(1, 3)."""
    rng = validation.random_source("seed", seed)
    return Normal(float(rng.uniform(-5, 5)), float(rng.uniform(1, 3)))


def initialize_weights(in_dim: int = 2, hidden_dim: int = 16, seed: Seed = None) -> Weights:
    """Draw all weights and biases from N(0, 1), float32, ready to record gradients.

    ``in_dim=2`` is the generator's noise, ``in_dim=1`` the discriminator's x.  Raises
    ``ValueError`` unless both sizes are whole numbers above 0.
    """
    in_dim = validation.count("in_dim", in_dim)
    hidden_dim = validation.count("hidden_dim", hidden_dim)
    shapes = {"w1": (in_dim, hidden_dim), "b1": (hidden_dim,), "w2": (hidden_dim, 1), "b2": (1,)}
    rng = validation.random_source("seed", seed)
    return {
        name: torch.from_numpy(rng.standard_normal(shape, dtype=np.float32)).requires_grad_()
        for name, shape in shapes.items()
    }


def _forward(name: str, x: Tensor, weights: Weights) -> Tensor:
    inputs = len(weights["w1"])
    if not isinstance(x, Tensor) or x.ndim != 2 or x.shape[1] != inputs:
        raise ValueError(f"{name} is {x!r}: it must be a tensor of shape (n, {inputs})")
    hidden = torch.relu(x.to(weights["w1"]) @ weights["w1"] + weights["b1"])
    return hidden @ weights["w2"] + weights["b2"]


def generator(z: Tensor, weights: Weights) -> Tensor:
    """G(z) = ReLU(z·w1 + b1)·w2 + b2, from (n, k) to (n, 1).

    Raises ``ValueError`` for anything but a tensor of this shape.
    """
    return _forward("z", z, weights)


def discriminator_logits(x: Tensor, weights: Weights) -> Tensor:
    """The logit of D: the same two layers as the generator's, from (n, 1) to (n, 1).

    Raises ``ValueError`` for anything but a tensor of this shape.
    """
    return _forward("x", x, weights)


def discriminator(x: Tensor, weights: Weights) -> Tensor:
    """D(x) = σ(logit), the probability that x is real; as ``discriminator_logits``."""
    return torch.sigmoid(discriminator_logits(x, weights))


def _require(weights: Weights, *names: str) -> None:
    missing = [name for name in names if name not in weights]
    if missing:
        raise ValueError(f"weights lack {', '.join(missing)}")
    for name, value in weights.items():
        if not isinstance(value, Tensor) or not value.is_floating_point():
            raise ValueError(f"weights[{name!r}] is {value!r}: it must be a tensor of floats")


class RawNetwork(nn.Module):
    """A dictionary of raw weights in the dress of a module, so that ``train`` takes it.

    It trains the given tensors themselves.  For a generator and, with its logits, a
    discriminator.  Raises ``ValueError`` if one of the four weights is missing or no tensor.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        _require(weights, "w1", "b1", "w2", "b2")
        self.weights = nn.ParameterDict(
            {name: nn.Parameter(value.detach()) for name, value in weights.items()}
        )

    @property
    def latent_dim(self) -> int:
        """The width of the input."""
        return int(self.weights["w1"].shape[0])

    def forward(self, x: Tensor) -> Tensor:
        """Both players' formula, up to the last sigmoid: (n, k) to (n, 1)."""
        return _forward("x", x, dict(self.weights))


def kinks(weights: Weights) -> Array:
    """Where the logit of D can bend: x = −b1/w1 of each hidden unit, sorted, shape (h,).

    Only ``w1`` and ``b1`` are read.  Raises ``ValueError`` unless the input is one-dimensional,
    or as ``RawNetwork``.
    """
    _require(weights, "w1", "b1")
    w1, b1 = weights["w1"].detach().double().numpy(), weights["b1"].detach().double().numpy()
    if w1.shape[0] != 1:
        raise ValueError(f"weights take {w1.shape[0]} inputs: kinks on the x axis need just 1")
    return np.sort(-b1 / w1[0])


# --- The same by hand -----------------------------------------------------------------------


def as_arrays(weights: Weights) -> Arrays:
    """The weights as float64 NumPy copies."""
    return {name: validation.numbers(f"weights[{name!r}]", w) for name, w in weights.items()}


def _rows(name: str, batch: ArrayLike, width: int) -> Array:
    array = validation.numbers(name, batch)
    if array.ndim != 2 or array.shape[1] != width or not len(array):
        raise ValueError(f"{name} has shape {array.shape}: it must be (n, {width}) with n >= 1")
    return array


def forward_by_hand(x: ArrayLike, weights: Arrays) -> tuple[Array, Array]:
    """The two layers in NumPy: (output (n, 1), hidden layer after ReLU (n, h)).

    Raises ``ValueError`` unless ``x`` has shape (n, k) and ``w1`` (k, h).
    """
    x = _rows("x", x, len(weights["w1"]))
    hidden = np.maximum(x @ weights["w1"] + weights["b1"], 0)
    return hidden @ weights["w2"] + weights["b2"], hidden


def backward_by_hand(
    x: ArrayLike, hidden: ArrayLike, weights: Arrays, d_out: ArrayLike
) -> tuple[Arrays, Array]:
    """The chain rule through the two layers: (gradient of each weight, gradient of x).

    ``d_out`` is the gradient of the loss in the output, shape (n, 1).  Going back, each layer
    multiplies by its weights, and ReLU lets through what was positive on the way there.  Raises
    ``ValueError`` for arrays that don't fit.
    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating
    errors", Nature 323 (1986).
    """
    x, d_out = _rows("x", x, len(weights["w1"])), _rows("d_out", d_out, 1)
    hidden = _rows("hidden", hidden, len(weights["w2"]))
    if not len(x) == len(hidden) == len(d_out):
        raise ValueError(
            f"d_out has {len(d_out)} rows: there must be as many as in x, {len(x)}, and in "
            f"hidden, {len(hidden)}"
        )
    d_pre = (d_out @ weights["w2"].T) * (hidden > 0)
    gradients = {
        "w1": x.T @ d_pre,
        "b1": d_pre.sum(axis=0),
        "w2": hidden.T @ d_out,
        "b2": d_out.sum(axis=0),
    }
    return gradients, d_pre @ weights["w1"].T


def discriminator_gradients(real: ArrayLike, fake: ArrayLike, d_weights: Arrays) -> Arrays:
    """Gradients of −E[log D(real)] − E[log(1 − D(fake))] in D's weights; batches (n, 1), (m, 1).

    In the logit a the slope is σ(a) − 1 for a real sample and σ(a) for a fake one.  Raises
    ``ValueError`` for batches of another shape.
    """
    real, fake = _rows("real", real, 1), _rows("fake", fake, 1)
    total = {name: np.zeros_like(value) for name, value in d_weights.items()}
    for batch, label in ((real, 1.0), (fake, 0.0)):
        logit, hidden = forward_by_hand(batch, d_weights)
        d_logit = (expit(logit) - label) / len(batch)
        gradients, _ = backward_by_hand(batch, hidden, d_weights, d_logit)
        total = {name: total[name] + gradients[name] for name in total}
    return total


def generator_gradients(z: ArrayLike, g_weights: Arrays, d_weights: Arrays) -> Arrays:
    """Gradients of −E[log D(G(z))] in G's weights, z of shape (n, k).

    The slope in the logit, σ(a) − 1, goes back through D to its input, and on through G.  Raises
    ``ValueError`` for noise of another shape.
    """
    z = _rows("z", z, len(g_weights["w1"]))
    fake, g_hidden = forward_by_hand(z, g_weights)
    logit, d_hidden = forward_by_hand(fake, d_weights)
    d_logit = (expit(logit) - 1) / len(z)
    _, d_fake = backward_by_hand(fake, d_hidden, d_weights, d_logit)
    gradients, _ = backward_by_hand(z, g_hidden, g_weights, d_fake)
    return gradients


@dataclass
class AdamByHand:
    """Adam's memory for one dictionary of weights: first and second moments, and the time."""

    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8

    def __post_init__(self) -> None:
        self.learning_rate = validation.positive("learning_rate", self.learning_rate)
        self.betas = validation.decay_rates("betas", self.betas)
        self.eps = validation.positive("eps", self.eps)
        self.time = 0
        self.first: Arrays = {}
        self.second: Arrays = {}

    def step(self, weights: Arrays, gradients: Arrays) -> Arrays:
        """Return the weights after one step: θ − α·m̂/(√v̂ + ε), bias-corrected m̂ and v̂.

        Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), Algorithm 1.
        """
        self.time += 1
        beta1, beta2 = self.betas
        stepped = {}
        for name, g in gradients.items():
            self.first[name] = beta1 * self.first.get(name, 0.0) + (1 - beta1) * g
            self.second[name] = beta2 * self.second.get(name, 0.0) + (1 - beta2) * g**2
            m_hat = self.first[name] / (1 - beta1**self.time)
            v_hat = self.second[name] / (1 - beta2**self.time)
            stepped[name] = weights[name] - self.learning_rate * m_hat / (
                np.sqrt(v_hat) + self.eps
            )
        return stepped
