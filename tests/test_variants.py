"""The known right and wrong solutions get the marks that they must get."""

import ast
from functools import cache

import pytest

from tests.few import first_quick
from tools import check_marking
from tools.assignments import answers_of, texts
from tools.check_marking import VariantError, false_verdicts, losses, variants
from tools.paths import ASSIGNMENTS

TEXTS = {text.stem: text for text in texts()}
VARIANTS = [(lesson, variant) for lesson in TEXTS for variant in variants(lesson)]
FEW = range(2)


@cache
def answers(lesson):
    return {task: answer for task, (answer, _) in answers_of(TEXTS[lesson]).items()}


@pytest.mark.parametrize("lesson", TEXTS)
def test_an_assignment_has_enough_variants(lesson):
    found = variants(lesson)
    assert sum(variant.stem.startswith("right") for variant in found) >= 3
    lost = set().union(*(losses(variant) for variant in found))
    assert lost == answers(lesson).keys()  # each task has someone who fails in it


@pytest.mark.filterwarnings("ignore")  # of the students' own code
@pytest.mark.parametrize("seed", first_quick([0, 1]))
@pytest.mark.parametrize(
    ("lesson", "variant"),
    [
        pytest.param(*each, id=f"{each[0]}-{each[1].stem}", marks=pytest.mark.slow)
        if each[0] == "lesson_05"  # whose answers train
        else pytest.param(*each, id=f"{each[0]}-{each[1].stem}")
        for each in VARIANTS
    ],
)
def test_no_false_verdict(lesson, variant, seed):
    assert not false_verdicts(variant, answers(lesson), [seed])


def test_all_variants_belong_to_an_assignment():
    assert {path.name for path in (ASSIGNMENTS / "variants").iterdir()} == TEXTS.keys()


def variant(tmp_path, name, text):
    path = tmp_path / f"{name}.py"
    path.write_text(text, encoding="utf8")
    return path


BEST = {"1.best_discriminator": "best"}
GETS = "# 1.best_discriminator gets 0: the probability that x is fake"


def test_a_wrong_one_holds_its_mistakes_alone_and_hands_in_the_rest_too():
    for lesson, variant in VARIANTS:
        if lost := losses(variant):
            own = {
                node.name
                for node in ast.parse(variant.read_text(encoding="utf8")).body
                if isinstance(node, ast.FunctionDef)
            }
            asked = {answers(lesson)[task] for task in answers(lesson).keys() - lost.keys()}
            assert not own & asked, variant
            compile(check_marking.solution(variant), variant.name, "exec")


def test_false_verdicts_are_seen(tmp_path):
    variant(tmp_path, "right_plain", "best = 1")
    right = variant(tmp_path, "right_one", "def best(p, q): return p / (p + q)")
    wrong = variant(tmp_path, "right_two", "def best(p, q): return q / (p + q)")
    assert not false_verdicts(right, BEST, FEW)
    assert [found.share for found in false_verdicts(wrong, BEST, FEW)] == [0, 0]
    lenient = variant(tmp_path, "wrong_one", f"{GETS}\ndef best(p, q): return p / (p + q)")
    assert [found.share for found in false_verdicts(lenient, BEST, FEW)] == [1, 1]
    named = variant(tmp_path, "wrong_two", f"{GETS}\ndef best(p, q): return q / (p + q)")
    assert not false_verdicts(named, BEST, FEW)
    for said, other in (("gets 0:", "gets 0.5:"), ("is fake", "is real, but")):
        text = named.read_text(encoding="utf8").replace(said, other)
        assert len(false_verdicts(variant(tmp_path, "wrong_two", text), BEST, FEW)) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wrong_one", "best = 1"),
        ("right_one", f"{GETS}\nbest = 1"),
        ("other_one", "best = 1"),
        ("wrong_one", "# 1.another gets 0: words\nbest = 1"),
    ],
)
def test_a_variant_says_what_it_loses(tmp_path, name, text):
    variant(tmp_path, "right_plain", "best = 1")
    with pytest.raises(VariantError, match=name):
        false_verdicts(variant(tmp_path, name, text), BEST, FEW)


def test_the_same_code_is_recognised_with_all_that_it_uses():
    behind = check_marking._code_behind
    one = (
        "import numpy as np\nk = 1\ndef h(x): return np.exp(x)\ndef f(x): return h(x)\ndef g(x): 1"
    )
    assert behind(one, "f") == behind(one.replace("k = 1", "k = 2"), "f")
    assert behind(one, "f") == behind(one.replace("def g(x): 1", "def g(x): 2"), "f")
    assert behind(one, "f") != behind(one.replace("np.exp", "np.log"), "f")
    assert behind(one, "f") != behind("seed(1)\n" + one, "f")
