"""The questions of the quiz: complete, right by the package, and refused if broken."""

import html
import json
import re

import numpy as np
import pytest
import torch
from docutils.nodes import make_id

from book._ext.live_parts import texts, with_files
from gan_lessons import (
    distributions,
    evidence,
    games,
    lab,
    losses,
    metrics,
    optimality,
    quiz,
    raw_weights,
    simulation,
    theory,
)
from gan_lessons.quiz import items
from gan_lessons.quiz.text import to_html
from tests.objectives import objectives
from tools.execution import code_cells, read_lesson
from tools.paths import NOTEBOOKS
from tools.paths import lessons as lesson_paths

BANK = items.load()
NUMERIC = [item for item in BANK.items if item.kind == "numeric"]
NAMES = {
    "np": np,
    "torch": torch,
    **{
        module.__name__.rsplit(".", 1)[1]: module
        for module in (games, losses, metrics, optimality, raw_weights, simulation, theory)
    },
    **{name: getattr(distributions, name) for name in ("Normal", "Uniform", "Mixture")},
}


# --- What there is ------------------------------------------------------------------------------


def test_there_are_enough_questions_of_every_kind():
    kinds = [item.kind for item in BANK.items]
    assert len(kinds) >= 40
    for kind in items.KINDS:
        assert kinds.count(kind) >= 4, kind


def test_the_quiz_knows_all_lessons():
    for lesson, path in zip(BANK.lessons, lesson_paths(), strict=True):
        assert path.stem == lesson.page
        assert path.stem.startswith(f"{lesson.number:02}")
        assert f"\n# {lesson.title}\n" in path.read_text(encoding="utf8")


@pytest.mark.parametrize("lesson", BANK.lessons, ids=lambda lesson: lesson.page)
def test_every_objective_has_a_question_and_every_question_an_objective(lesson):
    promised = objectives((NOTEBOOKS / f"{lesson.page}.md").read_text(encoding="utf8"))
    asked = [item.objective for item in BANK.items if item.lesson == lesson.number]
    assert {objective.rstrip(".;") for objective in asked} == promised


def test_the_sections_to_go_back_to_exist():
    for lesson in BANK.lessons:
        text = (NOTEBOOKS / f"{lesson.page}.md").read_text(encoding="utf8")
        text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
        for item in BANK.items:
            if item.lesson == lesson.number:
                assert headings.count(item.section) == 1, item.id
                assert item.anchor == make_id(item.section)


def test_all_misconceptions_of_the_course_are_listed():
    assert len(BANK.misconceptions) == 18  # that each is behind a wrong answer, `parse` sees


@pytest.mark.parametrize("item", BANK.items, ids=lambda item: item.id)
def test_a_question_is_whole(item):
    told = [choice.feedback for choice in item.choices]
    told += [feedback for _, feedback in item.entries]
    told += [belief.feedback for belief in item.beliefs]
    told += [item.feedback, item.hint] if item.kind == "numeric" else []
    assert len(told) >= 3
    assert min(map(len, told)) >= 8
    assert len(set(told)) == len(told)
    assert item.misconceptions
    assert all(item.misconceptions)


def test_the_right_answer_is_not_given_away_by_its_length():
    longest, expected = 0, 0.0
    for item in BANK.items:
        if item.kind == "single":
            lengths = [len(choice.text) for choice in item.choices]
            right = [choice.right for choice in item.choices].index(True)
            longest += lengths[right] == max(lengths)
            expected += 1 / len(lengths)
    assert longest < expected + 5  # some two standard deviations above chance


# --- Numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", NUMERIC, ids=lambda item: item.id)
def test_every_key_is_what_the_package_computes(item):
    for variant in item.variants:
        names = {**NAMES, **variant.values}
        assert eval(item.formula, names) == pytest.approx(variant.key, abs=2e-5)
        for belief, wrong in zip(item.beliefs, variant.wrong, strict=True):
            assert eval(belief.formula, names) == pytest.approx(wrong, abs=2e-5)


