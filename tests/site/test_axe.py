"""axe finds nothing on any page, in either theme, before a reader predicts, and with all open."""

import pytest

from tests.axe import violations
from tests.site.conftest import ENGINES, READY
from tests.site.test_room import OPEN
from tests.webdriver import PHONE, WINDOW

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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine_tab", "size"),
    [("Chromium", WINDOW), *((engine, PHONE) for engine in ENGINES)],
    ids=["Chromium at a desk", *ENGINES],
    indirect=["engine_tab"],
)
def test_axe_finds_nothing_on_any_page(engine_tab, web, pages, size):
    engine_tab.set_viewport_size(size)
    engine_tab.goto(web + pages[0])
    engine_tab.evaluate("localStorage.clear()")
    found, predictions = {}, 0
    for page in pages:
        engine_tab.goto(web + page)
        engine_tab.evaluate(READY)
        blocks = engine_tab.evaluate("document.querySelectorAll('[data-predict]').length")
        found[page] = violations(engine_tab, "[data-predict]") if blocks else []
        assert engine_tab.evaluate(ANSWER) == [blocks, 0]
        engine_tab.evaluate(OPEN)
        found[page] += violations(engine_tab)
        predictions += blocks
    assert predictions > 40
    assert {page: those for page, those in found.items() if those} == {}
