"""Run pytest as the lessons are run, and say how long it took."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tools.execution import AT_ONCE, REPRODUCIBLE
from tools.paths import ROOT


def passed(
    title: str,
    *arguments: str | Path,
    python: str | Path = sys.executable,
    setting: Mapping[str, str] | None = None,
) -> bool:
    """Whether all tests pass, under a Python and with what is set in its environment."""
    print(f"\n{title}", flush=True)
    start = time.perf_counter()
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-n", str(AT_ONCE), *arguments],
        cwd=ROOT,
        env={**os.environ, **REPRODUCIBLE, **(setting or {})},
    )
    print(f"{title}: {time.perf_counter() - start:.0f} s", flush=True)
    return done.returncode == 0
