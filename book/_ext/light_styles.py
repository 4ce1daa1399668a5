"""Serve the styles and icons that the pages use, and no others.

The theme brings all of Bootstrap and Font Awesome, 400 kB of rules of which a page uses a tenth.
A rule stays if each of its classes stands in some page or script. The fonts of icons keep the
signs that the remaining rules write, and lie within the style sheet, so that an icon is there as
soon as its button is.
The icons are from Font Awesome Free (fontawesome.com), under the SIL Open Font License 1.1,
which asks for another name for a font that was changed.
"""

import base64
import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

from book._ext.site_files import pages, scripts

THEME = "styles/pydata-sphinx-theme.css"
BOOK = "styles/sphinx-book-theme.css"
OTHERS = ("basic.css", "pygments.css", "sphinx-design.min.css", "mystnb.*.css")
COMPOSED = "bs-"  # the beginning of classes that Bootstrap's script puts together
RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
FACE = re.compile(r"@font-face\{[^}]*?/(fa-[a-z]+-\d+)\.woff2[^}]*\}")
OLD_NAME = re.compile(r"Font Awesome(?:\\ | )6")


def words(texts: Iterable[str]) -> set[str]:
    """All that may be the name of a class in some pages and scripts."""
    return {word for text in texts for word in re.findall(r"[\w-]+", text)}


def classes(selector: str) -> list[str]:
    """The classes that an element must have, or stand in, for a selector to choose it."""
    plain = re.sub(r"\[[^\]]*\]", "", selector)
    while "(" in plain:  # what :not(), :is() and :has() hold is not needed
        plain, before = re.sub(r"\([^()]*\)", "", plain), plain
        if plain == before:
            break
    return re.findall(r"\.([\w-]+)", plain)


def without_unused(style: str, known: set[str]) -> str:
    """The style sheet without the rules for classes that are not among the known ones."""

    def kept(rule: re.Match[str]) -> str:
        if rule[1].lstrip().startswith("@"):
            return rule[0]
        selectors = [
            selector
            for selector in re.split(r",(?![^(]*\))", rule[1])
            if all(name in known or name.startswith(COMPOSED) for name in classes(selector))
        ]
        return f"{','.join(selectors)}{{{rule[2]}}}" if selectors else ""

    licences = dict.fromkeys(re.findall(r"/\*!.*?\*/", style, re.DOTALL))
    plain = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return "\n".join([*licences, RULE.sub(kept, plain)])


def characters(style: str) -> set[int]:
    """What a style sheet writes in a font of icons: signs of the area for private use."""
    written = [int(code, 16) for code in re.findall(r"\\([0-9a-f]{4})\b", style)]
    return {code for code in [*written, *map(ord, style)] if 0xE000 <= code <= 0xF8FF}


def subset(font: Path, wanted: set[int]) -> bytes:
    """The font with those of the wanted characters that it has."""
    loaded, made = TTFont(font), BytesIO()
    subsetter = Subsetter(Options(name_IDs=[0, 11]))  # whose it is, and their address
    subsetter.populate(unicodes=wanted)
    subsetter.subset(loaded)
    loaded.flavor = "woff"
    loaded.save(made)
    return made.getvalue()


def with_own_fonts(style: str, fonts: Path, wanted: set[int]) -> str:
    """The style sheet with its fonts of icons in it, each with no more than is wanted."""

    def embedded(face: re.Match[str]) -> str:
        font = base64.b64encode(subset(fonts / f"{face[1]}.ttf", wanted)).decode()
        return f"{face[0].partition('src:')[0]}src:url(data:font/woff;base64,{font})}}"

    return OLD_NAME.sub("Course Icons", FACE.sub(embedded, style))


def rewrite(app: Sphinx, error: Exception | None) -> None:
    """Rewrite the style sheets that came with the tools, and drop the fonts of all icons."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    known = words(path.read_text(encoding="utf8") for path in pages(app) + scripts(app))
    sheets = [path for name in (THEME, BOOK, *OTHERS) for path in static.glob(name)]
    styles = {path: without_unused(path.read_text(encoding="utf8"), known) for path in sheets}
    wanted = characters("".join(styles.values()))
    icons = static / "vendor" / "fontawesome" / "webfonts"
    for path, style in styles.items():
        path.write_text(with_own_fonts(style, icons, wanted), encoding="utf8")
    for font in icons.iterdir():
        font.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
