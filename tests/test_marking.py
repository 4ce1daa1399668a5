"""The marking: what every task must keep, and how answers of all kinds are taken."""

import io
import json
import re

import nbformat
import numpy as np
import pytest
import torch

from gan_lessons import marking
from gan_lessons.checks import check
from gan_lessons.marking import assignment1, assignment3, lesson5, lesson8, lesson10, steps5
from gan_lessons.marking.task import Comparison, Task, cases_of, close, no_cases
from gan_lessons.marking.words import DIAGNOSES, word
from gan_lessons.trials import (
    Outcome,
    Unreadable,
    attempt,
    attempt_as_text,
    plain,
    row,
    value,
)
from tests.objectives import objectives
from tools.paths import ROOT, lessons

TASKS = {name: task for lesson in marking.LESSONS for name, task in marking.tasks(lesson).items()}
COMPARED = {name: task for name, task in TASKS.items() if isinstance(task.judge, Comparison)}
TRAINED = {
    "3.train_squared": assignment3.WRONG_LOOPS,
    "5.discriminator_step": steps5.D_BELIEFS,
    "5.generator_step": steps5.G_BELIEFS,
}
SEEDS = range(10)
FEW = range(3)
LOOP = []
LOOP.append(LOOP)


@pytest.mark.parametrize("name", TASKS)
def test_cases_are_plain_and_come_from_the_seed(name):
    task = TASKS[name]
    drawn = [cases_of(task, name, seed, "ada") for seed in FEW]
    assert [cases_of(task, name, seed, "ada") for seed in FEW] == drawn
    assert json.loads(json.dumps(drawn)) == [list(cases) for cases in drawn]
    assert all(cases for cases in drawn)
    if any(drawn[0]):  # there is something to draw
        assert len({json.dumps(cases) for cases in drawn}) == len(drawn)


@pytest.mark.parametrize("lesson", marking.LESSONS)
def test_every_objective_has_a_task_and_every_task_an_objective(lesson):
    (page,) = (path for path in lessons() if path.name.startswith(f"{lesson:02}"))
    promised = objectives(page.read_text(encoding="utf-8"))
    served = set()
    for name, task in marking.tasks(lesson).items():
        for words in filter(None, (task.objective, task.also)):
            (found,) = (each for each in promised if each.startswith(words))
            served.add(found)
        assert task.objective, name
    assert promised == served or lesson == 7  # whose other ones are marked by hand


def marked(name, belief, seed):
    answer = belief() if TASKS[name].run is value else belief
    return marking.mark_here(name, answer, seed, "ada")


@pytest.mark.parametrize("name", COMPARED)
def test_the_right_answer_is_right(name):
    for seed in SEEDS:
        assert marked(name, COMPARED[name].judge.right, seed).right


@pytest.mark.parametrize("name", COMPARED)
def test_each_misconception_gets_its_own_words(name):
    judge = COMPARED[name].judge
    for seed in SEEDS:
        for words, belief in judge.beliefs:
            found = marked(name, belief, seed)
            assert found.message == words
            assert found.share in ((0, 0.5) if judge.parts else (0,))


@pytest.mark.parametrize("seed", FEW)
@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name in TRAINED for words in TRAINED[name]]
)
def test_each_misconception_of_a_training_gets_its_own_words(name, words, seed):
    found = marked(name, TRAINED[name][words], seed)
    assert (found.share, found.message) == (0, words)


@pytest.mark.parametrize(
    ("name", "halves"),
    [
        ("3.gradients", [assignment3.of_mean_loss, assignment3.of_squared_mean_loss]),
        ("3.spread_of_runs", [assignment3.of_stds, assignment3.of_worst]),
    ],
)
def test_half_of_an_answer_is_worth_half(name, halves):
    for half in halves:
        for words, belief in half.beliefs:
            held = [belief if each is half else each.right for each in halves]

            def answer(*given, held=held):
                return [part(*given) for part in held]

            for seed in SEEDS:
                found = marked(name, answer, seed)
                assert found.share == 0.5
                assert words in found.message


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize(
    "answer",
    [..., None, lambda *_: ..., lambda *_: None, lambda *_: 1 / 0, lambda: 1, "", "nonsense", 0],
    ids=["dots", "none", "returns_dots", "returns_none", "raises", "takes_none", "", "text", "0"],
)
def test_no_answer_raises_or_is_right_by_chance(name, answer):
    verdict = check(name, answer, student="ada")
    assert verdict.share < 1
    assert verdict.message.endswith((".", "?", "!", ")"))
    if answer in (..., None):
        assert not verdict.answered
        assert "…" in repr(verdict)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda path: path.stem)
def test_the_dots_of_a_students_notebook_are_no_answer(lesson):
    given = {}
    for cell in nbformat.read(lesson.with_suffix(".ipynb"), 4).cells:
        if cell.cell_type == "code" and "\ncheck(" in cell.source:
            exec(cell.source, {"check": given.__setitem__})
    number = int(lesson.stem[:2])
    exercises = [name for name in TASKS if name.startswith(f"{number}.")]
    assert given.keys() <= set(exercises)
    assert len(given) >= 3 or number in (7, 10)
    for name, answer in given.items():
        assert not check(name, answer).answered, name


