"""The rules of CONTRIBUTING.md that a machine can check, for every lesson."""

import re

import pytest

from tools import minutes
from tools.execution import code_cells, read_lesson, tags
from tools.paths import lessons

LESSONS = lessons()
NAMES = [lesson.stem for lesson in LESSONS]
BANNED = re.compile(r"\b(simply|obviously|easy|easily|trivial|trivially)\b", re.IGNORECASE)
PLOTS = re.compile(r"\bplt\.subplots\(|\bmicroscope\(|\.chart\(")


def prose(lesson):
    """The Markdown of a lesson, with an x for each formula and each piece of code."""
    cells = [cell.source for cell in read_lesson(lesson).cells if cell.cell_type == "markdown"]
    text = re.sub(r"```.*?```", "", "\n".join(cells), flags=re.DOTALL)
    return re.sub(r"\$\$.*?\$\$|\$[^$]+\$|`[^`]+`", "x", text, flags=re.DOTALL)


def shown(lesson):
    """The code cells that a reader sees."""
    return [cell for cell in code_cells(read_lesson(lesson)) if "remove-cell" not in tags(cell)]


def test_the_ten_lessons_are_there():
    assert [name[:2] for name in NAMES] == [f"{number:02}" for number in range(1, 11)]


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_a_lesson_opens_and_closes_as_all_do(lesson):
    text = prose(lesson)
    for part in (
        "What you'll learn",
        "What you need",
        "Minutes",
        "## Summary",
        "## Further reading",
    ):
        assert part in text, part


TEACHING = [lesson for lesson in LESSONS if lesson.stem != "07_self_assessment"]


@pytest.mark.parametrize("lesson", TEACHING, ids=lambda lesson: lesson.stem)
def test_a_lesson_tests_and_sets_exercises(lesson):
    text = lesson.read_text(encoding="utf8")
    assert text.count("[test, remove-cell]") >= 3
    assert text.count(":class: exercise") >= 4
    assert len(re.findall(r":class: (answer )?dropdown", text)) >= 3


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_every_number_and_curve_is_revealed_once_and_after_it_is_asked(lesson):
    text = lesson.read_text(encoding="utf8")
    blocks = re.findall(r"^:::\{predict\} (\S+)\n:kind: (?:number|curve)$", text, re.M)
    assert re.findall(r"\breveal\(\s*\"([\w-]+)\"", text) == blocks
    for name in blocks:
        assert text.index(f"{{predict}} {name}\n") < text.index(f'"{name}"')


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_open_cells_have_ten_lines_or_fewer(lesson):
    for cell in filter(minutes.is_open, read_lesson(lesson).cells):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        imports = all(re.match(r"(from|import) |plots\.use_style", line) for line in lines)
        assert len(lines) <= 10 or imports, cell.source


# At 1280 px a page shows 88 signs of a line of code, and 99 of one that is folded away.
@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_no_line_of_code_runs_off_the_page(lesson):
    cells = [cell for cell in shown(lesson) if "hide-input" not in tags(cell)]
    lines = [line for cell in cells for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 88] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_every_figure_says_in_words_what_it_shows(lesson):
    for cell in shown(lesson):
        draws = PLOTS.search(cell.source) and not re.search(r"^def |^class ", cell.source)
        if draws and "show_animation(" not in cell.source:
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) >= 20, cell.source


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_the_prose_keeps_to_the_house_style(lesson):
    text = prose(lesson)
    assert not BANNED.findall(text)
    for line in text.splitlines():
        if line.startswith(("|", "#", "<", "(")):
            continue
        sentences = re.findall(r"[a-z0-9)]\. [A-Z]", re.sub(r"^\d+\. ", "", line))
        assert not sentences, f"one sentence a line: {line}"
