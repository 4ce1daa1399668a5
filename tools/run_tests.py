"""Run the tests, two processes at a time: `make test`, and what `make test-all` adds to it.

The book is built first if it is stale; the times that are printed leave this out.
"""

import sys
import time

from tools import build_book, check_versions, expected_outputs
from tools.browser import NO_BROWSER, OTHERS, find_browser, find_programs, left_out
from tools.execution import CELL_SECONDS
from tools.paths import BUILD, ROOT, package_tests
from tools.timed_tests import passed

EXPECTED = BUILD / "expected"
# One file stays in one process: its cells share a kernel, its tests a browser.
BY_FILE = ("--dist", "loadfile", "--durations", "10")
# PyTorch's and MKL's plainest kernels: what leans on the processor shows.
OTHER_PROCESSOR = {"ATEN_CPU_CAPABILITY": "default", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"}


def quick() -> list[bool]:
    """What a reader's machine must pass: the package, the tools and the site."""
    title = "Tests of the package, the tools and the site"
    return [passed(title, *BY_FILE, "tests", "-m", "not slow")]


def rest() -> list[bool]:
    """The guards that take minutes."""
    for engine in OTHERS:
        if not find_programs(engine):
            print(left_out(engine))
    expected_outputs.write(EXPECTED)
    notebooks = EXPECTED.relative_to(ROOT)  # pytest refuses a path with a [ in it
    nbval = ("--nbval", "--nbval-cell-timeout", str(CELL_SECONDS), "-p", "no:cacheprovider")
    return [
        passed("Slow tests", *BY_FILE, "tests", "-m", "slow"),
        passed(
            "The readers' notebooks run, and say what the site says", *BY_FILE, notebooks, *nbval
        ),
        passed("As on another processor", *BY_FILE, *package_tests(), setting=OTHER_PROCESSOR),
        check_versions.oldest(),
    ]


def main() -> int:
    """Build the book if it is stale, then run the tests, whichever fail."""
    if build_book.main() != 0:
        return 1
    if find_browser() is None:
        print(NO_BROWSER)
    start = time.perf_counter()
    outcomes = rest() if sys.argv[1:] == ["rest"] else quick()
    print(f"\nThese tests took {time.perf_counter() - start:.0f} s (without the build).")
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
