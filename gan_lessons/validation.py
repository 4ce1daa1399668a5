"""Check the arguments of public functions, and say what is wrong and what is allowed.

Each function returns the checked value, so that a check fits on the line that uses it.
"""

import difflib
import math
import os
from collections.abc import Iterable
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def _is_real(value: Any) -> bool:
    """Whether ``value`` is a real number that fits into a float: no bool, NaN or infinity."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond the floats
        return False


def finite(name: str, value: Any) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless it is a finite real number."""
    if not _is_real(value):
        raise ValueError(f"{name} is {value!r}: it must be a finite number")
    return float(value)


def positive(name: str, value: Any) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless it is finite and above zero."""
    if not _is_real(value) or value <= 0:
        raise ValueError(f"{name} is {value!r}: it must be a finite number above 0")
    return float(value)


def between(name: str, value: Any, low: float, high: float) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless ``low <= value < high``."""
    if not _is_real(value) or not low <= value < high:
        raise ValueError(f"{name} is {value!r}: it must be at least {low} and below {high}")
    return float(value)


def count(name: str, value: Any, minimum: int = 1) -> int:
    """Return ``value`` as an int; raise ``ValueError`` unless it is a whole number >= minimum."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < minimum:
        raise ValueError(f"{name} is {value!r}: it must be a whole number, {minimum} or more")
    return int(value)


def choice(name: str, value: Any, allowed: Iterable[str]) -> str:
    """Return ``value``; raise ``ValueError`` with the nearest known name if it is not allowed."""
    known = list(allowed)
    if not isinstance(value, str) or value not in known:
        near = difflib.get_close_matches(str(value), known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"{name} is {value!r}{hint}: it must be one of {', '.join(known)}")
    return str(value)


def numbers(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return ``value`` as a float array of its own shape; NaN and infinity pass.

    Raises ``ValueError`` if the entries are no real numbers, or do not form an array.
    """
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise ValueError(f"{name} is {value!r}: it must be an array of numbers") from None
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} holds entries of type {array.dtype}: it must hold numbers")
    return array.astype(float, copy=False)


def vector(name: str, value: ArrayLike, minimum: int = 1) -> NDArray[np.float64]:
    """Return ``value`` as a 1-D float array; an (n, 1) column is flattened.

    Raises ``ValueError`` if it has another shape, fewer than ``minimum`` entries, or an entry
    that is no finite number.
    """
    array = numbers(name, value)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.size < minimum:
        raise ValueError(
            f"{name} has shape {array.shape}: it must be (n,) or (n, 1) with n >= {minimum}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: every entry must be a finite number")
    return array


def random_source(name: str, seed: Any) -> np.random.Generator:
    """Return a ``numpy.random.Generator``: the given one, or one made from a whole number or None.

    Raises ``ValueError`` for anything else.
    """
    if seed is None or isinstance(seed, np.random.Generator):
        return np.random.default_rng(seed)
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ValueError(
            f"{name} is {seed!r}: it must be a whole number, 0 or more, or a numpy Generator"
        )
    return np.random.default_rng(int(seed))


def output_path(name: str, path: Any, suffix: str) -> Path:
    """Return ``path`` as a ``Path`` that a file can be written to.

    Raises ``ValueError`` unless it ends in ``suffix``, ``FileNotFoundError`` if its folder is not
    there, ``IsADirectoryError`` if it is a folder itself, ``PermissionError`` if the folder can't
    be written to.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"{name} is {path!r}: it must be a path that ends in {suffix}")
    checked = Path(path)
    if checked.suffix.lower() != suffix:
        raise ValueError(f"{name} is {str(path)!r}: it must end in {suffix}")
    if not checked.parent.is_dir():
        raise FileNotFoundError(f"{name} is {str(path)!r}: there is no folder {checked.parent}")
    if checked.is_dir():
        raise IsADirectoryError(f"{name} is {str(path)!r}: that is a folder, not a file")
    if not os.access(checked.parent, os.W_OK):
        raise PermissionError(f"{name} is {str(path)!r}: {checked.parent} can't be written to")
    return checked
