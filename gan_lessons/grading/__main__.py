"""``python -m gan_lessons.grading COURSE --assignment lesson_01``: grade what was handed in."""

import argparse
import sys
import time

from gan_lessons.grading import course_folder, fence
from gan_lessons.grading.gradebook import Row
from gan_lessons.grading.kernel import Limits
from gan_lessons.grading.run import grade
from gan_lessons.progress import any_encoding


def main() -> int:
    """Grade, and say what came out."""
    any_encoding()
    if sys.platform == "win32":
        print("Grading needs Linux or macOS: Windows has no limits for the students' code.")
        return 2
    usual = Limits()
    parser = argparse.ArgumentParser(prog="python -m gan_lessons.grading", description=__doc__)
    parts = "the folder with source, release and submitted"
    parser.add_argument("course", type=course_folder, help=parts)
    parser.add_argument("--assignment", required=True, help="such as lesson_01")
    parser.add_argument("--workers", type=int, default=2, help="submissions at a time (2)")
    parser.add_argument("--cpu", type=float, default=usual.cpu, help="seconds for a submission")
    parser.add_argument("--wall", type=float, default=usual.wall, help="seconds, waiting too")
    parser.add_argument("--memory", type=int, default=usual.memory, help="megabytes")
    parser.add_argument("--seed", type=int, help="instead of the one in the course's seed.txt")
    given = parser.parse_args()
    lesson = given.course / "release" / given.assignment / f"{given.assignment}.ipynb"
    for needed in (lesson, given.course / "submitted"):
        if not needed.exists():
            print(f"There is no {needed}.", file=sys.stderr)
            return 2
    if gaps := fence.gaps():
        print(f"On this system student code can {gaps}: see “How student code is kept away”.")
    start = time.perf_counter()
    limits = Limits(given.cpu, given.wall, given.memory)
    rows = grade(given.course, given.assignment, given.workers, limits, given.seed, _tell)
    table = given.course / f"grades_{given.assignment}.csv"
    print(f"{len(rows)} submissions in {time.perf_counter() - start:.0f} s: {table}")
    return 0


def _tell(row: Row) -> None:
    print(f"{row.student}: {row.points:g}", *row.notes, flush=True)


if __name__ == "__main__":
    sys.exit(main())
