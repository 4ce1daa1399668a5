"""The losses of the course, as pure functions of logits and samples.

A logit ``a`` stands for the probability D = σ(a).  Every function averages over the batch and
returns a scalar tensor.  With softplus(a) = log(1 + eᵃ): −log σ(a) = softplus(−a) and
−log(1 − σ(a)) = softplus(a), which never overflow.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gan_lessons.distributions import Target

GeneratorLoss = Callable[[Tensor, Tensor | None, Target], Tensor]


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−E[log D(x)] − E[log(1 − D(G(z)))]: the binary cross-entropies of both batches, added.

    Shapes (n, 1) and (m, 1).  It is log 4 when D says ½ everywhere.
    Source: Goodfellow et al. (2014), Equation 1, with the sign turned for a minimiser.
    """
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def saturating_loss(fake_logits: Tensor) -> Tensor:
    """E[log(1 − D(G(z)))], which G minimises; its slope in the logit is −σ(a).

    It dies where D is sure of a fake (a → −∞).  Source: Goodfellow et al. (2014), Equation 1.
    """
    return -softplus(fake_logits).mean()


def nonsaturating_loss(fake_logits: Tensor) -> Tensor:
    """−E[log D(G(z))], which G minimises; its slope in the logit is −(1 − σ(a)).

    It is log 2 when D says ½ everywhere.  Source: Goodfellow et al. (2014), Section 3.
    """
    return softplus(-fake_logits).mean()


def mean_loss(fake: Tensor) -> Tensor:
    """−E[G(z)]: asks for more, always.  It is unbounded below; ``fake`` has shape (n, 1)."""
    return -fake.mean()


def squared_mean_loss(fake: Tensor, target_mean: float = 5.0) -> Tensor:
    """(m − target_mean)² with m the batch mean; ``fake`` has shape (n, 1)."""
    return (fake.mean() - target_mean) ** 2


def stats_loss(fake: Tensor, target_mean: float = 5.0, target_std: float = 1.0) -> Tensor:
    """(m − target_mean)² + (s − target_std)², s with n − 1; ``fake`` has shape (n, 1), n >= 2.

    Raises ``ValueError`` for a batch of fewer than two, which has no std.
    """
    if fake.shape[0] < 2:
        raise ValueError(f"fake has {fake.shape[0]} row(s): a standard deviation needs 2 or more")
    return squared_mean_loss(fake, target_mean) + (torch.std(fake) - target_std) ** 2


def _adversarial(loss: Callable[[Tensor], Tensor]) -> GeneratorLoss:
    def of_logits(fake: Tensor, fake_logits: Tensor | None, target: Target) -> Tensor:
        if fake_logits is None:
            raise ValueError(f"discriminator is None: {loss.__name__} needs one")
        return loss(fake_logits)

    return of_logits


def _adversarial_plus_stats(fake: Tensor, fake_logits: Tensor | None, target: Target) -> Tensor:
    adversarial = _adversarial(nonsaturating_loss)(fake, fake_logits, target)
    return adversarial + stats_loss(fake, target.mean, target.std)


# What ``train`` knows by name: each takes the fake batch, D's logits on it (None without a D)
# and the target.
GENERATOR_LOSSES: dict[str, GeneratorLoss] = {
    "mean": lambda fake, logits, target: mean_loss(fake),
    "squared_mean": lambda fake, logits, target: squared_mean_loss(fake, target.mean),
    "stats": lambda fake, logits, target: stats_loss(fake, target.mean, target.std),
    "saturating": _adversarial(saturating_loss),
    "nonsaturating": _adversarial(nonsaturating_loss),
    "adversarial_plus_stats": _adversarial_plus_stats,
}
