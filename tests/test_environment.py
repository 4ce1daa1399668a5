"""The lock, the package's own bounds, Binder's environment, and the set-up agree."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib

import pytest
import yaml
from anybody import as_anybody
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import set_up
from tools.paths import ROOT

INTEL_MAC = {"sys_platform": "darwin", "platform_machine": "x86_64"}
MACHINES = [
    {"sys_platform": "linux", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_machine": "AMD64"},
    INTEL_MAC,
]


def locked(machine=None):
    """The locked versions on a machine, by default this one; each package has exactly one."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf8").splitlines()
    pins = {}
    for pin in map(Requirement, lines):
        if pin.marker is None or pin.marker.evaluate(machine):
            (version,) = pin.specifier
            assert version.operator == "=="
            assert canonicalize_name(pin.name) not in pins, pin
            pins[canonicalize_name(pin.name)] = version.version
    return pins


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]


def declared(machine=None):
    own = project()
    extras = own["optional-dependencies"].values()
    found = [Requirement(text) for part in (own["dependencies"], *extras) for text in part]
    return [each for each in found if each.marker is None or each.marker.evaluate(machine)]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: "-".join(machine.values()))
def test_lock_holds_what_the_project_declares(machine):
    pins = locked(machine)
    for requirement in declared(machine):
        version = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), (requirement, version)


def test_an_intel_mac_gets_the_last_torch_that_was_built_for_it():
    """That torch wants a numpy of its own time, and so does numba, which has left them, too."""
    pins, others = locked(INTEL_MAC), [locked(machine) for machine in MACHINES[:-1]]
    assert pins["torch"] == "2.2.2"
    assert Requirement("numpy>=1.26,<2").specifier.contains(pins["numpy"])
    assert all(pins.keys() == other.keys() for other in others)
    older = {"torch", "numpy", "numba", "llvmlite"}
    for other in others:
        assert {name for name in pins if pins[name] != other[name]} == older


def test_running_versions_are_the_locked_ones():
    pins = locked()
    for requirement in declared():
        name = canonicalize_name(requirement.name)
        assert importlib.metadata.version(name).split("+")[0] == pins[name], name


def test_binder_has_the_locked_versions():
    binder = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf8"))
    (pip,) = [entry["pip"] for entry in binder["dependencies"] if isinstance(entry, dict)]
    pins = locked()
    named = {
        canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in pip if "==" in line
    }
    assert named == {name: pins[name] for name in named}
    own = project()
    wanted = [*own["dependencies"], *own["optional-dependencies"]["book"]]
    assert named.keys() == {canonicalize_name(Requirement(text).name) for text in wanted}
    (python,) = [entry for entry in binder["dependencies"] if str(entry).startswith("python")]
    assert re.fullmatch(r"python=3\.\d+", python)
    assert f">={python.removeprefix('python=')}" == project()["requires-python"]
    assert "--no-deps --editable ." in (ROOT / "postBuild").read_text(encoding="utf8")


@pytest.fixture
def empty_checkout(tmp_path, monkeypatch):
    """A checkout whose set-up calls a pip that only writes down what it is asked."""
    python = tmp_path / ".venv" / "python"
    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    monkeypatch.setattr(set_up, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(set_up, "STAMP", tmp_path / ".venv" / ".ready")
    monkeypatch.setattr(set_up, "PYTHON", python)
    monkeypatch.setattr(set_up, "LOCK", tmp_path / "requirements.lock")
    (tmp_path / "requirements.lock").write_text("torch==2.13.0\n", encoding="utf8")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf8")
    made, asked = [], []

    def make(folder, clear, with_pip, symlinks):
        assert clear
        assert with_pip
        made.append(symlinks)
        folder.mkdir(exist_ok=True)
        python.touch()

    def pip(*arguments, **_):
        asked.append(arguments)
        return not any(word in arguments for word in set_up_fails)

    set_up_fails = []
    monkeypatch.setattr(set_up.venv, "create", make)
    monkeypatch.setattr(set_up, "pip", pip)
    return tmp_path, made, asked, set_up_fails


def change_the_lock(folder):
    (folder / "requirements.lock").write_text("torch==2.13.0\nnumpy==2.4.6\n", encoding="utf8")


EDITABLE = ("install", "--quiet", "--no-deps", "--editable", ".")


def test_set_up_once(empty_checkout, monkeypatch):
    folder, made, asked, _ = empty_checkout
    assert set_up.main() == 0
    assert made == [os.name != "nt"]  # links, as `python -m venv` has it
    assert EDITABLE in asked
    asked.clear()
    assert set_up.main() == 0
    assert not asked
    change_the_lock(folder)
    assert set_up.main() == 0
    assert asked
    assert len(made) == 1  # a complete environment is updated in place
    asked.clear()
    monkeypatch.setattr(set_up, "ROOT", folder / "_build" / "..")  # the checkout was moved
    assert set_up.main(keep=True) == 0
    assert EDITABLE in asked
    assert len(made) == 1
    set_up.PYTHON.unlink()
    assert set_up.main(keep=True) == 0
    assert len(made) == 2


@pytest.mark.parametrize("lock_changed", [False, True])
def test_another_python_that_was_named_is_taken(empty_checkout, monkeypatch, capsys, lock_changed):
    folder, made, _, _ = empty_checkout
    assert set_up.main() == 0
    capsys.readouterr()
    if lock_changed:
        change_the_lock(folder)
    monkeypatch.setattr(set_up, "MAKER", "3.14.0 in /opt/python3.14")
    assert set_up.main(keep=True) == 0
    assert len(made) == 1
    assert set_up.main() == 0
    assert len(made) == 2
    assert ".venv anew with Python" in capsys.readouterr().out
    assert set_up.main() == set_up.main(keep=True) == 0
    assert len(made) == 2


@pytest.mark.parametrize("step", ["--requirement", "--editable"])
def test_set_up_cut_short_is_not_done(empty_checkout, step):
    folder, made, _, fails = empty_checkout
    assert set_up.main() == 0
    change_the_lock(folder)
    fails.append(step)
    assert set_up.main() == 1
    assert not (folder / ".venv" / ".ready").exists()
    fails.clear()
    assert set_up.main(keep=True) == 0
    assert len(made) == 2  # what was cut short starts from nothing


def test_set_up_without_pip_says_what_helps(empty_checkout, monkeypatch, capsys):
    def fail(*arguments, **options):
        raise subprocess.CalledProcessError(1, "ensurepip")

    monkeypatch.setattr(set_up.venv, "create", fail)
    assert set_up.main() == 1
    assert "apt-get install python3-venv" in capsys.readouterr().out


def test_set_up_says_why_torch_is_big(empty_checkout, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "linux")
    *_, fails = empty_checkout
    assert set_up.main() == 0
    assert "GB" not in capsys.readouterr().out
    (set_up.VENV / ".ready").unlink()
    fails.append(set_up.TORCH_CPU_INDEX)
    assert set_up.main() == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "GB" in line]
    assert len(said) == 1


