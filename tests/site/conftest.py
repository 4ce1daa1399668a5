"""The built site, over the web and from the disk."""

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

    protocol_version = "HTTP/1.1"  # one connection for a page and all that it asks for

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="session")
def web(site):
    """The address of the site, served on this machine."""
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def base(request, web, site):
    """The address of the site: over the web, or from the disk if a test asks for that, too."""
    return f"{site.as_uri()}/" if getattr(request, "param", "web") == "disk" else web


@pytest.fixture
def open_page(open_tab):
    """Open pages with given settings of the browser."""
    return open_tab
