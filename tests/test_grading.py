"""From release to the table of marks, headless, with submissions of all kinds.

One assignment goes through nbgrader for real: each known right and wrong solution of it, and
whatever a student may do to a notebook, with or without meaning to.
"""

import csv
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from functools import cache

import nbformat
import psutil
import pytest
import submissions
from sqlalchemy import make_url
from submissions import answered, solutions, with_code

from gan_lessons.grading import fence, gradebook, intake, kernel, marks, run
from gan_lessons.grading.kernel import Kernel, Limits, Stopped, StudentError
from gan_lessons.grading.run import _folder, grade
from tools import assignments
from tools.check_marking import filled, loses, solution, variants

pytestmark = pytest.mark.slow  # for who changes the grading

resource = pytest.importorskip("resource", reason="grading needs Linux or macOS")

LESSON = "lesson_01"
TEXTS = {text.stem: text for text in assignments.texts()}
ANSWERS = assignments.answers_of(TEXTS[LESSON])
TASKS = list(ANSWERS)
FULL = {task: points for task, (_, points) in ANSWERS.items()}
VARIANTS = variants(LESSON)
RIGHT = solution(VARIANTS[0])
LIMITS = Limits(cpu=8, wall=600, memory=1500)
SEED = 5
SLEEP = 3.14159e6
MARKUP = "<b>own</b>"
ODD = 'a%20b %s {c} what?#1&x=2 [1] "it\'s" \\ $HOME ~ µ'  # what nobody should name a folder
SIGNALS = 6  # the fence that keeps signals inside

NONE = dict.fromkeys(TASKS, 0)
third, fourth = (ANSWERS[task][0] for task in TASKS[2:4])


def until(number):
    """Full marks for the first tasks, and nothing for those after them."""
    return {task: FULL[task] if at < number else 0 for at, task in enumerate(TASKS)}


def but(*lost):
    return {task: 0 if task in lost else points for task, points in FULL.items()}


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
    lost = {task: None if task in loses(wrong) else points for task, points in FULL.items()}
    yield wrong.stem, answered(release, solution(wrong)), lost
    few = submissions.without_tests(with_code(release, RIGHT, MUCH), solutions_too=True)
    yield "much", few, FULL
    yield "loop_in_function", third_does(release, "while True: pass"), until(2)
    yield "killed", with_code(release, RIGHT, "import os; os._exit(0)", at=1), until(1)
    yield "forged_tests", submissions.with_forged_tests(release), NONE
    yield "forger", with_code(release, "", submissions.FORGER), NONE
    yield "nonsense", with_code(release, RIGHT, submissions.NONSENSE), NONE
    kill = "import os; os.kill(os.getppid(), 9)"
    fenced = fence.version() >= SIGNALS
    yield "kills_grader", third_does(release, kill), but(TASKS[2]) if fenced else NONE
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
        assert len(text) < 400_000
        for note in row.notes:
            secret = note.startswith("For the instructor")
            words = html.escape(note.split("“")[0].split(": ")[0])
            assert (words in text) != secret, (student, note)


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("loop_in_function", "used up the 8 s of processor time"),
        ("killed", "Python ended in it"),
        ("kills_grader", "PermissionError" if fence.version() >= SIGNALS else "on its own"),
        ("forged_tests", "had been changed, and were put back"),
        ("forged_tests", "returns nothing yet"),
        ("no_json", "no notebook that can be read"),
        ("nobody's", "my work (1).ipynb.txt was taken."),
        ("never", "No notebook was found"),
        ("much", "were missing, and were put back"),
        ("much", "ValueError: own"),
        ("much", "module not_there is not installed here"),
        ("much", "MemoryError"),
        ("much", "the rest of the output was cut"),
        ("=odd()", "ValueError: &lt;b&gt;own&lt;/b&gt;"),
        ("=odd()", "SystemExit"),
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


