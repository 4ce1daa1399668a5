"""The targets that a generator must imitate: distributions on the real line.

Every target answers the same questions: ``pdf``, ``logpdf``, ``cdf``, ``quantile``, ``mean``,
``std`` and ``sample``.  Targets are frozen, so they compare by value and can be dictionary keys.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.optimize import elementwise
from scipy.special import logsumexp

from gan_lessons import validation

Array = NDArray[np.float64]
Seed = int | np.random.Generator | None


class Target(ABC):
    """A distribution on the real line, with everything the course asks of one.

    A continuous target hands its SciPy counterpart to ``_law``; the others override the methods.
    """

    @property
    @abstractmethod
    def mean(self) -> float:
        """Expectation."""

    @property
    @abstractmethod
    def std(self) -> float:
        """Population standard deviation."""

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Where the density jumps, in increasing order: quadrature must not step over these."""
        return ()

    @abstractmethod
    def _law(self) -> Any:
        """The frozen SciPy distribution."""

    @abstractmethod
    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """``n`` independent draws, shape (n,); ``sample`` for a loop that has checked already."""

    def pdf(self, x: ArrayLike) -> Array:
        """Density at ``x``; the shape of ``x``."""
        return np.asarray(self._law().pdf(validation.numbers("x", x)))

    def logpdf(self, x: ArrayLike) -> Array:
        """Natural log of the density at ``x``, −inf outside the support; the shape of ``x``."""
        return np.asarray(self._law().logpdf(validation.numbers("x", x)))

    def cdf(self, x: ArrayLike) -> Array:
        """P(X <= x); the shape of ``x``."""
        return np.asarray(self._law().cdf(validation.numbers("x", x)))

    def quantile(self, u: ArrayLike) -> Array:
        """The inverse of ``cdf`` for ``u`` in (0, 1); the shape of ``u``."""
        return np.asarray(self._law().ppf(validation.numbers("u", u)))

    def sample(self, n: int, seed: Seed = None) -> Array:
        """Draw ``n`` independent values, shape (n, 1).

        ``seed`` is a whole number, or a ``numpy.random.Generator``, which is then advanced.
        Raises ``ValueError`` if ``n`` is not a whole number above 0, or ``seed`` is neither.
        """
        n = validation.count("n", n)
        return self.draw(n, validation.random_source("seed", seed)).reshape(n, 1)


@dataclass(frozen=True)
class Normal(Target):
    """N(mean, std²).  Raises ``ValueError`` unless both are finite and ``std`` is above 0."""

    mean: float = 5.0
    std: float = 1.0

    def __post_init__(self) -> None:
        validation.finite("mean", self.mean)
        validation.positive("std", self.std)

    def _law(self) -> Any:
        return stats.norm(self.mean, self.std)

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """As ``Target.draw``."""
        return rng.normal(self.mean, self.std, n)


