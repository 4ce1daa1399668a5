"""The scenes in which one idea is one gesture, in a real browser."""

import csv
import re
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import expect
from scipy.special import expit, logit

from gan_lessons import games, lab
from tests.lab_page import saved

NAMES = ("tilt", "kink", "dirac")
GRIPS = {
    "tilt": ("place of D", "slope of D's logit"),
    "kink": ("place of the kink",),
    "dirac": ("θ at the start", "ψ at the start"),
}


@pytest.fixture
def open_lab(open_lab):
    """Open one lab with some settings in the address."""

    def open_with(name, viewport=None, **given):
        address = f"#lab-{name}?{urlencode(given)}" if given else ""
        return open_lab(name, address, viewport=viewport).tab

    return open_with


def columns(page):
    """The columns of the saved data."""
    rows = list(csv.DictReader(saved(page, "Save data (CSV)")[1].decode("utf8").splitlines()))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def grips(page, name):
    return [page.get_by_role("slider", name=label) for label in GRIPS[name]]


def values(page, name):
    """Where the handle is, as a screen reader hears it."""
    return [float(grip.get_attribute("aria-valuenow")) for grip in grips(page, name)]


def plot(page, chart=0):
    """The box of a chart's axes, on the screen; ``inside`` it is in the picture's own units."""
    svg = page.locator(".lab-plot").nth(chart)
    inside = """svg => {
        const { x, y, width, height } = svg.querySelector(".lab-grid").getBBox();
        return { x, y, width, height };
    }"""
    box, corner = svg.evaluate(inside), svg.bounding_box()
    on_screen = {"x": box["x"] + corner["x"], "y": box["y"] + corner["y"]}
    return {**box, **on_screen, "inside": (box["x"], box["y"])}


def middle(page, name):
    box = grips(page, name)[0].bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, name, right, up=0):
    """Drag the handle with the mouse, so many pixels."""
    x, y = middle(page, name)
    page.mouse.move(x + 3, y - 2)  # held beside its middle: it must not jump
    page.mouse.down()
    page.mouse.move(x + 3 + right, y - 2 - up, steps=5)
    page.mouse.up()
    page.mouse.move(5, 5)  # released: it stays


def arrows(page):
    """Start and length of each arrow that is drawn, as shares of the axis."""
    path = page.locator(".lab-plot .lab-segments.kind-gradient").get_attribute("d") or ""
    ends = np.array(re.findall(r"M([\d.-]+) [\d.-]+L([\d.-]+) [\d.-]+M", path), float)
    start, end = ends.T if len(ends) else np.empty((2, 0))
    box = plot(page, page.locator(".lab-plot").count() - 1)
    return (start - box["inside"][0]) / box["width"], (end - start) / box["width"]


def assert_arrows_have_the_fixed_scale(page, data):
    """A slope of 1 is a fifth of the axis, and none is longer than three tenths."""
    wanted = np.clip(data["push"] / 5, -0.3, 0.3)
    starts, lengths = arrows(page)
    pixel = 1 / plot(page, page.locator(".lab-plot").count() - 1)["width"]
    seen = np.abs(wanted) > 0.5 * pixel  # what is shorter is not drawn; to a tenth of a pixel
    certain = np.abs(np.abs(wanted) - 0.5 * pixel) > 0.11 * pixel
    assert (seen & certain).sum() <= len(lengths) <= (seen | ~certain).sum()
    places = (data["fake"] + 3) / 14
    for start, length in zip(starts, lengths, strict=True):
        off = np.abs(places - start) + np.abs(wanted - length)
        assert off.min() < 0.25 * pixel


# --- Lesson 5: tilt D ---------------------------------------------------------------------------

TILTS = [(3.5, 1, 0), (3.5, 1, 1), (4, 3.5, 1), (4, 4, 0), (-1, 2, 0), (2.3, -1.7, 1), (5, 0, 0)]


