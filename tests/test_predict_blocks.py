"""The {predict} block: what it may say, and the notebook's question and cell."""

import io
import shutil

import nbformat
import pytest
from lesson_header import HEADER
from predict_blocks import CHOICE, CURVE, NUMBER
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from tools import predictions
from tools.derive_notebooks import ConversionError, derived_text
from tools.paths import ROOT

WRONG = [
    (CHOICE, "who-wins", "Who-wins", "the name is 'Who-wins': it must be words-with-hyphens"),
    (CHOICE, "kind: choice", "kind: vote", ":kind: is 'vote': it must be one of choice, number"),
    (CHOICE, ":answer: 2", ":answer: 4", ":answer: is '4': it must be a number from 1 to 3"),
    (CHOICE, ":answer: 2", ":answer: 0", ":answer: is '0'"),
    (CHOICE, ":answer: 2\n", "", ":answer: is missing: a choice needs answer"),
    (CHOICE, ":answer: 2", ":answer: 2\n:low: 3", ":low: is '3': a choice has only answer"),
    (
        CHOICE,
        "- Neither.\n",
        "- N.\n- M.\n- O.\n- P.\n",
        "there are 6 options: there must be 2 to",
    ),
    (CHOICE, "- Neither.\n", "- Neither.\n\nEnd.\n", "'End.' follows the options"),
    (NUMBER, ":low: 0\n", "", ":low: is missing: a number needs low, high, step"),
    (NUMBER, ":low: 0", ":low: none", ":low: is 'none': it must be a number"),
    (NUMBER, ":high: 10", ":high: 0", ":high: is '0': it must be above :low:"),
    (NUMBER, ":step: 0.1", ":step: 11", ":step: is '11': it must be above 0, and at most"),
    (CURVE, ":x: 0 10", ":x: 0", ":x: is '0': it must be two numbers"),
    (CURVE, ":y: 0 0.5", ":y: 1 0.5", ":y: is '1 0.5': the second must be above the first"),
]


@pytest.fixture
def derive(tmp_path):
    """The cells of the notebook that is derived from this text."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    def run(text):
        lesson = tmp_path / "notebooks" / "01_a.md"
        lesson.write_text(f"{HEADER}# A\n\n{text}", encoding="utf8")
        return nbformat.reads(derived_text(lesson), as_version=4).cells[2:]

    return run


@pytest.fixture
def page(tmp_path):
    """The document and the warnings of a page with this text."""

    def build(text):
        (tmp_path / "index.md").write_text(f"# A\n\n{text}", encoding="utf8")
        settings = {
            "extensions": ["myst_nb", "book._ext.predictions"],
            "myst_enable_extensions": ["colon_fence"],
            "nb_execution_mode": "off",
        }
        warnings = io.StringIO()
        folders = [str(tmp_path), None, str(tmp_path / "out"), str(tmp_path / "trees"), "dummy"]
        with docutils_namespace():
            app = Sphinx(*folders, settings, status=None, warning=warnings, freshenv=True)
            app.build(force_all=True)
        return app.env.get_doctree("index"), warnings.getvalue()

    return build


def test_a_notebook_asks_and_keeps_the_answer(derive):
    cells = derive(f"Before.\n\n{CHOICE}\nBetween.\n\n{NUMBER}\n{CURVE}\nAfter.\n")
    assert [cell.source for cell in cells] == [
        "Before.\n\n> **Predict**\n>\n> Which of the two\n> players wins, $D$?\n>\n"
        "> 1. The generator.\n> 2. The discriminator,\n>    or *D*.\n> 3. Neither.",
        'from gan_lessons.predictions import predict\n\npredict("who-wins", ...)  # 1, 2 or 3',
        "Between.\n\n> **Predict**\n>\n> Where is the mean?",
        'predict("mean-after", ...)  # a number from 0 to 10, in steps',
        "> **Predict**\n>\n> Draw the density.",
        'predict("density", ..., x=(0, 10))  # a list of heights, evenly spaced from x = 0 to 10',
        "After.",
    ]
    # So no output is asked of it, which the site does not have.
    assert cells[1].metadata["tags"] == ["notebook-only"]


def test_what_a_notebook_gets_runs(derive):
    for cell in derive(CHOICE + NUMBER + CURVE):
        if cell.cell_type == "code":
            exec(cell.source.replace("...", "[1, 2]" if "x=" in cell.source else "2"), globals())


@pytest.mark.parametrize(("block", "old", "new", "message"), WRONG)
def test_a_wrong_block_is_refused_with_its_place(derive, page, block, old, new, message):
    text = f"Text.\n\n{block.replace(old, new, 1)}"
    with pytest.raises(ConversionError) as error:
        derive(text)
    assert message in str(error.value)
    line = len(f"{HEADER}# A\n\nText.\n\n".splitlines()) + 1
    assert f"notebooks/01_a.md:{line}: " in str(error.value)
    _, warnings = page(text)
    assert message in warnings
    assert "index.md:5" in warnings


@pytest.mark.parametrize("word", ["players wins", "*D*", "Neither"])
def test_an_error_in_the_text_has_its_line(derive, word):
    text = CHOICE.replace(word, "{mystery}`x`")
    lines = f"{HEADER}# A\n\n{text}".splitlines()
    (line,) = [number for number, line in enumerate(lines, 1) if "{mystery}" in line]
    with pytest.raises(ConversionError, match=f"01_a.md:{line}: the role"):
        derive(text)


def test_a_name_is_given_once(page):
    _, warnings = page(f"{CHOICE}\n{CHOICE}")
    assert "the name is 'who-wins' a second time" in warnings


def test_what_follows_is_gathered_up_to_the_next_block_or_heading(page):
    text = f"One.\n\n{CHOICE}\nTwo.\n\nThree.\n\n{NUMBER}\nFour.\n\n## Next\n\nFive.\n"
    tree, warnings = page(text)
    assert warnings == ""
    folded = [node for node in tree.findall() if node.tagname == "after"]
    assert [node.astext().split() for node in folded] == [["Two.", "Three."], ["Four."]]
    assert [node["name"] for node in folded] == ["who-wins", "mean-after"]


def test_right_options_are_read():
    options = {"kind": "choice", "answer": "1, 3"}
    assert predictions.read("a", options, 3)["answer"] == [1, 3]
