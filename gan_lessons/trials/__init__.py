"""Trials: an answer is tried on cases, and what came back is told; nobody judges here.

A trial runs a student's code, so it may take place where the judges, ``gan_lessons.marking``,
can't be reached: nothing of them is imported here.  Cases and results are plain: numbers, texts,
lists and dicts of these.  A *run* tries an answer on one case: ``value``, ``call``, or what a
task of its own asks for, in ``runs`` and ``torch_runs``.
"""

import importlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Plain = Any
"""Numbers, texts, None, and lists and dicts of these: what JSON can hold."""

Array = np.ndarray[Any, np.dtype[np.float64]]

Case = dict[str, Plain]
"""What an answer is tried on, by name.  A part whose name begins with "_" is for the judge."""

Run = Callable[[Any, Case], Plain]


NOT_ANSWERED = "Not answered yet: put your answer in place of the dots."
NOTHING = "Your function returns nothing yet: put an answer in place of the dots."
NO_FUNCTION = "A function is asked for, by its name alone."
UNREADABLE = "Your answer can't be read: it is no number, array or text."
COMPLEX = "Your answer can't be read: complex numbers, where real ones are asked for."
TROUBLES = NOT_ANSWERED, NOTHING, NO_FUNCTION, UNREADABLE, COMPLEX


@dataclass(frozen=True)
class Outcome:
    """What trying an answer gave: a result for each case, or the trouble that it ran into.

    ``trouble`` is one of TROUBLES.  Or the code raised: ``error`` is the kind of error, and
    ``said`` are its words, which are the student's.
    """

    results: Sequence[Plain] = ()
    trouble: str = ""
    error: str = ""
    said: str = ""

    @property
    def answered(self) -> bool:
        """Whether there is an answer at all."""
        return self.trouble not in (NOT_ANSWERED, NOTHING)

    @property
    def words(self) -> str:
        """The trouble in words, for the student; "" if there was none."""
        if self.error:
            return f"Your code stopped with {f'{self.error}: {self.said}'.strip(' :.')}."
        return self.trouble


def raised(error: BaseException) -> Outcome:
    """What the student's code raised."""
    said = error.name if isinstance(error, ModuleNotFoundError) and error.name else str(error)
    return Outcome(error=encodable(type(error).__name__), said=encodable(said))


class Unreadable(ValueError):
    """A value that is no number, array or text."""


def shown(case: Case) -> Case:
    """The case without what is for the judge alone."""
    return {name: part for name, part in case.items() if not name.startswith("_")}


# --- Trying an answer ----------------------------------------------------------------------------


def value(answer: Any, case: Case) -> Any:
    """A ``run`` for an answer that is a value: a number, an array or a text."""
    return answer


def call(answer: Any, case: Case) -> Any:
    """A ``run`` for an answer that is a function: the case's parts in order, lists as arrays."""
    parts = shown(case).values()
    return answer(*(np.array(part) if isinstance(part, list) else part for part in parts))


def attempt(run: Run, answer: Any, cases: Sequence[Case]) -> Outcome:
    """Try an answer on all cases; never raises for what the student wrote."""
    if answer is ... or answer is None:
        return Outcome(trouble=NOT_ANSWERED)
    if cases[0] and not callable(answer):  # there is something to call a function with
        return Outcome(trouble=NO_FUNCTION)
    results = []
    for case in cases:
        try:
            result = run(answer, case)
            if result is None or result is ...:
                return Outcome(trouble=NOTHING)
            results.append(plain(result))
        except Unreadable as error:
            return Outcome(trouble=str(error))
        except Exception as error:  # the student's: whatever it is, it is told
            return raised(error)
    return Outcome(results)


def attempt_as_text(run_name: str, answer: Any, cases: str) -> str:
    """Try an answer on cases written as JSON; the outcome as JSON: for another process.

    ``run_name`` is ``value``, ``call`` or the name of a function of ``runs`` or ``torch_runs``.
    """
    return as_text(attempt(run_named(run_name), answer, json.loads(cases)))


def run_named(name: str) -> Run:
    """``value``, ``call`` or the function of ``runs`` or ``torch_runs`` with this name."""
    if name in ("value", "call"):
        return value if name == "value" else call
    runs = importlib.import_module("gan_lessons.trials.runs")  # which needs all of this module
    if not hasattr(runs, name):
        runs = importlib.import_module("gan_lessons.trials.torch_runs")
    run: Run = getattr(runs, name)
    return run


def as_text(outcome: Outcome) -> str:
    """The outcome as JSON."""
    return json.dumps(vars(outcome))


# --- Plain values --------------------------------------------------------------------------------


def encodable(text: str) -> str:
    """The text; half a character, which no file and no screen takes, is written out."""
    return text.encode("utf8", "backslashreplace").decode()


def plain(value: Any) -> Plain:
    """Numbers and arrays, PyTorch's too, as lists of floats; lists and dicts of these likewise.

    Raises ``Unreadable`` for what is none of these.
    """
    try:
        return _plain(value)
    except Unreadable:
        raise
    except Exception:  # a value may do anything when it is looked at
        raise Unreadable(UNREADABLE) from None


def _plain(value: Any) -> Plain:
    if hasattr(value, "detach"):  # a tensor, without importing PyTorch
        value = value.detach().cpu().numpy()
    if isinstance(value, dict):
        return {encodable(str(key)): plain(part) for key, part in value.items()}
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple) and not _is_numbers(value):
        return [plain(part) for part in value]
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise Unreadable(COMPLEX)
    if value is None or array.dtype.kind == "S":
        raise TypeError("NumPy would make a number of it")
    return plain(array.tolist()) if array.dtype.kind == "U" else array.astype(float).tolist()


def _is_numbers(value: Sequence[Any]) -> bool:
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except (ValueError, TypeError, RuntimeError):  # a tensor that wants its gradient is the last
        return False


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
