"""The tasks of lesson 4: the stats loss, its impostors, distances, and the noise floor."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats
from scipy.special import ndtr

from gan_lessons.distributions import Mixture, Normal, TwoPoint, bimodal
from gan_lessons.marking.task import (
    MINIMISER,
    TOLERANCE,
    Array,
    Case,
    Comparison,
    Plain,
    Task,
    Verdict,
    call,
    row,
)


def _finite(result: Plain) -> Array:
    """The numbers of a result in one row; none if one of them is not finite."""
    found = row(result)
    return found if np.isfinite(found).all() else np.empty(0)


# --- Exercises ----------------------------------------------------------------------------------


def _ask_sizes(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"n": int(n)} for n in rng.choice(np.arange(4, 33), 3, replace=False)]


best_sigma = Task(
    objective="To write a loss that matches",
    ask=_ask_sizes,
    run=call,
    judge=Comparison(
        right=lambda n: 1 / (1 + 3 / (2 * n)),
        wrong=[
            (
                lambda n: 1.0,
                "This is the std of the data, where the loss would be lowest without the batch's "
                "noise. What do the scatters of m and s add?",
            ),
            (
                lambda n: 1 / (1 + 1 / n),
                "You have counted the noise of the batch's mean. Its std is noisy, too.",
            ),
            (
                lambda n: 1 / (1 + 1 / (2 * n)),
                "You have counted the noise of the batch's std. Its mean is noisy, too.",
            ),
            (
                lambda n: 1 / (1 + 3 / n),
                "Nearly: (σ − 1)² has a slope of its own. Did you lose a factor 2 there?",
            ),
        ],
        hint="Not yet. Add three terms: the variance of m, the variance of s, and (σ − 1)². "
        "Where is the slope of the sum zero?",
        tolerance=MINIMISER,
    ),
)

MOMENTS = 5
FOUR_DIGITS = 5e-4
"""So that √3 may be 1.732, and ⅙ may be 0.1667."""


def _ask_law(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"mu": rng.uniform(-5, 5), "sigma": rng.uniform(0.5, 3)} for _ in range(2)]


def _judge_three_points(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    normal = [1, 0, 1, 0, 3, 0]  # the moments of N(0, 1), from the zeroth on
    for case, result in zip(cases, results, strict=True):
        pair = result if isinstance(result, list) and len(result) == 2 else [None, None]
        points, shares = map(_finite, pair)
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
    ask=_ask_law,
    run=call,
    judge=_judge_three_points,
)


def _ask_kernel(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {
            "fake": rng.normal(4, 1, 6).tolist(),
            "real": rng.normal(5, 1, 8).tolist(),
            "width": rng.uniform(0.3, 0.7),
        }
    ]


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
    ask=_ask_kernel,
    run=call,
    judge=Comparison(
        right=_mmd,
        wrong=[
            (
                lambda fake, real, width: _mmd(fake, real, 0.5),
                "Your score is the same for every width: does the width reach all three calls "
                "of k?",
            ),
            (
                lambda fake, real, width: _mmd(fake, real, width / np.sqrt(2)),
                "In the exponent the squared gap is divided by twice the squared width.",
            ),
            (
                lambda fake, real, width: _mmd(fake, real, np.sqrt(width)),
                "In the exponent stands the square of the width.",
            ),
            (
                _mmd_with_one_cross_term,
                "Compare the weights of the three averages: for equal sets the score must be 0.",
            ),
            (
                lambda fake, real, width: -_mmd(fake, real, width),
                "The sign is turned: sets that are alike must score lower than sets that are not.",
            ),
            (
                _mmd_without_pairs_of_one,
                "You leave out the pairs of a value with itself. That is a good score, too, but "
                "the lesson's keeps them: use the same, so that the floor fits.",
            ),
        ],
        hint="Not yet. Take the lesson's mmd, and hand the width on to k in all three averages.",
    ),
)


def _ask_batches(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"x": rng.normal(4, 2, size).tolist()} for size in (4, 7)]


def _variance_push(x: Array) -> Array:
    n, gap = len(x), x - x.mean()
    return -2 * (x.mean() - 5) - 4 * (x.var(ddof=1) - 1) * n / (n - 1) * gap


def _stats_push(x: Array) -> Array:
    n, s, gap = len(x), x.std(ddof=1), x - x.mean()
    return -2 * (x.mean() - 5) - 2 * (s - 1) * n / (n - 1) * gap / s


variance_push = Task(
    objective="To write a loss that matches",
    ask=_ask_batches,
    run=call,
    judge=Comparison(
        right=_variance_push,
        wrong=[
            (
                _stats_push,
                "This is the push of the lesson's loss, with (s − 1)². Here the squared s is "
                "compared with 1.",
            ),
            (
                lambda x: -_variance_push(x),
                "This is n times the gradient. The push goes against it.",
            ),
            (
                lambda x: _variance_push(x) / len(x),
                "This is minus the gradient. In this lesson the push is n times that.",
            ),
            (
                lambda x: -2 * (x.mean() - 5) - 4 * (x.var() - 1) * (x - x.mean()),
                "This std divides by n. The loss, as torch.std, divides by n − 1.",
            ),
            (
                lambda x: -2 * (x.mean() - 5) * np.ones_like(x),
                "This is the first term alone, which shifts. What does the second one ask for?",
            ),
        ],
        hint="Not yet. Work out how s² changes with one sample, then use the chain rule; or let "
        "autograd do it, as in the lesson's push.",
    ),
)


def _ask_skewed(rng: np.random.Generator, student: str) -> list[Case]:
    return [{"x": (5 + rng.exponential(1, 12)).tolist()} for _ in range(2)]


def _judge_mirror(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    for case, result in zip(cases, results, strict=True):
        x, y = np.array(case["x"]), _finite(result)
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
    ask=_ask_skewed,
    run=call,
    judge=_judge_mirror,
)


# --- Assignment: an impostor's batch ------------------------------------------------------------


def _ask_impostor(rng: np.random.Generator, student: str) -> list[Case]:
    return [
        {"n": n, "mu": rng.uniform(-5, 5), "sigma": rng.uniform(0.5, 3)}
        for n in (2 * int(rng.integers(2, 7)), 2 * int(rng.integers(2, 7)) + 1)
    ]


def _judge_impostor(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    for case, result in zip(cases, results, strict=True):
        n, mu, sigma, x = case["n"], case["mu"], case["sigma"], _finite(result)
        if x.size != n:
            return Verdict(0, "Return an array of n finite numbers, for each n from 2 on.")
        gap, spread = (x.mean() - mu) / sigma, x.std(ddof=1) / sigma
        if abs(gap) > 1e-4:
            odd = " For an odd n, one point gets more samples than the other." if n % 2 else ""
            return Verdict(0, f"The mean of the batch is not mu.{odd}")
        if abs(spread - np.sqrt(n / (n - 1))) < 1e-4:
            return Verdict(
                0,
                "The mean is right. The std is sigma if you divide by n; the stats loss divides "
                "by n − 1.",
            )
        if abs(spread - 1) > 1e-4:
            return Verdict(0, "The mean is right. The std, with n − 1, is not sigma yet.")
        if (np.diff(np.sort(x)) > 1e-4 * sigma).sum() != 1:
            return Verdict(0, "The loss is zero, but the batch takes more than two values.")
    return Verdict(1, "Right: a loss of zero, and two values where a bell should be.")


impostor = Task(
    objective="To build an impostor",
    ask=_ask_impostor,
    run=call,
    judge=_judge_impostor,
)


# --- Assignment: W1 by sorting ------------------------------------------------------------------


def _ask_two_batches(rng: np.random.Generator, student: str) -> list[Case]:
    # One batch is wider, so that some samples must go to the left and some to the right.
    return [
        {"fake": rng.normal(4.7, 2, 20).tolist(), "real": rng.normal(5, 0.7, 20).tolist()}
        for _ in range(2)
    ]


def _sorted_gaps(fake: Array, real: Array) -> Array:
    return np.sort(fake) - np.sort(real)


w1_by_sorting = Task(
    objective="To measure how far samples",
    ask=_ask_two_batches,
    run=call,
    judge=Comparison(
        right=stats.wasserstein_distance,
        wrong=[
            (
                lambda fake, real: np.abs(fake - real).mean(),
                "This pairs the samples in the order in which they were drawn. Which pairs make "
                "the carrying shortest?",
            ),
            (
                lambda fake, real: abs(fake.mean() - real.mean()),
                "This is the distance of the means: gaps to the left and to the right cancel. "
                "Carrying costs in both directions.",
            ),
            (
                lambda fake, real: fake.mean() - real.mean(),
                "This is the difference of the means: gaps to the left and to the right cancel. "
                "Carrying costs in both directions.",
            ),
            (
                lambda fake, real: np.sqrt((_sorted_gaps(fake, real) ** 2).mean()),
                "This is W2, with squared gaps. W1 takes the gaps as they are.",
            ),
            (
                lambda fake, real: np.abs(_sorted_gaps(fake, real)).sum(),
                "This is the sum. W1 is how far a sample is carried on average.",
            ),
            (
                lambda fake, real: np.abs(_sorted_gaps(fake, real)).max(),
                "This is the longest way. W1 is how far a sample is carried on average.",
            ),
            (
                stats.energy_distance,
                "This is the energy distance, which squares the gap between the cdfs.",
            ),
            (
                lambda fake, real: stats.ks_2samp(fake, real).statistic,
                "This is KS, the largest gap between the cdfs. W1 is in the units of x.",
            ),
        ],
        hint="Not yet. Put both batches in order: then the first goes to the first, the second "
        "to the second. How far is that on average?",
    ),
)


# --- Assignment: the noise floor ----------------------------------------------------------------

LEVEL = 0.9
SAMPLERS = 2000
"""Perfect samplers that the task asks for, at least."""

MISS = 5 * np.sqrt(LEVEL * (1 - LEVEL) / SAMPLERS)
"""Five standard errors.

