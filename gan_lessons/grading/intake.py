"""A submission of any kind becomes a notebook that can be graded.

The released notebook is taken, and the student's text is put into its solution cells.  Code cells
of the student's own stay where they were: before the next cell that is known.  All else in a
submission (metadata, tags, outputs, attachments, the text of given cells) is left behind, so that
nothing in it can stumble or fool what comes after.
"""

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


def take_in(release: NotebookNode, folder: Path, name: str) -> tuple[NotebookNode, list[str]]:
    """The released notebook with the answers from a student's folder, and notes for their author.

    Browsers and mail programs rename files: what counts is what stands in them.  So the likeliest
    file that holds a notebook is taken; ``name`` is the notebook's own.
    Raises ``NoNotebook`` where there is none.
    """
    files = _likeliest(folder, name)
    if not files:
        raise NoNotebook("No notebook was found: nothing could be marked.")
    books = ((path, _read(path, name)) for path in files[:MAX_FILES])
    path, cells = next((book for book in books if book[1] is not None), (files[0], None))
    if cells is None:
        raise NoNotebook(f"{clean(path.name)} {_why_not(path)}")
    short = [cell for cell in cells if len(cell.text) <= MAX_CELL]
    long = f"A cell of more than {MAX_CELL} characters was left out."
    known, own = _sorted_out(release, short)
    if sum(map(len, own.values())) > MAX_OWN:
        many = f"{clean(path.name)} has more than {MAX_OWN} code cells of its own"
        raise NoNotebook(f"{many}: not marked.")
    merged, notes = _merged(release, known | _texts(release, short), own)
    return merged, [long] * (short != cells) + notes + _said_of(path, files, folder, name)


def files_in(folder: Path) -> list[Path]:
    """The files in a student's folder.  A link is nobody's work: it may lead to another's."""
    found = sorted(folder.rglob("*")) if not folder.is_symlink() else []
    return [path for path in found if path.is_file() and not path.is_symlink()]


def _likeliest(folder: Path, name: str) -> list[Path]:
    """The files that may be a submission, the likeliest first."""
    found = [path for path in files_in(folder) if _is_work(path.relative_to(folder))]
    age = {path: (path.stat().st_mtime, str(path)) for path in found}
    return sorted(found, key=lambda path: (_likeness(path, name), age[path]), reverse=True)


def _is_work(path: PurePath) -> bool:
    made = (".ipynb_checkpoints", "__MACOSX", ".DS_Store", *EXCHANGE)
    return not path.name.startswith("._") and not set(made) & set(path.parts)


def _likeness(path: PurePath, name: str) -> tuple[bool, bool, bool]:
    lower = path.name.lower()
    return path.name == name, lower.endswith(".ipynb"), ".ipynb" in lower


def _said_of(path: Path, files: Sequence[Path], folder: Path, name: str) -> list[str]:
    """Which file was taken, where this is not plain: by another name, or not the only one."""
    taken = clean(path.relative_to(folder))
    others = [clean(each.relative_to(folder)) for each in files if each != path]
    others = [other for other in others if "ipynb" in other.lower()]
    if path.name == name and not others:
        return []
    left = f" and not {', '.join(others[:5])}" if others else ""
    return [f"{taken} was taken{left}."]


def _why_not(path: Path) -> str:
    """What a file is that holds no notebook."""
    if path.stat().st_size > MAX_BYTES:
        return f"is larger than {MAX_BYTES / 1e6:g} MB: clear its outputs. Nothing was marked."
    if _text(path.read_bytes()[:1000]).lstrip().lower().startswith(PAGE):
        return "is a web page: the file .ipynb itself is wanted. Nothing could be marked."
    return "is no notebook that can be read: not marked."


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


def _read(path: Path, name: str) -> list[Written] | None:
    """The cells in a file, which may be an archive; None if it holds no notebook."""
    if path.stat().st_size > MAX_BYTES:
        return None
    data = path.read_bytes()
    members = _members(data, name) if data.startswith(ZIP) else [data]
    books = (_read_cells(member) for member in members)
    return next((cells for cells in books if cells is not None), None)


