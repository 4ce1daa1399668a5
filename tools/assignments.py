"""Make the graded assignments: text source → nbgrader's source → what the students get.

In the text source an answer stands in a cell tagged `answer`, and below it a cell tagged `marks`
with `points` and the one line `check("5.d_step", d_step)`.  nbgrader's source has the question in
place of the answer, and the marks as a hidden test, which nbgrader leaves out at release.  A cell
tagged `yours` is given as it is, for the student to edit; no other given cell can be edited.
A text that is marked by hand has a Markdown cell tagged `written`, with its `points`, and as
`rubric` the label under which the lesson has the model answer and the marking.
The second cell is that of the lessons' notebooks, which fetches the package on Colab.
"""

import argparse
import ast
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from gan_lessons import marking
from gan_lessons.grading import course_folder
from tools.answers import asked
from tools.derive_notebooks import INSTALL, ConversionError, converted, notebook_text
from tools.execution import tags
from tools.paths import ASSIGNMENTS, COURSE, lessons
from tools.repository import declared_address

__all__ = ["answers_of", "build", "rubric", "source_text", "texts", "with_points"]

HEADING = re.compile(r"^## .*$", re.MULTILINE)
RUBRIC = re.compile(r"^:::\{admonition\} (.*)\n:class: answer dropdown\n\n((?s:.*?))\n:::$", re.M)
HIDDEN = (
    "### BEGIN HIDDEN TESTS\nmark({name!r}, {answer}, points={points:g})\n### END HIDDEN TESTS"
)


class AssignmentError(Exception):
    """An assignment's source is not what it must be; names the cell."""


def texts(folder: Path = ASSIGNMENTS) -> list[Path]:
    """The text sources of the assignments."""
    return sorted(folder.glob("lesson_[0-9][0-9].md"))


def answers_of(text: Path) -> dict[str, tuple[str, float]]:
    """The tasks of an assignment, each with the expression that answers it and its points."""
    found = {}
    for cell, _ in converted(text):
        if "marks" in tags(cell):
            name, answer = _checked(cell)
            found[name] = answer, _points(cell)
    return found


def source_text(text: Path) -> str:
    """nbgrader's source of an assignment, as the text of a notebook."""
    title, *rest = _source_cells(text)
    address = declared_address(text.parents[1])
    set_up = [_code(INSTALL.format(url=address.url), "set-up", locked=True)] if address else []
    cells = [title, *set_up, *rest]
    ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if cell["metadata"]]
    if len(set(ids)) < len(ids):
        raise AssignmentError(f"{text.name}: a task is marked twice, or answered twice")
    return notebook_text(text.stem, cells)


def _source_cells(text: Path) -> Iterator[dict[str, Any]]:
    given = answered = 0
    cells = list(converted(text))
    for at, (cell, words) in enumerate(cells):
        if "written" in tags(cell):
            label = str(cell.metadata["rubric"])
            rubric(text, label)  # there must be one
            about = {"grade": True, "solution": True, "points": _points(cell)}
            metadata = _metadata(label, **about)
            yield {"cell_type": "markdown", "metadata": metadata, "source": words}
        elif cell.cell_type == "markdown":
            source = with_points(words, cells[at + 1 :])
            yield {"cell_type": "markdown", "metadata": {}, "source": source}
        elif "marks" in tags(cell):
            name, answer = _checked(cell)
            points = _points(cell)
            hidden = HIDDEN.format(name=name, answer=answer, points=points)
            about = {"grade": True, "locked": True, "points": points}
            yield _code(f"{words.strip()}\n{hidden}", name.replace(".", "-"), **about)
        elif {"answer", "yours"} & set(tags(cell)):
            answered += 1
            blank = asked(words) if "answer" in tags(cell) else words
            yield _code(blank, f"answer-{answered}", solution=True)
        elif "test" not in tags(cell):
            given += 1
            yield _code(words, f"given-{given}", locked=True)


