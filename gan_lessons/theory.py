"""What is true of two known distributions: D*, the GAN value and the distances between them.

Everything here is computed from densities, cdfs and quantile functions by quadrature, never from
samples, so it serves as the oracle for whatever is measured elsewhere.  Logs are natural.
"""

import math
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, xlogy

from gan_lessons import validation
from gan_lessons.distributions import Mixture, Target

Array = NDArray[np.float64]

LOG_2 = float(np.log(2))
LOG_4 = float(np.log(4))

TAIL = 1e-18  # the mass left out at each end of an integral over the line
ROUNDING = 1e-9  # the mass about which a D may be certain and wrong by rounding alone
TOLERANCE = 1e-12  # the share of an integral that halving a piece may change, for it to be done
EPS = float(np.finfo(float).eps)
MOST = 2000  # pieces that are halved, where rounding would never settle
NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)


def _integrate(
    f: Callable[[Array], Array], edges: Iterable[float], pieces: int = 40, noise: float = 0.0
) -> float:
    """∫ f from the first edge to the last, by Gauss–Legendre on ``pieces`` between each two.

    A piece is halved until that changes next to nothing, or no more than ``noise``: so ``f`` may
    jump and bend anywhere, but where it is narrow, an edge must say so.
    """

    def rule(a: Array, b: Array) -> Array:
        half = (b - a)[:, None] / 2
        x = a[:, None] + half * (1 + NODES)
        return (f(x.ravel()).reshape(x.shape) * half * WEIGHTS).sum(axis=1)

    cuts = sorted(set(edges))
    points = [np.linspace(a, b, pieces + 1)[:-1] for a, b in pairwise(cuts)]
    a = np.concatenate(points)
    b = np.append(a[1:], cuts[-1])
    whole, done, halved = rule(a, b), 0.0, 0
    while len(a) and halved < MOST:
        halved += len(a)
        middle = a + (b - a) / 2
        left, right = rule(a, middle), rule(middle, b)
        halves = left + right
        with np.errstate(invalid="ignore"):  # what is infinite is done
            enough = TOLERANCE * (abs(done) + np.abs(halves).sum()) + noise
            rough = np.abs(halves - whole) > enough
        rough &= (a < middle) & (middle < b)
        done += float(halves[~rough].sum())
        a, b = np.r_[a[rough], middle[rough]], np.r_[middle[rough], b[rough]]
        whole = np.r_[left[rough], right[rough]]
    return done + float(whole.sum())


def _cuts(target: Target) -> set[float]:
    """Where the density of ``target`` jumps, and where each of its peaks starts and ends."""
    peaks = target.components if isinstance(target, Mixture) else (target,)
    ends = [end for peak in peaks for end in (peak.quantile(TAIL), peak.upper_quantile(TAIL))]
    return {*target.breakpoints, *map(float, ends)}


def _line(p: Target, q: Target) -> set[float]:
    """Where an integral over the line starts, is cut and ends for this pair of distributions."""
    return _cuts(p) | _cuts(q)


def _log_ratio(p: Target, q: Target, x: Array) -> Array:
    """log(p/q) at ``x``; NaN where both densities are exactly zero."""
    with np.errstate(invalid="ignore"):  # −inf − (−inf) is that NaN
        return p.logpdf(x) - q.logpdf(x)


def optimal_discriminator(p: Target, q: Target, x: ArrayLike) -> Array:
    """D*(x) = p(x) / (p(x) + q(x)), the best discriminator of real p against fake q.

    Computed as σ(log p − log q), so that it is right far out, where both densities are too small
    for a float.  NaN where both densities are exactly zero: no sample ever falls there, and every
    value is as good.  Has the shape of ``x``.

    Source: Goodfellow et al., "Generative adversarial nets" (2014), Proposition 1.
    """
    return expit(_log_ratio(p, q, validation.numbers("x", x)))


def game_value(
    p: Target, q: Target, discriminator: Callable[[Array], Array], logits: bool = False
) -> float:
    """V(D, G) = E_p[log D(x)] + E_q[log(1 − D(x))] for a generator that samples from q.

    ``discriminator`` maps an array of x, shape (n,), to as many probabilities of "real", or to
    their logits with ``logits=True``, which is exact also where a probability would round to 0
    or 1.
    Returns −inf if D is certain and wrong; about less than 1e-9 of the mass that is taken for
    rounding, and left out.  Raises ``ValueError`` for another shape, if probabilities leave [0, 1]
    (NaN is allowed where both densities are zero), or logits are NaN.

    Source: Goodfellow et al. (2014), Equation 1.
    """

    def judged(x: Array) -> Array:
        answer = validation.numbers("discriminator's answer", discriminator(x))
        if answer.shape not in (x.shape, ()):
            raise ValueError(
                f"discriminator returns shape {answer.shape}: it must be that of x, {x.shape}"
            )
        return np.broadcast_to(answer, x.shape)

    def by_logit(x: Array) -> Array:
        a = judged(x)
        if np.isnan(a).any():
            raise ValueError("discriminator returns NaN: it must return logits")
        real, fake = p.pdf(x), q.pdf(x)
        with np.errstate(invalid="ignore"):  # an infinite logit costs nothing where no mass is
            each = np.where(real > 0, real * np.logaddexp(0, -a), 0.0)
            return -each - np.where(fake > 0, fake * np.logaddexp(0, a), 0.0)

    def checked(x: Array) -> tuple[Array, Array, Array]:
        real, fake, d = p.pdf(x), q.pdf(x), judged(x)
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
    if _integrate(lost, line, noise=ROUNDING / 100) > ROUNDING:
        return -np.inf
    return _integrate(by_probability, line)


