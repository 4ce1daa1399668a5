"""What the page shows of an exercise: the task, the cell to fill in, where to do so, one answer.

A lesson holds an exercise as its reader's notebook does: an admonition, a cell with the model
answer, perhaps admonitions that explain it.  Here the cell becomes what `tools.answers` asks of
it, and cell and explanations go into one fold.  The search knows no answer: a reader who looks for
a word should not meet those first.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from book._ext.folds import Fold, Summary
from book._ext.repository_links import colab_url
from tools.answers import asked
from tools.repository import book_address

HIDDEN = {"answer", "tag_answer"}  # of a folded text, and of a cell


def name(exercise: nodes.Element) -> str:
    """How to speak of an exercise with this title: "Exercise 3: the form" is "exercise 3"."""
    words = exercise[0].astext().partition(":")[0]
    words = words[0].lower() + words[1:]
    return words if words[-1].isdigit() else f"the {words}"


def links(page: str) -> nodes.raw:
    """One line that leads to where the page's exercises can be done."""
    address, top = book_address(), "../" * page.count("/")
    ways = [f'<a href="{top}_sources/{page}.ipynb" download>Download this lesson</a>']
    if address and address.forge == "github":  # Colab opens notebooks from no other forge
        ways.insert(0, f'<a href="{colab_url(address, page)}">Open in Colab</a>')
    return nodes.raw("", f'<p class="do-it">{" · ".join(ways)}</p>', format="html")


class Exercises(SphinxTransform):
    """Show each exercise as a reader needs it, its answers in one fold."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Rewrite the exercises of one page."""
        found = self.document.findall(nodes.admonition)
        for exercise in [node for node in found if "exercise" in node["classes"]]:
            self.fold(exercise)

    def fold(self, exercise: nodes.Element) -> None:
        """Move the answers that follow an exercise into one fold, and say what they ask for."""
        after = exercise.parent[exercise.parent.index(exercise) + 1 :]
        answers = []
        for node in after:
            if not (isinstance(node, nodes.Element) and HIDDEN & set(node.get("classes", []))):
                break
            answers.append(node)
        if not answers:
            return
        texts = [node for node in answers if isinstance(node, nodes.admonition)]
        fold = Fold("", Summary("", f"Answer to {name(exercise)}"), classes=["answer"])
        for node in answers:
            node.parent.remove(node)
            if node not in texts:
                node.attributes.pop("hide_mode", None)  # else there would be a fold in the fold
                self.ask(exercise, node)
                fold += node
            else:
                title, *text = node.children
                if len(texts) > 1:
                    fold += nodes.paragraph("", "", nodes.strong("", "", *title.children))
                fold += text
        exercise.parent.insert(exercise.parent.index(exercise) + 1, fold)

    def ask(self, exercise: nodes.Element, cell: nodes.Element) -> None:
        """Append to an exercise what a reader's notebook shows instead of this answer."""
        stub = asked(next(cell.findall(nodes.literal_block)).astext())
        exercise += nodes.literal_block(stub, stub, language="python", classes=["stub"])
        exercise += links(self.env.docname)


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
    app.setup_extension("book._ext.folds")
    app.add_transform(Exercises)
    app.connect("builder-inited", leave_out_answers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
