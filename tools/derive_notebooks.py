"""Derive the notebooks that readers open (`.ipynb`) from the lessons (`.md`).

A derived notebook has no outputs, no answers, no hidden tests and no MyST. It is a function of its
source alone, cell ids included, so that a check for freshness can compare bytes.
"""

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from tools import references
from tools.answers import asked
from tools.execution import SKIP, read_lesson, tags
from tools.myst_to_markdown import CELL, ConversionError, Converter
from tools.pages import Pages, read_pages
from tools.paths import lessons
from tools.repository import declared_address

__all__ = ["ConversionError", "derived_text", "stale"]

PREDICT = "from gan_lessons.predictions import predict"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
INSTALL = """\
# Networks this small run fastest on one thread.
# On Colab, fetch the course's helper package and an ffmpeg; Colab's own PyTorch stays.
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
if "google.colab" in sys.modules:
    %pip install --quiet --no-deps imageio-ffmpeg "gan-lessons @ git+{url}\""""


@cache
def _pages(root: Path) -> Pages:
    return read_pages(root)


def converted(lesson: Path) -> Iterator[tuple[NotebookNode, str]]:
    """The cells of `lesson`, each with its text, Markdown as plain Markdown.

    Raises ConversionError.
    """
    root = lesson.parents[1]
    entries = references.load(root / "book" / "references.bib")
    converter = Converter(lesson, _pages(root), entries, declared_address(root))
    source = read_lesson(lesson)
    lines = lesson.read_text(encoding="utf8").splitlines()
    for cell, start in zip(source.cells, source.metadata["source_map"], strict=True):
        if cell.cell_type != "markdown":
            yield cell, cell.source
            continue
        while not lines[start].strip():  # the cell is without its first blank lines
            start += 1
        yield cell, converter.convert(cell.source, start + 1)


def derived_text(lesson: Path) -> str:
    """The text of the notebook derived from `lesson`; raises ConversionError."""
    address = declared_address(lesson.parents[1])
    cells: list[dict[str, Any]] = []
    imports = f"{PREDICT}\n\n"  # of the first prediction
    for cell, text in converted(lesson):
        if cell.cell_type == "markdown":
            for part in re.split(rf"^({CELL}.*)$", text, flags=re.MULTILINE):
                if part.startswith(CELL):
                    asks, imports = imports + part.removeprefix(CELL), ""
                    cells.append(new_code_cell(asks, metadata={"tags": ["notebook-only"]}))
                else:
                    cells += _markdown(part.strip("\n"))
        elif "test" not in tags(cell):
            shown = asked(text) if "answer" in tags(cell) else text
            kept = _reader_tags(tags(cell))
            cells.append(new_code_cell(shown, metadata={"tags": kept} if kept else {}))
    if address:  # the installing cell follows the title
        title, _, below = cells[0]["source"].partition("\n")
        install = new_code_cell(INSTALL.format(url=address.url))
        cells[:1] = [new_markdown_cell(title), install, *_markdown(below.strip("\n"))]
    return notebook_text(lesson.stem, cells)


def notebook_text(name: str, cells: list[dict[str, Any]]) -> str:
    """A notebook of these cells as the text of its file.

    Each cell gets an id made from its content, so that an edit changes one id only.
    """
    seen: Counter[str] = Counter()
    for cell in cells:
        content = "\0".join([name, cell["cell_type"], *cell["source"].splitlines(keepends=True)])
        seen[content] += 1
        cell["id"] = hashlib.sha256(f"{content}\0{seen[content]}".encode()).hexdigest()[:12]
    about = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return f"{nbformat.writes(nbformat.from_dict(book))}\n"


def _reader_tags(all_tags: list[str]) -> list[str]:
    """The tags that stay: cells for notebooks only do run in a notebook, and answers are shown."""
    unwanted = {"hide-cell"} if "answer" in all_tags else set()
    if "notebook-only" in all_tags:
        unwanted = {"remove-cell", SKIP}
    return [tag for tag in all_tags if tag not in unwanted]


def _markdown(text: str) -> list[dict[str, Any]]:
    return [new_markdown_cell(text)] if text.strip() else []


def stale(root: Path) -> list[str]:
    """The names of the derived notebooks that are missing, out of date, or have no source."""
    wanted = {path.with_suffix(".ipynb"): derived_text(path) for path in lessons(root)}
    found = set((root / "notebooks").glob("*.ipynb"))
    return sorted(
        path.name
        for path in found | wanted.keys()
        if path not in found or wanted.get(path) != path.read_text(encoding="utf8")
    )


def main() -> int:
    """Write every derived notebook that changed."""
    try:
        for lesson in lessons():
            target, text = lesson.with_suffix(".ipynb"), derived_text(lesson)
            if not target.exists() or target.read_text(encoding="utf8") != text:
                target.write_text(text, encoding="utf8")
                print(f"wrote notebooks/{target.name}")
    except ConversionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
