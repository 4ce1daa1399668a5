"""Run all comparisons, print them, and write ``_build/bench.json``."""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TQDM_DISABLE", "1")

import matplotlib

matplotlib.use("agg")

import torch

from benchmarks import animation, lab, lessons, training
from gan_lessons.progress import any_encoding

RESULT = Path(__file__).parent.parent / "_build" / "bench.json"
PARTS = ("training", "growth", "animation", "lab", "lessons")


def main() -> None:
    """Compare, print and write."""
    any_encoding()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run")
    parser.add_argument("--frames", type=int, default=200, help="frames of each animation")
    parser.add_argument("--repeats", type=int, default=5, help="how often each side trains")
    parser.add_argument("--saves", type=int, default=3, help="how often each side saves")
    options = parser.parse_args()
    print(f"PyTorch {torch.__version__} on {torch.get_num_threads()} threads")
    results = {}
    if "training" in options.only:
        results.update(training.run(options.repeats))
    if "growth" in options.only:
        training.growth(options.repeats)
    if "animation" in options.only:
        results["animation"] = animation.run(options.frames, options.saves)
    if "lab" in options.only:
        results.update(lab.run(options.repeats))
    if results:
        RESULT.parent.mkdir(parents=True, exist_ok=True)
        RESULT.write_text(json.dumps(results, indent=2) + "\n", encoding="utf8")
        print("\nwritten to _build/bench.json", flush=True)
    if "lessons" in options.only:
        lessons.run()


if __name__ == "__main__":
    main()
