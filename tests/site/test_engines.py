"""The site in three engines: its pages work, its labs play, its numbers agree, axe is content."""

import json
from pathlib import Path

import axe_playwright_python
import numpy as np
import pytest

from tests.few import first_quick
from tests.lab_runtime import sources
from tests.site.conftest import ENGINES
from tests.site.test_browser import FILM, LOOK
from tests.site.test_lab import BY_HAND, LABS, LIVE

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PLAYED = Path(__file__).parent.parent / "lab" / "played.js"
STATES = ["empty", "running", "comparing", "diverged", "many seeds", "drawing", "help", "runs"]
# What axe finds in a lab, by the theme.
VIOLATIONS = """async () => {
    const found = {};
    const style = document.head.appendChild(document.createElement("style"));
    style.textContent = "* { transition: none !important; }"; // no colour on its way to another
    for (const theme of ["light", "dark"]) {
        document.documentElement.dataset.theme = theme;
        const { violations } = await axe.run("[data-gan-lab]", { preload: false });
        found[theme] = violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
    }
    return found;
}"""
# The weights after some steps of each lab that trains, from its own random numbers.
WEIGHTS = """(() => Object.values(GanLab.PRESETS).filter(({ kind }) => kind === "live")
  .map(({ settings }) => {
    const gan = GanLab.createGan(settings);
    for (let step = 0; step < 20; step++) gan.step();
    return [...gan.g.weights, ...gan.d.weights];
  }))()"""

slow = pytest.mark.slow
in_each_engine = pytest.mark.parametrize("engine_tab", ENGINES, indirect=True)


@pytest.fixture
def tab(engine_tab, watched):
    """A tab in which nothing goes wrong."""

    def visit(page, *scripts):
        """Open a page of the site, and add scripts to it."""
        engine_tab.goto(watched + page)
        for script in scripts:
            text = json.dumps(script.read_text(encoding="utf8"))
            engine_tab.evaluate(
                "() => document.head.append(Object.assign("
                f"document.createElement('script'), {{ textContent: {text} }}))"
            )

    engine_tab.visit = visit
    yield engine_tab
    assert engine_tab.evaluate("troubles") == []


def play(tab, name, how):
    tab.visit(LABS[name], PLAYED, AXE)
    tab.evaluate(f"() => played({name!r})[{how!r}]()")


@slow
@in_each_engine
def test_every_page_works(tab, pages):
    for page in pages:
        tab.visit(page)
        look = tab.evaluate(LOOK)
        assert look["wrong"] == [], page
        assert look["parts"] == look["built"], page
        assert all(video == FILM for video in look["videos"]), (page, look["videos"])
        for control in look["controls"]:
            assert control["name"], control["html"]
            assert control["reached"], control["html"]
        assert tab.evaluate("troubles") == [], page


@slow
@pytest.mark.parametrize("name", LABS)
@in_each_engine
def test_each_lab_is_played(tab, name):
    play(tab, name, "live" if name in LIVE else "hand" if name in BY_HAND else name)


@pytest.mark.parametrize("state", first_quick(STATES))
@pytest.mark.parametrize("engine_tab", first_quick(ENGINES), indirect=True)
def test_axe_finds_nothing_in_any_state(tab, state):
    play(tab, "full", state)
    assert tab.evaluate(VIOLATIONS) == {"light": [], "dark": []}


@slow
@in_each_engine
def test_the_numbers_are_those_of_node(tab, run):
    wanted = run(sources(), WEIGHTS)
    assert len(wanted) == len(LIVE) + 1  # lesson 10 draws one of its own
    tab.visit(LABS["full"])
    for found, right in zip(tab.evaluate(WEIGHTS), wanted, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-9)
