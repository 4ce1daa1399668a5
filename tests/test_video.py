import base64
import errno
import io
import os
import re
import signal
import stat
import subprocess
from itertools import pairwise

import imageio_ffmpeg
import matplotlib.pyplot as plt
import numpy as np
import pytest
from pictures import KINDS, read_video, scripted, tiny
from PIL import Image

from gan_lessons import plots, video
from gan_lessons.animation import (
    MovingPicture,
    save_animation,
    show_animation,
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_shows_another_picture(kind):
    ani = KINDS[kind]()
    pictures = list(video.draw_frames(ani, range(ani.num_frames)))
    assert ani.num_frames >= 3
    for before, after in pairwise(pictures):
        assert (before != after).any()


# --- The fast drawing is the full drawing -----------------------------------------------------


def full_drawing(ani, frame):
    """The frame as ``FuncAnimation.save`` draws it: the whole figure."""
    ani.update(frame)
    file = io.BytesIO()
    ani.figure.savefig(file, format="rgba", dpi="figure")
    width, height = (int(side) for side in ani.figure.bbox.size)
    return np.frombuffer(file.getvalue(), np.uint8).reshape(height, width, 4).astype(int)


@pytest.mark.parametrize("style", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_fast_frames_equal_full_frames(kind, style):
    with plt.rc_context():
        if style:
            plots.use_style()
        ani = KINDS[kind]()
        fast = list(video.draw_frames(ani, range(ani.num_frames)))
        for frame in (0, ani.num_frames - 1):
            full = full_drawing(ani, frame)
            assert fast[frame].shape == full.shape
            gap = np.abs(fast[frame] - full).max(axis=-1)
            # where lines cross a frame, a text or each other the order of drawing may differ
            assert (gap > 40).mean() < 1e-3
            assert gap.mean() < 0.1


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


def test_two_saves_are_equal_byte_for_byte(tmp_path):
    for name in "ab":
        ani = tiny()
        save_animation(ani, tmp_path / f"{name}.mp4", tmp_path / f"{name}.gif")
    for ending in ("mp4", "gif"):
        first, second = (tmp_path / f"{name}.{ending}" for name in "ab")
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("frames", [1, 2])
def test_few_frames_are_saved(tmp_path, frames):
    save_animation(scripted(frames)[0], tmp_path / "a.mp4", tmp_path / "a.gif")
    assert len(read_video(tmp_path / "a.mp4")[1]) == frames
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == frames


@pytest.mark.parametrize("fps", [4, 12.5])
def test_frame_rate(tmp_path, fps):
    save_animation(tiny(), tmp_path / "a.mp4", tmp_path / "a.gif", fps=fps)
    assert re.search(rf" {fps:g}0? fps", read_video(tmp_path / "a.mp4")[0])
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.info["duration"] == 1000 / fps


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


def test_a_video_can_start_before_it_is_whole(tmp_path):
    save_animation(tiny(2), tmp_path / "a.mp4", tmp_path / "a.gif")
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_files_in_two_folders(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    save_animation(tiny(2), tmp_path / "one" / "a.mp4", tmp_path / "two" / "a.gif")
    assert os.listdir(tmp_path / "one") == ["a.mp4"]
    assert os.listdir(tmp_path / "two") == ["a.gif"]


def test_saved_files_can_be_read_by_others(tmp_path):
    save_animation(tiny(2), tmp_path / "a.mp4", tmp_path / "a.gif")
    (tmp_path / "plain").write_text("", encoding="utf8")
    assert len({stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}) == 1


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
def test_a_file_that_cannot_be_moved_into_place_takes_the_other_back(
    old_files, monkeypatch, failing
):
    replace, calls = os.replace, []

    def fails(part, path):
        calls.append(path)
        if len(calls) == failing:
            raise OSError(errno.EIO, "no")
        replace(part, path)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="no"):
        save_animation(tiny(2), *old_files)


def test_a_first_save_that_fails_at_the_second_file_leaves_neither(tmp_path, monkeypatch):
    replace = os.replace

    def fails(part, path):
        if path.suffix == ".gif":
            raise OSError(errno.EIO, "no")
        replace(part, path)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="no"):
        save_animation(tiny(2), tmp_path / "a.mp4", tmp_path / "a.gif")
    assert os.listdir(tmp_path) == []


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


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), True, "10", None])
def test_frame_rates_must_be_positive(tmp_path, fps):
    with pytest.raises(ValueError, match=r"^fps is .*above 0"):
        save_animation(tiny(2), tmp_path / "a.mp4", tmp_path / "a.gif", fps)
    assert os.listdir(tmp_path) == []


# --- In a notebook ----------------------------------------------------------------------------


def test_show_animation_embeds_the_video_with_its_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ani, fig = scripted(2)
    page = show_animation(ani, "my_run-1", alt='A "curve" & more', transcript="First <this>.").data
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
    poster = base64.b64decode(re.search(r'poster="data:image/png;base64,([^"]+)"', page).group(1))
    still = tmp_path / "animations/my_run-1.png"
    assert still.read_bytes() == poster
    shown = np.asarray(Image.open(still).convert("RGB")).astype(int)
    last = next(video.draw_frames(ani, [1]))[..., :3]
    assert np.abs(shown - last).mean() < 2


def test_show_animation_gives_the_same_page_twice(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = (
        show_animation(tiny(2), "run", alt="a", transcript="t").data for _ in range(2)
    )
    assert first == second


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
