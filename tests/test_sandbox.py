"""A student's code in the sandbox: what fails costs itself alone, what is hostile gets nothing.

Many cases go through one sandbox, one after the other.
"""

import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import hostile
import nbformat
import psutil
import pytest
from sandboxed import needs_sandbox
from submissions import ANSWERS, FULL, LESSON, RIGHT, SEED, TASKS, TEXTS, VARIANTS, but

from gan_lessons.grading import marks, sandbox, words
from gan_lessons.grading.sandbox import Limits
from tools import assignments
from tools.check_marking import filled, losses, solution

pytestmark = [pytest.mark.slow, *needs_sandbox]

third = ANSWERS[TASKS[2]][0]


@cache
def source(lesson):
    """nbgrader's source of an assignment, with its questions."""
    return nbformat.reads(assignments.source_text(TEXTS[lesson]), 4)


@cache
def marked(texts, lesson=LESSON, student="ada"):
    """For each text, in the first answer's cell of a notebook: points, messages and notes."""
    asked = marks.questions(source(lesson))
    cases = marks.cases_of(asked, SEED, student)
    books = [filled(source(lesson), text) for text in texts]
    steps = []
    for at, book in enumerate(books):
        steps.append({"number": -1, "code": "%reset -f"})
        steps += [
            {**step, "number": 1000 * at + step["number"]}
            for step in marks.steps(book, asked, cases)
        ]
    limits = Limits(cpu=900, step=20, wall=3000)
    told, ended = sandbox.run({"steps": steps}, limits, [])
    found = []
    for at, book in enumerate(books):
        own = [
            {**line, "number": line["number"] - 1000 * at}
            for line in told
            if 0 < line["number"] - 1000 * at < 1000
        ]
        given, notes = marks.judge(book, asked, cases, own, ended)
        points = {mark.task: mark.points for mark in given}
        found.append((points, {mark.task: mark.message for mark in given}, notes))
    return dict(zip(texts, found, strict=True))


def test_variants_get_their_marks_there_too():
    some = VARIANTS[::4]
    found = marked(tuple(map(solution, some)))
    for variant in some:
        points, _, _ = found[solution(variant)]
        assert {task for task in TASKS if points[task] < FULL[task]} == losses(variant).keys(), (
            variant
        )


def test_another_students_numbers_are_worth_nothing():
    task = "6.estimate"
    # data_of("ada") is what ada has; the folder says who hands in.
    seen = """
from gan_lessons.students import data_of
def estimate(samples):
    own = data_of("ada")[:, 0]
    mean, std, n = own.mean(), own.std(ddof=1), len(samples)
    return mean, std, std / n**0.5, std / (2 * n) ** 0.5
"""
    full = assignments.answers_of(TEXTS["lesson_06"])[task][1]
    for student in ("ada", "bob"):
        assert marked((seen,), "lesson_06", student)[seen][0][task] < full


FAILING = [
    ("import not_there as nt", ["1: module not_there is not installed here"]),
    ("import scipy, not_there, json\nassert json", ["1: module not_there is not"]),
    ("import numpy.not_there", ["1: module numpy.not_there is not installed here"]),
    ("from not_there import Frame", ["1: module not_there is not"]),
    ("from numpy import not_there", ["1: ImportError."]),
    ("try:\n    import not_there as nt\nexcept ImportError:\n    nt = 1\nassert nt", []),
    ("\n\n1\n\nimport not_there as n\nn.style()", ["5: module not_there", "6: NameError"]),
    ("def f(x: nt.Frame): return 1\nassert f(2) == 1", []),
    ("%matplotlib no_such", ["1: "]),
    ("k = 1\n%no_such\nassert k", ["2: UsageError."]),
    ("%%no_such\nimport not_there", ["1: UsageError.", "2: module not_there is"]),
    ("%%time\nimport not_there", ["1: module not_there is", "2: module not_there is"]),
    ("%%capture\nimport not_there", ["1: module not_there is not"]),
    ("open('data.csv')", ["1: FileNotFoundError."]),
    ("raise SystemExit", ["1: SystemExit"]),
    ("await never()", ["1: NameError: name 'never' is not defined"]),
    ("return 3", ["1: SyntaxError."]),
    ("x = ((\ny = 3\nassert y == 3", ["1: SyntaxError."]),
    ("def g(x) return x\n", ["1: SyntaxError."]),
    ("if 1:\n    1\nelse\n    1\nz = '''\ntext\n'''\nassert z", ["1: SyntaxError."]),
    ("def h(x):\n# todo", ["1: IndentationError."]),
    ("My answers to the tasks:", ["1: SyntaxError."]),
]
NEEDING = [
    "import not_there as nt\ndef {}(*_): return nt.mean(_)",
    "from not_there import mean\ndef {}(*_): return mean(_)",
    "del {0}\nfrom not_there import *\ndef {0}(*_): return mean(_)",
    "import not_there\nk = not_there.Frame\ndef {}(*_): return k(_)",
    "del {0}\nimport not_there\n@not_there.fast\ndef {0}(*_): return 1",
    "def {}(*_):\n    import not_there\n    return not_there.mean(_)",
]
REFUSED = ["!no_such_program", "%pip install not_there"]
MANY = "\n".join(f"x{n} = y{n}" for n in range(marks.FAILED + 1))
BROKEN = RIGHT.replace(f"def {third}(x, m, s):", f"def {third}(x, m, s)")
WORKERS = """
from torch.utils.data import DataLoader
assert sum(batch.sum() for batch in DataLoader(range(8), 2, num_workers=2)) == 28
"""


