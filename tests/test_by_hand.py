"""Texts that an instructor marks: handed in, open, marked in nbgrader, and then in the table."""

import csv
import json
import re
import shutil

import pytest
from sandboxed import needs_sandbox
from submissions import answered, grade_id, graded, without_metadata

from gan_lessons.grading import gradebook, intake, sandbox
from gan_lessons.grading.__main__ import main
from gan_lessons.grading.run import grade
from gan_lessons.grading.sandbox import Limits
from tools import assignments
from tools.check_marking import solution, variants

pytestmark = [pytest.mark.slow, *needs_sandbox]

LESSON = "lesson_07"
RIGHT = solution(variants(LESSON)[0])
TEXT = "The goal is a distribution: $p_g = p_d$, where $a<b$."
HOSTILE = """<script>alert(1)</script> <b onclick=x>bold</b> <!-- --> </div>
![](https://example.org/seen.png) [own](javascript:alert(1)) `<img src=x>`
<iframe src="https://example.org"> $\\href{javascript:alert(1)}{x}$ ![a]

[a]: https://example.org/seen.png
"""
LIMITS = Limits(cpu=60, step=10, wall=600, memory=1500)


def texts_of(book):
    return [cell for cell in book["cells"] if cell["cell_type"] == "markdown" and grade_id(cell)]


def written(book, *texts):
    """The book with these texts in the first of its cells for them."""
    book = json.loads(json.dumps(book))
    for cell, text in zip(texts_of(book), texts, strict=False):
        cell["source"] = text
    return book


def hand_in(course, student, book):
    path = course / "submitted" / student / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(book), encoding="utf8")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    assignments.build(folder, [LESSON])
    return folder


@pytest.fixture
def course(built, tmp_path):
    return shutil.copytree(built, tmp_path / "course")


@pytest.fixture
def release(course):
    path = course / "release" / LESSON / f"{LESSON}.ipynb"
    return json.loads(path.read_text(encoding="utf8"))


def table(course):
    with (course / f"grades_{LESSON}.csv").open(encoding="utf8") as file:
        return {line["student"]: line for line in csv.DictReader(file)}


def page(course, student):
    return (course / "feedback" / student / LESSON / f"{LESSON}.html").read_text(encoding="utf8")


def mark(course, student, **points):
    """What the formgrader does, by its programming interface."""
    with gradebook._nbgrader(course) as api, api.gradebook as book:
        for name, given in points.items():
            found = book.find_grade(name.replace("_", "-"), LESSON, LESSON, student)
            found.manual_score, found.needs_manual_grade = given, False
        book.find_comment("question-generator", LESSON, LESSON, student).manual_comment = "Seen!"
        book.db.commit()


BY_HAND = {f"question_{name}": 3.5 for name in ("generator", "discriminator", "detach")}


def test_from_an_open_mark_to_the_table(course, release, monkeypatch):
    tasks = [grade_id(cell) for cell in texts_of(release)]
    assert len(tasks) == 5
    assert all(cell["metadata"]["nbgrader"]["solution"] for cell in texts_of(release))
    assert [cell["metadata"]["nbgrader"]["points"] for cell in graded(release)] == [4] * 5 + [10]
    ran = []
    right = sandbox.run
    monkeypatch.setattr(sandbox, "run", lambda *a: ran.append(a) or right(*a))
    hand_in(course, "ada", written(answered(release, RIGHT), *[TEXT] * 5))
    hand_in(course, "bob", written(release, TEXT))
    (course / "submitted" / "eve").mkdir()
    rows = {row.student: row for row in grade(course, LESSON, 1, LIMITS, 5)}

    # The quiz is counted at once; a text waits, and one that was not written is worth nothing.
    assert {name: row.points for name, row in rows.items()} == {"ada": None, "bob": None, "eve": 0}
    found = table(course)
    assert (found["ada"]["7.quiz"], found["ada"]["points"]) == ("10", "")
    assert (found["bob"]["7.quiz"], found["bob"]["points"]) == ("0", "")
    assert {task: found["ada"][task] for task in tasks} == dict.fromkeys(tasks, "")
    assert [found["bob"][task] for task in tasks] == ["", "0", "0", "0", "0"]
    assert [found["eve"][task] for task in tasks] == ["0"] * 5
    assert found["ada"]["out_of"] == "30"
    assert "An instructor reads and marks this" in page(course, "ada")
    assert "An instructor" not in page(course, "eve")
    with gradebook._nbgrader(course) as api, api.gradebook as book:
        entry = book.find_submission_notebook(LESSON, LESSON, "ada")
        assert entry.needs_manual_grade
        assert not book.find_submission_notebook(LESSON, LESSON, "eve").needs_manual_grade
    assert len(ran) == 2

    # By and by they are marked; the total comes with the last one.  Nothing is run again.
    mark(course, "ada", **BY_HAND)
    grade(course, LESSON, 1, LIMITS, 5)
    assert [table(course)["ada"][task] for task in tasks] == ["3.5", "3.5", "3.5", "", ""]
    assert table(course)["ada"]["points"] == ""
    mark(course, "ada", question_label=0, question_collapse=4)
    (row, *_) = grade(course, LESSON, 1, LIMITS, 5)
    assert table(course)["ada"]["points"] == "24.5"
    assert row.points == 24.5
    assert len(ran) == 2
    told = re.sub(r"<[^>]+>", "", page(course, "ada"))
    assert "question-generator (Score: 3.5 / 4.0)" in told
    assert "Seen!" in told

    # A mark outlasts a new grading, of the same work or of a new one.
    grade(course, LESSON, 1, LIMITS, 5, "ada")
    assert table(course)["ada"]["points"] == "24.5"
    hand_in(course, "ada", written(release, *["Another text."] * 5))
    grade(course, LESSON, 1, LIMITS, 5)
    assert table(course)["ada"]["points"] == "14.5"
    assert len(ran) == 4


