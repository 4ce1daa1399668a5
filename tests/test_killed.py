"""A grading that is killed as a whole, at any moment: the next one has everybody's marks."""

import contextlib
import csv
import json
import sqlite3
import subprocess
import sys
import time

import psutil
import pytest
from sandboxed import needs_sandbox
from submissions import FULL, LESSON, RIGHT, SEED, answered

from gan_lessons.grading import files, gradebook
from tools import assignments

pytestmark = [pytest.mark.slow, *needs_sandbox]

STUDENTS = [f"s{number}" for number in range(6)]
ALL = sum(FULL.values())
RECORD = f"graded/{{}}/{LESSON}.json"
BOOK = f"autograded/{{}}/{LESSON}/{LESSON}.ipynb"
PAGE = f"feedback/{{}}/{LESSON}/{LESSON}.html"


def has(course, kind):
    """The students that a course has a file of this kind for."""
    return {student for student in STUDENTS if (course / kind.format(student)).exists()}


def below(process):
    with contextlib.suppress(psutil.Error):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def runs_a_sandbox(course, process, done):
    with contextlib.suppress(psutil.Error):
        return any("bwrap" in child.name() for child in below(process))
    return False


def changes_the_book(course, process, done):
    return (course / "gradebook.db-journal").exists()


def has_the_notebook(course, process, done):
    return has(course, BOOK) - has(course, PAGE) - done


def has_the_page(course, process, done):
    return has(course, PAGE) - has(course, RECORD)


def has_a_record(course, process, done):
    return has(course, RECORD) - done


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("killed")
    assignments.build(folder, [LESSON])
    (folder / "seed.txt").write_text(str(SEED), encoding="utf8")
    release = gradebook.read(folder, "release", LESSON)
    for student in STUDENTS:
        file = folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(answered(release, RIGHT)), encoding="utf8")
    return folder


def test_what_was_half_written_goes(tmp_path):
    (tmp_path / ".new-a.csv-1").write_text("ha", encoding="utf8")
    files.write_whole(tmp_path / "a.csv", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def start(course):
    words = ["gan_lessons.grading", str(course), "--assignment", LESSON]
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf8",
    )


MOMENTS = [runs_a_sandbox, changes_the_book, has_the_notebook, has_the_page, has_a_record]


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_killed_leaves_no_process_and_no_torn_record(course, moment):
    done = has(course, RECORD)
    with start(course) as grading:
        while grading.poll() is None and not moment(course, grading, done):
            time.sleep(0.001)
        assert grading.poll() is None, "all were graded before the moment came"
        family = below(grading)
        grading.kill()
    assert family
    _, left = psutil.wait_procs(family, timeout=30)
    assert not left
    assert done <= has(course, RECORD)
    for student in has(course, RECORD):
        record = json.loads((course / RECORD.format(student)).read_text(encoding="utf8"))
        assert sum(mark["points"] for mark in record["marks"]) == ALL


def test_the_next_grading_has_everybodys_marks(course):
    with start(course) as grading:
        said, _ = grading.communicate(timeout=600)
    assert grading.returncode == 0, said
    with (course / f"grades_{LESSON}.csv").open(encoding="utf8", newline="") as file:
        lines = {line["student"]: line for line in csv.DictReader(file)}
    assert list(lines) == STUDENTS
    for line in lines.values():
        assert (float(line["points"]), line["notes"]) == (ALL, "")
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as book:
        assert book.execute("pragma integrity_check").fetchall() == [("ok",)]
    booked = gradebook.scores(course, LESSON)
    points = {student: sum(given.values()) for student, given in booked.items()}
    assert points == dict.fromkeys(STUDENTS, ALL)
    for student in STUDENTS:
        page = (course / PAGE.format(student)).read_text(encoding="utf8")
        assert page.rstrip().endswith("</html>")
        assert "<!-- Load mathjax -->" not in page
    assert not list(course.rglob(".new-*"))
    assert not list(course.rglob("*-journal"))