def copy_of(course, folder):
    """The same course, and its book of marks, before anything was handed in."""
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("submitted", "feedback"))
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
    notebook = gradebook.read_release(course, LESSON)
    row = gradebook.enter(course, LESSON, rows[student], notebook)
    assert points(row)[TASKS[0]] == 1


# --- Statements that fail -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A kernel for many cases: none of them harms it."""
    folder = tmp_path_factory.mktemp("shared") / "kernel"
    with Kernel(folder, Limits(cpu=300, wall=3000)) as running:
        yield running


@pytest.fixture(scope="module")
def source():
    """nbgrader's source of an assignment, with its questions."""
    return cache(lambda lesson: nbformat.reads(assignments.source_text(TEXTS[lesson]), 4))


@pytest.fixture
def marked(shared, source):
    """Marks a notebook whose first answer's cell holds a text: points, messages and notes."""

    def marked_with(text, lesson=LESSON, student="ada"):
        shared.run("%reset -f")
        asked = marks.questions(source(lesson))
        book = filled(source(lesson), text)
        found, notes = marks.run_and_mark(book, asked, shared, SEED, student)
        return {m.task: m.points for m in found}, {m.task: m.message for m in found}, notes

    return marked_with


def test_variants_get_their_marks_in_a_kernel_too(marked):
    for variant in VARIANTS[::4]:
        lost = loses(variant)
        found = marked(solution(variant))[0]
        assert {task for task in TASKS if found[task] < FULL[task]} == lost, variant


def test_another_students_numbers_are_worth_nothing(marked):
    task = "6.estimate"
    # data_of("ada") is what ada has; the folder says who hands in.
    seen = """
from gan_lessons.marking.students import data_of
def estimate(samples):
    own = data_of("ada")[:, 0]
    mean, std, n = own.mean(), own.std(ddof=1), len(samples)
    return mean, std, std / n**0.5, std / (2 * n) ** 0.5
"""
    full = assignments.answers_of(TEXTS["lesson_06"])[task][1]
    for student in ("ada", "bob"):
        assert marked(seen, "lesson_06", student)[0][task] < full


def test_the_folder_says_who_hands_in(course, wanted, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(run.resource, "setrlimit", lambda *_: None)
    monkeypatch.setattr(run, "_run", lambda *job: seen.append(job[-2:]) or ([], []))
    for student in ("odd [name]", "nobody's"):
        run._work(tmp_path, course, LESSON, student, LIMITS, SEED)
    assert seen == [(SEED, "odd [name]"), (SEED, "nobody's")]


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("import not_there as nt", ["1: module not_there is not installed here"]),
        ("import scipy, not_there, json\nassert json", ["1: module not_there is not"]),
        ("import numpy.not_there", ["1: module numpy.not_there is not installed here"]),
        ("from not_there import Frame", ["1: module not_there is not"]),
        ("from numpy import not_there", ["1: ImportError: cannot import name"]),
        ("try:\n    import not_there as nt\nexcept ImportError:\n    nt = 1\nassert nt", []),
        ("\n\n1\n\nimport not_there as n\nn.style()", ["5: module not_there", "6: NameError"]),
        ("def f(x: nt.Frame): return 1\nassert f(2) == 1", []),
        ("%matplotlib no_such", ["1: "]),
        ("k = 1\n%no_such\nassert k", ["2: UsageError: Line magic"]),
        ("%%no_such\nimport not_there", ["1: UsageError: Cell magic", "2: module not_there is"]),
        ("%%time\nimport not_there", ["1: module not_there is", "2: module not_there is"]),
        ("%%capture\nimport not_there", ["1: module not_there is not"]),
        ("open('data.csv')", ["1: FileNotFoundError: "]),
        ("raise SystemExit", ["1: SystemExit"]),
        ("await never()", ["1: NameError: name 'never' is not defined"]),
        ("return 3", ["1: SyntaxError: 'return' outside function"]),
        ("x = ((\ny = 3\nassert y == 3", ["1: SyntaxError: '(' was never closed"]),
        ("def g(x) return x\n", ["1: SyntaxError: expected ':'"]),
        ("if 1:\n    1\nelse\n    1\nz = '''\ntext\n'''\nassert z", ["1: SyntaxError: "]),
        ("def h(x):\n# todo", ["1: IndentationError: expected an indented block"]),
        ("My answers to the tasks:", ["1: SyntaxError: invalid syntax"]),
    ],
)
def test_a_statement_that_fails_costs_nothing_else(marked, code, reasons):
    found, _, notes = marked(f"{code}\n{RIGHT}")
    assert found == FULL
    assert len(notes) == len(reasons), notes
    for note, reason in zip(notes, reasons, strict=True):
        assert re.match(rf"Cell \d+, line {re.escape(reason)}", note)


