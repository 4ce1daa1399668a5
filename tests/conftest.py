"""What all tests share: no window opens, no figure stays open, and there is one browser."""

import shutil
import time

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pytest

from gan_lessons import lab
from tests.lab_page import Page
from tests.lab_runtime import in_tab, node
from tools.browser import NO_BROWSER, find_browser

LOCAL = ("file:", "data:", "blob:", "about:", "http://127.0.0.1:")
# A page that works answers at once; a machine that is busy may need its time.
PATIENCE = 120_000  # ms


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def browser():
    """A real browser; while it runs, ``asyncio.run`` is refused in this process."""
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


def new_tab(browser):
    """A tab, and the list of what its page and its neighbours do that no page may do."""
    context, troubles = browser.new_context(), []
    context.set_default_timeout(PATIENCE)

    def asks(request):
        if not request.url.startswith(LOCAL):
            troubles.append(f"asks {request.url[:200]}")

    def misses(request):
        if request.failure != "net::ERR_ABORTED":  # cut short by going on to the next page
            troubles.append(f"{request.failure}: {request.url[:200]}")

    def says(message):
        if not message.text.startswith("["):  # the site's theme, which says who it is
            troubles.append(f"{message.page.url}: {message.text[:200]}")

    context.on("request", asks)
    context.on("requestfailed", misses)
    context.on("response", lambda r: r.status >= 400 and troubles.append(f"{r.status}: {r.url}"))
    context.on("console", says)
    context.on("weberror", lambda failed: troubles.append(f"{failed.page.url}: {failed.error}"))
    return context.new_page(), troubles


@pytest.fixture(scope="module")
def left_tabs():
    """The tab that one test leaves to the next: a new one costs more than most tests."""
    return []


@pytest.fixture
def open_tab(browser, left_tabs):
    """Open tabs that know nothing of the tests before; their pages must have no trouble."""
    first, troubles = left_tabs.pop() if left_tabs else new_tab(browser)
    unused = [first]

    def open_with(viewport=None, color_scheme="light", reduced_motion="no-preference"):
        tab = unused.pop() if unused else first.context.new_page()
        tab.set_viewport_size(viewport or {"width": 1280, "height": 720})
        tab.emulate_media(media="null", color_scheme=color_scheme, reduced_motion=reduced_motion)
        records = {"origin": "*", "storageTypes": "local_storage"}
        tab.context.new_cdp_session(tab).send("Storage.clearDataForOrigin", records)
        return tab

    yield open_with
    for tab in first.context.pages[1:]:
        tab.close()
    first.goto("about:blank")
    found = troubles.copy()
    troubles.clear()
    if abs(first.evaluate("Date.now()") / 1000 - time.time()) < 60:
        left_tabs.append((first, troubles))
    else:  # a test stopped its clock, and nothing makes it go again
        first.context.close()
    assert found == []


@pytest.fixture
def open_page(open_tab, tmp_path):
    """Open a page with the lab's scripts."""

    def open_with(body, address="", theme="light", **settings):
        tab = open_tab(**settings)
        sources = "".join(
            f'<script src="{(lab.FOLDER / n).as_uri()}"></script>' for n in lab.SCRIPTS
        )
        styles = "".join(
            f'<link rel="stylesheet" href="{(lab.FOLDER / n).as_uri()}">' for n in lab.STYLES
        )
        path = tmp_path / f"page{len(tab.context.pages)}.html"
        path.write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"{styles}{body}{sources}",
            encoding="utf-8",
        )
        tab.goto(path.as_uri() + address)
        return tab

    return open_with


@pytest.fixture
def open_lab(open_page):
    """Open a page with one lab."""

    def open_with(name="raw", address="", **settings):
        return Page(open_page(f'<section data-gan-lab="{name}"></section>', address, **settings))

    return open_with


@pytest.fixture(scope="module")
def node_run():
    """What evaluates in Node, if it is at hand."""
    if shutil.which("node") is None:
        yield None
        return
    with node() as run:
        yield run


@pytest.fixture
def run(request, node_run):
    """What evaluates in Node, or else in a browser."""
    return node_run or in_tab(request.getfixturevalue("open_tab")())
