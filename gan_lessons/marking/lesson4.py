"""The exercises of lesson 4: the stats loss, its impostors, and what moments do not see."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from gan_lessons.marking.task import MINIMISER, TOLERANCE, Comparison, Task, Verdict
from gan_lessons.trials import Array, Case, Plain, row


def finite(result: Plain) -> Array:
    """The numbers of a result in one row; none if one of them is not finite."""
    found = row(result)
    return found if np.isfinite(found).all() else np.empty(0)


best_sigma = Task(
    objective="To write a loss that matches",
    ask=lambda rng, student: [
        {"n": int(n)} for n in rng.choice(np.arange(4, 33), 3, replace=False)
    ],
    judge=Comparison(
        right=lambda n: 1 / (1 + 3 / (2 * n)),
        wrong={
            "This is the std of the data, where the loss would be lowest without the batch's "
            "noise. What do the scatters of m and s add?": lambda n: 1.0,
            "You have counted the noise of the batch's mean. Its std is noisy, too.": lambda n: (
                1 / (1 + 1 / n)
            ),
            "You have counted the noise of the batch's std. Its mean is noisy, too.": lambda n: (
                1 / (1 + 1 / (2 * n))
            ),
            "Nearly: (σ − 1)² has a slope of its own. Did you lose a factor 2 there?": lambda n: (
                1 / (1 + 3 / n)
            ),
        },
        hint="Not yet. Add three terms: the variance of m, the variance of s, and (σ − 1)². "
        "Where is the slope of the sum zero?",
        tolerance=MINIMISER,
    ),
)

MOMENTS = 5
FOUR_DIGITS = 5e-4
"""So that √3 may be 1.732, and ⅙ may be 0.1667."""


def _judge_three_points(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    normal = [1, 0, 1, 0, 3, 0]  # the moments of N(0, 1), from the zeroth on
    for case, result in zip(cases, results, strict=True):
        pair = result if isinstance(result, list) and len(result) == 2 else [None, None]
        points, shares = map(finite, pair)
        if not points.size == shares.size == 3:
            return Verdict(0, "Return two lists of three: the points, then their probabilities.")
        if shares.min() < 0 or abs(shares.sum() - 1) > FOUR_DIGITS:
            return Verdict(0, "The probabilities must not be negative, and must add up to 1.")
        z = (points - case["mu"]) / case["sigma"]
        for power in range(1, MOMENTS + 1):
            if abs(shares @ z**power - normal[power]) > 4 * FOUR_DIGITS:
                return Verdict(0, _moment_words(power))
    return Verdict(1, "Right: five moments agree, and nobody would call it a normal distribution.")


def _moment_words(power: int) -> str:
    known = {1: "The mean is not mu yet.", 2: "The mean is right, the std is not sigma yet."}
    return known.get(
        power,
        f"Mean and std are right; of the moments the first that differs is number {power}. "
        "The distances from mu scale with sigma, and the probabilities do not.",
    )


three_points = Task(
    objective="To build an impostor",
    ask=lambda rng, student: [
        {"mu": rng.uniform(-5, 5), "sigma": rng.uniform(0.5, 3)} for _ in range(2)
    ],
    judge=_judge_three_points,
)


def _kernel(a: Array, b: Array, width: float) -> Array:
    return np.exp(-((np.subtract.outer(a, b) / width) ** 2) / 2)


def _mmd(fake: Array, real: Array, width: float) -> float:
    inside = _kernel(fake, fake, width).mean() + _kernel(real, real, width).mean()
    return float(inside - 2 * _kernel(fake, real, width).mean())


def _mmd_without_pairs_of_one(fake: Array, real: Array, width: float) -> float:
    def inside(x: Array) -> float:
        return float((_kernel(x, x, width).sum() - len(x)) / (len(x) * (len(x) - 1)))

    return inside(fake) + inside(real) - 2 * float(_kernel(fake, real, width).mean())


def _mmd_with_one_cross_term(fake: Array, real: Array, width: float) -> float:
    return _mmd(fake, real, width) + float(_kernel(fake, real, width).mean())


mmd_of_width = Task(
    objective="How one gets from matching moments",
    ask=lambda rng, student: [
        {
            "fake": rng.normal(4, 1, 6).tolist(),
            "real": rng.normal(5, 1, 8).tolist(),
            "width": rng.uniform(0.3, 0.7),
        }
    ],
    judge=Comparison(
        right=_mmd,
        wrong={
            "Your score is the same for every width: does the width reach all three calls of "
            "k?": lambda fake, real, width: _mmd(fake, real, 0.5),
            "In the exponent the squared gap is divided by twice the squared "
            "width.": lambda fake, real, width: _mmd(fake, real, width / np.sqrt(2)),
            "In the exponent stands the square of the width.": lambda fake, real, width: _mmd(
                fake, real, np.sqrt(width)
            ),
            "Compare the weights of the three averages: "
            "for equal sets the score must be 0.": _mmd_with_one_cross_term,
            "The sign is turned: sets that are alike must score lower than sets that are "
            "not.": lambda fake, real, width: -_mmd(fake, real, width),
            "You leave out the pairs of a value with itself. That is a good score, too, but the "
            "lesson's keeps them: use the same, so that the floor "
            "fits.": _mmd_without_pairs_of_one,
        },
        hint="Not yet. Take the lesson's mmd, and hand the width on to k in all three averages.",
    ),
)


def _variance_push(x: Array) -> Array:
    n, gap = len(x), x - x.mean()
    return -2 * (x.mean() - 5) - 4 * (x.var(ddof=1) - 1) * n / (n - 1) * gap


def _stats_push(x: Array) -> Array:
    n, s, gap = len(x), x.std(ddof=1), x - x.mean()
    return -2 * (x.mean() - 5) - 2 * (s - 1) * n / (n - 1) * gap / s


variance_push = Task(
    objective="To write a loss that matches",
    ask=lambda rng, student: [{"x": rng.normal(4, 2, size).tolist()} for size in (4, 7)],
    judge=Comparison(
        right=_variance_push,
        wrong={
            "This is the push of the lesson's loss, with (s − 1)². "
            "Here the squared s is compared with 1.": _stats_push,
            "This is n times the gradient. The push goes against it.": lambda x: (
                -_variance_push(x)
            ),
            "This is minus the gradient. In this lesson the push is n times that.": lambda x: (
                _variance_push(x) / len(x)
            ),
            "This std divides by n. The loss, as torch.std, divides by n − 1.": lambda x: (
                -2 * (x.mean() - 5) - 4 * (x.var() - 1) * (x - x.mean())
            ),
            "This is the first term alone, which shifts. "
            "What does the second one ask for?": lambda x: -2 * (x.mean() - 5) * np.ones_like(x),
        },
        hint="Not yet. Work out how s² changes with one sample, then use the chain rule; or let "
        "autograd do it, as in the lesson's push.",
    ),
)


def _judge_mirror(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    for case, result in zip(cases, results, strict=True):
        x, y = np.array(case["x"]), finite(result)
        if y.size != x.size:
            return Verdict(0, "Return as many finite samples as x has, in one array.")
        if abs(y.mean() - x.mean()) > 10 * TOLERANCE:
            return Verdict(0, "The mean has changed, so the curve would move.")
        if abs(y.std() - x.std()) > 10 * TOLERANCE:
            return Verdict(0, "The std has changed, so the curve would grow wider or narrower.")
        if stats.skew(y) * np.sign(stats.skew(x)) > -0.1 * abs(stats.skew(x)):
            return Verdict(
                0,
                "Mean and std are those of x, so the curve is the same. The long tail does not "
                "lie on the other side yet.",
            )
    return Verdict(1, "Right: another distribution, and the same curve from (m, s).")


mirror = Task(
    objective="Why a curve drawn from mean",
    ask=lambda rng, student: [{"x": (5 + rng.exponential(1, 12)).tolist()} for _ in range(2)],
    judge=_judge_mirror,
)