def kl_divergence(p: Target, q: Target) -> float:
    """KL(p‖q) = ∫ p log(p/q), in nats; inf where p has mass and q has none.

    Source: Kullback and Leibler, "On information and sufficiency" (1951).
    """

    def integrand(x: Array) -> Array:
        real, fake, t = p.pdf(x), q.pdf(x), _log_ratio(p, q, x)
        with np.errstate(over="ignore", invalid="ignore"):  # only one of the two is taken
            # p·log(p/q) − p + q is nowhere negative: close together, nothing cancels
            each = np.where(np.abs(t) < 1, real * (t + np.expm1(-t)), real * t - real + fake)
        return np.where(real > 0, each, fake)

    (start, end), (first, last) = p.support, q.support
    line = {min(max(x, start), end) for x in _line(p, q)}
    inside = _integrate(integrand, line)
    outside = float(q.cdf(start) + q.survival(end))
    return inside + outside if first <= start and end <= last else math.inf


def js_divergence(p: Target, q: Target) -> float:
    """JSD(p‖q) = ½ KL(p‖m) + ½ KL(q‖m) with m = (p+q)/2, in nats: from 0 to log 2.

    Source: Lin, "Divergence measures based on the Shannon entropy" (1991).
    """

    def integrand(x: Array) -> Array:
        m = (p.pdf(x) + q.pdf(x)) / 2
        # With p/m = 1 + e and q/m = 1 − e, e is tanh(t/2): close together, nothing cancels.
        t = np.minimum(np.abs(np.where(m > 0, _log_ratio(p, q, x), 0.0)), 800)
        e = np.tanh(t / 2)
        with np.errstate(divide="ignore"):  # only one of the two is taken
            near = t * e + np.log1p(-(e**2))
        far = 2 * (LOG_2 - t * expit(-t) - np.log1p(np.exp(-t)))
        return m * np.where(t < 1, near, far) / 2

    return min(_integrate(integrand, _line(p, q)), LOG_2)  # which rounding may pass


def value_at_optimum(p: Target, q: Target) -> float:
    """V(D*, G) = −log 4 + 2·JSD(p‖q): what is left of the game when D plays perfectly.

    Source: Goodfellow et al. (2014), Theorem 1.
    """
    return -LOG_4 + 2 * js_divergence(p, q)


def wasserstein_1(p: Target, q: Target) -> float:
    """W1(p, q) = ∫ |F_p − F_q| dx: how far mass must be carried, in the units of x.

    Source: Villani, "Topics in Optimal Transportation" (2003), Theorem 2.18.
    """

    def gap(x: Array) -> Array:
        below, above = (p.cdf(x), q.cdf(x)), (p.survival(x), q.survival(x))
        fewer = np.where(np.add(*below) < np.add(*above), below, above)  # it has more digits
        return np.abs(fewer[0] - fewer[1])

    return _integrate(gap, _line(p, q))


def wasserstein_2(p: Target, q: Target) -> float:
    """W2(p, q) = (∫₀¹ (F_p⁻¹(u) − F_q⁻¹(u))² du)^½, in the units of x.

    For normals W2² = (μ_p − μ_q)² + (σ_p − σ_q)².

    Source: Villani (2003), Theorem 2.18; Givens and Shortt (1984) for normals.
    """
    unit = p.std + q.std + abs(p.mean - q.mean)  # the square of a small gap may be no float
    total = 0.0
    # Each half is counted from its own end, where its probabilities have the most digits.
    for count, quantile in (("cdf", "quantile"), ("survival", "upper_quantile")):
        places = [float(getattr(t, count)(x)) for t in (p, q) for x in _cuts(t)]
        cuts = np.unique([0, 0.5, *(u for u in places if u < 0.5)])

        def square(s: Array, quantile: str = quantile, cuts: Array = cuts) -> Array:
            # A quantile function may be infinitely steep at a cut: u = σ(t) stretches both ends.
            part = np.minimum(s.astype(int), len(cuts) - 2)
            share, width = expit(80 * (s - part) - 40), np.diff(cuts)[part]
            u = cuts[part] + width * share
            gap = (getattr(p, quantile)(u) - getattr(q, quantile)(u)) / unit
            return gap**2 * 80 * width * share * (1 - share)

        total += _integrate(square, range(len(cuts)), pieces=8, noise=EPS)
    return unit * total**0.5
