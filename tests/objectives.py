"""What the lessons promise, for the tests of the exercises and of the quiz."""

import re


def objectives(text):
    """What a lesson promises under "What you'll learn", without the stops at the ends."""
    promised = text.split("**What you'll learn**")[1].split("**What you need")[0]
    found = re.findall(r"^- (.+?)[.;]?$", promised, re.MULTILINE)
    assert len(found) >= 3
    return set(found)