def with_points(words: str, below: Sequence[tuple[NotebookNode, str]]) -> str:
    """The text with the points of its task in the heading, as the cell with marks says them."""
    points = 0.0
    for cell, after in below:
        if cell.cell_type == "markdown" and HEADING.search(after):
            break
        points += _points(cell) if {"marks", "written"} & set(tags(cell)) else 0
    told = f"{points:g} point{'s' if points != 1 else ''}"
    return HEADING.sub(rf"\g<0> ({told})", words) if points else words


def _checked(cell: NotebookNode) -> tuple[str, str]:
    """The name of the task and the answer in a cell `check("5.d_step", d_step)`."""
    try:
        (line,) = ast.parse(cell.source).body
        call = line.value if isinstance(line, ast.Expr) else None
        assert isinstance(call, ast.Call)
        assert ast.unparse(call.func) == "check"
        name, answer = str(ast.literal_eval(call.args[0])), ast.unparse(call.args[1])
    except (AssertionError, IndexError, SyntaxError, ValueError):
        raise AssignmentError(f"one line check(…) is wanted here: {cell.source!r}") from None
    try:
        marking.find(name)
    except ValueError as error:
        raise AssignmentError(
            f"no task is marked by this cell: {cell.source!r}: {error}"
        ) from None
    return name, answer


def _points(cell: NotebookNode) -> float:
    try:
        return float(cell.metadata["points"])
    except (KeyError, TypeError, ValueError):
        raise AssignmentError(f"this cell says no points: {cell.source!r}") from None


def rubric(text: Path, label: str) -> str:
    """The model answer to an open question of the assignment's lesson, and its marking."""
    (lesson,) = (path for path in lessons(text.parents[1]) if path.stem[:2] == text.stem[-2:])
    _, _, below = lesson.read_text(encoding="utf8").partition(f"({label})=\n")
    found = RUBRIC.findall(below.partition("\n## ")[0])
    if len(found) != 2:
        raise AssignmentError(f"{lesson.name} has no model answer and marking for ({label})=")
    return "\n\n".join(f"**{title}**\n\n{words}" for title, words in found)


def _metadata(grade_id: str, **about: Any) -> dict[str, Any]:
    role = {"grade": False, "locked": False, "solution": False, "task": False, **about}
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id, **role}}


def _code(text: str, grade_id: str, **about: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": _metadata(grade_id, **about),
        "outputs": [],
        "source": text,
    }


def build(course: Path, lessons: Collection[str] = ()) -> list[Path]:
    """Write nbgrader's sources into a course's folder and make the releases from them.

    Only of the ``lessons`` named, if any are.
    """
    from gan_lessons.grading import gradebook  # needs the extra `instructor`

    made = []
    for text in texts():
        if lessons and text.stem not in lessons:
            continue
        source, release = (
            course / step / text.stem / f"{text.stem}.ipynb" for step in ("source", "release")
        )
        former = {path: path.read_bytes() for path in (source, release) if path.exists()}
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(source_text(text), encoding="utf8")
        try:
            made.append(gradebook.release(course, text.stem))
        except gradebook.GradebookError as error:
            for path, data in former.items():
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(data)
            raise AssignmentError(
                f"{text.stem} was not released, and what was there is as before.\n{error}\n"
                "Once work on an assignment is graded, texts and points may change, but cells may "
                "be neither added nor removed: that needs a new COURSE folder."
            ) from None
    (course / "submitted").mkdir(exist_ok=True)
    gradebook.write_settings(course)
    return made


def main() -> int:
    """Build all assignments into a course's folder."""
    parser = argparse.ArgumentParser(prog="python -m tools.assignments", description=__doc__)
    parser.add_argument("course", type=course_folder, nargs="?", default=COURSE)
    parser.add_argument("lessons", nargs="*", help="such as lesson_05; all if none is named")
    given = parser.parse_args()
    try:
        for made in build(given.course, given.lessons):
            print(f"wrote {made}")
    except (AssignmentError, ConversionError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
