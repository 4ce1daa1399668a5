"""A page within the page of a notebook, which brings all it needs: for the live lab and the quiz.

On the site they are a part of the page itself.
"""

import html
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Frame:
    """What a notebook shows as a frame, ``height`` pixels high, around ``body``.

    ``styles`` and ``scripts`` are the texts themselves, in the order in which they are loaded.
    ``on_site`` is what the site has in its place, with styles and scripts of its own.
    """

    title: str
    height: int
    body: str = field(repr=False)
    styles: Iterable[str] = field(repr=False)
    scripts: Iterable[str] = field(repr=False)
    on_site: str = field(repr=False)

    def _repr_html_(self) -> str:
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            + "".join(f"<style>{style}</style>" for style in self.styles)
            + self.body
            + "".join(f"<script>{script}</script>" for script in self.scripts)
            + "</html>"
        )
        return (
            f'<iframe title="{html.escape(self.title)}" width="100%" height="{self.height}" '
            f'style="border: 0" srcdoc="{html.escape(page)}"></iframe>'
        )

    def _repr_markdown_(self) -> str:
        return self.on_site
