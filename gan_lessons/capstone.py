"""Six training runs without labels, to be diagnosed from their curves.

All are conditions of the kept studies, some cut short, so that ``evidence`` says how typical
they are.  What each suffers from stands in ``TRUTH``: don't read on if you
mean to find out for yourself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import jensenshannon
from scipy.special import expit, logit

from gan_lessons import plots, validation
from gan_lessons.distributions import Target
from gan_lessons.history import History
from gan_lessons.metrics import NoiseFloor, noise_floor, w1_distance
from gan_lessons.studies import STUDIES, Condition
from gan_lessons.theory import LOG_4
from gan_lessons.training import SAMPLES_SEEN, train

Array = NDArray[np.float64]

FRAMES = 200
BINS = 100  # for the JSD of 1000 samples, each with the same probability under the target
# The outer two are cut further, so that samples far out are told from those at the rim.
TAIL = 10.0 ** np.arange(-8, -2)
EDGES = np.concatenate([TAIL, np.arange(1, BINS) / BINS, 1 - TAIL[::-1]])
SHARES = np.diff(EDGES, prepend=0.0, append=1.0)

_RUNS: dict[str, tuple[Condition, int]] = {
    "healthy": (replace(STUDIES["raw_weights"]["centred, β1 = 0.5"], steps=6000), 7),
    "mode collapse": (STUDIES["clinic"]["collapse: β1 = 0.5"], 4),
    "cycling": (replace(STUDIES["raw_weights"]["as it is, β1 = 0.9"], steps=4000), 25),
    "saturation": (STUDIES["clinic"]["saturation: as it is"], 2),
    "blind discriminator": (STUDIES["clinic"]["blind: as it is"], 3),
    "squared mean loss": (STUDIES["capstone"]["mean alone"], 1),
}
_ORDER = np.random.default_rng(9).permutation(list(_RUNS)).tolist()

TRUTH: dict[str, str] = dict(zip("ABCDEF", _ORDER, strict=True))


def js_distance(samples: ArrayLike, target: Target) -> float:
    """The JSD that the cases show, in nats, from bins; of samples far away it is log 2.

    ``metrics.js_estimate`` has equally likely bins alone: with 100 of them it can't pass 0.665.
    """
    bins = np.searchsorted(EDGES, target.cdf(validation.vector("samples", samples)))
    return float(jensenshannon(np.bincount(bins, minlength=len(SHARES)), SHARES) ** 2)


@dataclass(frozen=True)
class Case:
    """One run and what can be measured on it.

    Attributes:
        letter: its name, from A to F.
        target: what G was to imitate.
        run: the record.
    """

    letter: str
    target: Target
    run: History

    @cached_property
    def w1(self) -> Array:
        """(F,) the distance W1 of each snapshot."""
        return np.array([w1_distance(samples, self.target) for samples in self.run.samples])

    @cached_property
    def jsd(self) -> Array:
        """(F,) the JSD of each snapshot, in nats."""
        return np.array([js_distance(samples, self.target) for samples in self.run.samples])

    @property
    def best(self) -> Array:
        """(F,) the lowest loss that any D could have: log 4 − 2·JSD."""
        return LOG_4 - 2 * self.jsd

    @cached_property
    def d_loss(self) -> Array:
        """(F,) the loss of the D of each snapshot on samples of both kinds; NaN without a D."""
        if not self.run.has_discriminator:
            return np.full(len(self.run.steps), np.nan)
        real = self.target.quantile((np.arange(1000) + 0.5) / 1000)
        tiny = 1e-12
        logits = logit(np.clip(self.run.d, tiny, 1 - tiny))
        return np.array(
            [
                -np.log(expit(np.interp(real, self.run.x, a))).mean()
                - np.log(expit(-np.interp(fake, self.run.x, a))).mean()
                for a, fake in zip(logits, self.run.samples, strict=True)
            ]
        )

    @property
    def gap(self) -> Array:
        """(F,) how far D is from the best possible one."""
        return self.d_loss - self.best

    @cached_property
    def floors(self) -> tuple[NoiseFloor, NoiseFloor]:
        """What a perfect sampler gets: its W1 and its JSD."""
        w1, jsd = (
            noise_floor(metric, self.target, SAMPLES_SEEN, repeats=40)
            for metric in (w1_distance, js_distance)
        )
        return w1, jsd

    @plots.in_style()
    def chart(self) -> tuple[Figure, Figure]:
        """Draw the six curves, as two columns that a narrow page stacks."""
        columns = []
        for panels in _COLUMNS:
            figure, axes = plt.subplots(3, 1, figsize=(3.7, 8))
            for draw, ax in zip(panels, axes, strict=True):
                draw(ax, self)
            columns.append(figure)
        return columns[0], columns[1]

    def table(self) -> str:
        """The same in numbers, quarter by quarter, and quantiles of the last samples.

        No line has more than 40 signs, which a phone can show.
        """
        run, (distance, jsd) = self.run, self.floors
        ends = np.linspace(0, run.steps[-1], 5).astype(int)
        quarters = [(run.steps > a) & (run.steps <= b) for a, b in pairwise(ends)]
        shares = (0.1, 0.25, 0.5, 0.75, 0.9)
        lines = [
            _row("to step", ends[1:], "7d"),
            _row("D loss", [run.d_loss[a:b].mean() for a, b in pairwise(ends)]),
            _row("G loss", [run.g_loss[a:b].mean() for a, b in pairwise(ends)]),
            _row("W1", [self.w1[quarter].mean() for quarter in quarters]),
            _row("JSD", [self.jsd[quarter].mean() for quarter in quarters]),
            _row("gap", [self.gap[quarter].mean() for quarter in quarters]),
            _row("mean min", [run.mean[quarter].min() for quarter in quarters], "7.2f"),
            _row("mean max", [run.mean[quarter].max() for quarter in quarters], "7.2f"),
            _row("std", [run.std[quarter].mean() for quarter in quarters], "7.2f"),
            "",
            _row("share", shares, "6.0%"),
            _row("samples", np.quantile(run.samples[-1], shares), "6.2f"),
            _row("target", self.target.quantile(shares), "6.2f"),
            "",
            f"target: mean {self.target.mean:.2f}, std {self.target.std:.2f}",
            f"perfect sampler: W1  {distance.low:.3f} to {distance.high:.3f}",
            f"                 JSD {jsd.low:.3f} to {jsd.high:.3f}",
        ]
        return "\n".join(lines).replace("nan", "  –")


def _row(name: str, values: Iterable[float], form: str = "7.3f") -> str:
    return f"{name:8}" + "".join(f"{value:{form}}" for value in values)


def case(letter: str) -> Case:
    """Train the run of this name, A to F.  Raises ``ValueError`` for any other."""
    condition, seed = _RUNS[TRUTH[validation.choice("letter", letter, TRUTH)]]
    target = condition.target_of(seed)
    generator, discriminator = condition.players(seed)
    low = min(target.mean - 5 * target.std, -3)
    high = max(target.mean + 5 * target.std, 3)
    run = train(
        target,
        generator,
        None if condition.loss == "squared_mean" else discriminator,
        **condition.settings,
        steps=condition.steps,
        every=max(condition.steps // FRAMES, 20),
        x=np.linspace(low, high, 150),
        seed=seed,
    )
    return Case(letter, target, run)


def _head(ax: Axes, title: str) -> None:
    """The title, and beside it the names of the curves, where no curve lies."""
    ax.set_title(title)
    look: dict[str, Any] = {"ncols": 3, "handlelength": 1.5, "columnspacing": 1, "fontsize": 9}
    ax.legend(loc="lower right", bbox_to_anchor=(1.03, 0.97), **look)
    ax.locator_params(axis="x", nbins=5)


def _losses(ax: Axes, case: Case) -> None:
    plots.plot_losses(ax, case.run)
    _head(ax, "losses")


def _distance(ax: Axes, case: Case) -> None:
    ax.plot(case.run.steps, case.w1, color=plots.GREEN)
    floor = case.floors[0]
    ax.axhspan(floor.low, floor.high, **{**plots.BAND, "label": "perfect sampler"})
    ax.set(xlabel="step", yscale="log")
    _head(ax, "distance $W_1$")


def _gap(ax: Axes, case: Case) -> None:
    steps, late = case.run.steps, case.run.steps > case.run.steps[-1] / 10
    if case.run.has_discriminator:
        ax.fill_between(steps, case.best, case.d_loss, color=plots.ORANGE, alpha=0.2, linewidth=0)
        ax.plot(steps, case.d_loss, **{**plots.D, "label": "D"})
    ax.plot(steps, case.best, **{**plots.D_STAR, "label": "best D"})
    perfect = case.floors[1]
    level: dict[str, Any] = {"color": plots.INK, "alpha": 0.35, "linewidth": 2}
    ends = LOG_4 - 2 * perfect.high, LOG_4 - 2 * perfect.low
    ax.axhspan(*ends, **level, label="perfect")  # so narrow that its rim must show it
    shown = np.concatenate([case.best[late], np.nan_to_num(case.d_loss[late], nan=LOG_4)])
    low, high = min(shown.min(), 1.25), max(shown.max(), 1.5)
    ax.set(xlabel="step", ylabel="D loss (nats)", ylim=(low - 0.05, min(high, 2)))
    _head(ax, "gap")


def _moments(ax: Axes, case: Case) -> None:
    for values, goal, name, letter, color, style in (
        (case.run.mean, case.target.mean, "mean", r"$\mu$", plots.GREEN, "-"),
        (case.run.std, case.target.std, "std", r"$\sigma$", plots.PURPLE, "-."),
    ):
        ax.plot(case.run.steps, values, color=color, linestyle=style, label=name)
        ax.axhline(goal, color=color, linewidth=1, linestyle="--")
        ax.text(1.02, goal, letter, color=color, va="center", transform=ax.get_yaxis_transform())
    ax.set_xlabel("step")
    _head(ax, "mean, std")


def _path(ax: Axes, case: Case) -> None:
    late = case.run.steps >= case.run.steps[-1] * 3 / 4
    style: dict[str, Any] = {"color": plots.GREEN, "marker": ".", "linewidth": 0.8}
    ax.plot(case.run.mean[late], case.run.std[late], **style)
    ax.plot(case.target.mean, case.target.std, "+", color=plots.INK, markersize=13)
    for values, goal, limit in (
        (case.run.mean[late], case.target.mean, ax.set_xlim),
        (case.run.std[late], case.target.std, ax.set_ylim),
    ):
        low, high = min(values.min(), goal), max(values.max(), goal)
        reach = max(0.6 * (high - low), case.target.std / 2)  # small wobbles stay small
        limit((low + high) / 2 - reach, (low + high) / 2 + reach)
    ax.locator_params(nbins=5)
    ax.set(title="path, last quarter; + target", xlabel="mean of $p_g$", ylabel="std of $p_g$")


def _histogram(ax: Axes, case: Case) -> None:
    plots.plot_samples(ax, case.run.samples[-1], case.target)
    ax.legend().remove()
    ax.set_title("samples; dashed: the data")


_COLUMNS = (_losses, _gap, _distance), (_moments, _path, _histogram)
