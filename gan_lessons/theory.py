"""What is true of two known distributions: D*, the GAN value and the distances between them.

Everything here is computed from densities, cdfs and quantile functions by quadrature, never from
samples, so it serves as the oracle for whatever is measured elsewhere.  Logs are natural.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, xlogy

from gan_lessons.distributions import Mixture, Target

Array = NDArray[np.float64]

LOG_2 = float(np.log(2))
LOG_4 = float(np.log(4))

TAIL = 1e-13  # the mass left out at each end of an integral over the line
ROUNDING = 1e-9  # the mass about which a D may be certain and wrong by rounding alone
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)


def _integrate(f: Callable[[Array], Array], edges: list[float], pieces: int = 40) -> float:
    """∫ f from the first edge to the last, by Gauss–Legendre on ``pieces`` between each two."""
    cuts = np.concatenate([np.linspace(a, b, pieces + 1)[:-1] for a, b in pairwise(edges)])
    cuts = np.append(cuts, edges[-1])
    half = np.diff(cuts)[:, None] / 2
    x = (cuts[:-1, None] + half) + half * NODES
    return float((f(x) * half * WEIGHTS).sum())


def _cuts(target: Target) -> set[float]:
    """Where the density of ``target`` jumps, and where each of its peaks starts and ends."""
    peaks = target.components if isinstance(target, Mixture) else (target,)
    return {
        *target.breakpoints,
        *(float(peak.quantile(u)) for peak in peaks for u in (TAIL, 1 - TAIL)),
    }


def _line(p: Target, q: Target) -> list[float]:
    """Where an integral over the line starts, is cut and ends for this pair of distributions."""
    return sorted(_cuts(p) | _cuts(q))


def optimal_discriminator(p: Target, q: Target, x: ArrayLike) -> Array:
    """D*(x) = p(x) / (p(x) + q(x)), the best discriminator of real p against fake q.

    Computed as σ(log p − log q), so that it is right far out, where both densities are too small
    for a float.  NaN where both densities are exactly zero: no sample ever falls there, and every
    value is as good.  Has the shape of ``x``.

    Source: Goodfellow et al., "Generative adversarial nets" (2014), Proposition 1.
    """
    with np.errstate(invalid="ignore"):  # −inf − (−inf) is the NaN that we promise
        return expit(p.logpdf(x) - q.logpdf(x))


def game_value(
    p: Target, q: Target, discriminator: Callable[[Array], Array], logits: bool = False
) -> float:
    """V(D, G) = E_p[log D(x)] + E_q[log(1 − D(x))] for a generator that samples from q.

    ``discriminator`` maps an array of x to probabilities of "real" of the same shape, or to their
    logits with ``logits=True``, which is exact also where a probability would round to 0 or 1.
    Returns −inf if D is certain and wrong; about less than 1e-9 of the mass that is taken for
    rounding, and left out.  Raises ``ValueError`` if probabilities leave [0, 1] (NaN is allowed
    where both densities are zero), or logits are NaN.

    Source: Goodfellow et al. (2014), Equation 1.
    """

    def by_logit(x: Array) -> Array:
        a = np.asarray(discriminator(x), dtype=float)
        if np.isnan(a).any():
            raise ValueError("discriminator returns NaN: it must return logits")
        real, fake = p.pdf(x), q.pdf(x)
        with np.errstate(invalid="ignore"):  # an infinite logit costs nothing where no mass is
            each = np.where(real > 0, real * np.logaddexp(0, -a), 0.0)
            return -each - np.where(fake > 0, fake * np.logaddexp(0, a), 0.0)

    def checked(x: Array) -> tuple[Array, Array, Array]:
        real, fake, d = p.pdf(x), q.pdf(x), np.asarray(discriminator(x), dtype=float)
        empty = (real == 0) & (fake == 0)
        if not ((empty & np.isnan(d)) | ((d >= 0) & (d <= 1))).all():
            raise ValueError("discriminator leaves [0, 1]: it must return probabilities")
        return real, fake, np.where(empty, 0.5, d)

    def lost(x: Array) -> Array:
        real, fake, d = checked(x)
        return real * (d == 0) + fake * (d == 1)

    def by_probability(x: Array) -> Array:
        real, fake, d = checked(x)
        return xlogy(real * (d > 0), d) + xlogy(fake * (d < 1), 1 - d)

    line = _line(p, q)
    if logits:
        return _integrate(by_logit, line)
    return -np.inf if _integrate(lost, line) > ROUNDING else _integrate(by_probability, line)


def kl_divergence(p: Target, q: Target) -> float:
    """KL(p‖q) = ∫ p log(p/q), in nats; inf where p has mass and q has none.

    Source: Kullback and Leibler, "On information and sufficiency" (1951).
    """

    def integrand(x: Array) -> Array:
        density = p.pdf(x)
        inside = density > 0  # 0·log 0 counts as 0
        ratio = np.subtract(p.logpdf(x), q.logpdf(x), out=np.zeros_like(density), where=inside)
        return density * ratio

    own = _cuts(p)
    return _integrate(integrand, [x for x in _line(p, q) if min(own) <= x <= max(own)])


def js_divergence(p: Target, q: Target) -> float:
    """JSD(p‖q) = ½ KL(p‖m) + ½ KL(q‖m) with m = (p+q)/2, in nats: from 0 to log 2.

    Source: Lin, "Divergence measures based on the Shannon entropy" (1991).
    """

    def integrand(x: Array) -> Array:
        a, b = p.pdf(x), q.pdf(x)
        m = (a + b) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            each = xlogy(a, a / m) + xlogy(b, b / m)
        return np.where(m > 0, each, 0.0) / 2

    return _integrate(integrand, _line(p, q))


def value_at_optimum(p: Target, q: Target) -> float:
    """V(D*, G) = −log 4 + 2·JSD(p‖q): what is left of the game when D plays perfectly.

    Source: Goodfellow et al. (2014), Theorem 1.
    """
    return -LOG_4 + 2 * js_divergence(p, q)


def _quantile_gap(p: Target, q: Target, power: int) -> float:
    """∫₀¹ |F_p⁻¹(u) − F_q⁻¹(u)|^power du, with u = σ(t) so that both tails are resolved."""

    def integrand(t: Array) -> Array:
        u = expit(t)
        return np.abs(p.quantile(u) - q.quantile(u)) ** power * u * (1 - u)

    return _integrate(integrand, [-30.0, 0.0, 30.0])


def wasserstein_1(p: Target, q: Target) -> float:
    """W1(p, q) = ∫ |F_p − F_q| dx: how far mass must be carried, in the units of x.

    Source: Villani, "Topics in Optimal Transportation" (2003), Theorem 2.18.
    """
    return _integrate(lambda x: np.abs(p.cdf(x) - q.cdf(x)), _line(p, q))


def wasserstein_2(p: Target, q: Target) -> float:
    """W2(p, q) = (∫₀¹ (F_p⁻¹(u) − F_q⁻¹(u))² du)^½, in the units of x.

    For normals W2² = (μ_p − μ_q)² + (σ_p − σ_q)².

    Source: Villani (2003), Theorem 2.18; Givens and Shortt (1984) for normals.
    """
    return _quantile_gap(p, q, 2) ** 0.5
