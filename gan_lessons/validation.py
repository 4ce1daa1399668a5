"""Check the arguments of public functions, and say what is wrong and what is allowed.

Each function returns the checked value, so that a check fits on the line that uses it.
"""

import difflib
import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def finite(name: str, value: Any) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless it is a finite real number."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}: it must be a finite number")
    return float(value)


def positive(name: str, value: Any) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless it is finite and above zero."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise ValueError(f"{name} is {value!r}: it must be a finite number above 0")
    return float(value)


def between(name: str, value: Any, low: float, high: float) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless ``low <= value < high``."""
    if isinstance(value, bool) or not isinstance(value, Real) or not low <= float(value) < high:
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
    if value not in known:
        near = difflib.get_close_matches(str(value), known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"{name} is {value!r}{hint}: it must be one of {', '.join(known)}")
    return str(value)


def vector(name: str, value: ArrayLike, minimum: int = 1) -> NDArray[np.float64]:
    """Return ``value`` as a 1-D float array; an (n, 1) column is flattened.

    Raises ``ValueError`` if it has another shape, fewer than ``minimum`` entries, or an entry
    that is not finite.
    """
    array = np.asarray(value, dtype=float)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.size < minimum:
        raise ValueError(
            f"{name} has shape {array.shape}: it must be (n,) or (n, 1) with n >= {minimum}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: every entry must be a finite number")
    return array
