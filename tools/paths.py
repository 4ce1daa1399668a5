"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
NOTEBOOKS = ROOT / "notebooks"
TESTS = ROOT / "tests"
ASSIGNMENTS = ROOT / "assignments"
BUILD = ROOT / "_build"
SITE = BUILD / "html"
EXECUTED = BUILD / "executed"
CACHE = BUILD / "cache"
COURSE = BUILD / "assignments"


def package_tests() -> list[Path]:
    """The tests of the package's modules, which need no browser and no tool of the book.

    Below the root, since pytest refuses a path with a [ in it.
    """
    modules = sorted((ROOT / "gan_lessons").glob("[a-z]*.py"))
    tests = [TESTS / f"test_{module.stem}.py" for module in modules]
    return [test.relative_to(ROOT) for test in tests if test.exists()]


def lessons(root: Path = ROOT) -> list[Path]:
    """The sources of the lessons, in their order."""
    return sorted((root / "notebooks").glob("[0-9][0-9]_*.md"))
