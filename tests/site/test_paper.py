"""Each page on paper: dark on white from either theme, and all that a pen and two eyes can use."""

import re

import pytest

from tests.contrast import contrast, luminance
from tests.site.conftest import READY

# What a print shows; it looks at the page as the printer does.
LOOK = """() => {
    dispatchEvent(new Event("beforeprint"));
    const root = document.documentElement;
    const all = (selector) => [...document.querySelectorAll(selector)];
    const seen = (part) => part.checkVisibility({ visibilityProperty: true });
    const shown = all("body *").filter(seen);
    const words = (part) => [...part.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const found = {
        texts: [...new Set(shown.filter(words).map((part) => getComputedStyle(part).color))],
        grounds: [...new Set(shown.map((part) => getComputedStyle(part).backgroundColor))],
        turned: shown.filter((part) => getComputedStyle(part).filter !== "none").length,
        wide: all(".bd-article :not(mjx-assistive-mml, mjx-assistive-mml *)").filter(seen)
            .filter((part) => part.getBoundingClientRect().right > innerWidth + 1)
            .map((part) => part.outerHTML.slice(0, 100)),
        useless: shown.filter((part) => part.matches("button, nav:not(#jb-print-toc nav), video"))
            .map((part) => part.outerHTML.slice(0, 100)),
        answers: all("details.answer").length,
        told: all(".answer").filter(seen).filter((part) => !part.closest("[data-after]")).length,
        after: all("[data-after]").map((part) => [seen(part), getComputedStyle(part).breakBefore]),
        films: all("figure.animation").map((film) => {
            const still = film.querySelector("img");
            const words = film.querySelector(".on-paper").innerText;
            const address = /\\/animations\\/\\w+\\.mp4/;
            return seen(still) && still.naturalWidth > 300 && address.test(words);
        }),
        labs: all("[data-gan-lab], [data-gan-quiz]").map((lab) => [
            getComputedStyle(lab, "::before").content.includes(lab.ariaLabel),
            [...lab.children].filter(seen).length,
        ]),
        folded: all(".bd-article details:not([open], .answer, .hide)").length,
    };
    dispatchEvent(new Event("afterprint"));
    return found;
}"""
PAPER = {"width": 718, "height": 1047}  # A4 between margins of a centimetre
THEMES = ("light", "dark")
DATE = re.compile(rb"\(D:\d{14}[^)]*\)")


def sheets(tab, address, theme):
    """The bytes of a page's print."""
    tab.emulate_media(media="null", color_scheme=theme)
    tab.goto(address)  # anew, since a second print may break its lines elsewhere
    tab.evaluate(READY)
    assert tab.evaluate("document.documentElement.dataset.theme") == theme
    return DATE.sub(b"", tab.pdf(print_background=True))


@pytest.fixture(scope="module")
def prints(browser, web, pages):
    """What the print of each page shows, and whether day and night print the same."""
    tab, found = browser.new_page(), {}
    for page in pages:
        # Once in thousands Chromium's bytes differ by chance; a night is there each time.
        same = any(len({sheets(tab, web + page, t) for t in THEMES}) == 1 for _ in range(3))
        tab.emulate_media(media="print")
        tab.set_viewport_size(PAPER)
        tab.evaluate(READY)
        found[page] = tab.evaluate(LOOK), same
    tab.close()
    return found


@pytest.mark.slow
def test_the_night_is_not_printed(prints):
    assert [page for page, (_, same) in prints.items() if not same] == []


@pytest.mark.slow
def test_a_print_is_dark_on_white(prints):
    for page, (look, _) in prints.items():
        grounds = [ground for ground in look["grounds"] if not ground.startswith("rgba")]
        assert [ground for ground in grounds if luminance(ground) < 0.7] == [], page
        assert [text for text in look["texts"] if contrast(text, "rgb(255, 255, 255)") < 4.5] == []
        assert look["turned"] == 0, page
    assert sum(len(look["texts"]) for look, _ in prints.values()) > 50


@pytest.mark.slow
def test_a_print_holds_what_serves_on_paper(prints):
    looks = {page: look for page, (look, _) in prints.items()}
    for page, look in looks.items():
        assert look["useless"] == [], page
        assert look["wide"] == [], page
        assert look["told"] == 0, page
        assert look["folded"] == 0, page
        assert all(after == [True, "page"] for after in look["after"]), page
        assert all(look["films"]), page
        assert all(lab == [True, 0] for lab in look["labs"]), page
    assert sum(look["answers"] for look in looks.values()) > 50
    assert sum(len(look["after"]) for look in looks.values()) > 40
    assert sum(len(look["films"]) for look in looks.values()) > 5
    assert sum(len(look["labs"]) for look in looks.values()) > 10
