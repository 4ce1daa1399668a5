"""The moving pictures of the course: what each frame of a run shows.

Each function returns the picture and its figure, both in the look of the course, whatever style
the user has set.  ``gan_lessons.video`` writes and shows it;
its three names are offered here too, so that a lesson imports from one place.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from numpy.typing import ArrayLike

from gan_lessons import validation
from gan_lessons.distributions import Target
from gan_lessons.history import History
from gan_lessons.metrics import histogram
from gan_lessons.plots import BLUE, GENERATORS, GREEN, P_DATA, D, in_style
from gan_lessons.video import MovingPicture, save_animation, show_animation

__all__ = [
    "MovingPicture",
    "animate_histogram",
    "animate_orbits",
    "animate_training",
    "create_animation",
    "save_animation",
    "show_animation",
]


def _stage(title: str, x: ArrayLike, ylabel: str = "density") -> tuple[Figure, Axes]:
    """A figure of 960 × 600 pixels with one empty axes over ``x``."""
    room = ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1)  # inches at the rim of the video
    figure, ax = plt.subplots(figsize=(6.4, 4.0), dpi=150, facecolor="white", layout=room)
    ax.set(xlim=(np.min(x), np.max(x)), title=title, xlabel="x", ylabel=ylabel)
    return figure, ax


def _discriminator_axis(ax: Axes) -> Axes:
    """A second y axis from 0 to 1, in D's colour, so that D never shares a scale."""
    right = ax.twinx()
    right.set(ylim=(0, 1))
    right.set_ylabel("D(x)", color=BLUE)
    right.tick_params(axis="y", colors=BLUE)
    right.spines["right"].set(visible=True, color=BLUE)
    right.grid(visible=False)
    return right


def _legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """The legend below the axes, where no curve can run through it."""
    figure.legend(handles=list(handles), loc="outside lower center", ncols=len(handles))


def _info(ax: Axes) -> Text:
    """An empty text in the upper left corner, on a veil so that curves do not hide it."""
    veil = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 2}
    return ax.text(
        0.02, 0.97, "", transform=ax.transAxes, va="top", family="monospace", fontsize=9, bbox=veil
    )


@in_style()
def create_animation(
    x: ArrayLike,
    ground_truth_data: ArrayLike,
    generator_data: ArrayLike,
    discriminator_data: ArrayLike,
    num_frames: int,
    interval: float = 200,
    title: str = "Training Discriminator D",
) -> tuple[MovingPicture, Figure]:
    """Animate three families of curves over ``x``, one curve of each in a frame.

    ``x`` has shape (X,), the others (num_frames, X); ``interval`` is in milliseconds.  All three
    share one axis from 0 to 1, or higher where a density is.  NaN leaves a gap in a curve.
    Raises ``ValueError`` for shapes that do not fit, or an infinite value.
    """
    points = validation.vector("x", x, minimum=2)
    num_frames = validation.count("num_frames", num_frames)
    interval = validation.positive("interval", interval)
    given = {
        "ground_truth_data": ground_truth_data,
        "generator_data": generator_data,
        "discriminator_data": discriminator_data,
    }
    named = {name: validation.numbers(name, curves) for name, curves in given.items()}
    for name, curves in named.items():
        if curves.shape != (num_frames, points.size):
            raise ValueError(
                f"{name} has shape {curves.shape}: it must be (num_frames, len(x)), "
                f"which is {(num_frames, points.size)}"
            )
        if np.isinf(curves).any():
            raise ValueError(f"{name} holds infinity: every entry must be a finite number or NaN")
    figure, ax = _stage(title, points, "Probability")
    ax.set_ylim(0, max(1.0, *(1.05 * np.nanmax(curves, initial=0) for curves in named.values())))
    labels = ("Real Data (pdata)", "Generator (pg)", "Discriminator (D)")
    lines = [
        ax.plot([], [], **{**style, "label": label})[0]
        for style, label in zip((P_DATA, GENERATORS[0], D), labels, strict=True)
    ]
    lines[0].set_zorder(3)  # where p_g lies on p_data, both are seen
    _legend(figure, lines)

    def update(frame: int) -> Sequence[Artist]:
        for line, curves in zip(lines, named.values(), strict=True):
            line.set_data(points, curves[frame])
        return [*lines[1:], lines[0]]  # the last is drawn on top

    return MovingPicture(figure, update, num_frames, interval), figure


