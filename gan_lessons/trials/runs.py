"""How the graded tasks try an answer that ``value`` and ``call`` can't: each run has its name.

Those that need PyTorch are in ``torch_runs``.
"""

from typing import Any

import numpy as np
from scipy.special import ndtr

from gan_lessons.trials import Array, Case, call, numbers, plain, row

# --- Assignment 2 --------------------------------------------------------------------------------


def moved_samples(answer: Any, case: Case) -> Any:
    """Samples in any order are as good."""
    result = call(answer, case)
    if result is None or result is ...:
        return result
    found = numbers(plain(result))
    return result if found is None or found.squeeze().ndim != 1 else np.sort(found.ravel())


# --- Assignment 4 --------------------------------------------------------------------------------


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


def noise_floor(answer: Any, case: Case) -> Any:
    """The floor that an answer finds for a score, and for how many sets of n samples it asked."""
    samplers = 0

    def score(x: Any) -> float:
        nonlocal samplers
        values = np.asarray(x, dtype=float).ravel()
        samplers += values.size == case["n"]
        return SCORES[case["score"]](values, case["mu"], case["sigma"])

    rng = np.random.default_rng(case["seed"])
    found = answer(score, case["mu"], case["sigma"], case["n"], rng)
    return found if found is None or found is ... else {"floor": found, "samplers": samplers}


# --- Assignment 6 --------------------------------------------------------------------------------

NAMES = ("w1", "b1", "w2", "b2")


def d_gradients(answer: Any, case: Case) -> Any:
    """Gradients in one row for each of D's arrays; in order they are as good without names."""
    d = {name: np.array(array) for name, array in case["d"].items()}
    found = answer(np.array(case["real"]), np.array(case["fake"]), d)
    if isinstance(found, list | tuple) and len(found) == len(NAMES):
        found = dict(zip(NAMES, found, strict=True))
    if isinstance(found, dict):
        return {name: row(plain(found[name])) for name in NAMES if name in found}
    return found
