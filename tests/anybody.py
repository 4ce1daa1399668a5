"""Run a command without root's right to write everywhere."""

import os
import shutil

import pytest


def as_anybody():
    """What goes before the command; root needs the tool that gives up this right."""
    if os.name == "nt":
        pytest.skip("Windows has no folders that cannot be written")
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv")
    return ["setpriv", "--bounding-set=-dac_override"]
