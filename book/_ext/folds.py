"""What is folded away on a page is named after what it hides, for the eye and for a screen reader.

A fold is a `<details>`: it works with no script, a browser's search in the page finds what is in
it, and its `<summary>` is its name.
"""

import ast
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

NAMES = 3  # of what a cell makes, so that the name of its fold stays one line


class Summary(nodes.TextElement):  # type: ignore[misc]
    """The name of a fold."""


class Fold(nodes.container):  # type: ignore[misc]
    """What a reader opens; its first child is a `Summary`."""


class Dropdowns(SphinxTransform):
    """Make each admonition of class `dropdown` a fold, which its title names."""

    default_priority = 510  # after the exercises, whose answers share a fold

    def apply(self, **kwargs: Any) -> None:
        """Rewrite one page."""
        for admonition in list(self.document.findall(nodes.admonition)):
            if "dropdown" in admonition["classes"]:
                title, *text = admonition.children
                fold = Fold("", Summary("", "", *title.children), *text)
                fold.update_basic_atts(admonition)
                admonition.replace_self(fold)


def made(code: str) -> str:
    """Say what the code of a cell that shows nothing is for."""
    body = ast.parse(code).body
    if isinstance(body[0], ast.Import | ast.ImportFrom):
        return "the imports"
    functions = [f"{part.name}()" for part in body if isinstance(part, ast.FunctionDef)]
    if functions:
        return f"the function{'s' * (len(functions) > 1)} {', '.join(functions)}"
    targets = [to for part in body if isinstance(part, ast.Assign) for to in part.targets]
    names = [at.id for to in targets for at in ast.walk(to) if isinstance(at, ast.Name)]
    more = " …" if len(names) > NAMES else ""
    return f"how {', '.join(names[:NAMES])}{more} {'are' if names[1:] else 'is'} computed"


def hidden(cell: nodes.Element) -> str:
    """Say what is hidden of a cell whose code is folded away."""
    source, *outputs = cell.children
    if not outputs:
        return made(source.astext())
    html = "".join(node.astext() for node in cell.findall(nodes.raw))
    if '<figure class="animation' in html:
        return "the code of this film"
    figures = len(list(cell.findall(nodes.image)))
    return f"the code of {['this output', 'this figure', 'these figures'][min(figures, 2)]}"


class NamedCode(SphinxPostTransform):
    """Name each folded code, unless its author did."""

    default_priority = 198  # after the outputs are chosen, and right before MyST-NB folds
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Name those of one page."""
        unnamed = self.config.nb_code_prompt_show
        for cell in self.document.findall(nodes.container):
            if cell.get("hide_mode") == "input" and cell["prompt_show"] == unnamed:
                what = hidden(cell)
                cell["prompt_show"], cell["prompt_hide"] = f"Show {what}", f"Hide {what}"


def open_code(translator: Any, node: HideCodeCellNode) -> None:
    """Write the beginning of folded code as MyST-NB does, without its label that names nothing."""
    translator.body.append(translator.starttag(node, "details", CLASS="admonition hide"))
    translator.body.append("<summary>")
    for state, text in (("collapsed", node["prompt_show"]), ("expanded", node["prompt_hide"])):
        words = translator.encode(text)
        translator.body.append(f'<p class="{state} admonition-title">{words}</p>')
    translator.body.append("</summary>\n")


def opens(tag: str) -> Any:
    """Write the beginning of an element that is HTML's own."""
    return lambda translator, node: translator.body.append(translator.starttag(node, tag, ""))


def closes(tag: str) -> Any:
    """Write its end."""
    return lambda translator, node: translator.body.append(f"</{tag}>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_node(Fold, html=(opens("details"), closes("details")))
    app.add_node(Summary, html=(opens("summary"), closes("summary")))
    app.add_node(HideCodeCellNode, override=True, html=(open_code, closes("details")))
    app.add_transform(Dropdowns)
    app.add_post_transform(NamedCode)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
