"""Find the browser that the tests of the site drive."""

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NO_BROWSER = (
    "No Chromium or Chrome was found, so the tests that open pages (tests/site, tests/test_lab_*, "
    "tests/test_quiz_p*) are left out: install one (on Debian: apt-get install chromium) "
    "to run them."
)


def find_browser() -> str | None:
    """The path of an installed Chromium or Chrome."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return str(MAC) if MAC.exists() else None