@pytest.mark.parametrize("code", ["!no_such_program", "%pip install not_there"])
def test_what_a_shell_refuses_costs_nothing_else(marked, code):
    assert marked(f"{code}\n{RIGHT}")[0] == FULL


@pytest.mark.parametrize(
    "code",
    [
        "import not_there as nt\ndef {}(*_): return nt.mean(_)",
        "from not_there import mean\ndef {}(*_): return mean(_)",
        "del {0}\nfrom not_there import *\ndef {0}(*_): return mean(_)",
        "import not_there\nk = not_there.Frame\ndef {}(*_): return k(_)",
        "del {0}\nimport not_there\n@not_there.fast\ndef {0}(*_): return 1",
        "def {}(*_):\n    import not_there\n    return not_there.mean(_)",
    ],
)
def test_an_answer_that_needs_a_missing_module_names_it(marked, code):
    found, messages, _ = marked(f"{RIGHT}\n{code.format(third)}")
    assert found == but(TASKS[2])
    assert "not_there" in messages[TASKS[2]]


def test_an_answer_that_is_no_python_is_told(marked):
    broken = RIGHT.replace(f"def {third}(x, m, s):", f"def {third}(x, m, s)")
    found, messages, notes = marked(broken)
    assert found == but(TASKS[2])
    assert "expected ':'" in messages[TASKS[2]]
    assert "expected ':'" in notes[0]


def test_failures_are_noted_up_to_a_number(marked):
    many = "\n".join(f"x{n} = y{n}" for n in range(marks.FAILED + 1))
    assert len(marked(many)[2]) == marks.FAILED


def test_nonsense_of_failures_is_passed_over():
    class Odd:
        def __init__(self, text):
            self.text = text

        def text_of(self, expression):
            return self.text

    for text in (
        "[1",
        "3",
        "[[1]]",
        '[["a", 1, 2]]',
        "{}",
        '{"a": 1}',
        "[" * 10**5,
        "[[1, 2, 3]]",
    ):
        assert marks._failures(Odd(text), 1, "", {}) == []
    long = json.dumps([[1, "name 'a' is not defined " * 99, ["a"]]] * 99)
    assert sum(map(len, marks._failures(Odd(long), 1, "", {}))) < 20_000


# --- The kernel ---------------------------------------------------------------------------------


