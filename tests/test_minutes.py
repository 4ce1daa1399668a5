"""The minutes that a lesson tells are counted, and its main path is as short as promised."""

import pytest
from lesson_header import HEADER
from predict_blocks import CHOICE, NUMBER

from tools import minutes
from tools.paths import lessons

TEACHING = [lesson for lesson in lessons() if lesson.stem[:2] not in ("07", "10")]
# Lessons that don't keep to the limits yet.  Take out what does.
LONG: set[str] = set()
SMALL = f"""{HEADER}# Two words

:::{{admonition}} About this lesson
**Minutes:** 9 to read, 9 for the exercises, and more
:::

(label)=
## Three more words

A $x$ of [two words](a/link.md), {{ref}}`not these` and

$$
a
= b
$$

:::{{admonition}} One
Two.
:::

:::{{admonition}} Deeper
:class: dropdown
None of these.
:::

{CHOICE}
```{{code-cell}} ipython3
---
mystnb:
  image:
    alt: The fastest test has no answer.
---
import math

math.pi
```

```{{code-cell}} ipython3
:tags: [hide-input]
hidden = 1
```

## Exercises

Not these.

:::{{admonition}} Exercise 1
:class: exercise
How many?
:::

```{{code-cell}} ipython3
:tags: [answer, hide-cell]
n = 3
check("1.n", n)
```

:::{{admonition}} Exercise 2
:class: exercise
Write it.
:::

```{{code-cell}} ipython3
:tags: [answer, hide-cell]
def f():
    return 1
```

:::{{admonition}} Exercise 3
:class: exercise
Say why.
:::

:::{{admonition}} Answer
:class: answer dropdown
So.
:::

## Further reading

Much.
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "01_a.md"
    path.write_text(SMALL, encoding="utf8")
    return path


def test_a_lesson_is_counted(small):
    found = minutes.count(small)
    # Title 2, heading 3, sentence 7 and a formula, "One Two.", question 7 and options 7.
    assert found.words == 2 + 3 + 7 + 1 + 2 + 7 + 7
    assert found.cells == [2]
    assert found.predictions == 1
    assert found.exercises == ["number", "function", "text"]
    assert found.exercising == 3 + 6 + 10
    assert found.reading == 2  # a prediction, and a part of a minute


def test_minutes_go_by_the_rule():
    found = minutes.Count(text=2 * minutes.WORDS * "word ", cells=[10, 14], predictions=4)
    assert found.reading == 2 + 2 + 4
    found.text += "word"
    assert found.reading == 9


def test_minutes_are_written_into_the_line(small):
    counted = minutes.Count(text=1350 * "word ", exercises=["text", "number"])
    text = minutes.lesson_text(SMALL, counted)
    assert "**Minutes:** 10 to read, 13 for the exercises, and more\n" in text
    assert len(text) == len(SMALL) + 2


def test_a_lesson_in_two_sessions_counts_half_in_each():
    one, two = (f"[{name}](../notebooks/{name}.md)" for name in ("01_a", "02_b"))
    plan = f"| 1 | {one} and half of {two} | 0 + 0 | x |\n| 2 | the rest of {two} | 0 + 0 | y |\n"
    counts = {
        "01_a": minutes.Count(predictions=20, exercises=["text"]),
        "02_b": minutes.Count(predictions=31, exercises=["number"]),
    }
    first, second = minutes.plan_text(plan, counts).splitlines()
    assert first.endswith("| 36 + 12 | x |")
    assert second.endswith("| 16 + 2 | y |")


@pytest.fixture(scope="module")
def counts():
    return {lesson.stem: minutes.count(lesson) for lesson in lessons()}


def keeps_to_the_limits(found):
    return found.words <= 2000 and len(found.cells) <= 14 and 4 <= found.predictions <= 6


def test_all_lessons_but_those_named_keep_to_the_limits(counts):
    long = {lesson.stem for lesson in TEACHING if not keeps_to_the_limits(counts[lesson.stem])}
    assert long == LONG


def test_the_minutes_that_are_told_are_counted(counts):
    for page, text in minutes.written(counts).items():
        assert text == page.read_text(encoding="utf8"), "run `python -m tools.minutes`"
        assert page.parent.name != "notebooks" or " to read, " in text


def test_a_block_more_is_a_minute_more(small):
    before = minutes.count(small)
    small.write_text(SMALL.replace(CHOICE, CHOICE + "\n" + NUMBER), encoding="utf8")
    assert minutes.count(small).predictions == before.predictions + 1
