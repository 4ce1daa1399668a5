"""Pages can be found: each says what it is about, and the search works from a disk, too."""

import pytest
from bs4 import BeautifulSoup


def test_each_page_has_a_description_of_its_own(site, pages):
    said = {}
    for page in pages:
        text = BeautifulSoup((site / page).read_text(encoding="utf8"), "html.parser")
        (tag,) = text.select('meta[name="description"]')
        assert 50 < len(tag["content"]) < 200, page
        said[tag["content"]] = page
    assert len(said) == len(pages)
    lesson = "Play the min–max game: What does it mean to win when the opponent answers back?"
    assert said[lesson] == "notebooks/01_minmax_game.html"


def test_there_is_no_empty_index(site, pages):
    assert not (site / "genindex.html").exists()
    assert not any("genindex" in (site / page).read_text(encoding="utf8") for page in pages)


def test_no_icon_lies_over_the_words_of_the_search(open_page, web):
    tab = open_page()
    tab.goto(f"{web}search.html")
    form = tab.locator(".bd-article-container .bd-search")
    icon, field = (form.locator(part).bounding_box() for part in ("i", "input"))
    assert icon["x"] + icon["width"] <= field["x"]


@pytest.mark.parametrize("base", ["web", "disk"], indirect=True)
def test_the_search_finds_pages(open_page, base):
    tab = open_page()
    tab.goto(f"{base}search.html?q=extragradient")
    results = tab.locator("#search-results li")
    tab.get_by_text("Search finished").wait_for()
    assert results.count() >= 2
    excerpts = results.locator("p.context, div.context")
    if base.startswith("http"):
        excerpts.first.wait_for()
    assert (excerpts.count() > 0) == base.startswith("http")
