"""The built site, over the web and from the disk."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from tests import webdriver
from tools.browser import OTHERS, find_programs, left_out
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


# For a reader who skips all predictions, so that nothing is folded behind them; not for "?asked".
SKIP = """if (location.search !== "?asked") addEventListener("load", () => {
    for (const skip of document.querySelectorAll(".predict-skip")) skip.click();
    document.activeElement.blur();
});"""
# The first script of each page, which keeps what goes wrong in it.
WATCH = (
    f"<script>{SKIP}</script>"
    + """<script>
    window.troubles = [];
    addEventListener("error", ({ message, target: { src, href } }) => {
        troubles.push(message || `${src || href} is missing`);
    }, true);
    addEventListener("unhandledrejection", ({ reason }) => troubles.push(String(reason)));
    console.error = (...words) => troubles.push(words.join(" "));
    new PerformanceObserver((list) => {
        const asked = list.getEntries().map(({ name }) => name);
        troubles.push(...asked.filter((name) => /^http/.test(name) && !name.startsWith(origin)));
    }).observe({ type: "resource", buffered: true });
</script>"""
)


def watching(page):
    """The text of a page that keeps its own ``troubles``."""
    return page.read_text(encoding="utf8").replace("<head>", f"<head>{WATCH}", 1)


class WatchingHandler(QuietHandler):
    """Serves pages that keep their own troubles, for browsers that don't tell them."""

    def send_head(self):
        """Answer with the page, which ``do_GET`` then sends."""
        path = Path(self.translate_path(self.path))
        if path.suffix != ".html" or not path.exists():
            return super().send_head()
        page = watching(path).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        return BytesIO(page)


@contextmanager
def serve(site, handler):
    """The address of the site, served on this machine."""
    handler = partial(handler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def web(site):
    """The address of the site."""
    with serve(site, QuietHandler) as address:
        yield address


@pytest.fixture(scope="session")
def watched(site):
    """The address of the site, whose pages keep their ``troubles``."""
    with serve(site, WatchingHandler) as address:
        yield address


ENGINES = ["Chromium", *OTHERS]
# Once all formulas are set, in their own letters.
READY = "Promise.all([window.MathJax?.startup?.promise, document.fonts.ready])"


@pytest.fixture(scope="module")
def engine_tab(request, tmp_path_factory):
    """A tab of the engine that the module's parameter names: it can ``goto`` and ``evaluate``."""
    if request.param == "Chromium":
        tab = request.getfixturevalue("browser").new_page(viewport=webdriver.WINDOW)
        yield tab
        tab.close()
    elif find_programs(request.param):
        with webdriver.TABS[request.param](tmp_path_factory.mktemp("profile")) as tab:
            yield tab
    else:
        pytest.skip(left_out(request.param))


@pytest.fixture
def base(request, web, site):
    """The address of the site: over the web, or from the disk if a test asks for that, too."""
    return f"{site.as_uri()}/" if getattr(request, "param", "web") == "disk" else web


@pytest.fixture
def open_page(open_tab):
    """Open pages, with given settings of the browser, whose reader skips all predictions."""
    sessions = []

    def open_with(**settings):
        tab = open_tab(**settings)
        sessions.append(tab.context.new_cdp_session(tab))
        sessions[-1].send("Page.enable")
        sessions[-1].send("Page.addScriptToEvaluateOnNewDocument", {"source": SKIP})
        return tab

    yield open_with
    for session in sessions:
        session.detach()  # and the next test's reader skips nothing
