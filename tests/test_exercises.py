"""What the page shows of an exercise: a stub, where to do it, and one fold for its answers."""

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from book._ext import answers
from tests.lesson_header import HEADER
from tools.repository import Address

LESSON = f"""{HEADER}# One

:::{{admonition}} Exercise 1: twice
:class: exercise
Write `double(x)`.
:::

```{{code-cell}} ipython3
:tags: [answer, hide-cell]
def double(x):
    return 2 * secret(x)


check("1.double", double)
```

```{{code-cell}} ipython3
:tags: [test, remove-cell]
assert double(2) == 4
```

:::{{admonition}} What the answer says
:class: answer dropdown
Explained here.
:::

:::{{admonition}} Exercise 2
:class: exercise
Write `four`.
:::

```{{code-cell}} ipython3
:tags: [answer, hide-cell]
four = 2 * 2
```

A word between.

:::{{admonition}} Folded for another reason
:class: answer dropdown
Not of an exercise.
:::

:::{{admonition}} Open question
:class: exercise
Why?
:::

:::{{admonition}} A model answer
:class: answer dropdown
Because.
:::

:::{{admonition}} Marking
:class: answer dropdown
One point.
:::

:::{{admonition}} Exercise 3
:class: exercise
Nobody answers this one.
:::
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Build the lesson for a repository at an address."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_one.md").write_text(LESSON, encoding="utf8")
    (tmp_path / "index.md").write_text("# Home\n\n```{toctree}\nnotebooks/01_one\n```\n")

    def built(address):
        monkeypatch.setattr(answers, "book_address", lambda: address)
        site = tmp_path / "html"
        settings = {
            "extensions": ["myst_nb", "book._ext.answers"],
            "myst_enable_extensions": ["colon_fence"],
            "nb_execution_mode": "off",
        }
        trees, loud = tmp_path / "trees", {"status": None, "warningiserror": True}
        with docutils_namespace():
            Sphinx(tmp_path, None, site, trees, "html", settings, freshenv=True, **loud).build()
        text = (site / "notebooks" / "01_one.html").read_text(encoding="utf8")
        return BeautifulSoup(text, "html.parser")

    return built


GITHUB = Address("github.com", "who", "course")


def test_an_exercise_shows_what_to_do_and_then_one_fold(page):
    first, second, third, last = page(GITHUB).select(".admonition.exercise")
    for exercise, stub, title in (
        (
            first,
            'def double(x):\n    return ...  # your answer\n\n\ncheck("1.double", double)',
            "1",
        ),
        (second, "four = ...  # your answer", "2"),
    ):
        assert exercise.select_one("pre").get_text().strip() == stub
        fold = exercise.find_next_sibling()
        assert fold.name == "details"
        assert "open" not in fold.attrs
        assert fold.summary.get_text() == f"Answer to exercise {title}"
    fold = first.find_next_sibling()
    assert "secret" in fold.select_one(".tag_answer pre").get_text()
    assert fold.get_text().rstrip().endswith("Explained here.")
    assert "What the answer says" not in fold.get_text()
    assert not fold.select("details, .dropdown")
    # two texts keep their titles, and an exercise without a cell has nothing to fill in
    fold = third.find_next_sibling()
    assert fold.summary.get_text() == "Answer to the open question"
    assert [each.get_text() for each in fold.select("strong")] == ["A model answer", "Marking"]
    assert not third.select("pre, .do-it")
    assert last.find_next_sibling() is None


def test_what_belongs_to_no_exercise_stays(page):
    left = page(GITHUB).select("details.dropdown")
    assert [each.summary.get_text() for each in left] == ["Folded for another reason"]


def test_where_to_do_it(page):
    found = [
        [(link.get_text(), link["href"], "download" in link.attrs) for link in line.select("a")]
        for line in page(GITHUB).select(".do-it")
    ]
    colab = "https://colab.research.google.com/github/who/course/blob/main/notebooks/01_one.ipynb"
    assert found == 2 * [
        [
            ("Open in Colab", colab, False),
            ("Download this lesson", "../_sources/notebooks/01_one.ipynb", True),
        ]
    ]


@pytest.mark.parametrize("address", [None, Address("gitlab.com", "who", "course")])
def test_only_a_download_where_colab_can_open_nothing(page, address):
    for line in page(address).select(".do-it"):
        assert line.get_text() == "Download this lesson"


def test_the_search_knows_the_task_and_no_answer(page, tmp_path):
    page(GITHUB)
    index = (tmp_path / "html" / "searchindex.js").read_text(encoding="utf8")
    assert "doubl" in index
    assert not any(word in index for word in ("secret", "explain"))
