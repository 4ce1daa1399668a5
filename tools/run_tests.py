"""Run every test: the package and the site, then each notebook, two processes at a time.

The book is built first if it is stale; the time that is printed leaves this out.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tools import build_book
from tools.browser import NO_BROWSER, find_browser
from tools.execution import AT_ONCE, CELL_SECONDS, REPRODUCIBLE
from tools.paths import EXECUTED, NOTEBOOKS, ROOT

NBVAL = ("--nbval-cell-timeout", str(CELL_SECONDS), "-p", "no:cacheprovider")


def pytest(title: str, *arguments: str | Path) -> bool:
    """Run pytest in the lessons' environment; say whether all passed."""
    print(f"\n{title}", flush=True)
    start = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(AT_ONCE), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **REPRODUCIBLE})
    print(f"{title}: {time.perf_counter() - start:.0f} s", flush=True)
    return done.returncode == 0


def main() -> int:
    """Build the book if it is stale, then run all tests, whichever fail."""
    if build_book.main() != 0:
        return 1
    start = time.perf_counter()
    if find_browser() is None:
        print(NO_BROWSER)
    # One file stays in one process: its cells share a kernel, its tests a browser.
    by_file = ("--dist", "loadfile")
    passed = [
        pytest("Tests of the package, the tools and the site", ROOT / "tests", *by_file),
        pytest("Each lesson says the same twice", EXECUTED, "--nbval", *NBVAL, *by_file),
        pytest("The readers' notebooks run", NOTEBOOKS, "--nbval-lax", *NBVAL, *by_file),
    ]
    print(f"\nAll tests took {time.perf_counter() - start:.0f} s (without the build).")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
