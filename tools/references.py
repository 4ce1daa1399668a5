"""The book's bibliography, as plain Markdown for the notebooks."""

import re
from pathlib import Path

from pybtex.database import Entry, Person, parse_file


def load(path: Path) -> dict[str, Entry]:
    """The entries of a BibTeX file by their keys; none where there is no file."""
    return dict(parse_file(str(path)).entries) if path.exists() else {}


def _plain(text: str) -> str:
    """BibTeX text without its braces."""
    return re.sub(r"[{}]", "", text).replace("--", "–").replace(r"\&", "&").strip()


def _family(person: Person) -> str:
    return _plain(" ".join(person.prelast_names + person.last_names))


def label(entry: Entry) -> str:
    """`Author (year)`, with one author, two, or the first and "et al."."""
    families = [_family(person) for person in entry.persons["author"]]
    who = " and ".join(families) if len(families) < 3 else f"{families[0]} et al."
    return f"{who} ({_plain(entry.fields['year'])})"


def link(entry: Entry) -> str | None:
    """Where the work can be read."""
    if "doi" in entry.fields:
        return f"https://doi.org/{entry.fields['doi']}"
    url = entry.fields.get("url")
    return str(url) if url else None


def citation(entry: Entry) -> str:
    """`[Author (year)](link)`."""
    target = link(entry)
    return f"[{label(entry)}]({target})" if target else label(entry)
