"""The built site, over the web and from the disk, and a browser to look at it."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.paths import SITE


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    assert (SITE / "index.html").exists(), "there is no site yet: run `make book`"
    return SITE


@pytest.fixture(scope="session")
def pages(site):
    """Every page of the site, relative to its folder, but for the entrance, which leads on."""
    found = [path.relative_to(site) for path in sorted(site.rglob("*.html"))]
    shown = [path.as_posix() for path in found if "_static" not in path.parts]
    return [page for page in shown if page != "index.html"]


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and does not talk about it."""

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="session", params=["http", "file"])
def base(request, site):
    """The address of the site, served on this machine or read from the disk."""
    if request.param == "file":
        yield f"{site.as_uri()}/"
        return
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def open_page(browser):
    """Open pages with given settings of the browser; they are closed after the test."""
    contexts = []

    def open_with(**settings):
        contexts.append(browser.new_context(**settings))
        return contexts[-1].new_page()

    yield open_with
    for context in contexts:
        context.close()
