"""Find dead links and local paths in a built site."""

import html
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from tools.paths import ROOT, SITE

ADDRESSES = ("href", "src", "poster")


class Page(HTMLParser):
    """The anchors of a page, and the addresses that it leads to."""

    def __init__(self, text: str) -> None:
        """Read the page's `text`."""
        super().__init__()
        self.anchors: set[str] = set()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag's anchor and its addresses."""
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            elif name in ADDRESSES and value:
                self.addresses.append(value)


def dead_links(site: Path) -> list[str]:
    """Every address inside the site that leads to no file, or to no anchor of its page."""
    pages = {
        path.resolve(): Page(path.read_text(encoding="utf8"))
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.relative_to(site).parts
    }
    errors = []
    for path, page in pages.items():
        for address in page.addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            where = f"{path.relative_to(site.resolve())}: dead link {address[:100]}"
            if not target.is_file():
                errors.append(where)
            elif target in pages and unquote(parts.fragment) not in {"", *pages[target].anchors}:
                errors.append(f"{where} (no such anchor)")
    return errors


def _forms(path: str) -> set[str]:
    """How a page may write `path`: as it is, in HTML, in an address, or as a string of code."""
    path = os.fsencode(path).decode("utf8", errors="replace")  # the pages are UTF-8
    strings = {json.dumps(path, ensure_ascii=plain)[1:-1] for plain in (True, False)}
    texts = {path, quote(path), *strings}
    return texts | {html.escape(text, marks) for text in texts for marks in (True, False)}


def local_paths(site: Path, root: Path = ROOT) -> list[str]:
    """Every file of the site that shows a path of the machine that built it."""
    # A home may be unknown, which leaves the "~", and `/` is no place to look for.
    tops = [top for top in (root, Path(os.path.expanduser("~"))) if len(top.parts) > 1]
    places = "|".join(re.escape(form) for top in tops for form in _forms(str(top)))
    pattern = re.compile(rf"file://|(?<![\w.:/])(?:{places})[/\\]|/ipykernel_\d+/")
    errors = []
    for path in sorted(site.rglob("*")):
        relative = path.relative_to(site)
        if path.suffix in {".html", ".js", ".md", ".ipynb"} and "_static" not in relative.parts:
            found = pattern.search(path.read_text(encoding="utf8"))
            if found:
                errors.append(f"{relative}: shows the local path {found.group()}…")
    return errors


def site_errors(site: Path) -> list[str]:
    """What is wrong with the site as a whole."""
    return dead_links(site) + local_paths(site)


if __name__ == "__main__":
    sys.exit("\n".join(site_errors(SITE)) or 0)
