"""How a moving picture becomes a video: frames, files, and a figure in the page.

``FuncAnimation.save`` draws axes, ticks and text anew in each frame, and all again for the second
file.  ``save_animation`` keeps the still parts of a ``MovingPicture`` as pixels, draws only what
moves, and pipes each frame once to an ffmpeg that writes both files.
"""

import base64
import html
import io
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import imageio_ffmpeg
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML
from matplotlib.animation import AbstractMovieWriter, Animation, FuncAnimation
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from gan_lessons import validation
from gan_lessons.progress import progress

MEDIA = Path("animations")  # beside the notebook that shows them


class Film(HTML):
    """A film in a page: ``data`` holds all of it, ``on_site`` names its file beside the page."""

    def __init__(self, data: str, on_site: str) -> None:
        super().__init__(data)
        self.on_site = on_site

    def _repr_markdown_(self) -> str:
        return re.sub(r"\n\s*\n", "\n", self.on_site)  # HTML in Markdown ends at an empty line


class MovingPicture(FuncAnimation):
    """A ``FuncAnimation`` that also tells its figure, its update function and its length.

    Its frames are drawn with the ``rcParams`` that hold where it is made.
    ``update(frame)`` moves the artists and returns all that it moves, the topmost last.  Raises
    ``ValueError`` unless ``num_frames`` is a whole number above 0 and ``interval``, in
    milliseconds, is above 0.
    """

    def __init__(
        self,
        figure: Figure,
        update: Callable[[int], Sequence[Artist]],
        num_frames: int,
        interval: float = 100,
    ) -> None:
        self.figure = figure
        self.update = update
        self.num_frames = validation.count("num_frames", num_frames)
        interval = validation.positive("interval", interval)
        # Ticks and fonts are chosen as late as in the drawing.
        self.look = dict(mpl.rcParams.copy())
        del self.look["backend"]
        super().__init__(figure, update, frames=self.num_frames, interval=interval, blit=True)


def _settle(figure: Figure, passes: int = 10) -> None:
    """Repeat the layout until no axes moves any more: equal aspects take several passes."""
    places: list[tuple[float, ...]] = [(0, 0, 0, 0) for _ in figure.axes]
    for _ in range(passes):
        before = places
        figure.draw_without_rendering()
        places = [ax.get_position().bounds for ax in figure.axes]
        if np.allclose(before, places, rtol=0, atol=1e-4):
            return


def draw_frames(
    ani: MovingPicture, which: Sequence[int]
) -> Generator[NDArray[np.uint8], None, None]:
    """These frames as RGBA pixels (height, width, 4), the still parts drawn once."""
    with mpl.rc_context(ani.look):
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


