"""Name the first page once: its title is the name of the site, which the theme appends to each."""

from typing import Any

from sphinx.application import Sphinx


def name_once(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave the name of the site out of the title of the first page."""
    if page == app.config.root_doc:
        context["docstitle"] = ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", name_once)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
