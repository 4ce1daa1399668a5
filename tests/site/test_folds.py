"""Each fold is named after what it hides, and opens with a key."""

import pytest
from bs4 import BeautifulSoup

LESSON = "notebooks/03_mean_loss.html"


@pytest.fixture(scope="module")
def folds(site, pages):
    """All folds of the site, with the pages that hold them."""
    found = []
    for page in pages:
        text = BeautifulSoup((site / page).read_text(encoding="utf8"), "html.parser")
        found += [(page, fold) for fold in text.select("main details")]
    return found


def test_each_fold_says_what_it_hides(folds):
    assert len(folds) > 150
    said = {}
    for page, fold in folds:
        assert "aria-label" not in fold.summary.attrs, page
        names = [words.get_text() for words in fold.summary.select("p") or [fold.summary]]
        assert all(len(name) > 5 for name in names), page
        assert not any("code cell" in name or "hidden" in name for name in names), names
        said.setdefault(names[0], []).append(page)
    # what several folds of one page are called stands right above the thing itself
    several = {name for name, where in said.items() if len(set(where)) < len(where)}
    things = {"this figure", "these figures", "this film", "this output"}
    assert several <= {f"Show the code of {thing}" for thing in things} | {
        "What the animation shows, in words"
    }
    for name in ("Show the imports", "Answer to exercise 3", "Show the code of this film"):
        assert name in said


def test_code_of_a_figure_is_folded_above_a_figure(folds):
    named = [fold for _, fold in folds if fold.summary.p and "this figure" in fold.summary.p.text]
    assert len(named) > 40
    for fold in named:
        assert len(fold.find_parent(class_="cell").select(".cell_output img")) == 1


def test_a_key_opens_a_fold_whose_name_follows(open_page, base):
    tab = open_page(viewport={"width": 1280, "height": 800})
    tab.goto(base + LESSON)
    code = tab.locator("details.hide").first
    code.evaluate("fold => { while (fold = fold.parentElement) fold.classList.add('open'); }")
    code.locator("summary").focus()
    tab.keyboard.press("Enter")
    assert code.locator("summary").inner_text() == "Hide the function name()"
    assert code.locator("pre").is_visible()
    deeper = tab.locator("details.dropdown").first
    deeper.evaluate("fold => { while (fold = fold.parentElement) fold.classList.add('open'); }")
    assert not deeper.locator("p").first.is_visible()
    deeper.locator("summary").focus()
    tab.keyboard.press("Space")
    assert deeper.locator("p").first.is_visible()
