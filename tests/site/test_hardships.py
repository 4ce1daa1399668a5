"""The site where something is missing: storage, MathJax, colours; and for who comes back."""

import pytest

from tests.conftest import new_tab
from tests.contrast import contrast
from tests.site.conftest import SKIP
from tests.webdriver import PHONE

LESSON = "notebooks/03_mean_loss.html"
LAB = "book/lab.html"
BLOCKED = """for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, { get() { throw new Error("blocked"); } });"""
FULL = "Storage.prototype.setItem = () => { throw new Error('full'); };"


@pytest.fixture
def fresh_tab(browser):
    """A tab in which something may go wrong."""
    tab, _ = new_tab(browser)
    yield tab
    tab.context.close()


@pytest.mark.parametrize("storage", [BLOCKED, FULL], ids=["blocked", "full"])
def test_menus_and_theme_work_where_nothing_is_kept(open_page, web, storage):
    tab = open_page(viewport=PHONE, color_scheme="dark")
    tab.add_init_script(storage)
    tab.goto(web + LESSON)
    for name in ("Toggle primary sidebar", "Toggle secondary sidebar", "Search"):
        tab.get_by_role("button", name=name).first.click()
        assert tab.locator("dialog[open]").count() == 1
        tab.keyboard.press("Escape")
    modes = set()
    for _ in range(3):
        tab.locator(".theme-switch-button:visible").click()
        modes.add(tab.evaluate("document.documentElement.dataset.mode"))
    assert len(modes) == 3


def test_a_dialog_gives_the_focus_back(open_page, web):
    tab = open_page(viewport=PHONE)
    tab.goto(web + LESSON)
    for name in ("Toggle primary sidebar", "Toggle secondary sidebar", "Search"):
        button = tab.get_by_role("button", name=name).first
        button.press("Enter")
        assert tab.locator("dialog[open]").count() == 1
        tab.keyboard.press("Escape")
        tab.wait_for_function("!document.querySelector('dialog[open]')")
        tab.wait_for_function("document.activeElement !== document.body")
        assert button.evaluate("button => button === document.activeElement"), name


def test_the_contents_close_over_what_was_chosen(open_page, web):
    tab = open_page(viewport=PHONE)
    tab.goto(web + LESSON)
    tab.get_by_role("button", name="Toggle secondary sidebar").first.click()
    tab.locator("dialog a", has_text="Exercises").click()
    tab.wait_for_function("document.activeElement.id === 'exercises'")
    assert tab.locator("dialog[open]").count() == 0
    assert tab.locator("#exercises > h2").bounding_box()["y"] < 400


def test_without_mathjax_its_source_is_read(fresh_tab, web):
    tab = fresh_tab
    tab.set_viewport_size(PHONE)
    tab.add_init_script(SKIP)
    tab.route("**/mathjax/*.js", lambda route: route.abort())
    tab.goto(web + LESSON)
    cut = """all => all.filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth
        || !one.checkVisibility({ visibilityProperty: true })).length"""
    formulas = tab.locator("section > p span.math")
    assert formulas.count() > 30
    assert formulas.evaluate_all(cut) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_play_is_read_in_forced_colours(open_page, web, theme):
    tab = open_page()
    tab.emulate_media(forced_colors="active", color_scheme="light")
    tab.goto(web + LAB)
    tab.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    look = "part => { const s = getComputedStyle(part); return [s.color, s.backgroundColor]; }"
    play = tab.locator("[data-gan-lab] .lab-primary").first
    assert play.evaluate("part => getComputedStyle(part).forcedColorAdjust") == "none"
    assert contrast(*play.evaluate(look)) > 7
    ink = tab.locator("[data-gan-lab]").evaluate("part => getComputedStyle(part).color")
    assert contrast(ink, "rgb(255, 255, 255)") > 7


def test_figures_keep_their_paper_in_forced_colours(open_page, web):
    tab = open_page()
    tab.emulate_media(forced_colors="active", color_scheme="dark")
    tab.goto(web + LESSON)
    look = "all => all.map((part) => getComputedStyle(part).filter)"
    filters = tab.locator(".cell_output img, figure video").evaluate_all(look)
    assert len(filters) > 4
    assert not any("invert" in each for each in filters)


def test_who_comes_back_commits(fresh_tab, web):
    tab = fresh_tab
    tab.goto(web + LESSON)
    block = tab.locator(".predict").first
    block.locator("input").first.click()
    tab.goto(web + LAB)
    tab.go_back()
    chosen = block.locator("input:checked").count()
    assert block.locator(".predict-commit").is_enabled() == bool(chosen)


def test_the_full_lab_has_a_way_out(open_page, web):
    tab = open_page(viewport={"width": 1280, "height": 720})
    tab.goto(web + LAB)
    tab.get_by_role("link", name="All lessons").click()
    assert tab.url.endswith("book/index.html")


def test_the_focus_is_never_below_the_bar(open_page, web):
    tab = open_page(viewport=PHONE)
    tab.goto(web + LAB)
    hidden = """() => {
        const at = document.activeElement;
        const bar = document.querySelector(".gan-lab .lab-bar");
        if (!at.closest(".gan-lab") || bar.contains(at)) return null;
        return at.getBoundingClientRect().top >= bar.getBoundingClientRect().bottom - 1;
    }"""
    clear = []
    for key in ["Tab"] * 50 + ["Shift+Tab"] * 50:
        tab.keyboard.press(key)
        clear.append(tab.evaluate(hidden))
    assert clear.count(True) > 30
    assert clear.count(False) == 0
