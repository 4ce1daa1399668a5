"""Keep the answers out of the search: a reader who looks for a word should not meet them first."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

HIDDEN = {"answer", "tag_answer"}  # of a folded text, and of a cell


def leave_out_answers(app: Sphinx) -> None:
    """Let the builder index a copy of each page without its answers."""
    if app.builder.format != "html":
        return
    index = app.builder.index_page  # type: ignore[attr-defined]

    def index_page(name: str, page: nodes.document, title: str) -> None:
        copy = page.deepcopy()
        for node in list(copy.findall(nodes.Element)):
            if HIDDEN & set(node.get("classes", [])) and node.parent is not None:
                node.parent.remove(node)
        index(name, copy, title)

    app.builder.index_page = index_page  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", leave_out_answers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
