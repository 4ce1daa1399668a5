"""The code runs in any locale, and its modules can be imported on any system."""

import ast
import io
import sys

import pytest

from benchmarks import __main__ as benchmarks
from gan_lessons import evidence
from gan_lessons.grading import __main__ as grading
from tools import set_up
from tools.paths import ROOT

FOLDERS = ("assignments", "benchmarks", "book", "gan_lessons", "tests", "tools")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
POSIX_ONLY = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
POSIX_ONLY |= {"multiprocessing.context.ForkServerProcess"}


def lacks_encoding(call):
    """Whether a call reads or writes text in whatever encoding the locale has."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    owner = getattr(getattr(call.func, "value", None), "id", "")
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in named or "encoding" in named:
        return False
    if name in ("read_text", "write_text"):
        return len(call.args) <= (name == "write_text")
    if name == "open" and owner not in ("os", "Image"):
        modes = [named.get("mode"), *call.args[bool(isinstance(call.func, ast.Name)) :]]
        return not any("b" in str(getattr(mode, "value", "")) for mode in modes)
    switches = (named.get(word) for word in ("text", "universal_newlines"))
    return any(getattr(switch, "value", False) is True for switch in switches)


@pytest.mark.parametrize(
    ("code", "lacks"),
    [
        ("path.read_text()", True),
        ("path.write_text(words)", True),
        ("path.read_text(encoding='utf8')", False),
        ("path.write_text(words, 'utf8')", False),
        ("path.open()", True),
        ("path.open('wb')", False),
        ("open('b.txt')", True),
        ("open(path, mode='rb')", False),
        ("open(path, 'w', encoding='utf8')", False),
        ("run(command, text=True)", True),
        ("run(command, text=True, encoding='utf8')", False),
        ("Image.open(path)", False),
        ("pack(text='words')", False),
    ],
)
def test_what_counts_as_an_encoding(code, lacks):
    assert lacks_encoding(ast.parse(code).body[0].value) == lacks


def calls(path):
    """All calls in a file."""
    return [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call)]


def imports(path):
    """What a file imports in any case, and not under a condition."""
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (str(node.module), *(f"{node.module}.{name.name}" for name in node.names))


def test_text_is_read_and_written_in_utf8():
    found = [(path, call) for path in SOURCES for call in calls(path) if lacks_encoding(call)]
    assert [f"{path.relative_to(ROOT)}:{call.lineno}" for path, call in found] == []


def test_every_module_can_be_imported_on_windows():
    found = [(path, POSIX_ONLY & {*imports(path)}) for path in SOURCES]
    assert [f"{path.relative_to(ROOT)}: {names}" for path, names in found if names] == []


def grade(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["grading", "grün", "--assignment", "lesson_01"])
    grading.main()


def keep_evidence(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["evidence"])
    monkeypatch.setattr(evidence, "STUDIES", {})
    evidence.main()


def compare(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    monkeypatch.setattr(benchmarks, "PARTS", ())
    benchmarks.main()


@pytest.mark.parametrize(
    "command", [grade, keep_evidence, compare, lambda _: set_up.any_encoding()]
)
def test_a_command_prints_in_any_encoding(monkeypatch, command):
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    command(monkeypatch)
    print("σ …", flush=True)
    assert out.getvalue().endswith(b"? ?\n")


def test_grading_on_windows_says_what_it_needs(monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "win32")
    assert grading.main() == 2
    assert capsys.readouterr().out.startswith("Grading needs Linux or macOS")