@pytest.mark.parametrize("item", NUMERIC, ids=lambda item: item.id)
def test_variants_differ(item):
    shown = items.shown(item)["variants"]
    assert len({variant["prompt"] for variant in shown}) == len(shown)
    assert len({variant.key for variant in item.variants}) >= 2


@pytest.mark.parametrize("item", NUMERIC, ids=lambda item: item.id)
def test_a_key_as_it_is_shown_is_right(item):
    """A reader who rounds as the page does must not lose the point."""
    for variant in item.variants:
        shown = float(items.number_words(variant.key).replace("−", "-"))
        assert abs(shown - variant.key) <= item.tolerance / 2
        decimals = 2 if item.tolerance >= 0.0055 else 3
        assert abs(round(variant.key, decimals) - variant.key) <= item.tolerance


def test_the_formulas_that_the_answers_quote():
    """Right choices and feedback with numbers in them, computed once more."""
    real, start = distributions.Normal(5, 1), distributions.Normal(2, 2)
    assert theory.optimal_discriminator(real, start, 20.0) < 1e-20
    mixed = distributions.Mixture((start, real), (0.5, 0.5))
    assert round(mixed.std, 2) == 2.18
    assert theory.js_divergence(mixed, real) < theory.js_divergence(
        distributions.Normal(3.5, 1.5), real
    )
    assert theory.kl_divergence(start, real) == pytest.approx(5.3, abs=0.05)
    far = [theory.js_divergence(real, distributions.Normal(5 + d, 1)) for d in (15, 20)]
    assert far == pytest.approx([theory.LOG_2] * 2, abs=1e-12)
    radii = [np.hypot(*games.gradient_play(m, 0.2, 60)[-1]) for m in games.METHODS]
    simultaneous, alternating, extragradient = radii
    assert extragradient < 0.5 < alternating < 1.5 < simultaneous
    least = np.log1p(np.exp(-1)) + np.log(2)  # sigmoid twice: logits from 0 to 1
    assert 1 < least == pytest.approx(0.31 + 0.69, abs=0.01)
    logits = torch.tensor([[float(np.log(0.001 / 0.999))]], dtype=torch.float64)
    for loss, slope in ((losses.saturating_loss, -0.001), (losses.nonsaturating_loss, -0.999)):
        assert torch.func.grad(loss)(logits).item() == pytest.approx(slope)
    reading = optimality.OptimalityGap(1.366, 0.30, metrics.NoiseFloor(0.0005, 0.0008, 0.001))
    assert reading.verdict == "D is blind"
    assert reading.gap == pytest.approx(0.58, abs=0.001)
    assert 1.5 * np.log(3) - np.log(2) == pytest.approx(0.955, abs=5e-4)
    points = ((w, 5 - np.sqrt((1 - w) / w), 5 + np.sqrt(w / (1 - w))) for w in (0.2, 0.8, 0.9))
    for w, low, high in points:
        assert w * low + (1 - w) * high == pytest.approx(5)
        assert w * (low - 5) ** 2 + (1 - w) * (high - 5) ** 2 == pytest.approx(1)


def test_a_step_that_clears_too_late_moves_nothing():
    generator = torch.nn.Linear(2, 1)
    before = generator.weight.detach().clone()
    optimizer = torch.optim.Adam(generator.parameters())
    (item,) = [item for item in BANK.items if item.id == "cleared-too-late"]
    for _ in range(3):
        exec("\n".join(item.code), {"generator": generator, "optimizer": optimizer, "z": before})
    assert torch.equal(generator.weight, before)


def test_a_step_of_adam_goes_where_the_answer_says():
    weights = raw_weights.AdamByHand(1e-3).step(
        {"w": np.zeros(3)}, {"w": np.array([4, -32, 4e-6])}
    )["w"]
    assert weights == pytest.approx([-0.001, 0.001, -0.001], rel=0.003)


# --- What the lessons found ---------------------------------------------------------------------


def texts_of(name):
    """All that a question says."""
    (item,) = [item for item in BANK.items if item.id == name]
    return " ".join([item.prompt, *(f"{c.text} {c.feedback}" for c in item.choices)])


