import matplotlib.pyplot as plt
import numpy as np
import pytest

from gan_lessons import theory, widgets
from gan_lessons.distributions import Normal

EXPLORERS = {
    widgets.explore_game: widgets.draw_game,
    widgets.explore_simulation: widgets.draw_simulation,
    widgets.explore_impostor: widgets.draw_impostor,
}
CONTROLS = {
    widgets.explore_game: ["mean of G", "std of G", "D: place", "D: slope"],
    widgets.explore_simulation: ["frame", "λ"],
    widgets.explore_impostor: ["low point", "high point", "share high"],
}
EVERY_CONTROL = [(explore, n) for explore, names in CONTROLS.items() for n in range(len(names))]


def picture(ax):
    """All that is drawn: numbers of lines and bars, and every word."""
    numbers = [line.get_xydata().ravel().round(9).tolist() for line in ax.lines]
    bars = [tuple(np.round(patch.get_bbox().bounds, 9)) for patch in ax.patches]
    return numbers, bars, ax.get_title(loc="left") + ax.get_title()


@pytest.fixture
def shown(monkeypatch):
    """The pictures that an explorer shows, in order."""
    pictures = []
    monkeypatch.setattr(plt, "show", lambda: pictures.append(picture(plt.gca())))
    return pictures


def sliders(box):
    return [child for child in box.children if hasattr(child, "value") and hasattr(child, "min")]


@pytest.mark.parametrize("explore", EXPLORERS)
def test_an_explorer_asks_names_its_controls_and_draws_at_once(explore, shown):
    box = explore()
    assert "?" in box.children[0].value
    assert [s.description for s in sliders(box)] == CONTROLS[explore]
    assert len(shown) == 1


@pytest.mark.parametrize(("explore", "number"), EVERY_CONTROL)
def test_every_control_changes_the_picture_and_back(explore, number, shown):
    slider = sliders(explore())[number]
    start = slider.value
    ends = [end for end in (slider.min, slider.max) if end != start]
    for value in (*ends, start):
        slider.value = value
    assert shown[-1] == shown[0]
    assert all(other != shown[0] for other in shown[1:-1])
    assert len(shown) == 2 + len(ends)


@pytest.mark.parametrize("explore", EXPLORERS)
def test_a_users_style_does_not_change_an_explorer(explore, monkeypatch):
    looks = []
    monkeypatch.setattr(plt, "show", lambda: looks.append((plt.gcf(), dict(plt.rcParams))))
    explore()
    with plt.style.context("dark_background"):
        explore()
    (first, look), (second, same) = looks
    assert look == same
    assert first.get_facecolor() == second.get_facecolor() == (1, 1, 1, 1)


def test_the_game_shows_both_values_and_what_is_to_gain():
    ax = widgets.draw_game(plt.subplots()[1], mean=2, std=2, place=3.5, slope=1)
    best = theory.value_at_optimum(Normal(5, 1), Normal(2, 2))
    title = ax.get_title() + ax.get_title(loc="left")
    assert f"V(D*) = {best:.3f}" in title
    lines = {line.get_label(): line for line in ax.lines}
    own = lines["D"]
    np.testing.assert_allclose(own.get_ydata(), 1 / (1 + np.exp(3.5 - own.get_xdata())))
    assert any(
        np.allclose(line.get_ydata(), theory.optimal_discriminator(Normal(5, 1), Normal(2, 2), x))
        for line in ax.lines
        if len(x := line.get_xdata()) > 2
    )


@pytest.mark.parametrize("slope", [-5, 5])
@pytest.mark.parametrize("place", [-2, 12])
def test_the_game_has_a_finite_value_at_every_setting(slope, place):
    ax = widgets.draw_game(plt.subplots()[1], mean=9, std=4, place=place, slope=slope)
    title = ax.get_title() + ax.get_title(loc="left")
    assert "inf" not in title
    assert "nan" not in title


def test_the_scripted_curve_says_scripted():
    ax = widgets.draw_simulation(plt.subplots()[1], frame=0, factor=10)
    x = ax.lines[0].get_xdata()
    p, q = Normal(5, 1).pdf(x), Normal(2, 2).pdf(x)
    scripted = next(line for line in ax.lines if "scripted" in line.get_label())
    np.testing.assert_allclose(scripted.get_ydata(), 1 / (1 + np.exp(-10 * (q - p))))
    assert "scripted" in ax.get_title() + ax.get_title(loc="left")


def test_an_impostor_is_two_points_with_the_wanted_share():
    batch = widgets.impostor(8, 4, 6, 0.25)
    assert batch.shape == (8, 1)
    np.testing.assert_array_equal(np.unique(batch, return_counts=True), [[4, 6], [6, 2]])


def test_the_impostor_of_zero_loss():
    offset = (127 / 128) ** 0.5
    ax = widgets.draw_impostor(plt.subplots()[1], low=5 - offset, high=5 + offset, share=0.5)
    assert "0.00000" in ax.get_title() + ax.get_title(loc="left")
