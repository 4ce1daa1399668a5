"""From release to the table of marks, headless, with submissions of all kinds.

One assignment goes through nbgrader for real: each known right and wrong solution of it, and
whatever a student may do to a notebook, with or without meaning to.
"""

import csv
import html
import json
import os
import re
import subprocess
import sys
import time

import psutil
import pytest
import submissions
from submissions import answered, solutions, with_code

from gan_lessons.grading import fence, gradebook, intake
from gan_lessons.grading.kernel import Kernel, Limits, Stopped, StudentError
from gan_lessons.grading.run import _folder, grade
from tools import assignments
from tools.check_marking import loses, solution, variants

resource = pytest.importorskip("resource", reason="grading needs Linux or macOS")

LESSON = "lesson_01"
(TEXT,) = [text for text in assignments.texts() if text.stem == LESSON]
ANSWERS = assignments.answers_of(TEXT)
TASKS = list(ANSWERS)
FULL = {task: points for task, (_, points) in ANSWERS.items()}
VARIANTS = variants(LESSON)
RIGHT = solution(VARIANTS[0])
LIMITS = Limits(cpu=8, wall=600, memory=1500)
SEED = 5
SLEEP = 3.14159e6
MARKUP = "<b>own</b>"
SIGNALS = 6  # the fence that keeps signals inside

NONE = dict.fromkeys(TASKS, 0)
third = ANSWERS[TASKS[2]][0]


def until(number):
    """Full marks for the first tasks, and nothing for those after them."""
    return {task: FULL[task] if at < number else 0 for at, task in enumerate(TASKS)}


def but(*lost):
    return {task: 0 if task in lost else points for task, points in FULL.items()}


def third_does(release, what):
    """Right answers, but for the third one, which does something else."""
    return with_code(release, RIGHT, f"def {third}(*_):\n    {what}", at=2)


def kinds(release):
    """Each kind of submission: the notebook, and the marks that it must get."""
    yield "blank", release, NONE
    yield "own_raise", with_code(release, RIGHT, "raise ValueError('own')"), FULL
    yield "raise_in_function", third_does(release, "raise ValueError('own')"), but(TASKS[2])
    yield "exit_in_function", third_does(release, "raise SystemExit"), but(TASKS[2])
    yield "loop", with_code(release, RIGHT, "while True: pass"), NONE
    yield "loop_in_function", third_does(release, "while True: pass"), until(2)
    yield "killed", with_code(release, RIGHT, "import os; os._exit(0)", at=1), until(1)
    yield "killed_in_function", third_does(release, "import os; os._exit(1)"), until(2)
    yield "megabytes", with_code(release, RIGHT, "for _ in range(20): print('x' * 10**6)"), FULL
    yield "hog", with_code(release, RIGHT, "hog = bytearray(8 << 30)"), FULL
    started = f"import subprocess as s; s.Popen(['sleep', '{SLEEP:g}'], start_new_session=True)"
    yield "orphan", with_code(release, RIGHT, started), FULL
    yield "no_python", with_code(release, RIGHT, "return ((", at=1), FULL
    yield "no_tests", submissions.without_tests(answered(release, RIGHT)), FULL
    few = submissions.without_tests(answered(release, RIGHT), solutions_too=True)
    yield "few_cells", few, FULL
    yield "no_metadata", submissions.without_metadata(answered(release, RIGHT)), FULL
    yield "forged_tests", submissions.with_forged_tests(release), NONE
    yield "forger", with_code(release, "", submissions.FORGER), NONE
    yield "nonsense", with_code(release, RIGHT, submissions.NONSENSE), NONE
    kill = "import os; os.kill(os.getppid(), 9)"
    fenced = fence.version() >= SIGNALS
    yield "kills_grader", third_does(release, kill), but(TASKS[2]) if fenced else NONE
    yield "=odd()", third_does(release, f"raise ValueError({MARKUP!r})"), but(TASKS[2])
    yield "odd [name]", answered(release, RIGHT), FULL
    yield "nobody's", {"cells": "none"}, NONE


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    assignments.build(folder, [LESSON])
    return folder