Of all perfect samplers a share lies below a simulated 90 % quantile.  It scatters about 0.9 like
the mean of 2000 coins, which has the standard error √(0.9·0.1/2000) ≈ 0.0067; this does not
depend on the score.  The tests measure it over many seeds.  So a right answer with as many
samplers fails once in more than a million cases, and the 95 % quantile or that of another n does.
"""


def _stats_score(x: Array, mu: float, sigma: float) -> float:
    return float((x.mean() - mu) ** 2 + (x.std(ddof=1) - sigma) ** 2)


def _mean_score(x: Array, mu: float, sigma: float) -> float:
    return float(abs(x.mean() - mu))


def _ks_score(x: Array, mu: float, sigma: float) -> float:
    below = ndtr((np.sort(x) - mu) / sigma)
    return float(
        max(
            (np.arange(1, x.size + 1) / x.size - below).max(),
            (below - np.arange(x.size) / x.size).max(),
        )
    )


SCORES = {"stats loss": _stats_score, "mean error": _mean_score, "KS": _ks_score}


def share_below(name: str, score: float, sigma: float, n: int) -> float:
    """The share of perfect samplers of N(mu, sigma) with a lower score, exactly."""
    if name == "KS":
        return float(stats.kstwo.cdf(score, n))
    if name == "mean error":
        return float(1 - 2 * ndtr(-score * np.sqrt(n) / sigma))
    # m and s are independent: for each s, m may be as far away as the score leaves room for.
    radius = np.sqrt(max(score, 0)) / sigma
    nodes, weights = np.polynomial.legendre.leggauss(200)
    angle = nodes * np.pi / 2
    s = 1 + radius * np.sin(angle)
    density = stats.chi.pdf(s * np.sqrt(n - 1), n - 1) * np.sqrt(n - 1)
    room = 1 - 2 * ndtr(-radius * np.cos(angle) * np.sqrt(n))
    return float((weights * density * room * radius * np.cos(angle)).sum() * np.pi / 2)


def _ask_floor(rng: np.random.Generator, student: str) -> list[Case]:
    sizes = rng.permutation(
        [int(rng.integers(*ends)) for ends in ((15, 30), (50, 90), (150, 220))]
    )
    return [
        {
            "score": name,
            "mu": rng.uniform(-5, 5),
            "sigma": rng.uniform(1.5, 3),
            "n": int(n),
            "seed": int(rng.integers(2**31)),
        }
        for name, n in zip(SCORES, sizes, strict=True)
    ]


def _run_floor(answer: Any, case: Case) -> Any:
    def score(x: Any) -> float:
        values = np.asarray(x, dtype=float).ravel()
        return SCORES[case["score"]](values, case["mu"], case["sigma"])

    rng = np.random.default_rng(case["seed"])
    return answer(score, case["mu"], case["sigma"], case["n"], rng)


def _judge_floor(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    floors = [_finite(result) for result in results]
    if not all(floor.size == 1 for floor in floors):
        return Verdict(0, "Return one number, and a finite one.")
    shares = np.array(
        [
            share_below(case["score"], floor.item(), case["sigma"], case["n"])
            for case, floor in zip(cases, floors, strict=True)
        ]
    )
    misses = np.abs(shares - LEVEL)
    if (misses < MISS).all():
        return Verdict(1, "Right: nine of ten perfect samplers score below your number.")
    if not any(floors):
        return Verdict(0, "No perfect sampler scores 0: its samples are noisy, too.")
    if (np.abs(shares - 0.5) < 2 * MISS).all():
        return Verdict(
            0, "Half of the perfect samplers score below this. The floor asks for 90 %."
        )
    if (np.abs(shares - (1 - LEVEL)) < MISS).all():
        return Verdict(0, "This is the lower end of the band. The floor's upper end is asked for.")
    worst = int(misses.argmax())
    return Verdict(
        0,
        f"Not yet: at n = {cases[worst]['n']}, with the score '{cases[worst]['score']}', about "
        f"{100 * shares[worst]:.0f} % of perfect samplers score below your number. Does each of "
        f"your samplers draw n samples from N(mu, sigma)? Did you ask {SAMPLERS} of them?",
    )


noise_floor = Task(
    objective="To measure how far samples",
    ask=_ask_floor,
    run=_run_floor,
    judge=_judge_floor,
)


# --- Assignment: mean and std right, so distribution right? -------------------------------------

SAMPLES = 200
PERFECT = 200
FALSE_ALARMS = 80
"""Perfect samplers, of 200, that may be called fakes.

