"""The files of a site that was just made, for the extensions that change them."""

from pathlib import Path

from sphinx.application import Sphinx


def pages(app: Sphinx) -> list[Path]:
    """Every page but for the entrance, which leads on."""
    top = Path(app.outdir)
    found = [path for path in top.rglob("*.html") if "_static" not in path.relative_to(top).parts]
    return [path for path in found if path != top / "index.html"]


def scripts(app: Sphinx) -> list[Path]:
    """Every script but those of MathJax, which brings its own styles."""
    found = Path(app.outdir).rglob("_static/**/*.js")
    return [path for path in found if "mathjax" not in path.parts]
