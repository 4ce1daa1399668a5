"""Answers on the site: folded, right, and not found by the search."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from sphinx.search.en import SearchEnglish

from tools.execution import code_cells, read_lesson, tags
from tools.paths import lessons

ANSWERS = ".admonition.answer, details.answer"
STEM = SearchEnglish({}).stem


def body(site, page):
    text = (site / page).read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser").select_one("main")


def stems(text):
    return {STEM(word.lower()) for word in re.findall(r"\w+", text)}


@pytest.fixture(scope="module")
def index(site):
    """All that the search knows: words of the pages, of their titles, and names."""
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    found = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    return {*found["terms"], *found["titleterms"]}


@pytest.mark.parametrize("lesson", lessons(), ids=lambda path: path.stem)
def test_every_answer_is_folded_and_right(site, lesson):
    asked = [cell for cell in code_cells(read_lesson(lesson)) if "answer" in tags(cell)]
    cells = body(site, f"notebooks/{lesson.stem}.html").select(".cell.tag_answer")
    assert len(cells) == len(asked)
    for cell in cells:
        fold = cell.find_parent("details", class_="answer")
        assert fold is not None
        assert "open" not in fold.attrs
        assert [each["class"][1] for each in cell.select(".check")] == ["check-right"]


def test_the_search_finds_no_answer(site, pages, index):
    shown, answers = set(), set()
    for page in pages:
        main = body(site, page)
        for answer in main.select(ANSWERS) if main else ():
            answers |= stems(answer.extract().get_text(" "))
        shown |= stems(main.get_text(" ")) if main else set()
    only = answers - shown
    assert len(only) > 50
    assert only & index == set()
    assert len(shown & index) > 1000
