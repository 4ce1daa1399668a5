"""Saving an animation as MP4 and GIF: ``save_animation`` against ``FuncAnimation.save`` twice.

The other side is the usual way, which the course's first sources took too: ``FuncAnimation.save``
with Matplotlib's ``FFMpegWriter`` (libx264) for the MP4, and once more with its Pillow writer for
the GIF.  Both sides save the same figure with the same number of frames.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import imageio_ffmpeg
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FFMpegWriter, PillowWriter
from matplotlib.artist import Artist

from benchmarks.side_by_side import Ratio, compare, headline
from gan_lessons import plots
from gan_lessons.animation import MovingPicture, create_animation, save_animation
from gan_lessons.simulation import simulate_training

FPS = 10


def course_figure(frames: int) -> MovingPicture:
    """The scripted run in the look of the course: 960 × 600 pixels."""
    plots.use_style()
    x = np.linspace(-2, 12, 100)
    return create_animation(x, *simulate_training(x, frames), frames)[0]


def plain_figure(frames: int) -> MovingPicture:
    """The scripted run on Matplotlib's default figure, 640 × 480, without a layout to solve."""
    mpl.rcdefaults()
    mpl.use("agg")
    x = np.linspace(-2, 12, 100)
    arrays = simulate_training(x, frames)
    figure, ax = plt.subplots()
    ax.set(xlim=(-2, 12), ylim=(0, 1), title="Training Discriminator D")
    lines = [ax.plot([], [], style)[0] for style in ("k--", "g-", "b--")]

    def update(frame: int) -> Sequence[Artist]:
        for line, curves in zip(lines, arrays, strict=True):
            line.set_data(x, curves[frame])
        return lines

    return MovingPicture(figure, update, frames)


FIGURES: dict[str, Callable[[int], MovingPicture]] = {
    "course figure, 960 × 600": course_figure,
    "plain figure, 640 × 480": plain_figure,
}


def save_twice(ani: MovingPicture, mp4: Path, gif: Path) -> None:
    """Draw every frame in full, once for each file."""
    mpl.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    ani.save(str(mp4), writer=FFMpegWriter(fps=FPS, extra_args=["-vcodec", "libx264"]))
    ani.save(str(gif), writer=PillowWriter(fps=FPS))


def timed(save: Callable[..., None], build: Callable[[int], MovingPicture], frames: int) -> float:
    """Seconds that it takes to save both files of a new figure."""
    ani = build(frames)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        save(ani, Path(folder, "a.mp4"), Path(folder, "a.gif"))
        seconds = time.perf_counter() - start
    plt.close("all")
    return seconds


def run(frames: int = 200, repeats: int = 3) -> Ratio:
    """Print the comparison for both figures; return the less favourable one's."""
    headline(f"Saving {frames} frames as MP4 and GIF, {repeats} repeats in turn")
    results = [
        compare(
            name,
            partial(timed, save_animation, build, frames),
            partial(timed, save_twice, build, frames),
            repeats,
        )
        for name, build in FIGURES.items()
    ]
    return min(results, key=lambda result: result["ratio"])
