"""What is said of GANs, put on trial: each claim on 32 seeds, and by one command again.

``python -m gan_lessons.claims momentum --first 1000`` trains the runs of one claim anew, with the
seeds 1000 to 1031.  A trial compares two ways to train by where their runs end.  A claim that
holds in all of its trials is upheld, in some conditional.  One that holds in none is refuted if
its contrary holds in one, and else not shown.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from gan_lessons import games, validation
from gan_lessons.distributions import Target, Uniform
from gan_lessons.evidence import LARGE, SEEDS, Evidence, compute, load
from gan_lessons.metrics import NoiseFloor, js_estimate, noise_floor, w1_distance
from gan_lessons.progress import any_encoding
from gan_lessons.studies import STUDIES
from gan_lessons.training import SAMPLES_SEEN

Array = NDArray[np.float64]
Look = Callable[[str], Evidence]
"""The evidence on a condition, by its name in the studies "claims" and "cures"."""

CONDITIONS = STUDIES["claims"] | STUDIES["cures"]
LEVEL = 0.01
"""How often chance alone may make a trial hold."""


@dataclass(frozen=True)
class Trial:
    """Whether a claim held once, the figures, and whether its contrary held."""

    holds: bool
    figures: str
    contrary: bool = False


@dataclass(frozen=True)
class Claim:
    """What is said, by whom (a key of the references), and how it is tried."""

    words: str
    source: str
    trials: tuple[Callable[[Look], Trial], ...]


def floors(target: Target) -> tuple[NoiseFloor, NoiseFloor, NoiseFloor]:
    """What perfect samplers score: W1 and JSD of 1000 samples, W1 of 10 000.

    In equally likely bins all targets with a density have the same JSD.
    """
    return (
        noise_floor(w1_distance, target, SAMPLES_SEEN),
        noise_floor(js_estimate, Uniform(0, 1), SAMPLES_SEEN),
        noise_floor(w1_distance, target, LARGE),
    )


def landed(ends: ArrayLike, target: Target) -> int:
    """How many runs end, by the W1 of 1000 samples, where 90 % of perfect samplers do."""
    return int((np.asarray(ends) <= noise_floor(w1_distance, target, SAMPLES_SEEN).high).sum())


def nearer(better: str, worse: str) -> Callable[[Look], Trial]:
    """A trial: the runs of ``better`` end with a smaller W1 than those of ``worse``.

    By the signed-rank test of Wilcoxon (1945), since the runs come in pairs of one seed, one-sided
    at ``LEVEL``; a run that diverged is last.
    """

    def tried(look: Look) -> Trial:
        ends = [np.nan_to_num(look(name).w1[:, -1], nan=np.inf) for name in (better, worse)]
        a, b = ends
        apart = np.subtract(a, b, out=np.zeros_like(a), where=a != b)  # 0 where both diverged
        less, more = (
            stats.wilcoxon(apart, alternative=side, zero_method="zsplit").pvalue < LEVEL
            for side in ("less", "greater")
        )
        target = CONDITIONS[better].target
        assert target is not None  # all of these studies name theirs
        figures = " against ".join(
            f"{np.median(w1):.3f} ({landed(w1, target)} landed)" for w1 in ends
        )
        words = f"{better} / {worse.partition(': ')[2]}: {figures}"
        return Trial(bool(less), words, bool(more))

    return tried


def dirac_converges(look: Look) -> Trial:
    """A trial: with R1 the Dirac-GAN converges from each of 32 fixed starts, and not without."""
    starts = 0.3 * np.random.default_rng(0).standard_normal((len(SEEDS), 2))

    def home(penalty: float) -> int:
        ends = [games.dirac_play("alternating", 0.5, 400, penalty, start=at)[-1] for at in starts]
        return int((np.hypot(*np.transpose(ends)) < 1e-3).sum())

    free, fined = home(0.0), home(0.1)
    return Trial(
        fined == len(SEEDS) and not free, f"Dirac-GAN, at rest: {fined} with, {free} without"
    )


def loss_ranks(name: str, late: bool) -> Callable[[Look], Trial]:
    """A trial: minus a critic's loss, the mean since the snapshot before, ranks W1 (ρ > 0.8).

    By Spearman's rank correlation over all runs, each until it diverges.
    """

    def tried(look: Look) -> Trial:
        evidence = look(name)
        part = slice(-2, None) if late else slice(1, None)
        loss, w1 = -evidence.d_loss[:, part].ravel(), evidence.w1[:, part].ravel()
        rank = stats.spearmanr(loss, w1, nan_policy="omit")
        when = "at the end" if late else "over the whole run"
        return Trial(bool(rank.statistic > 0.8), f"rank correlation {when}: {rank.statistic:.2f}")

    return tried


def _on_both(change: str) -> tuple[Callable[[Look], Trial], ...]:
    return tuple(nearer(f"{base}: {change}", f"{base}: as it is") for base in ("plain", "ladder"))


CLAIMS: dict[str, Claim] = {
    "dirac": Claim("R1 makes the Dirac-GAN converge", "mescheder2018", (dirac_converges,)),
    "penalty": Claim(
        "A penalty on D's slope is what counts",
        "mescheder2018",
        (nearer("plain: R1", "plain: as it is"), nearer("ladder: as it is", "ladder: no penalty")),
    ),
    "fakes": Claim(
        "R1 needs R2, the same on the fakes",
        "huang2024",
        (
            nearer("plain: R1 and R2", "plain: R1"),
            nearer("ladder: R1 and R2", "ladder: as it is"),
        ),
    ),
    "averaging": Claim(
        "The average of G's weights is better than G",
        "yazici2019",
        (
            nearer("plain: average of G's weights", "plain: as it is"),
            nearer("ladder: as it is", "ladder: no average"),
        ),
    ),
    "momentum": Claim(
        "Momentum hurts",
        "gidel2019momentum",
        (
            nearer("plain: β1 = 0", "plain: as it is"),
            nearer("ladder: as it is", "ladder: β1 = 0.9"),
        ),
    ),
    "two rates": Claim(
        "D should learn faster than G",
        "heusel2017",
        (
            nearer("plain: D's rate × 3", "plain: as it is"),
            nearer("ladder: as it is", "ladder: equal rates"),
        ),
    ),
    "steps of D": Claim("More steps of D help", "goodfellow2014", _on_both("3 steps of D")),
    "batch": Claim("Larger batches help", "brock2019", _on_both("batch × 4")),
    "basins": Claim(
        "A relativistic loss has no bad basins",
        "sun2020",
        (
            nearer("apart: relativistic", "apart: as it is"),
            nearer("apart: R1, R2, relativistic", "apart: R1 and R2"),
        ),
    ),
    "relativistic": Claim(
        "A relativistic loss is better", "jolicoeur2019", _on_both("relativistic")
    ),
    "squares": Claim("Least squares are better", "mao2017", _on_both("least squares")),
    "optimism": Claim("Optimism helps", "daskalakis2018", _on_both("optimistic")),
    "critic": Claim(
        "A Wasserstein critic is better",
        "gulrajani2017",
        (*_on_both("Wasserstein"), *_on_both("Wasserstein, λ = 0.1")),
    ),
    "meter": Claim(
        "A critic's loss says how far G is",
        "arjovsky2017wasserstein",
        (
            loss_ranks("plain: Wasserstein, λ = 0.1", late=False),
            loss_ranks("plain: Wasserstein, λ = 0.1", late=True),
        ),
    ),
}


def try_claim(claim: Claim, look: Look) -> tuple[str, list[Trial]]:
    """The verdict, "upheld", "conditional", "not shown" or "refuted", and its trials."""
    trials = [trial(look) for trial in claim.trials]
    if any(trial.holds for trial in trials):
        return "upheld" if all(trial.holds for trial in trials) else "conditional", trials
    return "refuted" if any(trial.contrary for trial in trials) else "not shown", trials


def kept() -> Look:
    """The runs that are kept with the package."""
    evidence = load("claims") | load("cures")
    return evidence.__getitem__


def anew(first: int) -> Look:
    """The same with seeds of one's own, trained when they are asked for, once."""
    first = validation.count("first", first, minimum=0)
    seeds = range(first, first + len(SEEDS))
    return cache(lambda name: compute(CONDITIONS[name], seeds))


def main() -> None:
    """Try the claims named on the command line, or all."""
    any_encoding()
    parser = argparse.ArgumentParser(prog="python -m gan_lessons.claims", description=__doc__)
    parser.add_argument("claims", nargs="*", help=f"any of {', '.join(CLAIMS)}; by default all")
    parser.add_argument("--first", type=int, help="train 32 seeds from this one on, anew")
    given = parser.parse_args()
    names = [validation.choice("claim", name, CLAIMS) for name in given.claims or CLAIMS]
    look = kept() if given.first is None else anew(given.first)
    for claim in map(CLAIMS.__getitem__, names):
        verdict, trials = try_claim(claim, look)
        print(f"{claim.words}: {verdict}")
        for trial in trials:
            print(f"    {'yes' if trial.holds else 'no '}  {trial.figures}", flush=True)


if __name__ == "__main__":
    main()
