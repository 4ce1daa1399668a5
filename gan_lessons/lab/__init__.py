"""The live lab: the GAN that trains in the page, in plain JavaScript, with no kernel.

``show`` puts it into a notebook.  On the site the same scripts lie in ``_static/lab``.
"""

import html
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from gan_lessons import framed, validation

FOLDER = Path(__file__).parent
STYLES = ("lab.css", "hand.css")
SCRIPTS = (
    "presets.js",
    "numbers.js",
    "targets.js",
    "engine.js",
    "theory.js",
    "controls.js",
    "charts.js",
    "handles.js",
    "sketch.js",
    "pictures.js",
    "history.js",
    "settings.js",
    "python.js",
    "news.js",
    "training.js",
    "ensemble.js",
    "player.js",
    "scenes.js",
    "gap.js",
    "orbit.js",
    "z.js",
    "panel.js",
    "seeds.js",
    "view.js",
    "hero.js",
    "frame.js",
    "hand.js",
    "pushes.js",
    "tilt.js",
    "kink.js",
    "dirac.js",
)
"""In the order in which a page loads them."""
LATER = ("ensemble.js", "seeds.js")
"""Those that a page of the site loads when a reader asks for them."""
_BY_HAND, _PUSHES = ("game", "scripted", "impostor"), ("tilt", "kink")
_FRAMED = (*_BY_HAND, *_PUSHES, "dirac")
_PARTS: dict[str, tuple[str, ...]] = {
    "engine.js": ("live", "hero", *_PUSHES),
    "pictures.js": ("live", *_FRAMED),
    **dict.fromkeys(["history.js", "settings.js", "training.js", "player.js"], ("live", "hero")),
    **dict.fromkeys(["sketch.js", "python.js", "news.js", "ensemble.js"], ("live",)),
    **dict.fromkeys(["scenes.js", "panel.js", "seeds.js", "view.js"], ("live",)),
    "hero.js": ("hero",),
    "gap.js": ("gap",),
    "orbit.js": ("orbit",),
    "z.js": ("z",),
    "frame.js": _FRAMED,
    **dict.fromkeys(["theory.js", "hand.js", "hand.css"], _BY_HAND),
    "pushes.js": _PUSHES,
    **{f"{kind}.js": (kind,) for kind in (*_PUSHES, "dirac")},
}
"""The kinds of lab, or what it shows, that need a file; all need the others."""


@cache
def presets() -> dict[str, Any]:
    """What each lab starts from, by its name."""
    text = (FOLDER / "presets.js").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.split("PRESETS =", 1)[1].strip().removesuffix(";"))
    return found


def files(names: Iterable[str]) -> list[str]:
    """The styles and scripts that the labs with these names need, in the order of loading."""
    chosen = [presets()[name] for name in names]
    parts = {part for preset in chosen for part in (preset["kind"], *preset.get("show", []))}
    return [file for file in STYLES + SCRIPTS if parts.intersection(_PARTS.get(file, parts))]


def section(name: str) -> str:
    """The place of a lab in a page: its scripts fill it."""
    preset = presets()[name]
    what = (
        "a GAN trains in your browser"
        if preset["kind"] in {"live", "hero"}
        else "you play by hand"
    )
    return (
        f'<section data-gan-lab="{name}" aria-label="{html.escape(preset["title"])}">'
        f"<noscript><p>Here {what}; that needs JavaScript.</p></noscript>"
        "</section>"
    )


def show(name: str = "full", height: int = 900) -> framed.Frame:
    """A lab as the last line of a notebook's cell; nothing needs to be installed for it.

    ``name`` is a key of ``presets()``, ``height`` in pixels.  Raises ``ValueError`` for another
    name, or a height that is no whole number above 0.
    """
    name = validation.choice("name", name, presets())
    texts = {file: (FOLDER / file).read_text(encoding="utf-8") for file in files([name])}
    return framed.Frame(
        presets()[name]["title"],
        validation.count("height", height),
        section(name),
        [text for file, text in texts.items() if file in STYLES],
        [text for file, text in texts.items() if file in SCRIPTS],
        on_site=section(name),
    )