@pytest.mark.parametrize(("place", "slope", "saturating"), TILTS)
def test_a_push_is_the_slope_of_d_as_the_loss_hears_it(open_lab, place, slope, saturating):
    page = open_lab("tilt", place=place, slope=slope, saturating=saturating)
    data = columns(page)
    assert len(data["fake"]) == 60
    assert abs(data["fake"].mean() - 2) < 0.3
    assert 0.8 < data["fake"].std() < 1.2
    a = slope * (data["fake"] - place)
    np.testing.assert_allclose(data["logit"], a, atol=1e-7)
    wanted = slope * (expit(a) if saturating else expit(-a))
    np.testing.assert_allclose(data["push"], wanted, rtol=1e-9, atol=1e-12)
    assert_arrows_have_the_fixed_scale(page, data)
    told = page.get_by_role("status")
    if slope:
        expect(told).to_contain_text(f"{wanted.mean():.2f}".replace("-", "−"))
        expect(told).to_contain_text("right, towards" if slope > 0 else "left, away")
    silent = (np.abs(wanted) < 0.02).sum()
    words = f"{silent} of 60 fakes hear next to nothing." if 0 < silent < 60 else ""
    expect(told).to_contain_text(words)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"slope": 0}, "a flat D says nothing: no arrow is left."),
        ({"place": 7, "slope": 4, "saturating": 1}, "and there log(1 − D) is flat"),
        ({"place": 8, "slope": -4}, "The fakes pass for real, and there −log D is flat"),
    ],
)
def test_a_vanishing_push_is_seen_to_vanish_and_the_sentence_says_why(open_lab, given, words):
    page = open_lab("tilt", **given)
    expect(page.get_by_role("status")).to_contain_text(words)
    assert len(arrows(page)[1]) == 0


def test_the_grip_moves_d_sideways_and_tilts_it_up_and_down(open_lab):
    page = open_lab("tilt")
    box = plot(page)
    drag(page, "tilt", 1.5 / 14 * box["width"], (0.8 - expit(0.5)) * box["height"])
    assert values(page, "tilt") == [5, round(2 * logit(0.8), 1)]
    np.testing.assert_allclose((data := columns(page))["logit"], 2.8 * (data["fake"] - 5))
    page.wait_for_url(re.compile(r"#lab-tilt\?place=5&slope=2\.8$"))
    # The grip lies on D's curve, half a unit to the right of its place.
    x, y = middle(page, "tilt")
    assert (x - box["x"]) / box["width"] * 14 - 3 == pytest.approx(5.5, abs=0.03)
    assert 1 - (y - box["y"]) / box["height"] == pytest.approx(expit(1.4), abs=0.01)
    drag(page, "tilt", 3000, -3000)  # out of the chart: as far as it goes
    assert values(page, "tilt") == [8, -4]


# --- Lesson 6: move a kink of D -----------------------------------------------------------------

KINKS = [(0, 1.2), (5, 1.2), (4.6, 2), (5.5, -1), (10, 1.2), (5, 0.6), (10, 0.6)]


@pytest.mark.parametrize(("place", "strength"), KINKS)
def test_d_bends_at_its_kinks_alone(open_lab, place, strength):
    page = open_lab("kink", place=place, strength=strength)
    data = columns(page)
    # Right of all others the slope is 0.6; on its left, this kink takes its strength away.
    slope = np.where(data["fake"] < place, 0.6 - strength, 0.6)
    np.testing.assert_allclose(data["push"], slope * expit(-data["logit"]), atol=1e-9)
    order = np.argsort(data["fake"])
    x, a = data["fake"][order], data["logit"][order]
    bend = strength * np.diff(np.maximum(place - x, 0))
    np.testing.assert_allclose(np.diff(a), 0.6 * np.diff(x) + bend, atol=1e-7)
    assert_arrows_have_the_fixed_scale(page, data)

    chart = page.locator(".lab-chart").first
    line = chart.locator(".lab-plot .lab-line.kind-d").get_attribute("d")
    points = np.array(re.findall(r"([\d.-]+) ([\d.-]+)", line), float)
    turns = points[1:-1][np.abs(np.diff(points[:, 1], 2)) > 0.31, 0]
    marks = chart.locator(".lab-plot .lab-points").get_attribute("d")
    marked = np.array(re.findall(r"M([\d.-]+) ", marks), float)
    assert len(marked) == 5
    assert all(np.abs(marked - turn).min() < 0.2 for turn in turns)
    assert len(turns) >= 4


