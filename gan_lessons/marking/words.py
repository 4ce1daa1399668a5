"""Answers that are words: the names of what ails a GAN, and how words are compared."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from gan_lessons.trials import Case, Plain, Run, call

DIAGNOSES = (
    "healthy",
    "mode collapse",
    "cycling",
    "saturation",
    "blind discriminator",
    "mean loss",
    "squared mean loss",
    "diverged",
)

SPELLINGS = {"beta": "β", "center": "centre"}  # not everyone can type a β
SHORT = {"blind": "blind discriminator"}


def _folded(words: str) -> str:
    """Letters and digits alone: capitals, spaces, hyphens and stops make no difference."""
    text = unicodedata.normalize("NFKC", words).casefold()
    for other, ours in SPELLINGS.items():
        text = text.replace(other, ours)
    return re.sub(r"[\W_]", "", text)


def word(said: str, known: Iterable[str]) -> str:
    """Which of the ``known`` words was said; what was said itself, if it is none of them."""
    names = {_folded(name): name for name in known}
    names |= {short: name for short, name in SHORT.items() if name in names.values()}
    return names.get(_folded(said), said)


def saying(known: Iterable[str]) -> Run:
    """A ``run`` for a function that answers in one of the ``known`` words."""

    def run(answer: Any, case: Case) -> Plain:
        said = call(answer, case)
        return word(said, known) if isinstance(said, str) else said

    return run
