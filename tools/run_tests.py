"""Run the tests, two processes at a time: `make test`, and what `make test-all` adds to it.

The book is built first if it is stale; the times that are printed leave this out.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tools import build_book, check_versions, expected_outputs
from tools.browser import NO_BROWSER, find_browser
from tools.execution import AT_ONCE, CELL_SECONDS, REPRODUCIBLE
from tools.paths import BUILD, ROOT, package_tests

EXPECTED = BUILD / "expected"
# PyTorch's and MKL's plainest kernels: what leans on the processor shows.
OTHER_PROCESSOR = {"ATEN_CPU_CAPABILITY": "default", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"}


def pytest(title: str, *arguments: str | Path, setting: Mapping[str, str] | None = None) -> bool:
    """Run pytest in the lessons' environment; say whether all passed, and what was slow."""
    print(f"\n{title}", flush=True)
    start = time.perf_counter()
    # One file stays in one process: its cells share a kernel, its tests a browser.
    how = ("-q", "-n", str(AT_ONCE), "--dist", "loadfile", "--durations", "10")
    command = [sys.executable, "-m", "pytest", *how, *map(str, arguments)]
    environment = {**os.environ, **REPRODUCIBLE, **(setting or {})}
    done = subprocess.run(command, cwd=ROOT, env=environment)
    print(f"{title}: {time.perf_counter() - start:.0f} s", flush=True)
    return done.returncode == 0


def quick() -> list[bool]:
    """What a reader's machine must pass: the package, the tools and the site."""
    return [pytest("Tests of the package, the tools and the site", "tests", "-m", "not slow")]


def rest() -> list[bool]:
    """The guards that take minutes."""
    expected_outputs.write(EXPECTED)
    notebooks = EXPECTED.relative_to(ROOT)  # pytest refuses a path with a [ in it
    nbval = ("--nbval", "--nbval-cell-timeout", str(CELL_SECONDS), "-p", "no:cacheprovider")
    return [
        pytest("Slow tests", "tests", "-m", "slow"),
        pytest("The readers' notebooks run, and say what the site says", notebooks, *nbval),
        pytest("As on another processor", *package_tests(), setting=OTHER_PROCESSOR),
        check_versions.oldest(),
    ]


def main() -> int:
    """Build the book if it is stale, then run the tests, whichever fail."""
    if build_book.main() != 0:
        return 1
    if find_browser() is None:
        print(NO_BROWSER)
    start = time.perf_counter()
    passed = rest() if sys.argv[1:] == ["rest"] else quick()
    print(f"\nThese tests took {time.perf_counter() - start:.0f} s (without the build).")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
