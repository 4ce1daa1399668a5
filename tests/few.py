"""One of a kind in `make test`, and all of them in `make test-all`."""

import pytest


def first_quick(values):
    """Parameters of a test, of which all but the first are slow."""
    first, *others = values
    return [first, *(pytest.param(other, marks=pytest.mark.slow) for other in others)]