def all_of_them():
    texts = [f"{code}\n{RIGHT}" for code, _ in FAILING]
    texts += [f"{code}\n{RIGHT}" for code in REFUSED]
    texts += [f"{RIGHT}\n{code.format(third)}" for code in NEEDING]
    return marked((*texts, BROKEN, MANY, f"{RIGHT}\n{WORKERS}"))


@pytest.mark.parametrize(("code", "reasons"), FAILING)
def test_a_statement_that_fails_costs_nothing_else(code, reasons):
    found, _, notes = all_of_them()[f"{code}\n{RIGHT}"]
    assert found == FULL
    assert len(notes) == len(reasons), notes
    for note, reason in zip(notes, reasons, strict=True):
        assert re.match(rf"Cell \d+, line {re.escape(reason)}", note)


@pytest.mark.parametrize("code", REFUSED)
def test_what_a_shell_refuses_costs_nothing_else(code):
    assert all_of_them()[f"{code}\n{RIGHT}"][0] == FULL


@pytest.mark.parametrize("code", NEEDING)
def test_an_answer_that_needs_a_missing_module_names_it(code):
    found, messages, _ = all_of_them()[f"{RIGHT}\n{code.format(third)}"]
    assert found == but(TASKS[2])
    assert "not_there" in messages[TASKS[2]]


def test_an_answer_that_is_no_python_is_told():
    found, messages, notes = all_of_them()[BROKEN]
    assert found == but(TASKS[2])
    assert "SyntaxError" in messages[TASKS[2]]
    assert "SyntaxError" in notes[0]


def test_failures_are_noted_up_to_a_number():
    assert len(all_of_them()[MANY][2]) == marks.FAILED


def test_a_loader_may_have_workers():
    assert all_of_them()[f"{RIGHT}\n{WORKERS}"][::2] == (FULL, [])


# --- What comes back is only data ----------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        3,
        None,
        {"number": [1]},
        {"number": 3},
        {"number": 3, "outputs": 5, "failures": 7},
        {"number": 3, "outputs": [[], 3, {}, {"output_type": "stream"}], "failures": [[1], 3]},
        {"number": 3, "outputs": [{"output_type": "error", "traceback": 3}], "stopped": {}},
        {"number": 3, "outputs": [{"output_type": "x", "data": {"image/png": "<b>"}}]},
        {"number": 3, "failures": {"a": 1}},
        {"number": 3, "failures": [["a", 1, 2, 3]]},
        {"number": 5, "outcome": 3},
        {"number": 5, "outcome": "[" * 10**5},
        {"number": 5, "outcome": json.dumps({"results": {}, "trouble": [], "error": None})},
    ],
)
def test_nonsense_is_passed_over(line):
    asked = marks.questions(source(LESSON))
    cases = marks.cases_of(asked, SEED, "ada")
    book = filled(source(LESSON), "1")
    steps = marks.steps(book, asked, cases)
    told = [line, *({"number": step["number"]} for step in steps)]
    given, notes = marks.judge(book, asked, cases, told, "")
    assert {mark.points for mark in given} == {0}
    assert notes == []
    assert "<b>" not in nbformat.writes(book)


def test_words_of_others_are_made_fit():
    assert words.clean("a\x1b[2J\udc80ü\n") == "a\\x1b[2J\\udc80ü\\n"
    for text in ("=1", "a;=1", "a\t+1", " @x", "a,-2", "x|=2", "\uff1d1"):
        assert not re.search(r"(^|[;,|\t])\s*[=+@\uff1d-]", words.plain(text)), text
    assert words.plain("a - b, c = 3") == "a - b, c = 3"