# Claims that the hidden tests of a lesson hold, each time the book is built.
HELD = {
    "a-loss-that-falls": ("03_mean_loss", "14_500 < runs.mean[:, -1].min()"),
    "spread-by-luck": ("03_mean_loss", "(0.237, 0.229, 0.222, 0.219)"),
    "a-curve-from-two-numbers": ("04_stats_loss", "abs(np.median(skews) - 0.41) < 0.03"),
    "thirty-two-calm-gans": ("05_adversarial_gan", "(w1[:, -1] > floor.high).sum() >= 31"),
    "what-a-gan-gives": ("06_raw_weights_gan", "abs(data.mean() - target.mean) < target.std"),
    "draw-the-circle": ("08_failure_clinic", "assert run.std[late].max() < 0.85 * target.std"),
}


@pytest.mark.parametrize("name", HELD)
def test_what_a_lesson_found_is_still_held_by_its_tests(name):
    assert texts_of(name)
    page, claim = HELD[name]
    assert claim in (NOTEBOOKS / f"{page}.md").read_text(encoding="utf8")


def test_the_ablation_is_as_the_quiz_says():
    kept = evidence.load("ablation")
    hint, pair, lone = (
        kept[f"{arm}, normal"] for arm in ("convergence only", "both", "adversarial only")
    )
    medians = [
        [np.median(arm.w1[:, arm.at(n)]) for n in (200, 1000, 3000)] for arm in (hint, pair)
    ]
    assert np.abs(np.subtract(*medians)).max() < 0.02
    assert "by less than 0.02" in texts_of("who-did-the-work")
    assert (lone.w1[:, lone.at(3000)] > lone.w1[:, lone.at(1000)]).sum() >= 29  # almost all
    humps = {arm: kept[f"{arm}, bimodal"].quantiles[:, -1] for arm in ("convergence only", "both")}
    valley = {arm: (np.abs(values) < 0.3).mean(axis=1) for arm, values in humps.items()}
    assert valley["both"].max() < 0.1 < 0.15 < valley["convergence only"].min()
    right = (kept["adversarial only, bimodal"].quantiles[:, -1] > 0).mean(axis=1)
    assert (abs(right - 0.5) > 0.4).sum() > 20  # most runs, on one side


def test_the_raw_weights_are_as_the_quiz_says():
    off = {}
    for name, case in evidence.load("raw_weights").items():
        late = case.steps >= 10_000
        errors = (case.mean.T - case.target_mean).T, (case.std.T - case.target_std).T
        rms = [np.sqrt((e[:, late] ** 2).mean(axis=1)) / case.target_std for e in errors]
        off[name] = [(each > 0.1).sum() for each in rms], rms[0].max()
    (before, worst), (beta, _), (centred, swung), (both, _) = off.values()
    said = texts_of("two-changes-on-trial")
    assert both[1] == 0 < min(beta[1], centred[1])
    assert f"the mean in all but {beta[0]} of 32" in said
    assert f"left the spread off in {beta[1]} of 32" in said
    assert f"left {centred[1]} of 32 spreads off" in said
    assert swung > worst
    assert beta[0] < before[0] / 3  # calmed the mean
    kept = evidence.load("batch_size")
    levels = [
        (kept[n].w1[:, kept[n].steps >= 10_000].mean(axis=1) / kept[n].target_std)
        for n in ("batch 64", "batch 6400")
    ]
    medians = [f"{np.median(each):.2f}" for each in levels]
    assert f"from {medians[0]} to {medians[1]}" in texts_of("what-a-batch-cannot-buy")
    small, large = (np.quantile(each, 0.9) for each in levels)
    assert large > 0.95 * small  # no better end for the worst tenth