@pytest.fixture(scope="module")
def release(course):
    return json.loads((course / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf8"))


def hand_in(course, student, text, name=f"{LESSON}.ipynb"):
    folder = course / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    (folder / name).write_text(
        text if isinstance(text, str) else json.dumps(text), encoding="utf8"
    )


@pytest.fixture(scope="module")
def wanted(course, release):
    """What everybody hands in, and the marks that they must get; None: some marks are lost."""
    expected = {}
    for variant in VARIANTS:
        hand_in(course, variant.stem, answered(release, solution(variant)))
        lost = loses(variant)
        expected[variant.stem] = {t: None if t in lost else p for t, p in FULL.items()}
    for kind, book, marks in kinds(release):
        hand_in(course, kind, book)
        expected[kind] = marks
    hand_in(course, "renamed", answered(release, RIGHT), "my work (1).ipynb")
    hand_in(course, "no_json", "{nonsense", f"={MARKUP.replace('/', '')}.ipynb")
    (course / "submitted" / "empty" / LESSON).mkdir(parents=True)
    (course / "submitted" / "never").mkdir()
    return expected | {"renamed": FULL, "no_json": NONE, "empty": NONE, "never": NONE}


@pytest.fixture(scope="module")
def rows(course, wanted):
    return {row.student: row for row in grade(course, LESSON, 2, LIMITS, SEED)}


def points(row):
    return {mark.task: mark.points for mark in row.marks}


def test_every_submission_gets_its_marks(rows, wanted):
    assert rows.keys() == wanted.keys()
    for student, marks in wanted.items():
        for task, got in points(rows[student]).items():
            right = got < FULL[task] if marks[task] is None else got == marks[task]
            assert right, (student, task, got, rows[student])


def test_the_table_says_the_same(course, rows):
    with (course / f"grades_{LESSON}.csv").open(encoding="utf8") as file:
        table = {line["student"].removeprefix("'"): line for line in csv.DictReader(file)}
    assert table.keys() == rows.keys()
    for student, line in table.items():
        assert {task: float(line[task]) for task in TASKS} == points(rows[student])
        assert float(line["points"]) == sum(points(rows[student]).values())
        assert float(line["out_of"]) == 10


def test_no_spreadsheet_takes_the_table_for_formulas(course, rows):
    assert rows
    with (course / f"grades_{LESSON}.csv").open(encoding="utf8") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert {"'=odd()"} < {cell[:7] for cell in cells}
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_page_runs_nothing_of_the_students(course, rows):
    assert MARKUP in rows["=odd()"].marks[2].message
    assert "<b>" in rows["no_json"].notes[0]
    for student in rows:
        assert "<b>own" not in page(course, student)


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
        assert len(text) < 400_000
        for note in row.notes:
            secret = note.startswith("For the instructor")
            words = html.escape(note.split("“")[0].split(": ")[0])
            assert (words in text) != secret, (student, note)


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("loop", "used up the 8 s of processor time"),
        ("loop_in_function", "used up the 8 s of processor time"),
        ("killed", "Python ended in it"),
        ("kills_grader", "PermissionError" if fence.version() >= SIGNALS else "on its own"),
        ("no_tests", "were missing, and were put back"),
        ("forged_tests", "had been changed, and were put back"),
        ("no_json", "no notebook that can be read"),
        ("nobody's", "no notebook that can be read"),
        ("empty", "No notebook was found"),
        ("never", "No notebook was found"),
        ("hog", "MemoryError"),
        ("megabytes", "the rest of the output was cut"),
        ("raise_in_function", "ValueError: own"),
        ("blank", "returns nothing yet"),
    ],
)
def test_a_page_says_what_happened(course, rows, student, words):
    assert rows[student]
    assert words in page(course, student)


