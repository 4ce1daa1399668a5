"""Turn MyST into plain Markdown that reads well in Colab, Binder and JupyterLab.

Admonitions become quotes with a bold title, references and citations links.  What is not known
here is an error that names file and line: nothing is kept in silence.
"""

import os
import re
from itertools import pairwise
from pathlib import Path

from pybtex.database import Entry

from tools import predictions, references
from tools.pages import TARGET, Pages
from tools.repository import Address

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,}|:{3,})(?P<info>.*)$")
BLOCK = re.compile(r"^\{(?P<kind>admonition|predict)\}\s*(?P<title>.*)$")
CELL = "\0"  # begins a line that is to be a code cell
OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
INLINE = re.compile(
    r"""(?P<escape>\\.)
      | \{(?P<role>[a-zA-Z][\w:+.-]*)\}`(?P<content>[^`]+)`
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
                end = self._end(
                    lines, at, rf"^ *{fence['fence'][0]}{{{len(fence['fence'])},}}\s*$", line
                )
                out += self._fence(lines[at : end + 1], fence, line + at)
                at = end + 1
            elif current.lstrip().startswith("$$"):
                flush()
                whole = current.strip().endswith("$$", 2)
                end = at if whole else self._end(lines, at, r"\$\$\s*$", line)
                out += _formula(lines[at : end + 1])
                at = end + 1
            elif TARGET.match(current):
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

    def _end(self, lines: list[str], start: int, closing: str, line: int) -> int:
        """Where the block that begins at `start` is closed."""
        for at in range(start + 1, len(lines)):
            if re.search(closing, lines[at]):
                return at
        raise self._error(line + start, f"`{lines[start].strip()}` is never closed")

    def _fence(self, lines: list[str], fence: re.Match[str], line: int) -> list[str]:
        """Convert code that is shown, an admonition, or a prediction, at `line`."""
        block = BLOCK.match(fence["info"])
        if not block:
            if fence["fence"][0] == ":" or fence["info"].startswith("{"):
                raise self._error(line, f"`{lines[0].strip()}` is not known")
            return lines
        indent = len(fence["indent"])
        body = [each[indent:] if each[:indent].isspace() else each for each in lines[1:-1]]
        options: dict[str, str] = {}
        first = line + 1
        while body and (match := OPTION.match(body[0])):
            options[match[1]] = match[2]
            body, first = body[1:], first + 1
        if "answer" in options.get("class", "").split():
            return []  # the reader of a notebook answers first; the site keeps it folded away
        if block["kind"] == "predict":
            return self._predict(block["title"], options, body, line)
        heading = f"**{self._inline(block['title'], line)}**"
        return ["", *_quote([heading, "", *self._blocks(body, first)], fence["indent"]), ""]

    def _predict(
        self, name: str, options: dict[str, str], body: list[str], line: int
    ) -> list[str]:
        """A question with numbered options, and the cell in which the reader commits."""
        try:
            question, choices = predictions.split(body)
            asked = predictions.read(name, options, len(choices))
        except ValueError as error:
            raise self._error(line, f"{{predict}} {name}: {error}") from None
        at = line + 1 + len(options)
        lines = ["**Predict**", "", *self._blocks(question, at)]
        at += len(question)
        for number, choice in enumerate(choices, 1):
            text = "\n".join(choice).strip()
            lines += f"{number}. {self._inline(text, at)}".replace("\n", "\n   ").split("\n")
            at += len(choice)
        return ["", *_quote(lines), "", CELL + predictions.cell(asked, len(choices)), ""]

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
        if role in ("cite:p", "cite:t"):
            cited = "; ".join(self._cite(key.strip(), line) for key in content.split(","))
            return f"({cited})" if role == "cite:p" else cited
        if role == "ref":
            named = WITH_TARGET.match(content)
            text, target = (named["text"], named["target"]) if named else ("", content)
            return self._reference(text, target, line)
        raise self._error(line, f"the role {{{role}}} is not known")

    def _cite(self, key: str, line: int) -> str:
        if key not in self.entries:
            raise self._error(line, f"book/references.bib has no entry {key}")
        return references.citation(self.entries[key])

    def _reference(self, text: str, name: str, line: int) -> str:
        label = self.pages.labels.get(name)
        if label is None:
            raise self._error(line, f"no page has the label {name}")
        shown = text or label.title
        if label.page == self.lesson:  # front ends do not agree on anchors inside a notebook
            return f"*{shown}*"
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


def _formula(lines: list[str]) -> list[str]:
    """A block between dollars; in one line, if it has but one."""
    content = "\n".join(lines).strip()[2:-2].strip().split("\n")
    if len(content) == 1:
        return [f"$${content[0].strip()}$$"]
    return ["$$", *(each for each in content if each.strip()), "$$"]


def _quote(lines: list[str], indent: str = "") -> list[str]:
    return [f"{indent}> {each}".rstrip() for each in _one_line_math(lines)]


def _one_line_math(lines: list[str]) -> list[str]:
    """Join each `$$` block: in a quote, its `>` signs would end up in the formula."""
    block = re.compile(r"^ *\$\$\n.+?\n *\$\$$", re.MULTILINE | re.DOTALL)
    joined = block.sub(lambda found: " ".join(found.group().split()), "\n".join(lines))
    return joined.split("\n")


def _without_double_blanks(lines: list[str]) -> list[str]:
    return [line for before, line in pairwise(["", *lines]) if line.strip() or before.strip()]
