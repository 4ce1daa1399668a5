"""What a reader sees of a page, and waits for: name, number, formulas, figures, and weight."""

import re

from bs4 import BeautifulSoup

from tools.paths import SITE

LESSON = "notebooks/04_stats_loss.html"
WITH_MATHS = "notebooks/06_raw_weights_gan.html"
CODE = [LESSON, WITH_MATHS, "notebooks/05_adversarial_gan.html"]
FIRST = "book/index.html"


def test_the_first_page_names_the_course_once():
    title = re.search(r"<title>(.*?)</title>", (SITE / FIRST).read_text(encoding="utf8"))[1]
    assert title == "GANs in one dimension"


def test_the_numbers_of_the_lessons_are_those_that_the_text_speaks_of():
    page = BeautifulSoup((SITE / FIRST).read_text(encoding="utf8"), "html.parser")
    links = page.select("nav.bd-links a[href*='notebooks/']")
    assert len(links) == 10
    for link in links:
        number = re.search(r"/(\d\d)_", link["href"])[1]
        assert link.get_text().strip().split(".")[0] == str(int(number))


def test_no_line_begins_with_the_full_stop_of_the_one_before(open_page, base):
    tab = open_page()
    tab.goto(base + WITH_MATHS)
    tab.wait_for_selector("mjx-container")
    tab.evaluate("MathJax.startup.promise")
    count = "all => all.map(pair => pair.getClientRects().length)"
    for width in (360, 420, 500, 1280):  # where a line ends differs from width to width
        tab.set_viewport_size({"width": width, "height": 740})
        lines = tab.locator(".pair").evaluate_all(count)
        assert len(lines) > 20
        assert set(lines) == {1}


def test_what_is_set_above_or_below_is_small(open_page, base):
    tab = open_page()
    tab.goto(base + WITH_MATHS)
    tab.evaluate("MathJax.startup.promise")
    sizes = tab.locator("mjx-script > :not(mjx-spacer)").evaluate_all(
        """all => all.map((part) => [part, part.closest("mjx-container")]
            .map((each) => parseFloat(getComputedStyle(each).fontSize))
            .reduce((small, large) => small / large))"""
    )
    assert len(sizes) > 50
    assert max(sizes) < 0.75


def test_a_figure_of_several_panels_keeps_its_words_readable_on_a_phone(open_page, base):
    tab = open_page(viewport={"width": 360, "height": 740})
    tab.goto(base + LESSON)
    shown = tab.locator(".cell_output img").evaluate_all(
        """all => Promise.all(all.filter((f) => f.checkVisibility()).map(async (figure) => {
            figure.loading = "eager"; // wherever it is
            await figure.decode();
            return [figure.naturalWidth, figure.clientWidth];
        }))"""
    )
    assert max(natural for natural, _ in shown) > 800
    assert all(width > 0.69 * natural for natural, width in shown if natural > 700)


def test_code_fits_at_1280_pixels(open_page, web):
    tab = open_page(viewport={"width": 1280, "height": 800})
    seen = 0
    for page in CODE:
        tab.goto(web + page)
        tab.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
        found = tab.locator(".bd-article pre").evaluate_all(
            """all => all.map((pre) =>
                [pre.innerText, pre.scrollWidth - pre.clientWidth, !!pre.closest(".hide")])"""
        )
        for text, hidden, folded in found:
            if max(map(len, text.split("\n"))) <= (99 if folded else 88):
                seen += 1
                assert hidden <= 1, text
    assert seen > 100


def test_every_figure_has_words(site, pages):
    for page in pages:
        text = BeautifulSoup((site / page).read_text(encoding="utf8"), "html.parser")
        for figure in text.select(".bd-article img"):
            assert len(figure["alt"]) >= 20, figure
            assert "_images" not in figure["alt"], f"{page}: a figure that nobody meant to show"


def test_only_the_needed_part_of_mathjax(site):
    files = [path for path in (site / "_static" / "mathjax").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    assert any(path.suffix == ".woff" for path in files)


def test_no_video_inside_a_page(site, pages):
    embedded = re.compile(r'<(?:video|source)\b[^>]*\bsrc="data:')
    assert [
        page for page in pages if embedded.search((site / page).read_text(encoding="utf8"))
    ] == []
