"""The exercises of lesson 3: what a loss asks for, and what Adam makes of it."""

import numpy as np

from gan_lessons.marking.task import Comparison, Task
from gan_lessons.trials import Case


def _ask_accumulated(rng: np.random.Generator, student: str) -> list[Case]:
    # Not 3 times alone: 3·2 would look like the chain rule's 6.
    return [{"w": rng.uniform(5, 9), "times": times} for times in (2, int(rng.integers(4, 7)))]


accumulated = Task(
    objective="The four things you need",
    ask=_ask_accumulated,
    judge=Comparison(
        right=lambda w, times: times * 6 * (3 * w - 12),
        wrong={
            "This is what one call leaves. "
            "Does the next call replace it, or add to it?": lambda w, times: 6 * (3 * w - 12),
            "The calls are counted right. The chain rule asks for one factor more: "
            "how does 3w − 12 change with w?": lambda w, times: times * 2 * (3 * w - 12),
            "Two things are missing: the factor from inside the bracket, and what the later calls "
            "do to .grad.": lambda w, times: 2 * (3 * w - 12),
        },
        hint="Not yet. Find the derivative of (3w − 12)² at w, then ask what each further call "
        "does to the number in .grad.",
    ),
)


def _ask_first_step(rng: np.random.Generator, student: str) -> list[Case]:
    # On both sides of the minimum at 4.
    return [{"w": 4 + side * rng.uniform(1, 6), "lr": rng.uniform(0.01, 0.5)} for side in (-1, 1)]


first_step = Task(
    objective="The four things you need",
    ask=_ask_first_step,
    judge=Comparison(
        right=lambda w, lr: w - lr * np.sign(w - 4),
        wrong={
            "This is a step of plain gradient descent, as long as the gradient is large. "
            "How long is Adam's first step?": lambda w, lr: w - lr * 6 * (3 * w - 12),
            "The length is right, but this step climbs: the loss is larger there.": lambda w, lr: (
                w + lr * np.sign(w - 4)
            ),
            "The length is right. Does the step always go to the left? "
            "Try w below 4 and w above 4.": lambda w, lr: w - lr,
            "The length is right. Does the step always go to the right? "
            "Try w below 4 and w above 4.": lambda w, lr: w + lr,
        },
        hint="Not yet. Look again at the first line that the loop in the lesson prints: from "
        "where to where did w go, and what was lr?",
    ),
)


inside_push = Task(
    objective="To read from a loss",
    ask=lambda rng, student: [{"x": rng.normal(4, 3, size).tolist()} for size in (5, 8)],
    judge=Comparison(
        right=lambda x: 2 * (5 - x) / len(x),
        wrong={
            "This is the push of the squared mean loss, the same for all. Here each sample has a "
            "square of its own.": lambda x: 2 * (5 - x.mean()) / len(x) * np.ones_like(x),
            "This is the gradient. The push goes against it.": lambda x: 2 * (x - 5) / len(x),
            "Nearly: the loss is a mean over n samples, so how much of it does one sample "
            "carry?": lambda x: 2 * (5 - x),
        },
        hint="Not yet. Which terms of the sum contain one given sample, and what is their "
        "derivative? Return one push for each sample.",
    ),
)


expected_halves = Task(
    objective="What the size of the batch",
    ask=lambda rng, student: [
        {"mu_g": rng.uniform(0, 4), "sigma": rng.uniform(0.5, 3)} for _ in range(2)
    ],
    judge=Comparison(
        right=lambda mu_g, sigma: (mu_g - 5) ** 2,
        wrong={
            "This is the expectation of the squared mean loss at n = 8. There one mean is "
            "multiplied by itself; here two different means are "
            "multiplied.": lambda mu_g, sigma: (mu_g - 5) ** 2 + sigma**2 / 8,
            "This would be right for (m₁ − 5)². But m₁ and m₂ come from different "
            "samples.": lambda mu_g, sigma: (mu_g - 5) ** 2 + sigma**2 / 4,
            "This is the expectation for one sample that is multiplied by itself. Here two means "
            "of different samples are multiplied.": lambda mu_g, sigma: (mu_g - 5) ** 2 + sigma**2,
        },
        hint="Not yet. The two halves are independent. What is the expectation of a product "
        "then? Give it by a formula, not by simulation.",
    ),
)


def _ask_growth(rng: np.random.Generator, student: str) -> list[Case]:
    def case() -> Case:
        a, b = int(rng.integers(100, 1000)), int(rng.integers(2000, 5000))
        power, factor = rng.uniform(1.5, 4), rng.uniform(1, 9)
        return {"a": a, "b": b, "mean_a": factor * a**power, "mean_b": factor * b**power}

    return [case(), case()]


growth_power = Task(
    objective="Why the mean loss never stops",
    ask=_ask_growth,
    judge=Comparison(
        right=lambda a, b, mean_a, mean_b: np.log(mean_b / mean_a) / np.log(b / a),
        wrong={
            "This is the growth in one step, as along a straight "
            "line.": lambda a, b, mean_a, mean_b: (mean_b - mean_a) / (b - a),
            "This is the rate of an exponential growth. For a power, the steps too are compared "
            "by their ratio.": lambda a, b, mean_a, mean_b: np.log(mean_b / mean_a) / (b - a),
            "This divides one ratio by the other. If the steps grow by a factor f, a power k "
            "makes the mean grow by f to the k: solve this for "
            "k.": lambda a, b, mean_a, mean_b: mean_b / mean_a / (b / a),
            "This says how the mean grew, and not yet how that compares with the growth of the "
            "number of steps.": lambda a, b, mean_a, mean_b: np.log(mean_b / mean_a),
        },
        hint="Not yet. Write mean_b/mean_a = (b/a) to the power k, and take logarithms on both "
        "sides.",
    ),
)
