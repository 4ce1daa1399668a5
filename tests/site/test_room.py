"""Nothing is wider than its room without a way to its rest, and Tab stops at what is of use."""

import pytest

from tests.few import first_quick

WIDTHS = [320, 360, 390, 768, 1280]
FEW = ["notebooks/01_minmax_game.html", "notebooks/06_raw_weights_gan.html"]

# Opens all that is folded, and waits for the page's script to look at the edges.
OPEN = """async () => {
    document.querySelectorAll("details").forEach((fold) => (fold.open = true));
    document.querySelectorAll("[data-after]").forEach((part) => part.classList.add("open"));
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    // Twice, since what is drawn anew is seen by the observers one frame later.
    const frame = (done) => requestAnimationFrame(() => setTimeout(done, 100));
    for (let i = 0; i < 2; i++) await new Promise(frame);
}"""

# What is wider than its room: cut off, or in a box whose rest neither eye nor keyboard finds.
OUT_OF_REACH = """() => {
    const svg = "svg:not(svg svg, .svg-inline--fa, summary svg)";
    const drawn = `mjx-math, img, video, table, pre, ${svg}`;
    const found = [];

    function wrong(thing) {
        let { left, right } = thing.getBoundingClientRect();
        for (let box = thing; box !== document.body; box = box.parentElement) {
            const { display, overflowX } = getComputedStyle(box);
            if (display === "inline" || display === "contents") continue;
            const start = box.getBoundingClientRect().left + box.clientLeft;
            const end = start + box.clientWidth;
            const scrolls = ["auto", "scroll"].includes(overflowX);
            const wide = scrolls && box.scrollWidth > box.clientWidth + 1;
            if (wide && box.tabIndex < 0) return "the keyboard does not reach it";
            if (wide && !box.matches(".more-left, .more-right")) return "no cue";
            if (box === thing) continue;
            if (scrolls && left < start - box.scrollLeft - 1) return "no way to its start";
            if (scrolls) [left, right] = [Math.max(left, start), Math.min(right, end)];
            else if (overflowX !== "visible" && (left < start - 1 || right > end + 1))
                return `cut off by ${box.className}`;
        }
        return left < -1 || right > innerWidth + 1 ? "beyond the window" : null;
    }

    const things = `.bd-article :is(${drawn}), .prev-next-area i`;
    for (const thing of document.querySelectorAll(things)) {
        if (!thing.checkVisibility() || thing.getBoundingClientRect().width < 2) continue;
        const words = wrong(thing);
        const around = thing.parentElement.textContent.slice(0, 80);
        if (words) found.push([words, thing.tagName, around]);
    }
    return found;
}"""

STOPS = """() => [...document.querySelectorAll("mjx-container")]
    .filter(({ tabIndex }) => tabIndex >= 0)
    .filter((formula) => !formula.matches(".more-left, .more-right"))
    .map((formula) => formula.outerHTML.slice(0, 100))"""
SPOKEN = """() => [...document.querySelectorAll("mjx-container")]
    .map((formula) => !!formula.querySelector("mjx-assistive-mml > math"))"""


def opened(tab, address):
    """Open a page and all that is folded in it."""
    tab.goto(address)
    tab.evaluate(OPEN)


@pytest.mark.parametrize("width", first_quick(WIDTHS))
@pytest.mark.parametrize("page", FEW)
def test_what_is_wide_can_be_reached(open_page, web, page, width):
    tab = open_page(viewport={"width": width, "height": 800})
    opened(tab, web + page)
    assert tab.evaluate(OUT_OF_REACH) == []
    assert tab.locator("mjx-math").count() > 100


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_wide_can_be_reached_on_every_page(open_page, web, pages, width):
    tab = open_page(viewport={"width": width, "height": 800})
    found = {}
    for page in pages:
        opened(tab, web + page)
        found[page] = tab.evaluate(OUT_OF_REACH)
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", FEW)
def test_no_formula_takes_tab_and_each_can_be_spoken(open_page, web, page, width):
    tab = open_page(viewport={"width": width, "height": 800})
    opened(tab, web + page)
    assert tab.evaluate(STOPS) == []
    spoken = tab.evaluate(SPOKEN)
    assert len(spoken) > 100
    assert all(spoken)