class _Pipe(AbstractMovieWriter):
    """How Matplotlib's own animations come into the same ffmpeg: each frame drawn in full."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__()
        self.pipe = pipe

    def setup(self, fig: Figure, outfile: Any, dpi: float | None = None) -> None:
        self.fig, self.dpi = fig, dpi or fig.dpi

    def grab_frame(self, **settings: Any) -> None:
        self.fig.savefig(self.pipe, format="rgba", dpi=self.dpi, **settings)

    def finish(self) -> None:
        pass


def _figure(ani: Animation) -> Figure:
    """The figure of an animation, which Matplotlib keeps to itself."""
    if not isinstance(ani, Animation):
        raise TypeError(f"ani is {ani!r}: it must be an animation of Matplotlib")
    return ani._fig  # type: ignore[attr-defined, no-any-return, unused-ignore]


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


# H.264 wants even sides.  The GIF has one palette, so that it stores only what changes.
FILTERS = (
    "[0:v]split[full][copy];"
    "[full]pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white[mp4];"
    "[copy]{thin}scale='min(640,iw)':-1[small];"
    "{palette}paletteuse=dither=none:diff_mode=rectangle[gif]"
)
# A GIF counts in hundredths of a second, and browsers slow down what shows a frame for less than
# two.
THIN = "fps=50:eof_action=pass,"
# Made beforehand, as input 1, it spares ffmpeg to hold all frames in memory.
PALETTE_GIVEN = "[small][1:v]"
PALETTE_FOUND = "[small]split[seen][kept];[seen]palettegen=64[palette];[kept][palette]"


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
    ani: Animation,
    mp4_filename: str | os.PathLike[str],
    gif_filename: str | os.PathLike[str],
    fps: float = 10,
) -> None:
    """Write the animation as MP4 (H.264) and as GIF, ``fps`` frames a second.

    ``ani`` is a ``MovingPicture``, which is drawn fast, or any other animation of Matplotlib.
    Above 50 frames a second, which a GIF can't show, it leaves some out, and lasts as long.
    Both files appear whole or not at all, and what stood there before stays if it fails.  Raises
    ``TypeError`` for no animation, ``ValueError`` for a wrong ending or a frame rate that is not
    from 0.01 to 1000, ``OSError`` (one of its kinds) for a folder that is not there or can't be
    written to, ``RuntimeError`` without ffmpeg or if it fails.
    """
    figure = _figure(ani)
    mp4 = validation.output_path("mp4_filename", mp4_filename, ".mp4").absolute()
    gif = validation.output_path("gif_filename", gif_filename, ".gif").absolute()
    fps = _frame_rate(fps)
    width, height = (int(side) for side in figure.bbox.size)
    with ExitStack() as stack:
        # Each part is written beside its place, so that it can be moved there in one stroke.
        here, there = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(dir=path.parent)))
            for path in (mp4, gif)
        )
        parts = {here / "part.mp4": mp4, there / "part.gif": gif}
        # "file:" keeps ffmpeg from reading a folder's name as a protocol.
        first, second = (f"file:{part}" for part in parts)
        command = ["-loglevel", "error", "-fflags", "+bitexact"]
        command += ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{width}x{height}"]
        command += ["-r", f"{fps:.9g}", "-i", "-"]
        palette = PALETTE_FOUND
        if isinstance(ani, MovingPicture):
            # The middle frame comes first, for its colours, and again in its turn.
            order = [ani.num_frames // 2, *range(ani.num_frames)]
            frames = stack.enter_context(closing(draw_frames(ani, order)))
            _palette(next(frames)).save(here / "palette.png")
            # read as a stream: image2 would take a % in a folder's name for a number
            command += ["-f", "png_pipe", "-i", f"file:{here / 'palette.png'}"]
            palette = PALETTE_GIVEN
        filters = FILTERS.format(thin=THIN if fps > 50 else "", palette=palette)
        command += ["-filter_complex", filters]
        command += ["-map", "[mp4]", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20"]
        command += ["-flags", "+bitexact", "-movflags", "+faststart", first]
        command += ["-map", "[gif]", "-flags", "+bitexact", "-loop", "0", second]
        log = stack.enter_context(tempfile.TemporaryFile())
        with _ffmpeg(command, log) as process:
            assert process.stdin is not None
            with suppress(BrokenPipeError):
                if isinstance(ani, MovingPicture):
                    for frame in progress(frames, "drawing", ani.num_frames):
                        process.stdin.write(frame.data)
                else:
                    ani.save("", writer=_Pipe(process.stdin), dpi=figure.dpi)
                process.stdin.close()
            failed = process.wait()
        if failed:
            log.seek(0)
            complaint = log.read().decode(errors="replace").strip()
            raise RuntimeError(f"ffmpeg failed: {complaint or f'exit status {failed}'}")
        _replace_all(parts, here)


def _frame_rate(fps: float) -> float:
    """The checked frame rate: no other fits into both files."""
    rate = validation.positive("fps", fps)
    if not 0.01 <= rate <= 1000:
        raise ValueError(f"fps is {fps!r}: it must be from 0.01 to 1000")
    return rate


def _poster(ani: Animation) -> bytes:
    """A picture from the middle of the run, as a PNG of few colours.

    An animation that doesn't tell how to draw a frame gives the one that it drew last.
    """
    file, still = io.BytesIO(), io.BytesIO()
    figure = _figure(ani)
    with mpl.rc_context({**getattr(ani, "look", {}), "savefig.bbox": None}):
        if isinstance(ani, MovingPicture):
            ani.update(ani.num_frames // 2)
        figure.savefig(file, dpi=figure.dpi, facecolor="auto")
    Image.open(file).convert("RGB").quantize(32).save(still, "PNG", optimize=True)
    return still.getvalue()


def _box(width: int, height: int) -> str:
    """The style of a video with room below the picture: a browser's controls would cover it."""
    shown = f"min(100cqw, {width}px)"
    return (
        f"width:100%;max-width:{width}px;height:calc({shown} * {height / width:.4f} + 4.75rem);"
        "object-fit:contain;object-position:top"
    )


def show_animation(ani: Animation, name: str, alt: str, transcript: str, fps: float = 10) -> Film:
    """Save the animation as ``animations/NAME.mp4`` and ``.gif`` and show it as a video.

    The video is embedded, so it plays wherever the notebook is opened; it has controls below the
    picture, a poster from the middle of the run (saved as ``animations/NAME.png``, too), ``alt``
    as its label, links to both files, and ``transcript`` under it: what happens, in words.  Raises
    what ``save_animation`` raises, and ``ValueError`` for a name that is not made of letters,
    digits, ``_`` and ``-``, or an empty text.
    """
    if not isinstance(name, str) or not name.replace("_", "").replace("-", "").isalnum():
        raise ValueError(f"name is {name!r}: it must be made of letters, digits, _ and -")
    for what, value in (("alt", alt), ("transcript", transcript)):
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{what} is {value!r}: it must say what there is to see")
    figure, fps = _figure(ani), _frame_rate(fps)
    MEDIA.mkdir(exist_ok=True)
    mp4, gif = MEDIA / f"{name}.mp4", MEDIA / f"{name}.gif"
    save_animation(ani, mp4, gif, fps)
    plt.close(figure)  # the video is enough: no still under it
    width, height = (int(side) for side in figure.bbox.size)
    poster = _poster(ani)
    (MEDIA / f"{name}.png").write_bytes(poster)
    still, moving = (base64.b64encode(data).decode() for data in (poster, mp4.read_bytes()))
    embedded = f"data:video/mp4;base64,{moving}"
    page = (
        f'<figure class="animation" style="container-type:inline-size">\n'
        f'<video controls loop muted playsinline preload="metadata" width="{width}" '
        f'height="{height}" style="{_box(width, height)}" data-fps="{fps:g}" '
        f'aria-label="{html.escape(alt)}" '
        f'poster="data:image/png;base64,{still}" src="{embedded}"></video>\n'
        f'<figcaption><a href="{mp4.as_posix()}" download>MP4</a> · '
        f'<a href="{gif.as_posix()}" download>GIF</a></figcaption>\n'
        f'<details class="transcript"><summary>What the animation shows, in words</summary>\n'
        f"<p>{html.escape(transcript)}</p></details>\n</figure>"
    )
    return Film(page, page.replace(embedded, mp4.as_posix()))
