"""What a task is, and how an answer to it is marked.

A task has three parts.  ``ask`` draws the cases that an answer is tried on, ``run`` tries it on
one of them, and ``judge`` reads what came back.  Cases and results are plain.  So only ``run``
meets the student's code, and a grader can keep the other two in a process that this code can't
reach: `gan_lessons.trials` holds all that trying needs.
"""

import hashlib
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
Belief = Callable[..., Any]
"""An answer to a task, right or wrong."""


@dataclass(frozen=True)
class Task:
    """One thing to do that can be marked.

    ``objective`` is how the objective of the lesson that it serves begins, ``also`` a second one.
    ``ask(rng, student)`` draws the cases, one or more; ``student`` is an id, for a task that is
    another one for each student.
    ``run(answer, case)`` tries the answer; it may raise.  ``judge(cases, results)`` decides.
    A task's name is that of the variable that holds it, in the module of its lesson.
    """

    objective: str
    ask: Ask
    judge: Judge
    run: Run = call
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


def form(result: Plain) -> str:
    """What kind of thing a plain value is, without the keys of a dict: these are the student's."""
    if isinstance(result, str):
        return "a text"
    if isinstance(result, dict):
        return "a dict" if result else "an empty dict"
    if numbers(result) is None:
        return "a list that does not hold numbers alone"
    try:
        shape = np.shape(result)
    except ValueError:
        return "a list of parts that differ in shape"
    return f"an array of shape {shape}" if shape else "one number"


def _other_form(result: Plain, wanted: Plain) -> str:
    if not isinstance(wanted, dict):
        return f"Return {form(wanted)}: yours is {form(result)}."
    yours = f"is {form(result)}"
    if isinstance(result, dict):
        yours = f"lacks {', '.join(key for key in wanted if key not in result)}"
    return f"Return a dict with {', '.join(wanted)}: yours {yours}."


def _same_form(result: Plain, wanted: Plain) -> bool:
    """Whether two values are of one kind; (n, 1) is as good as (n,)."""
    if isinstance(wanted, dict):
        return isinstance(result, dict) and wanted.keys() <= result.keys()
    if isinstance(wanted, str):
        return isinstance(result, str)
    got, want = numbers(result), numbers(wanted)
    return want is None or (got is not None and got.squeeze().shape == want.squeeze().shape)


@dataclass(frozen=True)
class Comparison:
    """A ``judge``: the result must be what ``right`` gives for each case.

    ``wrong`` has words for the owner of each misconception, with the function that holds it, or
    several: a result that agrees with one of them everywhere gets these words.  Any other gets
    ``hint``.
    All functions are called as ``call`` does it.
    ``parts`` names the parts of a result that is a list: each that is right gets its share.
    """

    right: Belief
    hint: str
    wrong: Mapping[str, Belief | list[Belief]] = field(default_factory=dict)
    praise: str = "Right."
    tolerance: float = TOLERANCE
    parts: Sequence[str] = ()

    def __call__(self, cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
        """The verdict on the results of all cases."""
        wanted = self._of(self.right, cases)
        if self._agree(results, wanted):
            return Verdict(1, self.praise)
        found = (
            words
            for words, belief in self.beliefs
            if self._agree(results, self._of(belief, cases))
        )
        fine = self._right_parts(results, wanted)
        words = next(found, "") or self._oddity(results, wanted) or self._hint(fine)
        return Verdict(sum(fine) / len(fine) if fine else 0, words)

    @property
    def beliefs(self) -> Iterator[tuple[str, Belief]]:
        """The misconceptions one by one, each with its words."""
        for words, held in self.wrong.items():
            yield from ((words, belief) for belief in (held if isinstance(held, list) else [held]))

    def _of(self, belief: Belief, cases: Sequence[Case]) -> list[Plain]:
        return [plain(call(belief, case)) for case in cases]

    def _agree(self, results: Sequence[Plain], wanted: Sequence[Plain]) -> bool:
        pairs = zip(results, wanted, strict=True)
        return all(close(result, want, self.tolerance) for result, want in pairs)

    def _right_parts(self, results: Sequence[Plain], wanted: Sequence[Plain]) -> list[bool]:
        """For each part whether it is right in all cases."""
        if not all(isinstance(each, list) and len(each) == len(self.parts) for each in results):
            return []
        columns = zip(zip(*results, strict=True), zip(*wanted, strict=True), strict=True)
        return [self._agree(got, want) for got, want in columns] if self.parts else []

    def _hint(self, fine: Sequence[bool]) -> str:
        if not any(fine):
            return self.hint
        right, missing = (
            " and ".join(name for name, good in zip(self.parts, fine, strict=True) if good == kind)
            for kind in (True, False)
        )
        return f"Right: {right}. Not yet: {missing}. {self.hint.removeprefix('Not yet. ')}"

    def _oddity(self, results: Sequence[Plain], wanted: Sequence[Plain]) -> str:
        """What can be said of results of another form, or not finite where numbers are wanted."""
        for result, want in zip(results, wanted, strict=True):
            if np.isfinite(row(want)).all() and not np.isfinite(row(result)).all():
                return (
                    "Your answer holds nan or inf. Was there a log of 0, a division by 0, or "
                    "0 times infinity?"
                )
            if not _same_form(result, want):
                return _other_form(result, want)
        return ""
