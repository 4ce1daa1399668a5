"""What the sandbox is asked to do with a notebook, and the marks for what it gave.

A cell with marks is never run there.  Its text, which is the course's, is read here; the sandbox
tries the answer on the cases and gives back results.  All that comes back is only data, and none
of it stands among the words of the grading: a student could have written it.
"""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from gan_lessons import marking
from gan_lessons.grading.intake import grade_id_of, kind_of
from gan_lessons.grading.words import ERROR, MODULE, UNDEFINED, clean, harmless
from gan_lessons.trials import TROUBLES, UNREADABLE, Outcome, shown

FAILED = 20
"""Failed statements of one submission that are noted."""
OUTPUTS = 3_000_000
"""Characters of output, pictures among them, that are kept of one submission."""
PRIVATE = "For the instructor: "
"""How a note begins that its student does not get."""
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]{,1000000}")
STOPPED = {
    "ended": "Python ended in it",
    "busy": "it used up its processor time",
    "idle": "it did nothing for too long",
}
"""What `trials.inside` says of a step that it has ended, in words."""
BY_HAND = "An instructor reads and marks this; until then it stands here with 0 points."
BY_CLOCK = "waiting time"
"""A limit that a busy machine may reach, not the student: what it cuts off stays open."""


@dataclass(frozen=True)
class Question:
    """What a cell with marks asks: the task, the answer as an expression, and the points."""

    task: str
    answer: str
    points: float


@dataclass(frozen=True)
class Mark:
    """The points for one task, of how many, and the words to the student.

    ``points`` is None for a mark that could not be given: it is open.
    """

    task: str
    points: float | None
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


def by_hand(source: NotebookNode) -> list[Mark]:
    """The open marks for the texts that an instructor marks, who finds them in nbgrader."""
    about = [cell.metadata.get("nbgrader", {}) for cell in source.cells]
    texts = [each for each in about if each.get("grade") and each.get("solution")]
    return [Mark(each["grade_id"], None, each["points"], BY_HAND) for each in texts]


Cases = Mapping[str, Sequence[Any]]
"""What each task's answer is tried on."""


def cases_of(asked: Mapping[str, Question], seed: int, student: str) -> Cases:
    """Draw the cases of all questions."""
    names = [found.task for found in asked.values()]
    return {name: marking.cases_of(marking.find(name), name, seed, student) for name in names}


def steps(
    notebook: NotebookNode, asked: Mapping[str, Question], cases: Cases
) -> list[dict[str, Any]]:
    """What the sandbox has to do, cell by cell."""
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        if ask := asked.get(grade_id_of(cell) or ""):
            tried = [shown(case) for case in cases[ask.task]]
            how = {"run": marking.find(ask.task).run.__name__, "cases": json.dumps(tried)}
            found.append({"number": number, "task": ask.task, "answer": ask.answer, **how})
        elif cell.cell_type == "code" and cell.source.strip():
            found.append({"number": number, "code": cell.source})
    return found


def judge(
    notebook: NotebookNode,
    asked: Mapping[str, Question],
    cases: Cases,
    told: Sequence[Any],
    ended: str,
) -> tuple[list[Mark], list[str]]:
    """Write outputs and marks into the cells; the marks, and notes on what went wrong.

    ``told`` and ``ended`` are what ``sandbox.run`` gives.
    """
    lines = [line for line in told if isinstance(line, dict)]
    told_of = {n: line for line in reversed(lines) if isinstance(n := line.get("number"), int)}
    marks: list[Mark] = []
    notes: list[str] = []
    lost: dict[str, str] = {}  # names that were not given, and why
    cut = ""
    room = OUTPUTS
    for number, cell in enumerate(notebook.cells, 1):
        ask = asked.get(grade_id_of(cell) or "")
        if cell.cell_type == "markdown" and kind_of(cell) == "solution":
            cell.source = harmless(cell.source)
        if cell.cell_type != "code" or not (ask or cell.source.strip()):
            continue
        line = told_of.get(number)
        if line is None:
            if not cut:
                cut = f"Cell {number} was stopped, and nothing after it was run: "
                cut += f"{ended or STOPPED['ended']}."
                notes.append(cut)
            if ask:
                marks.append(Mark(ask.task, None if BY_CLOCK in ended else 0, ask.points, cut))
        elif ask:
            outcome = _outcome(line, len(cases[ask.task]), lost)
            marks.append(_marked(ask, cases[ask.task], outcome, notes))
        else:
            if why := STOPPED.get(str(line.get("stopped"))):
                notes.append(f"Cell {number} was stopped: {why}.")
            notes += _failures(number, cell.source, line, lost)
            cell.outputs = _outputs(line, room)
            room -= sum(len(str(output)) for output in cell.outputs)
        if ask:
            cell.outputs = mark_outputs(marks[-1])
    return marks, notes[:FAILED]


