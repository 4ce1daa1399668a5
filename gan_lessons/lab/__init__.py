"""The live lab: the GAN that trains in the page, in plain JavaScript, with no kernel.

``show`` puts it into a notebook.  On the site the same scripts lie in ``_static/lab``.
"""

import html
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gan_lessons import framed, validation

FOLDER = Path(__file__).parent
STYLE = "lab.css"
SCRIPTS = (
    "presets.js",
    "numbers.js",
    "targets.js",
    "engine.js",
    "controls.js",
    "charts.js",
    "history.js",
    "settings.js",
    "training.js",
    "scenes.js",
    "panel.js",
    "view.js",
    "hand.js",
)
"""In the order in which a page loads them."""


@cache
def presets() -> dict[str, Any]:
    """What each lab starts from, by its name."""
    text = (FOLDER / "presets.js").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.split("PRESETS =", 1)[1].strip().removesuffix(";"))
    return found


def section(name: str) -> str:
    """The place of a lab in a page: its scripts fill it."""
    preset = presets()[name]
    what = "a GAN trains in your browser" if preset["kind"] == "live" else "you play by hand"
    return (
        f'<section data-gan-lab="{name}" aria-label="{html.escape(preset["title"])}">'
        f"<noscript><p>Here {what}; that needs JavaScript.</p></noscript>"
        "</section>"
    )


@dataclass(frozen=True)
class Lab:
    """One lab, which a notebook shows as a page of its own within the page."""

    name: str
    height: int

    def _repr_html_(self) -> str:
        return framed.frame(
            presets()[self.name]["title"],
            self.height,
            section(self.name),
            [(FOLDER / STYLE).read_text(encoding="utf-8")],
            [(FOLDER / script).read_text(encoding="utf-8") for script in SCRIPTS],
        )

    def _repr_markdown_(self) -> str:
        return section(self.name)


def show(name: str = "full", height: int = 900) -> Lab:
    """A lab as the last line of a notebook's cell; nothing needs to be installed for it.

    ``name`` is a key of ``presets()``, ``height`` in pixels.  Raises ``ValueError`` for another
    name, or a height that is no whole number above 0.
    """
    return Lab(validation.choice("name", name, presets()), validation.count("height", height))
