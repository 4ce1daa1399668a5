"""The targets that a generator must imitate: distributions on the real line.

Every target answers the same questions: ``pdf``, ``logpdf``, ``cdf``, ``quantile``, ``mean``,
``std`` and ``sample``.  ``survival`` and ``upper_quantile`` are ``cdf`` and ``quantile`` counted
from above, where 1 − cdf would lose its digits.  Targets are frozen, so they compare by value and
can be dictionary keys.
"""

import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import logsumexp, ndtr

from gan_lessons import validation

Array = NDArray[np.float64]
Seed = int | np.random.Generator | None


class Target(ABC):
    """A distribution on the real line, with everything the course asks of one.

    A continuous target hands its SciPy counterpart to ``_law``; the others answer ``_at`` and
    ``_inverse``, which know each function by SciPy's name.
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
    def support(self) -> tuple[float, float]:
        """The ends of the smallest interval that holds all of the mass."""
        return (-math.inf, math.inf)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Where the density jumps, in increasing order: quadrature must not step over these."""
        return tuple(end for end in self.support if math.isfinite(end))

    @cached_property
    @abstractmethod
    def _law(self) -> Any:
        """The frozen SciPy distribution."""

    def _at(self, function: str, x: Array) -> Array:
        return np.asarray(getattr(self._law, function)(x))

    def _inverse(self, function: str, u: Array) -> Array:
        return self._at(function, u)

    @abstractmethod
    def _draw(self, n: int, rng: np.random.Generator) -> Array:
        """``n`` independent draws, shape (n,)."""

    def draw(self, n: int, rng: Seed) -> Array:
        """``n`` independent draws, shape (n,); arguments and errors as those of ``sample``."""
        return self._draw(validation.count("n", n), validation.random_source("rng", rng))

    def pdf(self, x: ArrayLike) -> Array:
        """Density at ``x``; the shape of ``x``."""
        return self._at("pdf", validation.numbers("x", x))

    def logpdf(self, x: ArrayLike) -> Array:
        """Natural log of the density at ``x``, −inf outside the support; the shape of ``x``."""
        return self._at("logpdf", validation.numbers("x", x))

    def cdf(self, x: ArrayLike) -> Array:
        """P(X <= x); the shape of ``x``."""
        return self._at("cdf", validation.numbers("x", x))

    def survival(self, x: ArrayLike) -> Array:
        """P(X > x); the shape of ``x``."""
        return self._at("sf", validation.numbers("x", x))

    def quantile(self, u: ArrayLike) -> Array:
        """The inverse of ``cdf``, infinite where the tails end; the shape of ``u``.

        Raises ``ValueError`` unless every entry of ``u`` is a probability.
        """
        return self._inverse("ppf", _probabilities(u))

    def upper_quantile(self, u: ArrayLike) -> Array:
        """The inverse of ``survival``; shape and errors as those of ``quantile``."""
        return self._inverse("isf", _probabilities(u))

    def sample(self, n: int, seed: Seed = None) -> Array:
        """Draw ``n`` independent values, shape (n, 1).

        ``seed`` is a whole number, or a ``numpy.random.Generator``, which is then advanced.
        Raises ``ValueError`` if ``n`` is not a whole number above 0, or ``seed`` is neither.
        """
        n = validation.count("n", n)
        return self.draw(n, validation.random_source("seed", seed)).reshape(n, 1)


def _probabilities(u: ArrayLike) -> Array:
    array = validation.numbers("u", u)
    if not ((array >= 0) & (array <= 1)).all():
        raise ValueError(f"u is {u!r}: every entry must lie between 0 and 1")
    return array


def _keep(target: Target, name: str, value: float) -> None:
    """Store the checked number in a frozen target, unless it is a Python number already."""
    if type(getattr(target, name)) is not int:  # which prints as it was written
        object.__setattr__(target, name, value)


@dataclass(frozen=True)
class Normal(Target):
    """N(mean, std²).  Raises ``ValueError`` unless both are finite and ``std`` is above 0."""

    mean: float = 5.0
    std: float = 1.0

    def __post_init__(self) -> None:
        _keep(self, "mean", validation.finite("mean", self.mean))
        _keep(self, "std", validation.positive("std", self.std))

    @cached_property
    def _law(self) -> Any:
        return stats.norm(float(self.mean), float(self.std))

    def _draw(self, n: int, rng: np.random.Generator) -> Array:
        return rng.normal(self.mean, self.std, n)


