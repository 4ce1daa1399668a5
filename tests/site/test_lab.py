"""The live lab on the built site, in a real browser."""

import json
import re

import pytest
from playwright.sync_api import expect

from gan_lessons import lab
from gan_lessons.distributions import Normal
from gan_lessons.lab.traces import trace
from gan_lessons.training import Settings
from tests.contrast import contrast, luminance
from tests.few import first_quick
from tests.lab_page import Page
from tests.lab_runtime import OWN

# The page of each lab; a page may hold several.
LIVE = {
    "full": "book/lab.html",
    "mean": "notebooks/03_mean_loss.html",
    "adversarial": "notebooks/05_adversarial_gan.html",
    "raw": "notebooks/06_raw_weights_gan.html",
    "clinic": "notebooks/08_failure_clinic.html",
    "landed": "notebooks/09_make_a_gan_land.html",
}
BY_HAND = {
    "game": "notebooks/01_minmax_game.html",
    "scripted": "notebooks/02_analytic_simulation.html",
    "impostor": "notebooks/04_stats_loss.html",
    "tilt": "notebooks/05_adversarial_gan.html",
    "kink": "notebooks/06_raw_weights_gan.html",
    "dirac": "notebooks/08_failure_clinic.html",
}
LABS = LIVE | BY_HAND | {"hero": "book/index.html"}


@pytest.fixture
def visit(open_page, base):
    """Open the page of the site with a lab."""

    def go(name):
        tab = open_page(viewport={"width": 1100, "height": 900})
        tab.goto(base + LABS[name])
        return Page(tab, tab.locator(f'section[data-gan-lab="{name}"]'))

    return go


def test_every_page_that_promises_a_lab_has_it_and_no_lab_is_there_twice(site, pages):
    found = {}
    for page in pages:
        for name in re.findall(r'data-gan-lab="(\w*)"', (site / page).read_text(encoding="utf8")):
            assert name not in found
            found[name] = page
    assert found == LABS


def test_script_and_style_are_light(site):
    weights = {path.name: path.stat().st_size for path in (site / "_static" / "lab").iterdir()}
    assert set(weights) == {*lab.STYLES, *lab.SCRIPTS}
    for page in set(LABS.values()):
        names = [name for name, home in LABS.items() if home == page]
        at_once = set(lab.files(names)) - set(lab.LATER)
        assert sum(weights[file] for file in at_once) < 150_000, page


def test_the_scripts_of_many_seeds_come_when_their_tab_is_opened(visit):
    page = visit("raw")
    scripts = page.tab.locator(f"script[src$='{lab.LATER[-1]}']")
    assert scripts.count() == 0
    tab = page.section.get_by_role("tab", name="32 seeds")
    tab.click()
    expect(page.button("Train 32 seeds")).to_be_visible()
    tab.click()
    assert scripts.count() == 1


def test_what_can_not_be_loaded_is_said_and_asked_for_again(visit):
    page = visit("raw")
    page.tab.evaluate("""() => {
      globalThis.kept = GanLab.load;
      GanLab.load = async () => { throw new Error("no seeds.js"); };
    }""")
    tab = page.section.get_by_role("tab", name="32 seeds")
    tab.click()
    complaint = page.section.get_by_role("alert").get_by_text("no seeds.js: open this")
    expect(complaint).to_be_visible()
    page.tab.evaluate("() => { GanLab.load = kept; }")
    tab.click()
    expect(page.button("Train 32 seeds")).to_be_visible()
    expect(complaint).to_have_count(0)


def test_the_full_lab_fills_one_screen(visit):
    tab = visit("full").tab
    for width, height in ((1024, 700), (1280, 720), (1920, 1080)):
        tab.set_viewport_size({"width": width, "height": height})
        tab.wait_for_timeout(200)
        size = tab.evaluate(
            "(({ scrollWidth, scrollHeight }) => [scrollWidth, scrollHeight])"
            "(document.documentElement)"
        )
        assert size == [width, height]
        parts = [".lab-bar", ".lab-density", ".lab-loss", ".lab-distance", ".lab-orbit"]
        if width >= 1280:  # else it is scrolled to
            parts.append(".lab-gap")
        for part in parts:
            box = tab.locator(part).bounding_box()
            assert box["y"] + box["height"] <= height, part


def test_the_first_page_opens_with_a_gan_in_training(visit):
    page = visit("hero")
    section = "document.querySelector('[data-gan-lab]')"
    page.tab.wait_for_function(f"{section}.ganLab.gan.steps > 10")
    box = page.tab.locator("section[data-gan-lab]").bounding_box()
    assert box["y"] + box["height"] < 900


