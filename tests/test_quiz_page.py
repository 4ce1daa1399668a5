"""The quiz in a real browser: answered, marked, kept, cleared and printed."""

import re

import pytest
from playwright.sync_api import expect

from gan_lessons import quiz
from gan_lessons.quiz import items
from tests.contrast import contrast, luminance
from tests.few import first_quick

BANK = items.load()
SHOWN = {item.id: items.shown(item) for item in BANK.items}
FILES = "".join(f'<link rel="stylesheet" href="{path.as_uri()}">' for path in quiz.STYLES)
# The lab's scripts stand at the end of the page: what is deferred comes after them.
SCRIPTS = f"<script>{quiz.data_script()}</script>" + "".join(
    f'<script defer src="{path.as_uri()}"></script>' for path in quiz.SCRIPTS
)


@pytest.fixture
def open_quiz(open_page):
    """Open a page with a quiz."""

    def open_with(*lessons, seed=0, pages="notebooks", **settings):
        body = FILES + quiz.section(lessons, seed, pages) + SCRIPTS
        page = open_page(body, **settings)
        page.locator(".quiz-item").first.wait_for()
        return page

    return open_with


def question(page, name):
    return page.locator(f"#quiz-{name}")


def feedback(page, name):
    return question(page, name).get_by_role("status")


def check(page, name):
    question(page, name).get_by_role("button", name=re.compile("Check question")).click()


def choose(page, name, *texts_of_choices):
    box = question(page, name)
    for text in texts_of_choices:
        box.get_by_role(
            "checkbox" if SHOWN[name]["kind"] == "multiple" else "radio", name=text, exact=True
        ).check()


def reload(page):
    page.reload()
    page.locator(".quiz-item").first.wait_for()


def start_again(page):
    page.get_by_role("button", name="Start again").click()
    page.get_by_role("button", name="Yes, clear them").click()


def line(page):
    return page.locator(".quiz-line").inner_text()


# What to put in, for each question of the page: its right answer, or a wrong one, by the data.
ANSWER = """right => {
    const { items } = GanQuiz.BANK;
    for (const item of items) {
        const box = document.getElementById(`quiz-${item.id}`);
        if (!box) continue;
        if (item.choices) {
            const wanted = [...item.choices.keys()].filter((i) => item.choices[i].right === right);
            const inputs = wanted.map((i) => box.querySelector(`input[value="${i}"]`));
            const many = item.kind === "multiple" ? inputs.length : 1;
            inputs.slice(0, many).forEach((input) => input.click());
        } else if (item.variants) {
            const shown = box.querySelector(".quiz-prompt").innerHTML;
            const variant = item.variants.find(({ prompt }) => {
                const probe = document.createElement("span");
                probe.innerHTML = prompt;
                return probe.innerHTML === shown;
            });
            box.querySelector("input").value = right ? variant.key : variant.beliefs[0].key;
        } else {
            const n = item.entries.length;
            for (let round = 0; round < n; round++) {
                for (let place = 0; place + 1 < n; place++) {
                    const rows = [...box.querySelectorAll(".quiz-order li")];
                    const [a, b] = rows.slice(place).map((row) => Number(row.dataset.entry));
                    if (right ? a > b : a < b) rows[place].querySelectorAll("button")[1].click();
                }
            }
        }
        [...box.querySelectorAll("button")].at(-1).click();
    }
}"""


# --- Marking ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", first_quick([0, 1, 2]))
def test_all_right_is_full_marks_and_all_wrong_is_none(open_quiz, seed):
    n = len(BANK.items)
    page = open_quiz(seed=seed)
    page.evaluate(ANSWER, True)
    assert line(page) == f"{n} of {n} questions answered, {n} of {n} points"
    assert page.locator('.quiz-item[data-result="right"]').count() == n
    start_again(page)  # with another seed
    page.evaluate(ANSWER, False)
    assert line(page) == f"{n} of {n} questions answered, 0 of {n} points"
    assert page.locator('.quiz-item[data-result="wrong"]').count() == n
    assert page.locator(".quiz-feedback .quiz-back").count() == n
    assert "?." not in "".join(page.locator(".quiz-feedback").all_inner_texts())


