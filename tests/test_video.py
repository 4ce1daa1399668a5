import base64
import errno
import io
import os
import re
import signal
import stat
import subprocess
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
import matplotlib.pyplot as plt
import numpy as np
import pytest
from few import first_quick
from matplotlib.animation import ArtistAnimation, FuncAnimation, PillowWriter
from pictures import KINDS, read_video, scripted, tiny
from PIL import Image

from gan_lessons import video
from gan_lessons.animation import (
    MovingPicture,
    save_animation,
    show_animation,
)

# --- The fast drawing is the full drawing -----------------------------------------------------


def full_drawing(ani, frame):
    """The frame as ``FuncAnimation.save`` draws it: the whole figure."""
    ani.update(frame)
    file = io.BytesIO()
    ani.figure.savefig(file, format="rgba", dpi="figure")
    width, height = (int(side) for side in ani.figure.bbox.size)
    return np.frombuffer(file.getvalue(), np.uint8).reshape(height, width, 4).astype(int)


@pytest.mark.parametrize("kind", KINDS)
def test_fast_frames_equal_full_frames_and_each_is_another(kind):
    ani = KINDS[kind]()
    fast = list(video.draw_frames(ani, range(ani.num_frames)))
    assert len(fast) >= 3
    assert all((before != after).any() for before, after in pairwise(fast))
    with plt.rc_context(ani.look):
        for frame in (0, ani.num_frames - 1):
            full = full_drawing(ani, frame)
            assert fast[frame].shape == full.shape
            gap = np.abs(fast[frame] - full).max(axis=-1)
            # where lines cross a frame, a text or each other the order of drawing may differ
            assert (gap > 40).mean() < 1e-3
            assert gap.mean() < 0.1


USERS = ["dark_background", {"font.size": 30, "lines.linewidth": 9, "xtick.top": True}]


@pytest.mark.parametrize("kind", first_quick(KINDS))
def test_a_users_style_does_not_change_a_film(kind):
    def small():
        ani = KINDS[kind]()
        ani.figure.set_dpi(40)
        return ani

    def picture(ani):
        return next(video.draw_frames(ani, [2]))

    expected, drawn_later = picture(small()), small()
    with plt.style.context(USERS):
        made_in_style, before = small(), dict(plt.rcParams)
        np.testing.assert_array_equal(picture(drawn_later), expected)
        assert dict(plt.rcParams) == before  # nor does a film change the user's style
    np.testing.assert_array_equal(picture(made_in_style), expected)


def test_a_users_own_picture_keeps_the_users_style():
    with plt.style.context(USERS):
        ani = MovingPicture(plt.figure(figsize=(1, 1)), lambda _: [], 1)
    assert next(video.draw_frames(ani, [0]))[..., :3].max() == 0


def test_frames_do_not_depend_on_those_drawn_before():
    ani, _ = scripted(5)
    straight = list(video.draw_frames(ani, range(5)))
    jumping = list(video.draw_frames(ani, [3, 0, 3]))
    np.testing.assert_array_equal(jumping[0], straight[3])
    np.testing.assert_array_equal(jumping[2], straight[3])
    np.testing.assert_array_equal(jumping[1], straight[0])


@pytest.mark.parametrize("animated", [False, True])
def test_the_figure_is_given_back_as_it_was(animated, tmp_path):
    ani, fig = scripted()
    canvas, movers = fig.canvas, ani.update(0)
    for artist in movers:
        artist.set_animated(animated)
    save_animation(ani, tmp_path / "a.mp4", tmp_path / "a.gif")
    assert fig.canvas is canvas
    assert [artist.get_animated() for artist in movers] == [animated] * 3


# --- Writing ----------------------------------------------------------------------------------


def durations(path):
    """How long each frame of a GIF is shown, in milliseconds."""
    with Image.open(path) as gif:
        return [[gif.seek(k), gif.info["duration"]][1] for k in range(gif.n_frames)]


