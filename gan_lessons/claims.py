"""What is said of GANs, put on trial: each claim on 32 seeds, and by one command again.

``python -m gan_lessons.claims momentum --first 1000`` trains the runs of one claim anew, with the
seeds 1000 to 1031.  A trial compares two ways to train by where their runs end; the claim is
upheld if it holds in all of its trials, refuted if in none, and else it is conditional.
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

Array = NDArray[np.float64]
Look = Callable[[str], Evidence]
"""The evidence on a condition, by its name in the studies "claims" and "cures"."""

CONDITIONS = STUDIES["claims"] | STUDIES["cures"]
LEVEL = 0.01
"""How rarely chance alone may make a trial hold."""
N = 1000


@dataclass(frozen=True)
class Trial:
    """Whether a claim held once, and the figures."""

    holds: bool
    figures: str


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
        noise_floor(w1_distance, target, N),
        noise_floor(js_estimate, Uniform(0, 1), N),
        noise_floor(w1_distance, target, LARGE),
    )


def landed(ends: ArrayLike, target: Target) -> int:
    """How many runs end, by the W1 of 1000 samples, where 90 % of perfect samplers do."""
    return int((np.asarray(ends) <= noise_floor(w1_distance, target, N).high).sum())


def nearer(better: str, worse: str) -> Callable[[Look], Trial]:
    """A trial: the runs of ``better`` end with a smaller W1 than those of ``worse``.

    By the one-sided test of Mann and Whitney (1947) at ``LEVEL``; a run that diverged is last.
    """

    def tried(look: Look) -> Trial:
        ends = [np.nan_to_num(look(name).w1[:, -1], nan=np.inf) for name in (better, worse)]
        p = stats.mannwhitneyu(*ends, alternative="less").pvalue
        target = CONDITIONS[better].target
        assert target is not None  # all of these studies name theirs
        figures = " against ".join(
            f"{np.median(w1):.3f} ({landed(w1, target)} landed)" for w1 in ends
        )
        return Trial(bool(p < LEVEL), f"{better} / {worse.partition(': ')[2]}: {figures}")

    return tried


def dirac_comes_home(look: Look) -> Trial:
    """A trial: with R1 the Dirac-GAN comes home from each of 32 starts, and not without."""
    starts = 0.3 * np.random.default_rng(len(SEEDS)).standard_normal((len(SEEDS), 2))

    def home(penalty: float) -> int:
        ends = [games.dirac_play("alternating", 0.5, 400, penalty, start=at)[-1] for at in starts]
        return int((np.hypot(*np.transpose(ends)) < 1e-3).sum())

    free, fined = home(0.0), home(0.1)
    return Trial(
        fined == len(SEEDS) and not free, f"Dirac-GAN, at rest: {fined} with, {free} without"
    )


def loss_ranks(name: str, late: bool) -> Callable[[Look], Trial]:
    """A trial: minus a critic's loss ranks snapshots as W1 does (Spearman's ρ > 0.8)."""

    def tried(look: Look) -> Trial:
        evidence = look(name)
        part = slice(-2, None) if late else slice(1, None)
        rank = stats.spearmanr(-evidence.d_loss[:, part].ravel(), evidence.w1[:, part].ravel())
        when = "at the end" if late else "over the whole run"
        return Trial(bool(rank.statistic > 0.8), f"rank correlation {when}: {rank.statistic:.2f}")

    return tried


def _on_both(change: str) -> tuple[Callable[[Look], Trial], ...]:
    return tuple(nearer(f"{base}: {change}", f"{base}: as it is") for base in ("plain", "ladder"))


CLAIMS: dict[str, Claim] = {
    "dirac": Claim("R1 makes the Dirac-GAN converge", "mescheder2018", (dirac_comes_home,)),
    "penalty": Claim(
        "A penalty on D's slope is what counts",
        "mescheder2018",
        (nearer("plain: R1", "plain: as it is"), nearer("ladder: as it is", "ladder: no penalty")),
    ),
    "fakes": Claim("R1 needs R2, the same on the fakes", "huang2024", _on_both("R1 and R2")),
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
    """The verdict, "upheld", "refuted" or "conditional", and its trials."""
    trials = [trial(look) for trial in claim.trials]
    held = {trial.holds for trial in trials}
    return "conditional" if len(held) > 1 else "upheld" if True in held else "refuted", trials


def kept() -> Look:
    """The runs that are kept with the package."""
    evidence = load("claims") | load("cures")
    return evidence.__getitem__


def anew(first: int) -> Look:
    """The same with seeds of one's own, trained when they are asked for, once."""
    seeds = range(first, first + len(SEEDS))
    return cache(lambda name: compute(CONDITIONS[name], seeds))


def main() -> None:
    """Try the claims named on the command line, or all."""
    any_encoding()
    parser = argparse.ArgumentParser(prog="python -m gan_lessons.claims", description=__doc__)
    parser.add_argument("claims", nargs="*", help=f"any of {', '.join(CLAIMS)}; by default all")
    parser.add_argument("--first", type=int, help="train 32 seeds from this one on, anew")
    given = parser.parse_args()
    look = kept() if given.first is None else anew(given.first)
    for name in given.claims or CLAIMS:
        claim = CLAIMS[validation.choice("claim", name, CLAIMS)]
        verdict, trials = try_claim(claim, look)
        print(f"{claim.words}: {verdict}")
        for trial in trials:
            print(f"    {'yes' if trial.holds else 'no '}  {trial.figures}", flush=True)


if __name__ == "__main__":
    main()
