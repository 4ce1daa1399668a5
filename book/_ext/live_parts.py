"""Bring the files of the live lab and the quiz to the pages that show them.

In a notebook a lesson shows them as a page within the page, which holds all scripts. On the site
their scripts and styles are files that all pages share, minified where the library for it is: it
is not built for every machine.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from gan_lessons import lab, quiz

try:
    import minify
except ImportError:
    minify = None

# What a page with such a section loads, from the folder of static files.
NEEDS = {
    "<section data-gan-lab": [f"lab/{name}" for name in (lab.STYLE, *lab.SCRIPTS)],
    "<section data-gan-quiz": [
        *(f"{path.parent.name}/{path.name}" for path in quiz.STYLES),
        "quiz/items.js",
        *(f"{path.parent.name}/{path.name}" for path in quiz.SCRIPTS),
    ],
}


def with_files(body: str, static: str) -> str:
    """The page with the files, at `static`, of each lab or quiz in it."""
    files = dict.fromkeys(file for mark, needs in NEEDS.items() if mark in body for file in needs)
    styles = [file for file in files if file.endswith(".css")]
    scripts = [file for file in files if file.endswith(".js")]
    return (
        "".join(f'<link rel="stylesheet" href="{static}/{file}">' for file in styles)
        + body
        + "".join(f'<script src="{static}/{file}"></script>' for file in scripts)
    )


def rewrite_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Rewrite the body of one page."""
    if "body" in context:
        context["body"] = with_files(context["body"], context["pathto"]("_static", 1))


def texts() -> dict[str, str]:
    """All files of the lab and the quiz, by their place in the folder of static files."""
    package = lab.FOLDER.parent
    found = {"quiz/items.js": quiz.data_script()}
    for file in dict.fromkeys(file for needs in NEEDS.values() for file in needs):
        if file not in found:
            text = (package / file).read_text(encoding="utf-8")
            found[file] = minified(file, text)
    return found


def minified(file: str, text: str) -> str:
    """A script or a style with short local names and no comments."""
    if minify is None:
        return text
    kind = "application/javascript" if file.endswith(".js") else "text/css"
    return str(minify.string(kind, text))


def copy_files(app: Sphinx, error: Exception | None) -> None:
    """Copy the files into the site."""
    if error or app.builder.format != "html":
        return
    for file, text in texts().items():
        target = Path(app.outdir) / "_static" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", rewrite_page)
    app.connect("build-finished", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