@pytest.mark.parametrize(
    ("frames", "fps"),
    [(4, 12.5), (31, 30), (40, 30000 / 1001), (10, 50), (30, 60), (31, 100), (1, 120), (3, 1000)],
)
def test_the_gif_lasts_as_long_as_asked_for(tmp_path, frames, fps):
    save_animation(tiny(frames), tmp_path / "a.mp4", tmp_path / "a.gif", fps)
    about, pictures = read_video(tmp_path / "a.mp4")
    assert re.search(rf" {fps:.4g}0? fps", about.replace("1k", "1000"))
    assert len(pictures) == frames
    shown = durations(tmp_path / "a.gif")
    assert len(shown) == frames or fps > 50
    # browsers show 100 ms instead of less; a single picture stands still, for how long is open
    assert min(shown) >= 20 or len(shown) == 1
    assert max(shown) - min(shown) <= 10
    assert abs(sum(shown) - 1000 * frames / fps) <= 20


def test_a_gif_that_leaves_out_frames_does_so_evenly(tmp_path):
    fig, ax = plt.subplots(figsize=(2, 0.4), dpi=50)
    fig.subplots_adjust(0, 0, 1, 1)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    (bar,) = ax.plot([], [], color="black", linewidth=30, solid_capstyle="butt")

    def update(frame):
        bar.set_data([0, frame / 24], [0.5, 0.5])
        return [bar]

    save_animation(MovingPicture(fig, update, 25), tmp_path / "a.mp4", tmp_path / "a.gif", 100)
    with Image.open(tmp_path / "a.gif") as gif:
        lengths = [
            (np.asarray([gif.seek(k), gif.convert("L")][1])[10] < 128).sum()
            for k in range(gif.n_frames)
        ]
    assert lengths[-1] > 95  # it ends where the film ends
    assert 6 <= min(np.diff(lengths)[1:]) <= max(np.diff(lengths)[1:]) <= 11


def test_a_small_figure_of_odd_sides_keeps_its_size_and_gets_a_white_rim(tmp_path):
    fig, ax = plt.subplots(figsize=(301 / 64, 203 / 64), dpi=64, facecolor="white")
    (line,) = ax.plot([], [])

    def update(frame):
        line.set_data([0, 1], [0, frame])
        return [line]

    save_animation(MovingPicture(fig, update, 3), tmp_path / "a.mp4", tmp_path / "a.gif")
    _, frames = read_video(tmp_path / "a.mp4")
    assert frames.shape == (3, 204, 302, 3)
    assert frames[0, -1].min() > 240
    assert frames[0, :, -1].min() > 240
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.size == (301, 203)


def test_the_files_lie_where_they_belong_and_a_video_can_start_before_it_is_whole(tmp_path):
    paths = [tmp_path / "one" / "a.mp4", tmp_path / "two" / "a.gif", tmp_path / "plain"]
    for path in paths[:2]:
        path.parent.mkdir()
    save_animation(tiny(2), *paths[:2])
    paths[2].touch()
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(paths)
    assert len({stat.S_IMODE(path.stat().st_mode) for path in paths}) == 1  # others may read them
    content = paths[0].read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


