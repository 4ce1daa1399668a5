"""The solutions book: each assignment with its answers, from the same text, for instructors alone.

`make solutions` writes a notebook and a page for each into `solutions/` of a course's folder.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from gan_lessons.grading import course_folder
from gan_lessons.grading.gradebook import formulas
from tools.assignments import AssignmentError, rubric, texts, with_points
from tools.derive_notebooks import ConversionError, converted
from tools.execution import tags
from tools.paths import COURSE


def notebook_of(text: Path) -> nbformat.NotebookNode:
    """An assignment with its answers, as a notebook that runs."""
    cells = list(converted(text))
    book = new_notebook()
    for at, (cell, words) in enumerate(cells):
        if "written" in tags(cell):
            book.cells.append(new_markdown_cell(rubric(text, cell.metadata["rubric"])))
        elif cell.cell_type == "markdown":
            book.cells.append(new_markdown_cell(with_points(words, cells[at + 1 :])))
        elif "test" not in tags(cell):
            book.cells.append(new_code_cell(words))
    for at, made in enumerate(book.cells):
        made.id = f"{text.stem}-{at}"
    return book


def write(course: Path) -> list[Path]:
    """Write the solutions of all assignments; the pages."""
    folder = course / "solutions"
    folder.mkdir(parents=True, exist_ok=True)
    exporter = HTMLExporter(mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="")
    pages = []
    for text in texts():
        book = notebook_of(text)
        nbformat.write(book, folder / f"{text.stem}.ipynb")
        named = {"metadata": {"name": f"{text.stem}: solutions"}}
        page, _ = exporter.from_notebook_node(book, resources=named)
        pages.append(folder / f"{text.stem}.html")
        alone = page.replace("</head>", f"{formulas()}</head>", 1)
        pages[-1].write_text(alone, encoding="utf8")
    return pages


def main() -> int:
    """Write the solutions book."""
    parser = argparse.ArgumentParser(prog="python -m tools.solutions", description=__doc__)
    parser.add_argument("course", type=course_folder, nargs="?", default=COURSE)
    try:
        for made in write(parser.parse_args().course):
            print(f"wrote {made}")
    except (AssignmentError, ConversionError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
