"""Each state of a lab, in both themes, as a screen reader's user meets it: axe finds nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from gan_lessons import lab
from tests.few import first_quick

STATES = ["empty", "running", "comparing", "diverged", "many seeds", "drawing", "help", "runs"]


def bring_to(page, state):
    """Bring a live lab there."""
    if state == "running":
        page.press("Play")
        page.wait_for_steps(5)
    elif state == "comparing":
        page.compare("rateG", "learning rate of G", "0.002")
        page.press("Step D", "Step G")
        page.charts()
    elif state == "diverged":
        page.press("Step D", "Step G")
        page.ask("lab.gan.g.weights.fill(1e200)")
        page.press("Play")
        page.alarm.filter(has_text="stopped").wait_for()
    elif state == "many seeds":
        page.tab.get_by_role("tab", name="32 seeds").click()
        page.fill("steps", "100")
        page.press("Train 32 seeds")
        page.tab.get_by_text("32 of 32 trained").wait_for()
    elif state == "drawing":
        page.press("Draw the data")
    elif state == "help":
        page.press("Help: charts and keys")
    elif state == "runs":
        page.step_g(3)
        page.press("Reset")
        page.press("Lay over: run 1")


def violations(tab):
    options = {"preload": False}  # it would ask for the style sheets, which files refuse
    found = Axe().run(tab, context="section", options=options).response["violations"]
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", first_quick(STATES))
def test_axe_finds_nothing_in_any_state(open_lab, state, theme):
    page = open_lab("full", theme=theme)
    bring_to(page, state)
    assert violations(page.tab) == []


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", lab.presets())
def test_axe_finds_nothing_in_any_lab(open_page, name, theme):
    tab = open_page(f'<section data-gan-lab="{name}"></section>', theme=theme)
    assert violations(tab) == []