def plain(page, markup):
    return page.evaluate(
        "html => { const s = document.createElement('span'); s.innerHTML = html;"
        " return s.textContent; }",
        markup,
    )


@pytest.mark.slow
@pytest.mark.parametrize("item", [i for i in BANK.items if i.kind in ("single", "bug")][:6])
def test_each_choice_gets_its_own_feedback(open_quiz, item):
    page = open_quiz(item.lesson)
    for choice in SHOWN[item.id]["choices"]:
        text = plain(page, choice["text"])
        choose(page, item.id, text)
        check(page, item.id)
        told = feedback(page, item.id)
        expect(told).to_contain_text("✓ Right." if choice["right"] else "✗ Not right.")
        expect(told).to_contain_text(plain(page, choice["feedback"]))
        for other in SHOWN[item.id]["choices"]:
            if other is not choice:
                expect(told).not_to_contain_text(plain(page, other["feedback"]))
        mark = "✓ right, and chosen" if choice["right"] else "✗ chosen, not right"
        expect(question(page, item.id).get_by_text(mark)).to_be_visible()
        start_again(page)


SIGN, FORM, FACTOR = (
    "Its sign: it is high where fakes prevail.",
    "Its form: it compares the densities themselves, and not their logarithms.",
    "Its factor: some other number in place of 10 would make it right everywhere.",
)


@pytest.mark.parametrize("ticked", [[SIGN], [SIGN, FORM, FACTOR]])
def test_each_choice_of_several_is_talked_about(open_quiz, ticked):
    """What each gets, test_quiz_points.py holds."""
    page = open_quiz(2)
    name = "two-errors-of-a-formula"
    choose(page, name, *ticked)
    check(page, name)
    told = feedback(page, name)
    expect(told).to_contain_text("◐ Partly right: 0.5 of 1 point.")
    assert ", 0.5 of 1 points" in line(page)
    notes = told.locator("li").all_inner_texts()
    assert len(notes) == len({*ticked, SIGN, FORM})  # what was ticked, and what was missed
    assert sum(note.startswith("✓") for note in notes) == len({*ticked} & {SIGN, FORM})
    for note in notes:
        assert note.startswith("missed: ") == (not any(note[2:].startswith(t) for t in ticked))


def test_what_is_no_number_and_no_choice_is_not_marked(open_quiz):
    name = "watch-the-dear-shop"
    page = open_quiz(seed=1)
    for other in ("what-a-script-shows", "two-errors-of-a-formula"):
        check(page, other)
        expect(feedback(page, other)).to_contain_text("first.")
    field = question(page, name).get_by_label("Your number:")
    for given in ("", "half", "0.4.1", "1/0", "1e999", "--1", "0x1"):
        field.fill("0.")
        field.fill(given)
        check(page, name)
        expect(feedback(page, name)).to_contain_text("like 0.35, −2 or 1/3")
        assert field.get_attribute("aria-invalid") == "true"
        assert line(page).startswith("0 of")
    assert "pays 2;" in question(page, name).inner_text()
    field.fill("0,6")
    check(page, name)
    expect(feedback(page, name)).to_contain_text("That is the probability of West.")
    assert field.get_attribute("aria-invalid") is None
    assert line(page).startswith("1 of")


def test_an_order_is_told_place_by_place(open_quiz):
    name = "who-comes-home"
    page = open_quiz(1)
    rows = question(page, name).locator(".quiz-order li")
    entries = [int(rows.nth(i).get_attribute("data-entry")) for i in range(3)]
    assert entries != [0, 1, 2]  # a question that is answered already would be none
    check(page, name)
    expect(feedback(page, name).locator("li")).to_have_count(3)
    tags = question(page, name).locator(".quiz-tag").all_inner_texts()
    assert sum("in its place" in tag for tag in tags) == sum(e == i for i, e in enumerate(entries))


