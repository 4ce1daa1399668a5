"""The losses of the course and their slopes, as pure functions of logits and samples.

A logit ``a`` stands for the probability D = σ(a).  A batch of n samples or logits has shape
(n, 1) or (n,), and its loss is a scalar tensor; S batches side by side have shape (S, 1, n), and
their losses (S,).  Anything but a tensor of floats raises ``ValueError``, and so does an empty
one; NaN passes, so that a run that diverges is noticed.  With softplus(a) = log(1 + eᵃ):
−log σ(a) = softplus(−a) and −log(1 − σ(a)) = softplus(a), which never overflow.

A loss's *slope* is its derivative in each logit or sample: what it asks of each, turned round.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_lessons import validation


class HasMoments(Protocol):
    """What a loss may know of its target: any ``Target``, or tensors of shape (S,)."""

    @property
    def mean(self) -> float | Tensor:
        """Expectation."""

    @property
    def std(self) -> float | Tensor:
        """Population standard deviation."""


SampleFunction = Callable[[Tensor, HasMoments], Tensor]
LogitFunction = Callable[[Tensor], Tensor]


def _dims(batch: Tensor) -> tuple[int, ...]:
    """The dimensions that one batch fills; those before them count the batches."""
    return (-2, -1) if batch.ndim > 1 else (-1,)


def _size(batch: Tensor) -> int:
    return math.prod(batch.shape[-2:])


def _require_batch(name: str, batch: Any) -> None:
    if not isinstance(batch, Tensor) or not batch.is_floating_point() or not batch.numel():
        raise ValueError(
            f"{name} is {batch!r}: it must be a tensor of floats with 1 entry or more"
        )


def _number(name: str, value: float | Tensor) -> float | Tensor:
    """One number for all batches, or a tensor with one for each."""
    return value if isinstance(value, Tensor) and value.ndim else validation.finite(name, value)


def _to_each(value: Tensor, batch: Tensor) -> Tensor:
    """One value for each batch, laid out so that it meets every sample of its batch."""
    return value[(..., *[None] * len(_dims(batch)))]


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−E[log D(x)] − E[log(1 − D(G(z)))]: the binary cross-entropies of both batches, added.

    It is log 4 when D says ½ everywhere.
    Source: Goodfellow et al. (2014), Equation 1, with the sign turned for a minimiser.
    """
    _require_batch("real_logits", real_logits)
    _require_batch("fake_logits", fake_logits)
    return softplus(-real_logits).mean(_dims(real_logits)) + softplus(fake_logits).mean(
        _dims(fake_logits)
    )