def test_the_cures_heal_as_many_as_the_quiz_says():
    clinic = evidence.load("clinic")
    both = {k: int((v.modes[:, -5:] == 2).all(axis=1).sum()) for k, v in clinic.items()}
    (item,) = [item for item in BANK.items if item.id == "what-healed-the-collapse"]
    for choice, case in zip(
        item.choices,
        ("D's rate ÷ 5", "G's rate × 5", "batch × 4", "3 steps of D", "β1 = 0.5"),
        strict=True,
    ):
        healed = both[f"collapse: {case}"]
        assert f"in {healed} of 32" in choice.feedback.lower()
        assert choice.right == (healed >= 16)
    assert both["collapse: G's rate × 5, β1 = 0.5"] == 32
    alive = {k: int((v.w1[:, -1] < 1).sum()) for k, v in clinic.items() if "saturation" in k}
    assert f"healed {alive['saturation: β1 = 0.5']} of 32" in texts_of("why-adam-does-not-help")
    assert alive["saturation: non-saturating"] == 32
    seen = {k: int((v.final_jsd < 0.1).sum()) for k, v in clinic.items() if "blind" in k}
    said = texts_of("four-cures-to-choose-from")
    assert f"{seen['blind: centred, D × 4, β1 = 0.5']} of 32 such patients" in said
    assert f"{seen['blind: D × 4']} of 32" in said
    slower = both["collapse: D's rate ÷ 5"]
    assert f"{slower} of 32 collapsed" in said
    assert seen["blind: as it is"] == 0


# --- Broken questions are refused ---------------------------------------------------------------

SINGLE = """
misconceptions = []
errata = []
[[lessons]]
number = 1
title = "One"
page = "01_one"
[[items]]
id = "one"
kind = "single"
lesson = 1
section = "Begin"
objective = "to begin"
prompt = "What is $D$?"
[[items.choices]]
text = "Right"
right = true
feedback = "Yes."
[[items.choices]]
text = "Wrong"
misconception = "wrong"
feedback = "No."
[[items.choices]]
text = "Wrong, too"
misconception = "wrong, too"
feedback = "No."
"""
BUG = SINGLE.replace('"single"', '"bug"').replace(
    "[[items.choices]]", 'code = "a\\nb"\n[[items.choices]]', 1
)
MULTIPLE = SINGLE.replace('"single"', '"multiple"')
HEAD = SINGLE.split("[[items.choices]]")[0]
ORDERING = HEAD.replace('"single"', '"ordering"') + (
    'misconception = "m"\nentries = [{text = "a", feedback = "f"}, {text = "b", feedback = "f"}, '
    '{text = "c", feedback = "f"}]\n'
)
NUMBER = HEAD.replace('"single"', '"numeric"').replace("$D$", "{a} + 1") + (
    'formula = "a + 1"\ntolerance = 0.1\nfeedback = "Yes."\nhint = "No: {key}."\n'
    'beliefs = [{formula = "a", misconception = "m", feedback = "No."}]\n'
    "variants = [{a = 1, key = 2, wrong = [1]}, {a = 2, key = 3, wrong = [2]}]\n"
)
RIGHT = {
    "single": SINGLE,
    "bug": BUG,
    "multiple": MULTIPLE,
    "ordering": ORDERING,
    "numeric": NUMBER,
}


@pytest.mark.parametrize("kind", RIGHT)
def test_a_good_question_is_read(kind):
    (item,) = items.parse(RIGHT[kind]).items
    assert item.kind == kind


