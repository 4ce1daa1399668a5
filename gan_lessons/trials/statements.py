"""In the sandbox: a statement that fails costs itself alone, and is remembered.

On the student's computer a module, a magic or a file may be there that is missing here, and the
Python may be newer.  So a cell goes on after a statement that raises, and one that is no Python is
left out.
"""

import __future__

import ast
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

FIRST = re.compile(r"(?!else\b|elif\b|except\b|finally\b)[^\s#)\]}]")
"""How a line begins that may be the first one of a statement."""
NAME = re.compile(r"(?:async\s+)?(?:def\s+|class\s+)?(\w+)")
REASON = 200
"""Characters of a reason that are told."""

_failures: dict[tuple[int, str, str], list[str]] = {}
"""The names not given, by line, kind of error and its words: a cell may be read twice."""

Failure = tuple[int, str, str, list[str]]


def failures() -> list[Failure]:
    """What has failed since the last call: line, kind of error, its words, and names."""
    told = [(*where, names) for where, names in _failures.items()]
    _failures.clear()
    return told


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Let the cells of a shell go on."""
    # `df: pd.DataFrame` needs no module to be there, as from Python 3.14 on.
    shell.compile.flags |= __future__.annotations.compiler_flag
    shell.input_transformers_post.append(without_broken)
    shell.run_ast_nodes = _going_on(shell, shell.run_ast_nodes)  # type: ignore[method-assign]


def _going_on(shell: InteractiveShell, run: Callable[..., Any]) -> Callable[..., Any]:
    async def run_each(
        nodes: list[ast.stmt],
        cell_name: str,
        interactivity: str,
        compiler: Any,
        result: Any,
    ) -> bool:
        failed = False
        for node in itertools.chain(*map(_parts, nodes)):
            shown = interactivity if node is nodes[-1] else "none"
            if await run([node], cell_name, shown, compiler, result):
                failed = True
                error = result.error_before_exec or result.error_in_exec
                result.error_before_exec = None  # or it would stand for the next one
                _remember(node.lineno, error, _given(node))
                if body := _body_of_magic(node):
                    shell.run_cell(body)
        return failed

    return run_each


def _parts(node: ast.stmt) -> Iterator[ast.stmt]:
    """``import a, b`` is two imports, of which one may fail."""
    if isinstance(node, ast.Import):
        return (ast.copy_location(ast.Import([alias]), node) for alias in node.names)
    return iter([node])


def _remember(line: int, error: BaseException, names: list[str]) -> None:
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        said = error.name
    _failures.setdefault((line, type(error).__name__, str(said)[:REASON]), []).extend(names)


def _given(node: ast.stmt) -> list[str]:
    """The names that a statement would have given; "*" is any."""
    names: list[str] = []
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(part.name)
        elif isinstance(part, ast.alias):
            names.append(part.asname or part.name.partition(".")[0])
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.append(part.id)
    return names


def _body_of_magic(node: ast.stmt) -> str:
    """The lines below a cell magic that failed, in their places, if they are Python."""
    try:
        assert isinstance(node, ast.Expr)
        assert isinstance(node.value, ast.Call)
        assert ast.unparse(node.value.func) == "get_ipython().run_cell_magic"
        body = "#\n" + str(ast.literal_eval(node.value.args[2]))
        ast.parse(body)
        return body
    except (AssertionError, SyntaxError, ValueError, IndexError):
        return ""


def without_broken(lines: list[str]) -> list[str]:
    """The lines of a cell, with empty ones in place of statements that are no Python."""
    if not _trouble("".join(lines)):
        return lines
    firsts = [at for at, line in enumerate(lines) if not at or FIRST.match(line)] + [len(lines)]
    kept = ["\n"] * len(lines)
    while len(firsts) > 1:
        at = firsts[0]
        # A text or a bracket may go on over lines that look like first ones.
        ends = (n for n, end in enumerate(firsts) if n and not _trouble("".join(lines[at:end])))
        if count := next(ends, 0):
            kept[at : firsts[count]] = lines[at : firsts[count]]
        else:
            name = NAME.match(lines[at])
            trouble = _trouble("\n" * at + "".join(lines[at : firsts[1]]))
            assert trouble
            _remember(at + 1, trouble, [name[1]] if name else [])
        del firsts[: count or 1]
    return kept


def _trouble(text: str) -> Exception | None:
    """Why a text is no Python; None if it is."""
    try:
        ast.parse(text)
        return None
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return error
