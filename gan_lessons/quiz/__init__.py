"""The quiz: questions on all lessons, marked in the page, with no kernel.

The questions are data, in ``items.toml``, and ``items.py`` reads them.  ``show`` puts the quiz
into a notebook.  On the site the same scripts lie in ``_static/quiz``; colours, buttons and fields
are those of the live lab.
"""

import html
import json
from collections.abc import Sequence
from pathlib import Path

from gan_lessons import framed, lab, validation
from gan_lessons.quiz import items

FOLDER = Path(__file__).parent
STYLES = (lab.FOLDER / "lab.css", FOLDER / "quiz.css")
SCRIPTS = (lab.FOLDER / "numbers.js", lab.FOLDER / "controls.js", FOLDER / "quiz.js")
"""In the order in which a page loads them; the data come before them."""
TITLE = "The quiz"


def data_script() -> str:
    """The script that hands the items to the page."""
    bank = items.load()
    data = {
        "lessons": [vars(lesson) for lesson in bank.lessons],
        "items": [items.shown(item) for item in bank.items],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"(globalThis.GanQuiz = globalThis.GanQuiz || {{}}).BANK = {text};\n"


def section(lessons: Sequence[int] = (), seed: int = 0, pages: str = "") -> str:
    """The place of the quiz in a page: its scripts fill it.

    Without ``lessons`` it asks about all.  ``pages`` is where the page finds the lessons; without
    it the quiz names them and sets no link.
    """
    asked = ",".join(map(str, lessons)) or "all"
    links = f' data-pages="{html.escape(pages)}"' if pages else ""
    return (
        f'<section data-gan-quiz="{asked}-{seed}" aria-label="{TITLE}"{links}>'
        "<noscript><p>Here is a quiz that marks itself; that needs JavaScript.</p></noscript>"
        "</section>"
    )


def show(*lessons: int, seed: int = 0, height: int = 900) -> framed.Frame:
    """The quiz as the last line of a notebook's cell; nothing needs to be installed for it.

    ``lessons`` are the numbers of those that it asks about, as in ``show(8, 9)``, or none for
    all; ``seed`` chooses the order of the choices and the numbers in the questions; ``height`` is
    in pixels.  Raises ``ValueError`` for a lesson without questions, a seed below 0, or a height
    that is no whole number above 0.
    """
    numbers = [str(each.number) for each in items.load().lessons]
    chosen = [int(validation.choice("lessons", str(each), numbers)) for each in lessons]
    seed = validation.count("seed", seed, 0)
    return framed.Frame(
        TITLE,
        validation.count("height", height),
        section(chosen, seed),
        [style.read_text(encoding="utf-8") for style in STYLES],
        [data_script(), *(script.read_text(encoding="utf-8") for script in SCRIPTS)],
        on_site=section(chosen, seed, pages="."),  # where the lessons are
    )
