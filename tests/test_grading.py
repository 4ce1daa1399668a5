"""From release to the table of marks, headless, with submissions of all kinds.

One assignment goes through nbgrader for real: each known right and wrong solution of it, and
whatever a student may do to a notebook, with or without meaning to.
"""

import csv
import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import submissions
from sandboxed import needs_sandbox
from sqlalchemy import make_url
from submissions import (
    ANSWERS,
    FULL,
    LESSON,
    RIGHT,
    SEED,
    TASKS,
    VARIANTS,
    answered,
    but,
    solutions,
    with_code,
)

from gan_lessons.grading import files, gradebook, sandbox
from gan_lessons.grading.run import grade
from gan_lessons.grading.sandbox import Limits
from tools import assignments
from tools.check_marking import losses, solution

pytestmark = [pytest.mark.slow, *needs_sandbox]

LIMITS = Limits(cpu=60, step=4, wall=600, memory=1500)
SLEEP = 3.14159e6
MARKUP = "<b>own</b>"
ODD = 'a%20b %s {c} what?#1&x=2 [1] "it\'s" \\ $HOME ~ µ'  # what nobody should name a folder

NONE = dict.fromkeys(TASKS, 0)
third, fourth = (ANSWERS[task][0] for task in TASKS[2:4])


def until(number):
    """Full marks for the first tasks, and nothing for those after them."""
    return {task: FULL[task] if at < number else 0 for at, task in enumerate(TASKS)}


def third_does(release, what):
    """Right answers, but for the third one, which does something else."""
    return with_code(release, RIGHT, f"def {third}(*_):\n    {what}", at=2)


MUCH = f"""
raise ValueError('own')
import not_there
hog = bytearray(8 << 30)
import subprocess as s; s.Popen(['sleep', '{SLEEP:g}'], start_new_session=True)
for _ in range(20): print('x' * 10**6)
"""


def kinds(release):
    """Each kind of submission: the notebook, and the marks that it must get.

    The marks of all variants are tried in `test_variants`, those of some in a kernel below.
    """
    wrong = VARIANTS[-1]
    lost = {task: None if task in losses(wrong) else points for task, points in FULL.items()}
    yield wrong.stem, answered(release, solution(wrong)), lost
    few = submissions.without_tests(with_code(release, RIGHT, MUCH), solutions_too=True)
    yield "much", few, FULL
    yield "loop_in_function", third_does(release, "while True: pass"), but(TASKS[2])
    yield "killed", with_code(release, RIGHT, "import os; os._exit(0)", at=1), FULL
    yield "forged_tests", submissions.with_forged_tests(release), NONE
    yield "forger", with_code(release, "", submissions.FORGER), NONE
    yield "nonsense", with_code(release, RIGHT, submissions.NONSENSE), NONE
    kill = "import os; os.kill(os.getppid(), 9)"
    yield "kills_what_runs_it", third_does(release, kill), until(2)
    odd = third_does(release, f"raise ValueError({MARKUP!r})")
    solutions(odd)[2]["source"] += f"def {fourth}(*_):\n    raise SystemExit"
    yield "=odd()", odd, but(TASKS[2], TASKS[3])
    yield "odd [name]", answered(release, RIGHT), FULL


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course") / ODD
    assignments.build(folder, [LESSON])
    return folder


@pytest.fixture(scope="module")
def release(course):
    return read_json(course / "release" / LESSON / f"{LESSON}.ipynb")


def read_json(path):
    return json.loads(path.read_text(encoding="utf8"))


def hand_in(course, student, text, name=f"{LESSON}.ipynb"):
    folder = course / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    text = text if isinstance(text, str) else json.dumps(text)
    (folder / name).write_text(text, encoding="utf8")


@pytest.fixture(scope="module")
def wanted(course, release):
    """What everybody hands in, and the marks that they must get; None: some marks are lost."""
    expected = {}
    for kind, book, due in kinds(release):
        hand_in(course, kind, book)
        expected[kind] = due
    bare = submissions.without_metadata(answered(release, RIGHT))
    hand_in(course, "nobody's", bare, "my work (1).ipynb.txt")
    hand_in(course, "no_json", "{nonsense", f"={MARKUP.replace('/', '')}.ipynb")
    (course / "submitted" / "never").mkdir()
    return expected | {"nobody's": FULL, "no_json": NONE, "never": NONE}


@pytest.fixture(scope="module")
def rows(course, wanted):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "IDLE", 20)
        return {row.student: row for row in grade(course, LESSON, 2, LIMITS, SEED)}


def points(row):
    return {mark.task: mark.points for mark in row.marks}


def test_every_submission_gets_its_marks(rows, wanted):
    assert rows.keys() == wanted.keys()
    for student, due in wanted.items():
        for task, got in points(rows[student]).items():
            right = got < FULL[task] if due[task] is None else got == due[task]
            assert right, (student, task, got, rows[student])