# --- By keyboard, and by ear --------------------------------------------------------------------


def focused(page):
    return page.evaluate("document.activeElement.outerHTML.slice(0, 300)")


def tab_to(page, locator):
    for _ in range(60):
        page.keyboard.press("Tab")
        if locator.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach it; it is at {focused(page)}")


def test_a_choice_by_keyboard_alone(open_quiz):
    page = open_quiz(1)
    name = "what-d-says"
    box, told = question(page, name), feedback(page, name)
    tab_to(page, box.locator("input").first)
    page.keyboard.press("ArrowDown")
    button = box.get_by_role("button")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(told).to_contain_text("ight")
    assert button.evaluate("e => e === document.activeElement")  # the focus is not lost
    assert button.get_attribute("aria-disabled") == "true"
    before = told.inner_html()
    page.keyboard.press("Enter")  # closed
    assert told.inner_html() == before
    page.keyboard.press("Tab")
    assert "quiz-" in focused(page)


def test_enter_in_a_field_checks(open_quiz):
    page = open_quiz(1)
    name = "best-answer-at-one-place"
    field = question(page, name).get_by_label("Your number:")
    tab_to(page, field)
    page.keyboard.type("0.123")
    page.keyboard.press("Enter")
    expect(feedback(page, name)).to_contain_text("Not right")
    assert field.evaluate("e => e === document.activeElement && e.readOnly")


@pytest.mark.parametrize("name", ["what-a-script-shows", "two-errors-of-a-formula"])
def test_enter_on_a_choice_checks_and_keeps_the_focus(open_quiz, name):
    page = open_quiz(2)
    choice = question(page, name).locator("input").first
    choice.focus()
    page.keyboard.press("Enter")
    expect(feedback(page, name)).to_contain_text("first.")
    assert choice.evaluate("e => e === document.activeElement")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(feedback(page, name)).to_contain_text("ight")
    page.evaluate("() => new Promise(requestAnimationFrame)")  # browsers take it away late
    assert question(page, name).get_by_role("button").evaluate("e => e === document.activeElement")


