"""A submission of any kind becomes a notebook that can be graded.

The released notebook is taken, and the student's text is put into its solution cells.  Code cells
of the student's own stay where they were: before the next cell that is known.  All else in a
submission (metadata, tags, outputs, attachments, the text of given cells) is left behind, so that
nothing in it can stumble or fool what comes after.
"""

import codecs
import copy
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any

import nbformat
from nbformat import NotebookNode

from gan_lessons.grading.words import clean

MAX_BYTES = 20_000_000
MAX_CELL = 100_000
MAX_OWN = 100
"""Code cells of the student's own."""
MAX_FILES = 20
"""Files of a folder, or of an archive, that are looked into."""
EXCHANGE = "timestamp.txt", "submission_secret.txt"
"""What nbgrader's exchange puts beside a submission, and asks for when it hands out feedback."""
ZIP = b"PK\x03\x04"
PAGE = "<!doctype html", "<html"


class NoNotebook(Exception):
    """There is nothing to take in; says why."""


@dataclass(frozen=True)
class Written:
    """A cell as the student left it: the known cell that it is, if any, and its text."""

    grade_id: str | None
    text: str
    is_code: bool


def find(folder: Path, name: str) -> Path | None:
    """The notebook ``name`` in a student's folder, or the likeliest other file that holds one.

    Browsers and mail programs rename files: what counts is what stands in them.  If none holds a
    notebook, it is the likeliest file.  A link is nobody's work: it may lead to another student's.
    """
    found = _files(folder, name)
    books = (path for path in found[:MAX_FILES] if _holds_notebook(path, name))
    return next(books, found[0] if found else None)


def said_of(path: Path, folder: Path, name: str) -> list[str]:
    """Which file was taken, where this is not plain: by another name, or not the only one."""
    others = [_shown(other, folder) for other in _files(folder, name) if other != path]
    others = [other for other in others if "ipynb" in other.lower()]
    if path.name == name and not others:
        return []
    left = f" and not {', '.join(others[:5])}" if others else ""
    return [f"{_shown(path, folder)} was taken{left}."]


def _shown(path: Path, folder: Path) -> str:
    return clean(path.relative_to(folder))


def _files(folder: Path, name: str) -> list[Path]:
    """The files in a student's folder, the likeliest first."""
    if folder.is_symlink():
        return []
    found = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    found = [path for path in found if _is_work(path.relative_to(folder))]
    return sorted(found, key=lambda path: (*_likeness(path, name), *_age(path)), reverse=True)


def _is_work(path: PurePath) -> bool:
    made = (".ipynb_checkpoints", "__MACOSX", ".DS_Store", *EXCHANGE)
    return not path.name.startswith("._") and not set(made) & set(path.parts)


def _likeness(path: PurePath, name: str) -> tuple[bool, bool, bool]:
    lower = path.name.lower()
    return path.name == name, lower.endswith(".ipynb"), ".ipynb" in lower


def _age(path: Path) -> tuple[float, str]:
    return path.stat().st_mtime, str(path)


def _holds_notebook(path: Path, name: str) -> bool:
    return path.stat().st_size <= MAX_BYTES and _read(path.read_bytes(), {}, name) is not None


def take_in(
    release: NotebookNode, path: Path | None, name: str = ""
) -> tuple[NotebookNode, list[str]]:
    """The released notebook with the answers found at ``path``, and notes for its author.

    ``name`` is the notebook's own, should there be several in an archive.
    Raises ``NoNotebook`` where there are none.
    """
    if path is None:
        raise NoNotebook("No notebook was found: nothing could be marked.")
    texts = {cell.source.strip(): grade_id_of(cell) for cell in release.cells if cell.source}
    if path.stat().st_size > MAX_BYTES:
        large = f"{clean(path.name)} is larger than {MAX_BYTES / 1e6:g} MB: clear its outputs."
        raise NoNotebook(f"{large} Nothing could be marked.")
    data = path.read_bytes()
    cells = _read(data, texts, name)
    if cells is None and _text(data[:1000]).lstrip().lower().startswith(PAGE):
        page = (
            f"{clean(path.name)} is a web page: the notebook itself, the file .ipynb, is wanted."
        )
        raise NoNotebook(f"{page} Nothing could be marked.")
    if cells is None:
        raise NoNotebook(f"{clean(path.name)} is no notebook that can be read: not marked.")
    short = [cell for cell in cells if len(cell.text) <= MAX_CELL]
    left_out = [f"A cell of more than {MAX_CELL} characters was left out."][
        : len(cells) - len(short)
    ]
    cells = short
    own = _own_cells(cells, release)
    if sum(map(len, own.values())) > MAX_OWN:
        many = f"{clean(path.name)} has more than {MAX_OWN} code cells of its own"
        raise NoNotebook(f"{many}: not marked.")
    merged, notes = _merged(release, cells, own)
    return merged, [*left_out, *notes]


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


