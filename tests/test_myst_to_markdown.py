"""Each construct of MyST, and the plain Markdown that stands for it in a notebook."""

from textwrap import dedent

import pytest

from tools import references
from tools.myst_to_markdown import ConversionError, Converter
from tools.pages import read_pages
from tools.repository import Address

HOME = Address("github.com", "ann", "gan")
BIB = """\
@article{one, author={Ba, Jimmy}, title={{A}dam}, journal={ICLR}, year={2015}, doi={10.1/x}}
@book{two, author={van der Berg, Ann and Ba, Jimmy}, title={Book}, publisher={P}, year={2016}}
@misc{three, author={A, B and C, D and E, F}, title={T}, year={2017}, url={https://e.example/t}}
"""


@pytest.fixture
def root(tmp_path):
    """A course of two lessons and one page to read."""
    pages = {
        "notebooks/01_one.md": "# One\n\n(here)=\n## A place here\n",
        "notebooks/02_two.md": "# Two\n\n(there)=\n## A place there\n",
        "book/notation.md": "# Notation\n\n(words)=\n## Words\n",
        "book/references.bib": BIB,
    }
    for name, text in pages.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf8")
    return tmp_path


@pytest.fixture
def convert(root):
    """Convert a text of the first lesson."""
    entries = references.load(root / "book" / "references.bib")

    def run(text):
        converter = Converter(root / "notebooks" / "01_one.md", read_pages(root), entries, HOME)
        return converter.convert(dedent(text).strip("\n"))

    return run


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        (
            ":::{admonition} Predict *it*\n:class: predict\nWhat?\n:::",
            "> **Predict *it***\n>\n> What?",
        ),
        (
            "::::{admonition} A\nB\n\n:::{admonition} Tip\nC\n:::\n::::",
            "> **A**\n>\n> B\n>\n> > **Tip**\n> >\n> > C\n>",
        ),
        ("```{admonition} Answer\n:class: answer dropdown\nIt is **3**.\n```", ""),
        ("$$\na\n$$", "$$a$$"),
        ("$$a$$", "$$a$$"),
        ("$$\na\n= b\n$$", "$$\na\n= b\n$$"),
        (":::{admonition} X\n$$\na\n= b\n$$\n:::", "> **X**\n>\n> $$ a = b $$"),
        (
            "- a\n\n  :::{admonition} X\n  b\n  :::\n- c",
            "- a\n\n  > **X**\n  >\n  > b\n\n- c",
        ),
        ("(here)=\n## Title\nText", "## Title\nText"),
        # inline
        ("{ref}`here`", "*A place here*"),
        ("{ref}`there`", "[A place there](02_two.ipynb)"),
        ("{ref}`go <there>`", "[go](02_two.ipynb)"),
        ("{ref}`words`", "[Words](https://github.com/ann/gan/blob/main/book/notation.md)"),
        ("[next](02_two.md#a-place-there)", "[next](02_two.ipynb)"),
        ("[](02_two.md)", "[Two](02_two.ipynb)"),
        ("[](#there)", "[A place there](02_two.ipynb)"),
        (
            "[words](../book/notation.md#words)",
            "[words](https://github.com/ann/gan/blob/main/book/notation.md#words)",
        ),
        ("[w](https://e.example/a_(b)) [v](mailto:a@b.example)",) * 2,
        ("{cite:p}`one`", "([Ba (2015)](https://doi.org/10.1/x))"),
        ("{cite:t}`two`", "van der Berg and Ba (2016)"),
        (
            "{cite:t}`three,one`",
            "[A et al. (2017)](https://e.example/t); [Ba (2015)](https://doi.org/10.1/x)",
        ),
        # what stays as it is
        ("`{ref}`, ``{cite}`x` `` and \\$5 and $a_{b}$",) * 2,
        ("```python\n:::{note}\n{ref}`x`\n```",) * 2,
        ("| a | b |\n|---|---|\n| 1 | 2 |",) * 2,
    ],
)
def test_construct(convert, myst, plain):
    assert convert(myst) == plain


@pytest.mark.parametrize(
    ("myst", "message"),
    [
        ("text\n\n```{mystery}\nx\n```", "01_one.md:3: ````{mystery}` is not known"),
        (
            ":::{admonition} X\na\n\n```{mystery}\n```\n:::",
            "01_one.md:4: ````{mystery}` is not known",
        ),
        ("a\nb {mystery}`x`", "01_one.md:2: the role {mystery}"),
        (
            "a\n\n:::{admonition} X\n:class: x\nb {mystery}`x`\n:::",
            "01_one.md:5: the role {mystery}",
        ),
        ("{ref}`nowhere`", "01_one.md:1: no page has the label nowhere"),
        ("{cite:t}`nobody`", "01_one.md:1: book/references.bib has no entry nobody"),
        ("[x](gone.md)", "01_one.md:1: the link to gone.md leads nowhere"),
        (":::{admonition} X\na", "01_one.md:1: `:::{admonition} X` is never closed"),
        ("$$\na", "01_one.md:1: `$$` is never closed"),
        (":::\na\n:::", "01_one.md:1: `:::` is not known"),
        ("a {{ b }}", "01_one.md:1: a substitution"),
        ("a[^1]", "01_one.md:1: a footnote"),
        ("Word\n: its meaning", "01_one.md:2: a definition"),
    ],
)
def test_what_has_no_plain_form_is_an_error(convert, myst, message):
    with pytest.raises(ConversionError) as error:
        convert(myst)
    assert message in str(error.value)
