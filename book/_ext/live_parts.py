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
SECTION = re.compile(r'<section data-gan-(?:lab="(?P<lab>\w+)"|quiz).*?</section>', re.DOTALL)
LABS = [f"lab/{name}" for name in (*lab.STYLES, *lab.SCRIPTS)]


def needed(section: re.Match[str]) -> list[str]:
    """What a lab or the quiz loads from the folder of static files."""
    if not section["lab"]:
        return QUIZ
    return [f"lab/{file}" for file in lab.files([section["lab"]]) if file not in lab.LATER]


def with_files(body: str, static: str) -> str:
    """The page with the files, at `static`, of each lab or quiz in it.

    Its scripts stand right behind it and build it before a browser reads on: nothing that follows
    has a place from which it could be moved.
    """
    loaded: set[str] = set()

    def with_own_files(section: re.Match[str]) -> str:
        files = [file for file in needed(section) if file not in loaded]
        loaded.update(files)
        styles = [file for file in files if file.endswith(".css")]
        scripts = [file for file in files if file.endswith(".js")]
        return "".join(
            [
                *(f'<link rel="stylesheet" href="{static}/{file}">' for file in styles),
                section[0],
                *(f'<script src="{static}/{file}"></script>' for file in scripts),
                f"<script>{'GanLab' if section['lab'] else 'GanQuiz'}.mountAll()</script>",
            ]
        )

    return SECTION.sub(with_own_files, body)


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
