"""Turn a cell that holds an answer into one that asks for it: the answer is the only source.

What is assigned becomes ``...``, a function keeps its first line and its docstring, and imports
and ``check(…)`` stay.  Every other statement, and every comment, belongs to the answer.
"""

import ast

TODO = "...  # your answer"


def asked(source: str) -> str:
    """The cell without its answer.  Raises ``SyntaxError`` if it is no Python."""
    return "\n".join(filter(None, map(_asked, ast.parse(source).body)))


def _asked(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef):
        docstring = node.body[:1] if ast.get_docstring(node) else []
        node.body = [*docstring, ast.Expr(ast.Constant(...))]
        return ast.unparse(node).removesuffix("...") + f"{TODO}\n\n"
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return "\n".join(f"{name} = {TODO}" for target in targets for name in _names(target))
    if isinstance(node, ast.Import | ast.ImportFrom) or _is_check(node):
        return ast.unparse(node)
    return ""


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def _is_check(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "check"
