"""Check an answer to an exercise: is it right, and if not, what may have gone wrong."""

from typing import Any

from gan_lessons import marking


def check(name: str, answer: Any, student: str = "") -> marking.Verdict:
    """Mark ``answer``, a value or a function of yours, to the exercise ``name``.

    The last line of a cell shows what comes back.  Your answer may raise, be missing or be
    nonsense: that is told, not raised.  ``student`` is your id, for the exercises that give each
    student numbers of their own.  Raises ``ValueError`` if there is no exercise ``name``.
    """
    return marking.mark_here(name, answer, student=student)