def test_the_table_says_the_same(course, rows):
    with (course / f"grades_{LESSON}.csv").open(encoding="utf8") as file:
        table = {line["student"].removeprefix("'"): line for line in csv.DictReader(file)}
    assert table.keys() == rows.keys()
    for student, line in table.items():
        assert {task: float(line[task]) for task in TASKS} == points(rows[student])
        assert float(line["points"]) == sum(points(rows[student]).values())
        assert float(line["out_of"]) == sum(FULL.values())


def test_no_spreadsheet_takes_the_table_for_formulas(course, rows):
    assert rows
    with (course / f"grades_{LESSON}.csv").open(encoding="utf8") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert {"'=odd()"} < {cell[:7] for cell in cells}
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_page_runs_nothing_of_the_students(course, rows):
    assert not [m for row in rows.values() for m in row.marks if MARKUP in m.message]
    assert "<b>" in rows["no_json"].notes[0]
    for student in rows:
        assert "<b>own" not in page(course, student)


def test_all_of_a_course_is_in_its_folder_whatever_its_name(course, rows):
    assert rows
    assert [path.name for path in course.parent.iterdir()] == [ODD]
    assert {"feedback", "gradebook.db", "release"} < {path.name for path in course.iterdir()}


@pytest.mark.parametrize("name", ["plain", "GAN%20course", "what?#1", "%", "a b", "[1]", "'µ'"])
def test_nbgraders_own_programs_find_the_book_of_marks(tmp_path, name):
    about = gradebook.configuration(tmp_path / name).CourseDirectory
    assert make_url(about.db_url).database == str(tmp_path / name / "gradebook.db")


def test_nbgrader_has_the_same_marks(course, rows):
    with gradebook._nbgrader(course) as api, api.gradebook as book:
        for student in rows.keys() - {"odd [name]"}:
            row = rows[student]
            entry = book.find_submission_notebook(LESSON, LESSON, student)
            assert entry.score == row.points
            assert not entry.needs_manual_grade


def page(course, student):
    return (course / "feedback" / student / LESSON / f"{LESSON}.html").read_text(encoding="utf8")


def test_what_nbgrader_refuses_is_said(rows):
    refused = [s for s, row in rows.items() if any("nbgrader did not" in n for n in row.notes)]
    assert refused == ["odd [name]"]


def test_everybody_gets_a_page_without_hidden_tests(course, rows):
    for student, row in rows.items():
        text = page(course, student)
        assert "HIDDEN TESTS" not in text
        assert not re.search(r"\bmark\(", re.sub(r"<[^>]+>", "", text))
        assert len(text) < 2_600_000
        if "nbgrader did not" not in " ".join(row.notes):
            assert ">1.equilibrium</a>" in text
            assert "Test cell" not in text
            tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*", text.split("<body")[1])
            assert not [tag for tag in tags if re.search(r"(src|href)=.?https?:", tag)]
        for note in row.notes:
            secret = note.startswith("For the instructor")
            words = html.escape(note.split("“")[0].split(": ")[0])
            assert (words in text) != secret, (student, note)


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("loop_in_function", "it used up its processor time"),
        ("killed", "Python ended in it"),
        ("kills_what_runs_it", "it did nothing for 20 s"),
        ("forged_tests", "had been changed, and were put back"),
        ("forged_tests", "returns nothing yet"),
        ("no_json", "no notebook that can be read"),
        ("nobody's", "my work (1).ipynb.txt was taken."),
        ("never", "No notebook was found"),
        ("much", "were missing, and were put back"),
        ("much", "ValueError"),
        ("much", "module not_there is not installed here"),
        ("much", "MemoryError"),
        ("much", "the rest of the output was cut"),
        ("=odd()", "stopped with ValueError"),
        ("=odd()", "Python ended in it"),
    ],
)
def test_a_page_says_what_happened(course, rows, student, words):
    assert rows[student]
    assert words in page(course, student)


def test_who_speaks_of_the_marking_is_named_to_the_instructor(rows):
    named = {
        s
        for s, row in rows.items()
        if any("speaks of what marks it" in note for note in row.notes)
    }
    assert named == {"forger", "nonsense"}


def test_nothing_is_left_running(rows):
    assert rows
    for process in psutil.process_iter(["cmdline"]):
        assert f"{SLEEP:g}" not in (process.info["cmdline"] or [])


def copy_of(course, folder):
    """The same course, and its book of marks, before anything was handed in."""
    shutil.copytree(
        course, folder, ignore=shutil.ignore_patterns("submitted", "feedback", "graded")
    )
    (folder / "submitted").mkdir()
    return folder


def test_marks_depend_on_neither_order_nor_workers(course, rows, tmp_path):
    again = copy_of(course, tmp_path / "again")
    some = ["forged_tests", "killed", "nobody's"]
    for student in some:
        (again / "submitted" / student).symlink_to(course / "submitted" / student)
    found = grade(again, LESSON, 1, LIMITS, SEED)  # for the second time, as the book has it
    assert {row.student: row for row in found} == {student: rows[student] for student in some}


