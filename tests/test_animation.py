import os
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from pictures import X, history, read_video, scripted
from PIL import Image

from gan_lessons import video
from gan_lessons.animation import (
    MovingPicture,
    animate_histogram,
    animate_orbits,
    animate_training,
    create_animation,
    save_animation,
)
from gan_lessons.distributions import Normal
from gan_lessons.games import gradient_play
from gan_lessons.simulation import FORMS, simulate_training


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

    about, frames = read_video("a.mp4")
    assert " 10 fps" in about
    assert "h264" in about
    assert "yuv420p" in about
    assert frames.shape == (30, 600, 960, 3)
    with Image.open("a.gif") as gif:
        assert (gif.n_frames, gif.info["loop"], gif.info["duration"]) == (30, 0, 100)
        gif.seek(29)
        still = np.asarray(gif.convert("RGB")).astype(int)
    # each file shows what was drawn
    first, last = (Image.fromarray(one).convert("RGB") for one in video.draw_frames(ani, [0, 29]))
    assert np.abs(frames[0] - np.asarray(first).astype(int)).mean() < 2
    assert np.abs(frames[-1] - np.asarray(last).astype(int)).mean() < 2
    small = last.resize((640, 400), Image.Resampling.BICUBIC)
    assert np.abs(still - np.asarray(small).astype(int)).mean() < 2


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


def texts(fig):
    return " ".join(text.get_text() for ax in fig.axes for text in ax.texts)


def test_a_run_shows_its_step_its_losses_and_d_on_its_own_axis():
    run = history(frames=4)
    ani, fig = animate_training(run, title="A run")
    left, right = fig.axes
    assert right.get_ylim() == (0, 1)
    for frame in range(4):
        ani.update(frame)
        p_g = next(line for line in left.lines if line.get_label() == "$p_g$")
        np.testing.assert_array_equal(p_g.get_ydata(), run.p_g[frame])
        np.testing.assert_array_equal(right.lines[0].get_ydata(), run.d[frame])
        assert f"step {2 * frame}" in texts(fig)
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
    run = replace(run, samples=samples, averaged=samples)
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


ZEROS = np.zeros((2, 100))


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: create_animation(X, ZEROS, ZEROS, ZEROS, 0), "^num_frames is 0"),
        (lambda: create_animation(X, ZEROS, ZEROS, ZEROS, 3), "^ground_truth_data has shape"),
        (lambda: create_animation(X, ZEROS, ZEROS.T, ZEROS, 2), "^generator_data has shape"),
        (lambda: create_animation(X, ZEROS, ZEROS, ZEROS[:, 1:], 2), "^discriminator_data has sh"),
        (lambda: create_animation(X, ZEROS, "a", ZEROS, 2), "^generator_data holds entries"),
        (lambda: create_animation(X, ZEROS, ZEROS, ZEROS + np.inf, 2), "^discriminator_data ho"),
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
        (lambda: animate_orbits({"a": np.zeros((0, 2))}, "t"), "^orbits have shapes"),
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
