"""The losses of the course, as pure functions of logits and samples.

A logit ``a`` stands for the probability D = σ(a).  A batch of n samples or logits has shape
(n, 1) or (n,), and its loss is a scalar tensor.  Anything but a tensor of floats raises
``ValueError``, and so does an empty one; NaN passes, so that a run that diverges is noticed.
Since 1 − σ(a) = σ(−a), the logarithm of a sigmoid is all that they need; it never overflows.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from gan_lessons import validation


class HasMoments(Protocol):
    """What a loss may know of its target."""

    @property
    def mean(self) -> float:
        """Expectation."""

    @property
    def std(self) -> float:
        """Population standard deviation."""


def _require_batch(name: str, batch: Any) -> None:
    if not isinstance(batch, Tensor) or not batch.is_floating_point() or not batch.numel():
        raise ValueError(
            f"{name} is {batch!r}: it must be a tensor of floats with 1 entry or more"
        )


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−E[log D(x)] − E[log(1 − D(G(z)))]: the binary cross-entropies of both batches, added.

    It is log 4 when D says ½ everywhere.
    Source: Goodfellow et al. (2014), Equation 1, with the sign turned for a minimiser.
    """
    _require_batch("real_logits", real_logits)
    _require_batch("fake_logits", fake_logits)
    return -logsigmoid(real_logits).mean() - logsigmoid(-fake_logits).mean()


def saturating_loss(fake_logits: Tensor) -> Tensor:
    """E[log(1 − D(G(z)))], which G minimises; its derivative in the logit is −σ(a).

    It dies where D is sure of a fake (a → −∞).  Source: Goodfellow et al. (2014), Equation 1.
    """
    _require_batch("fake_logits", fake_logits)
    return logsigmoid(-fake_logits).mean()


def nonsaturating_loss(fake_logits: Tensor) -> Tensor:
    """−E[log D(G(z))], which G minimises; its derivative in the logit is −(1 − σ(a)).

    It is log 2 when D says ½ everywhere.  Source: Goodfellow et al. (2014), Section 3.
    """
    _require_batch("fake_logits", fake_logits)
    return -logsigmoid(fake_logits).mean()


def mean_loss(fake: Tensor) -> Tensor:
    """−E[G(z)]: asks for more, always.  It is unbounded below."""
    _require_batch("fake", fake)
    return -fake.mean()


def squared_mean_loss(fake: Tensor, target_mean: float = 5.0) -> Tensor:
    """(m − target_mean)² with m the batch mean."""
    _require_batch("fake", fake)
    return (fake.mean() - validation.finite("target_mean", target_mean)) ** 2


def squared_std_loss(fake: Tensor, target_std: float = 1.0) -> Tensor:
    """(s − target_std)², s with n − 1.

    Raises ``ValueError`` for a batch of fewer than two, which has no std.
    """
    if isinstance(fake, Tensor) and fake.numel() < 2:
        raise ValueError(f"fake has {fake.numel()} row(s): a standard deviation needs 2 or more")
    _require_batch("fake", fake)
    return (torch.std(fake) - validation.finite("target_std", target_std)) ** 2


def stats_loss(fake: Tensor, target_mean: float = 5.0, target_std: float = 1.0) -> Tensor:
    """(m − target_mean)² + (s − target_std)²; errors as those of ``squared_std_loss``."""
    spread = squared_std_loss(fake, target_std)
    return squared_mean_loss(fake, target_mean) + spread


class GeneratorLoss(NamedTuple):
    """A loss for G: how much it has of each term.

    The engine knows the terms by the same names, each with its derivative.
    """

    mean: float = 0.0
    squared_mean: float = 0.0
    squared_std: float = 0.0
    saturating: float = 0.0
    nonsaturating: float = 0.0

    @property
    def needs_discriminator(self) -> bool:
        """Whether one of its terms is of D's logits."""
        return self.saturating != 0 or self.nonsaturating != 0

    def __call__(self, fake: Tensor, fake_logits: Tensor | None, target: HasMoments) -> Tensor:
        """The value; raises ``ValueError`` if it needs D's logits and has none."""

        def logits(name: str) -> Tensor:
            if fake_logits is None:
                raise ValueError(f"discriminator is None: {name} needs one")
            return fake_logits

        terms: dict[str, Callable[[], Tensor]] = {
            "mean": lambda: mean_loss(fake),
            "squared_mean": lambda: squared_mean_loss(fake, target.mean),
            "squared_std": lambda: squared_std_loss(fake, target.std),
            "saturating": lambda: saturating_loss(logits("saturating")),
            "nonsaturating": lambda: nonsaturating_loss(logits("nonsaturating")),
        }
        return torch.stack([w * terms[name]() for name, w in self._asdict().items() if w]).sum()


GENERATOR_LOSSES: dict[str, GeneratorLoss] = {
    "mean": GeneratorLoss(mean=1.0),
    "squared_mean": GeneratorLoss(squared_mean=1.0),
    "stats": GeneratorLoss(squared_mean=1.0, squared_std=1.0),
    "saturating": GeneratorLoss(saturating=1.0),
    "nonsaturating": GeneratorLoss(nonsaturating=1.0),
    "adversarial_plus_stats": GeneratorLoss(squared_mean=1.0, squared_std=1.0, nonsaturating=1.0),
}
