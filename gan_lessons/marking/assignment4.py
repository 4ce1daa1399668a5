"""The assignment of lesson 4: an impostor, W1 by sorting, the noise floor, and a verdict."""

from collections.abc import Sequence

import numpy as np
from scipy import stats
from scipy.special import ndtr

from gan_lessons.distributions import Mixture, Normal, TwoPoint, bimodal
from gan_lessons.marking.lesson4 import finite
from gan_lessons.marking.task import Comparison, Task, Verdict
from gan_lessons.trials import Array, Case, Plain, runs

# --- An impostor's batch -------------------------------------------------------------------------


def _judge_impostor(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    for case, result in zip(cases, results, strict=True):
        n, mu, sigma, x = case["n"], case["mu"], case["sigma"], finite(result)
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
    ask=lambda rng, student: [
        {"n": n, "mu": rng.uniform(-5, 5), "sigma": rng.uniform(0.5, 3)}
        for n in (2 * int(rng.integers(2, 7)), 2 * int(rng.integers(2, 7)) + 1)
    ],
    judge=_judge_impostor,
)


# --- W1 by sorting -------------------------------------------------------------------------------


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
    judge=Comparison(
        right=stats.wasserstein_distance,
        wrong={
            "This pairs the samples in the order in which they were drawn. Which pairs make the "
            "carrying shortest?": lambda fake, real: np.abs(fake - real).mean(),
            "This is the distance of the means: gaps to the left and to the right cancel. "
            "Carrying costs in both directions.": [
                lambda fake, real: abs(fake.mean() - real.mean()),
                lambda fake, real: fake.mean() - real.mean(),
            ],
            "This is W2, with squared gaps. W1 takes the gaps as they are.": lambda fake, real: (
                np.sqrt((_sorted_gaps(fake, real) ** 2).mean())
            ),
            "This is the sum. W1 is how far a sample is carried on average.": lambda fake, real: (
                np.abs(_sorted_gaps(fake, real)).sum()
            ),
            "This is the longest way. W1 is how far a sample is carried on "
            "average.": lambda fake, real: np.abs(_sorted_gaps(fake, real)).max(),
            "This is the energy distance, which squares the gap between the "
            "cdfs.": stats.energy_distance,
            "This is KS, the largest gap between the cdfs. "
            "W1 is in the units of x.": lambda fake, real: stats.ks_2samp(fake, real).statistic,
        },
        hint="Not yet. Put both batches in order: then the first goes to the first, the second "
        "to the second. How far is that on average?",
    ),
)


# --- The noise floor -----------------------------------------------------------------------------

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
        for name, n in zip(runs.SCORES, sizes, strict=True)
    ]


def _judge_floor(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    floors = [finite(result["floor"]) for result in results]
    if not all(floor.size == 1 for floor in floors):
        return Verdict(0, "Return one number, and a finite one.")
    shares = np.array(
        [
            share_below(case["score"], floor.item(), case["sigma"], case["n"])
            for case, floor in zip(cases, floors, strict=True)
        ]
    )
    misses = np.abs(shares - LEVEL)
    fewest = int(min(result["samplers"] for result in results))
    if (misses < MISS).all() and fewest >= SAMPLERS:
        return Verdict(1, "Right: nine of ten perfect samplers score below your number.")
    if not any(floors):
        return Verdict(0, "No perfect sampler scores 0: its samples are noisy, too.")
    if (np.abs(shares - 0.5) < 2 * MISS).all():
        return Verdict(
            0, "Half of the perfect samplers score below this. The floor asks for 90 %."
        )
    if (np.abs(shares - (1 - LEVEL)) < MISS).all():
        return Verdict(0, "This is the lower end of the band. The floor's upper end is asked for.")
    if fewest < SAMPLERS:
        return Verdict(
            0,
            f"You scored {fewest} sets of n samples. At least {SAMPLERS} are asked for: with "
            "fewer, your number depends much on chance.",
        )
    worst = int(misses.argmax())
    return Verdict(
        0,
        f"Not yet: at n = {cases[worst]['n']}, with the score '{cases[worst]['score']}', about "
        f"{100 * shares[worst]:.0f} % of perfect samplers score below your number. Does each of "
        "your samplers draw n samples from N(mu, sigma)?",
    )


noise_floor = Task(
    objective="To measure how far samples",
    ask=_ask_floor,
    run=runs.noise_floor,
    judge=_judge_floor,
)


# --- Mean and std right, so distribution right? --------------------------------------------------

SAMPLES = 200
PERFECT = 400
FEWEST_ALARMS, MOST_ALARMS = 8, 150
"""Perfect samplers, of 400, that must be called fakes, and that may be.

A floor at 90 % calls 40 of them fakes.  Their number scatters, above all with the floor, if that
comes from 200 samplers: fewer than 8 come once in 100 000 cases (a beta-binomial distribution).
Who calls a fake what has p < 0.001 finds 8 in one of 10⁸ cases, and with p < 0.01 in one of 20.
Who asks KS, W1, mean and std, each with such a floor, calls 94, with a standard deviation of 14
from case to case (measured over 400): 150 is four of them above.  Who takes the median for the
floor calls 200 fakes, with a standard deviation of 17.
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
    kinds, passed = np.array(cases[0]["_kinds"]), finite(results[0])
    if passed.size != kinds.size or not np.isin(passed, [0, 1]).all():
        return Verdict(0, "Return one True or False for each batch (each row).")
    alarms = int((passed[kinds == "perfect"] == 0).sum())
    missed = {kind: int(passed[kinds == kind].sum()) for kind in (*MOMENT_FAKES, *SHAPE_FAKES)}
    if alarms > MOST_ALARMS:
        turned = " Is True what passes?" if alarms > 0.75 * PERFECT else ""
        return Verdict(
            0,
            f"You call {alarms} of {PERFECT} perfect samplers fakes. A floor at 90 % costs about "
            f"{PERFECT // 10}; of several scores together {MOST_ALARMS} are allowed.{turned}",
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
    if alarms < FEWEST_ALARMS:
        return Verdict(
            0,
            f"The fakes are caught. Of {PERFECT} perfect samplers you call {alarms} fakes, and "
            f"a floor at 90 % costs about {PERFECT // 10}: better fakes than these would pass.",
        )
    return Verdict(1, f"Right: the fakes are caught, with {alarms} false alarms in {PERFECT}.")


looks_real = Task(
    objective="To measure how far samples",
    ask=_ask_looks_real,
    judge=_judge_looks_real,
)
