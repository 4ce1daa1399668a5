"""Moving pictures of a run, and a fast way to write them as MP4 and GIF.

``FuncAnimation.save`` draws axes, ticks and text anew in each frame, and all again for the second
file.  ``save_animation`` keeps the still parts as pixels, draws only what moves, and pipes each
frame once to an ffmpeg that writes both files.
"""

import base64
import html
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import IO

import imageio_ffmpeg
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML
from matplotlib.animation import FuncAnimation
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from tqdm.auto import tqdm

from gan_lessons import validation
from gan_lessons.distributions import Target
from gan_lessons.history import History
from gan_lessons.metrics import histogram
from gan_lessons.plots import BLUE, GENERATORS, GREEN, P_DATA, D

Array = NDArray[np.float64]

MEDIA = Path("animations")  # beside the notebook that shows them


class MovingPicture(FuncAnimation):
    """A ``FuncAnimation`` that also tells its figure, its update function and its length.

    ``update(frame)`` moves the artists and returns all that it moves, the topmost last.  Raises
    ``ValueError`` unless ``num_frames`` is a whole number above 0 and ``interval``, in
    milliseconds, is above 0.
    """

    def __init__(
        self,
        figure: Figure,
        update: Callable[[int], Sequence[Artist]],
        num_frames: int,
        interval: int = 100,
    ) -> None:
        self.figure = figure
        self.update = update
        self.num_frames = validation.count("num_frames", num_frames)
        validation.positive("interval", interval)
        super().__init__(figure, update, frames=num_frames, interval=interval, blit=True)


def _stage(title: str, x: ArrayLike, ylabel: str = "density") -> tuple[Figure, Axes]:
    """A figure of 960 × 600 pixels with one empty axes over ``x``."""
    figure, ax = plt.subplots(figsize=(6.4, 4.0), dpi=150, facecolor="white", layout="constrained")
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
        0.02, 0.97, "", transform=ax.transAxes, va="top", family="monospace", fontsize=8, bbox=veil
    )


def create_animation(
    x: ArrayLike,
    ground_truth_data: ArrayLike,
    generator_data: ArrayLike,
    discriminator_data: ArrayLike,
    num_frames: int,
    interval: int = 200,
    title: str = "Training Discriminator D",
) -> tuple[MovingPicture, Figure]:
    """Animate three families of curves over ``x``, one curve of each in a frame.

    ``x`` has shape (X,), the others (num_frames, X); ``interval`` is in milliseconds.  All three
    share one axis from 0 to 1, or higher where a density is.  NaN leaves a gap in a curve.
    Raises ``ValueError`` for shapes that do not fit, or an infinite value.
    """
    points = validation.vector("x", x, minimum=2)
    num_frames = validation.count("num_frames", num_frames)
    validation.positive("interval", interval)
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


def animate_training(
    *histories: History, title: str, labels: Sequence[str] = (), interval: int = 100
) -> tuple[MovingPicture, Figure]:
    """Animate one run, or several with the same frames side by side on one axis.

    Shows p_data, each run's p_g, its step and losses, and D on an axis of its own where a single
    run has one.  A density taller than three times p_data's peak leaves the top of the axis; the
    text then says how high it goes.  ``labels`` name the runs.  Raises ``ValueError`` for no run,
    for more than three, or for runs whose frames or grids differ.
    """
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
        text.set_text("\n".join([f"epoch {first.steps[frame]}", *about]))
        return [*shown, text]

    return MovingPicture(figure, update, len(first.steps), interval), figure


def animate_histogram(
    history: History, target: Target, title: str, bins: int = 100, interval: int = 100
) -> tuple[MovingPicture, Figure]:
    """Animate a run as a histogram over μ ± 3σ, with D on its own axis from 0 to 1.

    The bars stand at their bins, the height is the share of all samples per unit of x, and the
    text names the share of samples that lie outside the picture.
    """
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
        label="samples of p_g",
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
            f"epoch {history.steps[frame]}\n"
            f"mean {history.mean[frame]:.2f}  std {history.std[frame]:.2f}\n"
            f"outside the picture: {outside:.0%}"
        )
        # p_data stands still, but lies above the bars
        return [bars, p_data, text] if curve is None else [bars, p_data, text, curve]

    return MovingPicture(figure, update, len(history.steps), interval), figure