def test_work_goes_through_nbgraders_exchange(course, tmp_path):
    course = copy_of(course, tmp_path / "course")
    home, exchange = tmp_path / "home", tmp_path / "exchange"
    settings = course / "nbgrader_config.py"
    own = f"{settings.read_text(encoding='utf8')}c.Exchange.root = '{exchange}'\n"
    settings.write_text(own, encoding="utf8")
    gradebook.write_settings(course)
    assert settings.read_text(encoding="utf8") == own
    home.mkdir()
    exchange.mkdir()
    exchange.chmod(0o777)

    def nbgrader(verb, *, by=course):
        options = [f"--Exchange.root={exchange}", f"--course={gradebook.COURSE_ID}"]
        command = [
            sys.executable,
            "-m",
            "nbgrader",
            verb,
            LESSON,
            *(options if by == home else []),
        ]
        done = subprocess.run(command, cwd=by, capture_output=True, encoding="utf8")
        assert done.returncode == 0, done.stderr[-2000:]

    nbgrader("release_assignment")
    nbgrader("fetch_assignment", by=home)
    nbgrader("submit", by=home)
    nbgrader("collect")
    (row,) = grade(course, LESSON, 1, LIMITS, SEED)
    assert row.points == 0
    nbgrader("release_feedback")
    nbgrader("fetch_feedback", by=home)
    (found,) = home.rglob("feedback/*/*.html")
    assert "returns nothing yet" in found.read_text(encoding="utf8")


def test_an_instructor_may_overrule(course, rows):
    student = "nobody's"
    with gradebook._nbgrader(course) as api, api.gradebook as book:
        name = gradebook.cell_name(TASKS[0])
        book.find_grade(name, LESSON, LESSON, student).manual_score = 1
        book.db.commit()
    for again in ("", student):
        found = grade(course, LESSON, 1, LIMITS, SEED, again)
        (row,) = (row for row in found if row.student == student)
        assert points(row)[TASKS[0]] == 1
        assert f"{student},9," in (course / f"grades_{LESSON}.csv").read_text(encoding="utf8")


# --- What nothing may lose -----------------------------------------------------------------------


@pytest.fixture
def small(course, release, tmp_path):
    """The same course, and right work of three students."""
    folder = copy_of(course, tmp_path / "small")
    for student in ("ada", "bob", "eve"):
        hand_in(folder, student, answered(release, RIGHT))
    return folder


def test_what_breaks_down_is_open_and_taken_up_again(small, monkeypatch):
    right, ran = sandbox.run, []

    def breaks(work, limits, private, trusted):
        ran.append(work)
        if len(ran) in (2, 3):
            raise OSError("the disk is gone \udc80")
        return right(work, limits, private, trusted)

    monkeypatch.setattr(sandbox, "run", breaks)
    found = grade(small, LESSON, 1, LIMITS, SEED)
    assert [row.points for row in found] == [10, None, 10]
    assert "bob,,10,,,,,," in (small / f"grades_{LESSON}.csv").read_text(encoding="utf8")
    assert "open" in page(small, "bob")
    assert len(ran) == 4
    assert [row.points for row in grade(small, LESSON, 1, LIMITS, SEED)] == [10, 10, 10]
    assert len(ran) == 5
    grade(small, LESSON, 1, LIMITS, SEED, "ada")
    assert len(ran) == 6
    hand_in(small, "new", "{")
    assert [row.points for row in grade(small, LESSON, 1, LIMITS, SEED)] == [10, 10, 10, 0]
    assert len(ran) == 6


def test_any_way_to_name_the_course_will_do(small, monkeypatch):
    monkeypatch.chdir(small.parent)
    assert [row.points for row in grade(Path("small"), LESSON, 3, LIMITS, SEED)] == [10, 10, 10]
    assert Path.cwd() == small.parent


def test_what_is_late_costs_what_the_course_says(small):
    with gradebook._nbgrader(small) as api, api.gradebook as book:
        book.update_or_create_assignment(LESSON, duedate="2026-01-01 00:00:00 UTC")
    settings = small / "nbgrader_config.py"
    with settings.open("a", encoding="utf8") as file:
        file.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    for student, day in (("ada", "2025-12-31"), ("bob", "2026-01-02")):
        stamp = small / "submitted" / student / LESSON / "timestamp.txt"
        stamp.write_text(f"{day} 00:00:00 UTC", encoding="utf8")
    found = grade(small, LESSON, 2, LIMITS, SEED)
    assert [(row.points, row.late) for row in found] == [(10, 0), (0, 10), (10, 0)]


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    files.write_whole(path, "before")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no room")))
    with pytest.raises(OSError, match="no room"):
        files.write_whole(path, "after")
    assert [(p.name, p.read_text(encoding="utf8")) for p in tmp_path.iterdir()] == [
        ("a.csv", "before")
    ]
