"""The build of a small course: what it runs again, what it refuses, what it leaves whole."""

import asyncio
import contextlib
import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from anybody import as_anybody
from lesson_header import HEADER
from sqlalchemy.exc import OperationalError

from tools import build_book, execution, interrupt
from tools.fingerprint import tree_files
from tools.paths import ROOT

pytestmark = pytest.mark.slow  # each builds a book

# Signs that mean something in a pattern, an address, a URL of a database, or a shell.
ODD = "GAN%20lessons [1] grün #?&*"
ODD_TOO = "-gän[!a]; {a} $HOME ~ 'x' \"y\" \\d+ %(x)s (b) +@=,^` |<>"
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

Path("animations").mkdir(exist_ok=True)
for name in ("run.mp4", "run.gif"):
    _ = Path("animations", name).write_bytes(b"film")

class Film:
    def _repr_html_(self):
        return '<video controls src="data:video/mp4;base64,' + 2 * "Zmls" + '"></video>'

    def _repr_markdown_(self):
        video = '<video controls src="animations/run.mp4"></video>'
        return f'<figure>{{video}}<a href="animations/run.gif" download>GIF</a></figure>'

Film()
```
"""


TOC = """format: jb-book
root: book/index
chapters:
- file: notebooks/01_one
- file: notebooks/02_two
"""


def add_cell(course, code):
    """Append a code cell to the first lesson; its number in that lesson is 4."""
    lesson = course / "notebooks" / "01_one.md"
    lesson.write_text(f"{FIRST}\n```{{code-cell}} ipython3\n{code}\n```\n", encoding="utf8")


def environment(course):
    """The small course's own package is found first, on a machine where much is missing."""
    missing = {"HOME": "/proc/nowhere", "LC_ALL": "C", "PYTHONUTF8": "0"}
    return {**os.environ, **missing, "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(course)}


BUILD = (sys.executable, "-m", "tools.build_book")


def build(course, *before):
    """Run the build; its exit status and everything that it says."""
    command = [*before, *BUILD]
    done = subprocess.run(
        command,
        cwd=course,
        env=environment(course),
        capture_output=True,
        encoding="utf8",
        timeout=600,
    )
    return done.returncode, done.stdout + done.stderr


def page(course, name="notebooks/01_one"):
    return (course / "_build" / "html" / f"{name}.html").read_text(encoding="utf8")


def site(course):
    """Name and content of every file of the site."""
    html = course / "_build" / "html"
    return {path: path.read_bytes() for path in html.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small course, built once with the tools of this repository."""
    course = tmp_path_factory.mktemp("course") / ODD
    course.mkdir()
    for name in ("tools", "book/_ext", "book/_static"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, course)
    sources = {
        "_toc.yml": TOC,
        "book/index.md": "# Home\n\n[First](../notebooks/01_one.md)\n",
        "book/references.bib": "",
        "draft.md": "# No page of the site\n",
        "gan_lessons/__init__.py": "VALUE = 1\n",
        "notebooks/01_one.md": FIRST,
        "notebooks/02_two.md": SECOND,
    }
    for name, text in sources.items():
        (course / name).parent.mkdir(exist_ok=True)
        (course / name).write_text(text, encoding="utf8")
    status, said = build(course)
    assert status == 0, said
    assert "Running 2 of 2 lessons" in said
    return course


@pytest.fixture
def course(built, tmp_path):
    """A copy of the built course that a test may change."""
    return shutil.copytree(built, tmp_path / ODD_TOO)


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
    download = json.loads(
        (built / "_build/html/_sources/notebooks/01_one.ipynb").read_text(encoding="utf8")
    )
    assert not any(cell.get("outputs") for cell in download["cells"])


@pytest.mark.parametrize(
    ("file", "old", "new", "shown", "run"),
    [
        ("notebooks/01_one.md", "Words to read", "Better words", "Better words", "no"),
        ("gan_lessons/__init__.py", "1", "2", "value 2", "2 of 2"),
        ("notebooks/01_one.md", "[remove-cell, test]", "[test]", ">assert<", "1 of 2"),
    ],
    ids=["prose", "package", "tags"],
)
def test_a_change_is_shown_and_runs_what_it_must(course, file, old, new, shown, run):
    path = course / file
    path.write_text(path.read_text(encoding="utf8").replace(old, new), encoding="utf8")
    status, said = build(course)
    assert status == 0, said
    assert f"Running {run} lessons" in said or ("Running" not in said and run == "no")
    assert shown in page(course)
    assert "value" in page(course)


@pytest.mark.parametrize(
    ("file", "more", "ends"),
    [
        ("gan_lessons/__init__.py", "# more\n", "Built in"),
        ("notebooks/02_two.md", "```{code-cell} ipython3\n2\n```\n", "was edited meanwhile"),
    ],
    ids=["package", "lesson"],
)
def test_what_is_edited_during_a_build_spoils_none_after_it(course, file, more, ends):
    source = f"pathlib.Path({str(course / file)!r})"
    add_cell(course, f"import pathlib\n\n_ = {source}.open('a').write({more!r})")
    status, said = build(course, "env", "PYTHONUTF8=1")  # Sphinx tells the path
    assert ends in said
    assert (status == 0) == (ends == "Built in")
    status, said = build(course)
    assert status == 0, said
    assert (course / "_build/html/notebooks/animations/run.mp4").exists()


def test_a_checkout_below_a_folder_that_would_be_left_out(tmp_path):
    top = tmp_path / "animations" / "checkout" / "notebooks"
    for name in ("01_one.md", "animations/run.mp4", "__pycache__/x.pyc"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("x", encoding="utf8")
    assert tree_files(top) == [top / "01_one.md"]


def test_a_failing_cell(course):
    before = site(course)
    add_cell(course, "1 / 0")
    for _ in range(2):  # a failure is not stored
        status, said = build(course)
        assert status != 0
        assert "notebooks/01_one.md: code cell 4 (line 33) failed" in said
        assert "ZeroDivisionError" in said
    assert site(course) == before


GONE = "HTML = __import__('IPython.display').display.HTML\nHTML('<img src=\"gone.svg\">')"
BAD_OUTPUTS = {
    "stderr was found": "import sys\n\nprint('oh', file=sys.stderr)",
    "gone.svg": GONE,
    "shows the local path": "print(__import__('os').getcwd())",
}


@pytest.mark.parametrize("message", BAD_OUTPUTS)
def test_a_bad_output(course, message):
    before = site(course)
    add_cell(course, BAD_OUTPUTS[message])
    status, said = build(course)
    assert status != 0
    assert message in said
    assert site(course) == before


def test_a_warning_is_an_error(course):
    before = site(course)
    (course / "book" / "index.md").write_text("# Home\n\n{ref}`nowhere`\n", encoding="utf8")
    status, said = build(course)
    assert status != 0
    assert "nowhere" in said
    assert site(course) == before


def test_a_fork_on_another_forge(course):
    url = "https://gitlab.com/group/sub/gan.git"
    for command in (["init", "-q"], ["remote", "add", "origin", url]):
        subprocess.run(["git", *command], cwd=course, check=True)
    status, said = build(course)
    assert status == 0, said
    assert "gitlab.com/group/sub/gan/-/edit/main/notebooks/01_one.md" in page(course)
    for host in ("mybinder.org", "colab.research.google.com", "github.com/"):
        assert host not in page(course)


# A pause at the moment `where`, in which the marker tells that it has come.
PAUSE = "import pathlib, time; pathlib.Path({marker!r}).touch(); time.sleep(200)"
SITECUSTOMIZE = """
import sys

class Import:
    def find_spec(self, name, *_):
        if name == {module!r} and {program!r} in " ".join(sys.orig_argv):
            {pause}

sys.meta_path.insert(0, Import())
"""


def left_behind(course):
    """The processes that still run in the course."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(course) in process.cwd():
                found.append(process.cmdline())
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="there is no Ctrl-C to send")
@pytest.mark.parametrize(
    "moment",
    ["a cell", "imports", "a kernel starts", "pages"],
)
def test_an_interrupted_build(course, tmp_path, moment):
    before = site(course)
    marker = tmp_path / "reached"
    pause = PAUSE.format(marker=str(marker))
    add_cell(course, pause if moment == "a cell" else "1 + 1")
    if moment == "pages":
        extension = course / "book" / "_ext" / "unused.py"
        text = extension.read_text(encoding="utf8").replace("    silence(app)", f"    {pause}")
        extension.write_text(text, encoding="utf8")
    elif moment != "a cell":
        module, program = {
            "imports": ("sphinx.application", "tools.build_book"),
            "a kernel starts": ("ipykernel.kernelapp", "ipykernel_launcher"),
        }[moment]
        text = SITECUSTOMIZE.format(module=module, program=program, pause=pause)
        (course / "sitecustomize.py").write_text(text, encoding="utf8")
    process = subprocess.Popen(
        BUILD, cwd=course, env=environment(course), stderr=subprocess.PIPE, start_new_session=True
    )
    deadline = time.monotonic() + 600
    while not marker.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert left_behind(course)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=600)
    assert process.returncode not in (0, None)
    assert b"Interrupted" in said
    assert b"Traceback" not in said, said
    assert site(course) == before
    assert not left_behind(course)


@pytest.fixture
def ctrl_c(monkeypatch):
    """Ctrl-C as a build has it; afterwards as it was."""
    monkeypatch.setattr(interrupt, "_noted", False)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as for a job in the background
    interrupt.watch()
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_is_not_lost_in_a_callback_and_tears_nothing_that_must_stay_whole(ctrl_c):
    interrupt.check()
    with contextlib.suppress(KeyboardInterrupt):  # as Python does in a destructor
        ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        interrupt.check()
    with interrupt.held():
        ctrl_c()  # raises nothing


def test_ctrl_c_ends_lessons_that_drop_a_cancellation(ctrl_c, monkeypatch, tmp_path):
    """As nbclient does when its kernel ends, and `asyncio.wait_for` when its task is done."""
    ended = []

    async def stubborn(cache, path, notebook, folder):
        if path.name == "a":
            asyncio.get_running_loop().call_soon(ctrl_c)
        for _ in range(3):
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                ended.append(path.name)
        raise execution.LessonError("Kernel died")

    monkeypatch.setattr(execution, "_run_and_store", stubborn)
    monkeypatch.setattr(execution, "PATIENCE", 0.01)
    lessons = {Path(name): None for name in "ab"}
    with pytest.raises(KeyboardInterrupt), interrupt.held():
        asyncio.run(execution._run_missing(None, lessons, tmp_path))
    assert sorted(ended) == [*"aaabbb"]


def test_a_folder_that_cannot_be_written(course):
    (course / "_build" / ".lock").unlink()
    (course / "_build").chmod(0o555)
    status, said = build(course, *as_anybody())
    assert status == 0, said  # there is nothing to write
    add_cell(course, "print('news')")
    status, said = build(course, *as_anybody())
    (course / "_build").chmod(0o755)
    assert status == 1
    assert "Permission denied" in said
    assert "Traceback" not in said
    assert "previous site is untouched" in said


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x.html"),
        OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_a_full_disk(tmp_path, monkeypatch, capsys, error):
    def build():
        raise error

    monkeypatch.setattr(build_book, "BUILD", tmp_path)
    monkeypatch.setattr(build_book, "update", build)
    assert build_book.main() == 1
    said = capsys.readouterr().err
    assert "No space left" in said or "disk is full" in said
    assert "previous site is untouched" in said


def test_two_builds_at_once(course):
    add_cell(course, "print('news')")
    env, out = environment(course), {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    builds = [subprocess.Popen(BUILD, cwd=course, env=env, **out) for _ in range(2)]
    said = sorted(build.communicate(timeout=600)[0] for build in builds)
    assert [build.returncode for build in builds] == [0, 0], said
    assert said[0].startswith(b"Another build is at work")
    assert b"up to date" in said[0]
    assert b"Built" in said[1]


def test_a_build_cut_off_while_swapping(tmp_path, monkeypatch):
    monkeypatch.setattr(build_book, "BUILD", tmp_path)
    monkeypatch.setattr(build_book, "NEXT", tmp_path / "next")
    (tmp_path / "old-html").mkdir()
    build_book.restore("html")
    assert (tmp_path / "html").exists()
    for name in ("next/html", "old-html"):  # what an earlier swap may have left
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x").write_text(name, encoding="utf8")
    build_book.swap("html")
    assert (tmp_path / "html" / "x").read_text(encoding="utf8") == "next/html"
    assert not (tmp_path / "old-html").exists()