def test_outputs_have_a_limit():
    picture = "display({'image/png': 'A' * 390_000}, raw=True)"
    asked = marks.questions(source(LESSON))
    cases = marks.cases_of(asked, SEED, "ada")
    book = filled(source(LESSON), f"for _ in range(12): {picture}\nprint('x' * 50_000)")
    told, ended = sandbox.run({"steps": marks.steps(book, asked, cases)}, Limits(), [])
    marks.judge(book, asked, cases, told, ended)
    assert 5 < nbformat.writes(book).count('"image/png"') < 12


# --- Attacks -------------------------------------------------------------------------------------

TOKEN = "a-word-that-nobody-may-read"
SLEEP = "2718281"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A course with a secret, and servers that tell it to who reaches them."""
    course = tmp_path_factory.mktemp("course")
    secret = course / "seed.txt"
    secret.write_text(TOKEN, encoding="utf8")
    heard = []
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        pytest.MonkeyPatch.context() as patch,
    ):
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        udp.setblocking(False)
        patch.setenv("GRADER_SECRET", TOKEN)

        def serve():
            while True:
                try:
                    client, _ = tcp.accept()
                except OSError:
                    return
                heard.append(1)
                client.sendall(TOKEN.encode())

        threading.Thread(target=serve, daemon=True).start()
        yield {
            "secret": str(secret),
            "course": str(course),
            "package": sandbox.__file__,
            "port": port,
            "sleep": SLEEP,
        }
        assert heard == []
        with pytest.raises(BlockingIOError):
            udp.recv(9)
    assert secret.read_text(encoding="utf8") == TOKEN
    assert secret.stat().st_mode & 0o777 != 0o777


def with_names(code, place):
    for name, value in place.items():
        code = code.replace(f"{{{name}!r}}", repr(value)).replace(f"{{{name}}}", str(value))
    return code.replace("{first}", ANSWERS[TASKS[0]][0])


def test_nothing_is_read(place):
    steps = [
        {"number": at, "code": with_names(code, place)}
        for at, code in enumerate(hostile.READS.values())
    ]
    limits = Limits(cpu=200, step=10, wall=900)
    told, ended = sandbox.run({"steps": steps}, limits, [place["course"]])
    assert ended == ""
    for name, line in zip(hostile.READS, told, strict=True):
        said = json.dumps(line.get("outputs"))
        printed = [o["text"] for o in line.get("outputs", ()) if o["output_type"] == "stream"]
        assert TOKEN not in said, name
        assert not any(text.startswith("SECRET") for text in printed), (name, line)


@pytest.mark.parametrize("name", hostile.FORGES)
def test_nothing_is_forged(name):
    points, messages, notes = forged()[name]
    assert not any(points.values()), points
    for text in (*messages.values(), *notes):
        assert "2 of 2 points" not in text
        assert text.isprintable()


@cache
def forged():
    """Each in a sandbox of its own: they change what runs them."""

    def of(code):
        code = with_names(code, {})
        return marked((code,))[code]

    with ThreadPoolExecutor(2) as pool, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "IDLE", 10)
        return dict(zip(hostile.FORGES, pool.map(of, hostile.FORGES.values()), strict=True))


HARM = Limits(cpu=8, step=4, wall=60, memory=600)


@pytest.mark.parametrize("name", hostile.HARMS)
def test_nobody_is_harmed(place, name, monkeypatch):
    monkeypatch.setattr(sandbox, "IDLE", 6)
    steps = [{"number": 1, "code": with_names(hostile.HARMS[name], place)}]
    steps += [{"number": 2, "code": "print('still here')"}]
    before = psutil.virtual_memory().available
    told, ended = sandbox.run({"steps": steps}, HARM, [place["course"]])
    assert isinstance(ended, str)
    assert all(isinstance(line, object) for line in told)
    for process in psutil.process_iter(["cmdline"]):
        assert SLEEP not in (process.info["cmdline"] or [])
    assert psutil.virtual_memory().available > before - (4 << 30)  # others work here, too


def test_a_right_neighbour_keeps_the_marks(place):
    bombs = [with_names(hostile.HARMS[name], place) for name in ("forks", "memory", "kill all")]
    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(sandbox.run, {"steps": [{"number": 1, "code": code}]}, HARM, [])
            for code in bombs
        ]
        assert marked.__wrapped__((RIGHT,))[RIGHT][0] == FULL
    assert all(run.result() for run in runs)