def test_an_unknown_name_is_refused():
    for name in ("1.dear_rok", "9.x", "", 5):
        with pytest.raises(ValueError, match="name is"):
            check(name, 1)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (np.float32(2), 2.0),
        (3, 3.0),
        (True, True),
        (torch.ones(2, 1, requires_grad=True), [[1.0], [1.0]]),
        ([np.array([1, 2]), torch.tensor(3)], [[1.0, 2.0], 3.0]),
        ((torch.tensor(1.0, requires_grad=True), 2), [1.0, 2.0]),
        ({"a": (1, 2)}, {"a": [1.0, 2.0]}),
        (["a", "b"], ["a", "b"]),
    ],
)
def test_answers_become_plain(given, wanted):
    assert plain(given) == wanted


@pytest.mark.parametrize(
    "given",
    [
        object(),
        [object()],
        lambda: 1,
        {"a": {1}},
        [None, 1.0],
        b"1",
        10**400,
        io.TextIOWrapper(io.BytesIO(), "utf8"),
        torch.ones(1, dtype=torch.bfloat16),
        torch.ones(2).to_sparse(),
        LOOP,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_number_is_refused(given):
    with pytest.raises(Unreadable, match="no number"):
        plain(given)
    task = Task("", no_cases, Comparison(lambda: 1, "hint"), value)
    assert "can't be read" in attempt(task.run, given, [{}]).trouble


@pytest.mark.parametrize("given", [1j, np.complex128(1), np.array([1j, 2]), torch.tensor([1j])])
def test_complex_numbers_are_no_real_ones(given):
    with pytest.raises(Unreadable, match="complex"):
        plain(given)


def test_an_answer_that_is_called_too_early_or_no_function_is_told():
    for answer in (3.0, [1, 2], "text"):
        assert "A function is asked for" in check("1.best_discriminator", answer).message


def test_a_text_is_no_number():
    judge = Comparison(right=lambda x: x, hint="hint")
    assert "a text" in judge([{"x": 1}], ["1.0"]).message


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"a": 1.0}, "yours is a dict."),
        ([[1.0, 1.0], [2.0, 2.0]], "yours is an array of shape (2, 2)."),
        (1.0, "yours is one number."),
        ([1.0, [1.0, 2.0]], "yours is a list of parts that differ in shape."),
        (["1.0", "2.0"], "yours is a list that does not hold numbers alone."),
    ],
)
def test_another_form_is_told_as_such(result, words):
    judge = Comparison(right=lambda x: x, hint="hint")
    found = judge([{"x": [1, 2]}], [result])
    assert (found.share, found.message) == (0, f"Return an array of shape (2,): {words}")


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("2.moved_samples", lambda *_: {"x": 1.0}, "a dict"),
        ("2.moved_samples", lambda start, *_: np.c_[start, start], ", 2)"),
        ("2.moved_samples", lambda *_: "text", "a text"),
        ("6.d_gradients", lambda *_: "text", "a text"),
    ],
)
def test_a_run_leaves_another_form_as_it_is(name, answer, words):
    _, told = check(name, answer).message.split("yours is ")
    assert words in told


def test_a_dict_that_lacks_a_name_is_told():
    judge = Comparison(right=lambda x: {"a": x, "b": x}, hint="hint")
    wanted = "Return a dict with a, b: yours lacks b."
    assert judge([{"x": 1}], [{"a": 1.0}]).message == wanted


def test_each_right_part_gets_its_share():
    judge = Comparison(
        right=lambda x: (x, 2 * x),
        hint="Not yet. Think.",
        wrong={"turned": lambda x: (-x, 2 * x)},
        parts=("one", "two"),
    )
    cases = [{"x": 1}, {"x": 2}]
    for results, share, words in (
        ([[1.0, 2.0], [2.0, 4.0]], 1, "Right."),
        ([[1.0, 3.0], [2.0, 3.0]], 0.5, "Right: one. Not yet: two. Think."),
        ([[-1.0, 2.0], [-2.0, 4.0]], 0.5, "turned"),
        ([[1.0, 3.0], [3.0, 4.0]], 0, "Not yet. Think."),
        ([1.0, 2.0], 0, "Return an array of shape (2,): yours is one number."),
        ([[1.0, float("nan")], [2.0, 4.0]], 0.5, "nan or inf"),
    ):
        found = judge(cases, results)
        assert found.share == share
        assert words in found.message


@pytest.mark.parametrize(
    ("result", "wanted"),
    [
        (1.0, [1.0]),
        ([[1.0, [2.0]], [[3.0]]], [1.0, 2.0, 3.0]),
        ("1", []),
        ([1.0, "2"], []),
        ([1.0, [2.0, "3"]], []),
        ({"a": 1.0}, []),
    ],
)
def test_all_numbers_in_a_row(result, wanted):
    assert row(result).tolist() == wanted


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("Healthy", "healthy"),
        (" MODE-collapse. ", "mode collapse"),
        ("blind", "blind discriminator"),
        ("beta1=0.5", "β1 = 0.5"),
        ("β₁ = 0.5", "β1 = 0.5"),
        ("center the data", "centre the data"),
        ("nonsaturating loss", "non-saturating loss"),
        ("d is BLIND", "D is blind"),
    ],
)
def test_words_may_be_written_in_many_ways(said, known):
    assert word(said, [*DIAGNOSES, *lesson10.CURES, *lesson5.VERDICTS]) == known


