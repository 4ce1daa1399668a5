"""Ctrl-C, so that it is never lost.

Python raises KeyboardInterrupt wherever the program happens to be, and drops it where that is a
destructor or a callback.  So it is noted too, and `check` raises what was dropped.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

_noted = False
_raises = True


def _note(number: int, frame: FrameType | None) -> None:
    global _noted
    _noted = True
    if _raises:
        raise KeyboardInterrupt


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("Interrupted.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def watch() -> None:
    """Take over Ctrl-C, also where whoever started this process had switched it off."""
    signal.signal(signal.SIGINT, _note)
    sys.excepthook = _say


def check() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed."""
    if _noted:
        raise KeyboardInterrupt


@contextmanager
def held() -> Iterator[None]:
    """Raise nothing within but by `check`: what must not be torn in the middle goes here."""
    global _raises
    _raises = False
    try:
        yield
    finally:
        _raises = True