@dataclass(frozen=True)
class _Between(Target):
    """What lies between two ends, and evenly around their middle."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _keep(self, "low", validation.finite("low", self.low))
        _keep(self, "high", validation.finite("high", self.high))
        if self.low >= self.high:
            raise ValueError(f"low is {self.low!r}: it must be below high, which is {self.high!r}")

    @property
    def mean(self) -> float:
        """(low + high) / 2."""
        return (self.low + self.high) / 2

    @property
    def support(self) -> tuple[float, float]:
        """Both ends."""
        return (self.low, self.high)


@dataclass(frozen=True)
class Uniform(_Between):
    """The uniform distribution on [low, high].  Raises ``ValueError`` unless low < high."""

    low: float = 0.0
    high: float = 1.0

    @property
    def std(self) -> float:
        """(high − low) / √12."""
        return (self.high - self.low) / 12**0.5

    @cached_property
    def _law(self) -> Any:
        return stats.uniform(float(self.low), float(self.high - self.low))

    def _draw(self, n: int, rng: np.random.Generator) -> Array:
        return rng.uniform(self.low, self.high, n)


@dataclass(frozen=True)
class Exponential(Target):
    """Density rate·exp(−rate·(x − start)) for x >= start.

    Raises ``ValueError`` unless both are finite and ``rate`` is above 0.
    """

    rate: float = 1.0
    start: float = 0.0

    def __post_init__(self) -> None:
        _keep(self, "rate", validation.positive("rate", self.rate))
        _keep(self, "start", validation.finite("start", self.start))

    def __repr__(self) -> str:
        """As one would write it: a start at 0 goes without saying."""
        start = f", start={self.start!r}" if self.start else ""
        return f"Exponential(rate={self.rate!r}{start})"

    @property
    def mean(self) -> float:
        """Start + 1 / rate."""
        return self.start + 1 / self.rate

    @property
    def std(self) -> float:
        """1 / rate."""
        return 1 / self.rate

    @property
    def support(self) -> tuple[float, float]:
        """The half line from ``start``."""
        return (self.start, math.inf)

    @cached_property
    def _law(self) -> Any:
        return stats.expon(float(self.start), 1 / self.rate)

    def _draw(self, n: int, rng: np.random.Generator) -> Array:
        return self.start + rng.exponential(1 / self.rate, n)


@dataclass(frozen=True)
class Mixture(Target):
    """A mixture of normals: component k with probability ``weights[k]``.

    Raises ``ValueError`` unless all components are ``Normal``, and there are as many weights as
    components, all above 0, adding up to 1 (to within 1e-9, which is then divided out).
    """

    components: tuple[Normal, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        # Tuples, whatever came in: a target must be hashable.
        for name in ("components", "weights"):
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, tuple(value))
            except TypeError:
                raise ValueError(f"{name} is {value!r}: it must be a sequence") from None
        if not all(isinstance(component, Normal) for component in self.components):
            raise ValueError(f"components is {self.components!r}: it must hold Normal targets")
        if not self.components or len(self.components) != len(self.weights):
            raise ValueError(
                f"weights is {self.weights!r}: it must hold one weight for each of the "
                f"{len(self.components)} components, and there must be at least one"
            )
        weights = [validation.positive("weights", weight) for weight in self.weights]
        total = math.fsum(weights)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"weights is {self.weights!r}: the weights must add up to 1")
        object.__setattr__(self, "weights", tuple(weight / total for weight in weights))

    @property
    def mean(self) -> float:
        """Σ w·μ."""
        return sum(w * c.mean for w, c in zip(self.weights, self.components, strict=True))

    @property
    def std(self) -> float:
        """√(Σ w·(σ² + μ²) − mean²), by the law of total variance."""
        parts = []  # their squares add up to the variance, and hypot won't overflow
        for w, c in zip(self.weights, self.components, strict=True):
            parts += [math.sqrt(w) * c.std, math.sqrt(w) * (c.mean - self.mean)]
        return math.hypot(*parts)

    @cached_property
    def _law(self) -> Any:
        """All components at once: the last axis runs over them."""
        pairs = [(float(c.mean), float(c.std)) for c in self.components]
        return stats.norm(*np.array(pairs).T)

    def _each(self, function: str, x: Array) -> Array:
        """This function of the law of each component: the last axis runs over them."""
        return np.asarray(getattr(self._law, function)(np.expand_dims(x, -1)))

    def _at(self, function: str, x: Array) -> Array:
        """Σ w·f(x); of densities the log, also where each of them is too small for a float."""
        each = self._each(function, x)
        if function == "logpdf":
            return np.asarray(logsumexp(each, axis=-1, b=np.array(self.weights)))
        total = np.asarray(each @ self.weights)
        return total if function == "pdf" else np.minimum(total, 1)  # which rounding may pass

    def _inverse(self, function: str, u: Array) -> Array:
        """The root of mass(x) = u, which lies between the components' own quantiles."""
        return self._root(u, function, 1 if function == "ppf" else -1)

    def _root(self, u: Array, inverse: str, side: int) -> Array:
        """Where the mass below (``side`` 1) or above (−1) is u: halve, until floats are next."""
        each, means, stds = self._each(inverse, u), self._law.args[0], self._law.args[1]
        low, high = each.min(axis=-1), each.max(axis=-1)
        with np.errstate(invalid="ignore"):  # where both are infinite
            for _ in range(100):
                middle = low + (high - low) / 2
                if not ((low < middle) & (middle < high)).any():
                    break
                mass = ndtr(side * (middle[..., None] - means) / stds) @ self.weights
                excess = side * (mass - u)
                low, high = np.where(excess <= 0, middle, low), np.where(excess < 0, high, middle)
        return low

    @cached_property
    def _parts(self) -> tuple[Array, Array, Array]:
        """The running sum of the weights, the means, the stds."""
        ends = np.cumsum(self.weights)
        return ends / ends[-1], *(np.array(values) for values in self._law.args)

    def _draw(self, n: int, rng: np.random.Generator) -> Array:
        ends, means, stds = self._parts
        which = ends.searchsorted(rng.random(n), side="right")
        return means[which] + stds[which] * rng.standard_normal(n)


