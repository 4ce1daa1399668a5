"""Try the marking on all known right and wrong solutions: does anyone get a false verdict?

`assignments/variants/lesson_05/` holds them.  `right_*.py` must get full marks.  A `wrong_*.py`
says in its first lines what its mistakes get, and a part of what is said to them:
`# 5.d_step gets 0.5: leaves gradients in G`, or `gets less` where the share
depends on how many questions there are.  For all other tasks it must get full marks.
It holds its mistakes alone: what it leaves out is as in `right_plain.py`.
"""

import argparse
import ast
import copy
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from gan_lessons import marking
from tools.assignments import answers_of, build, texts
from tools.execution import REPRODUCIBLE
from tools.paths import ASSIGNMENTS

SEEDS = 20
GETS = re.compile(r"# (\d\.\w+) gets (less|0|0\.\d+): (.+)")
PLAIN = "right_plain.py"


class VariantError(Exception):
    """A variant is not what it must be; names the file."""


@dataclass(frozen=True)
class Slip:
    """A verdict that is not the one that a variant must get."""

    task: str
    seed: int
    share: float
    message: str


def variants(lesson: str, folder: Path = ASSIGNMENTS) -> list[Path]:
    """The known solutions of an assignment, right ones first."""
    return sorted((folder / "variants" / lesson).glob("*.py"))


def losses(variant: Path) -> dict[str, tuple[str, str]]:
    """The tasks that a variant loses marks for: the share it gets, and what is said to it."""
    lines = map(GETS.fullmatch, variant.read_text(encoding="utf8").splitlines())
    found = {line[1]: (line[2], line[3]) for line in takewhile(bool, lines) if line}
    kind = variant.stem.partition("_")[0]
    if kind not in ("right", "wrong") or (kind == "wrong") != bool(found):
        raise VariantError(f"{variant}: a wrong one, and no other, starts with `# … gets …: …`")
    return found


def solution(variant: Path) -> str:
    """All that a variant hands in."""
    plain = [variant.with_name(PLAIN)] if losses(variant) else []
    return "\n\n".join(path.read_text(encoding="utf8") for path in [*plain, variant])


def false_verdicts(variant: Path, answers: Mapping[str, str], seeds: Iterable[int]) -> list[Slip]:
    """The false verdicts on a variant; ``answers`` has the expression that answers each task."""
    lost = losses(variant)
    if unknown := lost.keys() - answers.keys():
        raise VariantError(f"{variant}: no such task: {', '.join(unknown)}")
    found = []
    for task, answer in answers.items():
        share, words = lost.get(task, ("1", ""))
        verdicts = _verdicts(variant, task, answer, tuple(seeds))
        for seed, verdict in zip(seeds, verdicts, strict=True):
            fits = verdict.share < 1 if share == "less" else verdict.share == float(share)
            if not fits or words not in verdict.message:
                found.append(Slip(task, seed, verdict.share, verdict.message))
    return found


_known: dict[tuple[str, str, Sequence[int]], list[marking.Verdict]] = {}


def _verdicts(
    variant: Path, task: str, answer: str, seeds: Sequence[int]
) -> list[marking.Verdict]:
    """The verdicts on one answer; the same code is not marked twice."""
    source = solution(variant)
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise VariantError(f"{variant}: {error}") from None
    key = task, _code_behind(source, answer), seeds
    if key not in _known:
        value = _value(variant, source, answer)
        _known[key] = [marking.mark_here(task, value, seed) for seed in seeds]
    return _known[key]


def _value(variant: Path, source: str, answer: str) -> Any:
    names: dict[str, Any] = {"__name__": variant.stem}
    try:
        exec(compile(source, str(variant), "exec"), names)
        return eval(answer, names)
    except Exception as error:
        raise VariantError(f"{variant}: {type(error).__name__}: {error}") from error