def test_a_word_that_is_not_known_stays_as_it_is():
    assert word("flu ", DIAGNOSES) == "flu "
    assert word("blind", lesson5.VERDICTS) == "blind"


def test_there_is_one_list_of_diagnoses():
    assert tuple(lesson10.SIGNS) == DIAGNOSES
    assert set(lesson8.KINDS) < set(DIAGNOSES)


@pytest.mark.parametrize(
    ("result", "wanted", "same"),
    [
        (1.0, 1.0 + 1e-7, True),
        (1.0, 1.001, False),
        ([[1.0], [2.0]], [1.0, 2.0], True),
        ([1.0, 2.0], [1.0, 2.0, 3.0], False),
        ([1.0, 1.0, 1.0], 1.0, False),
        ([[1.0, 2.0]] * 2, [[1.0, 1.0], [2.0, 2.0]], False),
        (float("nan"), 1.0, False),
        ("a", 1.0, False),
        ("a", "a", True),
        ({"a": 1.0}, {"a": 1.0}, True),
        ({"a": 1.0}, {"b": 1.0}, False),
        (1.0, {"b": 1.0}, False),
        (1e9, 1e9 + 1, True),
        ("1.0", 1.0, False),
        (["1.0"], [1.0], False),
        ([1.0, [2.0]], [1.0, 2.0], True),
        ([1.0, "2"], [1.0, 2.0], False),
    ],
)
def test_close(result, wanted, same):
    assert close(result, wanted, 1e-6) is same


def test_a_comparison_wants_all_cases_right():
    judge = Comparison(right=lambda x: x, wrong={"turned": lambda x: -x}, hint="hint")
    cases = [{"x": 1}, {"x": 2}]
    assert judge(cases, [1.0, 2.0]).right
    assert judge(cases, [-1.0, -2.0]).message == "turned"
    assert judge(cases, [1.0, -2.0]).message == "hint"


def test_an_answer_of_nan_is_told_so():
    judge = Comparison(right=lambda x: x, hint="hint")
    for odd in (float("nan"), [1.0, float("inf")]):
        assert "nan or inf" in judge([{"x": 1}], [odd]).message
    assert judge([{"x": float("inf")}], [-float("inf")]).message == "hint"


def test_an_answer_sees_copies_of_the_cases():
    def spoils(x):
        x[:] = 0
        return x

    task = Task("", lambda rng, _: [{"x": [1, 2]}], Comparison(lambda x: x, "hint"))
    cases = cases_of(task, "", 0)
    outcome = attempt(task.run, spoils, cases)
    assert cases == [{"x": [1, 2]}]
    assert not task.judge(cases, outcome.results).right


def test_what_is_for_the_judge_alone_is_not_shown(monkeypatch):
    seen = []
    task = Task("", lambda rng, _: [{"x": 1, "_secret": 2}], Comparison(lambda x: x, "hint"))
    monkeypatch.setattr(marking, "find", lambda name: task)
    verdict = marking.mark_here("", lambda *given: seen.append(given) or given[0])
    assert seen == [(1,)]
    assert verdict.right
    marking.mark("", lambda _, cases: seen.append(cases) or Outcome([1]))
    assert seen[-1] == [{"x": 1}]


def test_the_text_for_another_process_says_the_same():
    name, answer = "1.best_discriminator", lambda p, q: q / (p + q)
    cases = json.dumps(cases_of(TASKS[name], name, 3))

    def there(*_):
        return Outcome(**json.loads(attempt_as_text("call", answer, cases)))

    assert marking.mark(name, there, seed=3) == marking.mark_here(name, answer, seed=3)


def test_a_verdict_is_shown_in_words():
    wrong = check("1.dear_rock", [["<b>"]])
    assert "✗" in wrong._repr_html_()
    assert "<b>" not in wrong._repr_html_().replace("<b>✗</b>", "")
    assert value(3, {}) == 3


def test_a_question_of_ones_own_works_as_it_is_documented(monkeypatch):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf8")
    code = re.search(r"\*\*A question of your own\*\*.*?```python\n(.*?)```", text, re.DOTALL)[1]
    assert len(code.splitlines()) <= 10
    monkeypatch.setattr(assignment1, "odds", None, raising=False)
    exec(code, vars(assignment1))
    page = (ROOT / "notebooks" / "01_minmax_game.md").read_text(encoding="utf8")
    assert any(o.startswith(assignment1.odds.objective) for o in objectives(page))
    assert marking.mark_here("1.odds", lambda p: p / (1 - p)).right
    wrong = marking.mark_here("1.odds", lambda p: (1 - p) / p)
    assert (wrong.share, wrong.message) == (0, "These are the odds against it.")
