"""The items of the quiz: read from ``items.toml``, and refused with clear words if broken."""

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from gan_lessons.quiz.text import to_html

ITEMS = Path(__file__).parent / "items.toml"
KINDS = ("single", "multiple", "numeric", "ordering", "bug")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACE = re.compile(r"\{(\w+)\}")

# The fields of each table, with their types; what may be missing is listed apart.
_LESSON = {"number": int, "title": str, "page": str}
_EVERY = {
    "id": str,
    "kind": str,
    "lesson": int,
    "section": str,
    "objective": str,
    "prompt": str,
}
_BY_KIND: dict[str, dict[str, type]] = {
    "single": {"choices": list},
    "multiple": {"choices": list},
    "bug": {"code": str, "choices": list},
    "ordering": {"entries": list, "misconception": str},
    "numeric": {
        "formula": str,
        "tolerance": float,
        "variants": list,
        "beliefs": list,
        "feedback": str,
        "hint": str,
    },
}
_BELIEF = {"formula": str, "misconception": str, "feedback": str}


@dataclass(frozen=True)
class Lesson:
    """A lesson that items lead back to."""

    number: int
    title: str
    page: str


@dataclass(frozen=True)
class Choice:
    """One of the answers to choose from; a wrong one names the misconception behind it."""

    text: str
    feedback: str
    right: bool = False
    misconception: str = ""
    line: int = 0


@dataclass(frozen=True)
class Variant:
    """The numbers of a numeric item, its key, and what each of its beliefs would answer."""

    values: Mapping[str, float]
    key: float
    wrong: tuple[float, ...]


@dataclass(frozen=True)
class Belief:
    """A wrong way to a number."""

    formula: str
    misconception: str
    feedback: str


