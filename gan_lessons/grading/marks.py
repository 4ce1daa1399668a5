"""Run a student's cells in the kernel, and mark the answers in this process.

A cell with marks is never run by the kernel.  Its text, which is the course's, is read here; the
kernel only tries the answer on the cases and gives back the results as text.
"""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from nbformat import NotebookNode
from nbformat.v4 import new_output

from gan_lessons import marking
from gan_lessons.grading.intake import grade_id_of, kind_of
from gan_lessons.grading.kernel import Stopped, StudentError
from gan_lessons.trials import Outcome

ATTEMPT = "__import__('gan_lessons.trials', fromlist=['*']).attempt_as_text({!r}, {}, {!r})"
FAILURES = "__import__('gan_lessons.grading.statements', fromlist=['*']).failures_as_text()"
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
FAILED = 20
"""Failed statements of one submission that are noted."""
REASON = 500
"""Characters of a reason that are kept."""
PRIVATE = "For the instructor: "
"""How a note begins that its student does not get."""
UNREADABLE = "What your answer gives can't be read."


class Runs(Protocol):
    """What runs the student's code: ``kernel.Kernel``."""

    def run(self, code: str) -> list[NotebookNode]:
        """The outputs of a cell."""

    def text_of(self, expression: str) -> str:
        """The text that an expression gives."""


@dataclass(frozen=True)
class Question:
    """What a cell with marks asks: the task, the answer as an expression, and the points."""

    task: str
    answer: str
    points: float


@dataclass(frozen=True)
class Mark:
    """The points for one task, of how many, and the words to the student."""

    task: str
    points: float
    out_of: float
    message: str


def question(source: str) -> Question:
    """Read the line ``mark("5.d_step", d_step, points=3)`` of a cell with marks."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "mark":
            points = {key.arg: ast.literal_eval(key.value) for key in node.keywords}["points"]
            return Question(ast.literal_eval(node.args[0]), ast.unparse(node.args[1]), points)
    raise ValueError(f"no mark(…) in a cell with marks: {source!r}")


def questions(source: NotebookNode) -> dict[str, Question]:
    """The questions of an assignment's source, by the names of their cells."""
    cells = [cell for cell in source.cells if kind_of(cell) == "grade"]
    return {str(grade_id_of(cell)): question(cell.source) for cell in cells}


def run_and_mark(
    notebook: NotebookNode, asked: Mapping[str, Question], kernel: Runs, seed: int, student: str
) -> tuple[list[Mark], list[str]]:
    """Run the cells and write outputs and marks into them; the marks, and notes on trouble.

    A statement that fails is noted, and the cell goes on.  After the kernel has ended nothing is
    tried any more: what is left gets 0 and says why.
    """
    marks: list[Mark] = []
    notes: list[str] = []
    lost: dict[str, str] = {}  # names that were not given, and why
    ended = ""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        found = asked.get(grade_id_of(cell) or "")
        try:
            if ended:
                raise Stopped(ended)
            if found:
                mark = _marked(found, kernel, seed, student, notes)
                marks.append(replace(mark, message=_explained(mark.message, lost)))
            else:
                cell.outputs = kernel.run(cell.source) if cell.source.strip() else []
                notes += _failures(kernel, number, cell.source, lost)
                del notes[FAILED:]
        except Stopped as reason:
            if not ended:
                ended = (
                    f"Cell {number} was stopped, and nothing after it was run: {reason.args[0]}."
                )
                notes.append(ended)
            cell.outputs = _until_stopped(reason)
            if found:
                marks.append(Mark(found.task, 0, found.points, f"Not marked. {ended}"))
        if found:
            cell.outputs = mark_outputs(marks[-1])
    return marks, notes


def _failures(kernel: Runs, number: int, source: str, lost: dict[str, str]) -> list[str]:
    """Notes on the statements of a cell that failed; ``lost`` gets the names that they owe."""
    above = source[: len(source) - len(source.lstrip())].count("\n")
    notes = []
    for line, reason, names in _told(kernel):
        where, why = f"cell {number}, line {above + line}", _explained(reason, lost)[:REASON]
        lost |= dict.fromkeys(names, f"{why}: {where}")
        notes.append(f"C{where[1:]}: {why}.")
    return notes


def _told(kernel: Runs) -> list[tuple[int, str, list[str]]]:
    """What the kernel says of failures, if it can be read."""
    try:
        told = json.loads(kernel.text_of(FAILURES))
        return [
            (int(line), str(reason)[:REASON], list(map(str, names)))
            for line, reason, names in told[:FAILED]
        ]
    except (StudentError, ValueError, TypeError, KeyError, RecursionError):
        return []


def _explained(text: str, lost: Mapping[str, str]) -> str:
    """With the reason why a name is not defined, where it is known."""

    def with_reason(found: re.Match[str]) -> str:
        why = lost.get(found[1]) or lost.get("*")
        return f"{found[0]} ({why})" if why else found[0]

    return UNDEFINED.sub(with_reason, text, count=1)


def unmarked(asked: Mapping[str, Question], why: str) -> list[Mark]:
    """No points for any of the questions, and the reason."""
    return [Mark(found.task, 0, found.points, why) for found in asked.values()]


def mark_outputs(mark: Mark) -> list[NotebookNode]:
    """A mark as a cell's outputs: words for the student, and the points as nbgrader reads them."""
    words = f"{mark.points:g} of {mark.out_of:g} points. {mark.message}\n"
    return [
        new_output("stream", name="stdout", text=words),
        new_output("execute_result", {"text/plain": f"{mark.points:g}"}, execution_count=1),
    ]


def _until_stopped(reason: Stopped) -> list[NotebookNode]:
    outputs: list[NotebookNode] = reason.args[1] if len(reason.args) > 1 else []
    return [*outputs, new_output("stream", name="stdout", text=f"[{reason.args[0]}]\n")]


def _marked(found: Question, kernel: Runs, seed: int, student: str, notes: list[str]) -> Mark:
    def trial(name: str, cases: Sequence[Any]) -> Outcome:
        run = marking.find(name).run.__name__
        expression = ATTEMPT.format(run, found.answer, json.dumps(list(cases)))
        try:
            return _outcome(kernel.text_of(expression), len(cases))
        except StudentError as error:
            return Outcome(trouble=f"Your answer could not be tried: {error}.")

    try:
        verdict = marking.mark(found.task, trial, seed, student)
        share = float(verdict.share)
        share = min(max(share, 0), 1) if share == share else 0
    except Stopped:
        raise
    except Exception as error:  # results that no honest answer gives
        what = f"{found.task}: the marking met {type(error).__name__}: {error}"
        notes.append(PRIVATE + what[:300])
        return Mark(found.task, 0, found.points, UNREADABLE)
    return Mark(found.task, round(share * found.points, 2), found.points, verdict.message)


def _outcome(text: str, cases: int) -> Outcome:
    """The outcome that the kernel reports, if it is one."""
    try:
        told = json.loads(text)
        results, trouble, answered = told["results"], str(told["trouble"]), bool(told["answered"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Outcome(trouble=UNREADABLE)
    if not trouble and not (isinstance(results, list) and len(results) == cases):
        return Outcome(trouble=UNREADABLE)
    return Outcome(results, trouble[:2000], answered)
