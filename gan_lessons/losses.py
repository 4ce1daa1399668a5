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
from torch.nn.functional import logsigmoid, relu

from gan_lessons import engine, validation


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


# --- What others have put in its place ----------------------------------------------------------


def relativistic_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−E[log σ(D(x) − D(G(z)))], each real value paired with the fake of its row.

    Source: Jolicoeur-Martineau (2019), RSGAN; Huang et al. (2024), Equation 2.
    """
    _require_batch("real_logits", real_logits)
    _require_batch("fake_logits", fake_logits)
    return -logsigmoid(real_logits - fake_logits).mean()


def relativistic_loss(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    """−E[log σ(D(G(z)) − D(x))], which G minimises: the same with the parts exchanged."""
    return relativistic_discriminator_loss(fake_logits, real_logits)


def least_squares_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """½E[(D(x) − 1)²] + ½E[D(G(z))²].  Source: Mao et al. (2017), Equation 2 with a, b = 0, 1."""
    _require_batch("real_logits", real_logits)
    _require_batch("fake_logits", fake_logits)
    return ((real_logits - 1) ** 2).mean() / 2 + (fake_logits**2).mean() / 2


def least_squares_loss(fake_logits: Tensor) -> Tensor:
    """½E[(D(G(z)) − 1)²], which G minimises.  Source: Mao et al. (2017), Equation 2 with c = 1."""
    _require_batch("fake_logits", fake_logits)
    return ((fake_logits - 1) ** 2).mean() / 2


def hinge_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))].  Source: Miyato et al. (2018), Equation 16."""
    _require_batch("real_logits", real_logits)
    _require_batch("fake_logits", fake_logits)
    return relu(1 - real_logits).mean() + relu(1 + fake_logits).mean()


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E[D(G(z))] − E[D(x)]: minus it is at most W1, if D's slope is nowhere above 1.

    Source: Arjovsky et al. (2017), Equation 2, with the sign turned for a minimiser.
    """
    _require_batch("real_logits", real_logits)
    _require_batch("fake_logits", fake_logits)
    return fake_logits.mean() - real_logits.mean()


def score_loss(fake_logits: Tensor) -> Tensor:
    """−E[D(G(z))], which G minimises against a critic, and with the hinge loss."""
    _require_batch("fake_logits", fake_logits)
    return -fake_logits.mean()


DISCRIMINATOR_LOSSES: dict[int, Callable[[Tensor, Tensor], Tensor]] = {
    engine.LOGISTIC: discriminator_loss,
    engine.RELATIVISTIC: relativistic_discriminator_loss,
    engine.LEAST_SQUARES: least_squares_discriminator_loss,
    engine.HINGE: hinge_discriminator_loss,
    engine.WASSERSTEIN: critic_loss,
}
"""By the engine's numbers."""


class GeneratorLoss(NamedTuple):
    """A loss for G: how much it has of each term.

    The engine knows the terms by the same names, each with its derivative.
    """

    mean: float = 0.0
    squared_mean: float = 0.0
    squared_std: float = 0.0
    saturating: float = 0.0
    nonsaturating: float = 0.0
    relativistic: float = 0.0
    critic: float = 0.0
    least_squares: float = 0.0
    opponent: int = engine.LOGISTIC
    """Which loss D has against it."""

    @property
    def needs_discriminator(self) -> bool:
        """Whether one of its terms is of D's logits."""
        return any(self[3:-1])

    def __call__(
        self,
        fake: Tensor,
        fake_logits: Tensor | None,
        target: HasMoments,
        real_logits: Tensor | None = None,
    ) -> Tensor:
        """The value; raises ``ValueError`` if it needs D's logits and has none."""

        def logits(name: str, judged: Tensor | None = fake_logits) -> Tensor:
            if judged is None:
                raise ValueError(f"discriminator is None: {name} needs one")
            return judged

        terms: dict[str, Callable[[], Tensor]] = {
            "mean": lambda: mean_loss(fake),
            "squared_mean": lambda: squared_mean_loss(fake, target.mean),
            "squared_std": lambda: squared_std_loss(fake, target.std),
            "saturating": lambda: saturating_loss(logits("saturating")),
            "nonsaturating": lambda: nonsaturating_loss(logits("nonsaturating")),
            "relativistic": lambda: relativistic_loss(
                logits("relativistic"), logits("relativistic", real_logits)
            ),
            "critic": lambda: score_loss(logits("critic")),
            "least_squares": lambda: least_squares_loss(logits("least_squares")),
        }
        weights = {name: getattr(self, name) for name in terms}
        return torch.stack([w * terms[name]() for name, w in weights.items() if w]).sum()


GENERATOR_LOSSES: dict[str, GeneratorLoss] = {
    "mean": GeneratorLoss(mean=1.0),
    "squared_mean": GeneratorLoss(squared_mean=1.0),
    "stats": GeneratorLoss(squared_mean=1.0, squared_std=1.0),
    "saturating": GeneratorLoss(saturating=1.0),
    "nonsaturating": GeneratorLoss(nonsaturating=1.0),
    "relativistic": GeneratorLoss(relativistic=1.0, opponent=engine.RELATIVISTIC),
    "least_squares": GeneratorLoss(least_squares=1.0, opponent=engine.LEAST_SQUARES),
    "hinge": GeneratorLoss(critic=1.0, opponent=engine.HINGE),
    "wasserstein": GeneratorLoss(critic=1.0, opponent=engine.WASSERSTEIN),
    "adversarial_plus_stats": GeneratorLoss(squared_mean=1.0, squared_std=1.0, nonsaturating=1.0),
}
