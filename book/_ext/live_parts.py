"""Bring the files of the live lab and the quiz to the pages that show them.

In a notebook a lesson shows them as a page within the page, which holds all scripts. On the site
their scripts and styles are files that all pages share, without comments and indentation, which
are a third of them.
"""

import re
from pathlib import Path
from typing import Any

from rcssmin import cssmin
from rjsmin import jsmin
from sphinx.application import Sphinx

from gan_lessons import lab, quiz

QUIZ = [
    *(f"{path.parent.name}/{path.name}" for path in quiz.STYLES),
    "quiz/items.js",
    *(f"{path.parent.name}/{path.name}" for path in quiz.SCRIPTS),
]
LABS = [f"lab/{name}" for name in (*lab.STYLES, *lab.SCRIPTS)]


def needed(body: str) -> list[str]:
    """What a page loads from the folder of static files, for each lab or quiz in it."""
    names = re.findall(r'<section data-gan-lab="(\w+)"', body)
    files = [f"lab/{file}" for file in lab.files(names) if file not in lab.LATER] if names else []
    return files + (QUIZ if "<section data-gan-quiz" in body else [])


def with_files(body: str, static: str) -> str:
    """The page with the files, at `static`, of each lab or quiz in it."""
    files = dict.fromkeys(needed(body))
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


def small_style(text: str) -> str:
    """A style without comments and blanks."""
    # rcssmin knows `@media` alone: within `@container` it takes `.a :is(.b)` for `.a:is(.b)`.
    return cssmin(text.replace("@container", "@media container")).replace(
        "@media container", "@container"
    )


def texts() -> dict[str, str]:
    """All files of the lab and the quiz, by their place in the folder of static files."""
    package = lab.FOLDER.parent
    found = {"quiz/items.js": quiz.data_script()}
    for file in dict.fromkeys([*LABS, *QUIZ]):
        if file not in found:
            text = (package / file).read_text(encoding="utf-8")
            found[file] = jsmin(text) if file.endswith(".js") else small_style(text)
    return found


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