ODD = [
    "run:1/a",
    "-out/-a",
    "concat:b/pipe:1",
    "http:/a",
    "a%d/b%03d",
    '50% [off]/it\'s "é", \\; #1',
    "pipe:1",
    "-y",
]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ODD)
def test_a_path_is_only_a_path(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(exist_ok=True)
    mp4, gif = f"{name}.MP4", f"{name}.gif"
    save_animation(tiny(2), mp4, gif)
    files = sorted(str(path) for path in Path().rglob("*") if path.is_file())
    assert files == sorted(str(Path(path)) for path in (mp4, gif))
    assert b"ftyp" in Path(mp4).read_bytes()[:16]
    assert len(durations(gif)) == 2


# --- Animations of Matplotlib -----------------------------------------------------------------


def by_function(blit):
    """A bar that grows, and the frames that were drawn, in order."""
    fig, ax = plt.subplots(figsize=(2, 1), dpi=60)
    (bar,) = ax.plot([], [], linewidth=20)
    drawn = []

    def update(frame):
        drawn.append(frame)
        bar.set_data([0, frame], [0.5, 0.5])
        return [bar]

    ax.set(xlim=(0, 4), ylim=(0, 1))
    return FuncAnimation(fig, update, frames=range(4), init_func=lambda: [bar], blit=blit), drawn


def by_artists(blit):
    fig, ax = plt.subplots(figsize=(2, 1), dpi=60)
    ax.set(xlim=(0, 4), ylim=(0, 1))
    bars = [ax.plot([0, k], [0.5, 0.5], "C0", linewidth=20) for k in range(4)]
    return ArtistAnimation(fig, bars, blit=blit), None


@pytest.mark.parametrize("blit", [False, True])
@pytest.mark.parametrize("kind", [by_function, by_artists])
def test_any_animation_of_matplotlib_is_saved(tmp_path, kind, blit):
    ani, drawn = kind(blit)
    save_animation(ani, tmp_path / "a.mp4", tmp_path / "a.gif", fps=5)
    assert drawn in (None, [0, 1, 2, 3])
    about, frames = read_video(tmp_path / "a.mp4")
    assert " 5 fps" in about
    assert durations(tmp_path / "a.gif") == [200] * 4
    # as Matplotlib writes them itself
    ani.save(tmp_path / "b.gif", writer=PillowWriter(fps=5))
    with Image.open(tmp_path / "a.gif") as ours, Image.open(tmp_path / "b.gif") as theirs:
        for k in range(4):
            ours.seek(k)
            theirs.seek(k)
            expected = np.asarray(theirs.convert("RGB")).astype(int)
            assert np.abs(np.asarray(ours.convert("RGB")) - expected).mean() < 2
            assert np.abs(frames[k] - expected).mean() < 4


def test_any_animation_of_matplotlib_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ani, _ = by_function(False)
    page = show_animation(ani, "run", alt="a", transcript="t").data
    assert 'width="120" height="60"' in page
    poster = np.asarray(Image.open("animations/run.png").convert("RGB")).astype(int)
    assert np.abs(read_video("animations/run.mp4")[1][-1] - poster).mean() < 4
    assert plt.get_fignums() == []


def test_an_animation_of_matplotlib_that_stops_midway(old_files, no_process_left):
    fig = plt.figure(figsize=(1, 1))
    ani = FuncAnimation(fig, lambda frame: 1 // (2 - frame), frames=5)
    with pytest.raises(ZeroDivisionError):
        save_animation(ani, *old_files)


@pytest.mark.parametrize("ani", [None, "ani", 3, (1, 2)])
def test_what_is_no_animation_is_refused(tmp_path, ani):
    with pytest.raises(TypeError, match=r"^ani is .*: it must be an animation of Matplotlib"):
        save_animation(ani, tmp_path / "a.mp4", tmp_path / "a.gif")
    assert os.listdir(tmp_path) == []


# --- What can go wrong ------------------------------------------------------------------------


@pytest.fixture
def old_files(tmp_path):
    """Two files that a failed save must leave as they are, and nothing beside them."""
    folder = tmp_path / "out"
    folder.mkdir()
    mp4, gif = folder / "a.mp4", folder / "a.gif"
    mp4.write_bytes(b"old video")
    gif.write_bytes(b"old picture")
    yield mp4, gif
    assert (mp4.read_bytes(), gif.read_bytes()) == (b"old video", b"old picture")
    assert sorted(os.listdir(folder)) == ["a.gif", "a.mp4"]


@pytest.fixture
def no_process_left(monkeypatch):
    """Every process that was started has ended."""
    started = []
    popen = subprocess.Popen

    class Watched(popen):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    yield started
    assert all(process.returncode is not None for process in started)


@pytest.mark.parametrize("error", [ZeroDivisionError("midway"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", [0, 3])
def test_drawing_that_stops_midway_leaves_all_as_it_was(old_files, no_process_left, error, at):
    ani = tiny(5)
    fig = ani.figure
    whole, canvas = ani.update, fig.canvas
    for line in fig.axes[0].lines:
        line.set_animated(False)

    def breaks(frame):
        if frame == at:
            raise error
        return whole(frame)

    ani.update = breaks
    with pytest.raises(type(error)):
        save_animation(ani, *old_files)
    assert fig.canvas is canvas
    assert [line.get_animated() for line in fig.axes[0].lines] == [False] * 3


def test_an_interrupt_while_ffmpeg_finishes_stops_it(old_files, no_process_left, monkeypatch):
    wait = subprocess.Popen.wait
    calls = []

    def interrupted(self, timeout=None):
        calls.append(self)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return wait(self, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_animation(tiny(), *old_files)


def test_an_ffmpeg_that_hangs_is_stopped_when_drawing_fails(
    tmp_path, monkeypatch, old_files, no_process_left
):
    fake_ffmpeg(tmp_path, monkeypatch, "cat >/dev/null; sleep 20")
    ani = tiny()
    whole = ani.update
    ani.update = lambda frame: whole(frame if frame < 3 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_animation(ani, *old_files)
    assert [process.returncode for process in no_process_left] == [-signal.SIGKILL]


def fake_ffmpeg(tmp_path, monkeypatch, script):
    executable = tmp_path / "ffmpeg"
    executable.write_text(f"#!/bin/sh\n{script}\n", encoding="utf8")
    executable.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(executable))


@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "head -c 1000 >/dev/null; echo 'No space left on device' >&2; exit 1",
        "cat >/dev/null; echo 'No space left on device' >&2; exit 1",
        # more complaints than a pipe holds
        "cat >/dev/null; yes 'No space left on device' | head -c 200000 >&2; exit 1",
    ],
)
def test_an_ffmpeg_that_fails_is_reported(
    tmp_path, monkeypatch, old_files, no_process_left, script
):
    fake_ffmpeg(tmp_path, monkeypatch, script)
    said = "No space left on device" if "echo" in script or "yes" in script else "exit status 1"
    with pytest.raises(RuntimeError, match=f"^ffmpeg failed: {said}"):
        save_animation(tiny(), *old_files)


def test_a_full_disk_before_ffmpeg_starts(old_files, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match="No space left"):
        save_animation(tiny(), *old_files)


@pytest.mark.parametrize("failing", [1, 2])
@pytest.mark.parametrize("before", ["old_files", "tmp_path"])
def test_a_file_that_cannot_be_moved_into_place_takes_the_other_back(
    request, monkeypatch, tmp_path, failing, before
):
    replace, calls = os.replace, []

    def fails(part, path):
        calls.append(path)
        if len(calls) == failing:
            raise OSError(errno.EIO, "no")
        replace(part, path)

    files = [tmp_path / "a.mp4", tmp_path / "a.gif"]
    if before == "old_files":
        files = request.getfixturevalue(before)
    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="no"):
        save_animation(tiny(2), *files)
    assert [name for name in os.listdir(tmp_path) if name != "out"] == []


@pytest.mark.parametrize("named", ["/nowhere/ffmpeg", "ffmpeg-that-is-not", "", "/"])
def test_without_ffmpeg_the_error_says_what_to_do(tmp_path, monkeypatch, named):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", named)
    monkeypatch.setenv("PATH", "")
    # as where the package came without its executable
    monkeypatch.setattr(imageio_ffmpeg._utils, "_get_ffmpeg_exe", lambda: None)
    with pytest.raises(RuntimeError, match=r"^no ffmpeg that runs .*IMAGEIO_FFMPEG_EXE") as caught:
        save_animation(tiny(2), tmp_path / "a.mp4", tmp_path / "a.gif")
    assert (repr(named) in str(caught.value)) is bool(named)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("mp4", "gif", "error", "complaint"),
    [
        ("a.avi", "a.gif", ValueError, r"^mp4_filename is .*a\.avi': it must end in \.mp4"),
        ("a.mp4", "a.png", ValueError, r"^gif_filename is .*a\.png': it must end in \.gif"),
        ("no/a.mp4", "a.gif", FileNotFoundError, r"^mp4_filename is .*there is no folder"),
        ("a.mp4", "no/a.gif", FileNotFoundError, r"^gif_filename is .*there is no folder"),
        ("d.mp4", "a.gif", IsADirectoryError, r"^mp4_filename is .*d\.mp4"),
        ("a.mp4", "d.gif", IsADirectoryError, r"^gif_filename is .*d\.gif"),
    ],
)
def test_bad_paths_are_refused_before_anything_is_drawn(tmp_path, mp4, gif, error, complaint):
    (tmp_path / "d.mp4").mkdir()
    (tmp_path / "d.gif").mkdir()
    with pytest.raises(error, match=complaint):
        save_animation(tiny(2), tmp_path / mp4, tmp_path / gif)
    assert sorted(os.listdir(tmp_path)) == ["d.gif", "d.mp4"]


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"^mp4_filename is .*can't be written to"):
        save_animation(tiny(2), tmp_path / "a.mp4", tmp_path / "a.gif")


@pytest.mark.parametrize(
    ("fps", "allowed"),
    [
        *((fps, "above 0") for fps in (0, -1, float("nan"), float("inf"), True, "10", None)),
        *((fps, "from 0.01 to 1000") for fps in (1e-5, 0.009, 1001, 1e9)),
    ],
)
def test_frame_rates_that_fit_into_no_file(tmp_path, fps, allowed):
    with pytest.raises(ValueError, match=rf"^fps is .*{allowed}"):
        save_animation(tiny(2), tmp_path / "a.mp4", tmp_path / "a.gif", fps)
    assert os.listdir(tmp_path) == []


# --- In a notebook ----------------------------------------------------------------------------


def test_show_animation_embeds_the_video_with_its_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ani, fig = scripted(2)
    words = "First <this>.\n\nThen that."
    film = show_animation(ani, "my_run-1", alt='A "curve" & more', transcript=words)
    page, on_site = film.data, film._repr_markdown_()
    assert sorted(os.listdir("animations")) == [
        f"my_run-1.{ending}" for ending in ("gif", "mp4", "png")
    ]
    assert not plt.fignum_exists(fig.number)
    assert 'aria-label="A &quot;curve&quot; &amp; more"' in page
    assert "First &lt;this&gt;." in page
    assert re.search(r"<video [^>]*\bcontrols\b", page)
    assert 'width="960" height="600"' in page
    for ending in ("mp4", "gif"):
        assert f'<a href="animations/my_run-1.{ending}" download>' in page
    embedded = re.search(r'src="data:video/mp4;base64,([^"]+)"', page).group(1)
    assert base64.b64decode(embedded) == (tmp_path / "animations/my_run-1.mp4").read_bytes()
    named = page.replace(f"data:video/mp4;base64,{embedded}", "animations/my_run-1.mp4")
    assert on_site == named.replace("\n\n", "\n")  # an empty line would end the HTML
    poster = base64.b64decode(re.search(r'poster="data:image/png;base64,([^"]+)"', page).group(1))
    still = tmp_path / "animations/my_run-1.png"
    assert still.read_bytes() == poster


def test_the_poster_is_from_the_middle_of_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ani, _ = scripted(5)
    show_animation(ani, "run", alt="a", transcript="t")
    poster = np.asarray(Image.open("animations/run.png").convert("RGB")).astype(int)
    away = [np.abs(frame[..., :3] - poster).mean() for frame in video.draw_frames(ani, range(5))]
    assert min(away) == away[2] < 1
    assert min(away[:2] + away[3:]) > 2 * away[2]


@pytest.mark.parametrize("width", [1280, 390])
def test_there_is_room_below_the_picture_for_the_controls(open_tab, tmp_path, monkeypatch, width):
    monkeypatch.chdir(tmp_path)
    page = show_animation(scripted(2)[0], "run", alt="a", transcript="t").data
    tab = open_tab(viewport={"width": width, "height": 800})
    tab.set_content(page)
    wide, high = tab.locator("video").evaluate("film => [film.clientWidth, film.clientHeight]")
    assert wide == pytest.approx(min(960, width - 96), abs=1)  # a browser sets a figure in
    assert high - wide * 600 / 960 == pytest.approx(76, abs=1)


def test_two_films_are_equal_byte_for_byte(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = []
    for _ in range(2):
        page = show_animation(tiny(), "run", alt="a", transcript="t").data  # it holds the video
        made.append((page, Path("animations/run.gif").read_bytes()))
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"name": ""}, "^name is ''"),
        ({"name": "../up"}, "^name is '../up'"),
        ({"name": "a.mp4"}, "^name is 'a.mp4'"),
        ({"name": None}, "^name is None"),
        ({"alt": " "}, "^alt is ' '"),
        ({"alt": None}, "^alt is None"),
        ({"transcript": ""}, "^transcript is ''"),
        ({"fps": 0}, "^fps is 0"),
    ],
    ids=str,
)
def test_show_animation_refuses_and_leaves_no_folder(tmp_path, monkeypatch, settings, complaint):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=complaint):
        show_animation(tiny(2), **{"name": "run", "alt": "a", "transcript": "t", **settings})
    assert os.listdir(tmp_path) == []
