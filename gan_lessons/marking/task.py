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
    results = []
    for case in cases:
        try:
            result = task.run(answer, case)
        except Exception as error:  # the student's: whatever it is, it is told
            what = f"{type(error).__name__}: {error}".strip(" :.")
            return Outcome(trouble=f"Your code stopped with {what}.")
        if result is None or result is ...:
            return Outcome(trouble="Your function returns nothing yet.", answered=False)
        try:
            results.append(plain(result))
        except ValueError as error:
            return Outcome(trouble=f"Your answer can't be read: {error}.")
    return Outcome(results)


def verdict(task: Task, cases: Sequence[Case], outcome: Outcome) -> Verdict:
    """What the outcome of an attempt is worth."""
    if outcome.trouble:
        return Verdict(0, outcome.trouble, outcome.answered)
    return task.judge(cases, outcome.results)


def plain(value: Any) -> Plain:
    """Numbers and arrays, PyTorch's too, as lists of floats; lists and dicts of these likewise.

    Raises ``ValueError`` for what is none of these.
    """
    if hasattr(value, "detach"):  # a tensor, without importing PyTorch
        value = value.detach().cpu().numpy()
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, str | bool):
        return value
    if isinstance(value, list | tuple) and not _is_numbers(value):
        return [plain(part) for part in value]
    try:
        return np.asarray(value, dtype=float).tolist()
    except (TypeError, ValueError):
        raise ValueError(f"{type(value).__name__} is no number, array or text") from None


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
    if not callable(answer):
        raise TypeError(f"a function is asked for, and this is {answer!r}")
    parts = shown(case).values()
    return answer(*(np.array(part) if isinstance(part, list) else part for part in parts))


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
    if isinstance(wanted, str | bool):
        return bool(result == wanted)
    try:
        got, want = np.asarray(result, dtype=float), np.asarray(wanted, dtype=float)
    except (TypeError, ValueError):
        return False
    if got.size == want.size and got.squeeze().shape == want.squeeze().shape:
        got, want = got.squeeze(), want.squeeze()  # (n, 1) is as good as (n,)
    if got.shape != want.shape:
        return False
    scale = tolerance * np.fmax(1, np.abs(np.nan_to_num(want, posinf=1, neginf=1)))
    return bool(np.allclose(got, want, rtol=0, atol=scale, equal_nan=True))


def _finite(result: Plain) -> bool:
    """Whether it holds no NaN and no infinity, as far as it is numbers."""
    try:
        return bool(np.isfinite(np.asarray(result, dtype=float)).all())
    except (TypeError, ValueError):
        return True


@dataclass(frozen=True)
class Comparison:
    """A ``judge``: the result must be what ``right`` gives for each case.

    ``wrong`` pairs functions that hold a misconception with what to tell its owner: a result that
    agrees with one of them everywhere gets these words.  Any other gets ``hint``.
    All functions are called as ``call`` does it.  ``tolerance`` leaves room for PyTorch's floats,
    which have seven digits.
    """

    right: Callable[..., Any]
    hint: str
    wrong: Sequence[tuple[Callable[..., Any], str]] = ()
    praise: str = "Right."
    tolerance: float = 1e-5

    def __call__(self, cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
        """The verdict on the results of all cases."""

        def agrees(belief: Callable[..., Any]) -> bool:
            return all(
                close(result, plain(call(belief, case)), self.tolerance)
                for case, result in zip(cases, results, strict=True)
            )

        if agrees(self.right):
            return Verdict(1, self.praise)
        found = [words for belief, words in self.wrong if agrees(belief)]
        if not found and any(
            not _finite(result) and _finite(plain(call(self.right, case)))
            for case, result in zip(cases, results, strict=True)
        ):
            found = ["Your answer holds nan or inf. Was there a log of 0, or 0 times infinity?"]
        return Verdict(0, found[0] if found else self.hint)
