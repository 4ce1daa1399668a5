"""Turn a cell that holds an answer into one that asks for it: the answer is the only source.

What is assigned becomes ``...``, a function keeps its first line and its docstring, and
``check(…)`` stays.  Every other statement, and every comment, belongs to the answer.
"""

import ast

TODO = "...  # your answer"


def asked(source: str) -> str:
    """The cell without its answer.  Raises ``SyntaxError`` if it is no Python."""
    lines = source.splitlines()
    return "\n".join(filter(None, (_asked(node, lines) for node in ast.parse(source).body)))


def _asked(node: ast.stmt, lines: list[str]) -> str:
    if isinstance(node, ast.FunctionDef):
        return _signature(node, lines) + f"    return {TODO}\n\n"
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return "\n".join(f"{name} = {TODO}" for target in targets for name in _names(target))
    if _is_check(node):
        return "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return ""


def _signature(node: ast.FunctionDef, lines: list[str]) -> str:
    """The lines of a function up to its answer, without comments."""
    docstring = node.body[0] if ast.get_docstring(node) else None
    node.body = [ast.Expr(ast.Constant(...))]
    kept = ast.unparse(node).removesuffix("...").rstrip() + "\n"
    if docstring:
        kept += "\n".join(lines[docstring.lineno - 1 : docstring.end_lineno]) + "\n"
    return kept


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def _is_check(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "check"
