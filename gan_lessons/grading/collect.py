"""What a learning platform packs becomes a course's folder, and marks go back by its own ids.

That is what Moodle ("Download all submissions") and Canvas ("Download Submissions") give.
"""

import csv
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gan_lessons.grading.files import write_table
from gan_lessons.grading.gradebook import Row, shown
from gan_lessons.grading.intake import MAX_BYTES
from gan_lessons.grading.words import clean, plain

PLATFORMS = {
    "moodle": re.compile(
        r"(?:^|/)(?P<name>[^/]+?)_(?P<id>\d+)_assignsubmission_file(?:_?/|_)(?P<file>[^/]+)$"
    ),
    "canvas": re.compile(r"(?:^|/)(?P<name>[^/_]+)(?:_LATE)?_(?P<id>\d+)_\d+_(?P<file>[^/]+)$"),
}
"""How each names a file in its archive."""
ROSTER = "roster.csv"
"""Whose folder is whose: student, platform, id, name."""


class CollectError(Exception):
    """Nothing was collected; says why."""


class Person(NamedTuple):
    """A student as a platform knows them."""

    student: str
    platform: str
    id: str
    name: str


def collect(archive: Path, course: Path, lesson: str) -> list[Person]:
    """Put what is in the archive into ``submitted/``; who handed in.

    What somebody had handed in before for this lesson is replaced.  Raises ``CollectError``.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            files = packed.infolist()
            taken = [(info, *whose) for info in files if (whose := _person(info.filename))]
            if not taken:
                raise CollectError(f"{archive} holds no file named as Moodle or Canvas do it")
            if large := [i.filename for i, *_ in taken if i.file_size > MAX_BYTES]:
                raise CollectError(f"larger than {MAX_BYTES / 1e6:g} MB: {clean(large)}")
            data = [(person, name, packed.read(info)) for info, person, name in taken]
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise CollectError(f"{archive} can't be read: {clean(error)}") from None
    people = {person.student: person for person, _, _ in data}
    submitted = course / "submitted"
    submitted.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=submitted, prefix=".new-") as new:
        for person, name, content in data:
            (new_folder := Path(new, person.student)).mkdir(exist_ok=True)
            (new_folder / name).write_bytes(content)
        for student in people:  # all is on the disk: what was there may go
            shutil.rmtree(submitted / student / lesson, ignore_errors=True)
            (submitted / student).mkdir(exist_ok=True)
            os.replace(Path(new, student), submitted / student / lesson)
    known = {person.student: person for person in roster(course)} | people
    write_table(course / ROSTER, [Person._fields, *known.values()])
    return list(people.values())


def roster(course: Path) -> list[Person]:
    """Who was collected from a platform."""
    path = course / ROSTER
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf8") as file:
        return [Person(**line) for line in csv.DictReader(file)]


def write_tables(course: Path, lesson: str, rows: Sequence[Row]) -> None:
    """For each platform in the roster, write a file to import there."""
    points = {row.student: shown(row.points) for row in rows}
    out_of = shown(sum(mark.out_of for mark in rows[0].marks) if rows else 0)
    people = [person for person in roster(course) if person.student in points]
    for platform in PLATFORMS:
        own = [person for person in people if person.platform == platform]
        marks = [(person.id, plain(person.name), points[person.student]) for person in own]
        if platform == "moodle":
            lines = [["Identifier", "Full name", "Grade"]]
            lines += [[f"Participant {id}", name, mark] for id, name, mark in marks]
        else:
            lines = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", lesson]]
            lines += [["Points Possible", "", "", "", "", out_of]]
            lines += [[name, id, "", "", "", mark] for id, name, mark in marks]
        if marks:
            write_table(course / f"grades_{lesson}_{platform}.csv", lines)


def _person(path: str) -> tuple[Person, str] | None:
    for platform, pattern in PLATFORMS.items():
        if found := pattern.search(path.replace("\\", "/")):
            name = re.sub(r"[^\w .'-]", " ", found["name"]).strip(" .") or "student"
            person = Person(f"{name[:80]} {found['id']}", platform, found["id"], name)
            file = re.sub(r"[^\w .()-]", "_", found["file"])[-100:].lstrip(".")
            return person, file or "work"
    return None
