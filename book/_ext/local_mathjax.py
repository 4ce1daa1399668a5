"""Serve MathJax from the site itself.

The package sphinx-mathjax-offline holds all of MathJax (24 MB); the pages need one script, made of
the parts that set TeX and say it to screen readers, the TeX extensions that it loads on demand,
and the fonts: under 2 MB. Its own script has a menu besides, as heavy as the rest together, which
makes each formula a stop of the key Tab.
"""

import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

SCRIPT = "tex-chtml.js"
# In the order in which they need each other; what the first one starts waits for the last one.
PARTS = (
    "startup",
    "core",
    "input/tex",
    "output/chtml",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml",
)
# A page answers its reader after each section.
IN_SECTIONS = """
MathJax.startup = { async pageReady() {
    for (const section of document.querySelectorAll(".bd-article > section > *")) {
        await MathJax.typesetPromise([section]);
        await new Promise((go) => setTimeout(go));
    }
} };
"""
FOLDERS = ("input/tex/extensions", "output/chtml/fonts/woff-v2")


def source() -> Path:
    """Where the installed package keeps MathJax."""
    files = distribution("sphinx-mathjax-offline").files or []
    (script,) = [file for file in files if file.name == SCRIPT]
    return Path(str(script.locate())).parent


def script() -> str:
    """The parts as one script, which knows that they are there."""
    files = [(source() / part).with_suffix(".js") for part in PARTS]
    first, *others = [file.read_text(encoding="utf8") for file in files]
    names = ", ".join(f'"{part}"' for part in PARTS)
    return IN_SECTIONS + ";\n".join([first, f"MathJax.loader.preLoad({names})", *others])


def set_path(app: Sphinx, config: Any) -> None:
    """Let the pages load the site's own script (a path relative to `_static`)."""
    config.mathjax_path = f"mathjax/{SCRIPT}"
    # No lab waits for it.  If it does not come, TeX is shown as it is.
    missing = "document.documentElement.dataset.maths = 'missing'"
    config.mathjax_options = {"async": "async", "onerror": missing}


def copy_files(app: Sphinx, error: Exception | None) -> None:
    """Copy what the pages need into the site."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    target.mkdir(parents=True, exist_ok=True)
    (target / SCRIPT).write_text(script(), encoding="utf8")
    for folder in FOLDERS:
        shutil.copytree(source() / folder, target / folder, dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", set_path)
    app.connect("build-finished", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
