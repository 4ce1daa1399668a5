"""Two ways of doing the same work, timed in turn in one run, so that a busy machine slows both."""

from collections.abc import Callable
from statistics import median
from typing import TypedDict

Side = Callable[[], float]
"""Does the work once; returns how many seconds a unit of it took."""


class Ratio(TypedDict):
    """Seconds of the other side / seconds of ours: median over the repeats, smallest, largest."""

    ratio: float
    low: float
    high: float


def headline(text: str) -> None:
    """Print what the lines below it compare."""
    print(f"\n{text}\n{'':26}{'theirs':>10}{'ours':>10}{'ratio':>9}   spread", flush=True)


def compare(name: str, ours: Side, theirs: Side, repeats: int) -> Ratio:
    """Time both sides in turn, print a line, and return the ratio.  Who goes first alternates."""
    pairs = []
    for repeat in range(repeats):
        sides = (theirs, ours) if repeat % 2 == 0 else (ours, theirs)
        seconds = {side: side() for side in sides}
        pairs.append((seconds[theirs], seconds[ours]))
    usual, new = (readable(median(side)) for side in zip(*pairs, strict=True))
    ratios = [a / b for a, b in pairs]
    ratio, low, high = median(ratios), min(ratios), max(ratios)
    print(f"{name:26}{usual:>10}{new:>10}{ratio:8.2f}×   {low:.2f}–{high:.2f}", flush=True)
    return {"ratio": round(ratio, 2), "low": round(low, 2), "high": round(high, 2)}


def readable(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
