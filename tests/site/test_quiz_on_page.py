"""The quiz on the built site, over the web and from the disk, in a real browser."""

import pytest
from bs4 import BeautifulSoup

from book._ext.live_parts import QUIZ
from gan_lessons.quiz import items
from gan_lessons.quiz.text import to_html
from tests.contrast import luminance
from tests.few import first_quick

PAGE = "notebooks/07_self_assessment.html"
LAST = "notebooks/10_capstone.html"


@pytest.fixture
def visit(open_page, base):
    """Open the page of the quiz."""

    def go(page=PAGE, **settings):
        tab = open_page(**settings)
        tab.goto(base + page)
        tab.locator(".quiz-item").first.wait_for()
        return tab

    return go


def test_two_pages_have_the_quiz(site, pages):
    assert [
        page for page in pages if "data-gan-quiz" in (site / page).read_text(encoding="utf8")
    ] == [PAGE, LAST]
    for file in QUIZ:
        assert (site / "_static" / file).exists()


@pytest.mark.parametrize("base", first_quick(["web", "disk"]), indirect=True)
def test_a_question_is_answered_and_kept(visit):
    tab = visit(viewport={"width": 1200, "height": 900})
    box = tab.locator("#quiz-what-d-says")
    box.get_by_role("radio", name="The probability that x is fake.").check()
    box.get_by_role("button", name="Check question 1").click()
    assert "Not right." in box.get_by_role("status").inner_text()
    tab.reload()
    tab.locator(".quiz-item").first.wait_for()
    assert tab.locator(".quiz-line").inner_text().startswith("1 of ")


LINKS = """() => {
    for (const { id, choices } of GanQuiz.BANK.items) {
        const box = document.getElementById(`quiz-${id}`);
        if (!box) continue; // the other page asks it
        const wrong = choices?.findIndex(({ right }) => !right);
        if (choices) box.querySelector(`input[value="${wrong}"]`).click();
        else box.querySelector("input")?.setAttribute("value", "12345");
        [...box.querySelectorAll("button")].at(-1).click();
    }
    return [...document.querySelectorAll("a.quiz-back")].map((a) => [a.href, a.innerText]);
}"""


def test_what_one_page_keeps_the_other_hands_in(visit, base):
    tab = visit()
    box = tab.locator("#quiz-what-d-says")
    box.get_by_role("radio", name="The probability that x is fake.").check()
    box.get_by_role("button", name="Check question 1").click()
    tab.goto(base + LAST)
    tab.get_by_role("button", name="Hand in").click()
    assert "what-d-says" in tab.locator(".quiz-text textarea").input_value()


@pytest.mark.slow
def test_every_link_back_leads_to_its_section(visit, site):
    """Each question, answered wrong, shows its link."""
    links = [link for page in (PAGE, LAST) for link in visit(page).evaluate(LINKS)]
    assert len(links) >= len(items.load().items)
    for number, lesson in enumerate(items.load().lessons, 1):
        text = (site / "notebooks" / f"{lesson.page}.html").read_text(encoding="utf8")
        page = BeautifulSoup(text, "html.parser")
        here = {href: words for href, words in links if f"/notebooks/{lesson.page}.html#" in href}
        assert here
        for href, words in here.items():
            heading = page.find(id=href.split("#")[1]).find(["h1", "h2", "h3"]).get_text()
            title = heading.replace("’", "'").strip().removesuffix("#").strip()
            assert words == f"lesson {number}, {title}"


def test_neither_page_nor_search_holds_an_answer(site):
    """The answers are in the script alone, where nobody stumbles over them."""
    files = ("searchindex.js", PAGE, LAST)
    texts = "".join((site / file).read_text(encoding="utf8") for file in files)
    for item in items.load().items:
        told = [choice.feedback for choice in item.choices]
        told += [belief.feedback for belief in item.beliefs]
        for words in told:
            assert words not in texts
            assert to_html(words) not in texts


def test_it_has_the_colours_of_its_page_by_day_and_by_night(visit):
    tab = visit()
    section = tab.locator("section[data-gan-quiz]")
    for theme in ("light", "dark"):
        tab.emulate_media(color_scheme=theme)
        tab.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
        paper = section.evaluate("s => getComputedStyle(s).backgroundColor")
        assert (luminance(paper) < 0.1) == (theme == "dark")
