"""Nobody meets a word of the glossary before its meaning."""

import re

import pytest

from tools import minutes
from tools.paths import BOOK, lessons

ROW = re.compile(r"^\| ([a-z0-9 ,-]+) \|.*\(\.\./notebooks/(\w+)\.md\) \|$", re.MULTILINE | re.I)
# The quiz and its questions stand apart from the path through the lessons; titles only announce.
PATHS = {
    path.stem: re.sub(r"^#.*$|`[^`]*`", "", minutes.count(path).text, flags=re.MULTILINE)
    for path in lessons()
    if path.stem[:2] != "07"
}
EVERYDAY = {"push"}  # a plain verb, until lesson 3 measures it


def entries(page):
    """The words of the notation's tables, each with the lesson that tells what it means."""
    found = [(word, lesson) for words, lesson in ROW.findall(page) for word in words.split(", ")]
    return [(word, lesson) for word, lesson in found if word not in EVERYDAY]


def met_early(word, lesson, paths):
    """Where a reader meets a word before the lesson sets it in bold or italics; else None."""
    used = re.compile(rf"(?<![\w-]){re.escape(word)}", re.IGNORECASE)
    told = re.compile(rf"\*[^*\n]*{re.escape(word)}[^*\n]*\*", re.IGNORECASE)
    for name, text in paths.items():
        first = used.search(text)
        if name == lesson:
            meaning = told.search(text)
            if meaning is None or first is None:
                return f"{name} has no **{word}**"
            return None if meaning.start() <= first.start() else _around(name, text, first)
        if first:
            return _around(name, text, first)
    return f"there is no {lesson}"


def _around(name, text, found):
    return f"{name}: …{text[max(0, found.start() - 40) : found.end() + 20]}…"


@pytest.mark.parametrize(("word", "lesson"), entries((BOOK / "notation.md").read_text("utf8")))
def test_no_word_comes_before_its_meaning(word, lesson):
    assert met_early(word, lesson, PATHS) is None


def test_a_word_that_comes_too_early():
    page = "| gap, floor | two words | [lesson 2](../notebooks/b.md) |\n"
    page += "| $x$ | no word | [lesson 1](../notebooks/a.md) |\n"
    assert entries(page) == [("gap", "b"), ("floor", "b")]
    good = {"a": "Text.", "b": "The **gap** is a gap."}
    assert met_early("gap", "b", good) is None
    assert met_early("gap", "b", {**good, "a": "Mind the gap."}).startswith("a: ")
    assert met_early("gap", "b", {**good, "b": "A gap is a **gap**."}).startswith("b: ")
    assert met_early("gap", "b", {**good, "b": "A gap."}) == "b has no **gap**"
