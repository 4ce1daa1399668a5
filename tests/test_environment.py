"""The lock, the package's own bounds, Binder's environment, and the set-up agree."""

import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from tools import set_up
from tools.paths import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([\w.]+)$")


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name="requirements.lock"):
    lines = (ROOT / name).read_text().splitlines()
    pins = [PIN.match(line) for line in lines]
    assert all(pins), [line for line, pin in zip(lines, pins, strict=True) if not pin]
    return {canonical(pin[1]): pin[2] for pin in pins}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def declared():
    own = project()
    extras = own["optional-dependencies"]
    return [Requirement(text) for text in (*own["dependencies"], *extras["book"], *extras["test"])]


def test_lock_holds_what_the_project_declares():
    pins = locked()
    for requirement in declared():
        version = pins[canonical(requirement.name)]
        assert requirement.specifier.contains(version), (requirement, version)


def test_running_versions_are_the_locked_ones():
    import importlib.metadata

    pins = locked()
    for requirement in declared():
        name = canonical(requirement.name)
        assert importlib.metadata.version(name).split("+")[0] == pins[name], name


def test_the_instructors_lock_adds_to_the_other_one():
    pins, added = locked(), locked("requirements-instructor.lock")
    assert not pins.keys() & added.keys()
    for text in project()["optional-dependencies"]["instructor"]:
        requirement = Requirement(text)
        version = {**pins, **added}[canonical(requirement.name)]
        assert requirement.specifier.contains(version), (requirement, version)


def test_running_versions_for_instructors_are_the_locked_ones():
    import importlib.metadata

    for name, version in locked("requirements-instructor.lock").items():
        assert importlib.metadata.version(name) == version, name


def test_binder_has_the_locked_versions():
    binder = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [entry["pip"] for entry in binder["dependencies"] if isinstance(entry, dict)]
    pins = locked()
    named = {canonical(line.split("==")[0]): line.split("==")[1] for line in pip if "==" in line}
    assert named == {name: pins[name] for name in named}
    own = project()
    wanted = [*own["dependencies"], *own["optional-dependencies"]["book"]]
    assert named.keys() == {canonical(Requirement(text).name) for text in wanted}
    (python,) = [entry for entry in binder["dependencies"] if str(entry).startswith("python")]
    assert re.fullmatch(r"python=3\.\d+", python)
    assert f">={python.removeprefix('python=')}" == project()["requires-python"]
    assert "--no-deps --editable ." in (ROOT / "postBuild").read_text()


@pytest.fixture
def empty_checkout(tmp_path, monkeypatch):
    """A checkout whose set-up calls a pip that only writes down what it is asked."""
    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    monkeypatch.setattr(set_up, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(set_up, "STAMP", tmp_path / ".venv" / ".ready")
    monkeypatch.setattr(set_up, "LOCK", tmp_path / "requirements.lock")
    (tmp_path / "requirements.lock").write_text("torch==2.13.0\n")
    (tmp_path / "pyproject.toml").write_text("")
    made, asked = [], []

    def make(folder, clear, with_pip):
        made.append(clear)
        folder.mkdir(exist_ok=True)

    def pip(*arguments, **_):
        asked.append(arguments)
        return not any(word in arguments for word in set_up_fails)

    set_up_fails = []
    monkeypatch.setattr(set_up.venv, "create", make)
    monkeypatch.setattr(set_up, "pip", pip)
    return tmp_path, made, asked, set_up_fails


def test_set_up_once(empty_checkout):
    folder, made, asked, _ = empty_checkout
    assert set_up.main() == 0
    assert made == [True]
    assert ("install", "--quiet", "--no-deps", "--editable", ".") in asked
    asked.clear()
    assert set_up.main() == 0
    assert not asked
    (folder / "requirements.lock").write_text("torch==2.13.0\nnumpy==2.4.6\n")
    assert set_up.main() == 0
    assert asked
    assert made == [True, False]  # a complete environment is updated in place


def test_the_instructors_packages_are_added_once(empty_checkout, monkeypatch):
    folder, _, asked, fails = empty_checkout
    lock = folder / "requirements-instructor.lock"
    lock.write_text("nbgrader==0.9.6\n")
    monkeypatch.setattr(set_up, "INSTRUCTOR_LOCK", lock)
    monkeypatch.setattr(set_up, "INSTRUCTOR_STAMP", folder / ".venv" / ".instructor")
    assert set_up.main() == 0
    assert not any(str(lock) in arguments for arguments in asked)  # only when asked
    fails.append("--constraint")
    assert set_up.add_instructor_packages() == 1
    fails.clear()
    asked.clear()
    assert set_up.add_instructor_packages() == 0
    assert len(asked) == 1
    assert set_up.add_instructor_packages() == 0
    assert len(asked) == 1
    (folder / "requirements.lock").write_text("torch==2.13.0\nnumpy==2.4.6\n")
    assert set_up.add_instructor_packages() == 0
    assert len(asked) == 2  # the other lock changed, so they are looked at again


@pytest.mark.parametrize("step", ["--requirement", "--editable"])
def test_set_up_cut_short_is_not_done(empty_checkout, step):
    folder, made, _, fails = empty_checkout
    assert set_up.main() == 0
    (folder / "requirements.lock").write_text("torch==2.13.0\nnumpy==2.4.6\n")
    fails.append(step)
    assert set_up.main() == 1
    assert not (folder / ".venv" / ".ready").exists()
    fails.clear()
    assert set_up.main() == 0
    assert made == [True, False, True]  # what was cut short starts from nothing


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