def test_an_answer_is_shown_and_what_it_might_run_is_not(course, release):
    hand_in(course, "ada", written(release, TEXT, HOSTILE, "long " * 100_000, "[" * 30_000))
    grade(course, LESSON, 1, LIMITS, 5)
    book = course / "autograded" / "ada" / LESSON / f"{LESSON}.ipynb"
    kept = [cell["source"] for cell in texts_of(json.loads(book.read_text(encoding="utf8")))]
    assert kept[0][0].startswith("The goal is a distribution")
    shown = page(course, "ada").partition("<body")[2]
    assert "The goal is a distribution: $p_g = p_d$" in shown
    for sign in ("<script>alert", "<b onclick", "<iframe", "<img src=x"):
        assert sign not in shown
    assert not re.findall(r'(?:href|src)="javascript', shown)
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=.?https?:", shown)
    assert "\\href" not in shown


def taken_in(course, cells, tmp_path):
    """What is taken in of a notebook with these cells: the texts, by the names of their cells."""
    path = tmp_path / "handed in.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf8")
    book, _ = intake.take_in(gradebook.read(course, "release", LESSON), tmp_path, path.name)
    return {grade_id(cell): cell.source for cell in texts_of(book)}


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def test_a_text_in_cells_of_ones_own_is_not_lost(course, release, tmp_path):
    asked = {"": None} | {grade_id(cell): "".join(cell["source"]) for cell in texts_of(release)}
    _, first, second, third, *others = asked
    blank = asked[first]
    cells = []
    for cell in written(release, "One.", blank, "Three.")["cells"]:
        cells.append(cell)
        if grade_id(cell) in (first, second):
            cells += [markdown("And more."), {**markdown("1 + 1"), "cell_type": "code"}]
        if grade_id(cell) == third:  # split in two
            cells.append({**cell, "source": "Again."})
    wanted = {first: "One.\n\nAnd more.", second: "And more.", third: "Three.\n\nAgain."}
    wanted |= dict.fromkeys(others, blank)
    assert taken_in(course, cells, tmp_path) == wanted


def test_a_text_that_lost_its_cells_name_is_known_by_its_question(course, release, tmp_path):
    texts = ["One.", "Two.", "Three.", "Four.", "Five."]
    names = [grade_id(cell) for cell in texts_of(release)]
    book = without_metadata(written(release, *texts))
    assert taken_in(course, book["cells"], tmp_path) == dict(zip(names, texts, strict=True))


def test_make_grade_names_who_waits_for_the_instructor(course, release, monkeypatch, capsys):
    hand_in(course, "ada", written(release, TEXT))
    hand_in(course, "bob", release)
    monkeypatch.setattr("sys.argv", ["grade", str(course), "--assignment", LESSON])
    assert main() == 0
    said = capsys.readouterr().out
    assert "ada: without the marks by hand" in said
    assert "by hand, in nbgrader's Formgrader: ada.\n" in said
    assert "grade again" not in said
    mark(course, "ada", question_generator=2)
    assert main() == 0
    assert "Formgrader" not in capsys.readouterr().out


def test_what_nbgrader_refuses_later_loses_no_mark(course, release):
    hand_in(course, "ada", written(release, TEXT))
    grade(course, LESSON, 1, LIMITS, 5)
    mark(course, "ada", question_generator=2)
    shutil.rmtree(course / "autograded")
    (row,) = grade(course, LESSON, 1, LIMITS, 5)
    assert row.points == 2
    assert "nbgrader did not" in row.notes[-1]