A floor at 90 % calls 20 of them fakes.  Who asks KS, W1, mean and std, each with a floor from
200 samplers, calls 47, with a standard deviation of 8 from case to case: 80 is four of them
above.  Who takes the median for the floor calls 100 fakes.
"""

EACH = 5
MISSED = 2
"""Fakes of one kind, of 5, that may pass.  All of them lie far above the floor of KS and W1."""

MOMENT_FAKES = ("shifted", "wide")
SHAPE_FAKES = ("two points", "bimodal", "skewed")


def _draw(kind: str, rng: np.random.Generator) -> Array:
    """Samples of a fake of N(0, 1); those of a wrong shape have mean 0 and std 1."""
    if kind == "skewed":
        return rng.exponential(1, SAMPLES) - 1
    two = bimodal()
    laws: dict[str, Normal | TwoPoint | Mixture] = {
        "perfect": Normal(0, 1),
        "shifted": Normal(0.7, 1),
        "wide": Normal(0, 2.5),
        "two points": TwoPoint(-1, 1),
        "bimodal": two,
    }
    law = laws[kind]
    return law.sample(SAMPLES, rng).ravel() - (two.mean if law is two else 0)


def _ask_looks_real(rng: np.random.Generator, student: str) -> list[Case]:
    mu, sigma = rng.uniform(-5, 5), rng.uniform(0.5, 3)
    kinds = ["perfect"] * PERFECT + [*MOMENT_FAKES, *SHAPE_FAKES] * EACH
    kinds = [kinds[i] for i in rng.permutation(len(kinds))]
    batches = np.round([mu + sigma * _draw(kind, rng) for kind in kinds], 6)
    return [{"batches": batches.tolist(), "mu": mu, "sigma": sigma, "_kinds": kinds}]


def _judge_looks_real(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    kinds, passed = np.array(cases[0]["_kinds"]), _finite(results[0])
    if passed.size != kinds.size or not np.isin(passed, [0, 1]).all():
        return Verdict(0, "Return one True or False for each batch (each row).")
    alarms = int((passed[kinds == "perfect"] == 0).sum())
    missed = {kind: int(passed[kinds == kind].sum()) for kind in (*MOMENT_FAKES, *SHAPE_FAKES)}
    if alarms > FALSE_ALARMS:
        turned = " Is True what passes?" if alarms > 0.75 * PERFECT else ""
        return Verdict(
            0,
            f"You call {alarms} of {PERFECT} perfect samplers fakes. A floor at 90 % costs about "
            f"{PERFECT // 10}; of several scores together {FALSE_ALARMS} are allowed.{turned}",
        )
    shape, moment = (
        [kind for kind in kinds_of if missed[kind] > MISSED]
        for kinds_of in (SHAPE_FAKES, MOMENT_FAKES)
    )
    if shape and not moment:
        return Verdict(
            0,
            "Fakes with a wrong mean or std are caught. But some with the right mean and std, "
            "and a wrong shape, pass as real: which score sees the whole distribution?",
        )
    if shape or moment:
        return Verdict(0, "Too many fakes pass as real: compare each score with its floor.")
    return Verdict(1, f"Right: the fakes are caught, with {alarms} false alarms in {PERFECT}.")


looks_real = Task(
    objective="To measure how far samples",
    ask=_ask_looks_real,
    run=call,
    judge=_judge_looks_real,
)

EXERCISES = {
    "best_sigma": best_sigma,
    "three_points": three_points,
    "mmd_of_width": mmd_of_width,
    "variance_push": variance_push,
    "mirror": mirror,
}
ASSIGNED = {
    "impostor": impostor,
    "w1_by_sorting": w1_by_sorting,
    "noise_floor": noise_floor,
    "looks_real": looks_real,
}
TASKS = EXERCISES | ASSIGNED
