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


def _scalar(value: Any) -> Any:
    """What stands in a NumPy number, or in an array or tensor of no dimensions; else ``value``."""
    return value.item() if getattr(value, "ndim", None) == 0 else value


def _real(value: Any) -> float:
    """``value`` as a float, if it is a real number that fits into one and no bool; else NaN."""
    value = _scalar(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # a whole number beyond the floats
        return math.nan


def finite(name: str, value: Any) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless it is a finite real number."""
    number = _real(value)
    if not math.isfinite(number):
        raise ValueError(f"{name} is {value!r}: it must be a finite number")
    return number


def positive(name: str, value: Any) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless it is finite and above zero."""
    number = _real(value)
    if not 0 < number < math.inf:
        raise ValueError(f"{name} is {value!r}: it must be a finite number above 0")
    return number


def between(name: str, value: Any, low: float, high: float) -> float:
    """Return ``value`` as a float; raise ``ValueError`` unless ``low <= value < high``."""
    number = _real(value)
    if not low <= number < high:
        raise ValueError(f"{name} is {value!r}: it must be at least {low} and below {high}")
    return number


def decay_rates(name: str, value: Any) -> tuple[float, float]:
    """Return Adam's two decay rates; raise ``ValueError`` unless they are two, each in [0, 1)."""
    try:
        first, second = value
    except (TypeError, ValueError):  # none or not two
        raise ValueError(f"{name} is {value!r}: it must be two numbers, each in [0, 1)") from None
    return between(name, first, 0, 1), between(name, second, 0, 1)


def count(name: str, value: Any, minimum: int = 1) -> int:
    """Return ``value`` as an int; raise ``ValueError`` unless it is a whole number >= minimum."""
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, Integral) or number < minimum:
        raise ValueError(f"{name} is {value!r}: it must be a whole number, {minimum} or more")
    return int(number)


def switch(name: str, value: Any) -> bool:
    """Check that ``value`` is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} is {value!r}: it must be True or False")
    return bool(value)


def choice(name: str, value: Any, allowed: Iterable[str]) -> str:
    """Return ``value``; raise ``ValueError`` with the nearest known name if it is not allowed."""
    known = list(allowed)
    if not isinstance(value, str) or value not in known:
        near = difflib.get_close_matches(str(value), known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise ValueError(f"{name} is {value!r}{hint}: it must be one of {', '.join(known)}")
    return str(value)


def numbers(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return ``value``, an array, a tensor or nested lists, as a float array of the same shape.

    The array is a fresh one, in C order: nobody else writes to it, and PyTorch takes it.  NaN and
    infinity pass.  Raises ``ValueError`` if the entries are no real numbers, or do not form an
    array.
    """
    tensor: Any = value
    try:
        if hasattr(tensor, "detach"):
            tensor = tensor.detach().cpu()
            tensor = tensor.double() if tensor.is_floating_point() else tensor
        array = np.asarray(tensor)
    except (ValueError, TypeError, RuntimeError):  # rows of different lengths
        raise ValueError(f"{name} is {value!r}: it must be an array of numbers") from None
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} holds entries of type {array.dtype}: it must hold numbers")
    return np.array(array, dtype=np.float64, order="C")


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


def grid(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return ``value`` as ``vector`` does; raise ``ValueError`` too if it spans no interval."""
    array = vector(name, value, minimum=2)
    if np.ptp(array) == 0:
        raise ValueError(f"{name} holds {array[0]} alone: it must span an interval")
    return array


def random_source(name: str, seed: Any) -> np.random.Generator:
    """Return a ``numpy.random.Generator``: the given one, or one made from a whole number or None.

    Raises ``ValueError`` for anything else.
    """
    if seed is None or isinstance(seed, np.random.Generator):
        return np.random.default_rng(seed)
    try:
        return np.random.default_rng(count(name, seed, minimum=0))
    except ValueError as error:
        raise ValueError(f"{error}, or a numpy Generator") from None


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