def test_a_kink_that_is_dragged_into_the_data_lets_d_push_the_fakes_apart(open_lab):
    page = open_lab("kink")
    told = page.get_by_role("status")
    expect(told).to_contain_text("is at 0.0, outside μ ± 2σ of the data.")
    expect(told).to_contain_text("“too far left” to 60 of 60 fakes: all one way")
    unit = plot(page)["width"] / 14
    drag(page, "kink", 5 * unit)
    assert values(page, "kink") == [5]
    data = columns(page)
    right = (data["fake"] > 5).sum()
    assert 20 < right < 40
    words = f"“too far left” to {right} and “too far right” to {60 - right} of 60 fakes: pg widens"
    expect(told).to_contain_text("is at 5.0, within μ ± 2σ of the data.")
    expect(told).to_contain_text(words)
    assert np.cov(data["fake"], data["push"])[0, 1] > 0
    page.wait_for_url(re.compile("#lab-kink[?]place=5$"))
    page.get_by_label("its strength").fill("0.5")
    expect(told).to_contain_text("all one way")
    page.get_by_label("its strength").fill("1.2")
    drag(page, "kink", 5 * unit)
    expect(told).to_contain_text("“too far right” to 60 of 60 fakes")
    page.get_by_label("its strength").fill("0.6")
    expect(told).to_contain_text("D is flat at all fakes, and says nothing.")


# --- Lesson 8: two players, two numbers ---------------------------------------------------------

ORBITS = [
    ({}, "flees from rest, up to a ring"),
    ({"eta": 0.2}, "flees from rest:"),
    ({"alternating": 1}, "circles"),
    ({"alternating": 1, "gamma": 0.1}, "has come to rest"),
    ({"gamma": 0.3, "theta": -1.5, "psi": 1.5}, "has come to rest"),
    ({"theta": 1.5, "psi": 1.5, "eta": 1}, "circles"),
    ({"eta": 0.05, "gamma": 0.15, "theta": 0.7, "psi": -0.35}, "comes closer to rest"),
    ({"theta": 0, "psi": 0}, "has come to rest"),
]


@pytest.mark.parametrize(("given", "verdict"), ORBITS)
def test_the_orbit_is_that_of_the_package(open_lab, given, verdict):
    page = open_lab("dirac", **given)
    full = {"theta": 0.2, "psi": 0, "gamma": 0, "eta": 0.5, "alternating": 0, **given}
    method = "alternating" if full["alternating"] else "simultaneous"
    start = (full["theta"], full["psi"])
    orbit = games.dirac_play(method, full["eta"], 400, full["gamma"], start=start)
    data = columns(page)
    assert data["step"].tolist() == list(range(401))
    shown = np.stack([data["theta"], data["psi"]], axis=1)
    np.testing.assert_allclose(shown, orbit, rtol=0, atol=1e-12)
    told = page.get_by_role("status")
    expect(told).to_contain_text(verdict)
    first, last = np.hypot(*orbit[[0, -1]].T)
    expect(told).to_contain_text(f"radius {last:.3f} after 400 steps, {first:.3f} at the start.")

    box = plot(page)
    path = page.locator(".lab-plot .kind-map").get_attribute("d")
    drawn = np.array(re.findall(r"([\d.-]+) ([\d.-]+)", path), float) - box["inside"]
    places = drawn / (box["width"], -box["height"]) * 4 - (2, -2)
    np.testing.assert_allclose(places, orbit, rtol=0, atol=0.002)


def test_the_start_is_dragged_both_ways(open_lab):
    page = open_lab("dirac")
    box = plot(page)
    drag(page, "dirac", 0.6 / 4 * box["width"], -0.5 / 4 * box["height"])
    assert values(page, "dirac") == [0.8, -0.5]
    data = columns(page)
    assert (data["theta"][0], data["psi"][0]) == (0.8, -0.5)
    page.wait_for_url(re.compile(r"#lab-dirac\?theta=0\.8&psi=-0\.5$"))