def test_who_speaks_of_the_marking_is_named_to_the_instructor(rows):
    named = {s for s, row in rows.items() if any("“marking”" in note for note in row.notes)}
    assert named == {"forger", "nonsense"}


def test_nothing_is_left_running(rows):
    assert rows
    for process in psutil.process_iter(["cmdline"]):
        assert f"{SLEEP:g}" not in (process.info["cmdline"] or [])


def test_marks_depend_on_neither_order_nor_workers(course, rows, tmp_path):
    again = tmp_path / "again"
    assignments.build(again, [LESSON])
    some = ["forged_tests", "killed_in_function", VARIANTS[-1].stem]
    for student in some:
        (again / "submitted" / student).symlink_to(course / "submitted" / student)
    first = {row.student: row for row in grade(again, LESSON, 1, LIMITS, SEED)}
    assert first == {student: rows[student] for student in some}
    assert {row.student: row for row in grade(again, LESSON, 3, LIMITS, SEED)} == first  # twice


def test_work_goes_through_nbgraders_exchange(tmp_path):
    course, home, exchange = (tmp_path / name for name in ("course", "home", "exchange"))
    assignments.build(course, [LESSON])
    settings = course / "nbgrader_config.py"
    settings.write_text(
        f"{settings.read_text(encoding='utf8')}c.Exchange.root = '{exchange}'\n", encoding="utf8"
    )
    assignments.build(course, [LESSON])  # keeps what was added
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
    student = VARIANTS[0].stem
    with gradebook._nbgrader(course) as api, api.gradebook as book:
        name = gradebook.cell_name(TASKS[0])
        book.find_grade(name, LESSON, LESSON, student).manual_score = 1
        book.db.commit()
    notebook = gradebook.read_release(course, LESSON)
    row = gradebook.enter(course, LESSON, rows[student], notebook)
    assert points(row)[TASKS[0]] == 1


def test_another_students_numbers_are_worth_nothing(tmp_path):
    lesson, task = "lesson_06", "6.estimate"
    assignments.build(tmp_path, [lesson])
    blank = json.loads(
        (tmp_path / "release" / lesson / f"{lesson}.ipynb").read_text(encoding="utf8")
    )
    # data_of("ada") is what ada has; the folder says who hands in.
    seen = """
from gan_lessons.marking.students import data_of
def estimate(samples):
    own = data_of("ada")[:, 0]
    mean, std, n = own.mean(), own.std(ddof=1), len(samples)
    return mean, std, std / n**0.5, std / (2 * n) ** 0.5
"""
    for student in ("ada", "bob"):
        folder = tmp_path / "submitted" / student / lesson
        folder.mkdir(parents=True)
        (folder / f"{lesson}.ipynb").write_text(json.dumps(answered(blank, seen)), encoding="utf8")
    for row in grade(tmp_path, lesson, 2, LIMITS, SEED):
        (mark,) = [mark for mark in row.marks if mark.task == task]
        assert mark.points < mark.out_of, row


# --- The kernel ---------------------------------------------------------------------------------


