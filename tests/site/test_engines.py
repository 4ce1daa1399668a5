"""The site in three engines: its pages work on a screen and on a phone, over the web and from the
disk, its labs play, pointer and keys move it, its numbers agree, axe is content.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.axe import violations
from tests.few import first_quick
from tests.lab_runtime import sources
from tests.site.conftest import ENGINES, watching
from tests.site.test_browser import FILM, LOOK
from tests.site.test_lab import BY_HAND, LABS, LIVE
from tests.site.test_room import OPEN, OUT_OF_REACH
from tests.webdriver import PHONE, WINDOW

PLAYED = Path(__file__).parent.parent / "lab" / "played.js"
LESSON = "notebooks/01_minmax_game.html"
# Some predictions of it: the keys that answer, and how the page begins to tell what it has heard.
ANSWERS = {
    "answer-at-four": (["ArrowRight"], "You said 0.51"),
    "best-d": (["ArrowRight", "ArrowUp"], "The greatest gap"),
    "stays-or-answers": (["ArrowDown"], "You chose “As far right as it can"),
}
ON_DISK = ["book/index.html", LESSON, LABS["adversarial"], LABS["full"]]
ON_DISK += ["notebooks/07_self_assessment.html"]
STATES = ["empty", "running", "comparing", "diverged", "many seeds", "drawing", "help", "runs"]
# The weights after some steps of each lab that trains, from its own random numbers.
WEIGHTS = """(() => Object.values(GanLab.PRESETS).filter(({ kind }) => kind === "live")
  .map(({ settings }) => {
    const gan = GanLab.createGan(settings);
    for (let step = 0; step < 20; step++) gan.step();
    return [...gan.g.weights, ...gan.d.weights];
  }))()"""

# The middles of a lab's handle and of the mark 0 on its axis, on the screen.
PLACES = """() => {
    const [handle] = document.querySelectorAll("[data-gan-lab] [role=slider]");
    const ticks = handle.closest(".lab-chart").querySelectorAll(".lab-tick[text-anchor=middle]");
    const zero = [...ticks].find((tick) => tick.textContent === "0");
    handle.scrollIntoView({ block: "center", behavior: "instant" });
    return [handle, zero].map((part) => {
        const { x, y, width, height } = part.getBoundingClientRect();
        return [x + width / 2, y + height / 2];
    });
}"""
MEAN = "document.querySelector('[data-gan-lab]').ganLab.gan.target.mean"
# What is told of each prediction behind which all is seen.
TOLD = """() => Object.fromEntries([...document.querySelectorAll("[data-after]")]
    .filter((part) => part.checkVisibility()).map(({ dataset: { after } }) =>
        [after, document.querySelector(`#predict-${after} .predict-result`).innerText]))"""
# How wide the window is, once it has followed: WebKit's may be a little late.
WIDTH = """async () => {
    const end = performance.now() + 10000;
    while (innerWidth !== %d && performance.now() < end) await new Promise(requestAnimationFrame);
    return innerWidth;
}"""
# What has gone wrong; and a page that is wider than its window.
TROUBLES = """() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [...troubles, `${scrollWidth} px wide`] : troubles;
}"""

slow = pytest.mark.slow
in_each_engine = pytest.mark.parametrize("engine_tab", ENGINES, indirect=True)
at_each_width = pytest.mark.parametrize(
    "tab", [WINDOW, PHONE], ids=["desk", "phone"], indirect=True
)


@pytest.fixture
def tab(request, engine_tab, watched):
    """A tab in which nothing goes wrong, and no page is wider than its window."""
    size = getattr(request, "param", WINDOW)
    engine_tab.set_viewport_size(size)
    assert engine_tab.evaluate(WIDTH % size["width"]) == size["width"]
    engine_tab.visit = lambda page: engine_tab.goto(watched + page)
    yield engine_tab
    assert engine_tab.evaluate(TROUBLES) == []


@pytest.fixture(scope="module")
def disk(site, tmp_path_factory):
    """The address of a copy of the site on the disk, whose pages keep their ``troubles``."""
    copy = shutil.copytree(site, tmp_path_factory.mktemp("disk") / "site")
    for page in copy.rglob("*.html"):
        page.write_text(watching(page), encoding="utf8")
    return f"{copy.as_uri()}/"


def play(tab, name, how):
    text = json.dumps(PLAYED.read_text(encoding="utf8"))  # a script of the page, which stays in it
    tab.evaluate(f"document.head.appendChild(document.createElement('script')).text = {text}")
    tab.evaluate(f"() => played({name!r})[{how!r}]()")


def try_out(tab, page):
    """All of the page in the tab is there, works, and can be reached."""
    look = tab.evaluate(LOOK)
    assert look["wrong"] == [], page
    assert look["fonts"] or not look["formulas"], page
    assert look["parts"] == look["built"], page
    assert all(video == FILM for video in look["videos"]), (page, look["videos"])
    for control in look["controls"]:
        assert control["name"], control["html"]
        assert control["reached"], control["html"]
    for name, home in LABS.items():
        if home == page:
            play(tab, name, "live" if name in LIVE else "hand" if name in BY_HAND else name)
    tab.evaluate(OPEN)
    assert tab.evaluate(OUT_OF_REACH) == [], page
    assert tab.evaluate(TROUBLES) == [], page
    return look


@slow
@in_each_engine
@at_each_width
def test_every_page_works_and_its_labs_are_played(tab, pages):
    for page in pages:
        tab.visit(page)
        try_out(tab, page)


@slow
@in_each_engine
def test_pages_work_from_the_disk(tab, disk):
    for page in ON_DISK:
        tab.goto(disk + page)
        assert try_out(tab, page)["parts"] >= 1, page


@slow
@pytest.mark.parametrize("name", ["hero", "mean"])
@in_each_engine
@at_each_width
def test_the_pointer_drags_the_data_to_the_place_that_the_axis_names(tab, name):
    tab.visit(LABS[name])
    tab.evaluate(OPEN)
    (x, y), (zero, _) = tab.evaluate(PLACES)
    assert tab.evaluate(MEAN) > 3
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move((x + zero) / 2, y)
    tab.mouse.move(zero, y)
    tab.mouse.up()
    tab.mouse.move(x, y)  # released: it stays
    assert tab.evaluate(MEAN) == pytest.approx(0, abs=0.11)


@slow
@in_each_engine
@at_each_width
def test_predictions_are_made_by_the_keyboard_alone(tab):
    def tab_to(part):
        for _ in range(200):
            tab.keyboard.press("Tab")
            if tab.evaluate(f"document.activeElement.matches('{part}')"):
                return
        pytest.fail(f"Tab does not lead to {part}")

    tab.visit(f"{LESSON}?asked")
    tab.evaluate("localStorage.clear()")
    tab.visit(f"{LESSON}?asked")
    assert tab.evaluate(TOLD) == {}
    for name, (keys, words) in ANSWERS.items():
        tab_to(f"#predict-{name} :is(input, [role=slider])")
        for key in keys:
            tab.keyboard.press(key)
        tab_to(f"#predict-{name} .predict-commit")
        tab.keyboard.press("Enter")
        told = tab.evaluate(TOLD)
        assert told[name].startswith(words)
    assert set(told) == set(ANSWERS)
    tab.visit(f"{LESSON}?asked")
    assert tab.evaluate(TOLD) == told


@pytest.mark.parametrize("state", first_quick(STATES))
@pytest.mark.parametrize("engine_tab", first_quick(ENGINES), indirect=True)
def test_axe_finds_nothing_in_any_state(tab, state):
    tab.visit(LABS["full"])
    play(tab, "full", state)
    assert violations(tab, "[data-gan-lab]") == []


@slow
@in_each_engine
def test_the_numbers_are_those_of_node(tab, run):
    wanted = run(sources(), WEIGHTS)
    assert len(wanted) == len(LIVE) + 1  # lesson 10 draws one of its own
    tab.visit(LABS["full"])
    for found, right in zip(tab.evaluate(WEIGHTS), wanted, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-9)
