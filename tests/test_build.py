"""The build of a small course: what it runs again, what it refuses, what it leaves whole."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from lesson_header import HEADER

from tools import build_book
from tools.fingerprint import tree_files
from tools.paths import ROOT

FIRST = f"""{HEADER}# One

Words to read.

```{{code-cell}} ipython3
import gan_lessons

print("value", gan_lessons.VALUE)
```

```{{code-cell}} ipython3
:tags: [remove-cell, test]
assert gan_lessons.VALUE
```

```{{code-cell}} ipython3
:tags: [notebook-only, remove-cell, skip-execution]
raise SystemExit("only for notebooks")
```
"""
SECOND = f"""{HEADER}# Two

```{{code-cell}} ipython3
from pathlib import Path

from IPython.display import HTML

Path("animations").mkdir(exist_ok=True)
for name in ("run.mp4", "run.gif"):
    _ = Path("animations", name).write_bytes(b"film")
film = "data:video/mp4;base64," + 2 * "Zmls"
HTML(
    f'<video controls src="{{film}}" data-file="animations/run.mp4"></video>'
    '<a href="animations/run.gif" download>GIF</a>'
)
```
"""


def add_cell(course, code):
    """Append a code cell to the first lesson; its number in that lesson is 4."""
    lesson = course / "notebooks" / "01_one.md"
    lesson.write_text(f"{FIRST}\n```{{code-cell}} ipython3\n{code}\n```\n")


def environment(course):
    """The environment in which the small course's own package is found first."""
    return {**os.environ, "PYTHONPATH": str(course)}


def build(course):
    """Run the build; its exit status and everything that it says."""
    command = [sys.executable, "-m", "tools.build_book"]
    done = subprocess.run(
        command, cwd=course, env=environment(course), capture_output=True, text=True, timeout=600
    )
    return done.returncode, done.stdout + done.stderr


def page(course, name="notebooks/01_one"):
    return (course / "_build" / "html" / f"{name}.html").read_text()