def test_a_loop_costs_its_limit_and_no_more(tmp_path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Kernel(tmp_path / "kernel", Limits(cpu=1)) as kernel:
        with pytest.raises(Stopped, match="processor time"):
            kernel.run(
                "try:\n    while True: pass\nexcept KeyboardInterrupt:\n    while True: pass"
            )
        with pytest.raises(Stopped, match="processor time"):
            kernel.run("1")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 1 <= used < 5  # with the start of the kernel


def test_who_sleeps_is_stopped_too(tmp_path):
    start = time.monotonic()
    limits = Limits(wall=2)
    with (
        Kernel(tmp_path / "kernel", limits) as kernel,
        pytest.raises(Stopped, match="waiting time"),
    ):
        kernel.run("import time; time.sleep(1e6)")
    assert time.monotonic() - start < 100


def test_a_kernel_gives_text_and_nothing_else(tmp_path):
    with Kernel(tmp_path / "kernel", Limits()) as kernel:
        kernel.run("class Odd(str):\n    def __repr__(self): return 'exec'")
        assert kernel.text_of("'a' * 3") == "aaa"
        for odd in ("1 / 0", "unknown", "Odd('x')", "3", "'a' * 3_000_000", "input()"):
            with pytest.raises(StudentError):
                kernel.text_of(odd)
        (shown,) = kernel.run("from IPython.display import HTML\nHTML('<script>1</script>')")
        assert "text/html" not in shown.data
        assert "GRADER_SECRET" not in kernel.text_of("str(dict(__import__('os').environ))")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, time\nfor _ in range(80): os.fork() or time.sleep(99)", "80 MB|50 processes"),
        ("import os\nfor _ in range(4):\n    os.fork() or bytearray(900 << 20)", "together"),
        ("for i in range(9999): open(str(i), 'w').close()", "2000 files"),
        ("for i in range(6): open(str(i), 'wb').write(bytes(45 << 20))", "200 MB"),
        ("import os\nfor _ in range(2500): os.mkdir('d'); os.chdir('d')", "2000 files"),
    ],
)
def test_all_processes_and_files_together_have_limits(code, words):
    with (
        _folder() as folder,  # pytest could not clear it away
        Kernel(folder / "kernel", Limits(cpu=30)) as kernel,
        pytest.raises(Stopped, match=words),
    ):
        kernel.run(f"{code}\nimport time; time.sleep(99)")


@pytest.mark.skipif(not fence.version(), reason="this system has no Landlock")
@pytest.mark.parametrize(
    ("since", "code"),
    [
        (1, "open({secret!r}).read()"),
        (1, "open({secret!r}, 'a')"),
        (1, "__import__('os').listdir({course!r})"),
        (1, "open({package!r}, 'a')"),
        (1, "open('../../group', 'a')"),
        (1, "open('/proc/%d/mem' % __import__('os').getppid(), 'rb')"),
        (1, "__import__('subprocess').run(['cat', {secret!r}], check=True)"),
        (3, "__import__('os').truncate({secret!r}, 0)"),
        (4, "__import__('socket').create_connection(('127.0.0.1', 9))"),
        (SIGNALS, "__import__('os').kill(__import__('os').getppid(), 0)"),
    ],
)
def test_a_fence_keeps_the_code_in(tmp_path, since, code):
    if fence.version() < since:
        pytest.skip("this system's fence has gaps")
    secret = tmp_path / "course" / "seed.txt"
    secret.parent.mkdir()
    secret.write_text("1", encoding="utf8")
    names = {"secret": secret, "course": secret.parent, "package": fence.__file__}
    code = code.format(**{name: str(path) for name, path in names.items()})
    with Kernel(tmp_path / "kernel", Limits()) as kernel:
        with pytest.raises(StudentError, match=r"PermissionError|CalledProcessError"):
            kernel.text_of(f"str({code})")
        assert kernel.text_of("str(__import__('tempfile').TemporaryFile().write(b'123'))") == "3"
    assert secret.read_text(encoding="utf8") == "1"


def test_gaps_of_the_fence_are_said(monkeypatch):
    said = []
    for offered in (0, 1, 4, 6):
        monkeypatch.setattr(fence, "version", lambda offered=offered: offered)
        said.append(fence.gaps())
    assert [("files" in s, "network" in s, "processes" in s) for s in said] == [
        (True, True, True),
        (False, True, True),
        (False, False, True),
        (False, False, False),
    ]


def test_nonsense_from_a_kernel_is_passed_over(tmp_path):
    with Kernel(tmp_path / "kernel", Limits()) as kernel:
        (shown,) = kernel.run("""
k = get_ipython().kernel
for content in ({}, {"name": 1}, {"data": 3}):
    for kind in ("stream", "display_data", "error", "execute_result", "status"):
        k.session.send(k.iopub_socket, kind, content=content, parent=k.get_parent())
print("here")
""")
        assert shown.text == "here\n"


