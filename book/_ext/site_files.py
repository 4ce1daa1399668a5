"""The files of a site that was just made, for the extensions that change them."""

from pathlib import Path

from sphinx.application import Sphinx


def pages(app: Sphinx) -> list[Path]:
    """All pages that readers open."""
    found = Path(app.outdir).rglob("*.html")
    return [path for path in found if "_static" not in path.relative_to(app.outdir).parts]


def scripts(app: Sphinx) -> list[Path]:
    """All scripts but those of MathJax, which brings its own styles."""
    return [path for path in Path(app.outdir).rglob("_static/**/*.js") if "mathjax" not in path.parts]
