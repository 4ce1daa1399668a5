"""What a page loads before its reader scrolls, and that nothing moves while it does."""

import base64
import gzip
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

from tests.few import first_quick
from tests.site.conftest import ENGINES, QuietHandler, serve
from tests.site.test_lab import LABS

INDEX, LESSON, LAB = "book/index.html", "notebooks/05_adversarial_gan.html", "book/lab.html"
LIMIT = 500_000  # bytes
PACKED = {".html", ".js", ".css", ".svg"}  # what servers send as gzip
WIDTHS = {"phone": (390, 844), "desk": (1280, 800)}
# Once all is there that comes unasked.
SETTLED = """async () => {
    const here = document.readyState === "complete";
    if (!here) await new Promise((go) => addEventListener("load", go));
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    await new Promise((go) => setTimeout(go, 1000));
}"""
SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) {
            shifts.push([value, sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]);
        }
    }).observe({ type: "layout-shift", buffered: true });
"""
# How wide each formula in the text is, in units of its letters.
ROOMS = """[...document.querySelectorAll(".bd-article span.math")]
    .filter((formula) => formula.checkVisibility())
    .map((formula) => [formula.getBoundingClientRect(), getComputedStyle(formula)])
    .map(([{ width }, { fontSize }]) => width / parseFloat(fontSize))"""
# The labs that are not built although there is something below them.
LATE = """
    window.late = [];
    new MutationObserver(() => {
        const texts = [...document.querySelectorAll(".bd-article :is(p, h2)")];
        for (const lab of document.querySelectorAll("[data-gan-lab]:not([data-mounted])")) {
            const below = (text) => lab.compareDocumentPosition(text) === 4; // follows, not within
            if (texts.some(below)) late.push(lab.dataset.ganLab);
        }
    }).observe(document, { childList: true, subtree: true });
"""
# Where an element stands once it is in sight, or after ten seconds more.
TOP = """async () => {
    const top = () => document.querySelector("%s").getBoundingClientRect().top;
    for (let i = 0; i < 100 && Math.abs(top()) > 200; i++) {
        await new Promise((go) => setTimeout(go, 100));
    }
    return top();
}"""


class PackingHandler(QuietHandler):
    """Serves what the web's servers would: texts as gzip."""

    packed = {}  # noqa: RUF012  one for all

    def send_head(self):
        """Answer with the file, which ``do_GET`` then sends."""
        path = Path(self.translate_path(self.path))
        if path.suffix not in PACKED or not path.exists():
            return super().send_head()
        if path not in self.packed:
            self.packed[path] = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(self.packed[path])))
        self.end_headers()
        return BytesIO(self.packed[path])


@pytest.fixture(scope="module")
def packing(site):
    """The address of the site, packed."""
    with serve(site, PackingHandler) as address:
        yield address


@pytest.fixture
def fresh_tab(browser):
    """Open tabs that have loaded nothing yet."""
    contexts = []

    def open_with(width, height, **settings):
        viewport = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=viewport, **settings))
        return contexts[-1].new_page()

    yield open_with
    for context in contexts:
        context.close()


def loaded(tab, url):
    """The bytes of each file that a page loads by itself."""
    session = tab.context.new_cdp_session(tab)
    session.send("Network.enable")
    names, sizes = {}, {}

    def received(event):
        got = event["encodedDataLength"]
        sizes[event["requestId"]] = max(got, sizes.get(event["requestId"], 0))

    def came(event):  # of a film, which never ends, in parts
        key = event["requestId"]
        sizes[key] = sizes.get(key, 0) + event["encodedDataLength"]

    session.on("Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]}))
    session.on("Network.dataReceived", came)
    session.on("Network.loadingFinished", received)
    tab.goto(url)
    tab.evaluate(SETTLED)
    return {request["url"]: sizes.get(key, 0) for key, request in names.items()}


@pytest.mark.parametrize("page", first_quick([LESSON, "all others"]))
def test_a_first_screen_is_light(fresh_tab, packing, pages, page):
    for name in [LESSON] if page == LESSON else pages:
        files = loaded(fresh_tab(*WIDTHS["desk"]), packing + name)
        assert len(files) > 10
        assert sum(files.values()) < LIMIT, (name, sorted(files.items(), key=lambda f: -f[1])[:9])
        assert not any(".mp4" in file for file in files), name


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", [LAB, INDEX, LESSON, pytest.param("all", marks=pytest.mark.slow)])
def test_nothing_moves_while_a_page_loads(fresh_tab, packing, pages, page, width):
    for name in pages if page == "all" else [page]:
        tab = fresh_tab(*WIDTHS[width])
        tab.add_init_script(SHIFTS)
        tab.goto(packing + name)
        tab.evaluate(SETTLED)
        shifts = tab.evaluate("shifts")
        assert sum(value for value, _ in shifts) < 0.05, (name, shifts)


def test_a_formula_has_its_room_before_it_is_set(fresh_tab, web):
    tab = fresh_tab(*WIDTHS["desk"])
    sizes = []
    for set_them in (False, True):
        if not set_them:
            tab.route("**/mathjax/*.js", lambda route: route.fulfill(body=""))
        tab.goto(web + LESSON)
        tab.evaluate(SETTLED)
        sizes.append(tab.evaluate(ROOMS))
        tab.unroute_all()
    off = np.abs(np.subtract(*sizes))
    assert len(off) > 50
    assert np.median(off) < 0.15
    assert np.quantile(off, 0.9) < 0.5


@pytest.mark.parametrize("page", sorted(set(LABS.values())))
def test_a_lab_is_there_before_what_follows_it(fresh_tab, web, page):
    tab = fresh_tab(*WIDTHS["desk"])
    tab.add_init_script(LATE)
    tab.goto(web + page)
    assert tab.locator("[data-mounted]").count() >= 1
    assert tab.evaluate("late") == []


@pytest.mark.parametrize("engine_tab", first_quick(ENGINES), indirect=True)
@pytest.mark.parametrize("page", [LESSON, "notebooks/01_minmax_game.html"])
def test_a_link_leads_below_labs_and_formulas(engine_tab, web, page):
    engine_tab.goto("about:blank")  # Firefox waits for no page with the same end of its address
    engine_tab.goto(f"{web}{page}#summary")
    engine_tab.evaluate(SETTLED)
    top = engine_tab.evaluate(TOP % "#summary")
    assert -10 < top < 200, top


def test_the_fonts_hold_every_icon(site, pages):
    style = (site / "_static" / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf8")
    fonts = re.findall(r"font/woff;base64,([\w+/=]+)", style)
    files = [TTFont(BytesIO(base64.b64decode(font))) for font in fonts]
    known = {code for file in files for code in file.getBestCmap()}
    seen = set()
    for page in pages:
        text = BeautifulSoup((site / page).read_text(encoding="utf8"), "html.parser")
        icons = text.select("[class*='fa-']:not(.theme-switch), .theme-switch")
        for icon in icons:
            names = [name for name in icon["class"] if name.startswith("fa-")]
            rules = [re.search(rf"\.{n}:+before[^{{]*\{{content:\"(.+?)\"", style) for n in names]
            (sign,) = [rule[1] for rule in rules if rule]
            seen.add(sign)
            assert (int(sign[1:], 16) if sign[0] == "\\" else ord(sign)) in known, names
    assert len(seen) > 10
