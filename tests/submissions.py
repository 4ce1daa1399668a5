"""Submissions of all kinds: a student's notebook made from the released one."""

import copy
import json

from tools import assignments
from tools.check_marking import filled, solution, variants

LESSON = "lesson_01"
TEXTS = {text.stem: text for text in assignments.texts()}
ANSWERS = assignments.answers_of(TEXTS[LESSON])
TASKS = list(ANSWERS)
FULL = {task: points for task, (_, points) in ANSWERS.items()}
VARIANTS = variants(LESSON)
RIGHT = solution(VARIANTS[0])
SEED = 5


def but(*lost):
    """Full marks, but for these tasks."""
    return {task: 0 if task in lost else points for task, points in FULL.items()}


def grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def solutions(book):
    return [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]


def graded(book):
    return [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]


def answered(release, source):
    """The release with all answers, a whole file of them, in the first cell that asks for one."""
    return json.loads(json.dumps(filled(release, source)))


def with_code(release, right, code, at=0):
    """Right answers, and ``code`` after them in the solution cell number ``at``."""
    book = answered(release, right)
    solutions(book)[at]["source"] += f"\n{code}\n"
    return book


def without_metadata(book):
    for cell in book["cells"]:
        cell["metadata"] = {}
    return book


def with_forged_tests(release):
    """Blank, with tests that were edited, and marked as something else."""
    book = copy.deepcopy(release)
    about = [cell["metadata"] for cell in graded(book)]
    for cell in graded(book):
        cell["source"] = "2"
        cell["outputs"] = [
            {"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}}
        ]
    about[0]["nbgrader"] |= {"points": 400, "locked": False}
    about[1]["nbgrader"] |= {"solution": True, "grade": False}
    about[2]["tags"] = ["skip-execution"]
    book["cells"].append(copy.deepcopy(graded(book)[0]))
    return book


def without_tests(book, *, solutions_too=False):
    gone = {grade_id(cell) for cell in graded(book)}
    gone |= {grade_id(cell) for cell in solutions(book)[1:] if solutions_too}
    book["cells"] = [cell for cell in book["cells"] if grade_id(cell) not in gone]
    return book


FORGER = """
import builtins
import gan_lessons.checks
import gan_lessons.trials as t
import gan_lessons.marking as m
from gan_lessons.marking import task

gan_lessons.checks.check = m.mark = m.mark_here = lambda *a, **k: m.Verdict(1, "Right.")
task.close = lambda *a: True
builtins.abs = lambda *a: 0
t.attempt_as_text = lambda *a: '{"results": [1], "trouble": "", "error": ""}'
get_ipython().input_transformers_cleanup.append(lambda lines: ["2\\n"])
2
"""
NONSENSE = """
import itertools
import gan_lessons.trials as t
deep = "[" * 100_000
odd = '{"results": {"a": NaN}, "trouble": "", "error": ""}', '{"error": [], "trouble": {}}'
replies = itertools.cycle([deep, "x" * 5_000_000, *odd, 3, None])
t.attempt_as_text = lambda *a: next(replies)
"""
