"""The pictures of the course: each function draws on the ``ax`` it is given and returns it.

One visual language: p_data is dashed in the text colour, p_g a solid green line, D a dashed blue
one.  Colour never stands alone; the line style says the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike

from gan_lessons import metrics, validation
from gan_lessons.distributions import Target
from gan_lessons.history import History
from gan_lessons.theory import LOG_2, LOG_4

GREEN, BLUE, ORANGE, PURPLE, INK = "#00785A", "#0B62A8", "#A34A00", "#8A2A74", "#222222"

# The line styles of the curves, wherever they are drawn.
P_DATA: dict[str, Any] = {"color": INK, "linestyle": "--", "label": r"$p_\mathrm{data}$"}
P_G: dict[str, Any] = {"color": GREEN, "linestyle": "-", "label": "$p_g$"}
D: dict[str, Any] = {"color": BLUE, "linestyle": (0, (4, 2)), "label": "D"}
D_STAR: dict[str, Any] = {"color": PURPLE, "linestyle": ":", "label": "$D^*$"}

# Where a perfect sampler falls.
BAND: dict[str, Any] = {
    **{"facecolor": "none", "edgecolor": INK, "alpha": 0.5, "hatch": "///"},
    "label": "perfect sampler, 10–90 %",
}
# Up to three generators in one picture.
GENERATORS: list[dict[str, Any]] = [
    P_G,
    {"color": ORANGE, "linestyle": "-.", "label": "$p_g$ (2)"},
    {"color": PURPLE, "linestyle": ":", "label": "$p_g$ (3)"},
]


# From Matplotlib's own look: else what the user has set would shine through.
STYLE: list[str | Path] = ["default", Path(__file__).with_name("gan.mplstyle")]


@contextmanager
def in_style() -> Iterator[None]:
    """Draw in the look of the course, whatever look was set; also a decorator."""
    with plt.style.context(STYLE):
        yield


def use_style() -> None:
    """Draw in the look of the course from here on, as sharp SVG where a notebook shows it.

    The SVG carries no date and fixed ids, so that the same figure is the same file.
    """
    plt.style.use(STYLE)
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:  # no notebook here
        return
    set_matplotlib_formats("svg", metadata={"Date": None})


def plot_densities(
    ax: Axes,
    x: ArrayLike,
    p_data: ArrayLike | None = None,
    p_g: ArrayLike | None = None,
    d: ArrayLike | None = None,
    best: ArrayLike | None = None,
) -> Axes:
    """Draw up to four curves over ``x``, each of shape (X,): p_data, p_g, D and the best D, D*.

    Raises ``ValueError`` for a curve of another shape than ``x``.
    """
    styles = {"p_data": P_DATA, "p_g": P_G, "d": D, "best": D_STAR}
    points = validation.vector("x", x)
    for (name, style), curve in zip(styles.items(), (p_data, p_g, d, best), strict=True):
        if curve is not None:
            heights = validation.numbers(name, curve)
            if heights.shape not in (points.shape, np.shape(x)):
                raise ValueError(
                    f"{name} has shape {heights.shape}: it must be that of x, {points.shape}"
                )
            ax.plot(points, heights.ravel(), **style)
    ax.set(xlabel="x", ylabel="density" if d is None and best is None else "density, probability")
    ax.legend()
    return ax


def plot_snapshot(ax: Axes, history: History, snapshot: int = -1) -> Axes:
    """Draw one snapshot of a run (the last by default): p_data, p_g and, where there is one, D.

    Raises ``ValueError`` for a snapshot that was not recorded.
    """
    snapshots = len(history.steps)
    snapshot = validation.count("snapshot", snapshot, minimum=-snapshots)
    if snapshot >= snapshots:
        raise ValueError(
            f"snapshot is {snapshot!r}: there are {snapshots}, so it must be below that"
        )
    d = history.d[snapshot] if history.has_discriminator else None
    plot_densities(ax, history.x, history.p_data, history.p_g[snapshot], d)
    ax.set_title(f"after {history.steps[snapshot]} steps")
    return ax


def plot_losses(ax: Axes, history: History) -> Axes:
    """Draw the losses of each step; with a discriminator also the levels log 4 and log 2."""
    step = np.arange(1, len(history.g_loss) + 1)
    thin: dict[str, Any] = {"linewidth": 1, "rasterized": len(step) > 2000}
    ax.plot(step, history.g_loss, color=GREEN, label="G loss", **thin)
    if history.has_discriminator:
        ax.plot(step, history.d_loss, color=BLUE, linestyle="--", label="D loss", **thin)
        for level, name in ((LOG_4, "log 4"), (LOG_2, "log 2")):
            ax.axhline(level, color=INK, linewidth=0.8, linestyle=":")
            ax.annotate(
                name, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom"
            )
    ax.set(xlabel="step", ylabel="loss (nats)" if history.has_discriminator else "loss")
    ax.legend()
    return ax


def plot_statistics(ax: Axes, history: History, target: Target) -> Axes:
    """Draw mean and std of the samples in each snapshot, and the target's as levels."""
    ax.plot(history.steps, history.mean, color=GREEN, linestyle="-", label="mean of $p_g$")
    ax.plot(history.steps, history.std, color=PURPLE, linestyle="-.", label="std of $p_g$")
    for level in (target.mean, target.std):
        ax.axhline(level, color=INK, linewidth=0.9, linestyle="--")
    ax.set(xlabel="step", ylabel="x")
    ax.legend()
    return ax


