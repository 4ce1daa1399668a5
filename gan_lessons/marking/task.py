"""What a task is, and how an answer to it is marked.

A task has three parts.  ``ask`` draws the cases that an answer is tried on, ``run`` tries it on
one of them, and ``judge`` reads what came back.  Cases and results are plain.  So only ``run``
meets the student's code, and a grader can keep the other two in a process that this code can't
reach: `gan_lessons.trials` holds all that trying needs.
"""

import hashlib
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_lessons.trials import Case, Outcome, Plain, Run, call, numbers, plain, row


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth, from 0 to 1, and what its author should read.

    ``answered`` is false where there is no answer yet.
    """

    share: float
    message: str
    answered: bool = True

    @property
    def right(self) -> bool:
        """Whether nothing is missing."""
        return self.share == 1

    @property
    def _sign(self) -> str:
        return "✓" if self.right else "✗" if self.answered else "…"

    def __repr__(self) -> str:
        return f"{self._sign} {self.message}"

    def _repr_html_(self) -> str:
        look = "right" if self.right else "wrong" if self.answered else "open"
        text = html.escape(self.message)
        return f'<p class="check check-{look}" role="status"><b>{self._sign}</b> {text}</p>'


Ask = Callable[[np.random.Generator, str], Sequence[Case]]
Judge = Callable[[Sequence[Case], Sequence[Plain]], Verdict]


@dataclass(frozen=True)
class Task:
    """One thing to do that can be marked.

    ``objective`` is how the objective of the lesson that it serves begins, ``also`` a second one.
    ``ask(rng, student)`` draws the cases, one or more; ``student`` is an id, for a task that is
    another one for each student.
    ``run(answer, case)`` tries the answer; it may raise.  ``judge(cases, results)`` decides.
    """

    objective: str
    ask: Ask
    run: Run
    judge: Judge
    also: str = ""


def cases_of(task: Task, name: str, seed: int, student: str = "") -> Sequence[Case]:
    """The cases of a task: the same for the same name, seed and student."""
    words = f"{name}\0{seed}\0{student}".encode()
    source = int.from_bytes(hashlib.sha256(words).digest()[:8])
    return task.ask(np.random.default_rng(source), student)


def verdict(task: Task, cases: Sequence[Case], outcome: Outcome) -> Verdict:
    """What the outcome of an attempt is worth."""
    if outcome.words:
        return Verdict(0, outcome.words, outcome.answered)
    return task.judge(cases, outcome.results)


# --- Parts that tasks share ---------------------------------------------------------------------


def no_cases(rng: np.random.Generator, student: str) -> list[Case]:
    """An ``ask`` for an answer that is a value."""
    return [{}]


def close(result: Plain, wanted: Plain, tolerance: float) -> bool:
    """Whether two plain values agree, each number to ``tolerance``·max(1, |wanted|)."""
    if isinstance(wanted, dict):
        return (
            isinstance(result, dict)
            and result.keys() == wanted.keys()
            and all(close(result[key], wanted[key], tolerance) for key in wanted)
        )
    if isinstance(wanted, str):
        return bool(result == wanted)
    got, want = numbers(result), np.asarray(wanted, dtype=float)
    if got is None:
        return False
    got, want = got.squeeze(), want.squeeze()  # (n, 1) is as good as (n,)
    if got.shape != want.shape:
        return False
    scale = tolerance * np.fmax(1, np.abs(np.nan_to_num(want, posinf=1, neginf=1)))
    return bool(np.allclose(got, want, rtol=0, atol=scale, equal_nan=True))


TOLERANCE = 1e-5
"""What an answer computed in PyTorch's floats, which have seven digits, may miss."""

MINIMISER = 1e-4
"""What an answer found by a numeric minimiser may miss."""


@dataclass(frozen=True)
class Comparison:
    """A ``judge``: the result must be what ``right`` gives for each case.

    ``wrong`` pairs functions that hold a misconception with what to tell its owner: a result that
    agrees with one of them everywhere gets these words.  Any other gets ``hint``.
    All functions are called as ``call`` does it.
    """

    right: Callable[..., Any]
    hint: str
    wrong: Sequence[tuple[Callable[..., Any], str]] = ()
    praise: str = "Right."
    tolerance: float = TOLERANCE

    def __call__(self, cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
        """The verdict on the results of all cases."""

        def agrees(belief: Callable[..., Any]) -> bool:
            return all(
                close(result, plain(call(belief, case)), self.tolerance)
                for case, result in zip(cases, results, strict=True)
            )

        if agrees(self.right):
            return Verdict(1, self.praise)
        found = (words for belief, words in self.wrong if agrees(belief))
        return Verdict(0, next(found, "") or self._oddity(cases, results) or self.hint)

    def _oddity(self, cases: Sequence[Case], results: Sequence[Plain]) -> str:
        """What can be said of results that are texts, or not finite, where numbers are wanted."""
        for case, result in zip(cases, results, strict=True):
            wanted = numbers(plain(call(self.right, case)))
            if wanted is None:
                continue
            if isinstance(result, str):
                return "Your answer is a text. Return the number itself."
            if np.isfinite(wanted).all() and not np.isfinite(row(result)).all():
                return (
                    "Your answer holds nan or inf. Was there a log of 0, a division by 0, or "
                    "0 times infinity?"
                )
        return ""
