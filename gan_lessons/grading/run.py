"""Grade the submissions of an assignment: each in a sandbox of its own, some at a time.

No submission can lose another one's marks or its own.  One whose grading breaks down is named,
and its marks stay open; grading again takes up what is open, new or changed.  What a mark is
depends on the submission, the student's id and the course's seed, never on order or workers.
"""

import copy
import hashlib
import html
import json
import multiprocessing
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from gan_lessons.grading import collect, gradebook, intake, marks, sandbox
from gan_lessons.grading.files import write_table, write_whole
from gan_lessons.grading.gradebook import Row
from gan_lessons.grading.marks import Mark
from gan_lessons.grading.sandbox import Limits
from gan_lessons.grading.words import clean
from gan_lessons.trials import processes

TRIES = 2
"""So that a machine's hiccup leaves no mark open."""
BROKE = "The grading of this submission broke down, so its marks are open. Grade again."
SUSPECT = re.compile(r"\b(marking|trials|grading)\b|_getframe|get_referrers")


@dataclass(frozen=True)
class Job:
    """What all submissions of an assignment share."""

    course: Path
    lesson: str
    limits: Limits
    seed: int
    trusted: bool
    release: NotebookNode
    asked: dict[str, marks.Question]
    by_hand: list[Mark]
    state: str


def students(course: Path) -> list[str]:
    """The folders in ``submitted/``, one a student."""
    folders = (course / "submitted").iterdir()
    return sorted(path.name for path in folders if path.is_dir() and path.name[0] != ".")


def secret_seed(course: Path) -> int:
    """The seed that the cases of this course are drawn with; made once, kept in its folder."""
    path = course / "seed.txt"
    if not path.exists():
        write_whole(path, f"{secrets.randbelow(2**53)}\n")
    return int(path.read_text(encoding="utf8"))


