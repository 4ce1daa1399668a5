"""Hashes of the inputs: what must be executed again, and whether the site is up to date."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.paths import ROOT
from tools.repository import book_address

LEFT_OUT = {"__pycache__", ".ipynb_checkpoints", "animations"}


def tree_files(*tops: Path) -> list[Path]:
    """All files at or under `tops`, in a fixed order, but for what tools leave behind."""
    found: set[Path] = set()
    for top in tops:
        below = [top] if top.is_file() else (p for p in top.rglob("*") if p.is_file())
        # Only what is below `top` counts: the checkout may lie in a folder `animations`.
        found.update(p for p in below if not LEFT_OUT & set(p.relative_to(top).parts))
    return sorted(found)


def digest(files: Iterable[Path], *extra: str, root: Path = ROOT) -> str:
    """One hash of the names and contents of `files`, and of the strings `extra`."""
    total = hashlib.sha256()
    for part in (sys.version, *extra):
        total.update(f"{part}\0".encode())
    for path in files:
        total.update(f"{path.relative_to(root).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def execution_key(root: Path = ROOT) -> str:
    """Changes when any output may change though its cell did not: package, lock or Python."""
    return digest(
        tree_files(root / "gan_lessons", root / "requirements.lock", root / "tools/execution.py"),
        root=root,
    )[:16]


def site_key(root: Path = ROOT) -> str:
    """Changes when anything that the site is made from changes."""
    tops = ["gan_lessons", "notebooks", "book", "tools"]
    tops += ["_config.yml", "_toc.yml", "pyproject.toml", "requirements.lock"]
    address = book_address(root)
    return digest(tree_files(*(root / top for top in tops)), str(address), root=root)
