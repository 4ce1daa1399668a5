"""A prediction is kept, drawn onto the figure that answers, and set against the truth."""

import html
import io
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gan_lessons import plots, predictions
from gan_lessons.predictions import in_words, predict, reveal

X = np.linspace(0, 10, 101)


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What is displayed, and no prediction from another test."""
    shown = []
    monkeypatch.setattr(predictions, "_made", {})
    monkeypatch.setattr(predictions, "display", lambda data, raw: shown.append(data))
    return shown


@pytest.fixture
def ax():
    with plots.in_style():
        _, ax = plt.subplots()
        ax.set(xlim=(0, 10), ylim=(0, 4))
        yield ax


def data(told):
    (bundle,) = told
    assert bundle["text/plain"] == ""
    return json.loads(html.unescape(re.search('data-reveal="(.+?)"', bundle["text/html"])[1]))


def test_nothing_is_drawn_or_said_without_a_prediction(ax, capsys, told):
    predict("mean", ...)
    reveal("mean", ax, x=8.4512345678)
    assert not ax.lines
    assert capsys.readouterr().out == ""
    assert data(told)["truth"] == {"x": 8.45123}


@pytest.mark.parametrize(
    ("said", "truth", "words"),
    [
        (3, {"x": 8.45}, "You said 3; it is 8.45: 5.45 too low.\n"),
        (9.0, {"y": 8.45}, "You said 9; it is 8.45: 0.55 too high.\n"),
        (-3, {"y": 8}, "You said −3; it is 8: 11 too low.\n"),
        (8.451, {"x": 8.4512}, "You said 8.45, and so it is.\n"),
    ],
)
def test_a_number_is_drawn_on_its_axis(ax, capsys, said, truth, words):
    predict("mean", said)
    reveal("mean", ax, **truth)
    (line,) = ax.lines
    drawn = line.get_xdata() if "x" in truth else line.get_ydata()
    assert set(drawn) == {said}
    assert capsys.readouterr().out == words
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 10), (0, 4))


def test_the_picture_stays_as_wide_as_it_was():
    _, ax = plt.subplots()
    ax.plot([0, 1], [0, 1])
    before = ax.get_xlim(), ax.get_ylim()
    predict("mean", 70)
    reveal("mean", ax, x=0.5)
    predict("density", [0, 9], x=(0, 7))
    reveal("density", ax, x=X, y=X)
    assert (ax.get_xlim(), ax.get_ylim()) == before


def test_a_curve_is_drawn_over_its_own_axis(ax, capsys):
    predict("density", [0, 4, 0], x=(2, 6))
    reveal("density", ax, x=X, y=np.ones(101))
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[2, 0], [4, 4], [6, 0]])
    words = "The greatest gap is at x = 4: you drew 4; it is 1: 3 too high.\n"
    assert capsys.readouterr().out == words


def test_what_is_taken_back_is_not_drawn(ax):
    predict("mean", 3)
    predict("mean", ...)
    reveal("mean", ax, x=8)
    assert not ax.lines


def test_equal_runs_tell_the_same(ax, told):
    for _ in range(2):
        reveal("mean", ax, x=np.float32(1 / 3))
    assert told[0] == told[1]


def test_a_long_curve_is_thinned_and_sorted(ax, told):
    reveal("density", ax, x=np.linspace(10, 0, 5000), y=np.linspace(1, 0, 5000))
    truth = data(told)["truth"]
    assert len(truth["x"]) == len(truth["y"]) <= 201
    assert [truth["x"][0], truth["x"][-1]] == [0, 10]
    np.testing.assert_allclose(truth["y"], np.divide(truth["x"], 10), atol=1e-5)


def saved_box(figure, gid):
    """Size of the picture as a notebook saves it, and where in it the patch ``gid`` lies."""
    file = io.StringIO()
    figure.savefig(file, format="svg", bbox_inches="tight")
    text = file.getvalue()
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups()
    corners = re.search(rf'<g id="{gid}">\s*<path d="(.+?)"', text, re.S)[1]
    points = np.reshape([float(number) for number in re.findall(r"[\d.]+", corners)], (-1, 2))
    return np.array(size, float), [*points.min(0), *points.max(0)]


@pytest.mark.parametrize("look", ["plain", "log", "title and legend", "second of two", "twin"])
def test_the_axes_lie_where_the_picture_has_them(told, look):
    with plots.in_style():
        figure, axes = plt.subplots(1, 2 if look == "second of two" else 1, squeeze=False)
        ax = axes[0, -1]
        ax.plot([1, 2, 9], [0.001, 1, 300], label="a line with a name")
        if look == "log":
            ax.set(xscale="log", yscale="log")
        if look == "title and legend":
            ax.set(title="A title", ylabel="two\nlines")
            ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        if look == "twin":
            ax = ax.twinx()  # its own background is not drawn
            ax.set(ylim=(0, 3), ylabel="D")
        reveal("mean", ax, x=8)
        axes[0, -1].patch.set_gid("here")
        size, box = saved_box(figure, "here")
    found = data(told)
    np.testing.assert_allclose(found["size"], size, atol=0.1)
    np.testing.assert_allclose(found["box"], box, atol=0.1)
    assert found["log"] == [look == "log"] * 2
    np.testing.assert_allclose(found["y"], ax.get_ylim(), rtol=1e-5)
    assert not ax.patches


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda ax: predict("Mean", 3), "name is 'Mean': it must be words-with-hyphens"),
        (lambda ax: predict(3, 3), "name is 3"),
        (lambda ax: predict("mean", "three"), "value is 'three': it must be a finite number"),
        (lambda ax: predict("mean", [1, 2]), "value is .*: it must be a finite number"),
        (lambda ax: predict("mean", [1], x=(0, 1)), "value has shape"),
        (lambda ax: predict("mean", [1, np.nan], x=(0, 1)), "value holds NaN"),
        (lambda ax: predict("mean", [1, 2], x=(1, 1)), "x holds 1.0 alone"),
        (lambda ax: reveal("a b", ax, x=3), "name is 'a b'"),
        (lambda ax: reveal("mean", ax), "x and y are None"),
        (lambda ax: reveal("mean", ax, x=np.inf), "x is inf"),
        (lambda ax: reveal("mean", ax, x=[1, 2], y=[1, 2, 3]), "y has 3 entries"),
    ],
)
def test_what_can_not_be_is_refused(ax, call, message):
    with pytest.raises(ValueError, match=message):
        call(ax)


def test_another_scale_is_refused(ax):
    ax.set_xscale("symlog")
    with pytest.raises(ValueError, match="symlog"):
        reveal("mean", ax, x=3)


@pytest.mark.parametrize("truth", [{"x": 3}, {"x": X, "y": X}])
def test_a_prediction_of_another_kind_is_refused(ax, truth):
    predict("mean", *([[1, 2], (0, 1)] if len(truth) == 1 else [3]))
    with pytest.raises(ValueError, match="the prediction is"):
        reveal("mean", ax, **truth)


def test_a_curve_beside_the_truth_is_refused(ax):
    predict("mean", [1, 2], x=(20, 30))
    with pytest.raises(ValueError, match=r"spans x from 20\.0"):
        reveal("mean", ax, x=X, y=X)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"), (-0.0, "0"), (3.0, "3"), (8.4512, "8.45"), (-0.30000001, "−0.3"),
        (15512.7, "15513"), (123.4, "123"), (0.00123456, "0.00123"), (100, "100"), (1e-20, "0"),
        (0.999999, "1"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_a_sentence(value, words):
    assert in_words(value) == words