def test_a_loop_costs_its_limit(tmp_path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Kernel(tmp_path / "kernel", Limits(cpu=1)) as own:
        with pytest.raises(Stopped, match="used up the 1 s of processor time"):
            own.run("try:\n    while True: pass\nexcept KeyboardInterrupt:\n    while True: pass")
        with pytest.raises(Stopped, match="processor time"):
            own.run("1")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime >= 1


def test_who_sleeps_is_stopped_too(tmp_path):
    with (
        Kernel(tmp_path / "kernel", Limits(wall=0.5)) as own,
        pytest.raises(Stopped, match="waiting time"),
    ):
        own.run("import time; time.sleep(1e6)")


def test_a_kernel_gives_text_and_nothing_else(shared):
    shared.run("class Odd(str):\n    def __repr__(self): return 'exec'")
    assert shared.text_of("'a' * 3") == "aaa"
    for odd in ("1 / 0", "unknown", "Odd('x')", "3", "'a' * 3_000_000", "input()"):
        with pytest.raises(StudentError):
            shared.text_of(odd)
    (shown,) = shared.run("from IPython.display import HTML\nHTML('<script>1</script>')")
    assert "text/html" not in shown.data
    assert "GRADER_SECRET" not in shared.text_of("str(dict(__import__('os').environ))")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, time\nfor _ in range(30): os.fork() or time.sleep(99)", "400 MB|9 processes"),
        ("import os\nfor _ in range(4): os.fork() or bytearray(150 << 20)", "400 MB together"),
        ("for i in range(999): open(str(i), 'w').close()", "99 files"),
        ("for i in range(6): open(str(i), 'wb').write(bytes(5 << 20))", "20 MB"),
        ("import os\nfor _ in range(150): os.mkdir('d'); os.chdir('d')", "99 files"),
    ],
)
def test_all_processes_and_files_together_have_limits(monkeypatch, code, words):
    for name, limit in {"PROCESSES": 9, "FILES": 99, "DISK_MB": 20}.items():
        monkeypatch.setattr(kernel, name, limit)
    with (
        _folder() as folder,  # pytest could not clear it away
        Kernel(folder / "kernel", Limits(cpu=30, memory=400)) as own,
        pytest.raises(Stopped, match=words),
    ):
        own.run(f"{code}\nimport time; time.sleep(99)")


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
def test_a_fence_keeps_the_code_in(shared, tmp_path, since, code):
    if fence.version() < since:
        pytest.skip("this system's fence has gaps")
    secret = tmp_path / "course" / "seed.txt"
    secret.parent.mkdir()
    secret.write_text("1", encoding="utf8")
    names = {"secret": secret, "course": secret.parent, "package": fence.__file__}
    code = code.format(**{name: str(path) for name, path in names.items()})
    with pytest.raises(StudentError, match=r"PermissionError|CalledProcessError"):
        shared.text_of(f"str({code})")
    assert shared.text_of("str(__import__('tempfile').TemporaryFile().write(b'123'))") == "3"
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


def test_nonsense_from_a_kernel_is_passed_over(shared):
    (shown,) = shared.run("""
k = get_ipython().kernel
for content in ({}, {"name": 1}, {"data": 3}):
    for kind in ("stream", "display_data", "error", "execute_result", "status"):
        k.session.send(k.iopub_socket, kind, content=content, parent=k.get_parent())
print("here")
""")
    assert shown.text == "here\n"


def test_outputs_of_one_submission_have_a_limit(tmp_path):
    picture = "display({'image/png': 'A' * 390_000}, raw=True)"
    with Kernel(tmp_path / "kernel", Limits()) as own:
        kept = [own.run(f"for _ in range(3): {picture}") for _ in range(4)]
    assert [len(outputs) for outputs in kept] == [3, 3, 2, 0]


def test_whatever_was_made_is_cleared_away(monkeypatch, tmp_path):
    with _folder() as folder:
        monkeypatch.chdir(folder)
        for _ in range(1100):  # deeper than Python's recursion goes
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


BOOK = json.dumps({"cells": [{"cell_type": "code", "source": "own = 1"}]})