@pytest.mark.parametrize("name", first_quick(LIVE))
def test_each_live_lab_trains_steps_and_starts_anew(visit, name):
    page = visit(name)
    page.settle()
    assert page.steps() == 0  # the reader predicts first
    page.press("Step G", *["Step D"][: page.button("Step D").count()])
    assert page.steps() == 1
    page.press("Play")
    page.wait_for_steps(5)
    page.press("Pause")
    reached = page.steps()
    page.settle()
    assert page.steps() == reached
    page.press("Reset")
    assert page.steps() == 0


@pytest.mark.parametrize("link", [".bd-sidebar-secondary a.nav-link", "#pst-skip-link a"])
def test_the_links_within_a_page_leave_the_training_alone(visit, link):
    page = visit("raw")
    page.fill("learning rate of G", "0.02")
    page.press("Step G")
    page.tab.wait_for_url("**rateG=0.02")
    page.tab.locator(link).first.evaluate("link => link.click()")  # it may be folded away
    page.tab.wait_for_url(re.compile("#(?!lab)"))
    page.tab.go_back()
    page.tab.wait_for_url("**rateG=0.02")
    page.press("Step G")
    assert page.steps() == 2
    page.tab.go_forward()
    page.tab.reload()
    assert page.field("learning rate of G").input_value() == "0.02"


@pytest.mark.parametrize("name", BY_HAND)
def test_each_lab_played_by_hand_answers(visit, name):
    page = visit(name)
    words, paths = page.section.get_by_role("status"), page.section.locator("svg.lab-plot path")

    def drawn():
        return paths.evaluate_all("all => all.map(p => p.getAttribute('d'))")

    said, before = words.inner_text(), drawn()
    for _ in range(5):
        page.section.get_by_role("slider").first.press("ArrowRight")
    expect(words).not_to_have_text(said)
    page.settle()
    assert drawn() != before


COLOURS = """() => {
    const section = document.querySelector("section[data-gan-lab]");
    let behind = section;
    const solid = (e) => !/, 0\\)|transparent/.test(getComputedStyle(e).backgroundColor);
    while (behind.parentElement && !solid(behind)) behind = behind.parentElement;
    const lines = [...section.querySelectorAll("svg path")].map((p) => getComputedStyle(p))
      .filter((s) => s.stroke !== "none" && Number(s.strokeOpacity) > 0.9 && s.opacity > 0.9
        && parseFloat(s.strokeWidth) >= 1.4)
      .map((s) => s.stroke);
    const words = "label, button:not(.lab-primary), legend, svg text";
    const texts = [...section.querySelectorAll(words)]
      .map((t) => getComputedStyle(t)).map((s) => s.fill !== "rgb(0, 0, 0)" ? s.fill : s.color);
    const { backgroundColor } = getComputedStyle(behind);
    return { behind: backgroundColor, lines: [...new Set(lines)], texts: [...new Set(texts)] };
}"""


@pytest.mark.parametrize("name", ["full", "game"])
def test_lines_and_words_stand_out_by_day_and_by_night(visit, name):
    tab = visit(name).tab
    for theme in ("light", "dark"):
        tab.emulate_media(color_scheme=theme)
        tab.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
        found = tab.evaluate(COLOURS)
        assert (luminance(found["behind"]) < 0.1) == (theme == "dark")
        assert len(found["lines"]) >= 3
        assert len(found["texts"]) >= 1
        for line in found["lines"]:
            assert contrast(line, found["behind"]) >= 3, line
        for text in found["texts"]:
            assert contrast(text, found["behind"]) >= 4.5, text


def test_the_engine_on_the_site_replays_the_package(visit):
    tab = visit("full").tab
    for script in OWN:
        tab.add_script_tag(content=script.read_text(encoding="utf8"))
    golden = trace(Settings("adversarial_plus_stats", batch_size=16), Normal(2, 1.5))
    golden["target"] = {"kind": "normal", "mean": 2, "std": 1.5}
    apart = tab.evaluate("given => replay(JSON.parse(given))", json.dumps(golden))
    assert apart["weights"] <= 1e-9


def test_a_notebook_shows_the_same_lab(open_page, tmp_path):
    page = tmp_path / "notebook.html"
    page.write_text(f"<!doctype html><body>{lab.show('raw')._repr_html_()}", encoding="utf8")
    tab = open_page(viewport={"width": 900, "height": 1000})
    tab.goto(page.as_uri())
    frame = Page(tab.frame_locator("iframe"))
    frame.press("Play")
    expect(frame.tab.locator("[data-steps]")).to_have_text(re.compile(r"^\d\d"))
    frame.press("Pause")
