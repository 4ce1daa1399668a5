"""Take the videos out of the pages: the embedded copy becomes a file beside the page.

In a notebook a lesson shows its video as a data URI, which needs no other file. On the
site that would make heavy pages, and the same file is offered for download anyway: the
attribute `data-file` names it.
"""

import re
from typing import Any

from sphinx.application import Sphinx

_TAG = re.compile(r"<(?:video|source|img)\b[^>]*\bdata-file=[^>]*>")
_EMBEDDED = re.compile(r'\bsrc="data:[^"]*"')
_FILE = re.compile(r'\bdata-file="([^"]+)"')


def link_videos(body: str) -> str:
    """Replace the embedded data of each tag that has a `data-file` by that file's name."""

    def link(tag: re.Match[str]) -> str:
        file = _FILE.search(tag.group())
        return _EMBEDDED.sub(f'src="{file[1]}"', tag.group()) if file else tag.group()

    return _TAG.sub(link, body)


def rewrite_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Rewrite the body of one page."""
    if "body" in context:
        context["body"] = link_videos(context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", rewrite_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
