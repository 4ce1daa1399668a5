"""What nbgrader keeps: releases, the book of marks, and the pages with feedback.

The notebooks that come here have been run and marked already.  So nbgrader runs nothing: it reads
the points from the outputs, as it reads partial credit, and does the book-keeping.
"""

import html
import logging
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from sqlalchemy import URL
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from gan_lessons.grading.files import write_whole
from gan_lessons.grading.intake import EXCHANGE
from gan_lessons.grading.marks import BY_HAND, PRIVATE, Mark, mark_outputs
from gan_lessons.grading.words import plain

COURSE_ID = "gan_lessons"
FORMULAS = (
    "MathJax = {tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']],"
    " packages: {'[-]': ['html', 'require', 'autoload']}}}"
)
"""Of the formulas' script: no links, and nothing that would be fetched."""
REASON = re.compile(r"\s*[\w.]*(Error|Exception): ")
"""The line of a traceback that says what went wrong."""


class GradebookError(Exception):
    """nbgrader refused something; says what."""


@dataclass(frozen=True)
class Row:
    """One line of the table of marks."""

    student: str
    marks: Sequence[Mark]
    notes: Sequence[str]
    late: float = 0
    """Points that are taken off because it was late."""

    @property
    def points(self) -> float | None:
        """The points for all tasks; None as long as one of them is open."""
        given = [mark.points for mark in self.marks if mark.points is not None]
        return round(sum(given) - self.late, 2) if len(given) == len(self.marks) else None

    @property
    def waits(self) -> bool:
        """Whether all that is open is to be marked by hand."""
        return {mark.message for mark in self.marks if mark.points is None} == {BY_HAND}


def release(course: Path, lesson: str) -> Path:
    """Make the released notebook of ``source/<lesson>/<lesson>.ipynb``, without hidden tests."""
    with _nbgrader(course) as api:
        _must(api.generate_assignment(lesson))
    return course / "release" / lesson / f"{lesson}.ipynb"


def read(course: Path, step: str, lesson: str) -> NotebookNode:
    """The notebook of the "release", which students got, or of the "source", with hidden tests."""
    return nbformat.read(course / step / lesson / f"{lesson}.ipynb", as_version=4)


def enter(course: Path, lesson: str, row: Row, notebook: NotebookNode) -> None:
    """Enter a marked notebook, and give it back.

    A mark that an instructor has overruled in nbgrader stays overruled.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / row.student / lesson
        target.mkdir(parents=True)
        nbformat.write(notebook, target / f"{lesson}.ipynb")
        for name in EXCHANGE:
            handed_in = course / "submitted" / row.student / lesson / name
            if handed_in.is_file() and not handed_in.is_symlink():
                shutil.copy(handed_in, target)
        with _nbgrader(course, submitted=folder) as api:
            _must(api.autograde(lesson, row.student))
    give_back(course, lesson, row)


def give_back(course: Path, lesson: str, row: Row) -> None:
    """Write the page with feedback, with the marks and comments that the book has now."""
    with _nbgrader(course) as api:
        _must(api.generate_feedback(lesson, row.student))
    page = course / "feedback" / row.student / lesson / f"{lesson}.html"
    text = page.read_text(encoding="utf8")
    write_whole(page, _alone(text, [mark.task for mark in row.marks]))


def _alone(page: str, tasks: Sequence[str]) -> str:
    """A page that asks no host: its formulas' script is in it.  Its tasks have their names."""
    before, _, rest = page.partition("<!-- Load mathjax -->")
    _, end, after = rest.partition("<!-- End of mathjax configuration -->")
    if not end:
        raise GradebookError("the page with feedback has no place for its formulas")
    page = f"{before}{formulas()}{after}"
    for task in tasks:
        link = f'<a href="#{cell_name(task)}">'
        page = re.sub(f"{link}(Test cell|Written response)</a>", f"{link}{task}</a>", page)
    return page


@cache
def formulas() -> str:
    """The script that sets a page's formulas, whole: no other file and no host is asked."""
    files = distribution("sphinx-mathjax-offline").files or []
    (script,) = (file for file in files if file.name == "tex-svg.js")
    return f"<script>{FORMULAS}</script><script>{script.read_text(encoding='utf8')}</script>"


LATE = "late"


def scores(course: Path, lesson: str) -> dict[str, dict[str, float]]:
    """The points in the book, by student and name of the cell; LATE is what is taken off."""
    with _nbgrader(course) as api, api.gradebook as book:
        found = {}
        for entry in book.notebook_submissions(lesson, lesson):
            # What waits to be marked by hand has neither.
            given = (g for g in entry.grades if (g.auto_score, g.manual_score) != (None, None))
            found[entry.student.id] = {grade.cell.name: grade.score for grade in given}
            found[entry.student.id][LATE] = entry.late_submission_penalty or 0
        return found


