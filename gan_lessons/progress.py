"""A progress bar for long work, in a terminal and in a notebook."""

import os
from collections.abc import Iterable, Iterator
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