def _read(data: bytes, given: dict[str, str | None], name: str) -> list[Written] | None:
    """The cells in a file, which may be an archive; None if it holds no notebook."""
    if data.startswith(ZIP):
        books = (_read_cells(member, given) for member in _members(data, name))
        return next((cells for cells in books if cells is not None), None)
    return _read_cells(data, given)


def _read_cells(data: bytes, given: dict[str, str | None]) -> list[Written] | None:
    try:
        book = json.loads(_text(data))
        cells = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
        return [_written(cell, given) for cell in cells]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def _members(data: bytes, name: str) -> Iterator[bytes]:
    """What the files of an archive hold, the likeliest first, as far as they can be read."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        found = [i for i in archive.infolist() if not i.is_dir() and i.file_size <= MAX_BYTES]
        found = [info for info in found if _is_work(PurePath(info.filename))]
        found.sort(
            key=lambda i: (_likeness(PurePath(i.filename), name), i.date_time), reverse=True
        )
        for info in found[:MAX_FILES]:
            yield archive.read(info)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError):
        return  # RuntimeError is a password, or a way of packing that is not known


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
    return Written(grade_id, text, cell.get("cell_type") == "code")


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
    if seen:
        own[""] = waiting
    else:  # none of the cells is known: all of them come before the first that gives marks
        first = next(cell for cell in release.cells if kind_of(cell) == "grade")
        own[str(grade_id_of(first))] = waiting
    return own


def _texts(release: NotebookNode, cells: Sequence[Written]) -> dict[str | None, str]:
    """For each answer in words all that the student wrote there, below its question."""
    pairs = pairwise(release.cells)
    asked = {a.source.strip(): grade_id_of(b) for a, b in pairs if b.cell_type == "markdown"}
    given = {cell.source.strip() for cell in release.cells}
    found: dict[str | None, str] = {}
    here = None
    for cell in cells:
        text = cell.text.strip()
        here = cell.grade_id or (asked.get(text) if text in given else here)
        if here in asked.values() and text not in given and here and not cell.is_code:
            found[here] = f"{found.get(here, '')}\n\n{text}".strip()
    return found


def _merged(
    release: NotebookNode, cells: Sequence[Written], own: dict[str, list[str]]
) -> tuple[NotebookNode, list[str]]:
    first: dict[str | None, Written] = {}
    for cell in cells:
        first.setdefault(cell.grade_id, cell)
    merged = copy.deepcopy(release)
    missing, changed = [], []
    texts = _texts(release, cells)
    result: list[NotebookNode] = []
    for cell in merged.cells:
        grade_id = grade_id_of(cell)
        result += _as_cells(own.get(grade_id or "-", []), len(result))
        result.append(cell)
        if grade_id and grade_id not in first:
            missing.append(grade_id)
            if kind_of(cell) == "solution":  # the answer may stand in a cell of the student's own
                cell.source = texts.get(grade_id, "")
        elif grade_id and kind_of(cell) == "solution":
            cell.source = texts.get(grade_id, first[grade_id].text)
        elif grade_id and first[grade_id].text.strip() != cell.source.strip():
            changed.append(grade_id)
    merged.cells = result + _as_cells(own.get("", []), len(result))
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