@in_style()
def animate_training(
    *histories: History, title: str, labels: Sequence[str] = (), interval: float = 100
) -> tuple[MovingPicture, Figure]:
    """Animate one run, or several with the same frames side by side on one axis.

    Shows p_data, each run's p_g, its step and losses, and D on an axis of its own where a single
    run has one.  A density taller than three times p_data's peak leaves the top of the axis; the
    text then says how high it goes.  ``labels`` name the runs.  Raises ``ValueError`` for no run,
    for more than three, or for runs whose frames or grids differ.
    """
    interval = validation.positive("interval", interval)
    first = histories[0] if histories else None
    if first is None or len(histories) > len(GENERATORS):
        raise ValueError(f"histories holds {len(histories)} runs: it must hold 1 to 3")
    for history in histories[1:]:
        if not np.array_equal(history.steps, first.steps) or not np.array_equal(
            history.x, first.x
        ):
            raise ValueError("histories differ in steps or x: they must share both")
    names = list(labels) or [str(style["label"]) for style in GENERATORS[: len(histories)]]
    if len(names) != len(histories):
        raise ValueError(f"labels is {labels!r}: it must name each of {len(histories)} runs")

    figure, ax = _stage(title, first.x)
    peak = max(history.p_g.max() for history in histories)
    top = min(1.1 * max(peak, first.p_data.max()), 3 * first.p_data.max())
    ax.set_ylim(0, top)
    ax.plot(first.x, first.p_data, **P_DATA)
    lines = [
        ax.plot([], [], **{**style, "label": name})[0]
        for style, name in zip(GENERATORS, names, strict=False)
    ]
    shown = [*lines]
    if len(histories) == 1 and first.has_discriminator:
        shown += _discriminator_axis(ax).plot([], [], **D)
    _legend(figure, [ax.lines[0], *shown])
    text = _info(ax)

    def describe(history: History, name: str, frame: int) -> str:
        step = history.steps[frame]
        parts = [f"{name}: "] if len(histories) > 1 else []
        if step > 0:
            parts.append(f"G loss {history.g_loss[step - 1]:.3f}")
            if history.has_discriminator:
                parts.append(f"  D loss {history.d_loss[step - 1]:.3f}")
        if history.p_g[frame].max() > top:
            parts.append(f"  (p_g peaks at {history.p_g[frame].max():.1f})")
        return "".join(parts)

    def update(frame: int) -> Sequence[Artist]:
        for line, history in zip(lines, histories, strict=True):
            line.set_data(history.x, history.p_g[frame])
        for line in shown[len(lines) :]:
            line.set_data(first.x, first.d[frame])
        about = (describe(h, name, frame) for h, name in zip(histories, names, strict=True))
        text.set_text("\n".join([f"step {first.steps[frame]}", *about]))
        return [*shown, text]

    return MovingPicture(figure, update, len(first.steps), interval), figure


@in_style()
def animate_histogram(
    history: History, target: Target, title: str, bins: int = 100, interval: float = 100
) -> tuple[MovingPicture, Figure]:
    """Animate a run as a histogram over μ ± 3σ, with D on its own axis from 0 to 1.

    The bars stand at their bins, the height is the share of all samples per unit of x, and the
    text names the share of samples that lie outside the picture.
    """
    bins, interval = validation.count("bins", bins), validation.positive("interval", interval)
    low, high = target.mean - 3 * target.std, target.mean + 3 * target.std
    binned = [histogram(samples, low, high, bins) for samples in history.samples]
    figure, ax = _stage(title, [low, high])
    ax.set_ylim(0, 3 * history.p_data.max())
    (p_data,) = ax.plot(history.x, history.p_data, **P_DATA)
    bars = ax.stairs(
        binned[0][1],
        np.linspace(low, high, bins + 1),
        fill=True,
        color=GREEN,
        alpha=0.6,
        label="samples of $p_g$",
    )
    handles: list[Artist] = [p_data, bars]
    curve = None
    if history.has_discriminator:
        (curve,) = _discriminator_axis(ax).plot([], [], **D)
        handles.append(curve)
    _legend(figure, handles)
    text = _info(ax)

    def update(frame: int) -> Sequence[Artist]:
        _, heights, outside = binned[frame]
        bars.set_data(heights)
        if curve is not None:
            curve.set_data(history.x, history.d[frame])
        text.set_text(
            f"step {history.steps[frame]}\n"
            f"mean {history.mean[frame]:.2f}  std {history.std[frame]:.2f}\n"
            f"outside the picture: {outside:.0%}"
        )
        # p_data stands still, but lies above the bars
        return [bars, p_data, text] if curve is None else [bars, p_data, text, curve]

    return MovingPicture(figure, update, len(history.steps), interval), figure


@in_style()
def animate_orbits(
    orbits: Mapping[str, ArrayLike], title: str, reach: float = 2.0, interval: float = 100
) -> tuple[MovingPicture, Figure]:
    """Animate orbits in the plane, each of shape (T, 2), one panel each, over ±``reach``.

    Raises ``ValueError`` unless there is an orbit, all have the same shape, and ``reach`` is
    above 0.
    """
    paths = {name: validation.numbers("orbits", orbit) for name, orbit in orbits.items()}
    shapes = {path.shape for path in paths.values()}
    if len(shapes) != 1 or next(iter(shapes))[1:] != (2,) or not next(iter(shapes))[0]:
        raise ValueError(
            f"orbits have shapes {sorted(shapes)}: all must have one shape (T, 2) with T >= 1"
        )
    reach, interval = (
        validation.positive("reach", reach),
        validation.positive("interval", interval),
    )
    figure, axes = plt.subplots(
        1,
        len(paths),
        figsize=(2.12 * len(paths), 2.72),  # small, so that a phone's reader can read the words
        dpi=150,
        facecolor="white",
        layout="constrained",
        sharey=True,
        squeeze=False,
    )
    figure.suptitle(title)
    trails, heads, radii = [], [], []
    for ax, name in zip(axes[0], paths, strict=True):
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=name, xlabel="x")
        ax.plot(0, 0, marker="+", color="#222222", markersize=9)
        trails.append(ax.plot([], [], color=GREEN, linewidth=1.2)[0])
        heads.append(ax.plot([], [], color=BLUE, marker="o", linestyle="")[0])
        radii.append(ax.text(0.03, 0.95, "", transform=ax.transAxes, va="top", fontsize=9))
    axes[0][0].set_ylabel("y")
    movers = [*trails, *heads, *radii]

    def update(frame: int) -> Sequence[Artist]:
        for path, trail, head, radius in zip(paths.values(), trails, heads, radii, strict=True):
            trail.set_data(path[: frame + 1, 0], path[: frame + 1, 1])
            head.set_data(path[frame : frame + 1, 0], path[frame : frame + 1, 1])
            radius.set_text(f"step {frame}\nradius {np.hypot(*path[frame]):.2f}")
        return movers

    return MovingPicture(figure, update, next(iter(shapes))[0], interval), figure