def site(course):
    """Name and content of every file of the site."""
    html = course / "_build" / "html"
    return {path: path.read_bytes() for path in html.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small course, built once with the tools of this repository."""
    course = tmp_path_factory.mktemp("course")
    for name in ("tools", "book/_ext", "book/_static"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, course)
    (course / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters:\n"
        "- file: notebooks/01_one\n- file: notebooks/02_two\n"
    )
    (course / "book" / "index.md").write_text("# Home\n\n[First](../notebooks/01_one.md)\n")
    (course / "book" / "references.bib").write_text("")
    (course / "gan_lessons").mkdir()
    (course / "gan_lessons" / "__init__.py").write_text("VALUE = 1\n")
    (course / "notebooks").mkdir()
    (course / "notebooks" / "01_one.md").write_text(FIRST)
    (course / "notebooks" / "02_two.md").write_text(SECOND)
    status, said = build(course)
    assert status == 0, said
    assert "Running 2 of 2 lessons" in said
    return course


@pytest.fixture
def course(built, tmp_path):
    """A copy of the built course that a test may change."""
    return shutil.copytree(built, tmp_path / "course")


def test_nothing_changed(course):
    status, said = build(course)
    assert status == 0
    assert said.startswith("The site is up to date")


def test_what_is_on_the_site(built):
    assert "value 1" in page(built)
    assert "only for notebooks" not in page(built)
    assert ">assert<" not in page(built)
    film = page(built, "notebooks/02_two")
    assert '<video controls src="animations/run.mp4"' in film
    assert "ZmlsZmls" not in film
    for name in ("run.mp4", "run.gif"):
        assert (built / "_build/html/notebooks/animations" / name).read_bytes() == b"film"
    download = json.loads((built / "_build/html/_sources/notebooks/01_one.ipynb").read_text())
    assert not any(cell.get("outputs") for cell in download["cells"])


def test_prose_does_not_run_lessons_again(course):
    lesson = course / "notebooks" / "01_one.md"
    lesson.write_text(FIRST.replace("Words to read", "Better words"))
    status, said = build(course)
    assert status == 0, said
    assert "Running" not in said
    assert "Better words" in page(course)
    assert "value 1" in page(course)


def test_a_change_of_the_package_is_never_stale(course):
    (course / "gan_lessons" / "__init__.py").write_text("VALUE = 2\n")
    status, said = build(course)
    assert status == 0, said
    assert "Running 2 of 2 lessons" in said
    assert "value 2" in page(course)


def test_a_checkout_below_a_folder_that_would_be_left_out(tmp_path):
    top = tmp_path / "animations" / "checkout" / "notebooks"
    for name in ("01_one.md", "animations/run.mp4", "__pycache__/x.pyc"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("x")
    assert tree_files(top) == [top / "01_one.md"]


def test_a_change_of_tags_is_never_stale(course):
    lesson = course / "notebooks" / "01_one.md"
    lesson.write_text(FIRST.replace("[remove-cell, test]", "[test]"))
    status, said = build(course)
    assert status == 0, said
    assert ">assert<" in page(course)


def test_a_failing_cell(course):
    before = site(course)
    add_cell(course, "1 / 0")
    for _ in range(2):  # a failure is not stored
        status, said = build(course)
        assert status != 0
        assert "notebooks/01_one.md: code cell 4 (line 33) failed" in said
        assert "ZeroDivisionError" in said
    assert site(course) == before


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys\n\nprint('oh', file=sys.stderr)", "stderr was found"),
        (
            "HTML = __import__('IPython.display').display.HTML\nHTML('<img src=\"gone.svg\">')",
            "gone.svg",
        ),
        ("print(__import__('os').getcwd())", "shows the local path"),
    ],
    ids=["stderr", "dead link", "local path"],
)
def test_a_bad_output(course, code, message):
    before = site(course)
    add_cell(course, code)
    status, said = build(course)
    assert status != 0
    assert message in said
    assert site(course) == before


def test_a_warning_is_an_error(course):
    before = site(course)
    (course / "book" / "index.md").write_text("# Home\n\n{ref}`nowhere`\n")
    status, said = build(course)
    assert status != 0
    assert "nowhere" in said
    assert site(course) == before


@pytest.mark.parametrize(
    "url", ["https://codeberg.org/ann/gan", "https://gitlab.com/group/sub/gan"]
)
def test_a_fork_on_another_forge(course, url):
    for command in (["init", "-q"], ["remote", "add", "origin", f"{url}.git"]):
        subprocess.run(["git", *command], cwd=course, check=True)
    status, said = build(course)
    assert status == 0, said
    assert ("gitlab.com/group/sub/gan/-/edit/main/notebooks/01_one.md" in page(course)) == (
        "gitlab" in url
    )
    for host in ("mybinder.org", "colab.research.google.com", "github.com/"):
        assert host not in page(course)


def test_an_interrupted_build(course):
    before = site(course)
    add_cell(course, "import time\n\nopen('started', 'w').close()\ntime.sleep(200)")
    build_process = subprocess.Popen(
        [sys.executable, "-m", "tools.build_book"],
        cwd=course,
        env=environment(course),
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have switched Ctrl-C off for all children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    started = course / "_build" / "run" / "01_one" / "started"
    deadline = time.monotonic() + 600
    while not started.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    build_process.send_signal(signal.SIGINT)
    _, said = build_process.communicate(timeout=600)
    assert build_process.returncode != 0
    assert "Interrupted" in said
    assert site(course) == before


def test_a_build_cut_off_while_swapping(tmp_path, monkeypatch):
    monkeypatch.setattr(build_book, "BUILD", tmp_path)
    monkeypatch.setattr(build_book, "NEXT", tmp_path / "next")
    (tmp_path / "old-html").mkdir()
    build_book.restore("html")
    assert (tmp_path / "html").exists()
    for name in ("next/html", "old-html"):  # what an earlier swap may have left
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x").write_text(name)
    build_book.swap("html")
    assert (tmp_path / "html" / "x").read_text() == "next/html"
    assert not (tmp_path / "old-html").exists()


def nbval(course, name):
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", f"_build/executed/{name}.ipynb"]
    done = subprocess.run(
        command, cwd=course, env=environment(course), capture_output=True, text=True, timeout=600
    )
    return done.returncode, done.stdout


def test_a_lesson_that_says_something_else_the_second_time(course):
    add_cell(course, "import time\n\ntime.time()")
    status, said = build(course)
    assert status == 0, said
    status, said = nbval(course, "01_one")
    assert status != 0
    assert "Cell outputs differ" in said
    assert "1 failed, 2 passed" in said
