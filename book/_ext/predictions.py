"""The ``{predict}`` block: the reader commits first, and then sees what follows.

The page holds the question and its options as plain text, and what follows in a part of its own,
which ``predictions.js`` folds; without scripts all of it is open.
"""

import json
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools import predictions


class prediction(nodes.Admonition, nodes.Element):  # type: ignore[misc]
    """The question; ``asked`` is what its options say."""


class after(nodes.Element):  # type: ignore[misc]
    """What follows a question, up to the next one or the next heading."""


class Predict(SphinxDirective):
    """A block that asks for a choice, a number or a curve."""

    required_arguments = 1
    has_content = True
    option_spec = dict.fromkeys(predictions.OPTIONS, directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        """The question as a node."""
        (name,) = self.arguments
        known = self.env.temp_data.setdefault("predictions", set())
        try:
            _, choices = predictions.split(list(self.content))
            asked = predictions.read(name, self.options, len(choices))
            if name in known:
                raise ValueError(f"the name is {name!r} a second time: each must be another one")
        except ValueError as error:
            raise self.error(f"{{predict}} {name}: {error}") from None
        known.add(name)
        node = prediction("", asked=asked, classes=["predict"], ids=[f"predict-{name}"])
        node += nodes.title("", "Predict")
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def fold(app: Sphinx, document: nodes.document) -> None:
    """Gather what follows each question."""
    for question in list(document.findall(prediction)):
        parent = question.parent
        start = parent.index(question) + 1
        end = start
        while end < len(parent) and not isinstance(parent[end], nodes.section | prediction):
            end += 1
        if end > start:
            parent[start:end] = [after("", *parent[start:end], name=question["asked"]["name"])]


def visit_prediction(self: Any, node: nodes.Element) -> None:
    """Begin the question, which looks as an admonition does."""
    asked = json.dumps(node["asked"], ensure_ascii=False)
    self.body.append(self.starttag(node, "div", CLASS="admonition", **{"data-predict": asked}))


def visit_after(self: Any, node: nodes.Element) -> None:
    """Begin what follows."""
    self.body.append(self.starttag(node, "div", **{"data-after": node["name"]}))


def depart(self: Any, node: nodes.Element) -> None:
    """End one of them."""
    self.body.append("</div>\n")


def add_files(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let the pages that ask load the style and the script, which folds before anything shows."""
    if doctree is not None and next(iter(doctree.findall(prediction)), None) is not None:
        app.add_css_file("predictions.css")
        app.add_js_file("predictions.js")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("predict", Predict)
    app.add_node(prediction, html=(visit_prediction, depart))
    app.add_node(after, html=(visit_after, depart))
    app.connect("doctree-read", fold)
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
