"""The quiz of lesson 7: questions on all lessons, marked in the page, with no kernel.

The questions are data, in ``items.toml``, and ``items.py`` reads them.  ``show`` puts the quiz
into a notebook.  On the site the same scripts lie in ``_static/quiz``; colours, buttons and fields
are those of the live lab.
"""

import html
import json
from pathlib import Path

from gan_lessons import framed, lab, validation
from gan_lessons.quiz import items

FOLDER = Path(__file__).parent
STYLES = (lab.FOLDER / "lab.css", FOLDER / "quiz.css")
SCRIPTS = (lab.FOLDER / "numbers.js", lab.FOLDER / "controls.js", FOLDER / "quiz.js")
"""In the order in which a page loads them; the data come before them."""
ALL = 0
"""Stands for all lessons."""
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


def section(lesson: int = ALL, seed: int = 0, pages: str = "") -> str:
    """The place of the quiz in a page: its scripts fill it.

    ``pages`` is where the page finds the lessons; without it the quiz names them and sets no link.
    """
    links = f' data-pages="{html.escape(pages)}"' if pages else ""
    return (
        f'<section data-gan-quiz="{lesson}-{seed}" aria-label="{TITLE}"{links}>'
        "<noscript><p>Here is a quiz that marks itself; that needs JavaScript.</p></noscript>"
        "</section>"
    )


def show(lesson: int | None = None, seed: int = 0, height: int = 900) -> framed.Frame:
    """The quiz as the last line of a notebook's cell; nothing needs to be installed for it.

    ``lesson`` is the number of one lesson, or None for all; ``seed`` chooses the order of the
    choices and the numbers in the questions; ``height`` is in pixels.  Raises ``ValueError`` for
    a lesson without questions, a seed below 0, or a height that is no whole number above 0.
    """
    if lesson is not None:
        numbers = [str(each.number) for each in items.load().lessons]
        validation.choice("lesson", str(lesson), numbers)
    chosen = ALL if lesson is None else int(lesson)
    seed = validation.count("seed", seed, 0)
    return framed.Frame(
        TITLE,
        validation.count("height", height),
        section(chosen, seed),
        [style.read_text(encoding="utf-8") for style in STYLES],
        [data_script(), *(script.read_text(encoding="utf-8") for script in SCRIPTS)],
        on_site=section(chosen, seed, pages="."),  # where the lessons are
    )