# --- What the three have in common --------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_handle_moves_by_keyboard_and_reset_takes_it_back(open_lab, name):
    page = open_lab(name)
    first, told = values(page, name), page.get_by_role("status")
    words = told.inner_text()
    step = 0.05 if name == "dirac" else 0.1
    held = grips(page, name)
    page.locator("body").press("Tab")
    while page.evaluate("document.activeElement.matches('.lab-name')"):  # of a curve
        page.keyboard.press("Tab")
    expect(held[0]).to_be_focused()
    outline = "grip => getComputedStyle(grip, '::after').outlineStyle"
    assert held[0].evaluate(outline) == "solid"
    page.keyboard.press("ArrowRight")
    assert values(page, name) == pytest.approx([first[0] + step, *first[1:]])
    for key in ("ArrowUp", "PageUp"):
        page.keyboard.press(key)
    wanted = [first[0] + step, *first[1:]]
    wanted[-1] += 11 * step
    assert values(page, name) == pytest.approx(wanted)
    expect(held[-1]).to_be_focused()  # what has moved is what is read aloud
    assert held[-1].evaluate(outline) == "solid"
    expect(told).not_to_have_text(words)
    page.keyboard.press("End")
    assert values(page, name)[-1] == float(held[-1].get_attribute("aria-valuemax"))
    page.keyboard.press("ArrowLeft")
    if len(held) > 1:
        expect(held[0]).to_be_focused()
        assert values(page, name)[0] == pytest.approx(first[0])
    page.get_by_role("button", name="Reset").press("Enter")
    assert values(page, name) == first
    expect(told).to_have_text(words)
    page.wait_for_url(re.compile(f"#lab-{name}$"))


GIVEN = {
    "tilt": {"place": 1.2, "slope": -0.7, "saturating": 1},
    "kink": {"place": 6.3, "strength": -1.5},
    "dirac": {"theta": -0.35, "psi": 1.2, "gamma": 0.37, "eta": 0.8, "alternating": 1},
}


@pytest.mark.parametrize("name", NAMES)
def test_the_address_brings_the_settings_back(open_lab, name):
    page = open_lab(name, **GIVEN[name])
    assert values(page, name) == list(GIVEN[name].values())[: len(GRIPS[name])]
    moved, before = grips(page, name)[0], columns(page)
    moved.press("ArrowRight")
    after = columns(page)
    assert any(np.any(after[key] != before[key]) for key in before)
    query = urlencode({**GIVEN[name], next(iter(GIVEN[name])): values(page, name)[0]})
    page.wait_for_url(re.compile(re.escape(query) + "$"))
    page.reload()
    for key, column in columns(page).items():
        np.testing.assert_array_equal(column, after[key])


DAMAGED = {
    "tilt": ({"slope": 9}, "slope of D's logit is “9”: it must be a number from -4 up to 4"),
    "kink": ({"place": "x"}, "place of the kink is “x”: it must be a number from -2.5 up to 10"),
    "dirac": ({"delta": 1}, "“delta” is no setting of this lab"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_address_says_so(open_lab, name):
    given, words = DAMAGED[name]
    page = open_lab(name, **given)
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    assert values(page, name) == values(open_lab(name), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_scene_is_small_and_everything_has_a_name(open_lab, name):
    page = open_lab(name)
    expect(page.get_by_role("region", name=lab.presets()[name]["title"])).to_be_visible()
    tree = page.locator("section").aria_snapshot()
    assert re.findall(r'- (?:slider|button|checkbox|img|group)(?! ")', tree) == [], tree
    assert page.locator("input, select").count() <= 3
    assert page.get_by_role("img").count() <= 2
    assert page.get_by_role("status").count() == 1
    expect(page.locator(".lab-intro")).to_contain_text(re.compile("[Dd]rag .*[Pp]redict"))
    page.get_by_role("button", name="Save picture (SVG)")
    assert b"</svg>" in saved(page, "Save picture (SVG)")[1]


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_a_finger_drags_the_handle_and_nothing_sticks_out(open_lab, name):
    page = open_lab(name, viewport={"width": 360, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    first = values(page, name)
    grips(page, name)[0].scroll_into_view_if_needed()
    x, y = middle(page, name)
    session = page.context.new_cdp_session(page)
    for kind, by in (("touchStart", 0), ("touchMove", 15), ("touchMove", 40), ("touchEnd", 40)):
        points = [] if kind == "touchEnd" else [{"x": x + by, "y": y + by / 2}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function(
        "([grip, first]) => Number(grip.getAttribute('aria-valuenow')) > first + 0.3",
        arg=[grips(page, name)[0].element_handle(), first[0]],
    )
    if len(first) > 1:
        assert values(page, name)[1] < first[1]
