"""What a learning platform packs becomes a course's folder, and marks go back by its own ids.

``python -m gan_lessons.grading.collect COURSE submissions.zip --assignment lesson_01`` takes what
Moodle ("Download all submissions") and Canvas ("Download Submissions") give.
"""

import argparse
import csv
import io
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gan_lessons.grading import course_folder
from gan_lessons.grading.files import write_whole
from gan_lessons.grading.gradebook import Row
from gan_lessons.grading.intake import MAX_BYTES
from gan_lessons.grading.words import clean, plain
from gan_lessons.progress import any_encoding

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
    write_whole(course / ROSTER, _csv([Person._fields, *known.values()]))
    return list(people.values())


def roster(course: Path) -> list[Person]:
    """Who was collected from a platform."""
    path = course / ROSTER
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf8") as file:
        return [Person(**line) for line in csv.DictReader(file)]


def tables(course: Path, lesson: str, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """For each platform in the roster, a file to import there: its name and its text."""
    points = {row.student: row.points for row in rows}
    out_of = sum(mark.out_of for mark in rows[0].marks) if rows else 0
    people = [person for person in roster(course) if person.student in points]
    for platform in PLATFORMS:
        own = [(p.id, plain(p.name), points[p.student]) for p in people if p.platform == platform]
        marks = [(id, name, "" if given is None else f"{given:g}") for id, name, given in own]
        if platform == "moodle":
            lines = [["Identifier", "Full name", "Grade"]]
            lines += [[f"Participant {id}", name, mark] for id, name, mark in marks]
        else:
            lines = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", lesson]]
            lines += [["Points Possible", "", "", "", "", f"{out_of:g}"]]
            lines += [[name, id, "", "", "", mark] for id, name, mark in marks]
        if marks:
            yield f"grades_{lesson}_{platform}.csv", _csv(lines)


def _person(path: str) -> tuple[Person, str] | None:
    for platform, pattern in PLATFORMS.items():
        if found := pattern.search(path.replace("\\", "/")):
            name = re.sub(r"[^\w .'-]", " ", found["name"]).strip(" .") or "student"
            person = Person(f"{name[:80]} {found['id']}", platform, found["id"], name)
            file = re.sub(r"[^\w .()-]", "_", found["file"])[-100:].lstrip(".")
            return person, file or "work"
    return None


def _csv(lines: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(lines)
    return file.getvalue()


def main() -> int:
    """Collect, and say who handed in."""
    any_encoding()
    name = "python -m gan_lessons.grading.collect"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("course", type=course_folder)
    parser.add_argument("archive", type=course_folder, help="the platform's .zip")
    parser.add_argument("--assignment", required=True, help="such as lesson_01")
    given = parser.parse_args()
    if not (given.course / "release" / given.assignment).is_dir():
        print(f"There is no {given.course / 'release' / given.assignment}.", file=sys.stderr)
        return 2
    try:
        people = collect(given.archive, given.course, given.assignment)
    except (CollectError, OSError) as why:
        print(f"Nothing was collected: {why}.", file=sys.stderr)
        return 2
    print(f"{len(people)} students handed in {given.assignment}: {given.course / 'submitted'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
