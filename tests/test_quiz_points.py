"""The quiz is counted in Python as in its page: the same answers get the same points."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from gan_lessons import quiz
from gan_lessons.checks import check
from gan_lessons.quiz import points
from tests.contrast import contrast
from tests.few import first_quick
from tests.test_quiz_page import BANK, FILES, SCRIPTS, SHOWN


def answer(item, seed, given, **other):
    return {"mark": SHOWN[item.id]["mark"], "seed": seed, "given": given} | other


def right(item, seed):
    if item.variants:
        return str(points.variant_of(item, seed).key)
    rights = [index for index, choice in enumerate(item.choices) if choice.right]
    return rights or list(range(len(item.entries)))


def handed_in(seed=0, given=right, bank=BANK.items):
    return {item.id: answer(item, seed, given(item, seed)) for item in bank}


def any_answer(item, rng):
    """An answer of any worth, as the page would keep it."""
    if item.kind == "numeric":
        variant = item.variants[rng.integers(len(item.variants))]
        near = [variant.key + sign * item.tolerance * by for sign in (-1, 1) for by in (0.9, 1.1)]
        value = rng.choice([variant.key, *variant.wrong, *near])
        return str(rng.choice([f"{value}", f"{value}".replace("-", "−").replace(".", ",")]))
    n = len(item.choices or item.entries)
    most = {"multiple": rng.integers(1, n + 1), "ordering": n}.get(item.kind, 1)
    return rng.permutation(n)[:most].tolist()


def told(page, name):
    """The points that the page gives for a question."""
    words = page.locator(f"#quiz-{name} .quiz-result").inner_text()
    part = re.search(r"([\d.]+) of 1 point", words)
    return float(part[1]) if part else float(words == "✓ Right.")


@pytest.mark.parametrize("seed", first_quick([0, 1, 2, 3, 10, 2**40]))
@pytest.mark.parametrize("draw", range(3))
def test_the_page_and_python_give_the_same_points(open_page, seed, draw):
    rng = np.random.default_rng(seed + draw)
    kept = handed_in(seed, lambda item, _: any_answer(item, rng))
    before = json.dumps({"seeds": {}, "answers": kept})
    put = f"<script>localStorage.setItem('gan-quiz-{seed}', {json.dumps(before)})</script>"
    page = open_page(FILES + quiz.section(seed=seed) + put + SCRIPTS)
    page.locator(".quiz-item").first.wait_for()
    page.get_by_role("button", name="Hand in").click()
    text = page.get_by_label("Copy this text").input_value()
    found = points.count(text)
    assert not found.lost
    shown = {name: told(page, name) for name in kept}
    assert found.points == pytest.approx(shown, abs=0.005001)  # the page tells two digits
    assert {0, 1} < set(shown.values())


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 2**40])
def test_all_right_is_everything_with_every_seed(seed):
    assert check("7.quiz", json.dumps(handed_in(seed))).right


NUMBERS = (
    "0.4 0,4 .5 5. 1e3 1E-3 -2 −2 –2 +3 1/3 2/5 1./.5 -1/-4 1/0 0/0 1e999 1e999/1e999 1/1e999"
    " 0x1 half -- 1e 1,2,3 ٣ inf nan 1_0"
)


def test_a_number_is_the_same_in_both(open_page):
    page = open_page(FILES + SCRIPTS)
    for text in (*NUMBERS.split(), "", " 1 / 3 ", "1 2", "\u00a07"):
        # What is no number comes back as null.
        theirs = page.evaluate("t => (v => Number.isNaN(v) ? null : v)(GanQuiz.toNumber(t))", text)
        try:
            ours = points.number(text)
        except ValueError:
            ours = None
        assert ours == theirs, text


def test_the_text_is_handed_over_by_keyboard_and_stays_up_to_date(open_page):
    page = open_page(FILES + quiz.section([1]) + SCRIPTS)
    button = page.get_by_role("button", name="Hand in")
    text = page.get_by_label("Copy this text")
    expect(text).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    assert page.evaluate("String(getSelection())") == "{}"
    assert text.get_attribute("readonly") is not None
    box = page.locator("#quiz-what-d-says")
    box.get_by_role("radio", name="The probability that x is real.", exact=True).check()
    box.get_by_role("button").click()
    assert points.count(text.input_value()).points == {"what-d-says": 1}
    page.get_by_role("button", name="Start again").click()
    page.get_by_role("button", name="Yes, clear them").click()
    assert text.input_value() == "{}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_notebook_hands_it_in_too_on_a_phone(open_tab, tmp_path, theme):
    page = open_tab(viewport={"width": 320, "height": 700}, color_scheme=theme)
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><body>{quiz.show(4)._repr_html_()}", encoding="utf8")
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("input").first.check()
    frame.get_by_role("button", name="Check question 1").click()
    frame.get_by_role("button", name="Hand in").click()
    text = frame.get_by_label("Copy this text")
    expect(text).to_be_focused()
    chosen = text.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
    assert points.count(chosen).points.keys() == {next(i.id for i in BANK.items if i.lesson == 4)}
    wide = text.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    ink, paper = text.evaluate(
        "e => ['color', 'backgroundColor'].map((k) => getComputedStyle(e)[k])"
    )
    assert contrast(ink, paper) > 4.5


FIRST = BANK.items[0]
MULTIPLE, NUMERIC, ORDER = (
    next(item for item in BANK.items if item.kind == kind)
    for kind in ("multiple", "numeric", "ordering")
)
LONG = "9" * 5000


@pytest.mark.parametrize(
    ("item", "given"),
    [
        (FIRST, None),
        (FIRST, []),
        (FIRST, [0, 1]),
        (FIRST, [99]),
        (FIRST, [-1]),
        (FIRST, [True]),
        (FIRST, [0.0]),
        (FIRST, "0"),
        (FIRST, {"0": 0}),
        (FIRST, [[0]]),
        (MULTIPLE, [0, 0]),
        (MULTIPLE, right(MULTIPLE, 0) * 9),
        (NUMERIC, 0.5),
        (NUMERIC, [0]),
        (NUMERIC, "x"),
        (NUMERIC, LONG),
        (ORDER, [0]),
        (ORDER, [0] * len(ORDER.entries)),
        (ORDER, [*range(1, len(ORDER.entries) + 1)]),
    ],
)
def test_what_is_no_answer_counts_nothing_and_is_told(item, given):
    found = points.count(json.dumps({item.id: answer(item, 0, given)}))
    assert (found.points, found.lost) == ({}, {"no answer": 1})


@pytest.mark.parametrize("seed", [-1, 0.0, None, "0", True, [0], 10**30])
def test_a_seed_is_a_whole_number(seed):
    given = {item.id: answer(item, seed, right(item, 0)) for item in (FIRST, NUMERIC)}
    assert points.count(json.dumps(given)).lost == {"no answer": 2}


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[]",
        "7",
        "null",
        '"text"',
        "{",
        "[" * 90_000,
        '{"a":' * 9000,
        LONG,
        '{"a": "' + "x" * 200_000 + '"}',
        str(handed_in()),
    ],
)
def test_another_text_is_refused_with_words(text):
    found = check("7.quiz", text)
    assert found.share == 0
    assert "no text that the page of the quiz hands in" in found.message
    assert "Hand in" in found.message


@pytest.mark.parametrize("given", [3, [1, 2], {"a": 1}, handed_in()])
def test_what_is_no_text_is_refused_with_words(given):
    found = check("7.quiz", given)
    assert found.share == 0
    assert found.message


def test_nothing_pasted_is_not_answered():
    assert not check("7.quiz", "\n").answered


def test_points_are_told_by_lesson_and_a_claimed_score_counts_nothing():
    kept = handed_in(bank=[item for item in BANK.items if item.lesson == 1])
    first, second, *_ = kept
    kept[first]["mark"] = "of old"
    kept[second] |= {"points": 1, "given": "nonsense"}
    kept |= {"score": 1e9, "no-such-item": kept[first], "points": {"x": 66}}
    found = check("7.quiz", json.dumps(kept))
    n, all_of = len(kept) - 5, len(BANK.items)
    assert found.share == pytest.approx(n / all_of)
    assert f"lesson 1: {n} of {n + 2}, lesson 2: 0 of " in found.message
    assert f"an answer that counts: {all_of - n}." in found.message
    lost = "another wording of the question (1), no answer (1), no such question (3)."
    assert found.message.endswith(lost)


def test_no_message_holds_an_answer():
    wrong = {
        item.id: answer(item, 0, any_answer(item, np.random.default_rng(1))) for item in BANK.items
    }
    message = check("7.quiz", json.dumps(wrong)).message
    assert re.fullmatch(r"Points by (lesson \d+: [\d.]+ of \d+(, |\.$))+", message)