@cache
def _parts(source: str) -> list[tuple[set[str], set[str], str]]:
    """For each statement: the names that it gives, the names that it uses, and its text."""
    return [(_given(node), _used(node), ast.unparse(node)) for node in ast.parse(source).body]


def _given(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    stores = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return {n.id for n in stores if isinstance(n.ctx, ast.Store)}


def _used(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _code_behind(source: str, answer: str) -> str:
    """The statements that an answer depends on, and those that give no name."""
    wanted = _used(ast.parse(answer))
    while True:
        needed = [part for part in _parts(source) if part[0] & wanted or not part[0]]
        more = wanted.union(*(used for _, used, _ in needed))
        if more == wanted:
            return "\n".join(text for _, _, text in needed)
        wanted = more


def table(
    lesson: str, answers: Mapping[str, str], seeds: Sequence[int]
) -> Iterator[tuple[str, int]]:
    """A line for each variant of an assignment, and the number of its false verdicts."""
    for variant in variants(lesson):
        try:
            found = false_verdicts(variant, answers, seeds)
        except VariantError as error:
            yield str(error), 1
            continue
        yield (
            f"{variant.stem:34} {', '.join(sorted(losses(variant))) or '–':50} {len(found)}",
            len(found),
        )
        for false in found:
            yield f"    {false.task}, seed {false.seed}: share {false.share:g}: {false.message}", 0


def filled(release: NotebookNode, answers: str) -> NotebookNode:
    """A released notebook with a file of answers in the first cell that asks for one."""
    book = nbformat.from_dict(copy.deepcopy(release))
    cells = (cell for cell in book.cells if cell.cell_type == "code")
    first, *rest = (c for c in cells if c.metadata.get("nbgrader", {}).get("solution"))
    first.source = answers
    for cell in rest:
        cell.source = ""
    return book


def grade_variants(text: Path, course: Path) -> Iterator[tuple[str, int]]:
    """Hand in all variants of an assignment and grade them with nbgrader: as ``table``."""
    from gan_lessons.grading import gradebook, run  # needs the extra `instructor`

    lesson = text.stem
    build(course, [lesson])
    for variant in variants(lesson):
        book = filled(gradebook.read(course, "release", lesson), solution(variant))
        path = course / "submitted" / variant.stem / lesson / f"{lesson}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(book, path)
    lost = {variant.stem: losses(variant) for variant in variants(lesson)}
    for row in run.grade(course, lesson):
        false = [
            m
            for m in row.marks
            if m.task in answers_of(text)
            and ((m.points or 0) < m.out_of) != (m.task in lost[row.student])
        ]
        tasks = ", ".join(sorted(lost[row.student])) or "–"
        yield f"{row.student:34} {tasks:50} {row.points or 0:4g} {len(false)}", len(false)
        for mark in false:
            yield f"    {mark.task}: {mark.points or 0:g} of {mark.out_of:g}: {mark.message}", 0


def main() -> int:
    """Try all variants and print a table; 1 if there is a false verdict."""
    parser = argparse.ArgumentParser(prog="python -m tools.check_marking", description=__doc__)
    parser.add_argument("lessons", nargs="*", help="such as lesson_05; all if none is named")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--nbgrader", action="store_true", help="hand each in, once, and grade it")
    given = parser.parse_args()
    os.environ.update(REPRODUCIBLE)
    start, wrong, tried = time.perf_counter(), 0, 0
    for text in texts():
        if given.lessons and text.stem not in given.lessons:
            continue
        answers = {task: answer for task, (answer, _) in answers_of(text).items()}
        print(f"\n{text.stem:34} {'loses marks for':50} false verdicts")
        with tempfile.TemporaryDirectory() as folder:
            found = (
                grade_variants(text, Path(folder))
                if given.nbgrader
                else table(text.stem, answers, range(given.seeds))
            )
            for line, false in found:
                print(line, flush=True)
                wrong += false
        tried += len(variants(text.stem))
    print(f"\n{tried} variants, {wrong} false verdicts, {time.perf_counter() - start:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
