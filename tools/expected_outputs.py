"""The readers' notebooks with the outputs that the site shows, for nbval to run and compare.

So one run proves two things: that a reader's notebook runs from top to bottom without the hidden
tests and the answers, and that it says what the site says.
"""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.execution import code_cells, tags
from tools.paths import EXECUTED, NOTEBOOKS

# What a reader is asked to fill in, and what the site does not run, has nothing to compare with.
NOT_ON_THE_SITE = {"answer", "notebook-only"}
INSTALL_MARK = "google.colab"


def with_outputs(derived: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """``derived``, each code cell with the outputs of the same cell in ``executed``.

    Raises ``ValueError`` if ``executed`` lacks one.
    """
    shown = code_cells(executed)
    sources = [cell.source for cell in shown]
    start = 0
    for cell in code_cells(derived):
        cell.execution_count = 1  # nbval compares no cell that was never run
        if NOT_ON_THE_SITE & set(tags(cell)):
            cell.metadata["tags"] = [*tags(cell), "nbval-ignore-output"]
        elif INSTALL_MARK not in cell.source:
            at = sources.index(cell.source, start)
            cell.outputs, start = shown[at].outputs, at + 1
    return derived


def write(folder: Path) -> None:
    """Write all of them into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        derived, executed = (nbformat.read(p, 4) for p in (path, EXECUTED / path.name))
        nbformat.write(with_outputs(derived, executed), folder / path.name)
