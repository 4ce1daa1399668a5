"""What the pages of the course are called, and where their labels are.

The notebooks have no Sphinx to resolve a reference, so their derivation looks it up here.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

TARGET = re.compile(r"^\s*\(([\w:.-]+)\)=\s*$")
_HEADING = re.compile(r"^#+\s+(.*?)\s*$")


@dataclass
class Label:
    """A place that a reference can lead to."""

    page: Path
    title: str


@dataclass
class Pages:
    """The titles of all pages, and all labels."""

    titles: dict[Path, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)


def read_pages(root: Path) -> Pages:
    """Scan the sources of all lessons and pages under `root`."""
    pages = Pages()
    for page in sorted([*(root / "notebooks").glob("*.md"), *(root / "book").glob("*.md")]):
        waiting: list[str] = []  # targets whose heading has not come yet
        for line in page.read_text(encoding="utf8").splitlines():
            if match := TARGET.match(line):
                waiting.append(match[1])
            elif match := _HEADING.match(line):
                pages.titles.setdefault(page, match[1])
                pages.labels |= {name: Label(page, match[1]) for name in waiting}
                waiting = []
    return pages