def discriminator_slopes(real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
    """The slopes of ``discriminator_loss``: −(1 − σ(a))/n for a real logit, σ(a)/m for a fake."""
    _require_batch("real_logits", real_logits)
    _require_batch("fake_logits", fake_logits)
    return (
        (torch.sigmoid(real_logits) - 1) / _size(real_logits),
        torch.sigmoid(fake_logits) / _size(fake_logits),
    )


def saturating_loss(fake_logits: Tensor) -> Tensor:
    """E[log(1 − D(G(z)))], which G minimises; its slope in the logit is −σ(a).

    It dies where D is sure of a fake (a → −∞).  Source: Goodfellow et al. (2014), Equation 1.
    """
    _require_batch("fake_logits", fake_logits)
    return -softplus(fake_logits).mean(_dims(fake_logits))


def saturating_slope(fake_logits: Tensor) -> Tensor:
    """The slope of ``saturating_loss`` in each logit: −σ(a)/n."""
    _require_batch("fake_logits", fake_logits)
    return -torch.sigmoid(fake_logits) / _size(fake_logits)


def nonsaturating_loss(fake_logits: Tensor) -> Tensor:
    """−E[log D(G(z))], which G minimises; its slope in the logit is −(1 − σ(a)).

    It is log 2 when D says ½ everywhere.  Source: Goodfellow et al. (2014), Section 3.
    """
    _require_batch("fake_logits", fake_logits)
    return softplus(-fake_logits).mean(_dims(fake_logits))


def nonsaturating_slope(fake_logits: Tensor) -> Tensor:
    """The slope of ``nonsaturating_loss`` in each logit: −(1 − σ(a))/n."""
    _require_batch("fake_logits", fake_logits)
    return (torch.sigmoid(fake_logits) - 1) / _size(fake_logits)


def mean_loss(fake: Tensor) -> Tensor:
    """−E[G(z)]: asks for more, always.  It is unbounded below."""
    _require_batch("fake", fake)
    return -fake.mean(_dims(fake))


def mean_slope(fake: Tensor) -> Tensor:
    """The slope of ``mean_loss`` in each sample: −1/n, wherever it lies."""
    _require_batch("fake", fake)
    return torch.full_like(fake, -1 / _size(fake))


def squared_mean_loss(fake: Tensor, target_mean: float | Tensor = 5.0) -> Tensor:
    """(m − target_mean)² with m the batch mean."""
    _require_batch("fake", fake)
    target_mean = _number("target_mean", target_mean)
    return (fake.mean(_dims(fake)) - target_mean) ** 2


def squared_mean_slope(fake: Tensor, target_mean: float | Tensor = 5.0) -> Tensor:
    """The slope of ``squared_mean_loss`` in each sample: 2(m − target_mean)/n."""
    _require_batch("fake", fake)
    target_mean = _number("target_mean", target_mean)
    slope = 2 * (fake.mean(_dims(fake)) - target_mean) / _size(fake)
    return _to_each(slope, fake).expand_as(fake)


def _require_two(fake: Tensor) -> None:
    if isinstance(fake, Tensor) and _size(fake) < 2:
        raise ValueError(f"fake has {_size(fake)} row(s): a standard deviation needs 2 or more")
    _require_batch("fake", fake)


def stats_loss(
    fake: Tensor, target_mean: float | Tensor = 5.0, target_std: float | Tensor = 1.0
) -> Tensor:
    """(m − target_mean)² + (s − target_std)², s with n − 1.

    Raises ``ValueError`` for a batch of fewer than two, which has no std.
    """
    target_std = _number("target_std", target_std)
    _require_two(fake)
    return squared_mean_loss(fake, target_mean) + (torch.std(fake, _dims(fake)) - target_std) ** 2


def stats_slope(
    fake: Tensor, target_mean: float | Tensor = 5.0, target_std: float | Tensor = 1.0
) -> Tensor:
    """The slope of ``stats_loss``: 2(m − target_mean)/n + 2(s − target_std)·(x − m)/((n − 1)·s).

    Where all samples are equal, s has a kink; the second term is then 0, as with autograd.
    """
    target_std = _number("target_std", target_std)
    _require_two(fake)
    s, m = torch.std_mean(fake, _dims(fake))
    per_unit = torch.where(s > 0, 2 * (s - target_std) / ((_size(fake) - 1) * s), 0)
    return squared_mean_slope(fake, target_mean) + _to_each(per_unit, fake) * (
        fake - _to_each(m, fake)
    )


@dataclass(frozen=True)
class GeneratorLoss:
    """A loss for G as ``train`` knows it: a term of the samples, a term of D's logits, or both.

    Each term is a pair of functions, its value and its slope.
    """

    of_samples: tuple[SampleFunction, SampleFunction] | None = None
    of_logits: tuple[LogitFunction, LogitFunction] | None = None

    def __call__(self, fake: Tensor, fake_logits: Tensor | None, target: HasMoments) -> Tensor:
        """The value; raises ``ValueError`` if it needs D's logits and has none."""
        terms = []
        if self.of_logits:
            terms.append(self.of_logits[0](self._judged(fake_logits)))
        if self.of_samples:
            terms.append(self.of_samples[0](fake, target))
        return terms[0] if len(terms) == 1 else terms[0] + terms[1]

    def sample_slope(self, fake: Tensor, target: HasMoments) -> Tensor | None:
        """The slope in each sample while the logits are held; None where there is no such term."""
        return self.of_samples[1](fake, target) if self.of_samples else None

    def logit_slope(self, fake_logits: Tensor | None) -> Tensor | None:
        """The slope in each of D's logits; None where there is no such term.

        Raises ``ValueError`` if it needs D's logits and has none.
        """
        return self.of_logits[1](self._judged(fake_logits)) if self.of_logits else None

    def _judged(self, fake_logits: Tensor | None) -> Tensor:
        if fake_logits is None:
            name = self.of_logits[0].__name__ if self.of_logits else ""
            raise ValueError(f"discriminator is None: {name} needs one")
        return fake_logits


_STATS: tuple[SampleFunction, SampleFunction] = (
    lambda fake, target: stats_loss(fake, target.mean, target.std),
    lambda fake, target: stats_slope(fake, target.mean, target.std),
)

GENERATOR_LOSSES: dict[str, GeneratorLoss] = {
    "mean": GeneratorLoss(
        of_samples=(lambda fake, target: mean_loss(fake), lambda fake, target: mean_slope(fake))
    ),
    "squared_mean": GeneratorLoss(
        of_samples=(
            lambda fake, target: squared_mean_loss(fake, target.mean),
            lambda fake, target: squared_mean_slope(fake, target.mean),
        )
    ),
    "stats": GeneratorLoss(of_samples=_STATS),
    "saturating": GeneratorLoss(of_logits=(saturating_loss, saturating_slope)),
    "nonsaturating": GeneratorLoss(of_logits=(nonsaturating_loss, nonsaturating_slope)),
    "adversarial_plus_stats": GeneratorLoss(
        of_samples=_STATS, of_logits=(nonsaturating_loss, nonsaturating_slope)
    ),
}
