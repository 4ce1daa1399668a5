"""How long each lesson takes: run afresh (cold), and taken from the store of outputs (warm)."""

import tempfile
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from benchmarks.side_by_side import readable
from tools.execution import execute_lessons
from tools.paths import lessons


def seconds(path: Path, store: Path, scratch: Path) -> float:
    """How long it takes to have one lesson's outputs in ``store``."""
    start = time.perf_counter()
    with redirect_stdout(StringIO()):
        execute_lessons([path], store, scratch)
    return time.perf_counter() - start


def run() -> None:
    """Print both times of each lesson, and of all; one after the other, in a folder of its own."""
    print(f"\n{'Each lesson alone':26}{'cold':>10}{'warm':>10}", flush=True)
    total = [0.0, 0.0]
    for path in lessons():
        with tempfile.TemporaryDirectory() as folder:
            places = Path(folder, "store", "one"), Path(folder, "run")
            times = [seconds(path, *places) for _ in ("cold", "warm")]
        total = [sum(pair) for pair in zip(total, times, strict=True)]
        print(f"{path.stem:26}{readable(times[0]):>10}{readable(times[1]):>10}", flush=True)
    print(f"{'all':26}{readable(total[0]):>10}{readable(total[1]):>10}")
