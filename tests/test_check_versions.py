"""The promised versions: where they stand, and that each set is installed once."""

import os
import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools import check_versions
from tools.paths import package_tests


def test_the_oldest_versions_are_the_lower_bounds():
    promised = {each.name: each for each in check_versions.promised()}
    oldest = {r.name: r for r in map(Requirement, check_versions.lower_bounds())}
    assert oldest.keys() == promised.keys() - {"torch"}
    for name, requirement in oldest.items():
        (bound,), (version,) = promised[name].specifier, requirement.specifier
        assert (bound.operator, version.operator) == (">=", "==")
        assert bound.version == version.version


def test_colab_may_install_the_package():
    promised = {each.name: each.specifier for each in check_versions.promised()}
    text = check_versions.COLAB.read_text(encoding="utf8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for requirement in map(Requirement, lines):
        (pin,) = requirement.specifier
        assert promised[requirement.name].contains(pin.version), requirement
    python = re.search(r"Python (3\.\d+)", text)[1]
    assert SpecifierSet(check_versions.project()["requires-python"]).contains(python)


def test_the_packages_tests_are_those_of_its_modules():
    names = {path.name for path in package_tests()}
    assert {"test_engine.py", "test_video.py", "test_training.py", "test_validation.py"} <= names
    assert not {"test_build.py", "test_lab_view.py", "test_grading.py", "test_pages.py"} & names


def test_a_set_is_installed_once_and_again_when_it_changes(tmp_path):
    folder = tmp_path / "set"
    outcomes = [True, True, False, True]  # of those that are really asked for
    left = []

    def install():
        left.append(folder.exists())
        folder.mkdir()
        return outcomes[len(left) - 1]

    asked = ("numpy==2.0", "numpy==2.0", "numpy==2.1", "numpy==2.2", "numpy==2.2", "numpy==2.2")
    worked = [check_versions.installed(folder, wanted, install) for wanted in asked]
    assert worked == [True, True, True, False, True, True]
    assert left == [False] * 4  # each starts from nothing


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins are scripts of a shell")
def test_a_python_that_does_not_run_is_none(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path / "one") + os.pathsep + str(tmp_path / "two"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(check_versions, "installed", lambda *_: pytest.fail("was called"))
    colab = tmp_path / "colab.txt"
    colab.write_text("# Python 3.99\n", encoding="utf8")
    monkeypatch.setattr(check_versions, "COLAB", colab)
    assert check_versions.colab()
    assert capsys.readouterr().out == (
        "Colab's versions are skipped: there is no Python 3.99 here.\n"
    )
    for folder, status in (("one", 127), ("two", 0)):
        script = tmp_path / folder / "python3.99"
        script.parent.mkdir()
        script.write_text(f"#!/bin/sh\nexit {status}\n", encoding="utf8")
        script.chmod(0o755)
    assert check_versions.find_python("3.99") == tmp_path / "two" / "python3.99"


@pytest.mark.parametrize("worked", [True, False])
def test_a_set_that_fails_fails(monkeypatch, worked):
    monkeypatch.setattr(check_versions, "oldest", lambda: worked)
    monkeypatch.setattr(check_versions, "colab", lambda: True)
    assert check_versions.main() == (0 if worked else 1)


def test_the_oldest_packages_are_for_the_oldest_python(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    assert check_versions.oldest()
    assert "skipped" in capsys.readouterr().out
