"""Grade all submissions of an assignment: each in a process of its own, some at a time.

No submission can lose another one's marks or its own: whatever happens to its process, it gets a
line in the table and a page.  What a mark is depends on the submission, the student's id and the
course's seed, never on order or number of workers.
"""

import html
import json
import multiprocessing
import re
import secrets
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbformat import NotebookNode

from gan_lessons.grading import gradebook, intake, marks
from gan_lessons.grading.gradebook import Row
from gan_lessons.grading.kernel import Kernel, Limits, end_orphan
from gan_lessons.grading.marks import Mark

if sys.platform != "win32":
    import resource

READER_MB = 4000
"""Memory for the process that listens to a kernel."""
GRACE = 120
"""Seconds that this process may need beyond the kernel's limits."""
TRIES = 2
"""So that a machine's hiccup costs nobody marks."""
TOO_LONG = "it took too long"
LOST = "The grading of this submission stopped on its own: nothing could be marked."
SUSPECT = re.compile(r"\bmarking\b")


def students(course: Path) -> list[str]:
    """The folders in ``submitted/``, one a student."""
    folders = (course / "submitted").iterdir()
    return sorted(path.name for path in folders if path.is_dir() and path.name[0] != ".")


def secret_seed(course: Path) -> int:
    """The seed that the cases of this course are drawn with; made once, kept in its folder."""
    path = course / "seed.txt"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"{secrets.randbelow(2**53)}\n", encoding="utf8")
    return int(path.read_text(encoding="utf8"))


def grade(
    course: Path,
    lesson: str,
    workers: int = 2,
    limits: Limits | None = None,
    seed: int | None = None,
    tell: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """Grade every submission of ``lesson``; writes ``feedback/`` and ``grades_<lesson>.csv``."""
    course = course.absolute()
    limits = limits or Limits()
    seed = secret_seed(course) if seed is None else seed
    release = gradebook.read_release(course, lesson)
    asked = marks.questions(gradebook.read_source(course, lesson))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])

    def attempt(student: str) -> tuple[Row, NotebookNode] | str:
        """The result, or why there is none."""
        with _folder() as folder:
            job = (folder, course, lesson, student, limits, seed)
            trouble = _watched(context.Process(target=_work, args=job), limits)
            if not trouble:
                return _read_done(folder / "done.json", student)
            end_orphan(folder / "kernel")
            said = folder / "trouble.txt"
            return f"{trouble} {said.read_text(encoding='utf8') if said.exists() else ''}".strip()

    def one(student: str) -> tuple[Row, NotebookNode]:
        trouble = ""
        for _ in range(TRIES):
            result = attempt(student)
            if not isinstance(result, str):
                return result
            trouble = result[-300:]
            if trouble.startswith(TOO_LONG):
                break
        row = Row(student, marks.unmarked(asked, LOST), [LOST, marks.PRIVATE + trouble])
        return row, _with_marks(release, row)

    rows: list[Row] = []
    with ThreadPoolExecutor(workers) as pool:
        for row, notebook in pool.map(one, students(course)):
            rows.append(_entered(course, lesson, row, notebook))
            tell(rows[-1])
    gradebook.write_table(course / f"grades_{lesson}.csv", rows)
    return rows


@contextmanager
def _folder() -> Iterator[Path]:
    """For one submission; `rm` removes whatever its code has made there."""
    folder = Path(tempfile.mkdtemp(prefix="grade-"))
    try:
        yield folder
    finally:
        subprocess.run(["rm", "-rf", folder], stderr=subprocess.DEVNULL)


def _entered(course: Path, lesson: str, row: Row, notebook: NotebookNode) -> Row:
    """Enter a result into the gradebook; where it is refused, the page is a plain one."""
    try:
        return gradebook.enter(course, lesson, row, _with_summary(notebook, row))
    except Exception as error:  # whatever nbgrader stumbles over, nobody's marks are lost
        gradebook.write_plain_feedback(course, lesson, row)
        refused = f"{marks.PRIVATE}nbgrader did not take this submission, so its book lacks it: "
        return Row(row.student, row.marks, [*row.notes, refused + str(error).strip()[-300:]])


