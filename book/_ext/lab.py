"""Put the live lab into the pages: its files beside them, its scripts where there is a lab.

In a notebook a lesson shows its lab as a page within the page, which holds all scripts. On the
site the lab is a part of the page itself, and its scripts are files that all pages share, without
comments and indentation, which are a third of them.
"""

import re
from pathlib import Path
from typing import Any

from rjsmin import jsmin
from sphinx.application import Sphinx

from gan_lessons.lab import FOLDER, SCRIPTS, STYLE, section

_SHOWN = re.compile(r'<iframe data-show-lab="(\w+)"[^>]*></iframe>')
_SECTION = "<section data-gan-lab"


def put_labs(body: str, folder: str) -> str:
    """Make each shown lab a part of the page; `folder` is where the page finds its files."""
    body = _SHOWN.sub(lambda shown: section(shown[1]), body)
    if _SECTION not in body:
        return body
    style = f'<link rel="stylesheet" href="{folder}/{STYLE}">'
    scripts = "".join(f'<script src="{folder}/{name}"></script>' for name in SCRIPTS)
    return style + body + scripts


def rewrite_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Rewrite the body of one page."""
    if "body" in context:
        context["body"] = put_labs(context["body"], context["pathto"]("_static/lab", 1))


def copy_files(app: Sphinx, error: Exception | None) -> None:
    """Copy the lab's files into the site."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "lab"
    target.mkdir(parents=True, exist_ok=True)
    for name in (STYLE, *SCRIPTS):
        text = (FOLDER / name).read_text(encoding="utf-8")
        (target / name).write_text(jsmin(text) if name in SCRIPTS else text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", rewrite_page)
    app.connect("build-finished", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
