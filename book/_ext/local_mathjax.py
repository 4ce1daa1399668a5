"""Serve MathJax from the site itself, and leave the key Tab to what can be used.

The package sphinx-mathjax-offline holds all of MathJax (24 MB); the pages need one script,
the TeX extensions that it loads on demand, and the fonts: under 2 MB.
"""

import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

SCRIPT = "tex-mml-chtml.js"
FOLDERS = ("input/tex/extensions", "output/chtml/fonts/woff-v2")


def source() -> Path:
    """Where the installed package keeps MathJax."""
    files = distribution("sphinx-mathjax-offline").files or []
    (script,) = [file for file in files if file.name == SCRIPT]
    return Path(str(script.locate())).parent


def configure(app: Sphinx, config: Any) -> None:
    """Let the pages load the site's own script (a path relative to `_static`)."""
    config.mathjax_path = f"mathjax/{SCRIPT}"
    # A reader's own choice in the menu of a formula comes before this one.
    config.mathjax3_config = {"options": {"menuOptions": {"settings": {"inTabOrder": False}}}}


def copy_files(app: Sphinx, error: Exception | None) -> None:
    """Copy what the pages need into the site."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(source() / SCRIPT, target)
    for folder in FOLDERS:
        shutil.copytree(source() / folder, target / folder, dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", configure)
    app.connect("build-finished", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
