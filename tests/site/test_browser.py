"""Every page in a real browser: it asks nobody else, it works, and it can be read."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from book._ext.repository_links import BINDER, COLAB, theme_options
from tests.conftest import new_tab
from tests.site.conftest import SKIP
from tools.paths import BOOK
from tools.repository import book_address

LESSON = "notebooks/02_analytic_simulation.html"


# What a look at a page tells of it, once all of it is there.
LOOK = """async () => {
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    const all = (selector) => [...document.querySelectorAll(selector)];
    const unset = ["span", "div"].flatMap((kind) => all(`${kind}.math:not(:has(mjx-container))`));
    const parts = all("[data-gan-lab], [data-gan-quiz]");

    const plays = (video) => new Promise((done) => {
        video.addEventListener("loadeddata", () => done(null));
        video.addEventListener("error", () => done(video.error.message));
        setTimeout(() => done("no picture after 2 minutes"), 120000);
        video.preload = "auto";
        video.load();
    });

    const below = (button, picture) =>
        button.getBoundingClientRect().top >= picture.getBoundingClientRect().bottom;

    function described(control) {
        control.focus();
        const labels = [...(control.labels || [])].map((label) => label.textContent).join(" ");
        // A handle in a chart shows the focus on its grip.
        const looks = [null, "::after"].map((part) => getComputedStyle(control, part));
        return {
            html: control.outerHTML.slice(0, 200),
            name: (control.getAttribute("aria-label") || labels || control.textContent).trim(),
            reached: control.tabIndex >= 0 && control === document.activeElement,
            shown: looks.some(({ outlineStyle }) => outlineStyle !== "none"),
        };
    }

    const controls = ["button", "input", "select", "summary", "[role=slider]", "a[href]"];
    return {
        width: document.documentElement.scrollWidth,
        formulas: all("mjx-container").length,
        wrong: all("mjx-merror").concat(unset).map((formula) => formula.outerHTML.slice(0, 200)),
        fonts: [...document.fonts]
            .filter(({ family, status }) => /MJX/.test(family) && status === "loaded").length,
        parts: parts.length,
        built: parts.filter((part) => part.querySelector("button")).length,
        controls: all(`[data-gan-lab] :is(${controls})`)
            .filter((control) => control.checkVisibility({ visibilityProperty: true }))
            // Of a row of tabs or names one is in the order of Tab: arrows lead to the others.
            .filter((control) => !control.matches(":is([role=tab], .lab-name)[tabindex='-1']"))
            .filter((control) => !control.disabled).map(described),
        videos: await Promise.all(all("video").map(async (video) => [
            await plays(video),
            video.controls,
            below(video.nextSibling.querySelector("button"), video),
        ])),
    };
}"""


FILM = [None, False, True]  # it plays, and its controls are ours, below it

FROM = ["web", pytest.param("disk", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=FROM)
def looks(request, browser, web, site, pages):
    """What each page looks like on a phone, served or read from the disk; and all troubles."""
    tab, troubles = new_tab(browser)
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.add_init_script(SKIP)
    found = {}
    for page in pages:
        tab.goto(f"{site.as_uri()}/{page}" if request.param == "disk" else web + page)
        tab.keyboard.press("Shift")  # the focus is shown to who uses the keyboard
        found[page] = tab.evaluate(LOOK)
    tab.context.close()
    return found, troubles


@pytest.fixture
def those_with(looks, site):
    """What is seen of the pages that hold a text, by their names."""

    def chosen(text):
        found = {
            page: look
            for page, look in looks[0].items()
            if text in (site / page).read_text(encoding="utf8")
        }
        assert found
        return found.items()

    return chosen


def test_pages_ask_no_other_host_and_work(looks):
    assert looks[1] == []


def test_maths_is_typeset_with_the_sites_own_fonts(those_with):
    for page, look in those_with('class="math'):
        assert look["formulas"] > 0, page
        assert look["wrong"] == [], page
        assert look["fonts"] > 0, page


@pytest.mark.parametrize("part", ["data-gan-lab", "data-gan-quiz"])
def test_the_labs_and_the_quiz_are_built(those_with, part):
    for page, look in those_with(part):
        assert look["parts"] == look["built"] >= 1, page


def test_every_control_of_a_lab_has_a_name_and_the_keyboard_reaches_it(those_with):
    for page, look in those_with("data-gan-lab"):
        assert len(look["controls"]) >= 3, page
        for control in look["controls"]:
            assert control["name"], control["html"]
            assert control["reached"], control["html"]
            assert control["shown"], control["html"]


def test_videos_play(those_with):
    for page, look in those_with('<figure class="animation'):
        assert look["videos"], page
        assert all(video == FILM for video in look["videos"]), (page, look["videos"])


def test_no_page_scrolls_sideways_on_a_phone(looks):
    assert {page: look["width"] for page, look in looks[0].items() if look["width"] > 360} == {}


def test_a_hidden_sidebar_hides_nothing_else(open_page, web):
    tab = open_page(viewport={"width": 1280, "height": 800})
    tab.goto(web + LESSON)
    tab.get_by_role("button", name="Toggle primary sidebar").click()
    tab.wait_for_function(
        """() => {
            const sidebar = document.querySelector(".bd-sidebar-primary");
            const main = document.querySelector(".bd-main").getBoundingClientRect();
            return getComputedStyle(sidebar).visibility === "hidden" && main.x === 0;
        }"""
    )


def test_one_search_field(open_page, base):
    tab = open_page(viewport={"width": 1280, "height": 800})
    tab.goto(base + LESSON)
    buttons = tab.locator(".search-button-field:visible, .search-button:visible")
    assert buttons.count() == 1


def test_figures_keep_their_colours_by_night(open_page, base):
    tab = open_page()
    tab.goto(base + LESSON)
    figure = tab.locator('.cell_output img[src$=".svg"]').first
    look = "img => { const s = getComputedStyle(img); return [s.filter, s.backgroundColor]; }"
    for theme, turned in (("light", "none"), ("dark", "invert(1) hue-rotate(180deg)")):
        tab.emulate_media(color_scheme=theme)
        tab.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
        assert figure.evaluate(look) == [turned, "rgba(0, 0, 0, 0)"]


@pytest.mark.parametrize(
    ("wish", "plays"), [("reduce", False), ("no-preference", True)], ids=["less", "any"]
)
def test_less_movement(open_page, wish, plays):
    tab = open_page(reduced_motion=wish)
    script = Path(BOOK / "_static" / "course.js").read_text(encoding="utf8")
    tab.set_content(f"<script>{script}</script><video autoplay muted></video>")
    assert (tab.locator("video").get_attribute("autoplay") is not None) == plays


def test_less_movement_starts_no_transition(open_page):
    """One of every element, however short, makes a long page several times slower."""
    tab = open_page(reduced_motion="reduce")
    style = Path(BOOK / "_static" / "course.css").read_text(encoding="utf8")
    tab.set_content(f"<style>{style}</style><p>")
    started = tab.evaluate(
        """() => {
            const text = document.querySelector("p");
            for (text.style.color of ["red", "blue"]) getComputedStyle(text).color;
            return document.getAnimations().length;
        }"""
    )
    assert started == 0


def test_launch_buttons_lead_to_the_notebook(site):
    page = BeautifulSoup((site / LESSON).read_text(encoding="utf8"), "html.parser")
    notebook, source = LESSON.replace(".html", ".ipynb"), LESSON.replace(".html", ".md")
    buttons = theme_options(book_address())["launch_buttons"]
    for name, host in (("binderhub_url", BINDER), ("colab_url", COLAB)):
        links = page.select(f'.article-header-buttons a[href^="{host}"]')
        assert len(links) == (name in buttons)
        assert all(link["href"].endswith(notebook) for link in links)
    colab = {link["href"] for link in links}
    assert {link["href"] for link in page.select(".do-it a:not([download])")} == colab
    edits = page.select('.article-header-buttons a[href*="/edit/"]')
    assert edits or "colab_url" not in buttons
    assert all(edit["href"].endswith(source) for edit in edits)


def test_each_button_shows_the_focus(open_tab, base):
    tab = open_tab(viewport={"width": 1280, "height": 800})
    tab.goto(base + LESSON)
    reached = set()
    for _ in range(40):
        tab.keyboard.press("Tab")
        name, outline = tab.evaluate(
            """() => {
                const focus = document.activeElement;
                const name = focus.ariaLabel ?? focus.innerText.split("\\n")[0];
                return [name, getComputedStyle(focus).outlineStyle];
            }"""
        )
        if tab.evaluate("document.activeElement.tagName") == "BUTTON":
            reached.add(name)
            assert outline == "solid", name
    assert {"Search", "Toggle primary sidebar", "Color mode"} <= reached