def packed(*names, text=BOOK, compression=zipfile.ZIP_STORED):
    """A zip without today's date: what pytest collects must be the same in both processes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            data = text if name[0] != "_" else ""
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (f"{LESSON}.ipynb", BOOK),
        (f"{LESSON}.ipynb.json", BOOK),
        (f"{LESSON}.ipynb.txt", f"\ufeff{BOOK}"),
        (f"{LESSON}.json", BOOK),
        (LESSON, BOOK),
        (f"{LESSON} (1).ipynb", BOOK),
        (f"{LESSON}.IPYNB", BOOK),
        (f"{LESSON}.ipynb.download", BOOK),
        (f"{LESSON}.ipynb.crdownload", BOOK),
        (f"{LESSON}.ipynb/{LESSON}.ipynb", BOOK),
        (f"{LESSON}.ipynb/other.txt", BOOK),
        (f"{LESSON}.ipynb.zip", packed(f"{LESSON}.ipynb")),
        (f"{LESSON}.ipynb", packed(f"{LESSON}.ipynb", compression=zipfile.ZIP_DEFLATED)),
        ("all.zip", packed(f"a/{LESSON}.txt", f"__MACOSX/a/._{LESSON}.ipynb", "a/")),
    ],
)
@pytest.mark.parametrize("beside", [(), ("notes.txt", "timestamp.txt", "._x.ipynb", "old.ipynb")])
def test_intake_takes_what_holds_a_notebook(course, tmp_path, name, data, beside):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    for other in beside:
        (tmp_path / other).write_text("{}", encoding="utf8")
    found = intake.find(tmp_path, f"{LESSON}.ipynb")
    assert found == path
    taken, _ = intake.take_in(gradebook.read_release(course, LESSON), found)
    assert "own = 1" in [cell.source for cell in taken.cells]
    said = " ".join(intake.said_of(found, tmp_path, f"{LESSON}.ipynb"))
    assert bool(said) == (path.name != f"{LESSON}.ipynb" or bool(beside))
    assert said.startswith(f"{name} was taken" if said else "")
    assert ("and not old.ipynb" in said) == bool(beside)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (f"{LESSON}.ipynb.html", b"\xef\xbb\xbf\n<!DOCTYPE html><html>{}", "is a web page"),
        (f"{LESSON}.html", b"<html><body>", "is a web page"),
        (f"{LESSON}.ipynb.crdownload", BOOK[:30].encode(), "no notebook that can be read"),
        (f"{LESSON}.ipynb", b"", "no notebook that can be read"),
        (f"{LESSON}.json", b'{"a": 1}', "no notebook that can be read"),
        (f"{LESSON}.ipynb", b'{"cells": "none"}', "no notebook that can be read"),
        (f"{LESSON}.pdf", b"%PDF-1.5", "no notebook that can be read"),
        ("none.zip", packed("a.txt", text="a"), "no notebook that can be read"),
        ("torn.zip", packed("a.ipynb")[:60], "no notebook that can be read"),
        ("odd.zip", packed("a.ipynb").replace(b"own", b"odd"), "no notebook that can be read"),
        ("bomb.zip", packed("a.ipynb", text="0" * 20_000_001, compression=8), "no notebook that"),
        ("timestamp.txt", b"2030-01-01", "No notebook was found"),
        (".DS_Store", b"", "No notebook was found"),
    ],
)
def test_intake_says_what_is_no_notebook(course, tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(intake.NoNotebook, match=words):
        intake.take_in(gradebook.read_release(course, LESSON), intake.find(tmp_path, "a.ipynb"))


def test_intake_takes_the_lessons_notebook_from_many(course, tmp_path):
    many = tmp_path / "all.zip"
    own = BOOK.replace("own", "wanted")
    many.write_bytes(packed("b.ipynb", "z.ipynb"))
    with zipfile.ZipFile(many, "a") as archive:
        archive.writestr(f"c/{LESSON}.ipynb", own)
    release = gradebook.read_release(course, LESSON)
    taken, _ = intake.take_in(release, many, f"{LESSON}.ipynb")
    assert "wanted = 1" in [cell.source for cell in taken.cells]


def test_intake_follows_no_link_to_another_students_folder(tmp_path):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "a.ipynb").touch()
    (tmp_path / "bob").symlink_to(tmp_path / "ada")
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / "more").symlink_to(tmp_path / "ada")
    assert [bool(intake.find(tmp_path / s, "a.ipynb")) for s in ("ada", "bob", "eve")] == [1, 0, 0]
