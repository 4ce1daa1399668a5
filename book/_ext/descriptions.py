"""Describe each lesson to search engines by the question that it answers."""

import html
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SEARCH = "Search the pages of a course on how generative adversarial networks work."


def described(page: str, doctree: nodes.document | None) -> str | None:
    """What there is to say of a page whose front matter does not."""
    if page == "search":
        return SEARCH
    if doctree is None or not page.startswith("notebooks/"):
        return None
    title = next(doctree.findall(nodes.title)).astext()
    question = next(doctree.findall(nodes.emphasis), None)  # CONTRIBUTING.md: the second line
    return f"{title}: {question.astext()}" if question else title


def add_description(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add the description to the head of a page."""
    text = described(page, doctree)
    if text:
        tag = f'<meta name="description" content="{html.escape(text)}">\n'
        context["metatags"] = context.get("metatags", "") + tag


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", add_description)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