def _read_cells(data: bytes) -> list[Written] | None:
    try:
        book = json.loads(_text(data))
        cells = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
        return [_written(cell) for cell in cells]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def _members(data: bytes, name: str) -> Iterator[bytes]:
    """What the files of an archive hold, the likeliest first, as far as they can be read."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        found = {PurePath(info.filename): info for info in archive.infolist()}
        works = [path for path in found if _is_work(path) and not found[path].is_dir()]
        works.sort(key=lambda path: (_likeness(path, name), found[path].date_time), reverse=True)
        for info in (found[path] for path in works[:MAX_FILES]):
            if info.file_size <= MAX_BYTES:
                yield archive.read(info)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError):
        return  # RuntimeError is a password, or a way of packing that is not known


def _text(data: bytes) -> str:
    """UTF-8 with or without a mark in front, or what Windows calls Unicode."""
    return data.decode(json.detect_encoding(data), errors="replace")


def _written(cell: dict[str, Any]) -> Written:
    source = cell.get("source", cell.get("input", ""))
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    text = text.encode(errors="replace").decode()  # half a character can't be sent or written
    return Written(grade_id_of(cell), text, cell.get("cell_type") == "code")


def _texts(release: NotebookNode, cells: Sequence[Written]) -> dict[str, str]:
    """For each answer in words all that the student wrote there, below its question."""
    pairs = pairwise(release.cells)
    asked = {a.source.strip(): grade_id_of(b) for a, b in pairs if b.cell_type == "markdown"}
    given = {cell.source.strip() for cell in release.cells}
    found: dict[str, str] = {}
    here = None
    for cell in cells:
        text = cell.text.strip()
        here = cell.grade_id or (asked.get(text) if text in given else here)
        if here in asked.values() and text not in given and here and not cell.is_code:
            found[here] = f"{found.get(here, '')}\n\n{text}".strip()
    return found


def _merged(
    release: NotebookNode, known: dict[str, str], own: dict[str, list[str]]
) -> tuple[NotebookNode, list[str]]:
    """The released notebook with these texts in their places, and notes on what was put back."""
    merged = copy.deepcopy(release)
    missing, changed = [], []
    result: list[NotebookNode] = []
    for cell in merged.cells:
        grade_id = grade_id_of(cell) or ""
        result += _as_cells(own.get(grade_id, []) if grade_id else [], len(result))
        result.append(cell)
        if not grade_id:
            continue
        if grade_id not in known:
            missing.append(grade_id)
        elif kind_of(cell) != "solution" and known[grade_id].strip() != cell.source.strip():
            changed.append(grade_id)
        if kind_of(cell) == "solution":  # or the answer stands in a cell of the student's own
            cell.source = known.get(grade_id, "")
    merged.cells = result + _as_cells(own[""], len(result))
    return merged, [
        f"These cells {what}, and were put back: {', '.join(names)}."
        for what, names in (("were missing", missing), ("had been changed", changed))
        if names
    ]


def _sorted_out(
    release: NotebookNode, cells: Sequence[Written]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The texts of known cells, and code of the student's own by what it comes before ("": none).

    If none of the cells is known, all of them come before the first that gives marks.
    """
    kinds = {grade_id_of(cell): kind_of(cell) for cell in release.cells}
    texts = {cell.source.strip(): grade_id_of(cell) for cell in release.cells} | {"": None}
    found: dict[str, str] = {}
    own: dict[str, list[str]] = {"": []}
    for cell in cells:
        # Some editors lose a cell's metadata: then what was given is known by its text.
        grade_id = cell.grade_id or texts.get(cell.text.strip())
        if grade_id and grade_id in kinds and grade_id not in found:
            found[grade_id] = cell.text
            own |= {grade_id: own[""], "": []}
        elif cell.is_code and kinds.get(grade_id) not in ("grade", "given"):
            own[""] += [cell.text] if cell.text.strip() not in texts else []
    if not found:
        first = next(cell for cell in release.cells if kind_of(cell) == "grade")
        own |= {str(grade_id_of(first)): own[""], "": []}
    return found, own


def _as_cells(texts: Sequence[str], start: int) -> list[NotebookNode]:
    return [
        nbformat.v4.new_code_cell(text, id=f"own-{start + number}")
        for number, text in enumerate(texts)
    ]
