"""The commands run in any locale; what a linter sees of that, and of Windows, ruff looks after."""

import io
import re
import sys

import pytest

from benchmarks import __main__ as benchmarks
from gan_lessons import evidence
from gan_lessons.grading import __main__ as grading
from tools import set_up
from tools.paths import ROOT

FOLDERS = ("assignments", "benchmarks", "book", "gan_lessons", "tests", "tools")
LOCALE = re.compile(r"\b(?:text|universal_newlines)=True(?![^)]*encoding)")


def test_what_a_process_says_is_read_in_utf8():
    sources = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in sources if LOCALE.search(path.read_text(encoding="utf8"))] == []


@pytest.mark.parametrize(
    "command", [grading.main, evidence.main, benchmarks.main, set_up.any_encoding]
)
def test_a_command_prints_in_any_encoding(monkeypatch, command):
    out = io.BytesIO()
    arguments = ["grün", "--assignment", "lesson_01"] if command is grading.main else []
    monkeypatch.setattr(sys, "argv", ["command", *arguments])
    monkeypatch.setattr(evidence, "STUDIES", {})
    monkeypatch.setattr(benchmarks, "PARTS", ())
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    command()
    print("σ …", flush=True)
    assert out.getvalue().endswith(b"? ?\n")


def test_grading_on_windows_says_what_it_needs(monkeypatch, capsys, tmp_path):
    notebook = tmp_path / "release" / "lesson_01" / "lesson_01.ipynb"
    for folder in (notebook.parent, tmp_path / "submitted"):
        folder.mkdir(parents=True)
    notebook.touch()
    monkeypatch.setattr(sys, "argv", ["grading", str(tmp_path), "--assignment", "lesson_01"])
    monkeypatch.setattr(sys, "platform", "win32")
    assert grading.main() == 2
    assert capsys.readouterr().out.startswith("Grading needs Linux or macOS")
