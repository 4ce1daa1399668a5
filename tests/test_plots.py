import io
import re
from dataclasses import replace
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from pictures import history

from gan_lessons import plots
from gan_lessons.distributions import Normal, TwoPoint
from gan_lessons.metrics import NoiseFloor

X = np.linspace(0, 10, 40)


@pytest.fixture
def ax():
    return plt.subplots()[1]


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def extent(patch):
    """A Polygon up to Matplotlib 3.8, a Rectangle since."""
    return patch.get_path().transformed(patch.get_patch_transform()).get_extents()


def contrast(colour):
    """WCAG contrast of a colour with white."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 1.05 / (np.dot(parts, [0.2126, 0.7152, 0.0722]) + 0.05)


def test_colour_is_never_the_only_code():
    styles = [plots.P_DATA, plots.P_G, plots.D]
    assert len({str(style["linestyle"]) for style in styles}) == 3
    assert len({str(style["linestyle"]) for style in plots.GENERATORS}) == 3
    assert all(contrast(style["color"]) >= 4.5 for style in [*styles, *plots.GENERATORS])


def test_densities_are_drawn_in_the_one_visual_language(ax):
    curves = {r"$p_\mathrm{data}$": X, "$p_g$": X / 2, "D": X / 10}
    assert plots.plot_densities(ax, X, *curves.values()) is ax
    for name, curve in curves.items():
        np.testing.assert_array_equal(lines(ax)[name].get_ydata(), curve)
        np.testing.assert_array_equal(lines(ax)[name].get_xdata(), X)
    assert [lines(ax)[n].get_linestyle() for n in curves] == ["--", "-", "--"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "density, probability")
    assert ax.get_legend() is not None
    alone = plots.plot_densities(plt.subplots()[1], X, p_g=X)
    assert set(lines(alone)) == {"$p_g$"}
    assert alone.get_ylabel() == "density"


@pytest.mark.parametrize("snapshot", [0, 2, -1])
@pytest.mark.parametrize("blind", [False, True])
def test_a_snapshot_is_drawn(ax, snapshot, blind):
    run = history(blind=blind)
    assert plots.plot_snapshot(ax, run, snapshot) is ax
    np.testing.assert_array_equal(lines(ax)["$p_g$"].get_ydata(), run.p_g[snapshot])
    assert ("D" in lines(ax)) is (not blind)
    if not blind:
        np.testing.assert_array_equal(lines(ax)["D"].get_ydata(), run.d[snapshot])
    assert f"{run.steps[snapshot]} steps" in ax.get_title(loc="left") + ax.get_title()


def test_losses_with_their_levels(ax):
    run = history()
    assert plots.plot_losses(ax, run) is ax
    for name, losses in (("G loss", run.g_loss), ("D loss", run.d_loss)):
        np.testing.assert_array_equal(lines(ax)[name].get_xdata(), np.arange(1, 11))
        np.testing.assert_array_equal(lines(ax)[name].get_ydata(), losses)
    levels = {text.get_text(): text.xy[1] for text in ax.texts}
    assert levels == pytest.approx({"log 4": np.log(4), "log 2": np.log(2)})
    drawn = sorted(line.get_ydata()[0] for line in ax.lines if len(line.get_ydata()) == 2)
    assert drawn == pytest.approx([np.log(2), np.log(4)])
    assert lines(ax)["G loss"].get_linestyle() != lines(ax)["D loss"].get_linestyle()
    alone = plots.plot_losses(plt.subplots()[1], history(blind=True))
    assert set(lines(alone)) == {"G loss"}
    assert alone.get_ylabel() == "loss"


def test_long_losses_are_rasterized(ax):
    run = history()
    plots.plot_losses(ax, replace(run, g_loss=np.zeros(2001), d_loss=np.zeros(2001)))
    assert lines(ax)["G loss"].get_rasterized()
    assert not lines(plots.plot_losses(plt.subplots()[1], run))["G loss"].get_rasterized()


def test_statistics_and_their_levels(ax):
    run = history()
    assert plots.plot_statistics(ax, run, Normal(4, 0.5)) is ax
    np.testing.assert_array_equal(lines(ax)["mean of $p_g$"].get_ydata(), run.mean)
    np.testing.assert_array_equal(lines(ax)["std of $p_g$"].get_ydata(), run.std)
    np.testing.assert_array_equal(lines(ax)["std of $p_g$"].get_xdata(), run.steps)
    levels = [line.get_ydata()[0] for line in ax.lines if len(line.get_ydata()) == 2]
    assert sorted(levels) == [0.5, 4]


def test_samples_as_a_histogram_of_area_one_beside_the_target(ax):
    samples = Normal(5, 1).sample(500, seed=0)
    assert plots.plot_samples(ax, samples, Normal(5, 1), bins=20) is ax
    assert len(ax.patches) == 20
    assert sum(bar.get_width() * bar.get_height() for bar in ax.patches) == pytest.approx(1)
    curve = lines(ax)[r"$p_\mathrm{data}$"]
    np.testing.assert_allclose(curve.get_ydata(), Normal(5, 1).pdf(curve.get_xdata()))
    low, high = plots.plot_samples(plt.subplots()[1], [90.0, 95.0], Normal(5, 1)).get_xlim()
    assert low < 5 < 95 < high  # what lies far away is in the picture


def test_scores_with_the_band_of_a_perfect_sampler(ax):
    assert plots.plot_scores(ax, ["a", "b"], [0.3, 0.1], NoiseFloor(0.05, 0.1, 0.2)) is ax
    *bars, band = ax.patches
    assert [bar.get_width() for bar in bars] == pytest.approx([0.3, 0.1])
    assert (extent(band).x0, extent(band).x1) == pytest.approx((0.05, 0.2))
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b"]


@pytest.mark.parametrize(
    ("plot", "arguments", "complaint"),
    [
        (plots.plot_densities, (X, None, [1, 2, 3]), r"^p_g has shape \(3,\): it must be that"),
        (
            plots.plot_snapshot,
            (history(), 3),
            "^snapshot is 3: there are 3, so it must be below that",
        ),
        (plots.plot_samples, ([1, 2], TwoPoint()), "has no density"),
        (plots.plot_fan, ([0, 1], [[1.0, 2.0, 3.0]]), r"^values has shape \(1, 3\)"),
        (plots.plot_fan, ([0, 1], [1.0, 2.0]), r"^values has shape \(2,\)"),
        (partial(plots.plot_fan, worst=1), ([0], [[1.0]]), "^worst is 1: .* number of runs, 1"),
        (
            plots.plot_scores,
            (["a"], [1.0, 2.0], NoiseFloor(0, 1, 2)),
            "^names has 1 entries: scores has 2",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(ax, plot, arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        plot(ax, *arguments)


def test_a_fan_is_median_and_band_and_worst_run(ax):
    values = np.random.default_rng(0).normal(size=(40, 5)).cumsum(axis=1)
    values[7, 3:] = np.nan  # a run that diverged
    plots.plot_fan(ax, [0, 10, 20, 30, 40], values, worst=2)
    median, worst = (line.get_ydata() for line in ax.lines)
    np.testing.assert_allclose(median[:3], np.median(values, axis=0)[:3])
    left = np.delete(values, 7, axis=0)
    np.testing.assert_allclose(median[3:], np.median(left, axis=0)[3:])
    np.testing.assert_array_equal(worst, values[2])
    band = ax.collections[0].get_paths()[0].get_extents()
    low, high = np.nanquantile(values, [0.1, 0.9], axis=0)
    assert (band.y0, band.y1) == (pytest.approx(low.min()), pytest.approx(high.max()))
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["10–90 %", "median run", "worst run"]
    styles = {line.get_linestyle() for line in ax.lines}
    assert len(styles) == 2  # colour is not the only code


def test_a_floor_is_a_band_across(ax):
    plots.plot_floor(ax, NoiseFloor(0.1, 0.2, 0.4))
    (band,) = ax.patches
    assert (extent(band).y0, extent(band).y1) == pytest.approx((0.1, 0.4))
    assert band.get_hatch()


def test_ends_are_rows_of_dots_with_their_count(ax):
    floor = NoiseFloor(0.1, 0.2, 0.4)
    plots.plot_ends(
        ax, {"a": [0.05, 0.3, 0.4, 0.5], "b": [np.nan, 2.0, 3.0], "c": [np.nan]}, floor
    )
    assert [text.get_text() for text in ax.texts] == ["3 of 4", "0 of 3", "0 of 1"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row is the upper one
    dots, median = ax.lines[:2]
    np.testing.assert_array_equal(dots.get_xdata(), [0.05, 0.3, 0.4, 0.5])
    assert median.get_xdata() == pytest.approx(0.35)
    assert ax.lines[3].get_xdata() == 3
    (band,) = ax.patches
    assert (extent(band).x0, extent(band).x1) == pytest.approx((0.1, 0.4))
    for rows, words in (
        ({}, "^rows is empty"),
        ({"a": [[1.0]]}, r"^rows\['a'\] has shape \(1, 1\)"),
    ):
        with pytest.raises(ValueError, match=words):
            plots.plot_ends(ax, rows, floor)


def test_dots_are_counted_up_to_the_limit(ax):
    plots.plot_dots(ax, {"a": [0.05, 0.4, 0.5, np.nan]}, 0.4, "error")
    assert [text.get_text() for text in ax.texts] == ["2 of 4"]
    assert ax.get_xlabel() == "error (bar: median)"
    assert not ax.patches  # no band: a limit is no floor


def test_the_style_is_the_same_whatever_was_set_before():
    looks = []
    for style in ("default", "dark_background", {"font.size": 30, "lines.marker": "o"}):
        with plt.style.context(style):
            plots.use_style()
            looks.append(dict(plt.rcParams))
    assert looks[0] == looks[1] == looks[2]


def test_the_style_makes_the_same_file_each_time():
    files = []
    with plt.rc_context():
        plots.use_style()
        for _ in range(2):
            fig, ax = plt.subplots()
            plots.plot_snapshot(ax, history())
            file = io.BytesIO()
            fig.savefig(file, format="svg", metadata={"Date": None})
            files.append(file.getvalue())
    assert files[0] == files[1]
    assert not re.search(rb"<dc:date>", files[0])