def grade(
    course: Path,
    lesson: str,
    workers: int = 2,
    limits: Limits | None = None,
    seed: int | None = None,
    student: str = "",
    trusted: bool = False,
    tell: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """Grade what is new, changed or open of ``lesson``; all rows, with those graded before.

    ``student`` is graded again in any case, and alone.  Writes ``feedback/``,
    ``graded/`` and ``grades_<lesson>.csv``.
    """
    course = course.absolute()
    source = gradebook.read(course, "source", lesson)
    release = gradebook.read(course, "release", lesson)
    limits, seed = limits or Limits(), secret_seed(course) if seed is None else seed
    state = _fingerprint([nbformat.writes(source), repr((limits, seed, trusted)), *_judges()])
    asked = marks.questions(source)
    job = Job(course, lesson, limits, seed, trusted, release, asked, marks.by_hand(source), state)
    # nbgrader changes the working directory: it does so in a process of its own, one at a time.
    fork = multiprocessing.get_context("fork")
    with (
        ProcessPoolExecutor(1, fork, processes.end_with_parent) as clerk,
        ThreadPoolExecutor(workers) as pool,
    ):
        clerk.submit(int).result()  # starts it before there are threads
        rows = []
        for row in pool.map(lambda name: _graded(job, name, student, clerk), students(course)):
            rows.append(row)
            tell(row)
        kept = clerk.submit(gradebook.scores, course, lesson).result()
    rows = [_with_scores(row, kept.get(row.student, {})) for row in rows]
    write_table(course / f"grades_{lesson}.csv", gradebook.table(rows))
    collect.write_tables(course, lesson, rows)
    return rows


def _graded(job: Job, name: str, again: str, clerk: Executor) -> Row:
    """The row of one student, from the last grading if nothing has changed since."""
    record = job.course / "graded" / name / f"{job.lesson}.json"
    state = _fingerprint([job.state, *_contents(job.course / "submitted" / name / job.lesson)])
    kept = _read_record(record, name)
    if kept and (name != again if again else kept[0] == state):
        # An instructor may have marked it meanwhile.
        return _in_the_book(job, kept[1], clerk, gradebook.give_back) if job.by_hand else kept[1]
    if again and name != again:
        return _unmarked(job, name, "Not graded yet.", None)
    for _ in range(TRIES):
        try:
            row, notebook = _run(job, name)
            break
        except Exception as error:  # whatever broke, it is said, and the others go on
            why = f"{marks.PRIVATE}{type(error).__name__}: {clean(error)}"
            row, notebook = _unmarked(job, name, BROKE, None, why), None
    if notebook is None or (row.points is None and not row.waits):
        gradebook.write_plain_feedback(job.course, job.lesson, row)
        return row
    done = {"state": state, "marks": [vars(mark) for mark in row.marks], "notes": row.notes}
    entered = _in_the_book(job, row, clerk, gradebook.enter, _with_summary(notebook, row))
    if entered is row:
        write_whole(record, json.dumps(done))
    return entered


def _in_the_book(job: Job, row: Row, clerk: Executor, how: Callable[..., None], *it: Any) -> Row:
    """The same row, if nbgrader has done its part."""
    try:
        clerk.submit(how, job.course, job.lesson, row, *it).result()
        return row
    except Exception as error:  # whatever nbgrader stumbles over, nobody's marks are lost
        gradebook.write_plain_feedback(job.course, job.lesson, row)
        refused = "nbgrader did not take this submission, so its book may lack it"
        return replace(row, notes=[*row.notes, f"{marks.PRIVATE}{refused}: {clean(error, 300)}"])


_judging = threading.Lock()
"""The judges know nothing of threads."""


def _run(job: Job, name: str) -> tuple[Row, NotebookNode]:
    """Take a submission in, run it, mark it."""
    book = f"{job.lesson}.ipynb"
    handed_in = job.course / "submitted" / name / job.lesson
    try:
        notebook, notes = intake.take_in(job.release, handed_in, book)
    except intake.NoNotebook as why:
        row = _unmarked(job, name, str(why))
        return row, _with_marks(job.release, row)
    notes += _suspicions(job.release, notebook)
    with _judging:
        cases = marks.cases_of(job.asked, job.seed, name)
    work = {"steps": marks.steps(notebook, job.asked, cases)}
    told, ended = sandbox.run(work, job.limits, [job.course], job.trusted)
    if not told and ended != "":
        raise sandbox.NoSandbox(f"nothing was run: {ended}")
    with _judging:
        found, troubles = marks.judge(notebook, job.asked, cases, told, ended)
    return Row(name, [*found, *job.by_hand], [*notes, *troubles]), notebook


def _unmarked(job: Job, name: str, why: str, points: float | None = 0, *notes: str) -> Row:
    """The same for all of the tasks, and the reason."""
    found = [Mark(ask.task, points, ask.points, why) for ask in job.asked.values()]
    by_hand = [replace(mark, points=points, message=why) for mark in job.by_hand]
    return Row(name, [*found, *by_hand], [why, *notes])


def _suspicions(release: NotebookNode, notebook: NotebookNode) -> list[str]:
    """What an instructor should look at: the package's right answers can be read."""
    given = "\n".join(cell.source for cell in release.cells)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    if len(SUSPECT.findall(code)) > len(SUSPECT.findall(given)):
        return [f"{marks.PRIVATE}the code speaks of what marks it."]
    return []


def _with_scores(row: Row, scores: dict[str, float]) -> Row:
    """The row as the book has it: an instructor may have overruled a mark, or late work costs."""
    new = [
        replace(mark, points=scores.get(gradebook.cell_name(mark.task), mark.points))
        for mark in row.marks
    ]
    return replace(row, marks=new, late=scores.get(gradebook.LATE, 0))


def _judges() -> Iterator[str]:
    """What marks: when it changes, all is marked anew."""
    for folder in ("marking", "trials", "quiz"):
        for path in sorted((sandbox.PACKAGE / folder).glob("*.[pt]*")):  # the quiz is TOML
            yield path.read_text(encoding="utf8")


def _contents(folder: Path) -> Iterator[str]:
    for path in intake.files_in(folder):
        yield f"{path.relative_to(folder)}\0{path.stat().st_size}\0{path.stat().st_mtime_ns}"


def _fingerprint(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()


def _read_record(path: Path, student: str) -> tuple[str, Row] | None:
    """What the last grading left, if it can be read."""
    try:
        done = json.loads(path.read_text(encoding="utf8"))
        found = [Mark(**mark) for mark in done["marks"]]
        return done["state"], Row(student, found, done["notes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _with_marks(release: NotebookNode, row: Row) -> NotebookNode:
    """The released notebook, not run, with the marks of a row in it."""
    notebook = copy.deepcopy(release)
    found = {gradebook.cell_name(mark.task): mark for mark in row.marks}
    for cell in notebook.cells:
        if cell.cell_type == "code" and intake.grade_id_of(cell) in found:
            cell.outputs = marks.mark_outputs(found[str(intake.grade_id_of(cell))])
    return notebook


def _with_summary(notebook: NotebookNode, row: Row) -> NotebookNode:
    """The notebook with a first cell on what was noted, and why marks were lost."""
    said = [html.escape(note) for note in row.notes if not note.startswith(marks.PRIVATE)]
    for mark in row.marks:
        lost = mark.points is None or mark.points < mark.out_of
        if lost and not any(note in mark.message for note in row.notes):
            link = f'<a href="#{gradebook.cell_name(mark.task)}">{mark.task}</a>'
            said.append(f"{link}: {html.escape(mark.message)}")
    if said:
        lines = "".join(f"<li>{' '.join(words.split())}</li>" for words in said)
        text = f"<style>pre {{ white-space: pre-wrap }}</style><ul>{lines}</ul>"
        cell = nbformat.v4.new_markdown_cell(f"**What the grading says**\n\n{text}", id="notes")
        notebook.cells.insert(0, cell)
    return notebook
