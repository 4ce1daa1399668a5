"""Keep room for each formula within a line until MathJax sets it, so that no line moves.

The signs that touch a formula, such as a full stop, stay on its line.
MathJax sets Computer Modern as large as the text around it: an x is as high as one of the text.
Matplotlib knows this font, too, and so the size that a formula will have, in such heights (ex).
"""

import html
import re
from functools import cache
from typing import Any

from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser
from sphinx.application import Sphinx

FORMULA = re.compile(
    r"(?<=[\s>])(?P<before>[^\s<>]*+)"
    r'(?P<start><span class="math notranslate nohighlight")>\\\((?P<tex>.*?)\\\)</span>'
    r"(?P<after>[^\s<>]*)",
    re.DOTALL,
)
SIZE = 1000
EX = 0.442 * SIZE  # the height of MathJax's x
FONT = FontProperties(size=SIZE, math_fontfamily="cm")
# What Matplotlib writes in another way.
OTHERS = {r"\\tfrac\s*(\d)\s*(\d)": r"\\frac{\1}{\2}", r"\\tfrac": r"\\frac"}
OTHERS |= {r"\\(l|g)e\b": r"\\\1eq", r"\\[lr]vert": "|"}


@cache
def size(tex: str) -> tuple[float, float, float] | None:
    """The width, the height and the depth of a formula in ex, if Matplotlib can read it."""
    for found, other in OTHERS.items():
        tex = re.sub(found, other, tex)
    try:
        box = MathTextParser("path").parse(f"${tex}$", dpi=72, prop=FONT)
    except ValueError:
        return None
    return box.width / EX, box.height / EX, box.depth / EX


def with_room(formula: re.Match[str]) -> str:
    """The formula with its size, for the style sheet, and with what touches it."""
    before, start, tex, after = formula.groups()
    found = size(html.unescape(tex))
    if found:
        width, height, depth = (f"{length:.2f}ex" for length in found)
        start += f' style="--width: {width}; --height: {height}; --depth: {depth}"'
    alone = f"{start}>\\({tex}\\)</span>"
    return f'<span class="pair">{before}{alone}{after}</span>' if before or after else alone


def rewrite_page(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Rewrite the body of one page."""
    if "body" in context:
        context["body"] = FORMULA.sub(with_room, context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", rewrite_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
