"""What all tests share: no window opens, no figure stays open, and there is one browser."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pytest

from gan_lessons import lab
from tools.browser import NO_BROWSER, find_browser

# A page that works answers at once; a machine that is busy may need its time.
PATIENCE = 120_000  # ms


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def browser():
    """A real browser."""
    path = find_browser()
    if path is None:
        pytest.skip(NO_BROWSER)
    # Here, since the tests of the package alone need no browser.
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    with sync_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        quiet += ["--disable-component-update", "--disable-sync"]
        running = playwright.chromium.launch(executable_path=path, args=quiet)
        yield running
        running.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Open a page with the lab's scripts; afterwards none of them may have complained."""
    contexts, troubles = [], []

    def open_with(body, address="", theme="light", **settings):
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("request", lambda request: request.url.startswith(far) and troubles.append("net"))
        sources = "".join(
            f'<script src="{(lab.FOLDER / n).as_uri()}"></script>' for n in lab.SCRIPTS
        )
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f'<link rel="stylesheet" href="{(lab.FOLDER / lab.STYLE).as_uri()}">'
            f"{body}{sources}",
            encoding="utf-8",
        )
        page.goto(path.as_uri() + address)
        return page

    far = ("http:", "https:", "ws:", "wss:")
    yield open_with
    for context in contexts:
        context.close()
    assert not troubles