def test_a_result_is_told_once_and_nothing_else_is(open_quiz):
    page = open_quiz(2)
    page.evaluate(
        """() => {
            globalThis.told = [];
            const live = "[role=status], [role=alert], [aria-live]";
            new MutationObserver((all) => {
                for (const { target } of all) {
                    const region = (target.closest ? target : target.parentNode).closest(live);
                    if (region) told.push(region.innerText);
                }
            }).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )
    name = "two-errors-of-a-formula"
    choose(page, name, FACTOR)
    check(page, name)
    (told,) = page.evaluate("told")
    assert told.startswith("✗ Not right.")
    assert "No factor is right everywhere" in told
    assert "Read again: lesson 2" in told


def test_an_order_by_keyboard_alone(open_quiz):
    page = open_quiz(3)
    name = "one-step-in-order"
    box = question(page, name)
    heard = page.locator(".lab-heard")
    for entry in range(5):
        row = box.locator(f'li[data-entry="{entry}"]')
        assert row.get_by_role("button").all_inner_texts() == ["Up", "Down"]
        up = row.get_by_role("button", name=re.compile("^Up"))
        place = row.evaluate("e => [...e.parentNode.children].indexOf(e)")
        if place == entry:
            continue
        up.focus()
        for _ in range(place - entry):
            page.keyboard.press("Space")
            assert up.evaluate("e => e === document.activeElement")
        expect(heard).to_contain_text(f"now {entry + 1} of 5")
    first = box.locator('li[data-entry="0"]').get_by_role("button", name=re.compile("^Up"))
    assert first.get_attribute("aria-disabled") == "true"
    first.press("Enter")  # there is no higher place: nothing happens
    tab_to(page, box.get_by_role("button", name="Check question"))
    page.keyboard.press("Space")
    expect(feedback(page, name)).to_contain_text("✓ Right.")


def test_every_control_has_a_name_and_every_question_a_legend(open_quiz):
    page = open_quiz()
    assert page.locator("fieldset.quiz-item").count() == len(BANK.items)
    legends = page.locator("fieldset.quiz-item > legend").all_inner_texts()
    assert len(set(legends)) == len(BANK.items)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll(".gan-quiz :is(button, input, select)")]
            .filter((c) => !(c.getAttribute("aria-label") || c.textContent.trim()
                || [...(c.labels || [])].map((l) => l.textContent).join("")).trim())
            .map((c) => c.outerHTML)"""
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(set(ids)) == len(ids)
    live = page.locator('.quiz-feedback[role="status"]')
    assert live.count() == len(BANK.items)  # there before anything is put into them


# --- Score, filter, next ------------------------------------------------------------------------


def test_the_score_by_objective_leads_back(open_quiz):
    page = open_quiz(3)
    rows = page.locator(".quiz-objectives li")
    objectives = {item.objective for item in BANK.items if item.lesson == 3}
    assert rows.count() == len(objectives)
    assert page.get_by_text("not answered yet").count() == len(objectives) + 1  # and the lesson
    heading = page.locator(".quiz-score h4")
    expect(heading).to_have_text("Lesson 3: not answered yet")
    choose(
        page, "a-loss-that-falls", "That there is an error in the code: a loss can’t be negative."
    )
    check(page, "a-loss-that-falls")
    row = rows.filter(has_text="Why the mean loss never stops")
    expect(row).to_contain_text("0 of 2 points, 1 still open")
    link = row.get_by_role("link", name="lesson 3, Thirty-two runs at once")
    assert link.get_attribute("href") == "notebooks/03_mean_loss.html#thirty-two-runs-at-once"
    choose(page, "spread-by-luck", "About 2.2")
    check(page, "spread-by-luck")
    expect(row).to_contain_text("1 of 2 points")
    expect(row).not_to_contain_text("still open")
    assert row.get_by_role("link").count() == 1
    assert line(page).startswith("2 of 8 questions answered, 1 of 2 points")
    expect(heading).to_have_text("Lesson 3: 1 of 8 points, 6 still open")


def test_one_lesson_at_a_time(open_quiz):
    page = open_quiz()
    page.get_by_label("Questions on").select_option("4")
    count = sum(item.lesson == 4 for item in BANK.items)
    assert page.locator(".quiz-item:visible").count() == count
    assert line(page) == f"0 of {count} questions answered"
    assert "Lesson 4: Match the statistics" in page.locator("h3:visible").all_inner_texts()
    assert page.locator(".quiz-objectives li").count() == 5
    page.get_by_label("Questions on").select_option("0")
    assert page.locator(".quiz-item:visible").count() == len(BANK.items)
    alone = open_quiz(4)
    assert alone.locator("select").count() == 0
    assert alone.locator(".quiz-item").count() == count


def test_a_quiz_on_some_lessons_asks_about_these(open_quiz):
    page = open_quiz(8, 9)
    count = sum(item.lesson in (8, 9) for item in BANK.items)
    assert page.locator(".quiz-item").count() == count
    assert line(page) == f"0 of {count} questions answered"
    names = page.get_by_label("Questions on").locator("option").all_inner_texts()
    assert [name.partition(":")[0] for name in names] == [
        "all of these lessons",
        "lesson 8",
        "lesson 9",
    ]
    page.evaluate(ANSWER, True)
    assert page.locator(".quiz-score h4").all_inner_texts() == [
        f"Lesson {number}: {points} of {points} points"
        for number in (8, 9)
        for points in [sum(item.lesson == number for item in BANK.items)]
    ]


def test_the_next_open_question(open_quiz):
    page = open_quiz(1)
    button = page.get_by_role("button", name="Next open question")
    button.click()
    assert question(page, "what-d-says").evaluate("e => e.contains(document.activeElement)")
    choose(page, "what-d-says", "The probability that x is real.")
    check(page, "what-d-says")
    button.click()
    assert question(page, "what-noise-is-for").evaluate("e => e.contains(document.activeElement)")
    page.evaluate(ANSWER, True)
    button.click()
    expect(page.locator(".lab-heard")).to_contain_text("Every question is answered")


# --- Kept, cleared ------------------------------------------------------------------------------


def state(page):
    """What the page shows of each question, but for the focus."""
    return page.locator(".quiz-item").evaluate_all(
        "boxes => boxes.map(b => [b.innerText, b.dataset.result,"
        " ...[...b.querySelectorAll('input')].map(i => `${i.value} ${i.checked} ${i.disabled}`)])"
    )


def test_progress_outlives_a_reload(open_quiz):
    page = open_quiz()
    page.evaluate(ANSWER, True)
    before, score = state(page), line(page)
    reload(page)
    assert line(page) == score
    assert state(page) == before


def test_start_again_asks_first_and_then_clears(open_quiz):
    page = open_quiz()
    page.evaluate(ANSWER, False)
    before = page.locator(".quiz-item legend, .quiz-choices, .quiz-order").all_inner_texts()
    again = page.get_by_role("button", name="Start again")
    again.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"This clears {len(BANK.items)} of your answers.")).to_be_visible()
    assert "Yes, clear them" in focused(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # No, keep them
    assert line(page).startswith(f"{len(BANK.items)} of")
    assert again.evaluate("e => e === document.activeElement")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # Yes, clear them
    assert line(page) == f"0 of {len(BANK.items)} questions answered"
    assert again.evaluate("e => e === document.activeElement")
    assert page.locator(".quiz-feedback:not(:empty)").count() == 0
    assert page.evaluate("JSON.parse(localStorage.getItem('gan-quiz-0')).answers") == {}
    after = page.locator(".quiz-item legend, .quiz-choices, .quiz-order").all_inner_texts()
    assert sum(a != b for a, b in zip(after, before, strict=True)) > 30
    reload(page)
    assert line(page).startswith("0 of")
    kept = page.locator(".quiz-item legend, .quiz-choices, .quiz-order").all_inner_texts()
    assert kept == after


def test_another_seed_is_another_quiz_and_the_same_seed_is_the_same(open_quiz):
    one, same, other = (state(open_quiz(seed=seed)) for seed in (3, 3, 4))
    assert one == same
    assert sum(a != b for a, b in zip(one, other, strict=True)) > 30
    for item, a, b in zip(BANK.items, one, other, strict=True):
        if item.kind == "numeric":
            assert a[0] != b[0]


def test_the_order_of_choices_favours_no_place(open_quiz):
    page = open_quiz()
    places = []
    for _ in range(5):
        places += page.evaluate(
            """() => GanQuiz.BANK.items.filter((i) => i.kind === "single").map((i) => {
                const inputs = document.querySelectorAll(`#quiz-${i.id} input`);
                return [...inputs].findIndex((input) => i.choices[input.value].right);
            })"""
        )
        page.get_by_role("button", name="Start again").click()
    shares = [places.count(place) / len(places) for place in range(4)]
    assert all(0.15 < share < 0.35 for share in shares), shares


@pytest.fixture
def open_broken(open_page):
    """Open a quiz in a browser whose storage ``script`` has broken."""

    def open_with(script, *lessons):
        return open_page(FILES + quiz.section(lessons) + f"<script>{script}</script>" + SCRIPTS)

    return open_with


@pytest.mark.parametrize(
    "broken",
    [
        "Storage.prototype.getItem = Storage.prototype.setItem = () => { throw Error('none'); }",
        "Object.defineProperty(window, 'localStorage', { get() { throw Error('none'); } })",
        "Storage.prototype.setItem = () => { throw Error('full'); }",
        """localStorage.setItem('gan-quiz-0', '{"seeds": {}, "answers": {}}');
        Storage.prototype.setItem = () => { throw Error('full'); }""",
    ],
)
def test_where_nothing_can_be_kept_it_works_and_says_so(open_broken, broken):
    page = open_broken(broken)
    assert line(page) == f"0 of {len(BANK.items)} questions answered"
    page.evaluate(ANSWER, True)
    n = len(BANK.items)
    assert line(page).startswith(f"{n} of {n} questions answered, {n} of {n} points; this browser")
    page.get_by_label("Questions on").select_option("3")
    before = state(page)
    start_again(page)
    assert line(page).startswith("0 of 8 questions answered")
    assert sum(a != b for a, b in zip(state(page), before, strict=True)) == 8
    page.get_by_label("Questions on").select_option("0")
    assert line(page).startswith(f"{n - 8} of {n} questions answered, {n - 8} of {n - 8} points;")


BROKEN = [
    "nonsense",
    "null",
    "7",
    '{"seeds": {}}',
    '{"seeds": 1, "answers": 1}',
    '{"seeds": null, "answers": {}}',
    '{"seeds": {"1": -3}, "answers": {"what-d-says": 5}}',
]


@pytest.mark.slow
def test_a_broken_record_is_mended(open_quiz):
    page = open_quiz(1)
    for broken in BROKEN:
        page.evaluate("broken => localStorage.setItem('gan-quiz-0', broken)", broken)
        reload(page)
        page.evaluate(ANSWER, True)
        assert line(page) == "10 of 10 questions answered, 10 of 10 points", broken
        reload(page)
        assert line(page) == "10 of 10 questions answered, 10 of 10 points", broken


def test_two_tabs_share_their_answers_and_mix_no_numbers(open_quiz):
    one = open_quiz(1)
    two = one.context.new_page()
    two.goto(one.url)
    choose(one, "what-d-says", "The probability that x is real.")
    check(one, "what-d-says")
    name = "best-answer-at-one-place"
    question(two, name).get_by_label("Your number:").fill("0.123")
    check(two, name)
    one.reload()
    assert line(one).startswith("2 of 10")
    start_again(one)
    # The other tab shows the old numbers: what is answered there is no answer to the new ones.
    other = "watch-the-dear-shop"
    question(two, other).get_by_label("Your number:").fill("0.123")
    check(two, other)
    expect(feedback(two, other)).to_contain_text("Not right")
    two.evaluate("window.print = () => {}")
    two.get_by_role("button", name="Print with answers").click()
    asked = question(two, other).locator(".quiz-prompt").inner_text()
    assert asked in two.locator(".quiz-paper").nth(2).text_content()
    one.reload()
    assert line(one).startswith("0 of 10")


@pytest.mark.parametrize(
    ("edit", "left"),
    [
        ("kept.answers['what-d-says'].mark = 'of an older wording'", 9),
        *(
            (f"for (const id in kept.answers) kept.answers[id].given = {given}", 0)
            for given in ("[7]", "[0, 1]", "'x'", "[]", "null", "{}")
        ),
    ],
)
def test_what_is_no_answer_to_its_question_is_forgotten(open_quiz, edit, left):
    page = open_quiz(1)
    page.evaluate(ANSWER, True)
    assert line(page).startswith("10 of 10")
    kept = "kept = JSON.parse(localStorage.getItem('gan-quiz-0'))"
    store = "localStorage.setItem('gan-quiz-0', JSON.stringify(kept))"
    page.evaluate(f"() => {{ const {kept}; {edit}; {store}; }}")
    reload(page)
    assert line(page).startswith(f"{left} of 10")


# --- Paper, phone, night ------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [False, True])
def test_on_paper(open_quiz, answers):
    page = open_quiz(3, theme="dark")
    page.evaluate("window.print = () => {}")
    page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<nav>not for paper</nav>')")
    page.evaluate(ANSWER, False)
    name = "Print with answers" if answers else "Print"
    page.get_by_role("button", name=name, exact=True).click()
    page.emulate_media(media="print")
    sheet = page.locator(".quiz-sheet")
    assert sheet.locator(".quiz-paper").count() == 8
    assert page.locator(".quiz-item:visible, .quiz-bar:visible, .quiz-score:visible").count() == 0
    assert not page.get_by_text("not for paper").is_visible()
    text = sheet.inner_text()
    assert "Not right" not in text  # no feedback
    assert not re.search("[✓✗]", text)
    assert sheet.locator("input, button").count() == 0
    assert ("Answers" in text) == answers
    key = sheet.locator(".quiz-key li")
    assert key.count() == (8 if answers else 0)
    if answers:
        expect(key.nth(5)).to_contain_text("About 2.2")
        expect(key.nth(1)).to_contain_text("(4) loss.backward() / (5) optimizer.step()")
    assert sheet.locator(".quiz-room").count() == sum(
        item.lesson == 3 and item.kind == "numeric" for item in BANK.items
    )
    assert page.evaluate("getComputedStyle(document.querySelector('.quiz-paper')).color") == (
        "rgb(0, 0, 0)"
    )
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator(".quiz-item:visible").count() == 8
    assert page.get_by_text("not for paper").is_visible()


def test_the_browsers_own_print_holds_the_questions(open_quiz):
    page = open_quiz(4)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".quiz-paper:visible").count() == 7
    assert page.locator(".quiz-key").count() == 0


