"""What all tests share: no window opens, no figure stays open, and there is one browser."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pytest
from playwright.sync_api import sync_playwright

from tools.browser import NO_BROWSER, find_browser


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
    with sync_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        quiet += ["--disable-component-update", "--disable-sync"]
        running = playwright.chromium.launch(executable_path=path, args=quiet)
        yield running
        running.close()