def plot_samples(ax: Axes, samples: ArrayLike, target: Target, bins: int = 50) -> Axes:
    """Draw a histogram of samples, shape (n,) or (n, 1), and the density of the target over it."""
    values = validation.vector("samples", samples)
    bins = validation.count("bins", bins)
    ax.hist(values, bins=bins, density=True, color=GREEN, alpha=0.45, label="samples of $p_g$")
    reach = max(5 * target.std, np.abs(values - target.mean).max())
    x = np.linspace(target.mean - reach, target.mean + reach, 400)
    ax.plot(x, target.pdf(x), **P_DATA)
    ax.set(xlabel="x", ylabel="density")
    ax.legend()
    return ax


def plot_scores(
    ax: Axes, names: Sequence[str], scores: ArrayLike, floor: metrics.NoiseFloor
) -> Axes:
    """Draw one bar for each named score, and the band that a perfect sampler falls into.

    Raises ``ValueError`` unless there are as many names as scores, which must be finite.
    """
    lengths = validation.vector("scores", scores)
    if len(names) != len(lengths):
        raise ValueError(f"names has {len(names)} entries: scores has {len(lengths)}")
    ax.barh(list(names), lengths, color=GREEN, height=0.55)
    ax.axvspan(floor.low, floor.high, linewidth=0.8, **BAND)
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.legend()
    return ax


def plot_fan(
    ax: Axes,
    x: ArrayLike,
    values: ArrayLike,
    *,
    worst: int | None = None,
    label: str = "median run",
    color: str = GREEN,
    linestyle: str = "-",
) -> Axes:
    """Draw many runs as a fan: their median, the band from 10 to 90 %, and one run by name.

    Args:
        ax: where to draw.
        x: shape (F,), such as the steps of an ensemble.
        values: shape (S, F), one row for each run; NaN where a run had diverged.
        worst: the row to draw as a thin line.
        label, color, linestyle: of the median.

    Raises ``ValueError`` for shapes that do not fit, or a ``worst`` that is no row.
    """
    at, rows = validation.vector("x", x), validation.numbers("values", values)
    if rows.ndim != 2 or rows.shape[1] != at.size or not len(rows):
        raise ValueError(f"values has shape {rows.shape}: it must be (S, {at.size}) with S >= 1")
    low, median, high = np.nanquantile(rows, [0.1, 0.5, 0.9], axis=0)
    ax.fill_between(at, low, high, color=color, alpha=0.22, linewidth=0, label="10–90 %")
    ax.plot(at, median, color=color, linestyle=linestyle, label=label)
    if worst is not None:
        worst = validation.count("worst", worst, minimum=0)
        if worst >= len(rows):
            raise ValueError(
                f"worst is {worst!r}: it must be below the number of runs, {len(rows)}"
            )
        ax.plot(at, rows[worst], color=INK, linestyle=":", linewidth=1, label="worst run")
    ax.legend()
    return ax


def plot_floor(ax: Axes, floor: metrics.NoiseFloor) -> Axes:
    """Draw the band into which a perfect sampler falls, across the whole width."""
    ax.axhspan(floor.low, floor.high, linewidth=0.6, **BAND)
    ax.legend()
    return ax


def plot_dots(ax: Axes, rows: Mapping[str, ArrayLike], limit: float, xlabel: str) -> Axes:
    """Draw a row of dots for each recipe, one for each run, and how many lie up to ``limit``.

    Args:
        ax: where to draw; its x axis becomes logarithmic.
        rows: the recipes' names, and a number above 0 for each run, shape (S,); NaN where it
            diverged.
        limit: a run counts if its number is at or below it.
        xlabel: what the numbers are.

    Raises ``ValueError`` for no rows, or one without runs.
    """
    if not rows:
        raise ValueError("rows is empty: there must be 1 or more")
    for place, (name, given) in enumerate(rows.items()):
        ends = validation.numbers(f"rows[{name!r}]", given)
        if ends.ndim != 1 or not ends.size:
            raise ValueError(f"rows[{name!r}] has shape {ends.shape}: it must be (S,), S >= 1")
        apart = place + 0.25 * np.sin(7 * np.arange(ends.size))  # so that dots don't lie on dots
        ax.plot(ends, apart, ".", color=GREEN, markersize=4)
        middle = np.median(np.nan_to_num(ends, nan=np.inf))  # who diverged is farthest
        ax.plot(middle, place, "|", color=INK, markersize=16)
        count = f"{(ends <= limit).sum()} of {ends.size}"
        ax.text(1.02, place, count, va="center", transform=ax.get_yaxis_transform())
    ax.set(xscale="log", xlabel=f"{xlabel} (bar: median)", ylim=(len(rows) - 0.5, -0.5))
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks(range(len(rows)), [name.replace("β1", r"$\beta_1$") for name in rows])
    ax.grid(axis="y", visible=False)
    return ax


def plot_ends(ax: Axes, rows: Mapping[str, ArrayLike], floor: metrics.NoiseFloor) -> Axes:
    """Draw where runs end, W1, as ``plot_dots`` does: those within the band count as healthy.

    ``floor`` is what a perfect sampler scores; a run is within it at or below its 90 % quantile.
    """
    plot_dots(ax, rows, floor.high, "$W_1$ at the end")
    ax.axvspan(floor.low, floor.high, linewidth=0.6, **BAND)
    return ax