def test_no_page_is_wider_than_its_window(open_quiz):
    page = open_quiz()
    page.evaluate(ANSWER, False)
    for width in (320, 360, 1200):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        parts = page.locator(".gan-quiz :is(button, input, select, p, li):not(.lab-heard *)")
        right = "all => Math.max(...all.map((e) => e.getBoundingClientRect().right))"
        assert parts.evaluate_all(right) <= width + 1


WORDS = """() => {
    const quiz = document.querySelector(".gan-quiz");
    const written = [...quiz.querySelectorAll("*")]
        .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
        .filter((e) => !e.closest("option, [aria-disabled=true]"));
    const colours = new Set(written.map((e) => getComputedStyle(e).color));
    return { paper: getComputedStyle(quiz).backgroundColor, texts: [...colours] };
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_by_day_and_by_night(open_quiz, theme):
    page = open_quiz(2, theme=theme)
    page.evaluate(ANSWER, False)
    found = page.evaluate(WORDS)
    assert (luminance(found["paper"]) < 0.1) == (theme == "dark")
    assert len(found["texts"]) >= 4
    for text in found["texts"]:
        assert contrast(text, found["paper"]) >= 4.5, text


# --- In a notebook, and on the site -------------------------------------------------------------


def test_a_notebook_shows_it_without_links(open_tab, tmp_path):
    page = open_tab(viewport={"width": 900, "height": 1000}, color_scheme="dark")
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><body>{quiz.show(4)._repr_html_()}", encoding="utf8")
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("input").first.check()
    frame.get_by_role("button", name="Check question 1").click()
    expect(frame.locator(".quiz-result").first).to_be_visible()
    assert frame.locator("a").count() == 0
    paper = frame.locator(".gan-quiz").evaluate("e => getComputedStyle(e).backgroundColor")
    assert luminance(paper) < 0.1
    page.reload()
    expect(frame.locator(".quiz-line")).to_contain_text("1 of 7")


def test_what_cannot_be_built_says_so(open_page):
    page = open_page(FILES + quiz.section([99]) + SCRIPTS)
    expect(page.get_by_role("alert")).to_contain_text(
        "The quiz could not be built: there is no lesson 99."
    )
