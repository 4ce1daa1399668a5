"""Let each page load what it shows, when it shows it.

No page needs the theme's script of icons (`light_styles` has those in use) or, but for the search
page, the index of all words. Scripts wait until the page is read. A figure or a film is loaded
as the reader comes near; the page knows its size, so that nothing moves.
"""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from book._ext.site_files import pages

ICONS = re.compile(r'<script defer src="[^"]*/scripts/fontawesome\.js[^"]*"></script>')
SEARCH = re.compile(r'<script src="[^"]*(?:searchtools|language_data|searchindex)\.js"></script>')
OPTIONS = re.compile(r'<script src="([^"]*/documentation_options\.js)[^"]*"></script>')
# predictions.js folds before anything shows.
LATER = re.compile(r'<script (?=[^>]*src="[^"]*_static/(?!predictions|lab/|quiz/))(?!async|defer)')
FIGURE = re.compile(r'<img (?=[^>]*src="([^"]*/_images/[^"]+\.svg)")')
SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
LOGO = re.compile(r'<img (?=[^>]*src="[^"]*/logo_\w+\.)')
FILM = re.compile(r'preload="metadata"(.*?) poster="data:[^"]*" src="([^"]*)\.mp4"')
THEME = 'localStorage.getItem("theme") || "auto"'
SYSTEMS_THEME = 'matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"'
# Where a browser keeps nothing the theme's scripts would break off, and no menu would open.
STORAGE = re.compile(r"\b(local|session)Storage\b")
SAFE = r"safeStorage.\1Storage"
SAFELY = """<script>
  var safeStorage = {};
  for (const name of ["localStorage", "sessionStorage"]) {
    const kept = {};
    const getItem = (key) => kept[key] ?? null;
    const setItem = (key, value) => (kept[key] = value);
    const removeItem = (key) => delete kept[key];
    safeStorage[name] = { getItem, setItem, removeItem };
    try {
      window[name].setItem("safe", "");
      window[name].removeItem("safe");
      safeStorage[name] = window[name];
    } catch {}
  }
</script>
"""
HEAD = re.compile(r'<script data-cfasync="false">.*?</script>', re.DOTALL)
KEEPING = ("pydata-sphinx-theme.js", "sphinx_highlight.js", "design-tabs.js", "searchtools.js")
FULL_LAB = '<section data-gan-lab="full"'
PIXELS = 4 / 3  # of a point


def sized(page: Path, image: re.Match[str]) -> str:
    """The beginning of a figure's tag, with its size, and a class if it is wide."""
    svg = (page.parent / image[1]).read_text(encoding="utf8")
    found = SIZE.search(svg)
    assert found, f"{image[1]} does not say its size"
    width, height = (round(PIXELS * float(side)) for side in found.groups())
    return f'<img loading="lazy" width="{width}" height="{height}" '


def lighter(text: str, page: Path, search: bool = False) -> str:
    """The text of a page, which loads less and later."""
    text, count = ICONS.subn("", text)
    assert count == 1, f"{page.name}: the theme has another script of icons"
    # Small scripts within the page use it at once.
    options = OPTIONS.search(text)
    assert options, f"{page.name}: Sphinx has other options"
    script = (page.parent / options[1]).read_text(encoding="utf8")
    text = text.replace(options[0], f"<script>{script}</script>")
    if not search:  # which has a small script that uses the large ones at once
        text, count = SEARCH.subn("", text)
        assert count == 3, f"{page.name}: the theme has other scripts of the search"
        text = LATER.sub("<script defer ", text)
    # The theme's script would say so after the first picture, and then all of it changes.
    assert THEME in text, f"{page.name}: the theme finds out about day and night in another way"
    text = text.replace(THEME, THEME.replace('"auto"', f"({SYSTEMS_THEME})"))
    text, count = HEAD.subn(lambda head: SAFELY + STORAGE.sub(SAFE, head[0]), text)
    assert count == 1, f"{page.name}: the theme begins with another script"
    if FULL_LAB in text:  # the sidebars, which are read first, are not to be seen at all
        text = text.replace("<body ", '<body class="has-full-lab" ', 1)
    text = FIGURE.sub(lambda image: sized(page, image), text)
    text = LOGO.sub('<img loading="lazy" ', text)
    return FILM.sub(r'preload="none"\1 poster="\2.png" src="\2.mp4"', text)


def rewrite(app: Sphinx, error: Exception | None) -> None:
    """Rewrite all pages."""
    if error or app.builder.format != "html":
        return
    for page in pages(app):
        text = page.read_text(encoding="utf8")
        page.write_text(lighter(text, page, page.name == "search.html"), encoding="utf8")
    for file in Path(app.outdir).glob("_static/scripts/fontawesome.js*"):
        file.unlink()
    for name in KEEPING:
        (file,) = Path(app.outdir).glob(f"_static/**/{name}")
        script = STORAGE.sub(SAFE, file.read_text(encoding="utf8"))
        file.write_text(script, encoding="utf8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
