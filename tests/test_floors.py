"""A module of the package imports only from the floors below its own."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "gan_lessons"
# They stand in the guide for contributors, lowest first.
GUIDE = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf8")
(LINE,) = re.findall("^`validation`.* → .*$", GUIDE, re.MULTILINE)
FLOORS = [re.findall(r"`(\w+)`", floor) for floor in LINE.split(" → ")]
FLOOR = {module: number for number, floor in enumerate(FLOORS) for module in floor}


def imported(source):
    """The modules of the package that this source imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.startswith("gan_lessons")}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = f"gan_lessons.{base}".rstrip(".")
            if base == "gan_lessons":
                found |= {f"{base}.{a.name}" for a in node.names}
            elif base.startswith("gan_lessons."):
                found.add(base)
    return {name.split(".")[1] if "." in name else name for name in found}


def violations(module, source):
    return {
        other for other in imported(source) if not FLOOR.get(other, len(FLOORS)) < FLOOR[module]
    }


def files(module):
    """The files of a module, or of a package, whose parts may import each other."""
    return [
        path
        for path in (PACKAGE / f"{module}.py", *(PACKAGE / module).glob("*.py"))
        if path.exists()
    ]


def test_every_module_has_a_floor():
    found = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert found | {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(FLOOR)


@pytest.mark.parametrize("module", FLOOR)
def test_imports_go_down(module):
    own = {module} if (PACKAGE / module).is_dir() else set()
    assert files(module)
    for path in files(module):
        assert not violations(module, path.read_text(encoding="utf8")) - own, path


def test_the_package_itself_imports_nothing():
    assert not imported((PACKAGE / "__init__.py").read_text(encoding="utf8"))


@pytest.mark.parametrize(
    "line",
    [
        "from gan_lessons import training",
        "from gan_lessons.training import train",
        "import gan_lessons.training as t",
        "from . import training",
        "from .training import train",
        "def f():\n    from gan_lessons.widgets import explore_game",
        "import gan_lessons",
        "from gan_lessons import nothing_known",
    ],
)
def test_an_import_upwards_would_be_seen(line):
    assert violations("losses", line)


def test_an_import_downwards_is_allowed():
    assert not violations("training", "import numpy\nfrom gan_lessons.losses import mean_loss")
