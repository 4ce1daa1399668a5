"""The page's random numbers, compiled: of ``numbers.js``, in the order of ``engine.js``.

A page and a notebook that draw the same numbers can train the same run.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

FIRST_WEIGHTS, TRAINING, WATCHING, STANDARDISING = range(1, 5)
"""The streams of one seed."""

compiled = njit(nogil=True, cache=True, error_model="numpy")


class Source(NamedTuple):
    """All there is to a source: sfc32's words, (4,), and the normal that waits, (1,), or NaN."""

    words: NDArray[np.uint32]
    spare: NDArray[np.float64]


class Bells(NamedTuple):
    """A mixture of K normals; with none, what is drawn is uniform in (0, 1).

    Attributes:
        ends: (K,) the running sum of their probabilities.
        means, stds: (K,).
    """

    ends: NDArray[np.float64]
    means: NDArray[np.float64]
    stds: NDArray[np.float64]


@compiled
def bits(words):
    """The next 32 bits.  Source: sfc32 by C. Doty-Humphrey (PractRand)."""
    a, b, c, d = words
    total = np.uint32(a + b + d)
    words[0] = b ^ (b >> np.uint32(9))
    words[1] = np.uint32(c + (c << np.uint32(3)))
    words[2] = np.uint32(((c << np.uint32(21)) | (c >> np.uint32(11))) + total)
    words[3] = np.uint32(d + np.uint32(1))
    return total


@compiled
def uniform(source):
    """A number in (0, 1), never either end."""
    return (bits(source.words) + 0.5) / 2.0**32


@compiled
def normal(source):
    """A number from N(0, 1).  Source: Box and Muller (1958)."""
    spare = source.spare[0]
    source.spare[0] = np.nan
    if not np.isnan(spare):
        return spare
    radius = np.sqrt(-2 * np.log(uniform(source)))
    angle = 2 * np.pi * uniform(source)
    source.spare[0] = radius * np.sin(angle)
    return radius * np.cos(angle)


@compiled
def sample(source, bells):
    """One draw; of several bells, a uniform number chooses one."""
    count, k = len(bells.means), 0
    if count == 0:
        return uniform(source)
    if count > 1:
        u = uniform(source)
        while k < count - 1 and u >= bells.ends[k]:
            k += 1
    return bells.means[k] + bells.stds[k] * normal(source)


def open_source(seed: int, stream: int) -> Source:
    """A source at its beginning; ``seed`` is below 2**32."""
    source = Source(np.array([seed, 0, stream, 1], np.uint32), np.array([np.nan]))
    for _ in range(15):  # nearby seeds start alike: let them part
        bits(source.words)
    return source


@compiled
def uniforms(source, n):
    """Shape (n,)."""
    return np.array([uniform(source) for _ in range(n)])


@compiled
def normals(source, n):
    """Shape (n,)."""
    return np.array([normal(source) for _ in range(n)])


@compiled
def samples(source, bells, n):
    """Shape (n,)."""
    return np.array([sample(source, bells) for _ in range(n)])


@compiled
def fill_steps(source, bells, real, noise, mix):
    """What some training steps draw, in the page's order.

    Fills ``real`` (T, s, n), ``noise`` (T, s + 1, n, k) and ``mix`` (T, s, n or 0).
    """
    steps, turns, n, width = noise.shape
    for t in range(steps):
        for turn in range(turns):
            of_d = turn < turns - 1
            if of_d:
                for i in range(n):
                    real[t, turn, i] = sample(source, bells)
            for k in range(width):
                for i in range(n):
                    noise[t, turn, i, k] = normal(source)
            if of_d:
                for i in range(mix.shape[2]):
                    mix[t, turn, i] = uniform(source)