@dataclass(frozen=True)
class Item:
    """One question.  What its kind has no use for is empty."""

    id: str
    kind: str
    lesson: int
    section: str
    objective: str
    prompt: str
    code: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()
    misconception: str = ""
    formula: str = ""
    tolerance: float = 0.0
    variants: tuple[Variant, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    feedback: str = ""
    hint: str = ""

    @property
    def anchor(self) -> str:
        """The name by which the site knows the section."""
        return re.sub(r"[^a-z0-9]+", "-", self.section.lower()).strip("-")

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The misconceptions that its wrong answers stand for."""
        wrong = [choice.misconception for choice in self.choices if not choice.right]
        beliefs = [belief.misconception for belief in self.beliefs]
        return tuple(wrong + beliefs + [self.misconception] * bool(self.misconception))


@dataclass(frozen=True)
class Bank:
    """All items, with the lessons they lead back to and the misconceptions they must hold."""

    lessons: tuple[Lesson, ...]
    items: tuple[Item, ...]
    misconceptions: tuple[str, ...]
    errata: tuple[str, ...]


@cache
def load() -> Bank:
    """The items of the course."""
    return parse(ITEMS.read_text(encoding="utf-8"))


def parse(source: str) -> Bank:
    """Read items from the text of a TOML file.

    Raises ``ValueError``, with the id of the item and what is wrong with it.
    """
    try:
        tables = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the items are no TOML: {error}") from None
    wanted = {"lessons": list, "items": list, "misconceptions": list, "errata": list}
    _check("the file", tables, wanted)
    lessons = []
    for number, table in enumerate(tables["lessons"], 1):
        _check(f"lesson entry {number}", table, _LESSON)
        lessons.append(Lesson(**table))
    items: list[Item] = []
    for number, table in enumerate(tables["items"], 1):
        item = _item(number, table)
        if item.lesson not in [lesson.number for lesson in lessons]:
            raise ValueError(f"item {item.id}: there is no lesson {item.lesson}")
        if item.id in [other.id for other in items]:
            raise ValueError(f"item {item.id}: there are two of this id")
        items.append(item)
    bank = Bank(
        tuple(lessons), tuple(items), tuple(tables["misconceptions"]), tuple(tables["errata"])
    )
    held = {each for item in items for each in item.misconceptions}
    for each in (*bank.misconceptions, *bank.errata):
        if each not in held:
            raise ValueError(f"no item has the misconception {each!r}")
    return bank


def _check(
    where: str,
    table: Any,
    required: Mapping[str, type],
    optional: Mapping[str, type] | None = None,
) -> None:
    """Refuse a table with a field that is missing, unknown, empty or of another type."""
    if not isinstance(table, dict):
        raise ValueError(f"{where} must be a table, not {table!r}")
    known = {**required, **(optional or {})}
    for name in required:
        if name not in table:
            raise ValueError(f"{where} has no {name}")
    for name, value in table.items():
        if name not in known:
            raise ValueError(f"{where} has a field {name!r}, which nobody reads")
        if known[name] is float:
            good = _is_number(value)
        else:
            good = type(value) is known[name] and value != ""
        if not good:
            raise ValueError(f"{where}: {name} is {value!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _item(number: int, table: Any) -> Item:
    name = table.get("id", number) if isinstance(table, dict) else number
    where = f"item {name}"
    kind = table.get("kind") if isinstance(table, dict) else None
    if isinstance(table, dict) and kind not in KINDS:
        raise ValueError(f"{where}: kind is {kind!r}: it must be one of {', '.join(KINDS)}")
    _check(where, table, {**_EVERY, **_BY_KIND.get(str(kind), {})})
    if not _NAME.fullmatch(table["id"]):
        raise ValueError(f"{where}: an id is made of lower-case words joined by hyphens")
    fields = dict(table)
    if kind == "numeric":
        fields["beliefs"] = tuple(_belief(where, n, b) for n, b in enumerate(table["beliefs"], 1))
        fields["variants"] = _variants(where, table)
    if kind == "bug":
        fields["code"] = tuple(table["code"].strip("\n").split("\n"))
    if "choices" in table:
        fields["choices"] = _choices(where, table, fields.get("code", ()))
    if "entries" in table:
        fields["entries"] = _entries(where, table["entries"])
    item = Item(**fields)
    try:
        shown(item)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    return item


def _choices(where: str, table: Any, code: tuple[str, ...]) -> tuple[Choice, ...]:
    choices = []
    for number, each in enumerate(table["choices"], 1):
        place = f"{where}, choice {number}"
        by_line = isinstance(each, dict) and "line" in each
        named = {"line": int} if by_line else {"text": str}
        _check(place, each, {**named, "feedback": str}, {"right": bool, "misconception": str})
        if by_line and not 1 <= each["line"] <= len(code):
            raise ValueError(f"{place}: the code has no line {each['line']}")
        choice = Choice(**{"text": "", **each})
        if by_line:
            choice = replace(choice, text=f"Line {choice.line}: `{code[choice.line - 1].strip()}`")
        if choice.right == bool(choice.misconception):
            raise ValueError(f"{place} must be right or name a misconception, and not both")
        choices.append(choice)
    if len({choice.text for choice in choices}) < len(choices):
        raise ValueError(f"{where}: two choices say the same")
    rights = sum(choice.right for choice in choices)
    if table["kind"] == "multiple":
        if not 1 <= rights < len(choices):
            raise ValueError(f"{where} has {rights} right choices of {len(choices)}")
    elif rights != 1 or len(choices) < 3:
        raise ValueError(f"{where} has {rights} right choices of {len(choices)}")
    return tuple(choices)


def _entries(where: str, tables: list[Any]) -> tuple[tuple[str, str], ...]:
    for number, each in enumerate(tables, 1):
        _check(f"{where}, entry {number}", each, {"text": str, "feedback": str})
    if len({each["text"] for each in tables}) < max(3, len(tables)):
        raise ValueError(f"{where} must have three entries or more, and all different")
    return tuple((each["text"], each["feedback"]) for each in tables)


def _belief(where: str, number: int, table: Any) -> Belief:
    _check(f"{where}, belief {number}", table, _BELIEF)
    return Belief(**table)


def _variants(where: str, table: Any) -> tuple[Variant, ...]:
    variants = []
    tolerance = table["tolerance"]
    for number, each in enumerate(table["variants"], 1):
        place = f"{where}, variant {number}"
        if not isinstance(each, dict) or not isinstance(each.get("wrong"), list):
            raise ValueError(f"{place} must have values, a key and a list of wrong answers")
        names = [name for name in each if name not in {"key", "wrong"}]
        _check(place, each, {"key": float, "wrong": list, **dict.fromkeys(names, float)})
        key, wrong = each["key"], each["wrong"]
        if len(wrong) != len(table["beliefs"]) or not all(map(_is_number, wrong)):
            raise ValueError(f"{place}: it needs one wrong answer for each belief")
        answers = sorted([key, *wrong])
        apart = min((b - a for a, b in pairwise(answers)), default=math.inf)
        if not 0 < tolerance < apart / 2:
            raise ValueError(f"{place}: key and wrong answers are nearer than 2 × {tolerance}")
        variants.append(Variant({name: each[name] for name in names}, key, tuple(wrong)))
    if len({tuple(sorted(each.values.items())) for each in variants}) < max(2, len(variants)):
        raise ValueError(f"{where} must have two variants or more, and all different")
    if len({tuple(sorted(each.values)) for each in variants}) > 1:
        raise ValueError(f"{where}: its variants name different values")
    return tuple(variants)


# --- What the page gets ---------------------------------------------------------------------


def number_words(value: float) -> str:
    """A number for the eye: four digits, and a real minus sign."""
    return f"{value:.4g}".replace("-", "−")


def _fill(text: str, variant: Variant | None) -> str:
    values = {} if variant is None else {**variant.values, "key": variant.key}

    def value(place: re.Match[str]) -> str:
        name, before = place[1], text[: place.start()]
        if name in values:
            return number_words(values[name])
        if re.search(r"(_|\^|\\text|\\mathrm)$", before):  # braces of the maths
            return place[0]
        raise ValueError(f"its text names {place[0]}, and its variants don't")

    return to_html(_PLACE.sub(value, text))


def shown(item: Item) -> dict[str, Any]:
    """What the page needs of an item, all texts as HTML."""
    found: dict[str, Any] = {
        "id": item.id,
        "kind": item.kind,
        "lesson": item.lesson,
        "section": to_html(item.section),
        "anchor": item.anchor,
        "objective": to_html(item.objective[0].upper() + item.objective[1:].rstrip(".;")),
    }
    if item.kind == "numeric":
        found["tolerance"] = item.tolerance
        found["variants"] = [_shown_variant(item, variant) for variant in item.variants]
    else:
        found["prompt"] = _fill(item.prompt, None)
    if item.choices:
        found["choices"] = [
            {"text": _fill(c.text, None), "feedback": _fill(c.feedback, None), "right": c.right}
            for c in item.choices
        ]
        # Lines of a program keep their order.
        found["shuffled"] = not any(c.line for c in item.choices)
    if item.entries:
        found["entries"] = [
            {"text": _fill(text, None), "feedback": _fill(why, None)} for text, why in item.entries
        ]
    if item.code:
        found["code"] = list(item.code)
    # An answer that was kept for another wording of the item is not this item's answer.
    text = json.dumps(found, sort_keys=True)
    found["mark"] = hashlib.sha256(text.encode()).hexdigest()[:12]
    return found


def _shown_variant(item: Item, variant: Variant) -> dict[str, Any]:
    return {
        "prompt": _fill(item.prompt, variant),
        "key": variant.key,
        "shown": number_words(variant.key),
        "feedback": _fill(item.feedback, variant),
        "hint": _fill(item.hint, variant),
        "beliefs": [
            {"key": wrong, "feedback": _fill(belief.feedback, variant)}
            for wrong, belief in zip(variant.wrong, item.beliefs, strict=True)
        ],
    }
