"""What a task is, and how an answer to it is marked.

A task has three parts.  ``ask`` draws the cases that an answer is tried on, ``run`` tries it on
one of them, and ``judge`` reads what came back.  Cases and results are plain: numbers, texts,
lists and dicts of these.  So only ``run`` meets the student's code, and a grader can keep the
other two in a process that this code can't reach.
"""

import hashlib
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Plain = Any
"""Numbers, texts, None, and lists and dicts of these: what JSON can hold."""

Array = np.ndarray[Any, np.dtype[np.float64]]

Case = dict[str, Plain]
"""What an answer is tried on, by name.  A part whose name begins with "_" is for the judge."""


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
Run = Callable[[Any, Case], Plain]
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


@dataclass(frozen=True)
class Outcome:
    """What trying an answer gave: a result for each case, or the trouble that it ran into."""

    results: Sequence[Plain] = ()
    trouble: str = ""
    answered: bool = True


def cases_of(task: Task, name: str, seed: int, student: str = "") -> Sequence[Case]:
    """The cases of a task: the same for the same name, seed and student."""
    words = f"{name}\0{seed}\0{student}".encode()
    source = int.from_bytes(hashlib.sha256(words).digest()[:8])
    return task.ask(np.random.default_rng(source), student)


def shown(case: Case) -> Case:
    """The case without what is for the judge alone."""
    return {name: part for name, part in case.items() if not name.startswith("_")}


def attempt(task: Task, answer: Any, cases: Sequence[Case]) -> Outcome:
    """Try an answer on all cases; never raises for what the student wrote."""
    if answer is ... or answer is None:
        return Outcome(
            trouble="Not answered yet: put your answer in place of the dots.", answered=False
        )
    if cases[0] and not callable(answer):  # there is something to call a function with
        kind = type(answer).__name__
        return Outcome(trouble=f"A function is asked for, by its name alone; this is a {kind}.")
    results = []
    for case in cases:
        try:
            result = task.run(answer, case)
            if result is None or result is ...:
                nothing = "Your function returns nothing yet: put an answer in place of the dots."
                return Outcome(trouble=nothing, answered=False)
            results.append(plain(result))
        except Unreadable as error:
            return Outcome(trouble=f"Your answer can't be read: {error}.")
        except Exception as error:  # the student's: whatever it is, it is told
            what = f"{type(error).__name__}: {error}".strip(" :.")
            return Outcome(trouble=f"Your code stopped with {what}.")
    return Outcome(results)


def verdict(task: Task, cases: Sequence[Case], outcome: Outcome) -> Verdict:
    """What the outcome of an attempt is worth."""
    if outcome.trouble:
        return Verdict(0, outcome.trouble, outcome.answered)
    return task.judge(cases, outcome.results)


class Unreadable(ValueError):
    """A value that is no number, array or text."""


def plain(value: Any) -> Plain:
    """Numbers and arrays, PyTorch's too, as lists of floats; lists and dicts of these likewise.

    Raises ``Unreadable`` for what is none of these.
    """
    try:
        return _plain(value)
    except Unreadable:
        raise
    except Exception as error:  # a value may do anything when it is looked at
        raise Unreadable(f"{type(value).__name__} is no number, array or text ({error})") from None


def _plain(value: Any) -> Plain:
    if hasattr(value, "detach"):  # a tensor, without importing PyTorch
        value = value.detach().cpu().numpy()
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, str | bool):
        return value
    if isinstance(value, list | tuple) and not _is_numbers(value):
        return [plain(part) for part in value]
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise Unreadable("complex numbers, where real ones are asked for")
    if value is None or array.dtype.kind == "S":
        raise TypeError("NumPy would make a number of it")
    return array.tolist() if array.dtype.kind == "U" else array.astype(float).tolist()


def _is_numbers(value: Sequence[Any]) -> bool:
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except (ValueError, TypeError, RuntimeError):  # a tensor that wants its gradient is the last
        return False


# --- Parts that tasks share ---------------------------------------------------------------------


def value(answer: Any, case: Case) -> Any:
    """A ``run`` for an answer that is a value: a number, an array or a text."""
    return answer


def call(answer: Any, case: Case) -> Any:
    """A ``run`` for an answer that is a function: the case's parts in order, lists as arrays."""
    parts = shown(case).values()
    return answer(*(np.array(part) if isinstance(part, list) else part for part in parts))


def no_cases(rng: np.random.Generator, student: str) -> list[Case]:
    """An ``ask`` for an answer that is a value."""
    return [{}]


def numbers(result: Plain) -> Array | None:
    """A result as an array, in one row if its parts differ in shape; None if it is no numbers."""
    try:
        array = np.asarray(result)
    except ValueError:
        parts = [numbers(part) for part in result]
        rows = [part.ravel() for part in parts if part is not None]
        return np.concatenate(rows) if len(rows) == len(parts) else None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def row(result: Plain) -> Array:
    """All numbers of a result, one after the other; none for what is not numbers alone."""
    found = numbers(result)
    return np.empty(0) if found is None else found.ravel()


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
