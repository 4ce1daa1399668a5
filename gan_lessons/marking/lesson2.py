"""The exercises of lesson 2: the scripted discriminator, mixtures, and distances on the path."""

import numpy as np

from gan_lessons.distributions import Normal
from gan_lessons.marking.task import Comparison, Task, no_cases
from gan_lessons.theory import wasserstein_2
from gan_lessons.trials import Case, value

Pair = tuple[float, float]

worst_place = Task(
    objective="to tell a discriminator that is right",
    ask=no_cases,
    run=value,
    judge=Comparison(
        right=lambda: 12.0,
        wrong={
            "This is the number of the point. Which x stands there?": lambda: 99,
            "There the form whose sign is not mended is furthest from D*. "
            "Asked is `turned`.": lambda: 1.5353535,
            "There `turned` lies furthest below D*. "
            "It is further away above it: take the size of the gap.": lambda: 7.3333333,
            "There `turned` is surest. Asked is where its gap to D* is largest.": lambda: (
                5.0707071
            ),
        },
        hint="Not yet. Compute turned(x) − best(x) on the grid x, take its size, and find the "
        "x where that is largest.",
        praise="Right. Look at what both densities are there.",
        tolerance=5e-3,
    ),
)


def _ask_two_densities(rng: np.random.Generator, student: str) -> list[Case]:
    low, high = rng.uniform(0.02, 0.1, 2), rng.uniform(0.2, 0.6, 2)
    return [{"p": high[0], "q": low[0]}, {"p": low[1], "q": high[1]}]


fitting_lambda = Task(
    objective="to tell a discriminator that is right",
    ask=_ask_two_densities,
    judge=Comparison(
        right=lambda p, q: np.log(p / q) / (p - q),
        wrong={
            "The size is right and the sign is turned: both logits should be above 0 where p is "
            "larger than q.": lambda p, q: np.log(p / q) / (q - p),
            "This is the logit of D*. Which λ turns λ·(p − q) into it?": lambda p, q: np.log(
                p / q
            ),
            "You set λ·(p − q) equal to D* itself. There is a sigmoid in between: "
            "compare the two logits.": lambda p, q: p / (p + q) / (p - q),
            "The logit of D* is log(D*/(1 − D*)). This is the logarithm of D*.": lambda p, q: (
                np.log(p / (p + q)) / (p - q)
            ),
            "This is the λ of the script. Does it fit at these densities?": lambda p, q: 10.0,
        },
        hint="Not yet. Two sigmoids are equal where their logits are: write down the logit "
        "of each D, and solve for λ.",
        praise="Right. Is it the same λ at every place?",
    ),
)


def ask_moments(rng: np.random.Generator, student: str) -> list[Case]:
    """Means and standard deviations of two normals; the second is the narrower one."""
    return [
        {
            "mean_1": rng.uniform(-3, 0),
            "std_1": rng.uniform(2, 3),
            "mean_2": rng.uniform(1, 4),
            "std_2": rng.uniform(0.5, 1.5),
        }
    ]


def _ask_mixtures(rng: np.random.Generator, student: str) -> list[Case]:
    moments = ask_moments(rng, student)[0]
    return [{"t": rng.uniform(low, low + 0.2), **moments} for low in (0.15, 0.65)]


def between(t: float, a: float, b: float) -> float:
    """From a, at t = 0, to b, at t = 1."""
    return (1 - t) * a + t * b


def std_of_mixture(t: float, mean_1: float, std_1: float, mean_2: float, std_2: float) -> float:
    """The std of a mixture whose second part has the share t."""
    square = between(t, mean_1**2 + std_1**2, mean_2**2 + std_2**2)
    return np.sqrt(square - between(t, mean_1, mean_2) ** 2)


mixed_std = Task(
    objective="why our script is the straightest path",
    ask=_ask_mixtures,
    judge=Comparison(
        right=std_of_mixture,
        wrong={
            "This is the script that moves, with its std in a straight line. A mixture holds "
            "samples from both ends at once.": lambda t, m, s, n, r: between(t, s, r),
            "This is the spread within the two parts. The parts also stand apart from each "
            "other.": lambda t, m, s, n, r: np.sqrt(between(t, s**2, r**2)),
            "This is the variance. The standard deviation is its root.": lambda t, m, s, n, r: (
                std_of_mixture(t, m, s, n, r) ** 2
            ),
            "The shares have changed places: at t = 0 all samples are from the "
            "start.": lambda t, m, s, n, r: std_of_mixture(1 - t, m, s, n, r),
            "This is the root of the mean square, measured from 0. The variance is measured from "
            "the mean.": lambda t, m, s, n, r: np.sqrt(between(t, m**2 + s**2, n**2 + r**2)),
        },
        hint="Not yet. Use variance = mean of the square − square of the mean. Both means are "
        "mixed with the shares 1 − t and t, and a normal has the mean square μ² + σ².",
    ),
)


w2_normals = Task(
    objective="to read KL, JSD",
    ask=ask_moments,
    judge=Comparison(
        right=lambda m, s, n, r: wasserstein_2(Normal(m, s), Normal(n, r)),
        wrong={
            "This is the square of W2.": lambda m, s, n, r: (m - n) ** 2 + (s - r) ** 2,
            "You took the difference of the variances. Which difference stands in the gap between "
            "the quantiles?": lambda m, s, n, r: np.hypot(m - n, s**2 - r**2),
            "This adds the two lengths. "
            "A ruler does not go round the corner.": lambda m, s, n, r: abs(m - n) + abs(s - r),
            "This is how far two samples are apart that nobody has sorted. W2 carries the lowest "
            "to the lowest.": lambda m, s, n, r: np.sqrt((m - n) ** 2 + s**2 + r**2),
            "This is the distance of the means. The widths differ too.": lambda m, s, n, r: abs(
                m - n
            ),
        },
        hint="Not yet. In the plane of mean and standard deviation each normal is a point: "
        "what is the distance of the two?",
    ),
)

flat_from = Task(
    objective="why a generator that starts far away",
    ask=no_cases,
    run=value,
    judge=Comparison(
        right=lambda: 5.75,
        wrong={
            "This is the number of the entry. Which shift stands there?": lambda: 23,
            "One entry too early: "
            "there JSD is still more than one per cent below log 2.": lambda: 5.5,
            "There it is within a millionth. One per cent is reached earlier.": lambda: 10.0,
            "This is the last shift with that property. Asked is the first.": lambda: 20.0,
        },
        hint="Not yet. Find the entries of `jsd` that are at least 0.99·log 2, and the shift "
        "of the first of them. Shifts count in the units of x.",
        tolerance=5e-3,
    ),
)