@dataclass(frozen=True)
class Uniform(Target):
    """The uniform distribution on [low, high].  Raises ``ValueError`` unless low < high."""

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        validation.finite("low", self.low)
        validation.finite("high", self.high)
        if self.low >= self.high:
            raise ValueError(f"low is {self.low!r}: it must be below high, which is {self.high!r}")

    @property
    def mean(self) -> float:
        """(low + high) / 2."""
        return (self.low + self.high) / 2

    @property
    def std(self) -> float:
        """(high − low) / √12."""
        return (self.high - self.low) / 12**0.5

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Both ends."""
        return (self.low, self.high)

    def _law(self) -> Any:
        return stats.uniform(self.low, self.high - self.low)

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """As ``Target.draw``."""
        return rng.uniform(self.low, self.high, n)


@dataclass(frozen=True)
class Exponential(Target):
    """Density rate·exp(−rate·x) for x >= 0.  Raises ``ValueError`` unless ``rate`` is above 0."""

    rate: float = 1.0

    def __post_init__(self) -> None:
        validation.positive("rate", self.rate)

    @property
    def mean(self) -> float:
        """1 / rate."""
        return 1 / self.rate

    @property
    def std(self) -> float:
        """1 / rate."""
        return 1 / self.rate

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """The start of the support."""
        return (0.0,)

    def _law(self) -> Any:
        return stats.expon(scale=1 / self.rate)

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """As ``Target.draw``."""
        return rng.exponential(1 / self.rate, n)


@dataclass(frozen=True)
class Mixture(Target):
    """A mixture of normals: component k with probability ``weights[k]``.

    Raises ``ValueError`` unless all components are ``Normal``, and there are as many weights as
    components, all above 0, adding up to 1 (to within 1e-9).
    """

    components: tuple[Normal, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        # Tuples, whatever came in: a target must be hashable.
        object.__setattr__(self, "components", tuple(self.components))
        object.__setattr__(self, "weights", tuple(self.weights))
        if not all(isinstance(component, Normal) for component in self.components):
            raise ValueError(f"components is {self.components!r}: it must hold Normal targets")
        if not self.components or len(self.components) != len(self.weights):
            raise ValueError(
                f"weights is {self.weights!r}: it must hold one weight for each of the "
                f"{len(self.components)} components, and there must be at least one"
            )
        for weight in self.weights:
            validation.positive("weights", weight)
        if abs(sum(self.weights) - 1) > 1e-9:
            raise ValueError(f"weights is {self.weights!r}: the weights must add up to 1")

    @property
    def mean(self) -> float:
        """Σ w·μ."""
        return sum(w * c.mean for w, c in zip(self.weights, self.components, strict=True))

    @property
    def std(self) -> float:
        """√(Σ w·(σ² + μ²) − mean²), by the law of total variance."""
        pairs = zip(self.weights, self.components, strict=True)
        return sum(w * (c.std**2 + (c.mean - self.mean) ** 2) for w, c in pairs) ** 0.5

    def _law(self) -> Any:
        """All components at once: the last axis runs over them."""
        return stats.norm([c.mean for c in self.components], [c.std for c in self.components])

    def pdf(self, x: ArrayLike) -> Array:
        """Σ w·p(x); the shape of ``x``."""
        each = self._law().pdf(np.expand_dims(validation.numbers("x", x), -1))
        return np.asarray(each @ np.array(self.weights))

    def logpdf(self, x: ArrayLike) -> Array:
        """log Σ w·p(x), also where every p(x) is too small for a float; the shape of ``x``."""
        each = self._law().logpdf(np.expand_dims(validation.numbers("x", x), -1))
        return np.asarray(logsumexp(each, axis=-1, b=np.array(self.weights)))

    def cdf(self, x: ArrayLike) -> Array:
        """Σ w·P(component <= x); the shape of ``x``."""
        each = self._law().cdf(np.expand_dims(validation.numbers("x", x), -1))
        return np.asarray(each @ np.array(self.weights))

    def quantile(self, u: ArrayLike) -> Array:
        """The root of cdf(x) = u, which lies between the components' own quantiles."""
        u = validation.numbers("u", u)
        each = self._law().ppf(np.expand_dims(u, -1))
        low, high = np.array(each.min(axis=-1)), np.array(each.max(axis=-1))
        between = low < high  # where they agree, that is the answer: at 0 and 1 an infinite one
        low[between] = elementwise.find_root(
            lambda x, u: self.cdf(x) - u, (low[between], high[between]), args=(u[between],)
        ).x
        return low

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """As ``Target.draw``."""
        which = rng.choice(len(self.weights), size=n, p=self.weights)
        means = np.array([c.mean for c in self.components])[which]
        stds = np.array([c.std for c in self.components])[which]
        return rng.normal(means, stds)


@dataclass(frozen=True)
class TwoPoint(Target):
    """Half of the mass at ``low``, half at ``high``: it has a cdf, but no density.

    Raises ``ValueError`` unless both are finite and low < high; ``pdf`` and ``logpdf`` raise it
    always.
    """

    low: float = 4.0
    high: float = 6.0

    def __post_init__(self) -> None:
        Uniform(self.low, self.high)  # the same conditions

    @property
    def mean(self) -> float:
        """(low + high) / 2."""
        return (self.low + self.high) / 2

    @property
    def std(self) -> float:
        """(high − low) / 2."""
        return (self.high - self.low) / 2

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """The two points: the cdf jumps there."""
        return (self.low, self.high)

    def _law(self) -> Any:
        raise ValueError(f"{self} has no density: half of its mass lies at each of two points")

    def cdf(self, x: ArrayLike) -> Array:
        """0, ½ or 1; the shape of ``x``."""
        x = validation.numbers("x", x)
        return ((x >= self.low) + 0.0 + (x >= self.high)) / 2

    def quantile(self, u: ArrayLike) -> Array:
        """``low`` up to u = ½, ``high`` above; the shape of ``u``."""
        return np.where(validation.numbers("u", u) <= 0.5, float(self.low), float(self.high))

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """As ``Target.draw``."""
        return rng.choice([float(self.low), float(self.high)], size=n)


def bimodal(mean: float = 5.0, std: float = 1.0, within: float = 0.3) -> Mixture:
    """Two equal normal modes, placed so that the mixture has exactly this mean and std.

    Each mode has standard deviation ``within``; they lie at mean ± √(std² − within²).
    Raises ``ValueError`` unless 0 < within < std.
    """
    validation.finite("mean", mean)
    if not validation.positive("within", within) < validation.positive("std", std):
        raise ValueError(f"within is {within!r}: it must be below std, which is {std!r}")
    offset = (std**2 - within**2) ** 0.5
    return Mixture((Normal(mean - offset, within), Normal(mean + offset, within)), (0.5, 0.5))


def true_distribution(n: int, seed: Seed = None, mean: float = 5.0, std: float = 1.0) -> Array:
    """Draw ``n`` samples of N(mean, std²), shape (n, 1): the course's usual data.

    Raises ``ValueError`` if ``n`` is not a whole number above 0, or ``std`` is not above 0.
    """
    return Normal(mean, std).sample(n, seed)
