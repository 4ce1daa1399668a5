"""A page within the page of a notebook, which brings all it needs: for the live lab and the quiz.

What is shown so has a second form in Markdown, which the site takes: a part of its own page.
"""

import html
from collections.abc import Iterable


def frame(
    title: str,
    height: int,
    body: str,
    styles: Iterable[str] = (),
    scripts: Iterable[str] = (),
) -> str:
    """The HTML of a frame, ``height`` pixels high, that shows ``body``.

    ``styles`` and ``scripts`` are the texts themselves, in the order in which they are loaded.
    """
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        + "".join(f"<style>{style}</style>" for style in styles)
        + body
        + "".join(f"<script>{script}</script>" for script in scripts)
        + "</html>"
    )
    return (
        f'<iframe title="{html.escape(title)}" width="100%" height="{height}" '
        f'style="border: 0" srcdoc="{html.escape(page)}"></iframe>'
    )
