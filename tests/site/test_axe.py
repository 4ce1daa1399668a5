"""axe finds nothing on any page, in either theme, before a reader predicts and after."""

import pytest
from axe_playwright_python.sync_playwright import Axe

# An experimental rule, which those who speak to a page need; and no style sheets are asked for.
OPTIONS = {"preload": False, "rules": {"label-content-name-mismatch": {"enabled": True}}}
COLOURS = {"preload": False, "runOnly": ["color-contrast", "link-in-text-block"]}
READY = """async () => {
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    const still = document.head.appendChild(document.createElement("style"));
    still.textContent = "* { transition: none !important; }"; // no colour on its way to another
}"""
ANSWER = """() => {
    const blocks = document.querySelectorAll("[data-predict]");
    for (const block of blocks) {
        const field = block.querySelector("input, [role=slider]");
        if (field.type === "radio") field.click();
        else if (field.type === "range") field.dispatchEvent(new Event("input"));
        else field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
        block.querySelector(".predict-commit").click();
    }
    const folded = [...document.querySelectorAll("[data-after]")];
    return [blocks.length, folded.filter((part) => !part.checkVisibility()).length];
}"""


def violations(tab):
    """What axe finds, by theme: the other one has other colours, and nothing else."""
    found = []
    for theme, options in (("light", OPTIONS), ("dark", COLOURS)):
        tab.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        for one in Axe().run(tab, options=options).response["violations"]:
            found += [(theme, one["id"], node["html"][:150]) for node in one["nodes"]]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_page(open_tab, web, pages, width):
    tab = open_tab(viewport={"width": width, "height": 800})
    found, predictions = {}, 0
    for page in pages:
        tab.goto(web + page)
        tab.evaluate(READY)
        found[page] = violations(tab)
        asked, folded = tab.evaluate(ANSWER)
        predictions += asked
        assert folded == 0
        if asked:
            found[page] += violations(tab)
    assert predictions > 40
    assert {page: those for page, those in found.items() if those} == {}
