"""The assignment of lesson 7: the quiz, counted from the answers that its page hands in."""

from collections.abc import Sequence

from gan_lessons.marking.task import Task, Verdict, no_cases
from gan_lessons.quiz import items, points
from gan_lessons.trials import Case, Plain, value

HOW = "Press “Hand in” in the quiz, copy the text, and paste it, whole, between the quotes."


def _count(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
    text = results[0]
    if not isinstance(text, str):
        return Verdict(0, f"The answer is a text. {HOW}")
    if not text.strip():
        return Verdict(0, f"Not answered yet. {HOW}", answered=False)
    try:
        found = points.count(text)
    except ValueError as why:
        return Verdict(0, f"Not counted: {why}. {HOW}")
    bank = items.load()
    words = []
    for lesson in bank.lessons:
        asked = [item.id for item in bank.items if item.lesson == lesson.number]
        got = sum(found.points.get(name, 0) for name in asked)
        words += [f"lesson {lesson.number}: {got:.4g} of {len(asked)}"] if asked else []
    message = f"Points by {', '.join(words)}."
    if missing := len(bank.items) - len(found.points):
        message += f" Questions without an answer that counts: {missing}."
    if found.lost:
        lost = ", ".join(f"{why} ({n})" for why, n in found.lost.items())
        message += f" Answers that don't count: {lost}."
    return Verdict(sum(found.points.values()) / len(bank.items), message)


quiz = Task(objective="to mark an answer", ask=no_cases, run=value, judge=_count)
