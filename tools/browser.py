"""Find the browsers that the tests of the site drive."""

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NO_BROWSER = (
    "No Chromium or Chrome was found, so the tests that open pages (tests/site, tests/test_lab_*, "
    "tests/test_quiz_p*) are left out: install one (on Debian: apt-get install chromium) "
    "to run them."
)
# WebKit's own small browser needs a screen to be drawn on, and GStreamer for the films.
OTHERS = {
    "Firefox": "firefox-esr",
    "WebKit": "webkit2gtk-driver xvfb gstreamer1.0-libav gstreamer1.0-plugins-good",
}
"""The engines in which the site is tested besides, and Debian's packages of them."""


def _first(*names: str) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def find_browser() -> str | None:
    """The path of an installed Chromium or Chrome."""
    return _first(*NAMES) or (str(MAC) if MAC.exists() else None)


def find_programs(engine: str) -> list[str] | None:
    """The paths of what drives one of ``OTHERS``, if all of it is installed."""
    found = {
        "Firefox": [_first("firefox-esr", "firefox")],
        "WebKit": [_first("Xvfb"), _first("WebKitWebDriver")],
    }[engine]
    programs = [path for path in found if path]
    return programs if len(programs) == len(found) else None


def left_out(engine: str) -> str:
    """What to say where an engine is not at hand."""
    return (
        f"No {engine} was found, so tests/site/test_engines.py leaves it out: install it "
        f"(on Debian: apt-get install {OTHERS[engine]}) to run the site there, too."
    )
