"""Read the ``{predict}`` blocks of a lesson: for the site, for the notebooks, for the minutes."""

import math
import re
from collections.abc import Sequence
from typing import Any

# The options of each kind: those that it needs, and those that it may have.
KINDS: dict[str, tuple[list[str], list[str]]] = {
    "choice": (["answer"], []),
    "number": (["low", "high", "step"], ["unit"]),
    "curve": (["x", "y"], ["x-label", "y-label"]),
}
OPTIONS = ["kind", *(option for pair in KINDS.values() for some in pair for option in some)]
FEWEST, MOST = 2, 5  # options of a choice


def read(name: str, options: dict[str, str], choices: int) -> dict[str, Any]:
    """What a block asks for, checked; ``choices`` counts the options in its text.

    Raises ``ValueError`` that names the option, what it is, and what is allowed.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"the name is {name!r}: it must be words-with-hyphens, in small letters")
    kind = options.get("kind")
    if kind not in KINDS:
        raise ValueError(f":kind: is {kind!r}: it must be one of {', '.join(KINDS)}")
    needed, allowed = KINDS[kind]
    for option in needed:
        if option not in options:
            raise ValueError(f":{option}: is missing: a {kind} needs {', '.join(needed)}")
    for option in options.keys() - {"kind", *needed, *allowed}:
        wanted = ", ".join([*needed, *allowed])
        raise ValueError(f":{option}: is {options[option]!r}: a {kind} has only {wanted}")
    asked: dict[str, Any] = {"name": name, **options}
    if kind == "choice":
        if not FEWEST <= choices <= MOST:
            raise ValueError(f"there are {choices} options: there must be {FEWEST} to {MOST}")
        asked["answer"] = _answers(options["answer"], choices)
    elif kind == "number":
        asked |= {option: _numbers(option, options[option], 1)[0] for option in needed}
        if not asked["low"] < asked["high"]:
            raise ValueError(f":high: is {options['high']!r}: it must be above :low:")
        if not 0 < asked["step"] <= asked["high"] - asked["low"]:
            raise ValueError(
                f":step: is {options['step']!r}: it must be above 0, and at most :high: - :low:"
            )
    else:
        for axis in needed:
            asked[axis] = _numbers(axis, options[axis], 2)
            if not asked[axis][0] < asked[axis][1]:
                raise ValueError(
                    f":{axis}: is {options[axis]!r}: the second must be above the first"
                )
    return asked


def _numbers(option: str, text: str, count: int) -> list[float]:
    try:
        found = [float(part) for part in text.split()]
    except ValueError:
        found = []
    if len(found) != count or not all(map(math.isfinite, found)):
        raise ValueError(
            f":{option}: is {text!r}: it must be {['a number', 'two numbers'][count - 1]}"
        )
    return found


def _answers(text: str, choices: int) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and 1 <= int(part) <= choices for part in parts):
        raise ValueError(
            f":answer: is {text!r}: it must be a number from 1 to {choices}, or more, with commas"
        )
    return [int(part) for part in parts]


def split(body: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """The lines of the question, and those of each option: the list that ends the body."""
    first = next((at for at, line in enumerate(body) if line.startswith("- ")), len(body))
    choices: list[list[str]] = []
    for line in body[first:]:
        if line.startswith("- "):
            choices.append([line[2:]])
        elif line.startswith("  ") or not line.strip():
            choices[-1].append(line[2:])
        else:
            raise ValueError(f"{line!r} follows the options: they must end the block")
    return list(body[:first]), choices


def cell(asked: dict[str, Any], choices: int) -> str:
    """The line of code with which the reader of a notebook commits."""
    if asked["kind"] == "choice":
        numbers = [str(number) for number in range(1, choices + 1)]
        wanted, more = f"{', '.join(numbers[:-1])} or {numbers[-1]}", ""
    elif asked["kind"] == "number":
        unit = f", in {asked['unit']}" if "unit" in asked else ""
        wanted, more = f"a number from {asked['low']:g} to {asked['high']:g}{unit}", ""
    else:
        low, high = (f"{end:g}" for end in asked["x"])
        wanted = f"a list of heights, evenly spaced from x = {low} to {high}"
        more = f", x=({low}, {high})"
    return f'predict("{asked["name"]}", ...{more})  # {wanted}'
