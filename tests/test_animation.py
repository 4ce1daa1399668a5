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
from matplotlib.animation import FuncAnimation
from PIL import Image

from gan_lessons import animation, plots
from gan_lessons.animation import (
    MovingPicture,
    animate_histogram,
    animate_orbits,
    animate_training,
    create_animation,
    save_animation,
    show_animation,
)
from gan_lessons.distributions import Normal
from gan_lessons.games import gradient_play
from gan_lessons.history import History
from gan_lessons.simulation import FORMS, simulate_training

X = np.linspace(-2, 12, 100)


def scripted(frames=4, form="optimal"):
    return create_animation(X, *simulate_training(X, frames, form), frames)


def tiny(frames=4):
    """The same on few pixels, for tests that look at files and not at pictures."""
    ani, figure = scripted(frames)
    figure.set_dpi(40)
    return ani


def history(frames=3, blind=False, peak=1.0, steps=None):
    rng = np.random.default_rng(0)
    steps = np.arange(frames) * 2 if steps is None else steps
    x = np.linspace(0, 10, 40)
    p_g = [peak * Normal(2 + frame, 1).pdf(x) for frame in range(frames)]
    d = np.full((frames, 40), np.nan) if blind else np.linspace(0.1, 0.9, frames * 40)
    return History(
        steps=steps,
        x=x,
        p_data=Normal(5, 1).pdf(x),
        p_g=np.array(p_g),
        d=d.reshape(frames, 40),
        samples=rng.normal(3, 1, (frames, 50)) + np.arange(frames)[:, None],
        mean=np.arange(frames) + 3.0,
        std=np.ones(frames),
        g_loss=np.arange(10) + 0.25,
        d_loss=np.full(10, np.nan) if blind else np.arange(10) + 0.5,
    )


ORBITS = {method: gradient_play(method, 0.3, 4) for method in ("simultaneous", "alternating")}
KINDS = {
    "scripted": lambda: scripted()[0],
    "training": lambda: animate_training(history(), title="A run")[0],
    "two runs": lambda: animate_training(
        history(blind=True), history(peak=0.5, blind=True), title="Two", labels="ab"
    )[0],
    "blind": lambda: animate_training(history(blind=True), title="No D")[0],
    "histogram": lambda: animate_histogram(history(), Normal(5, 1), "Bars", bins=20)[0],
    "blind histogram": lambda: animate_histogram(
        history(blind=True), Normal(5, 1), "Bars", bins=20
    )[0],
    "orbits": lambda: animate_orbits(ORBITS, "Orbits")[0],
}


