"""The assignment of lesson 3: gradients, batch noise, a training loop, and many runs."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lessons import losses
from gan_lessons.marking.task import TOLERANCE, Belief, Comparison, Task, Verdict, close
from gan_lessons.trials import Array, Case, Plain, row, torch_runs

# --- What two losses ask of a sample -------------------------------------------------------------


def _ask_gradients(rng: np.random.Generator, student: str) -> list[Case]:
    def case(size: int) -> Case:
        mu = rng.uniform(2, 8)
        # On both sides of mu, so that a belief about what lies beyond it shows.
        apart = [-rng.uniform(1, 3), rng.uniform(1, 3), *rng.normal(-2, 3, size - 2)]
        return {"x": [mu + float(gap) for gap in apart], "mu": mu}

    return [case(5), case(8)]


def _same(slope: Callable[[Array, float], float]) -> Callable[[Array, float], Array]:
    """The same number for each sample."""
    return lambda x, mu: np.full_like(x, slope(x, mu))


of_mean_loss = Comparison(
    right=lambda x, mu: np.full_like(x, -1 / len(x)),
    wrong={
        "The mean loss does not know mu: does it leave a sample beyond mu alone?": lambda x, mu: (
            np.where(x < mu, -1 / len(x), 0)
        ),
        "This gradient vanishes when the batch mean is mu. The mean loss contains no mu.": _same(
            lambda x, mu: 2 * (x.mean() - mu) / len(x)
        ),
        "The sign is turned: this is the push, or the gradient of +m.": _same(
            lambda x, mu: 1 / len(x)
        ),
        "The mean is a sum divided by n. What does one sample add to it?": _same(
            lambda x, mu: -1.0
        ),
    },
    hint="Not yet. Write −m as a sum over the samples, and look at the one term that contains a "
    "given sample. Return one gradient for each sample.",
)

of_squared_mean_loss = Comparison(
    right=_same(lambda x, mu: 2 * (x.mean() - mu) / len(x)),
    wrong={
        "Here the square lies inside the mean, and each sample is judged by its own place. "
        "This loss knows the samples only by their mean.": lambda x, mu: 2 * (x - mu) / len(x),
        "The sign is turned: this is the push. The gradient points uphill.": _same(
            lambda x, mu: 2 * (mu - x.mean()) / len(x)
        ),
        "This is the derivative in the batch mean m. How does m change with one sample?": _same(
            lambda x, mu: 2 * (x.mean() - mu)
        ),
        "A factor is missing: what is the derivative of a square?": _same(
            lambda x, mu: (x.mean() - mu) / len(x)
        ),
    },
    hint="Not yet. Use the chain rule: the derivative in m, times the derivative of m in one "
    "sample. Return one gradient for each sample.",
)


def _judge_gradients(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    if not all(isinstance(result, list) and len(result) == 2 for result in results):
        return Verdict(
            0, "Return two arrays: the gradients of the mean loss, then of the squared mean loss."
        )
    mean = of_mean_loss(cases, [result[0] for result in results])
    squared = of_squared_mean_loss(cases, [result[1] for result in results])
    return _halves("Mean loss", mean, "Squared mean loss", squared)


def _halves(name: str, one: Verdict, other_name: str, other: Verdict) -> Verdict:
    """Half of the marks for each of two verdicts."""
    share = (one.share + other.share) / 2
    return Verdict(share, f"{name}: {one.message} {other_name}: {other.message}")


gradients = Task(
    objective="To read from a loss",
    ask=_ask_gradients,
    judge=_judge_gradients,
)


# --- Where the batch's noise moves the mean ------------------------------------------------------


PRECISION = 1e-3
"""What the text allows: a search on a grid has a step.  The beliefs are 20 times as far apart."""


def _ask_best_mean(rng: np.random.Generator, student: str) -> list[Case]:
    ranges = ((0.4, 0.8), (1.2, 1.6))  # apart from 1, where r and r² are alike
    return [
        {"mu": rng.uniform(2, 9), "r": rng.uniform(low, high), "n": int(rng.integers(2, 7))}
        for low, high in ranges
    ]


best_mean = Task(
    objective="What the size of the batch",
    ask=_ask_best_mean,
    judge=Comparison(
        right=lambda mu, r, n: mu / (1 + r**2 / n),
        wrong={
            "This is where the squared mean loss without the batch's noise is lowest. What does "
            "the noise add, and how does that change along the road?": lambda mu, r, n: mu,
            "Nearly: this is the place for batches of one sample. "
            "What is the variance of a mean of n?": lambda mu, r, n: mu / (1 + r**2),
            "Nearly: is it the std of the samples that the batch adds, or their "
            "variance?": lambda mu, r, n: mu / (1 + r / n),
            "Nearly: the std of a batch mean falls with √n. And its variance?": lambda mu, r, n: (
                mu / (1 + r**2 / np.sqrt(n))
            ),
            "The sign is turned: the batch adds its term to the loss, so a smaller spread is "
            "cheaper, not dearer.": lambda mu, r, n: mu / (1 - r**2 / n),
        },
        hint="Not yet. Write the expected loss with σ = r·mu_g: a parabola in mu_g. Where is it "
        "lowest?",
        tolerance=PRECISION,
    ),
)


# --- A training loop -----------------------------------------------------------------------------

SIZES = (3, 8, 1)
STEPS = 6
BATCH = 6


def _ask_training(rng: np.random.Generator, student: str) -> list[Case]:
    def case(mu: float) -> Case:
        shapes = [shape for a, b in pairwise(SIZES) for shape in ((b, a), b)]
        return {
            "weights": [rng.normal(0, 0.5, shape).tolist() for shape in shapes],
            "batches": rng.standard_normal((STEPS, BATCH, SIZES[0])).tolist(),
            "mu": mu,
            "lr": rng.uniform(0.02, 0.04),
        }

    # The one generator has to go up and the other one down: a loss that knows no mu can't do both.
    return [case(rng.uniform(6, 9)), case(-rng.uniform(6, 9))]


def _loop(
    loss: Callable[[Tensor, float], Tensor] = losses.squared_mean_loss,
    optimizer: Any = torch.optim.Adam,
    clears: bool = True,
    steps: bool = True,
    renews: bool = False,
    first_batch_only: bool = False,
) -> Belief:
    """A training loop, right or with one thing wrong."""

    def train(net: Any, batches: list[Tensor], mu: float, lr: float) -> list[float]:
        recorded = []
        moves = optimizer(net.parameters(), lr=lr)
        for batch in batches:
            value = loss(net(batches[0] if first_batch_only else batch), mu)
            recorded.append(value.item())
            if clears:
                net.zero_grad()
            value.backward()
            if renews:
                moves = optimizer(net.parameters(), lr=lr)
            if steps:
                moves.step()
        return recorded

    return train


WRONG_LOOPS = {
    "Your loop climbs: the loss grows from step to step. An optimizer steps against the gradient "
    "by itself.": _loop(loss=lambda fake, mu: -losses.squared_mean_loss(fake, mu)),
    "The gradients of earlier batches are still there: .backward() adds to .grad. "
    "Which line of the step clears it?": _loop(clears=False),
    "This moves each weight by lr times its gradient. "
    "Let the optimizer, Adam, take the step.": _loop(optimizer=torch.optim.SGD),
    "No weight has moved. Which line of the step moves them, and does the loss still hang on them "
    "when the gradients are computed?": _loop(steps=False),
    "Adam forgets: its running means start anew for each batch. "
    "Make it once, before the loop.": _loop(renews=True),
    "All steps were made on the first batch. Each batch is for one step.": _loop(
        first_batch_only=True
    ),
    "This is the mean loss, which asks for a larger mean for ever. "
    "The squared mean loss knows mu.": _loop(loss=lambda fake, mu: losses.mean_loss(fake)),
    "Here the square lies inside the mean: this loss asks each sample to be mu. "
    "Take the mean first.": _loop(loss=lambda fake, mu: ((fake - mu) ** 2).mean()),
    "This is a loss of mean and standard deviation. "
    "The squared mean loss asks for the mean only.": _loop(loss=losses.stats_loss),
}


def _judge_training(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    """Three quarters for the weights, the last one for the losses."""

    def agree(part: str, wanted: Sequence[Plain]) -> bool:
        # Each weight moves by about lr in each step; what is wrong shows at a hundredth of that.
        return all(
            len(result[part]) == len(want[part])
            and all(map(partial(close, tolerance=10 * TOLERANCE), result[part], want[part]))
            for result, want in zip(results, wanted, strict=True)
        )

    def tried(loop: Belief) -> list[Plain]:
        return [torch_runs.train_squared(loop, case) for case in cases]

    right = tried(_loop())
    if agree("weights", right):
        if agree("losses", right):
            return Verdict(1, "Right: weights and losses agree with ours, step for step.")
        return Verdict(
            0.75,
            "The weights are right. The losses are not yet: return a list with one loss for each "
            "batch, as it was before the step moved the weights.",
        )
    found = (words for words, loop in WRONG_LOOPS.items() if agree("weights", tried(loop)))
    return Verdict(
        0,
        next(
            found,
            "The weights differ from ours. Go through the lesson's step line by line: samples, "
            "loss, clear, gradient, move; one step for each batch, with Adam and the lr that is "
            "given.",
        ),
    )


train_squared = Task(
    objective="To write a training step",
    ask=_ask_training,
    run=torch_runs.train_squared,
    judge=_judge_training,
)


# --- Thirty-two runs at once ---------------------------------------------------------------------


def _ask_runs(rng: np.random.Generator, student: str) -> list[Case]:
    def case(low: float, high: float) -> Case:
        goal = rng.uniform(1, 3)
        rows = rng.standard_normal((int(rng.integers(9, 15)), 6))
        rows = (rows - rows.mean(axis=1)[:, None]) / rows.std(axis=1, ddof=1)[:, None]
        stds = goal * rng.uniform(0.7, 1.4, len(rows))
        stds[rng.integers(len(rows))] = goal * rng.uniform(low, high)  # the worst
        means = rng.uniform(3, 7, len(rows))
        return {"samples": (means[:, None] + rows * stds[:, None]).tolist(), "goal": goal}

    return [case(0.1, 0.3), case(1.7, 1.9)]  # once the narrowest run, once the widest


METHODS: Sequence[Any] = (
    "linear",
    "lower",
    "higher",
    "midpoint",
    "nearest",
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "median_unbiased",
    "normal_unbiased",
)
"""NumPy's conventions for a quantile; `statistics.quantiles` has two of them."""