def test_what_set_up_cannot_do_is_said_before_anything_is_made(
    empty_checkout, monkeypatch, capsys
):
    _, made, asked, _ = empty_checkout
    monkeypatch.setattr(sys, "version_info", (3, 10))
    assert set_up.main() == 1
    assert "PYTHON=python3.12" in capsys.readouterr().out
    monkeypatch.setattr(sys, "version_info", (3, 13))
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(set_up.platform, "machine", lambda: "x86_64")
    assert set_up.main() == 1
    assert "Intel" in capsys.readouterr().out
    assert not made + asked


def test_the_second_waits_and_says_so(tmp_path, capsys):
    order = []

    def second():
        with set_up.alone(tmp_path):
            order.append("second")

    thread = threading.Thread(target=second)
    with set_up.alone(tmp_path):
        thread.start()
        while "waits" not in "".join(said := capsys.readouterr().out):
            time.sleep(0.01)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert len(said.splitlines()) == 1
    with set_up.alone(tmp_path):
        assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "mode", "words"),
    [("grün:1", 0o755, "Move or rename it"), ("grün", 0o555, "cannot be made: [Errno 13]")],
    ids=["colon", "read-only"],
)
def test_what_cannot_be_done_is_no_traceback_in_any_encoding(tmp_path, name, mode, words):
    course = tmp_path / name
    shutil.copytree(ROOT / "tools", course / "tools")
    for file in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / file, course)
    course.chmod(mode)
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [*as_anybody(), sys.executable, "tools/set_up.py"]
    done = subprocess.run(command, cwd=course, env=env, capture_output=True, check=False)
    course.chmod(0o755)
    assert done.returncode == 1
    assert words.encode() in done.stdout
    assert done.stderr == b""


def make(*arguments, folder=ROOT):
    """What make would do, or does, whatever the make that runs the tests was given."""
    if not shutil.which("make"):
        pytest.skip("there is no make")
    outer = ("PYTHON", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
    env = {name: value for name, value in os.environ.items() if name not in outer}
    command = ["make", *arguments]
    return subprocess.check_output(command, cwd=folder, env=env, text=True, encoding="utf8")


@pytest.mark.parametrize("verb", ["book", "test", "lint", "notebooks", "assignments"])
def test_make_sets_up_first(verb):
    assert make("-n", verb).splitlines()[0] == "python3 tools/set_up.py --keep"
    first = make("-n", verb, "PYTHON=/opt/python3.14").splitlines()[0]
    assert first.split() == ["/opt/python3.14", "tools/set_up.py"]


def test_help_lists_the_verbs():
    makefile = (ROOT / "Makefile").read_text(encoding="utf8")
    verbs = re.findall(r"^([a-z-]+):.*## (.+)$", makefile, re.M)
    shown = [line.split(maxsplit=2) for line in make("help").splitlines()]
    assert shown == [["make", verb, what] for verb, what in verbs]
    assert len(verbs) > 5


def test_clean_removes_what_was_made(tmp_path):
    course = tmp_path / "it's [1] $x"
    for name in ("a/__pycache__/x.pyc", "_build/x", ".venv/x", "x.egg-info/y", "a/kept"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).touch()
    shutil.copy(ROOT / "Makefile", course)
    make("clean", folder=course)
    assert {path.name for path in course.rglob("*")} == {"Makefile", "a", "kept"}