def video(path):
    """What ffmpeg says of a video, and its frames as an array (frames, height, width, 3)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24"]
    done = subprocess.run([*command, "-"], capture_output=True, check=True)
    about = re.search(r"Stream.*?Video: .*", done.stderr.decode()).group()
    width, height = map(int, re.search(r" (\d+)x(\d+)[ ,]", about).groups())
    return about, np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)


# --- The driver lines -------------------------------------------------------------------------


def test_the_driver_lines_run_and_write_both_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = np.linspace(-2, 12, 100)
    ground_truth, generator, discriminator = simulate_training(x, 30)
    ani, fig = create_animation(x, ground_truth, generator, discriminator, 30)
    save_animation(ani, "a.mp4", "a.gif", fps=10)

    assert ground_truth.shape == generator.shape == discriminator.shape == (30, 100)
    assert isinstance(ani, FuncAnimation)
    assert isinstance(fig, plt.Figure)
    assert sorted(os.listdir()) == ["a.gif", "a.mp4"]

    about, frames = video("a.mp4")
    assert " 10 fps" in about
    assert "h264" in about
    assert "yuv420p" in about
    assert frames.shape == (30, 600, 960, 3)
    with Image.open("a.gif") as gif:
        assert gif.n_frames == 30
        assert gif.info["loop"] == 0
        durations = []
        pictures = []
        for k in range(30):
            gif.seek(k)
            durations.append(gif.info["duration"])
            pictures.append(np.asarray(gif.convert("RGB")).astype(int))
    assert durations == [100] * 30
    # the curves move from the first frame to the last, and each file shows what was drawn
    drawn = list(animation._frames(ani, [0, 29]))
    for k, picture in zip((0, -1), drawn, strict=True):
        assert np.abs(frames[k] - picture[..., :3].astype(int)).mean() < 2
        small = (
            Image.fromarray(picture).convert("RGB").resize((640, 400), Image.Resampling.BICUBIC)
        )
        assert np.abs(pictures[k] - np.asarray(small).astype(int)).mean() < 2
    assert (np.abs(frames[0] - frames[-1].astype(int)).max(axis=-1) > 90).mean() > 0.005
    assert (np.abs(pictures[0] - pictures[-1]).max(axis=-1) > 90).mean() > 0.005


def test_title_labels_and_line_styles_of_the_course():
    _, fig = scripted()
    (ax,) = fig.axes
    assert ax.get_title(loc="center") + ax.get_title(loc="left") == "Training Discriminator D"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "Probability")
    lines = {line.get_label(): line for line in ax.lines}
    names = ["Real Data (pdata)", "Generator (pg)", "Discriminator (D)"]
    assert sorted(lines) == sorted(names)
    assert [lines[n].get_linestyle() for n in names] == ["--", "-", "--"]
    assert len({lines[n].get_color() for n in names}) == 3
    (legend,) = [*fig.legends, *filter(None, [ax.get_legend()])]
    assert [text.get_text() for text in legend.get_texts()] == names
    assert ax.get_xlim() == (-2, 12)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("frames", [1, 2, 30])
def test_no_line_leaves_the_axes_and_each_shows_its_frame(form, frames):
    arrays = simulate_training(X, frames, form)
    ani, fig = create_animation(X, *arrays, frames)
    (ax,) = fig.axes
    low, high = ax.get_ylim()
    names = ["Real Data (pdata)", "Generator (pg)", "Discriminator (D)"]
    for frame in range(frames):
        ani.update(frame)
        lines = {line.get_label(): line for line in ax.lines}
        for name, curves in zip(names, arrays, strict=True):
            np.testing.assert_array_equal(lines[name].get_xdata(), X)
            np.testing.assert_array_equal(lines[name].get_ydata(), curves[frame])
            assert low <= curves[frame].min()
            assert curves[frame].max() <= high


def test_a_density_above_one_gets_a_higher_axis():
    tall = np.full((2, 100), 4.0)
    _, fig = create_animation(X, tall, tall / 2, tall / 8, 2)
    assert fig.axes[0].get_ylim()[1] > 4
    gaps = np.full((2, 100), np.nan)
    _, fig = create_animation(X, tall / 8, tall / 8, gaps, 2)
    assert fig.axes[0].get_ylim() == (0, 1)


# --- The other moving pictures ----------------------------------------------------------------


def texts(fig):
    return " ".join(text.get_text() for ax in fig.axes for text in ax.texts)


def test_a_run_shows_its_step_its_losses_and_d_on_its_own_axis():
    run = history(frames=4)
    ani, fig = animate_training(run, title="A run")
    left, right = fig.axes
    assert right.get_ylim() == (0, 1)
    for frame in range(4):
        ani.update(frame)
        p_g = next(line for line in left.lines if line.get_label() == "p_g")
        np.testing.assert_array_equal(p_g.get_ydata(), run.p_g[frame])
        np.testing.assert_array_equal(right.lines[0].get_ydata(), run.d[frame])
        assert f"epoch {2 * frame}" in texts(fig)
    # frame 3 comes after step 6, whose losses are the sixth: 5.25 and 5.5
    assert "G loss 5.250" in texts(fig)
    assert "D loss 5.500" in texts(fig)
    ani.update(0)
    assert "loss" not in texts(fig)


def test_a_density_that_leaves_the_axis_is_told():
    run = history(peak=9.0)
    ani, fig = animate_training(run, title="Tall")
    ani.update(1)
    assert fig.axes[0].get_ylim()[1] == pytest.approx(3 * run.p_data.max())
    assert f"p_g peaks at {run.p_g[1].max():.1f}" in texts(fig)


def test_two_runs_are_named_and_both_move():
    first, second = history(blind=True), history(peak=0.5, blind=True)
    ani, fig = animate_training(first, second, title="Two", labels=("one", "other"))
    ani.update(2)
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    np.testing.assert_array_equal(lines["one"].get_ydata(), first.p_g[2])
    np.testing.assert_array_equal(lines["other"].get_ydata(), second.p_g[2])
    assert lines["one"].get_linestyle() != lines["other"].get_linestyle()
    assert "one: G loss 3.250" in texts(fig)
    assert "other: G loss" in texts(fig)


def test_bars_hold_the_share_of_samples_and_name_what_lies_outside():
    run = history()
    samples = np.array([[1.0, 4.05, 5.0, 6.0]] * 3)  # 1.0 lies outside 5 ± 3
    run = History(**{**{n: getattr(run, n) for n in run.__dataclass_fields__}, "samples": samples})
    ani, fig = animate_histogram(run, Normal(5, 1), "Bars", bins=6)
    *_, bars = ani.update(0)[:1]
    heights, edges, _ = bars.get_data()
    np.testing.assert_allclose(edges, np.arange(2, 9))
    np.testing.assert_allclose(heights, [0, 0, 0.25, 0.25, 0.25, 0])
    assert "outside the picture: 25%" in texts(fig)
    assert "mean 3.00  std 1.00" in texts(fig)
    assert fig.axes[1].get_ylim() == (0, 1)


def test_orbits_grow_by_one_point_a_frame():
    orbit = gradient_play("simultaneous", 1.0, 3)
    ani, fig = animate_orbits({"a": orbit, "b": orbit / 2}, "Orbits")
    assert ani.num_frames == 4
    assert [ax.get_title() + ax.get_title(loc="left") for ax in fig.axes] == ["a", "b"]
    ani.update(2)
    trail = [line for line in fig.axes[0].lines if len(line.get_xdata()) == 3]
    np.testing.assert_allclose(np.c_[trail[0].get_data()], orbit[:3])
    assert "step 2\nradius 2.00" in texts(fig)


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_shows_another_picture(kind):
    ani = KINDS[kind]()
    pictures = list(animation._frames(ani, range(ani.num_frames)))
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
        fast = list(animation._frames(ani, range(ani.num_frames)))
        for frame in (0, ani.num_frames - 1):
            full = full_drawing(ani, frame)
            assert fast[frame].shape == full.shape
            gap = np.abs(fast[frame] - full).max(axis=-1)
            # where lines cross a frame, a text or each other the order of drawing may differ
            assert (gap > 40).mean() < 1e-3
            assert gap.mean() < 0.1


def test_frames_do_not_depend_on_those_drawn_before():
    ani, _ = scripted(5)
    straight = list(animation._frames(ani, range(5)))
    jumping = list(animation._frames(ani, [3, 0, 3]))
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
    assert len(video(tmp_path / "a.mp4")[1]) == frames
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == frames


@pytest.mark.parametrize("fps", [4, 12.5])
def test_frame_rate(tmp_path, fps):
    save_animation(tiny(), tmp_path / "a.mp4", tmp_path / "a.gif", fps=fps)
    assert re.search(rf" {fps:g}0? fps", video(tmp_path / "a.mp4")[0])
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.info["duration"] == 1000 / fps


def test_a_small_figure_of_odd_sides_keeps_its_size_and_gets_a_white_rim(tmp_path):
    fig, ax = plt.subplots(figsize=(301 / 64, 203 / 64), dpi=64, facecolor="white")
    (line,) = ax.plot([], [])

    def update(frame):
        line.set_data([0, 1], [0, frame])
        return [line]

    save_animation(MovingPicture(fig, update, 3), tmp_path / "a.mp4", tmp_path / "a.gif")
    _, frames = video(tmp_path / "a.mp4")
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
    (tmp_path / "plain").write_text("")
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
    executable.write_text(f"#!/bin/sh\n{script}\n")
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


ZEROS = np.zeros((2, 100))


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: create_animation(X, ZEROS, ZEROS, ZEROS, 0), "^num_frames is 0"),
        (lambda: create_animation(X, ZEROS, ZEROS, ZEROS, 2.0), "^num_frames is 2.0"),
        (
            lambda: create_animation(X, ZEROS, ZEROS, ZEROS, 3),
            r"^ground_truth_data has shape \(2,",
        ),
        (lambda: create_animation(X, ZEROS, ZEROS.T, ZEROS, 2), "^generator_data has shape"),
        (lambda: create_animation(X, ZEROS, ZEROS, ZEROS[:, 1:], 2), "^discriminator_data has sh"),
        (lambda: create_animation(X, ZEROS, "a", ZEROS, 2), "^generator_data holds entries"),
        (
            lambda: create_animation(X, ZEROS, ZEROS, ZEROS + np.inf, 2),
            "^discriminator_data holds",
        ),
        (lambda: create_animation([], ZEROS, ZEROS, ZEROS, 2), "^x has shape"),
        (lambda: create_animation([1], ZEROS, ZEROS, ZEROS, 2), "^x has shape"),
        (lambda: create_animation(X * np.nan, ZEROS, ZEROS, ZEROS, 2), "^x holds NaN"),
        (lambda: create_animation(X, ZEROS, ZEROS, ZEROS, 2, interval=0), "^interval is 0"),
        (lambda: animate_training(title="t"), "^histories holds 0 runs"),
        (lambda: animate_training(*[history()] * 4, title="t"), "^histories holds 4 runs"),
        (lambda: animate_training(history(), history(2), title="t"), "^histories differ in steps"),
        (lambda: animate_training(history(), title="t", labels="ab"), "^labels is 'ab'"),
        (lambda: animate_training(history(), title="t", interval=-1), "^interval is -1"),
        (lambda: animate_histogram(history(), Normal(), "t", bins=0), "^bins is 0"),
        (lambda: animate_orbits({}, "t"), r"^orbits have shapes \[\]"),
        (
            lambda: animate_orbits({"a": np.zeros((0, 2))}, "t"),
            r"^orbits have shapes \[\(0, 2\)\]",
        ),
        (lambda: animate_orbits({"a": np.zeros((3, 2)), "b": ZEROS}, "t"), "^orbits have shapes"),
        (lambda: animate_orbits({"a": [["x", "y"]]}, "t"), "^orbits holds entries"),
        (lambda: animate_orbits({"a": np.zeros((3, 2))}, "t", reach=0), "^reach is 0"),
        (lambda: MovingPicture(plt.figure(), lambda _: [], 0), "^num_frames is 0"),
    ],
)
def test_bad_arguments(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
    assert len(plt.get_fignums()) <= 1


# --- In a notebook ----------------------------------------------------------------------------


def test_show_animation_embeds_the_video_with_its_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ani, fig = scripted(2)
    page = show_animation(ani, "my_run-1", alt='A "curve" & more', transcript="First <this>.").data
    assert sorted(os.listdir("animations")) == ["my_run-1.gif", "my_run-1.mp4"]
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
    (tmp_path / "poster.png").write_bytes(poster)
    shown = np.asarray(Image.open(tmp_path / "poster.png").convert("RGB")).astype(int)
    last = next(animation._frames(ani, [1]))[..., :3]
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