def _spread(
    samples: Array,
    goal: float,
    ddof: int = 1,
    middle: Callable[[Array], Any] = np.median,
    badness: Callable[[Array], Array] = np.abs,
) -> list[float]:
    stds = samples.std(axis=1, ddof=ddof)
    low, high = np.quantile(stds, [0.1, 0.9])
    return [low, middle(stds), high, int(np.argmax(badness(stds - goal)))]


def _settled(case: Case, found: list[float]) -> list[float]:
    """The three stds, in NumPy's usual convention for quantiles if they are right in another.

    There are more than a dozen conventions, and the text names none.  On a median all agree.
    """
    samples = np.array(case["samples"])
    usual, stds = _spread(samples, case["goal"])[:3], samples.std(axis=1, ddof=1)
    ends = np.array([np.quantile(stds, [0.1, 0.9], method=method) for method in METHODS])
    low, high = ends.min(axis=0) - TOLERANCE, ends.max(axis=0) + TOLERANCE
    within = ((low <= found[::2]) & (found[::2] <= high)).all()
    return usual if within and close(found[1], usual[1], TOLERANCE) else found


of_stds = Comparison(
    right=lambda samples, goal: _spread(samples, goal)[:3],
    wrong={
        "They are a little too small: this std divides by n. "
        "The course's divides by n − 1.": lambda samples, goal: _spread(samples, goal, ddof=0)[:3],
        "The second number is the mean of the runs, which one bad run can move. A fan's line is "
        "the median.": lambda samples, goal: _spread(samples, goal, middle=np.mean)[:3],
        "Each row is one run; you took the columns. Along which axis do the samples of one run "
        "lie?": lambda samples, goal: _spread(samples.T, goal)[:3],
    },
    hint="Not yet. First one std for each run (row). Then, of these stds, the 10 % quantile, the "
    "median and the 90 % quantile.",
)

