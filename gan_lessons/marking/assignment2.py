"""The assignment of lesson 2: two paths of densities, samples on the way, the best logit, KL."""

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from gan_lessons.marking.lesson2 import ask_moments, between, std_of_mixture
from gan_lessons.marking.task import MINIMISER, Comparison, Task
from gan_lessons.trials import Array, Case, runs


def _ask_paths(rng: np.random.Generator, student: str) -> list[Case]:
    cases = []
    for frames in (int(rng.integers(4, 12)), 2, 1):
        mean_1, std_1, mean_2, std_2 = ask_moments(rng, student)[0].values()
        cases.append({"start": [mean_1, std_1], "target": [mean_2, std_2], "frames": frames})
    return cases


def _path(start: Array, target: Array, frames: int) -> Array:
    return np.linspace(start, target, frames)


def _by_times(start: Array, target: Array, t: Array) -> Array:
    return (1 - t[:, None]) * start + t[:, None] * target


def _divided(start: Array, target: Array, frames: int) -> Array:
    with np.errstate(invalid="ignore"):
        return _by_times(start, target, np.arange(frames) / np.float64(frames - 1))


def _by_variance(start: Array, target: Array, frames: int) -> Array:
    mean, _ = _path(start, target, frames).T
    _, variance = _path(start**2, target**2, frames).T
    return np.column_stack([mean, np.sqrt(variance)])


def _ends_at_target(start: Array, target: Array, frames: int) -> Array:
    return target[None] if frames == 1 else _path(start, target, frames)


def _as_mixture(start: Array, target: Array, frames: int) -> Array:
    return np.array(
        [
            [between(t, start[0], target[0]), std_of_mixture(t, *start, *target)]
            for t in np.linspace(0, 1, frames)
        ]
    )


path = Task(
    objective="to script a whole run",
    ask=_ask_paths,
    judge=Comparison(
        right=_path,
        wrong={
            "The path never arrives: "
            "in the last of several frames t should be 1.": lambda start, target, frames: (
                _by_times(start, target, np.arange(frames) / frames)
            ),
            "Right for two frames or more. With a single frame yours divides 0 by 0, and one "
            "frame should show the start.": _divided,
            "Right for two frames or more. A single frame should show the start.": _ends_at_target,
            "Here the variance goes in a straight line. "
            "The script moves the standard deviation so.": _by_variance,
            "These are the moments of the mixture. Asked is the script that moves.": _as_mixture,
            "The path runs from the target to the start.": lambda start, target, frames: _path(
                target, start, frames
            ),
            "The numbers are right and lie across: one row for each frame, with mean and standard "
            "deviation.": lambda start, target, frames: _path(start, target, frames).T,
        },
        hint="Not yet. Find the time t of each frame first, from 0 in the first to 1 in the last. "
        "What are mean and std at this t? Try your function with 1, 2 and 3 frames.",
    ),
)


def _ask_samples(rng: np.random.Generator, student: str) -> list[Case]:
    n = int(rng.integers(6, 10))
    return [
        {
            "start": rng.normal(2, 2, n).tolist(),
            "target": rng.normal(5, 1, n).tolist(),
            "t": rng.uniform(0.2, 0.4),
        },
        {
            "start": rng.uniform(-3, 0, n).tolist(),
            "target": rng.exponential(2, n).tolist(),
            "t": rng.uniform(0.6, 0.8),
        },
    ]


def _unsorted(start: Array, target: Array, t: float) -> Array:
    return np.sort((1 - t) * start + t * target)


def _moved_samples(start: Array, target: Array, t: float) -> Array:
    return _unsorted(np.sort(start), np.sort(target), t)


def _crossed(start: Array, target: Array, t: float) -> Array:
    return _unsorted(np.sort(start), np.sort(target)[::-1], t)


moved_samples = Task(
    objective="why our script is the straightest path",
    ask=_ask_samples,
    run=runs.moved_samples,
    judge=Comparison(
        right=_moved_samples,
        wrong={
            "Samples are paired as they come, and their ways cross. "
            "Which one should the lowest go to?": _unsorted,
            "The lowest goes to the highest. That is the longest way to carry them.": _crossed,
            "At t = 0 all should be at the start, and yours are at the "
            "target.": lambda start, target, t: _moved_samples(target, start, t),
            "These are the samples of the target, whatever t is.": lambda start, target, t: (
                _moved_samples(start, target, 1)
            ),
            "This moves the mean and the std alone: right for two normals. These samples need not "
            "be normal, so each goes its own way.": lambda start, target, t: np.sort(
                start.mean()
                + t * (target.mean() - start.mean())
                + (start - start.mean()) * between(t, 1, target.std() / start.std())
            ),
        },
        hint="Not yet. Which sample of the target should each sample of the start go to, so that "
        "no two ways cross? After a share t of the time each has gone a share t of its way.",
    ),
)


