"""The little Markdown of the quiz, as HTML that needs no script and no network to be read.

``code``, ``*emphasis*``, ``**strong**`` and ``$light maths$``: letters, numbers, sub- and
superscripts, and the few commands that the lessons' objectives use.
"""

import html
import re

_PIECES = re.compile(r"`([^`]+)`|\$([^$]+)\$|\*\*([^*]+)\*\*|\*([^*]+)\*")
_COMMANDS = {"log": "log", ",": "\N{THIN SPACE}", "text": "", "mathrm": ""}
_UPRIGHT = {"log", "sigmoid", "softplus", "JSD", "KL", "MMD", "det", "data"}
# On one line stays a formula of at most 20 signs, and what stands between brackets.
_TOGETHER = re.compile(r"^.{,20}$|[(\[][^()\[\]]*[)\]]")
_TOKEN = re.compile(r"\\([A-Za-z]+|,)|([_^])|([{}])|([^\W\d_]+)|(.)", re.DOTALL)


def to_html(text: str) -> str:
    """One paragraph as HTML.  Raises ``ValueError`` for maths that it cannot set."""
    parts, end = [], 0
    for piece in _PIECES.finditer(text):
        parts.append(_plain(text[end : piece.start()]))
        code, maths, strong, emphasis = piece.groups()
        if code:
            parts.append(f"<code>{html.escape(code, quote=False)}</code>")
        elif maths:
            parts.append(_maths(maths))
        elif strong:
            parts.append(f"<strong>{to_html(strong)}</strong>")
        else:
            parts.append(f"<em>{to_html(emphasis)}</em>")
        end = piece.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    if wrong := re.search(r"[`$]", text):
        raise ValueError(f"a {wrong[0]} is never closed in {text!r}")
    return html.escape(text, quote=False)


def _maths(source: str) -> str:
    source = _TOGETHER.sub(lambda part: part[0].replace(" ", "\N{NO-BREAK SPACE}"), source)
    tokens = [match.groups() for match in _TOKEN.finditer(source)]
    shown, rest = _group(tokens, source)
    if rest:
        raise ValueError(f"a }} too many in ${source}$")
    return shown


_Tokens = list[tuple[str | None, ...]]


def _group(tokens: _Tokens, source: str) -> tuple[str, _Tokens]:
    """Set tokens up to the brace that closes this group; give back the rest from there."""
    parts = []
    while tokens and tokens[0][2] != "}":
        if shift := tokens[0][1]:
            tag = {"_": "sub", "^": "sup"}[shift]
            inner, tokens = _one(tokens[1:], source)
            parts.append(f"<{tag}>{inner}</{tag}>")
        else:
            inner, tokens = _one(tokens, source)
            parts.append(inner)
    return "".join(parts), tokens


def _one(tokens: _Tokens, source: str) -> tuple[str, _Tokens]:
    """Set what a sub- or superscript would take: a group, a word, or a sign."""
    if not tokens:
        raise ValueError(f"something is missing at the end of ${source}$")
    (command, _, brace, word, sign), *rest = tokens
    if command is not None:
        if command not in _COMMANDS:
            raise ValueError(f"\\{command} is not known in ${source}$")
        if command in {"text", "mathrm"}:
            return _one(rest, source)
        return _COMMANDS[command], rest
    if brace:
        inner, rest = _group(rest, source)
        if not rest:
            raise ValueError(f"a {{ is never closed in ${source}$")
        return inner, rest[1:]
    if word:
        return (word if word in _UPRIGHT else f"<i>{word}</i>"), rest
    if sign is None:
        raise ValueError(f"a _ or ^ too many in ${source}$")
    return html.escape({"-": "−", "*": "∗"}.get(sign, sign), quote=False), rest