of_worst = Comparison(
    right=lambda samples, goal: _spread(samples, goal)[3],
    wrong={
        "Rows are counted from 0, and yours from 1.": lambda samples, goal: (
            _spread(samples, goal)[3] + 1
        ),
        "This is the run with the largest std. The worst run is the one farthest from the goal, "
        "on whichever side.": lambda samples, goal: _spread(samples, goal, badness=np.positive)[3],
        "This is the run with the smallest std. The worst run is the one farthest from the goal, "
        "on whichever side.": lambda samples, goal: _spread(samples, goal, badness=np.negative)[3],
    },
    hint="Not yet. Which row has the std that is farthest from the goal? Rows are counted from 0.",
)


def _judge_spread(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    rows = [row(result).tolist() for result in results]
    if not all(len(numbers) == 4 for numbers in rows):
        return Verdict(0, "Return four numbers: three of the stds, and the row of the worst run.")
    quantiles = [_settled(case, found[:3]) for case, found in zip(cases, rows, strict=True)]
    stds = of_stds(cases, quantiles)
    return _halves("Stds", stds, "Worst run", of_worst(cases, [numbers[3] for numbers in rows]))


spread_of_runs = Task(
    objective="Why one run is an anecdote",
    ask=_ask_runs,
    judge=_judge_spread,
)
