"""Predictions in a page: committed or skipped first, then seen, and drawn onto the figure."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from lesson_header import HEADER
from playwright.sync_api import expect
from predict_blocks import CHOICE, CURVE, NUMBER
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from gan_lessons import predictions
from tests.axe import violations
from tests.conftest import new_tab
from tools.paths import BOOK, ROOT

TRUTH = 8.4512
PAGE = f"""{HEADER}# A page

{CHOICE}
It is the discriminator.
(why)=
<p id="deep">Here is why.</p>

{NUMBER}
```{{code-cell}} ipython3
---
mystnb:
  image:
    alt: Nothing but axes.
---
import matplotlib.pyplot as plt

from gan_lessons import plots
from gan_lessons.predictions import reveal

plots.use_style()
_, ax = plt.subplots()
ax.set(xlim=(0, 12), title="The mean runs away")
reveal("mean-after", ax, x={TRUTH})
```

So far.

## Shapes

This is open.

{CURVE}
```{{code-cell}} ipython3
---
mystnb:
  image:
    alt: Nothing but axes.
---
_, ax = plt.subplots()
ax.set(xlim=(1, 100), ylim=(-1, 1), xscale="log")
reveal("density", ax, x=[1, 5, 10], y=[0, 0.4, 0])
```

So it was.

## The end

Open, too.
"""
# Which parts were ever seen while the page was read, before its scripts had all of it.
WATCH = """
    window.seen = new Set();
    new MutationObserver(() => {
        for (const part of document.querySelectorAll("[data-after]")) {
            if (part.checkVisibility() && document.readyState === "loading") {
                seen.add(part.dataset.after);
            }
        }
    }).observe(document, { childList: true, subtree: true });
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The address of a page with one block of each kind."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.md").write_text(PAGE, encoding="utf8")
    extensions = ["myst_nb", "book._ext.local_mathjax", "book._ext.predictions"]
    settings = {
        "extensions": extensions,
        "exclude_patterns": ["out"],
        "html_theme": "sphinx_book_theme",
        "html_theme_options": {"navbar_persistent": []},
        "html_context": {"default_mode": "auto"},
        "html_static_path": [str(BOOK / "_static")],
        "html_css_files": ["course.css"],
        "myst_enable_extensions": ["colon_fence", "dollarmath"],
        "nb_execution_mode": "force",
        "nb_execution_raise_on_error": True,
    }
    with pytest.MonkeyPatch.context() as patch, docutils_namespace():
        patch.setenv("PYTHONPATH", str(ROOT))  # of the kernel
        folders = [str(folder), None, str(folder / "out"), str(folder / "trees"), "html"]
        Sphinx(*folders, settings, status=None, warningiserror=True).build(True)
    return (folder / "out" / "index.html").as_uri()


@pytest.fixture
def open_at(open_tab, page):
    """Open the page."""

    def open_with(address="", **settings):
        tab = open_tab(**settings)
        tab.goto("about:blank")
        tab.goto(page + address)
        return tab

    return open_with


@pytest.fixture
def prepare(browser, page):
    """Open the page in a browser of its own, where a script runs first."""
    contexts = []

    def open_with(script):
        contexts.append(browser.new_context())
        tab = contexts[0].new_page()
        tab.add_init_script(script)
        tab.goto(page)
        return tab

    yield open_with
    contexts[0].close()


def block(tab, name):
    return tab.locator(f"#predict-{name}")


def after(tab, name):
    return tab.locator(f"[data-after={name}]")


def press(tab, name, button):
    block(tab, name).get_by_role("button", name=button, exact=True).click()


def result(tab, name):
    return block(tab, name).locator(".predict-result")


def set_number(tab, value):
    slider = block(tab, "mean-after").get_by_role("slider")
    slider.evaluate("(s, v) => { s.value = v; s.dispatchEvent(new Event('input')); }", value)


def test_all_that_follows_is_folded_and_nothing_else(open_at):
    tab = open_at()
    for name in ("who-wins", "mean-after", "density"):
        expect(after(tab, name)).to_be_hidden()
        expect(block(tab, name).get_by_role("button", name="Commit")).to_be_disabled()
        expect(block(tab, name)).to_be_visible()
    expect(tab.get_by_text("This is open.")).to_be_visible()
    expect(tab.get_by_text("Open, too.")).to_be_visible()


