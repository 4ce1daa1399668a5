"""What the pages of the course are called, and where their labels are.

The notebooks have no Sphinx to resolve a reference, so their derivation looks it up here.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

_TARGET = re.compile(r"^\s*\(([\w:.-]+)\)=\s*$")
_HEADING = re.compile(r"^#+\s+(.*?)\s*$")
_OPTION = re.compile(r"^\s*:(?:label|name):\s*(\S+)\s*$")
_DIRECTIVE = re.compile(r"^\s*(?:`{3,}|~{3,}|:{3,})\{([\w:-]+)\}\s*(.*?)\s*$")
_DOLLAR_LABEL = re.compile(r"\$\$\s*\(([\w:.-]+)\)\s*$")


@dataclass
class Label:
    """A place that a reference can lead to."""

    page: Path
    title: str
    equation: int | None = None


@dataclass
class Pages:
    """The titles of all pages, and all labels."""

    titles: dict[Path, str] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)


def read_pages(root: Path) -> Pages:
    """Scan the sources of all lessons and pages under `root`."""
    pages = Pages()
    for page in sorted([*(root / "notebooks").glob("*.md"), *(root / "book").glob("*.md")]):
        _scan(page, pages)
    return pages


def _scan(page: Path, pages: Pages) -> None:
    waiting: list[str] = []  # targets whose heading or directive has not come yet
    directive, title = "", ""
    equations = 0
    for line in page.read_text(encoding="utf8").splitlines():
        if match := _TARGET.match(line):
            waiting.append(match[1])
        elif match := _DIRECTIVE.match(line):
            directive, title = match[1], match[2]
            for name in waiting:
                pages.labels[name] = Label(page, title or directive.capitalize())
            waiting = []
        elif (match := _OPTION.match(line)) and directive:
            if directive == "math":
                equations += 1
                pages.labels[match[1]] = Label(page, "Equation", equations)
            else:
                pages.labels[match[1]] = Label(page, title or directive.capitalize())
        elif match := _DOLLAR_LABEL.search(line):
            equations += 1
            pages.labels[match[1]] = Label(page, "Equation", equations)
        elif match := _HEADING.match(line):
            pages.titles.setdefault(page, match[1])
            for name in waiting:
                pages.labels[name] = Label(page, match[1])
            waiting = []
