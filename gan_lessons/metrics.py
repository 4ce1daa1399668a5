"""How far samples are from a target, and how far a perfect sampler would be.

A distance measured from n samples is never zero, not even for a perfect sampler.  So every
number here is to be read against its noise floor: the same distance, measured at the same n on
samples of the target itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.spatial.distance import jensenshannon

from gan_lessons import validation
from gan_lessons.distributions import Mixture, Target

Array = NDArray[np.float64]
Metric = Callable[[ArrayLike, Target], float]

REFERENCE_POINTS = 10_000
AT_ONCE = 2**20  # kernels that a density estimate holds in memory


@lru_cache(maxsize=64)
def _reference(target: Target) -> Array:
    """The target as 10 000 equally likely values: the quantiles at the middle of each step."""
    return target.quantile((np.arange(REFERENCE_POINTS) + 0.5) / REFERENCE_POINTS)


def w1_distance(samples: ArrayLike, target: Target) -> float:
    """W1 between the samples, shape (n,) or (n, 1), and the target, in the units of x.

    The target enters as its quantiles at 10 000 midpoints.
    Source: ``scipy.stats.wasserstein_distance``.
    """
    return float(
        stats.wasserstein_distance(validation.vector("samples", samples), _reference(target))
    )


def ks_distance(samples: ArrayLike, target: Target) -> float:
    """The largest gap between the samples' cdf and the target's, between 0 and 1.

    ``samples`` has shape (n,) or (n, 1).  Between two samples the one cdf is flat, so the gap is
    largest at a sample, or just before one: there the target's jumps count too.
    Source: Smirnov (1948); equal to ``scipy.stats.ks_1samp`` for a target with a density.
    """
    values = np.sort(validation.vector("samples", samples))
    share = np.arange(values.size + 1) / values.size
    after = np.r_[True, values[1:] != values[:-1], True]  # where the samples' cdf holds still
    at = target.cdf(values)
    before = target.cdf(np.nextafter(values, -np.inf))
    over = (share[1:] - at)[after[1:]].max()
    under = (before - share[:-1])[after[:-1]].max()
    return float(max(over, under, 0.0))


def js_estimate(samples: ArrayLike, target: Target, bins: int = 30) -> float:
    """JSD in nats between samples and target, both sorted into ``bins`` equally likely bins.

    The bins have probability 1/bins each under the target, and the outer two reach to infinity;
    where one point has more of its mass than that, several bins are one.  Binning can only lower
    the divergence (data processing); counting noise raises it, by about (bins − 1)/(8n) for a
    perfect sampler.  Read it against ``noise_floor``.
    """
    values = validation.vector("samples", samples)
    bins = validation.count("bins", bins, minimum=2)
    edges = np.unique(target.quantile(np.arange(1, bins) / bins))
    shares = np.diff(target.cdf(edges), prepend=0.0, append=1.0)
    counts = np.bincount(np.searchsorted(edges, values), minlength=len(shares))
    return float(jensenshannon(counts, shares) ** 2)


def mean_error(samples: ArrayLike, target: Target) -> float:
    """|sample mean − target mean|, in the units of x; ``samples`` has shape (n,) or (n, 1)."""
    return float(abs(validation.vector("samples", samples).mean() - target.mean))


def std_error(samples: ArrayLike, target: Target) -> float:
    """|sample std − target std| with the n − 1 estimator, in the units of x; needs n >= 2."""
    values = validation.vector("samples", samples, minimum=2)
    return float(abs(values.std(ddof=1) - target.std))


def modes_covered(samples: ArrayLike, target: Target, share: float = 0.2) -> float:
    """How many peaks of a mixture the samples, shape (n,) or (n, 1), cover.

    Each sample counts for the peak under which it is most likely, if it lies within three of that
    peak's standard deviations.  A peak is covered if it gets at least ``share`` of the samples
    that the target would give it, and one or more.  Raises ``ValueError`` for a target that is no
    ``Mixture``, and unless 0 <= share < 1.

    Source: the three-deviation rule of Srivastava et al., "VEEGAN: Reducing Mode Collapse in
    GANs using Implicit Variational Learning" (2017), Section 4.1, with a share asked for.
    """
    values = validation.vector("samples", samples)
    share = validation.between("share", share, 0, 1)
    if not isinstance(target, Mixture):
        raise ValueError(f"target is {target!r}: only a Mixture has modes to count")
    weights = np.array(target.weights)[:, None]
    peaks = target.components
    likely = (weights * [p.pdf(values) for p in peaks]).argmax(axis=0)
    near = np.array([np.abs(values - p.mean) <= 3 * p.std for p in peaks])
    own = near & (likely == np.arange(len(peaks))[:, None])
    asked = np.maximum(share * weights[:, 0] * values.size, 1)
    return float((own.sum(axis=1) >= asked).sum())


@dataclass(frozen=True)
class NoiseFloor:
    """What a perfect sampler scores: the 10 % quantile, the median and the 90 % quantile."""

    low: float
    median: float
    high: float


def noise_floor(
    metric: Metric, target: Target, n: int, repeats: int = 200, seed: int = 0
) -> NoiseFloor:
    """The band in which ``metric`` falls for n samples drawn from the target itself.

    Simulated ``repeats`` times and remembered, so that asking again costs nothing.  Raises
    ``ValueError`` unless ``n`` and ``repeats`` are whole numbers above 0, and ``seed`` one from 0.
    """
    n, repeats = validation.count("n", n), validation.count("repeats", repeats)
    return _noise_floor(metric, target, n, repeats, validation.count("seed", seed, minimum=0))


@lru_cache(maxsize=256)
def _noise_floor(metric: Metric, target: Target, n: int, repeats: int, seed: int) -> NoiseFloor:
    rng = np.random.default_rng(seed)
    scores = [metric(target.sample(n, rng), target) for _ in range(repeats)]
    low, median, high = np.quantile(scores, [0.1, 0.5, 0.9])
    return NoiseFloor(float(low), float(median), float(high))


def sample_density(samples: ArrayLike, x: ArrayLike) -> Array:
    """A kernel density estimate of the samples at the points ``x``; the shape of ``x``.

    A Gaussian kernel with Silverman's bandwidth, 0.9·min(s, IQR/1.34)·n^(−1/5), but never
    narrower than a thousandth of the span of ``x``, so that a collapsed generator is a spike
    and not an error.  The memory it takes grows with the samples or with the points, not with
    both.  Raises ``ValueError`` if a sample or a point is not finite, or ``x`` has no span.

    Source: Silverman, "Density Estimation" (1986), Equation 3.31.
    """
    values = validation.vector("samples", samples)
    given = validation.numbers("x", x)
    points = validation.grid("x", given.ravel())
    spread = min(values.std(), stats.iqr(values) / 1.34) or values.std()
    bandwidth = max(0.9 * spread * values.size**-0.2, np.ptp(points) / 1000)
    parts = min(points.size, -(-points.size * values.size // AT_ONCE))
    heights = [
        np.exp(-(((part[:, None] - values) / bandwidth) ** 2) / 2).mean(axis=1)
        for part in np.array_split(points, parts)
    ]
    return np.concatenate(heights).reshape(given.shape) / (bandwidth * np.sqrt(2 * np.pi))


def histogram(
    samples: ArrayLike, low: float, high: float, bins: int = 100
) -> tuple[Array, Array, float]:
    """Bin the samples over [low, high]: (bin centres, densities, share of samples outside).

    The densities are shares of *all* samples per unit of x, so what lies outside is missing from
    the bars' area, and is returned as the third value.  Raises ``ValueError`` unless low < high.
    """
    values = validation.vector("samples", samples)
    start, end = validation.finite("low", low), validation.finite("high", high)
    if start >= end:
        raise ValueError(f"low is {low!r}: it must be below high, which is {high!r}")
    bins = validation.count("bins", bins)
    counts, edges = np.histogram(values, bins=bins, range=(start, end))
    width = (end - start) / bins
    return (
        (edges[:-1] + edges[1:]) / 2,
        counts / (values.size * width),
        1 - counts.sum() / values.size,
    )