def test_a_wrong_choice_is_told_kept_and_taken_back(open_at):
    tab = open_at()
    option = block(tab, "who-wins").get_by_label("Neither.")
    option.focus()
    tab.keyboard.press("Space")
    press(tab, "who-wins", "Commit")
    told = "You chose “Neither.” It is “The discriminator, or D.” Read why below."
    expect(result(tab, "who-wins")).to_have_text(told)
    expect(result(tab, "who-wins")).to_be_focused()
    expect(block(tab, "who-wins").get_by_role("status")).to_have_text("What follows is open now.")
    marks = block(tab, "who-wins").locator(".predict-mark").all_inner_texts()
    assert [mark.strip() for mark in marks] == ["", "✓ right", "✗ your choice"]
    expect(after(tab, "who-wins")).to_be_visible()
    expect(after(tab, "mean-after")).to_be_hidden()

    tab.reload()
    expect(result(tab, "who-wins")).to_have_text(told)
    expect(after(tab, "who-wins")).to_be_visible()
    press(tab, "who-wins", "Predict again")
    expect(after(tab, "who-wins")).to_be_hidden()
    expect(block(tab, "who-wins").get_by_label("The generator.")).to_be_focused()
    expect(option).not_to_be_checked()
    tab.reload()
    expect(after(tab, "who-wins")).to_be_hidden()


def test_a_right_choice_is_told(open_at):
    tab = open_at()
    block(tab, "who-wins").get_by_label("The discriminator").check()
    press(tab, "who-wins", "Commit")
    told = "You chose “The discriminator, or D.” That is right. Read why below."
    expect(result(tab, "who-wins")).to_have_text(told)


def test_what_is_skipped_opens_and_says_so(open_at):
    tab = open_at()
    press(tab, "mean-after", "Skip")
    expect(after(tab, "mean-after")).to_be_visible()
    expect(result(tab, "mean-after")).to_have_text("You skipped this one.")
    assert tab.locator(".predict-yours").count() == 0


@pytest.mark.parametrize("said", [0, 3, 6, 8.4, 8.5, 10])
def test_a_number_is_drawn_onto_the_figure_and_told_as_in_a_notebook(
    open_at, monkeypatch, capsys, said
):
    tab = open_at(viewport={"width": 360, "height": 740}, color_scheme="dark")
    set_number(tab, said)
    expect(block(tab, "mean-after").locator("output")).to_have_text(f"{said:.1f} steps")
    press(tab, "mean-after", "Commit")

    monkeypatch.setattr(predictions, "display", lambda *_, **__: None)
    predictions.predict("mean-after", said)
    predictions.reveal("mean-after", plt.subplots()[1], x=TRUTH)
    words = result(tab, "mean-after").inner_text().replace(" steps", "", 1)
    assert words == f"{capsys.readouterr().out.strip()} It is drawn onto the figure below."

    line, picture = (
        after(tab, "mean-after").locator(part).bounding_box() for part in ("svg path", "img")
    )
    tell = tab.evaluate("JSON.parse(document.querySelector('[data-reveal]').dataset.reveal)")
    left, _, right, _ = tell["box"]
    wanted = (left + said / 12 * (right - left)) / tell["size"][0]
    inset = (
        after(tab, "mean-after")
        .locator("img")
        .evaluate("image => parseFloat(getComputedStyle(image).paddingLeft)")
    )
    width = picture["width"] - 2 * inset
    drawn = (line["x"] + line["width"] / 2 - picture["x"] - inset) / width
    assert drawn == pytest.approx(wanted, abs=0.004)


def test_the_slider_goes_by_the_keys(open_at):
    tab = open_at()
    slider = block(tab, "mean-after").get_by_role("slider")
    assert slider.get_attribute("aria-valuetext") == "not set yet"
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "5.1 steps"
    press(tab, "mean-after", "Commit")
    expect(slider).to_be_disabled()


def drawn(tab):
    """The overlay of the curve, as places and heights on the figure's axes."""
    path = after(tab, "density").locator(".predict-yours path").get_attribute("d")
    points = np.reshape([float(n) for n in re.findall(r"-?[\d.]+", path)], (-1, 2))
    tell = tab.evaluate("JSON.parse(document.querySelectorAll('[data-reveal]')[1].dataset.reveal)")
    left, top, right, bottom = tell["box"]
    x = 100 ** ((points[:, 0] - left) / (right - left))
    return x, 1 - 2 * (points[:, 1] - top) / (bottom - top)