def _work(
    folder: Path, course: Path, lesson: str, student: str, limits: Limits, seed: int
) -> None:
    """In the process of one submission: take it in, run it, mark it, write down the result."""
    try:
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_DATA, (READER_MB << 20,) * 2)
        release = gradebook.read_release(course, lesson)
        asked = marks.questions(gradebook.read_source(course, lesson))
        handed_in, name = course / "submitted" / student / lesson, f"{lesson}.ipynb"
        path = intake.find(handed_in, name)
        try:
            notebook, notes = intake.take_in(release, path, name)
        except intake.NoNotebook as why:
            notes = [str(why)]
            found = marks.unmarked(asked, notes[0])
            notebook = _with_marks(release, Row(student, found, notes))
        else:
            assert path is not None
            notes += intake.said_of(path, handed_in, name)
            notes += _suspicions(release, notebook)
            found, troubles = _run(folder / "kernel", notebook, asked, limits, seed, student)
            notes += troubles
        _write_done(folder / "done.json", notebook, found, notes)
    except BaseException:
        (folder / "trouble.txt").write_text(traceback.format_exc()[-300:], encoding="utf8")
        sys.exit(1)


def _run(
    folder: Path, notebook: NotebookNode, asked: Any, limits: Limits, seed: int, student: str
) -> tuple[list[Mark], list[str]]:
    with Kernel(folder, limits) as kernel:
        return marks.run_and_mark(notebook, asked, kernel, seed, student)


def _suspicions(release: NotebookNode, notebook: NotebookNode) -> list[str]:
    """What an instructor should look at: the package's right answers can be read."""
    given = "\n".join(cell.source for cell in release.cells)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    if len(SUSPECT.findall(code)) > len(SUSPECT.findall(given)):
        return [f"{marks.PRIVATE}the code speaks of “marking”."]
    return []


def _watched(process: BaseProcess, limits: Limits) -> str:
    """Run a process to its end, or end it; what went wrong, if something did."""
    process.start()
    process.join(limits.wall * 2 + GRACE)
    if process.is_alive():
        with suppress(psutil.Error):
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    child.kill()
        process.kill()
        process.join()
        return TOO_LONG
    return "" if process.exitcode == 0 else f"status {process.exitcode}"


def _write_done(
    path: Path, notebook: NotebookNode, found: Sequence[Mark], notes: list[str]
) -> None:
    done = {
        "notebook": nbformat.writes(notebook),
        "marks": [vars(mark) for mark in found],
        "notes": notes,
    }
    path.write_text(json.dumps(done), encoding="utf8")


def _read_done(path: Path, student: str) -> tuple[Row, NotebookNode]:
    done = json.loads(path.read_text(encoding="utf8"))
    row = Row(student, [Mark(**mark) for mark in done["marks"]], done["notes"])
    return row, nbformat.reads(done["notebook"], as_version=4)


def _with_marks(release: NotebookNode, row: Row) -> NotebookNode:
    """The released notebook, not run, with the marks of a row in it."""
    notebook = nbformat.from_dict(json.loads(nbformat.writes(release)))
    found = {gradebook.cell_name(mark.task): mark for mark in row.marks}
    for cell in notebook.cells:
        if intake.grade_id_of(cell) in found:
            cell.outputs = marks.mark_outputs(found[str(intake.grade_id_of(cell))])
    return notebook


def _with_summary(notebook: NotebookNode, row: Row) -> NotebookNode:
    """The notebook with a first cell on what was noted, and why marks were lost."""
    said = [html.escape(note) for note in row.notes if not note.startswith(marks.PRIVATE)]
    for mark in row.marks:
        if mark.points < mark.out_of and not any(note in mark.message for note in row.notes):
            link = f'<a href="#{gradebook.cell_name(mark.task)}">{mark.task}</a>'
            said.append(f"{link}: {html.escape(mark.message)}")
    if said:
        lines = "".join(f"<li>{' '.join(words.split())}</li>" for words in said)
        text = f"<style>pre {{ white-space: pre-wrap }}</style><ul>{lines}</ul>"
        cell = nbformat.v4.new_markdown_cell(f"**What the grading says**\n\n{text}", id="notes")
        notebook.cells.insert(0, cell)
    return notebook