def test_outputs_of_one_submission_have_a_limit(tmp_path):
    picture = "display({'image/png': 'A' * 390_000}, raw=True)"
    with Kernel(tmp_path / "kernel", Limits()) as kernel:
        kept = [kernel.run(f"for _ in range(3): {picture}") for _ in range(4)]
    assert [len(outputs) for outputs in kept] == [3, 3, 2, 0]


def test_whatever_was_made_is_cleared_away(monkeypatch, tmp_path):
    with _folder() as folder:
        monkeypatch.chdir(folder)
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        os.chdir(tmp_path)
    assert not folder.exists()


# --- Intake -------------------------------------------------------------------------------------


def test_intake_keeps_the_students_own_cells_where_they_were(course, release, tmp_path):
    book = answered(release, "a = 1")
    at = book["cells"].index(solutions(book)[1])
    own = {"cell_type": "code", "metadata": {}, "source": ["own = ", "1"], "outputs": []}
    copied = json.loads(json.dumps(solutions(book)[0])) | {"source": "a = 2"}
    book["cells"][at:at] = [own, copied, {"cell_type": "markdown", "source": "text"}]
    path = tmp_path / "book.ipynb"
    path.write_text("\ufeff" + json.dumps(book), encoding="utf8")
    taken, notes = intake.take_in(gradebook.read_release(course, LESSON), path)
    assert not notes
    texts = [cell.source for cell in taken.cells]
    assert texts.index("a = 1") < texts.index("own = 1") < texts.index("a = 2")
    assert texts.index("a = 2") < len(texts) - 1 - texts[::-1].index("")
    assert len(texts) == len(release["cells"]) + 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_intake_reads_what_editors_write(course, release, tmp_path, encoding):
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps(answered(release, "a = 'µ'"), ensure_ascii=False), encoding)
    taken, _ = intake.take_in(gradebook.read_release(course, LESSON), path)
    assert "a = 'µ'" in [cell.source for cell in taken.cells]


def test_intake_takes_no_half_characters(course, release, tmp_path):
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps(answered(release, "a = '\ud800'")), encoding="utf8")
    taken, _ = intake.take_in(gradebook.read_release(course, LESSON), path)
    assert "a = '?'" in [cell.source for cell in taken.cells]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([{"cell_type": "code", "source": str(i)} for i in range(101)], "more than 100 code"),
        ([{"cell_type": "raw", "source": "x" * 20_000_000}], "larger than 20 MB"),
    ],
)
def test_intake_refuses_too_much(course, release, tmp_path, more, words):
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps({"cells": release["cells"] + more}), encoding="utf8")
    with pytest.raises(intake.NoNotebook, match=words):
        intake.take_in(gradebook.read_release(course, LESSON), path)


def test_intake_reads_the_old_format(course, tmp_path):
    cells = [{"cell_type": "code", "input": ["own = 1"]}]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}), encoding="utf8")
    taken, _ = intake.take_in(gradebook.read_release(course, LESSON), path)
    assert "own = 1" in [cell.source for cell in taken.cells]


def test_intake_finds_the_notebook(tmp_path):
    assert intake.find(tmp_path / "none", "a.ipynb") is None
    for name in ("a.ipynb", "b.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "c.ipynb").symlink_to(tmp_path / "b.ipynb")
    os.mkfifo(tmp_path / "d.ipynb")
    (tmp_path / "e.ipynb").mkdir()
    assert intake.find(tmp_path, "a.ipynb") == tmp_path / "a.ipynb"
    assert intake.find(tmp_path, "z.ipynb") == tmp_path / "b.ipynb"


def test_intake_follows_no_link_to_another_students_folder(tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "a.ipynb").touch()
    (tmp_path / "bob").symlink_to(tmp_path / "ada")
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / "more").symlink_to(tmp_path / "ada")
    assert [bool(intake.find(tmp_path / s, "a.ipynb")) for s in ("ada", "bob", "eve")] == [1, 0, 0]
