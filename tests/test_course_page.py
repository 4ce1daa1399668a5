"""What the site's own style and script do to a page: edges of what scrolls, films, headings."""

from itertools import pairwise
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from gan_lessons.video import show_animation
from tests.pictures import scripted
from tools.paths import BOOK

STATIC = BOOK / "_static"
PHONE = {"width": 390, "height": 844}
WIDE = 'style="display: inline-block; min-width: 600px; height: 1em"'
THINGS = f"""
<div class="cell_input"><div class="highlight"><pre id="code">{"x = 1; " * 20}</pre></div></div>
<div class="pst-scrollable-table-container" id="table"><div {WIDE}></div></div>
<div class="math notranslate">
<mjx-container display="true" id="formula"><b {WIDE}></b></mjx-container></div>
<p>Text <span class="pair"><span class="math" id="inline"><b {WIDE}></b></span>,</span> and on.</p>
<p>Text <span class="pair"><span class="math" id="short"><b>x</b></span>,</span> and on.</p>
<div class="cell_output"><pre id="fits">short</pre></div>
"""
# What the theme says of formulas.
THEME = """
.math {display: flex; max-width: 100%; overflow: hidden}
span.math {align-items: baseline; display: inline-flex}
div.math {flex-direction: row-reverse}
div.math mjx-container {display: block; flex-grow: 1; text-align: center}
"""
BOXES = ["#code", "#table", "#formula", ".pair:has(#inline)"]
START = "box => (box.querySelector('b, div') ?? box).getBoundingClientRect().left"
MASK = "box => getComputedStyle(box).maskImage"


@pytest.fixture
def open_course(open_tab, tmp_path):
    """Open a page of the site's style and script, with a body."""

    def opened(body, **settings):
        page = tmp_path / "page.html"
        page.write_text(
            '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<style>{THEME}</style>"
            f'<link rel="stylesheet" href="{(STATIC / "course.css").as_uri()}">'
            f'<article class="bd-article">{body}</article>'
            f'<script src="{(STATIC / "course.js").as_uri()}"></script>',
            encoding="utf8",
        )
        tab = open_tab(**settings)
        tab.goto(page.as_uri())
        return tab

    return opened


def edges(tab, box):
    """Where more of a box is hidden, and the order of Tab: 0 if the keyboard reaches it."""
    tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return tab.locator(box).evaluate(
        """box => [
            ["left", "right"].filter((side) => box.matches(`.more-${side}`)).join(" "),
            box.tabIndex,
        ]"""
    )


@pytest.mark.parametrize("box", BOXES)
def test_what_is_wide_scrolls_and_says_so(open_course, box):
    tab = open_course(THINGS, viewport=PHONE)
    assert edges(tab, box) == ["right", 0]
    assert tab.locator(box).evaluate(START) >= 0
    faded = tab.locator(box).evaluate(MASK)
    assert "gradient" in faded
    tab.locator(box).evaluate("box => box.scrollTo(40, 0)")
    assert edges(tab, box) == ["left right", 0]
    tab.locator(box).evaluate("box => box.scrollTo(9999, 0)")
    assert edges(tab, box) == ["left", 0]
    assert tab.locator(box).evaluate(MASK) not in ("none", faded)
    # the end of it is within sight, and the page itself stays in its place
    ends = tab.locator(box).evaluate(
        "box => (box.querySelector('b, div') ?? box).getBoundingClientRect().right"
    )
    assert ends <= PHONE["width"]
    assert tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_what_fits_has_no_edge(open_course):
    tab = open_course(THINGS, viewport=PHONE)
    for box in ("#fits", "#short", ".pair:has(#short)"):
        assert edges(tab, box) == ["", -1]
    tab.set_viewport_size({"width": 1600, "height": 800})
    for box in BOXES:
        assert edges(tab, box) == ["", -1]
    lines = tab.locator(".pair:has(#inline)").evaluate("pair => getComputedStyle(pair).display")
    assert lines == "inline"
    tab.set_viewport_size(PHONE)
    for box in BOXES:
        assert edges(tab, box) == ["right", 0]


def test_headings_step_down_evenly_and_stay_above_the_text(open_course):
    body = "<h1>One</h1><h2>Two</h2><h3>Three</h3><p>Text</p>"
    tab = open_course(body, viewport={"width": 1280, "height": 800})
    for width, most in ((1280, 34), (390, 28)):
        tab.set_viewport_size({"width": width, "height": 800})
        sizes = tab.evaluate(
            """() => ["h1", "h2", "h3", "p"].map((name) =>
                parseFloat(getComputedStyle(document.querySelector(name)).fontSize))"""
        )
        assert sizes[0] == most
        steps = [above / below for above, below in pairwise(sizes)]
        assert all(1.1 < step < 1.45 for step in steps), sizes


def drawing(width, name):
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='300'/>"
    image = f'<img width="{width}" src="data:image/svg+xml,{quote(picture)}">'
    return f'<div class="cell_output" id="{name}">{image}'


def test_a_figure_of_several_panels_scrolls_on_a_phone_and_says_so(open_course):
    tab = open_course(drawing(1000, "many") + "</div>" + drawing(640, "one"), viewport=PHONE)
    assert edges(tab, "#many") == ["right", 0]
    assert tab.locator("#many img").evaluate("figure => figure.clientWidth") == 700
    assert edges(tab, "#one") == ["", -1]
    tab.set_viewport_size({"width": 1280, "height": 800})
    assert edges(tab, "#many") == ["", -1]


@pytest.fixture
def film(tmp_path, monkeypatch):
    """What a page holds of a film of nine frames."""
    monkeypatch.chdir(tmp_path)
    return show_animation(scripted(9)[0], "run", alt="a run", transcript="t").data


def test_a_films_controls_stand_below_its_picture(open_course, film):
    tab = open_course(film, viewport=PHONE)
    video, bar = tab.locator("video"), tab.locator(".film-bar")
    assert video.get_attribute("controls") is None
    picture, controls = video.bounding_box(), bar.bounding_box()
    assert controls["y"] >= picture["y"] + picture["height"]
    assert picture["height"] == pytest.approx(picture["width"] * 600 / 960, abs=1)
    # the poster shows the middle, and so says the bar
    place, told = bar.get_by_role("slider", name="Frame"), bar.locator("output")
    expect(told).to_have_text("frame 5 of 9")
    place.press("ArrowRight")
    expect(told).to_have_text("frame 6 of 9")
    tab.wait_for_function("() => !document.querySelector('video').seeking")
    assert video.evaluate("video => video.currentTime") == pytest.approx(0.55)
    assert place.get_attribute("aria-valuetext") == "frame 6 of 9"


def test_a_film_is_played_and_stopped_by_keys(open_course, film):
    tab = open_course(film, viewport=PHONE)
    play = tab.locator(".film-bar button")
    assert play.inner_text() == "Play"
    play.press("Enter")
    expect(play).to_have_text("Pause")
    tab.wait_for_function("() => document.querySelector('output').value === 'frame 8 of 9'")
    play.press("Enter")
    expect(play).to_have_text("Play")
    assert tab.locator("video").evaluate("video => video.paused")


def test_by_night_the_picture_is_turned_over_and_the_controls_are_not(open_course, film):
    tab = open_course(f'<div class="bd-content">{film}</div>', viewport=PHONE)
    looks = []
    for theme in ("light", "dark"):
        tab.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        for part in ("video", ".film-bar"):
            looks.append(tab.locator(part).evaluate("part => getComputedStyle(part).filter"))
    assert looks == ["none", "none", "invert(1) hue-rotate(180deg)", "none"]