def cell_name(task: str) -> str:
    """The name of the cell with the marks for a task, as nbgrader allows it."""
    return task.replace(".", "-")


def write_plain_feedback(course: Path, lesson: str, row: Row) -> None:
    """A page for a submission that nbgrader could not take."""
    page = course / "feedback" / row.student / lesson / f"{lesson}.html"
    lines = [note for note in row.notes if not note.startswith(PRIVATE)]
    lines += [f"{mark.task}: {mark_outputs(mark)[0].text}" for mark in row.marks]
    text = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{lesson}</title>'
    write_whole(page, f"{head}<h1>{lesson}</h1>{text}</html>")


def table(rows: Sequence[Row]) -> list[list[str]]:
    """A line a student: the points, those for each task (none if open), and what was noted."""
    tasks = {mark.task: mark.out_of for row in rows for mark in row.marks}
    lines = [["student", "points", "out_of", *tasks, LATE, "notes"]]
    for row in rows:
        given = {mark.task: mark.points for mark in row.marks}
        numbers = row.points, sum(tasks.values()), *map(given.get, tasks), row.late
        lines.append([plain(row.student), *map(shown, numbers), plain(" ".join(row.notes))])
    return lines


def shown(points: float | None) -> str:
    """Points as a table shows them: open ones are left out."""
    return "" if points is None else f"{points:g}"


def configuration(course: Path, submitted: str = "submitted") -> Config:
    """What nbgrader is told for this course."""
    config = Config()
    root = course.absolute()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = COURSE_ID
    config.CourseDirectory.db_url = str(URL.create("sqlite", database=f"{root}/gradebook.db"))
    config.CourseDirectory.submitted_directory = submitted
    names = "LockCells", "ClearOutput", "CheckCellMetadata", "ComputeChecksums", "SaveCells"
    # ClearSolutions is not among them: the source's answers are questions already.
    again = "ClearHiddenTests", "ComputeChecksums", "CheckCellMetadata"
    config.GenerateAssignment.preprocessors = _named(*names, *again)
    # Nothing is run or overwritten here: the notebook was made from the release.
    config.Autograde.sanitize_preprocessors = _named("CheckCellMetadata")
    marks = "SaveAutoGrades", "AssignLatePenalties", "CheckCellMetadata"
    config.Autograde.autograde_preprocessors = _named(*marks)
    return config


def _with_instructors(config: Config, course: Path) -> Config:
    """With what the course's ``nbgrader_config.py`` adds: deadlines' penalties, for one."""
    file = course / "nbgrader_config.py"
    if file.is_file():
        theirs = PyFileConfigLoader(file.name, path=str(course)).load_config()
        theirs.pop("CourseDirectory", None)  # where things are is known here
        theirs.pop("Autograde", None)  # and nothing of a student's runs outside the sandbox
        config.merge(theirs)
    return config


SETTINGS = """\
# For nbgrader's own programs and pages in this folder: look at marks, comment, overrule them.
# Grade with `python -m gan_lessons.grading`: `nbgrader autograde` would run code without limits.
from pathlib import Path

from gan_lessons.grading.gradebook import configuration

c = get_config()
c.merge(configuration(Path(__file__).resolve().parent))
"""


def write_settings(course: Path) -> None:
    """Write the course's ``nbgrader_config.py``, unless it has one: an instructor may edit it."""
    if not (course / "nbgrader_config.py").exists():
        (course / "nbgrader_config.py").write_text(SETTINGS, encoding="utf8")


def _named(*names: str) -> list[str]:
    return [f"nbgrader.preprocessors.{name}" for name in names]


@contextmanager
def _nbgrader(course: Path, submitted: str = "submitted") -> Iterator[Any]:
    """Its programming interface, quiet."""
    programs = str(Path(sys.executable).parent)  # nbgrader calls alembic by its name
    if shutil.which("alembic") is None:
        os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.apps import NbGraderAPI

        # nbgrader takes a path for a pattern, where [1] is 1: it gets one without such signs.
        with tempfile.TemporaryDirectory() as folder:
            link = Path(folder, "course")
            link.symlink_to(course.absolute())
            api = NbGraderAPI(config=_with_instructors(configuration(link, submitted), link))
            api.log.setLevel(logging.ERROR)
            yield api


def _must(result: Mapping[str, object]) -> None:
    if not result["success"]:
        said = f"{result.get('error') or ''}\n{result.get('log') or ''}"
        reasons = [line.strip() for line in said.splitlines() if REASON.match(line)]
        raise GradebookError(" ".join(reasons)[-500:] or said.strip()[-500:])
