"""Run all comparisons, print them, and write ``_build/bench.json``."""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TQDM_DISABLE", "1")

import matplotlib

matplotlib.use("agg")

from benchmarks import animation

RESULT = Path(__file__).parent.parent / "_build" / "bench.json"


def main() -> None:
    """Compare, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--frames", type=int, default=200, help="frames of each animation")
    parser.add_argument("--repeats", type=int, default=3, help="how often each side saves")
    options = parser.parse_args()
    results = {"animation": animation.run(options.frames, options.repeats)}
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=2) + "\n")
    print("written to _build/bench.json")


if __name__ == "__main__":
    main()