def _ask_far_places(rng: np.random.Generator, student: str) -> list[Case]:
    moments = ask_moments(rng, student)[0]
    near = rng.uniform(-4, 5, 4)
    far = np.array([-1, 1]) * rng.uniform(150, 400, 2)  # both densities are 0 as floats here
    return [
        {"x": [*near.tolist(), *far.tolist()], **moments},
        {"x": rng.uniform(-4, 5, 6).tolist(), **_swapped(moments)},
    ]


def _swapped(moments: Case) -> Case:
    mean_1, std_1, mean_2, std_2 = moments.values()
    return dict(zip(moments, (mean_2, std_2, mean_1, std_1), strict=True))


def _log_ratio(x: Array, m: float, s: float, n: float, r: float) -> Array:
    return norm.logpdf(x, m, s) - norm.logpdf(x, n, r)


def _ratio_of_small(x: Array, m: float, s: float, n: float, r: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(norm.pdf(x, m, s)) - np.log(norm.pdf(x, n, r))


def _through_d(x: Array, m: float, s: float, n: float, r: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        d = norm.pdf(x, m, s) / (norm.pdf(x, m, s) + norm.pdf(x, n, r))
        return np.log(d / (1 - d))


best_logit = Task(
    objective="to tell a discriminator that is right",
    ask=_ask_far_places,
    judge=Comparison(
        right=_log_ratio,
        wrong={
            "Right where the densities are. Far out both are 0 as floats, and their ratio is "
            "lost: work with the logarithms of the densities from the first line "
            "on.": [_ratio_of_small, _through_d],
            "The sign is turned: this is the logit of fake. "
            "D is the probability of real.": lambda x, m, s, n, r: -_log_ratio(x, m, s, n, r),
            "A part is missing that does not depend on x: the narrower of two normals is also the "
            "taller.": lambda x, m, s, n, r: _log_ratio(x, m, s, n, r) - np.log(r / s),
            "This is the form of D_diff, a difference of densities. The logit of D* is a "
            "difference of their "
            "logarithms.": lambda x, m, s, n, r: 10 * (norm.pdf(x, m, s) - norm.pdf(x, n, r)),
            "This is the logit of D_diff, which errs twice: in its sign and in its "
            "form.": lambda x, m, s, n, r: 10 * (norm.pdf(x, n, r) - norm.pdf(x, m, s)),
            "You took the standard deviations for variances.": lambda x, m, s, n, r: _log_ratio(
                x, m, np.sqrt(s), n, np.sqrt(r)
            ),
            "This is D* itself. Asked is its logit, the number inside the "
            "sigmoid.": lambda x, m, s, n, r: expit(_log_ratio(x, m, s, n, r)),
        },
        hint="Not yet. The logit of D* is log p_data − log p_g. Write down the logarithm of a "
        "normal density, with all of its three terms.",
    ),
)


def _kl(m: float, s: float, n: float, r: float) -> float:
    return np.log(r / s) + (s**2 + (m - n) ** 2) / (2 * r**2) - 0.5


both_kl = Task(
    objective="to read KL, JSD",
    ask=ask_moments,
    judge=Comparison(
        right=lambda m, s, n, r: (_kl(m, s, n, r), _kl(n, r, m, s)),
        wrong={
            "The two have changed places: KL(p‖q) averages over p, the first of the "
            "two.": lambda m, s, n, r: (_kl(n, r, m, s), _kl(m, s, n, r)),
            "The first is right. KL is not the same both ways.": lambda m, s, n, r: (
                (_kl(m, s, n, r),) * 2
            ),
            "What do you get for two equal normals? It should be 0.": lambda m, s, n, r: (
                _kl(m, s, n, r) + 0.5,
                _kl(n, r, m, s) + 0.5,
            ),
            "This counts in bits. Our logarithms are natural.": lambda m, s, n, r: (
                _kl(m, s, n, r) / np.log(2),
                _kl(n, r, m, s) / np.log(2),
            ),
            "You took the standard deviations for variances.": lambda m, s, n, r: (
                _kl(m, np.sqrt(s), n, np.sqrt(r)),
                _kl(n, np.sqrt(r), m, np.sqrt(s)),
            ),
            "A KL is never below 0. Which density stands on top in the "
            "logarithm?": lambda m, s, n, r: (-_kl(m, s, n, r), -_kl(n, r, m, s)),
        },
        hint="Not yet. Average log p(x) − log q(x) over p: the mean of (x − mean_q)² is then "
        "std_p² + (mean_p − mean_q)². Two equal normals give 0.",
        tolerance=MINIMISER,
        parts=("the first KL", "the second KL"),
    ),
)