BROKEN = [
    ("single", "number = 1", "number = ", "the items are no TOML"),
    ("single", "errata = []\n", "", "the file has no errata"),
    ("single", "misconceptions = []", 'misconceptions = ["x"]', "no item has the misconception"),
    ("single", 'kind = "single"', 'kind = "singel"', "item one: kind is 'singel'"),
    ("single", 'page = "01_one"', "", "lesson entry 1 has no page"),
    ("single", "lesson = 1", "lesson = 2", "item one: there is no lesson 2"),
    ("single", "lesson = 1", "", "item one has no lesson"),
    ("single", "lesson = 1", 'lesson = "1"', "item one: lesson is '1'"),
    ("single", 'id = "one"', 'id = "One!"', "item One!: an id is made of lower-case words"),
    ("single", "lesson = 1", "lesson = 1\nhint = 'x'", "item one has a field 'hint'"),
    ("single", '"to begin"', '""', "item one: objective is ''"),
    ("single", "$D$", "$\\\\frac$", r"item one: \\frac is not known"),
    ("single", "$D$", "$D", r"item one: a \$ is never closed"),
    ("single", "$D$", "`D", "item one: a ` is never closed"),
    ("single", "$D$", "$D_$", "item one: something is missing at the end"),
    ("single", "$D$", "$D_{a$", "item one: a { is never closed"),
    ("single", "$D$", "$D}$", "item one: a } too many"),
    ("single", "$D$", "{a}", "item one: its text names {a}"),
    ("single", "right = true", "", "item one, choice 1 must be right or name a misconception"),
    (
        "single",
        'misconception = "wrong"',
        "right = true",
        "item one has 2 right choices of 3",
    ),
    ("single", '"Wrong, too"', '"Wrong"', "item one: two choices say the same"),
    ("single", 'feedback = "Yes."', "", "item one, choice 1 has no feedback"),
    ("single", 'feedback = "Yes."', 'feedback = ""', "item one, choice 1: feedback is ''"),
    ("bug", 'text = "Right"', "line = 3", "item one, choice 1: the code has no line 3"),
    ("bug", 'code = "a\\nb"', "", "item one has no code"),
    (
        "multiple",
        "right = true",
        'misconception = "m"',
        "item one has 0 right choices of 3",
    ),
    ("ordering", 'text = "b"', 'text = "a"', "item one must have three entries or more"),
    ("ordering", 'misconception = "m"', "", "item one has no misconception"),
    ("numeric", "wrong = [1]", "wrong = []", "item one, variant 1: it needs one wrong answer"),
    ("numeric", "key = 2", "key = 1.1", "item one, variant 1: key and wrong answers are nearer"),
    ("numeric", "tolerance = 0.1", "tolerance = 0", "item one, variant 1: key and wrong"),
    ("numeric", "a = 2, key", "a = 1, key", "item one must have two variants or more"),
    ("numeric", "a = 2, key", "b = 2, key", "item one: its variants name different values"),
    ("numeric", "{a} + 1", "{b} + 1", "item one: its text names {b}"),
    ("numeric", "key = 2", "key = nan", "item one, variant 1: key is nan"),
    ("numeric", "key = 2", "key = true", "item one, variant 1: key is True"),
]


@pytest.mark.parametrize(("kind", "good", "bad", "complaint"), BROKEN)
def test_a_broken_question_is_refused(kind, good, bad, complaint):
    assert good in RIGHT[kind]
    with pytest.raises(ValueError, match=complaint.replace("{", r"\{").replace("}", r"\}")):
        items.parse(RIGHT[kind].replace(good, bad, 1))


def test_lines_of_a_program_keep_their_order_and_texts_do_not():
    lines = BUG
    for number, text in enumerate(('"Right"', '"Wrong"', '"Wrong, too"'), 1):
        lines = lines.replace(f"text = {text}", f"line = {number}").replace("a\\nb", "a\\nb\\nc")
    for source, expected in ((lines, False), (BUG.replace('"Right"', '"Line 1 is wrong"'), True)):
        (item,) = items.parse(source).items
        assert items.shown(item)["shuffled"] is expected


def test_two_questions_of_one_name_are_refused():
    twice = SINGLE + "[[items]]" + SINGLE.split("[[items]]")[1]
    with pytest.raises(ValueError, match="item one: there are two of this id"):
        items.parse(twice)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b & `x < 1`", "a &lt; b &amp; <code>x &lt; 1</code>"),
        ("**so** *it* is", "<strong>so</strong> <em>it</em> is"),
        ("*what $D$ says*", "<em>what <i>D</i> says</em>"),
        (r"$p_\text{data}$", "<i>p</i><sub>data</sub>"),
        ("$D^*$ and $e^{-a}$", "<i>D</i><sup>∗</sup> and <i>e</i><sup>−<i>a</i></sup>"),
        (
            r"$-\log 4 + 2\,\mathrm{JSD}$",
            "−log 4 + 2\N{THIN SPACE}JSD",
        ),
    ],
)
def test_light_markdown(text, expected):
    assert to_html(text).replace("\N{NO-BREAK SPACE}", " ") == expected


