"""What long work shows while it runs, in a terminal and in a notebook."""

import io
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm.auto import tqdm

Item = TypeVar("Item")


def progress(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """Go through ``items`` behind a bar that vanishes at the end.

    ``total`` is their number, where ``items`` has no length.  No bar is shown if the environment
    sets ``TQDM_DISABLE``: tqdm's bar for notebooks does not look at it by itself.
    """
    silent = bool(os.environ.get("TQDM_DISABLE"))
    yield from tqdm(items, desc=label, total=total, leave=False, disable=silent)


@contextmanager
def patience(text: str, after: float = 2.0) -> Iterator[None]:
    """Say ``text`` on stderr if this takes longer than so many seconds; silent as ``progress``."""
    told = threading.Timer(after, lambda: print(text, file=sys.stderr, flush=True))
    if not os.environ.get("TQDM_DISABLE"):
        told.start()
    try:
        yield
    finally:
        told.cancel()


def any_encoding() -> None:
    """Let a command print ``?`` for a sign that its terminal's encoding does not have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
