"""The course's tasks and what marks them: for the exercises, and for graded assignments."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from gan_lessons import validation
from gan_lessons.marking.task import Task, Verdict, cases_of, verdict
from gan_lessons.trials import Case, Outcome, attempt, shown

__all__ = [
    "LESSONS",
    "Task",
    "Verdict",
    "cases_of",
    "find",
    "mark",
    "mark_here",
    "tasks",
    "verdict",
]

LESSONS = range(1, 11)
ROOMS = {5: ("lesson", "steps", "assignment"), 7: ("assignment",)} | dict.fromkeys(
    (8, 9, 10), ("lesson",)
)
"""Where the tasks of a lesson are, if not in lesson<N> and assignment<N>."""


def tasks(lesson: int) -> dict[str, Task]:
    """The tasks of a lesson and of its assignment by their names, such as "1.dear_rock"."""
    rooms = ROOMS.get(lesson, ("lesson", "assignment"))
    modules = [importlib.import_module(f"{__name__}.{room}{lesson}") for room in rooms]
    return {
        f"{lesson}.{name}": task
        for module in modules
        for name, task in vars(module).items()
        if isinstance(task, Task)
    }


def find(name: str) -> Task:
    """The task with this name.  Raises ``ValueError`` for a name that there is not."""
    first = str(name).partition(".")[0]
    numbers = [n for n in LESSONS if str(n) == first] or LESSONS
    known = {key: task for n in numbers for key, task in tasks(n).items()}
    return known[validation.choice("name", name, known)]


Trial = Callable[[str, Sequence[Case]], Outcome]


def mark(name: str, trial: Trial, seed: int = 0, student: str = "") -> Verdict:
    """Mark an answer to the task ``name``; ``trial(name, cases)`` tries it, wherever it lives.

    Raises ``ValueError`` for a name that there is not.
    """
    task = find(name)
    cases = cases_of(task, name, validation.count("seed", seed, minimum=0), student)
    return verdict(task, cases, trial(name, [shown(case) for case in cases]))


def mark_here(name: str, answer: Any, seed: int = 0, student: str = "") -> Verdict:
    """The same for an answer that lives in this process."""
    return mark(name, lambda _, cases: attempt(find(name).run, answer, cases), seed, student)