def test_a_line_ends_in_no_short_formula_and_in_no_bracket():
    ends = re.split(" ", to_html("$(m - 5)^2 + (s - 1)^2$ is $m - 5$"))
    assert [re.sub("<.*?>", "", end) for end in ends] == [
        "(m\xa0−\xa05)2",
        "+",
        "(s\xa0−\xa01)2",
        "is",
        "m\xa0−\xa05",
    ]


# --- On its way into a page ---------------------------------------------------------------------


def test_the_page_gets_all_questions():
    data = json.loads(quiz.data_script().split("BANK = ", 1)[1].rstrip(";\n"))
    assert [item["id"] for item in data["items"]] == [item.id for item in BANK.items]
    marks = [item["mark"] for item in data["items"]]
    assert len(set(marks)) == len(marks)


def test_no_text_ends_the_script_that_holds_it():
    assert "<" not in quiz.data_script()
    for script in quiz.SCRIPTS:
        assert "</script" not in script.read_text(encoding="utf8")
        assert re.findall(r"\$\{[^{}]*`", script.read_text(encoding="utf8")) == []


def test_a_shown_quiz_holds_all_it_needs():
    shown = quiz.show(3, seed=5, height=700)._repr_html_()
    assert 'height="700"' in shown
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])
    assert quiz.section([3], 5) in page
    for path in (*quiz.STYLES, *quiz.SCRIPTS):
        assert path.read_text(encoding="utf8") in page
    assert quiz.data_script() in page
    assert not re.search(r"<(script|link|img)\s[^>]*(src|href)=", page)


def test_what_a_search_reads_of_it_holds_no_answer():
    """Sphinx takes the tags out of an output and puts the rest into its index."""
    assert re.sub(r"<[^<]+?>", "", quiz.show()._repr_html_()).strip() == ""


@pytest.mark.parametrize(
    ("lessons", "settings", "complaint"),
    [
        ([0], {}, r"^lessons is '0' .*: it must be one of 1, "),
        ([8, "three"], {}, "^lessons is 'three'"),
        ([], {"seed": -1}, "^seed is -1: "),
        ([], {"seed": 1.5}, "^seed is 1.5: "),
        ([], {"height": 0}, "^height is 0: "),
    ],
)
def test_what_is_no_quiz_is_refused(lessons, settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        quiz.show(*lessons, **settings)


def test_on_the_site_it_is_a_part_of_the_page():
    page = with_files(quiz.show(3, seed=5)._repr_markdown_(), "../_static")
    assert quiz.section([3], 5, ".") in page
    loaded = re.findall(r'(?:src|href)="\.\./_static/([^"]*)"', page)
    assert loaded == [
        "lab/lab.css",
        "quiz/quiz.css",
        "quiz/items.js",
        "lab/numbers.js",
        "lab/controls.js",
        "quiz/quiz.js",
    ]
    assert set(loaded) <= set(texts())


def test_a_lab_beside_it_shares_its_files():
    page = with_files(quiz.section() + lab.section("full"), "x")
    loaded = re.findall(r'(?:src|href)="x/([^"]*)"', page)
    assert len(set(loaded)) == len(loaded)
    assert loaded.index("quiz/items.js") < loaded.index("quiz/quiz.js")
    assert loaded.index("lab/controls.js") < loaded.index("quiz/quiz.js")


def test_each_question_is_asked_once_the_last_ones_at_the_end():
    asked = []
    for path in lesson_paths():
        cells = [
            cell.source for cell in code_cells(read_lesson(path)) if "quiz.show(" in cell.source
        ]
        for source in cells:
            numbers = re.findall(r"\d+", source.split("quiz.show(")[1])
            asked.append((path.stem[:2], *map(int, numbers)))
    assert asked == [("07", 1, 2, 3, 4, 5, 6, 7), ("10", 8, 9, 10)]
