"""The points for answers to the quiz, counted as ``quiz.js`` counts them.

A page hands in answers and no points.  So there is nothing to sign: the key to a signature would
stand in the page, for all to read, and would prove nothing.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from gan_lessons.quiz.items import Item, Variant, load, shown

LONGEST = 100_000
"""Characters of a text that is looked into; all answers of a page are some thousands."""
SEEDS = 2**50
"""Beyond it JavaScript would round."""
_NUMBER = r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)"
_NUMBERS = re.compile(rf"{_NUMBER}(?:\s*/\s*{_NUMBER})?", re.IGNORECASE)


@dataclass(frozen=True)
class Count:
    """The points for each item that was answered, by its id, and why other answers don't count."""

    points: Mapping[str, float]
    lost: Mapping[str, int]


def count(text: str) -> Count:
    """Count the answers in what the page hands in.  Raises ``ValueError`` for any other text."""
    try:
        answers = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        answers = None
    if not isinstance(answers, dict):
        raise ValueError("this is no text that the page of the quiz hands in")
    points: dict[str, float] = {}
    lost: dict[str, int] = {}
    for name, answer in answers.items():
        try:
            points[name] = _points(name, answer)
        except ValueError as why:
            lost[str(why)] = lost.get(str(why), 0) + 1
    return Count(points, lost)


def _points(name: str, answer: Any) -> float:
    item, mark = _items().get(name, (None, ""))
    if item is None:
        raise ValueError("no such question")
    if not isinstance(answer, dict) or not {"mark", "seed", "given"} <= answer.keys():
        raise ValueError("no answer")
    if answer["mark"] != mark:
        raise ValueError("another wording of the question")
    return points_of(item, answer["seed"], answer["given"])


@cache
def _items() -> dict[str, tuple[Item, str]]:
    return {item.id: (item, shown(item)["mark"]) for item in load().items}


def points_of(item: Item, seed: Any, given: Any) -> float:
    """From 0 to 1, for what was given to the item.  Raises ``ValueError`` if it is no answer."""
    if type(seed) is not int or not 0 <= seed < SEEDS:
        raise ValueError("no answer")
    if item.kind == "numeric":
        variant = variant_of(item, seed)
        return float(abs(number(given) - variant.key) <= item.tolerance)
    if not isinstance(given, list) or any(type(each) is not int for each in given):
        raise ValueError("no answer")
    if item.kind == "ordering":
        if sorted(given) != list(range(len(item.entries))):
            raise ValueError("no answer")
        pairs = [a < b for a, b in combinations(given, 2)]
        return sum(pairs) / len(pairs)
    rights = {index for index, choice in enumerate(item.choices) if choice.right}
    chosen = set(given)
    most = len(item.choices) if item.kind == "multiple" else 1
    # One that is given twice would count twice.
    if not 0 < len(given) == len(chosen) <= most or not chosen <= set(range(len(item.choices))):
        raise ValueError("no answer")
    return max(0.0, (2 * len(chosen & rights) - len(chosen)) / len(rights))


def variant_of(item: Item, seed: int) -> Variant:
    """The numbers that a page with this seed shows; FNV's hash of the id says where it begins."""
    h = 2166136261
    for sign in item.id:
        h = (h ^ ord(sign)) * 16777619 % 2**32
    return item.variants[(h + seed) % len(item.variants)]


def number(text: Any) -> float:
    """The number that a reader wrote: 0.5, 0,5, −3, 1/3.  Raises ``ValueError`` for all else."""
    clean = text.strip() if isinstance(text, str) and len(text) < 1000 else ""
    parts = _NUMBERS.fullmatch(re.sub("[−–]", "-", clean).replace(",", "."))
    below = float(parts[2] or 1) if parts else 0
    value = float(parts[1]) / below if parts and below else math.nan
    if not math.isfinite(value):
        raise ValueError("no answer")
    return value
