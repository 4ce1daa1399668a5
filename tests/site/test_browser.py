"""Every page in a real browser: it asks nobody else, it works, and it can be read."""

from pathlib import Path

import pytest

from book._ext.repository_links import BINDER, COLAB, theme_options
from tools.paths import BOOK
from tools.repository import book_address

LESSON = "notebooks/02_analytic_simulation.html"
WITH_MATHS = "notebooks/01_minmax_game.html"


def test_pages_ask_no_other_host_and_work(open_page, base, pages):
    troubles = []
    tab = open_page()
    tab.on("request", lambda request: check(request.url))
    tab.on("requestfailed", lambda request: failed(request))
    tab.on(
        "response",
        lambda reply: reply.status < 400 or troubles.append(f"{reply.status} {reply.url}"),
    )
    tab.on("pageerror", lambda error: troubles.append(f"{tab.url}: {error}"))
    tab.on(
        "console",
        lambda said: said.type == "error" and troubles.append(f"{tab.url}: {said.text[:200]}"),
    )

    def check(url):
        if not url.startswith((base, "data:", "blob:")):
            troubles.append(f"{tab.url} asks {url[:200]}")

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # cut short by going on to the next page
            troubles.append(f"{request.failure}: {request.url[:200]}")

    for page in pages:
        tab.goto(base + page, wait_until="load")
        tab.evaluate("window.MathJax?.startup?.promise")
    assert troubles == []


def test_maths_is_typeset_with_the_sites_own_fonts(open_page, base):
    tab = open_page()
    tab.goto(base + WITH_MATHS)
    tab.wait_for_selector("mjx-container")
    tab.evaluate("MathJax.startup.promise")
    assert tab.locator("mjx-merror").count() == 0
    unset = tab.locator("span.math:not(:has(mjx-container)), div.math:not(:has(mjx-container))")
    assert unset.count() == 0
    tab.evaluate("document.fonts.ready")
    fonts = "[...document.fonts].filter(f => /MJX/.test(f.family) && f.status == 'loaded').length"
    tab.wait_for_function(f"{fonts} > 0")


def test_no_page_scrolls_sideways_on_a_phone(open_page, base, pages):
    tab = open_page(viewport={"width": 360, "height": 740})
    wide = {}
    for page in pages:
        tab.goto(base + page)
        tab.evaluate("window.MathJax?.startup?.promise")
        width = tab.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wide[page] = width
    assert wide == {}


def test_one_search_field(open_page, base):
    tab = open_page(viewport={"width": 1280, "height": 800})
    tab.goto(base + LESSON)
    buttons = tab.locator(".search-button-field:visible, .search-button:visible")
    assert buttons.count() == 1


def test_videos_play(open_page, base, site, pages):
    tab = open_page()
    shown = 0
    for page in pages:
        if "<video" not in (site / page).read_text(encoding="utf8"):
            continue
        tab.goto(base + page)
        for video in tab.locator("video").all():
            video.evaluate("video => { video.preload = 'auto'; video.load(); }")
            video.evaluate(
                """video => new Promise((done, fail) => {
                    video.addEventListener('loadeddata', done);
                    video.addEventListener('error', () => fail(video.error.message));
                    if (video.readyState >= 2) done();
                    setTimeout(() => fail("no picture after 20 s"), 20000);
                })"""
            )
            assert video.get_attribute("controls") is not None
            shown += 1
    assert shown > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_keep_their_colours_by_night(open_page, base, theme):
    tab = open_page(color_scheme=theme)
    tab.goto(base + LESSON)
    figure = tab.locator('.cell_output img[src$=".svg"]').first
    look = figure.evaluate(
        "img => { const s = getComputedStyle(img); return [s.filter, s.backgroundColor]; }"
    )
    turned = "invert(1) hue-rotate(180deg)" if theme == "dark" else "none"
    assert look == [turned, "rgba(0, 0, 0, 0)"]


@pytest.mark.parametrize(
    ("wish", "plays"), [("reduce", False), ("no-preference", True)], ids=["less", "any"]
)
def test_less_movement(open_page, wish, plays):
    tab = open_page(reduced_motion=wish)
    script = Path(BOOK / "_static" / "course.js").read_text(encoding="utf8")
    tab.set_content(f"<script>{script}</script><video autoplay muted></video>")
    assert (tab.locator("video").get_attribute("autoplay") is not None) == plays


def test_launch_buttons_lead_to_the_notebook(open_page, base):
    tab = open_page()
    tab.goto(base + LESSON)
    notebook, source = LESSON.replace(".html", ".ipynb"), LESSON.replace(".html", ".md")
    buttons = theme_options(book_address())["launch_buttons"]
    for name, host in (("binderhub_url", BINDER), ("colab_url", COLAB)):
        links = tab.locator(f'.article-header-buttons a[href^="{host}"]').all()
        assert len(links) == (name in buttons)
        assert all(link.get_attribute("href").endswith(notebook) for link in links)
    edits = tab.locator('.article-header-buttons a[href*="/edit/"]').all()
    assert edits or "colab_url" not in buttons
    assert all(edit.get_attribute("href").endswith(source) for edit in edits)


def test_each_button_shows_the_focus(open_page, base):
    tab = open_page(viewport={"width": 1280, "height": 800})
    tab.goto(base + LESSON)
    reached = set()
    for _ in range(40):
        tab.keyboard.press("Tab")
        name, outline = tab.evaluate(
            """() => {
                const focus = document.activeElement;
                return [focus.ariaLabel ?? "", getComputedStyle(focus).outlineStyle];
            }"""
        )
        if tab.evaluate("document.activeElement.tagName") == "BUTTON":
            reached.add(name)
            assert outline == "solid", name
    assert {"Search", "Toggle primary sidebar", "Color mode"} <= reached