@dataclass(frozen=True)
class TwoPoint(_Between):
    """Half of the mass at ``low``, half at ``high``: it has a cdf, but no density.

    Raises ``ValueError`` unless both are finite and low < high; ``pdf`` and ``logpdf`` raise it
    always.
    """

    low: float = 4.0
    high: float = 6.0

    @property
    def std(self) -> float:
        """(high − low) / 2."""
        return (self.high - self.low) / 2

    @cached_property
    def _law(self) -> Any:
        raise ValueError(f"{self} has no density: half of its mass lies at each of two points")

    def _at(self, function: str, x: Array) -> Array:
        if function not in ("cdf", "sf"):
            return super()._at(function, x)
        below = np.heaviside(x - self.low, 1) / 2 + np.heaviside(x - self.high, 1) / 2
        return below if function == "cdf" else 1 - below

    def _inverse(self, function: str, u: Array) -> Array:
        """``low`` up to u = ½, and ``high`` above; from above, ``low`` from ½ on."""
        at_low = u <= 0.5 if function == "ppf" else u >= 0.5
        return np.where(at_low, float(self.low), float(self.high))

    def _draw(self, n: int, rng: np.random.Generator) -> Array:
        return rng.choice([float(self.low), float(self.high)], size=n)


KNOTS = 33
"""How many heights a ``Drawn`` has."""


