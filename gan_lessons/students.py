"""Numbers of one's own for each student, so that answers can't be passed on."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_lessons.distributions import Normal
from gan_lessons.raw_weights import unknown_normal

DATA = 200


def _seed(student: str, purpose: str) -> int:
    """A seed from an id; capitals and spaces around it make no difference."""
    words = f"{purpose}\0{str(student).strip().casefold()}".encode()
    return int.from_bytes(hashlib.sha256(words).digest()[:8])


def target_of(student: str) -> Normal:
    """The unknown target of a student: μ ~ U(−5, 5), σ ~ U(1, 3), the same for the same id."""
    return unknown_normal(_seed(student, "target"))


def data_of(student: str, n: int = DATA) -> NDArray[np.floating[Any]]:
    """What the student gets to see: ``n`` samples of the own target, shape (n, 1)."""
    return target_of(student).sample(n, _seed(student, "data"))