def _failures(number: int, source: str, told: dict[str, Any], lost: dict[str, str]) -> list[str]:
    """Notes on the statements of a cell that failed; ``lost`` gets the names that they owe."""
    above = source[: len(source) - len(source.lstrip())].count("\n")
    notes = []
    with suppress(TypeError, ValueError):  # nonsense is passed over
        for line, kind, said, names in told.get("failures", ())[:FAILED]:
            where = f"cell {number}, line {above + int(line)}"
            why = _reason(str(kind), str(said), lost)
            lost |= dict.fromkeys(map(str, names), f"{why}: {where}")
            notes.append(f"C{where[1:]}: {why}.")
    return notes


def _reason(kind: str, said: str, lost: Mapping[str, str]) -> str:
    """Why code stopped, in words of ours alone: an error's own words are the student's."""
    if kind == "ModuleNotFoundError" and MODULE.fullmatch(said):
        return f"module {said} is not installed here"
    if kind == "NameError" and (found := UNDEFINED.match(said)):
        why = lost.get(found[1]) or lost.get("*")
        return f"NameError: {found[0]}" + (f" ({why})" if why else "")
    return kind if ERROR.fullmatch(kind) else "an error"


def _outcome(line: dict[str, Any], cases: int, lost: Mapping[str, str]) -> Outcome:
    """The outcome that the sandbox reports, if it is one."""
    if why := STOPPED.get(str(line.get("stopped"))):
        return Outcome(trouble=f"Your code was stopped: {why}.")
    try:
        told = json.loads(line["outcome"])
        results, trouble, error = told["results"], told["trouble"], told["error"]
        if error:
            why = _reason(str(error), str(told["said"]), lost)
            return Outcome(trouble=f"Your code stopped with {why}.")
    except (ValueError, KeyError, TypeError, RecursionError):
        return Outcome(trouble=UNREADABLE)
    if trouble in TROUBLES:
        return Outcome(trouble=trouble)
    if trouble or not (isinstance(results, list) and len(results) == cases):
        return Outcome(trouble=UNREADABLE)
    return Outcome(results)


def _marked(ask: Question, cases: Sequence[Any], outcome: Outcome, notes: list[str]) -> Mark:
    try:
        verdict = marking.verdict(marking.find(ask.task), cases, outcome)
        share = float(verdict.share)
        share = min(max(share, 0), 1) if share == share else 0
    except Exception as error:  # results that no honest answer gives
        kind = type(error).__name__
        notes.append(f"{PRIVATE}{ask.task}: the marking met {kind}: {clean(error)}")
        return Mark(ask.task, 0, ask.points, UNREADABLE)
    return Mark(ask.task, round(share * ask.points, 2), ask.points, verdict.message)


def mark_outputs(mark: Mark) -> list[NotebookNode]:
    """A mark as a cell's outputs: words for the student, and the points as nbgrader reads them."""
    if mark.points is None:
        return [new_output("stream", name="stdout", text=f"Open: {mark.message}\n")]
    words = f"{mark.points:g} of {mark.out_of:g} points. {mark.message}\n"
    return [
        new_output("stream", name="stdout", text=words),
        new_output("execute_result", {"text/plain": f"{mark.points:g}"}, execution_count=1),
    ]


def _outputs(line: dict[str, Any], room: int) -> list[NotebookNode]:
    """The outputs of a cell, as far as they are what a cell can put out."""
    found: list[NotebookNode] = []
    told = line.get("outputs")
    for output in told if isinstance(told, list) else ():
        with suppress(KeyError, TypeError, AttributeError):
            found.append(_output(output))
            room -= len(str(found[-1]))
            if room < 0:
                return found[:-1]
    return found


def _output(told: dict[str, Any]) -> NotebookNode:
    kind = told["output_type"]
    if kind == "stream":
        name = "stderr" if told["name"] == "stderr" else "stdout"
        return new_output("stream", name=name, text=_text(told["text"], 30_000))
    if kind == "error":
        lines = [_text(line, 5000) for line in told["traceback"][:10]]
        about = {"ename": _text(told["ename"], 200), "evalue": _text(told["evalue"], 2000)}
        return new_output("error", traceback=lines, **about)
    data = {"text/plain": _text(told["data"]["text/plain"], 5000)}
    picture = told["data"].get("image/png", "")
    if picture and BASE64.fullmatch(picture):
        data["image/png"] = picture
    return new_output("display_data", data)


def _text(told: object, most: int) -> str:
    """Half a character can't be written."""
    return str(told)[:most].encode(errors="replace").decode()
