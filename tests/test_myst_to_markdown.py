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
    for folder in ("notebooks", "book"):
        (tmp_path / folder).mkdir()
    (tmp_path / "notebooks" / "01_one.md").write_text(
        "# One\n\n(here)=\n## A place here\n\n$$\na\n$$ (eq-a)\n\n"
        "```{math}\n:label: eq-b\nb\n```\n\n```{figure} x.svg\n:name: fig-x\nX\n```\n",
        encoding="utf8",
    )
    (tmp_path / "notebooks" / "02_two.md").write_text(
        "# Two\n\n(there)=\n## A place there\n\n$$c$$ (eq-c)\n\n"
        ":::{exercise} Hard\n:label: ex\n:::\n",
        encoding="utf8",
    )
    (tmp_path / "book" / "notation.md").write_text(
        "# Notation\n\n(words)=\n## Words\n", encoding="utf8"
    )
    (tmp_path / "book" / "references.bib").write_text(BIB, encoding="utf8")
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
        ("```{note}\nMind.\n```", "> **Note**\n>\n> Mind."),
        (":::{seealso}\nMore.\n:::", "> **See also**\n>\n> More."),
        (
            "::::{admonition} A\nB\n\n:::{tip}\nC\n:::\n::::",
            "> **A**\n>\n> B\n>\n> > **Tip**\n> >\n> > C\n>",
        ),
        (
            "```{admonition} Answer\n:class: dropdown\nIt is **3**.\n```",
            "<details><summary>Answer</summary>\n\nIt is **3**.\n\n</details>",
        ),
        (
            ":::{dropdown} Show\n:open:\nBody\n:::",
            "<details><summary>Show</summary>\n\nBody\n\n</details>",
        ),
        (
            "````{exercise} Try\n:label: ex1\nDo it.\n````\n\n"
            "````{solution} ex1\n:class: dropdown\n```python\n1 + 1\n```\n````",
            "> **Exercise (Try)**\n>\n> Do it.\n\n"
            "<details><summary>Solution</summary>\n\n```python\n1 + 1\n```\n\n</details>",
        ),
        ("```{prf:theorem} Minimum\nTrue.\n```", "> **Theorem (Minimum)**\n>\n> True."),
        ("```{math}\na = b\n```", "$$a = b$$"),
        ("```{math}\n:label: eq-b\na\n= b\n```", "$$\na\n= b\n\\tag{2}\n$$"),
        ("$$\na\n$$ (eq-a)", "$$a \\tag{1}$$"),
        ("$$a$$", "$$a$$"),
        (":::{note}\n$$\na\n= b\n$$\n:::", "> **Note**\n>\n> $$ a = b $$"),
        (
            "```{figure} x.svg\n:alt: A line\n:name: fig-x\nThe caption.\n```",
            "![A line](x.svg)\n\nThe caption.",
        ),
        ("```{image} x.svg\n:alt: A line\n```", "![A line](x.svg)"),
        ("```{code-block} bash\nls\n```", "```bash\nls\n```"),
        ("- a\n\n  :::{note}\n  b\n  :::\n- c", "- a\n\n  > **Note**\n  >\n  > b\n\n- c"),
        ("(here)=\n## Title\n% a comment\nText", "## Title\nText"),
        # inline
        ("{math}`x` and $y$", "$x$ and $y$"),
        ("{ref}`here`", "*A place here*"),
        ("{ref}`there`", "[A place there](02_two.ipynb)"),
        ("{ref}`go <there>`", "[go](02_two.ipynb)"),
        ("{ref}`words`", "[Words](https://github.com/ann/gan/blob/main/book/notation.md)"),
        ("{eq}`eq-a` and {eq}`eq-c`", "(1) and [(1)](02_two.ipynb)"),
        ("{numref}`ex`", "[Hard](02_two.ipynb)"),
        ("{doc}`02_two`", "[Two](02_two.ipynb)"),
        ("{doc}`next <02_two>`", "[next](02_two.ipynb)"),
        ("[next](02_two.md#a-place-there)", "[next](02_two.ipynb)"),
        ("[](02_two.md)", "[Two](02_two.ipynb)"),
        ("[](#there)", "[A place there](02_two.ipynb)"),
        (
            "[words](../book/notation.md#words)",
            "[words](https://github.com/ann/gan/blob/main/book/notation.md#words)",
        ),
        (
            "{download}`the list <../book/references.bib>`",
            "[the list](https://github.com/ann/gan/blob/main/book/references.bib)",
        ),
        ("[w](https://e.example/a_(b)) [v](mailto:a@b.example)",) * 2,
        ("{cite:p}`one`", "([Ba (2015)](https://doi.org/10.1/x))"),
        ("{cite:t}`two`", "van der Berg and Ba (2016)"),
        (
            "{cite}`three,one`",
            "[A et al. (2017)](https://e.example/t); [Ba (2015)](https://doi.org/10.1/x)",
        ),
        ("{kbd}`Esc` {term}`JSD`", "<kbd>Esc</kbd> JSD"),
        # what stays as it is
        ("`{ref}`, ``{cite}`x` `` and \\$5 and $a_{b}$",) * 2,
        ("```python\n:::{note}\n{ref}`x`\n```",) * 2,
        ("| a | b |\n|---|---|\n| 1 | 2 |",) * 2,
    ],
)
def test_construct(convert, myst, plain):
    assert convert(myst) == plain


def test_bibliography_lists_what_the_lesson_cites(convert):
    text = convert("{cite}`one` {cite}`two` {cite}`one`\n\n```{bibliography}\n:filter: x\n```")
    _, *items = text.split("\n\n")
    assert items == [
        "- J. Ba (2015). *Adam*. ICLR. <https://doi.org/10.1/x>\n"
        "- A. van der Berg, J. Ba (2016). *Book*. P."
    ]


@pytest.mark.parametrize(
    ("myst", "message"),
    [
        ("text\n\n```{mystery}\nx\n```", "01_one.md:3: the directive {mystery}"),
        (":::{note}\na\n\n```{mystery}\n```\n:::", "01_one.md:4: the directive {mystery}"),
        ("a\nb {mystery}`x`", "01_one.md:2: the role {mystery}"),
        ("a\n\n:::{note}\n:class: x\nb {mystery}`x`\n:::", "01_one.md:5: the role {mystery}"),
        ("{ref}`nowhere`", "01_one.md:1: no page has the label nowhere"),
        ("{cite}`nobody`", "01_one.md:1: book/references.bib has no entry nobody"),
        ("[x](gone.md)", "01_one.md:1: the link to gone.md leads nowhere"),
        (":::{note}\na", "01_one.md:1: `:::{note}` is never closed"),
        ("$$\na", "01_one.md:1: `$$` is never closed"),
        (":::\na\n:::", "01_one.md:1: `:::` names no directive"),
        ("a {{ b }}", "01_one.md:1: a substitution"),
        ("a[^1]", "01_one.md:1: a footnote"),
        ("Word\n: its meaning", "01_one.md:2: a definition"),
    ],
)
def test_what_has_no_plain_form_is_an_error(convert, myst, message):
    with pytest.raises(ConversionError) as error:
        convert(myst)
    assert message in str(error.value)