def test_a_curve_goes_by_the_keys(open_at):
    tab = open_at()
    sheet = block(tab, "density").get_by_role("slider")
    for _ in range(6):
        sheet.press("ArrowRight")
    for key in ("PageUp", "PageUp", "ArrowUp", "ArrowDown"):
        sheet.press(key)
    assert sheet.get_attribute("aria-valuetext") == "x = 5: 0.125"
    press(tab, "density", "Commit")
    told = "The greatest gap is at x = 5: you drew 0.125; it is 0.4: 0.275 too low."
    expect(result(tab, "density")).to_contain_text(told)
    x, heights = drawn(tab)
    np.testing.assert_allclose(x[1:], np.linspace(0, 10, 13)[1:], rtol=0.01)
    np.testing.assert_allclose(heights, 0.125 * (np.arange(13) == 6), atol=0.01)
    sheet.press("ArrowUp")
    assert sheet.get_attribute("aria-valuetext") == "x = 5: 0.125"  # what is committed stays


def test_a_curve_is_drawn_by_the_mouse_and_kept(open_at):
    tab = open_at()
    sheet = block(tab, "density").get_by_role("slider")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    place = {
        x: (box["x"] + box["width"] * (52 + 39.6 * x) / 460, box["y"] + box["height"] * y / 240)
        for x, y in ((0, 196), (5, 12), (10, 196))
    }
    tab.mouse.move(*place[0])
    tab.mouse.down()
    tab.mouse.move(*place[5])
    tab.mouse.move(*place[10])
    tab.mouse.up()
    press(tab, "density", "Commit")
    wanted = 0.5 - abs(np.linspace(0, 10, 13) - 5) / 10
    for _ in range(2):
        np.testing.assert_allclose(drawn(tab)[1], wanted, atol=0.02)
        tab.reload()


def test_a_link_into_what_is_folded_opens_it(open_at):
    tab = open_at("#deep")
    expect(tab.get_by_text("Here is why.")).to_be_in_viewport()
    expect(after(tab, "mean-after")).to_be_hidden()
    tab = open_at()
    tab.evaluate("location.hash = 'deep'")
    expect(tab.get_by_text("Here is why.")).to_be_visible()
    block(tab, "who-wins").get_by_label("Neither.").check()
    press(tab, "who-wins", "Commit")  # one can still commit


def test_nothing_is_seen_before_and_what_was_opened_at_once(prepare):
    tab = prepare(WATCH)
    assert tab.evaluate("[...seen]") == []
    press(tab, "mean-after", "Skip")
    tab.reload()
    assert tab.evaluate("[...seen]") == ["mean-after"]


def test_where_nothing_can_be_kept_all_works(prepare):
    refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    tab = prepare(refuse)
    set_number(tab, 3)
    press(tab, "mean-after", "Commit")
    expect(after(tab, "mean-after")).to_be_visible()
    tab.reload()
    expect(after(tab, "mean-after")).to_be_hidden()


@pytest.mark.parametrize("kept", ["nonsense", "[]", '{"who-wins": {"answer": 9}}', "3"])
def test_what_is_kept_and_makes_no_sense_does_no_harm(open_at, kept):
    tab = open_at()
    tab.evaluate("kept => localStorage.setItem(`predict:${location.pathname}`, kept)", kept)
    tab.reload()
    set_number(tab, 3)
    press(tab, "mean-after", "Commit")
    expect(result(tab, "mean-after")).to_contain_text("You said 3")


def test_on_paper_all_is_open(open_at):
    tab = open_at()
    tab.emulate_media(media="print")
    for part in tab.locator("[data-after]").all():
        expect(part).to_be_visible()


def test_without_scripts_all_is_open(browser, page):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page)
    for part in tab.locator("[data-after]").all():
        expect(part).to_be_visible()
    assert block(tab, "who-wins").get_by_role("listitem").count() == 3
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_the_page_is_no_wider_than_the_screen(open_at, width):
    tab = open_at(viewport={"width": width, "height": 800})
    tab.evaluate("document.fonts.ready")

    def look():
        assert violations(tab, ".predict, [data-after] p, .cell_output") == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= width

    look()
    block(tab, "who-wins").get_by_label("Neither.").check()
    set_number(tab, 3)
    block(tab, "density").get_by_role("slider").press("ArrowUp")
    look()
    for name in ("who-wins", "mean-after", "density"):
        press(tab, name, "Commit")
    look()


def test_pages_without_a_block_load_nothing(page, browser):
    tab, troubles = new_tab(browser)
    tab.goto(page.replace("index.html", "search.html"))
    assert "predictions" not in tab.content()
    tab.context.close()
    assert troubles == []
