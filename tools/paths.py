"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
NOTEBOOKS = ROOT / "notebooks"
PACKAGE = ROOT / "gan_lessons"
TESTS = ROOT / "tests"
ASSIGNMENTS = ROOT / "assignments"
BUILD = ROOT / "_build"
SITE = BUILD / "html"
EXECUTED = BUILD / "executed"
CACHE = BUILD / "cache"
COURSE = BUILD / "assignments"


def lessons(root: Path = ROOT) -> list[Path]:
    """The sources of the lessons, in their order."""
    return sorted((root / "notebooks").glob("[0-9][0-9]_*.md"))