class _Polygon:
    """The law of ``Drawn``, by SciPy's names of its functions; between knots all is exact.

    In here x is counted in knots, k + s with s from 0 to 1, and masses are so many heights.
    """

    def __init__(self, heights: Array, first: float, step: float) -> None:
        self.heights, self.first, self.step = heights, first, step
        self.last = first + step * (KNOTS - 1)
        self.masses = (heights[:-1] + heights[1:]) / 2
        self.below = np.r_[0.0, self.masses.cumsum()]
        self.total = self.below[-1]
        self.filled = self.masses.nonzero()[0][[0, -1]]  # the first piece with any mass, the last

    @cached_property
    def mirrored(self) -> "_Polygon":
        """That of −X, to count from above."""
        return _Polygon(self.heights[::-1], -self.last, self.step)

    @cached_property
    def moments(self) -> tuple[float, float]:
        """Mean and std."""
        a, b = self.heights[:-1], self.heights[1:]
        start = np.arange(KNOTS - 1) - (KNOTS - 1) / 2  # from the middle: few digits cancel
        inside = (a + 2 * b) / 6
        centre = (start * self.masses + inside).sum() / self.total
        squares = start**2 * self.masses + 2 * start * inside + (a + 3 * b) / 12
        middle = (self.first + self.last) / 2
        std = self.step * math.sqrt(squares.sum() / self.total - centre**2)
        return float(middle + self.step * centre), float(std)

    def _place(self, x: Array) -> tuple[NDArray[np.intp], Array, Array]:
        """The piece in which ``x`` lies, or next to it; how far inside; its height there."""
        place = np.clip((x - self.first) / self.step, 0, KNOTS - 1)
        k = np.minimum(np.nan_to_num(place).astype(np.intp), KNOTS - 2)
        a, b = self.heights[k], self.heights[k + 1]
        return k, place - k, a + (place - k) * (b - a)

    def pdf(self, x: Array) -> Array:
        _, _, height = self._place(x)
        outside = (x < self.first) | (x > self.last)
        return np.where(outside, 0, height / (self.total * self.step))

    def logpdf(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.log(self.pdf(x))

    def cdf(self, x: Array) -> Array:
        k, s, height = self._place(x)
        return (self.below[k] + s * (self.heights[k] + height) / 2) / self.total

    def sf(self, x: Array) -> Array:
        return self.mirrored.cdf(-x)

    def ppf(self, u: Array) -> Array:
        """The root of a·s + (b − a)·s²/2 = mass, written so that no digits are lost."""
        k = np.clip(self.below.searchsorted(u * self.total) - 1, *self.filled)
        a, b, mass = self.heights[k], self.heights[k + 1], u * self.total - self.below[k]
        root = a + np.sqrt(np.maximum(a**2 + 2 * (b - a) * mass, 0))
        s = np.divide(2 * mass, root, out=np.zeros_like(root), where=root > 0)
        return self.first + self.step * (k + np.minimum(s, 1))

    def isf(self, u: Array) -> Array:
        return -self.mirrored.ppf(u)


@dataclass(frozen=True)
class Drawn(Target):
    """A density drawn by hand, as in the live lab: straight lines between 33 heights.

    ``shape`` is a text with one digit of base 36, from 0 to z, for each height.  Their knots lie
    evenly from ``middle`` − 4·``unit`` to ``middle`` + 4·``unit``, outside of which there is
    nothing; only what the heights are to each other counts.  A link of the lab has the three as
    ``target.shape``, ``target.mean`` and ``target.std``, which are not mean and std of what was
    drawn.

    Raises ``ValueError`` for another shape, or one that is all 0, and unless both numbers are
    finite and ``unit`` is above 0.
    """

    shape: str = "02457acdfffdca754335bkvzuka410000"
    middle: float = 2.0
    unit: float = 1.0

    def __post_init__(self) -> None:
        if not (isinstance(self.shape, str) and re.fullmatch(f"[0-9a-z]{{{KNOTS}}}", self.shape)):
            raise ValueError(
                f"shape is {self.shape!r}: it must hold {KNOTS} heights, each one of 0 to 9 and "
                "a to z"
            )
        if not self.shape.strip("0"):
            raise ValueError(f"shape is {self.shape!r}: one height or more must be above 0")
        _keep(self, "middle", validation.finite("middle", self.middle))
        _keep(self, "unit", validation.positive("unit", self.unit))

    @property
    def mean(self) -> float:
        """∫ x·pdf(x), exactly."""
        return self._law.moments[0]

    @property
    def std(self) -> float:
        """The root of ∫ (x − mean)²·pdf(x), exactly."""
        return self._law.moments[1]

    @property
    def support(self) -> tuple[float, float]:
        """The first knot next to which there is any mass, and the last one."""
        first, last = self._law.filled
        return self._knots[first], self._knots[last + 1]

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """The knots within the support: the density bends there, and may jump at the first and
        the last of all."""
        first, last = self._law.filled
        return self._knots[first : last + 2]

    @cached_property
    def _knots(self) -> tuple[float, ...]:
        return tuple((self._law.first + self._law.step * np.arange(KNOTS)).tolist())

    @cached_property
    def _law(self) -> _Polygon:
        heights = np.array([int(digit, 36) for digit in self.shape], dtype=float)
        return _Polygon(heights, self.middle - 4.0 * self.unit, 8 * self.unit / (KNOTS - 1))

    def _draw(self, n: int, rng: np.random.Generator) -> Array:
        return self._law.ppf(rng.random(n))


def bimodal(mean: float = 5.0, std: float = 1.0, within: float = 0.3) -> Mixture:
    """Two equal normal modes, placed so that the mixture has exactly this mean and std.

    Each mode has standard deviation ``within``; they lie at mean ± √(std² − within²).
    Raises ``ValueError`` unless 0 < within < std.
    """
    mean, std = validation.finite("mean", mean), validation.positive("std", std)
    width = validation.positive("within", within)
    if width >= std:
        raise ValueError(f"within is {within!r}: it must be below std, which is {std!r}")
    offset = std * (1 - (width / std) ** 2) ** 0.5
    return Mixture((Normal(mean - offset, width), Normal(mean + offset, width)), (0.5, 0.5))


def true_distribution(n: int, seed: Seed = None, mean: float = 5.0, std: float = 1.0) -> Array:
    """Draw ``n`` samples of N(mean, std²), shape (n, 1): the course's usual data.

    Raises ``ValueError`` if ``n`` is not a whole number above 0, or ``std`` is not above 0.
    """
    return Normal(mean, std).sample(n, seed)
