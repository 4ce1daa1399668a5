"""``python -m gan_lessons.grading COURSE --assignment lesson_01``: grade what was handed in."""

import argparse
import sys
import time

from gan_lessons.grading import course_folder, sandbox
from gan_lessons.grading.collect import CollectError, collect
from gan_lessons.grading.gradebook import Row
from gan_lessons.grading.run import grade
from gan_lessons.grading.sandbox import Limits
from gan_lessons.grading.words import clean
from gan_lessons.progress import any_encoding


def main() -> int:
    """Grade, and say what came out."""
    any_encoding()
    parser = argparse.ArgumentParser(prog="python -m gan_lessons.grading", description=__doc__)
    parts = "the folder with source, release and submitted"
    parser.add_argument("course", type=course_folder, help=parts)
    parser.add_argument("--assignment", required=True, help="such as lesson_01")
    packed = "take in what Moodle or Canvas packed, a .zip, and grade nothing yet"
    parser.add_argument("--collect", type=course_folder, metavar="ZIP", help=packed)
    parser.add_argument("--student", default="", help="grade this one again, and no other")
    parser.add_argument("--workers", type=int, default=2, help="submissions at a time (2)")
    parser.add_argument("--cpu", type=float, default=Limits.cpu, help="seconds for a submission")
    parser.add_argument("--step", type=float, default=Limits.step, help="seconds for a cell")
    parser.add_argument("--wall", type=float, default=Limits.wall, help="seconds, waiting too")
    parser.add_argument("--memory", type=int, default=Limits.memory, help="megabytes")
    trust = "run what they wrote without a sandbox: it can read and change all your files"
    parser.add_argument("--trust-students", action="store_true", help=trust)
    given = parser.parse_args()
    lesson = given.course / "release" / given.assignment / f"{given.assignment}.ipynb"
    submitted = given.course / "submitted" / given.student
    for needed in (lesson,) if given.collect else (lesson, submitted):
        if not needed.exists():
            print(f"There is no {needed}.", file=sys.stderr)
            return 2
    if given.collect:
        try:
            people = collect(given.collect, given.course, given.assignment)
        except (CollectError, OSError) as why:
            print(f"Nothing was collected: {why}.", file=sys.stderr)
            return 2
        print(f"{len(people)} students handed in {given.assignment}.")
        return 0
    if sys.platform == "win32":
        print("Grading needs Linux or macOS: Windows has no limits for the students' code.")
        return 2
    if not given.trust_students:
        try:
            sandbox.check()
        except sandbox.NoSandbox as why:
            print(f"Nothing was graded: {why}.\nWith --trust-students: {trust}.", file=sys.stderr)
            return 2
    start = time.perf_counter()
    limits = Limits(given.cpu, given.step, given.wall, given.memory)
    how = (given.workers, limits, None, given.student, given.trust_students)
    rows = grade(given.course, given.assignment, *how, _tell)
    table = given.course / f"grades_{given.assignment}.csv"
    print(f"{len(rows)} submissions in {time.perf_counter() - start:.0f} s: {table}")
    waiting = [clean(row.student) for row in rows if row.waits]
    if waiting:
        print(f"To be marked by hand, in nbgrader's Formgrader: {', '.join(waiting)}.")
    open_ones = [clean(row.student) for row in rows if row.points is None and not row.waits]
    if open_ones:
        print(f"Open are the marks of {', '.join(open_ones)}: grade again.")
    return 1 if open_ones else 0


def _tell(row: Row) -> None:
    given = "without the marks by hand" if row.waits else "open"
    points = given if row.points is None else f"{row.points:g}"
    print(f"{clean(row.student)}: {points}", *map(clean, row.notes), flush=True)


if __name__ == "__main__":
    sys.exit(main())