def animate_orbits(
    orbits: Mapping[str, ArrayLike], title: str, reach: float = 2.0, interval: int = 100
) -> tuple[MovingPicture, Figure]:
    """Animate orbits in the plane, each of shape (T, 2), one panel each, over ±``reach``.

    Raises ``ValueError`` unless there is an orbit, and all have the same shape.
    """
    paths = {name: validation.numbers("orbits", orbit) for name, orbit in orbits.items()}
    shapes = {path.shape for path in paths.values()}
    if len(shapes) != 1 or next(iter(shapes))[1:] != (2,) or not next(iter(shapes))[0]:
        raise ValueError(
            f"orbits have shapes {sorted(shapes)}: all must have one shape (T, 2) with T >= 1"
        )
    reach = validation.positive("reach", reach)
    figure, axes = plt.subplots(
        1,
        len(paths),
        figsize=(3.2 * len(paths), 3.6),
        dpi=100,
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
        radii.append(ax.text(0.03, 0.95, "", transform=ax.transAxes, va="top", fontsize=8))
    axes[0][0].set_ylabel("y")
    movers = [*trails, *heads, *radii]

    def update(frame: int) -> Sequence[Artist]:
        for path, trail, head, radius in zip(paths.values(), trails, heads, radii, strict=True):
            trail.set_data(path[: frame + 1, 0], path[: frame + 1, 1])
            head.set_data(path[frame : frame + 1, 0], path[frame : frame + 1, 1])
            radius.set_text(f"step {frame}\nradius {np.hypot(*path[frame]):.2f}")
        return movers

    return MovingPicture(figure, update, next(iter(shapes))[0], interval), figure


# --- Writing files ----------------------------------------------------------------------------


def _settle(figure: Figure, passes: int = 10) -> None:
    """Repeat the layout until no axes moves any more: equal aspects take several passes."""
    places: list[tuple[float, ...]] = [(0, 0, 0, 0) for _ in figure.axes]
    for _ in range(passes):
        before = places
        figure.draw_without_rendering()
        places = [ax.get_position().bounds for ax in figure.axes]
        if np.allclose(before, places, rtol=0, atol=1e-4):
            return


def _frames(ani: MovingPicture, which: Sequence[int]) -> Generator[NDArray[np.uint8], None, None]:
    """These frames as RGBA pixels (height, width, 4), the still parts drawn once."""
    movers = ani.update(0)
    figure, shown_on = ani.figure, ani.figure.canvas
    canvas = FigureCanvasAgg(figure)
    were_animated = [artist.get_animated() for artist in movers]
    try:
        for artist in movers:
            artist.set_animated(True)  # left out of the still picture
        _settle(figure)
        canvas.draw()
        still = canvas.copy_from_bbox(figure.bbox)
        for frame in which:
            canvas.restore_region(still)
            for artist in ani.update(frame):
                figure.draw_artist(artist)
            yield np.asarray(canvas.buffer_rgba()).copy()
    finally:
        for artist, before in zip(movers, were_animated, strict=True):
            artist.set_animated(before)
        figure.set_canvas(shown_on)


@contextmanager
def _ffmpeg(
    arguments: Sequence[str], log: IO[bytes]
) -> Generator[subprocess.Popen[bytes], None, None]:
    """Run ffmpeg with its input open and its complaints in ``log``; never leave it behind."""
    try:
        executable = imageio_ffmpeg.get_ffmpeg_exe()
        process = subprocess.Popen([executable, *arguments], stdin=subprocess.PIPE, stderr=log)
    except (RuntimeError, OSError) as error:
        named = os.environ.get("IMAGEIO_FFMPEG_EXE")
        where = f" (IMAGEIO_FFMPEG_EXE is {named!r})" if named else ""
        raise RuntimeError(
            f"no ffmpeg that runs was found{where}: install the package imageio-ffmpeg, or set "
            "IMAGEIO_FFMPEG_EXE to an ffmpeg"
        ) from error
    assert process.stdin is not None
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        with suppress(BrokenPipeError):  # it may have stopped before it read everything
            process.stdin.close()
        process.wait()


# H.264 wants even sides.  Input 1 is the palette: one for the whole GIF, so that it stores only
# what changes, and made beforehand, so that ffmpeg need not hold all frames in memory.
FILTERS = (
    "[0:v]split[full][copy];"
    "[full]pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white[mp4];"
    "[copy]scale='min(640,iw)':-1[small];"
    "[small][1:v]paletteuse=dither=none:diff_mode=rectangle[gif]"
)


def _palette(frame: NDArray[np.uint8], colours: int = 64) -> Image.Image:
    """The colours of a frame as an image of 16 × 16 pixels, as ffmpeg wants them."""
    few = Image.fromarray(frame).convert("RGB").quantize(colours).getpalette() or []
    pixels = np.resize(np.array(few, dtype=np.uint8).reshape(-1, 3), (16, 16, 3))
    return Image.fromarray(pixels)


def _replace_all(parts: Mapping[Path, Path], scratch: Path) -> None:
    """Move each part to its place; if one can't be moved, put back what was there before."""
    saved: dict[Path, Path | None] = {}
    try:
        for number, (part, path) in enumerate(parts.items()):
            saved[path] = None
            if path.exists():
                backup = scratch / f"before{number}"
                shutil.copyfile(path, backup)
                saved[path] = backup
            os.replace(part, path)
    except BaseException:
        for path, before in saved.items():
            if before is not None:
                shutil.copyfile(before, path)
            else:
                path.unlink(missing_ok=True)
        raise


def save_animation(
    ani: MovingPicture,
    mp4_filename: str | os.PathLike[str],
    gif_filename: str | os.PathLike[str],
    fps: float = 10,
) -> None:
    """Write the animation as MP4 (H.264) and as GIF, ``fps`` frames a second.

    Both files appear whole or not at all, and what stood there before stays if it fails.  Raises
    ``ValueError`` for a wrong ending or a frame rate that is not above 0, ``OSError`` (one of its
    kinds) for a folder that is not there or can't be written to, ``RuntimeError`` without ffmpeg
    or if it fails.
    """
    mp4 = validation.output_path("mp4_filename", mp4_filename, ".mp4")
    gif = validation.output_path("gif_filename", gif_filename, ".gif")
    fps = validation.positive("fps", fps)
    width, height = (int(side) for side in ani.figure.bbox.size)
    with ExitStack() as stack:
        # Each part is written beside its place, so that it can be moved there in one stroke.
        here, there = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(dir=path.parent)))
            for path in (mp4, gif)
        )
        parts = {here / "part.mp4": mp4, there / "part.gif": gif}
        palette = here / "palette.png"
        # The middle frame comes first, for its colours, and again in its turn.
        order = [ani.num_frames // 2, *range(ani.num_frames)]
        frames = stack.enter_context(closing(_frames(ani, order)))
        _palette(next(frames)).save(palette)
        command = ["-loglevel", "error", "-fflags", "+bitexact"]
        command += ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{width}x{height}"]
        command += ["-r", f"{fps:g}", "-i", "-", "-i", str(palette)]
        command += ["-filter_complex", FILTERS]
        command += ["-map", "[mp4]", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20"]
        command += ["-flags", "+bitexact", "-movflags", "+faststart", str(here / "part.mp4")]
        command += ["-map", "[gif]", "-flags", "+bitexact", "-loop", "0", str(there / "part.gif")]
        log = stack.enter_context(tempfile.TemporaryFile())
        with _ffmpeg(command, log) as process:
            assert process.stdin is not None
            with suppress(BrokenPipeError):
                for frame in tqdm(
                    frames,
                    total=ani.num_frames,
                    desc="drawing",
                    leave=False,
                    disable=bool(os.environ.get("TQDM_DISABLE")),  # its notebook bar ignores it
                ):
                    process.stdin.write(frame)
                process.stdin.close()
            failed = process.wait()
        if failed:
            log.seek(0)
            complaint = log.read().decode(errors="replace").strip()
            raise RuntimeError(f"ffmpeg failed: {complaint or f'exit status {failed}'}")
        _replace_all(parts, here)


def _poster(ani: MovingPicture) -> str:
    """The last frame as a PNG data URI of few colours."""
    with closing(_frames(ani, [ani.num_frames - 1])) as frames:
        last = next(frames)
    file = io.BytesIO()
    Image.fromarray(last).convert("RGB").quantize(32).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def show_animation(
    ani: MovingPicture, name: str, alt: str, transcript: str, fps: float = 10
) -> HTML:
    """Save the animation as ``animations/NAME.mp4`` and ``.gif`` and show it as a video.

    The video is embedded, so it plays wherever the notebook is opened; it has controls, a poster
    frame, ``alt`` as its label, links to both files, and ``transcript`` under it: what happens,
    in words.  Raises what ``save_animation`` raises, and ``ValueError`` for a name that is not
    made of letters, digits, ``_`` and ``-``, or an empty text.
    """
    if not isinstance(name, str) or not name.replace("_", "").replace("-", "").isalnum():
        raise ValueError(f"name is {name!r}: it must be made of letters, digits, _ and -")
    for what, value in (("alt", alt), ("transcript", transcript)):
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{what} is {value!r}: it must say what there is to see")
    fps = validation.positive("fps", fps)
    MEDIA.mkdir(exist_ok=True)
    mp4, gif = MEDIA / f"{name}.mp4", MEDIA / f"{name}.gif"
    save_animation(ani, mp4, gif, fps)
    plt.close(ani.figure)  # the video is enough: no still under it
    width, height = (int(side) for side in ani.figure.bbox.size)
    data = base64.b64encode(mp4.read_bytes()).decode()
    return HTML(
        f'<figure class="animation">\n'
        f'<video controls loop muted playsinline preload="metadata" width="{width}" '
        f'height="{height}" style="max-width:100%;height:auto" aria-label="{html.escape(alt)}" '
        f'poster="{_poster(ani)}" data-file="{mp4.as_posix()}" '
        f'src="data:video/mp4;base64,{data}"></video>\n'
        f'<figcaption><a href="{mp4.as_posix()}" download>MP4</a> · '
        f'<a href="{gif.as_posix()}" download>GIF</a></figcaption>\n'
        f'<details class="transcript"><summary>What the animation shows, in words</summary>\n'
        f"<p>{html.escape(transcript)}</p></details>\n</figure>"
    )
