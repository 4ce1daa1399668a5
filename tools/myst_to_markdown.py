"""Turn MyST into plain Markdown that reads well in Colab, Binder and JupyterLab.

Admonitions become quotes with a bold title, answers `<details>`, references links. What
is not known here is an error that names file and line: nothing is kept in silence.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from pybtex.database import Entry

from tools import references
from tools.pages import Label, Pages
from tools.repository import Address

# What each kind of box is called where it has no title of its own. The second group comes
# from sphinx-exercise and sphinx-proof: there a title stands in brackets after the name.
ADMONITIONS = {
    "note": "Note",
    "tip": "Tip",
    "hint": "Hint",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
    "danger": "Danger",
    "attention": "Attention",
    "seealso": "See also",
    "epigraph": "",
}
BOXES = {
    "exercise": "Exercise",
    "prf:theorem": "Theorem",
    "prf:lemma": "Lemma",
    "prf:definition": "Definition",
    "prf:proposition": "Proposition",
    "prf:corollary": "Corollary",
    "prf:property": "Property",
    "prf:remark": "Remark",
    "prf:example": "Example",
    "prf:proof": "Proof",
}
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,}|:{3,})(?P<info>.*)$")
DIRECTIVE = re.compile(r"^\{(?P<name>[^}]+)\}\s*(?P<argument>.*)$")
OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
TARGET = re.compile(r"^\s*\([\w:.-]+\)=\s*$")
DOLLAR_END = re.compile(r"\$\$\s*(?:\((?P<label>[\w:.-]+)\))?\s*$")
INLINE = re.compile(
    r"""(?P<escape>\\.)
      | \{(?P<role>[a-zA-Z][\w:+.-]*)\}(?P<ticks>`+)(?P<content>.+?)(?<!`)(?P=ticks)(?!`)
      | (?P<code>(?P<codeticks>`+)(?!`).+?(?<!`)(?P=codeticks)(?!`))
      | (?P<math>\$\$.+?\$\$|\$[^$]+\$)
      | (?P<bang>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]*)\)
      | (?P<footnote>\[\^[^\]]+\])
      | (?P<substitution>\{\{)
      | (?P<definition>(?<=\n):[ ]+\S)""",
    re.VERBOSE | re.DOTALL,
)
WITH_TARGET = re.compile(r"^(?P<text>.*?)\s*<(?P<target>[^<>]+)>$", re.DOTALL)


class ConversionError(Exception):
    """A lesson holds something that has no plain form; the message names file and line."""


class Converter:
    """Converts the Markdown cells of one lesson."""

    def __init__(
        self, lesson: Path, pages: Pages, entries: dict[str, Entry], address: Address | None
    ) -> None:
        """Convert for `lesson`; `pages` and `entries` resolve references and citations."""
        self.lesson = lesson
        self.root = lesson.parents[1]
        self.pages = pages
        self.entries = entries
        self.address = address
        self.cited: list[str] = []

    def convert(self, text: str, line: int = 1) -> str:
        """The plain form of `text`, which starts at `line` of the lesson."""
        return "\n".join(self._blocks(text.split("\n"), line)).strip("\n")

    # Blocks

    def _blocks(self, lines: list[str], line: int) -> list[str]:
        """Convert lines; `line` is the number of the first."""
        out: list[str] = []
        text: list[str] = []  # the paragraph being gathered
        at = 0

        def flush() -> None:
            if text:
                out.extend(self._inline("\n".join(text), line + at - len(text)).split("\n"))
                text.clear()

        while at < len(lines):
            current = lines[at]
            fence = FENCE.match(current)
            if fence:
                flush()
                end = self._fence_end(lines, at, fence["fence"], line)
                out += self._fence(lines[at : end + 1], fence, line + at)
                at = end + 1
            elif current.lstrip().startswith("$$"):
                flush()
                end = self._math_end(lines, at, line)
                out += self._dollars(lines[at : end + 1])
                at = end + 1
            elif TARGET.match(current) or current.startswith("%"):
                flush()
                at += 1
            elif not current.strip():
                flush()
                out.append("")
                at += 1
            else:
                text.append(current)
                at += 1
        flush()
        return _without_double_blanks(out)

    def _fence_end(self, lines: list[str], start: int, fence: str, line: int) -> int:
        closing = re.compile(rf"^ *{re.escape(fence[0])}{{{len(fence)},}}\s*$")
        for at in range(start + 1, len(lines)):
            if closing.match(lines[at]):
                return at
        raise self._error(line + start, f"`{lines[start].strip()}` is never closed")

    def _math_end(self, lines: list[str], start: int, line: int) -> int:
        if DOLLAR_END.search(lines[start].lstrip()[2:]):
            return start
        for at in range(start + 1, len(lines)):
            if DOLLAR_END.search(lines[at]):
                return at
        raise self._error(line + start, "`$$` is never closed")

    def _fence(self, lines: list[str], fence: re.Match[str], line: int) -> list[str]:
        directive = DIRECTIVE.match(fence["info"])
        if not directive:
            if fence["fence"][0] == ":":
                raise self._error(line, f"`{lines[0].strip()}` names no directive")
            return lines  # code that is shown: kept as it is
        indent = len(fence["indent"])
        body = [each[indent:] if each[:indent].isspace() else each for each in lines[1:-1]]
        options: dict[str, str] = {}
        first = line + 1
        while body and (match := OPTION.match(body[0])):
            options[match[1]] = match[2]
            body, first = body[1:], first + 1
        result = self._directive(
            directive["name"], directive["argument"], options, body, line, first
        )
        return [(fence["indent"] + each).rstrip() for each in result]

    def _directive(
        self,
        name: str,
        argument: str,
        options: dict[str, str],
        body: list[str],
        line: int,
        first: int,
    ) -> list[str]:
        """Convert one directive at `line`, whose body starts at line `first`."""

        def inner() -> list[str]:
            return self._blocks(body, first)

        if "answer" in options.get("class", "").split():
            return []  # the reader of a notebook answers first; the site keeps it folded away
        title = self._inline(argument, line)
        if name == "math":
            content = ([argument] if argument else []) + body
            return self._math(content, options.get("label"))
        if name in ("code-block", "code", "sourcecode"):
            return [f"```{argument}", *body, "```"]
        if name == "bibliography":
            return [f"- {references.full(self.entries[key])}" for key in sorted(set(self.cited))]
        if name in ("figure", "image"):
            alt = options.get("alt", "")
            return [f"![{alt}]({argument})", *(["", *inner()] if body else [])]
        if name in ("solution", "dropdown"):
            return self._details("Solution" if name == "solution" else title, inner())
        if name == "admonition":
            heading = title
        elif name in ADMONITIONS:
            heading = title or ADMONITIONS[name]
        elif name in BOXES:
            heading = f"{BOXES[name]} ({title.strip('()')})" if title else BOXES[name]
        else:
            raise self._error(line, f"the directive {{{name}}} is not known")
        if "dropdown" in options.get("class", "").split():
            return self._details(heading, inner())
        return self._quote(heading, inner())

    def _quote(self, heading: str, body: list[str]) -> list[str]:
        lines = [f"**{heading}**", "", *body] if heading else body
        return ["", *(f"> {each}".rstrip() for each in _one_line_math(lines)), ""]

    def _details(self, summary: str, body: list[str]) -> list[str]:
        # Markdown inside <details> is rendered only if blank lines set it off.
        shown = re.sub(r"[*_`]", "", summary)
        return ["", f"<details><summary>{shown}</summary>", "", *body, "", "</details>", ""]

    # Mathematics

    def _dollars(self, lines: list[str]) -> list[str]:
        """A block between dollars; its label, if any, becomes a number."""
        text = "\n".join(lines).strip()
        end = DOLLAR_END.search(text[2:])
        assert end is not None
        return self._math(text[2 : 2 + end.start()].strip().split("\n"), end["label"])

    def _math(self, body: list[str], label: str | None) -> list[str]:
        target = self.pages.labels.get(label or "")
        tag = [rf"\tag{{{target.equation}}}"] if target and target.equation else []
        content = [each for each in body if each.strip()]
        if len(content) == 1:
            return ["$$" + " ".join([content[0].strip(), *tag]) + "$$"]
        return ["$$", *content, *tag, "$$"]

    # Inline text

    def _inline(self, text: str, line: int) -> str:
        """Convert the roles and links of a paragraph that starts at `line`."""

        def replace(match: re.Match[str]) -> str:
            here = line + text.count("\n", 0, match.start())
            if match["role"]:
                return self._role(match["role"], match["content"].strip(), here)
            if match["target"] is not None:
                shown = self._inline(match["text"], here)
                return self._link(match["bang"], shown, match["target"], here)
            for kind in ("footnote", "substitution", "definition"):
                if match[kind]:
                    raise self._error(here, f"a {kind} has no plain form in a notebook")
            return match.group()

        return INLINE.sub(replace, text)

    def _role(self, role: str, content: str, line: int) -> str:
        simple: dict[str, Callable[[str], str]] = {
            "math": lambda text: f"${text}$",
            "kbd": lambda text: f"<kbd>{text}</kbd>",
            "sub": lambda text: f"<sub>{text}</sub>",
            "sup": lambda text: f"<sup>{text}</sup>",
            "term": lambda text: WITH_TARGET.sub(r"\g<text>", text),
            "abbr": lambda text: text,
        }
        if role in simple:
            return simple[role](content)
        if role in ("cite", "cite:p", "cite:t"):
            cited = "; ".join(self._cite(key.strip(), line) for key in content.split(","))
            return f"({cited})" if role == "cite:p" else cited
        named = WITH_TARGET.match(content)
        text, target = (named["text"], named["target"]) if named else ("", content)
        if role in ("ref", "numref", "eq", "prf:ref"):
            return self._reference(text.replace("%s", "").strip(), target, line)
        if role == "doc":
            return self._link("", text, f"{target}.md", line)
        if role == "download":
            return self._link("", text or Path(target).name, target, line)
        raise self._error(line, f"the role {{{role}}} is not known")

    def _cite(self, key: str, line: int) -> str:
        if key not in self.entries:
            raise self._error(line, f"book/references.bib has no entry {key}")
        self.cited.append(key)
        return references.citation(self.entries[key])

    def _reference(self, text: str, name: str, line: int) -> str:
        label = self.pages.labels.get(name)
        if label is None:
            raise self._error(line, f"no page has the label {name}")
        shown = text or (f"({label.equation})" if label.equation else label.title)
        return self._to_label(shown, label, line)

    def _to_label(self, shown: str, label: Label, line: int) -> str:
        if label.page == self.lesson:  # front ends do not agree on anchors inside a notebook
            return shown if label.equation else f"*{shown}*"
        return f"[{shown}]({self._page_address(label.page, line)})"

    def _link(self, bang: str, shown: str, target: str, line: int) -> str:
        if re.match(r"^(?:[a-z][a-z0-9+.-]*:|animations/)", target):
            return f"{bang}[{shown}]({target})"
        if target.startswith("#"):
            return self._reference(shown, target[1:], line)
        path, _, anchor = target.partition("#")
        page = Path(os.path.normpath(self.lesson.parent / path))
        if not page.exists():
            raise self._error(line, f"the link to {target} leads nowhere")
        if bang:
            return f"![{shown}]({target})"
        shown = shown or self.pages.titles.get(page, page.name)
        address = self._page_address(page, line)
        in_notebook = address.endswith(".ipynb")
        return f"[{shown}]({address}{'#' + anchor if anchor and not in_notebook else ''})"

    def _page_address(self, page: Path, line: int) -> str:
        """Where a page is found from a notebook: a lesson beside it, or the repository."""
        if page.parent == self.lesson.parent and page.suffix == ".md":
            return f"{page.stem}.ipynb"
        if self.address is None:
            raise self._error(line, "pyproject.toml names no address that a link could lead to")
        return self.address.file_url(page.relative_to(self.root).as_posix())

    def _error(self, line: int, message: str) -> ConversionError:
        return ConversionError(f"{self.lesson.relative_to(self.root)}:{line}: {message}")


def _one_line_math(lines: list[str]) -> list[str]:
    """Join each `$$` block: in a quote, its `>` signs would end up in the formula."""
    out: list[str] = []
    formula: list[str] = []
    for line in lines:
        if line.strip() == "$$":
            if formula:
                out.append(" ".join([*formula, "$$"]))
                formula = []
            else:
                formula = ["$$"]
        elif formula:
            formula.append(line.strip())
        else:
            out.append(line)
    return out


def _without_double_blanks(lines: list[str]) -> list[str]:
    out: list[str] = []
    for line in lines:
        if line.strip() or (out and out[-1].strip()):
            out.append(line)
    return out
