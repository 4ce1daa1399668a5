"""A submission of any kind becomes a notebook that can be graded.

The released notebook is taken, and the student's text is put into its solution cells.  Code cells
of the student's own stay where they were: before the next cell that is known.  All else in a
submission (metadata, tags, outputs, attachments, the text of given cells) is left behind, so that
nothing in it can stumble or fool what comes after.
"""

import codecs
import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

MAX_BYTES = 20_000_000
MAX_CELL = 20_000
MAX_OWN = 100
"""Code cells of the student's own."""


class NoNotebook(Exception):
    """There is nothing to take in; says why."""


@dataclass(frozen=True)
class Written:
    """A cell as the student left it: the known cell that it is, if any, and its text."""

    grade_id: str | None
    text: str
    is_code: bool


def find(folder: Path, name: str) -> Path | None:
    """The notebook ``name`` in a student's folder, or the newest other one that is there.

    A link is nobody's work: it may lead to another student's.
    """
    if folder.is_symlink():
        return None
    found = [path for path in folder.rglob("*.ipynb") if path.is_file() and not path.is_symlink()]
    found = [path for path in found if ".ipynb_checkpoints" not in path.parts]
    return max(found, key=lambda path: (path.name == name, _age(path)), default=None)


def _age(path: Path) -> tuple[float, str]:
    return path.stat().st_mtime, str(path)


def take_in(release: NotebookNode, path: Path | None) -> tuple[NotebookNode, list[str]]:
    """The released notebook with the answers found at ``path``, and notes for its author.

    Raises ``NoNotebook`` where there are none.
    """
    if path is None:
        raise NoNotebook("No notebook was found: nothing could be marked.")
    texts = {cell.source.strip(): grade_id_of(cell) for cell in release.cells if cell.source}
    if path.stat().st_size > MAX_BYTES:
        large = f"{path.name} is larger than {MAX_BYTES / 1e6:g} MB: clear its outputs."
        raise NoNotebook(f"{large} Nothing could be marked.")
    cells = _read(path, texts)
    if cells is None:
        raise NoNotebook(f"{path.name} is no notebook that can be read: nothing could be marked.")
    own = _own_cells(cells, release)
    if sum(map(len, own.values())) > MAX_OWN:
        raise NoNotebook(f"{path.name} has more than {MAX_OWN} code cells of its own: not marked.")
    return _merged(release, cells, own)


def grade_id_of(cell: Any) -> str | None:
    """The name that nbgrader knows a cell by."""
    try:
        return str(cell["metadata"]["nbgrader"]["grade_id"])
    except (KeyError, TypeError):
        return None


def kind_of(cell: NotebookNode) -> str:
    """What a released cell is: "solution", "grade", "given", or "" for text."""
    about = cell.metadata.get("nbgrader", {})
    return next((kind for kind in ("solution", "grade") if about.get(kind)), about and "given")


def _read(path: Path, given: dict[str, str | None]) -> list[Written] | None:
    """The cells in a file; None if it holds no notebook."""
    try:
        book = json.loads(_text(path.read_bytes()))
        cells = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
        return [_written(cell, given) for cell in cells]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def _text(data: bytes) -> str:
    """UTF-8 with or without a mark in front, or what Windows calls Unicode."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def _written(cell: dict[str, Any], given: dict[str, str | None]) -> Written:
    source = cell.get("source", cell.get("input", ""))
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    text = text.encode(errors="replace").decode()  # half a character can't be sent or written
    # Some editors lose a cell's metadata: then what was given is known by its text.
    grade_id = grade_id_of(cell) or given.get(text.strip())
    return Written(grade_id, text[:MAX_CELL], cell.get("cell_type") == "code")


def _own_cells(cells: Sequence[Written], release: NotebookNode) -> dict[str, list[str]]:
    """Code cells of the student's own, by the known cell that each comes before ("": none)."""
    known = {grade_id_of(cell): kind_of(cell) for cell in release.cells}
    texts = {"", *(cell.source.strip() for cell in release.cells)}
    own: dict[str, list[str]] = {}
    waiting: list[str] = []
    seen: set[str] = set()
    for cell in cells:
        if cell.grade_id in known and cell.grade_id and cell.grade_id not in seen:
            own.setdefault(cell.grade_id, []).extend(waiting)
            seen.add(cell.grade_id)
            waiting = []
        elif cell.is_code and known.get(cell.grade_id) not in ("grade", "given"):
            waiting += [cell.text] if cell.text.strip() not in texts else []
    own[""] = waiting
    return own


def _merged(
    release: NotebookNode, cells: Sequence[Written], own: dict[str, list[str]]
) -> tuple[NotebookNode, list[str]]:
    first: dict[str | None, Written] = {}
    for cell in cells:
        first.setdefault(cell.grade_id, cell)
    merged = copy.deepcopy(release)
    missing, changed = [], []
    result: list[NotebookNode] = []
    for cell in merged.cells:
        grade_id = grade_id_of(cell)
        result += _as_cells(own.get(grade_id or "-", []), len(result))
        result.append(cell)
        if grade_id and grade_id not in first:
            missing.append(grade_id)
            if kind_of(cell) == "solution":  # the answer may stand in a cell of the student's own
                cell.source = ""
        elif grade_id and kind_of(cell) == "solution":
            cell.source = first[grade_id].text
        elif grade_id and first[grade_id].text.strip() != cell.source.strip():
            changed.append(grade_id)
    merged.cells = result + _as_cells(own[""], len(result))
    return merged, [
        f"These cells {what}, and were put back: {', '.join(names)}."
        for what, names in (("were missing", missing), ("had been changed", changed))
        if names
    ]


def _as_cells(texts: Sequence[str], start: int) -> list[NotebookNode]:
    return [
        nbformat.v4.new_code_cell(text, id=f"own-{start + number}")
        for number, text in enumerate(texts)
    ]
