"""Words of others, made fit to be shown: names of files, ids, kinds of errors."""

import re

ERROR = re.compile(r"[A-Za-z_]\w{,60}", re.ASCII)
MODULE = re.compile(r"[A-Za-z_][\w.]{,60}", re.ASCII)
UNDEFINED = re.compile(r"name '(\w{1,60})' is not defined", re.ASCII)
MARKUP = re.compile(r"<(?=[A-Za-z/!?])|\](?=[(:])|\\(?=href)")
"""Where a tag, a link, a picture or a formula's link begins."""
FORMULA = re.compile(r"(^|[;,|\t])(\s*)([=+\-@\uff1d\uff0b\uff0d\uff20])")
"""What a spreadsheet takes for a formula, however it cuts a line into cells.

The last four are the wide signs of East Asia.
"""


def clean(text: object, most: int = 200) -> str:
    """A text without signs that steer a terminal or that can't be written, of limited length."""
    signs = str(text)[:most]
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in signs
    )


def harmless(text: str, most: int = 10_000) -> str:
    """Markdown without HTML, links and pictures: it runs nothing, and is of limited length."""
    return MARKUP.sub(r"\g<0> ", text[:most])


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\1\2'\3", " ".join(clean(text, 10_000).split()))
