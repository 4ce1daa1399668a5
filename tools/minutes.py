"""How many minutes a lesson takes, by one rule, written where it is told.

Reading: 135 words of the main path a minute, 12 lines of open code a minute, and a minute for
each prediction.  The main path is all text but exercises, folded parts, further reading and what
the lesson says about itself; a formula counts as one word.
Exercises: 3 minutes for a number, 6 for a function, 10 for an experiment or a text; the cell with
the answer tells which.
"""

import ast
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from tools.execution import SKIP, read_lesson, tags
from tools.myst_to_markdown import FENCE
from tools.paths import BOOK, lessons

WORDS, LINES = 135, 12  # a minute
EXERCISES = {"number": 3, "function": 6, "text": 10}  # minutes for each
OFF_THE_PATH = ("## Exercises", "## Further reading")
# Any of these tags folds a cell, or leaves it out.
FOLDED = {"test", "remove-cell", "hide-cell", "hide-input", "remove-input", "answer", SKIP}
LINE = re.compile(r"^(\*\*Minutes:\*\* )\d+(?: to read, \d+ for the exercises)?", re.MULTILINE)


@dataclass
class Count:
    """What there is to do in a lesson."""

    text: str = ""  # of the main path
    cells: list[int] = field(default_factory=list)  # the lines of each open one
    predictions: int = 0
    exercises: list[str] = field(default_factory=list)  # the kind of each

    @property
    def words(self) -> int:
        """How many words the main path has; a formula is one."""
        return _words(self.text)

    @property
    def reading(self) -> int:
        """Minutes for the main path."""
        return math.ceil(self.words / WORDS + sum(self.cells) / LINES + self.predictions)

    @property
    def exercising(self) -> int:
        """Minutes for the exercises."""
        return sum(EXERCISES[kind] for kind in self.exercises)


def is_open(cell: NotebookNode) -> bool:
    """Whether a reader of the site sees the code of this cell without asking for it."""
    return cell.cell_type == "code" and not FOLDED & set(tags(cell))


def count(lesson: Path) -> Count:
    """Count what there is in a lesson."""
    found, on_path = Count(), True
    path: list[str] = []
    for cell in read_lesson(lesson).cells:
        if cell.cell_type == "markdown":
            for kind, lines in _blocks(cell.source.split("\n")):
                if kind == "heading":
                    on_path = not lines[0].startswith(OFF_THE_PATH)
                found.predictions += kind == "predict"
                if kind == "exercise":
                    found.exercises.append("text")
                elif on_path and kind != "folded":
                    path += lines
        elif "answer" in tags(cell) and found.exercises:
            found.exercises[-1] = _kind(cell.source)
        elif on_path and is_open(cell):
            found.cells.append(sum(1 for line in cell.source.splitlines() if line.strip()))
    found.text = "\n".join(path)
    return found


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The parts of a text, each with its kind: heading, text, predict, exercise or folded."""
    at = 0
    while at < len(lines):
        fence = FENCE.match(lines[at])
        if fence is None:
            yield "heading" if lines[at].startswith("## ") else "text", [lines[at]]
            at += 1
            continue
        closing = re.compile(rf"^ *{fence['fence'][0]}{{{len(fence['fence'])},}}\s*$")
        end = next(i for i in range(at + 1, len(lines)) if closing.match(lines[i]))
        inside = [line for line in lines[at + 1 : end] if not re.match(r":[\w-]+:", line)]
        name, _, title = fence["info"].partition("}")
        marks = re.findall(r"^:class: (.*)$", "\n".join(lines[at + 1 : end]), re.MULTILINE)
        classes = set(" ".join(marks).split())
        if name == "{predict":
            yield "predict", inside
        elif "exercise" in classes:
            yield "exercise", inside
        elif classes & {"answer", "dropdown"} or title.strip() == "About this lesson":
            yield "folded", inside
        else:
            yield "text", [title, *inside]
        at = end + 1


def _words(text: str) -> int:
    text = re.sub(r"^(\(|\+\+\+).*$", "", text, flags=re.MULTILINE)  # labels, ends of cells
    text = re.sub(r"\$\$.+?\$\$|\$[^$]+\$", " x ", text, flags=re.DOTALL)
    text = re.sub(r"\{[\w:]+\}`[^`]*`", " x ", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return sum(1 for word in text.split() if re.search(r"\w", word))


def _kind(answer: str) -> str:
    """What an exercise asks for, by the cell with its answer."""
    statements = ast.parse(answer).body
    if any(isinstance(each, ast.FunctionDef | ast.ClassDef) for each in statements):
        return "function"
    return "number" if any(isinstance(each, ast.Assign) for each in statements) else "text"


def lesson_text(text: str, counted: Count) -> str:
    """The lesson with its minutes; what follows them in their line stays."""
    told = rf"\g<1>{counted.reading} to read, {counted.exercising} for the exercises"
    return LINE.sub(told, text, count=1)


def index_text(text: str, counts: dict[str, Count]) -> str:
    """The first page with the minutes in the last cell of each lesson's row."""

    def row(match: re.Match[str]) -> str:
        counted = counts[match[2]]
        return f"{match[1]} | {counted.reading} + {counted.exercising} |"

    pattern = r"^(\| \d+ \[.*?\]\(\.\./notebooks/(\w+)\.md\) \| [^|]*?) \| \d+ \+ \d+ \|$"
    return re.sub(pattern, row, text, flags=re.MULTILINE)


def plan_text(text: str, counts: dict[str, Count]) -> str:
    """The plan of sessions with their minutes; a lesson in two sessions counts half in each."""
    pattern = r"^(\| \d \| )([^|]*)\| \d+ \+ \d+ \|"
    named = [re.findall(r"notebooks/(\w+)\.md", row[1]) for row in re.findall(pattern, text, re.M)]
    often = [lesson for row in named for lesson in row]

    def minutes(match: re.Match[str]) -> str:
        parts = re.findall(r"notebooks/(\w+)\.md", match[2])
        reading, exercising = (
            math.ceil(sum(getattr(counts[part], what) / often.count(part) for part in parts))
            for what in ("reading", "exercising")
        )
        return f"{match[1]}{match[2]}| {reading} + {exercising} |"

    return re.sub(pattern, minutes, text, flags=re.MULTILINE)


def written(counts: dict[str, Count]) -> dict[Path, str]:
    """Each page that tells minutes, as it should be."""
    pages = {path: lesson_text(path.read_text("utf8"), counts[path.stem]) for path in lessons()}
    for page, rewrite in (("index.md", index_text), ("instructors.md", plan_text)):
        pages[BOOK / page] = rewrite((BOOK / page).read_text("utf8"), counts)
    return pages


def main() -> int:
    """Print what was counted, and write the minutes where they are told."""
    counts = {lesson.stem: count(lesson) for lesson in lessons()}
    print("lesson                  words  cells  lines  predictions  reading  exercises")
    for name, found in counts.items():
        print(
            f"{name:<22} {found.words:6} {len(found.cells):6} {sum(found.cells):6} "
            f"{found.predictions:12} {found.reading:8} {found.exercising:10}"
        )
    for path, text in written(counts).items():
        if text != path.read_text("utf8"):
            path.write_text(text, encoding="utf8")
            print(f"wrote {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
