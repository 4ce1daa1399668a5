"""The live lab in a real browser: steps and pictures per second, and how soon it can be used."""

import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from benchmarks.side_by_side import Ratio, compare, headline
from benchmarks.training import BATCH, RAW, theirs
from gan_lessons.lab import FOLDER, SCRIPTS, STYLES, section
from tools.browser import NO_BROWSER, find_browser

SECONDS = 4.0
WARM_UP = 1.0
VISITS = 5
# A picture counts when the number of steps in the page has changed.
COUNT = """(milliseconds) => new Promise((done) => {
    const shown = document.querySelector("[data-steps]");
    let pictures = 0;
    const watch = new MutationObserver(() => { pictures += 1; });
    watch.observe(shown, { childList: true, characterData: true, subtree: true });
    const [start, from] = [performance.now(), Number(shown.textContent)];
    setTimeout(() => {
        watch.disconnect();
        const seconds = (performance.now() - start) / 1000;
        const steps = Number(shown.textContent) - from;
        done({ steps: steps / seconds, pictures: pictures / seconds });
    }, milliseconds);
})"""


# The longest time for which a page answers nobody, in ms.
WAIT = """(milliseconds) => new Promise((done) => {
    let [longest, before] = [0, performance.now()];
    const end = before + milliseconds;
    (function look() {
        const now = performance.now();
        [longest, before] = [Math.max(longest, now - before), now];
        if (now < end) setTimeout(look);
        else done(longest);
    })();
})"""


def _write_page(folder: Path, name: str) -> str:
    """A page with one lab, and its address."""
    scripts = "".join(f'<script src="{(FOLDER / s).as_uri()}"></script>' for s in SCRIPTS)
    style = "".join(f'<link rel="stylesheet" href="{(FOLDER / s).as_uri()}">' for s in STYLES)
    page = folder / "lab.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8">{style}{section(name)}{scripts}', encoding="utf8"
    )
    return page.as_uri()


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _train(page: Page, pictures: list[float]) -> float:
    """Seconds for each step of the lab while it draws; the pictures per second are noted."""
    page.get_by_label("Speed", exact=True).select_option("Infinity")
    _press(page, "Play")
    page.wait_for_timeout(WARM_UP * 1000)
    found = page.evaluate(COUNT, SECONDS * 1000)
    _press(page, "Pause")
    pictures.append(found["pictures"])
    return 1 / float(found["steps"])


def _first_step(page: Page, address: str) -> float:
    """Seconds from opening the page to the first step that the reader asked for."""
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    _press(page, "Step G")
    page.wait_for_function("document.querySelector('[data-steps]').textContent === '1'")
    return time.perf_counter() - start


def _longest_wait(page: Page, address: str) -> float:
    """Milliseconds for which wide networks, at 50 updates of D a step, keep the page busy."""
    page.goto(f"{address}#lab-adversarial?dSteps=50")
    page.get_by_label("Speed", exact=True).select_option("Infinity")
    _press(page, "Play")
    page.wait_for_timeout(WARM_UP * 1000)
    return float(page.evaluate(WAIT, SECONDS * 1000))


def run(repeats: int = 5) -> dict[str, Ratio]:
    """Print and return the comparison of the lab with the source's loop in PyTorch."""
    headline(f"The live lab, raw weights at batch {BATCH}, {repeats} repeats in turn")
    path = find_browser()
    if path is None:
        print(NO_BROWSER)
        return {}
    pictures: list[float] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        address = _write_page(Path(folder), "raw")
        page = browser.new_page(viewport={"width": 1100, "height": 1400})
        page.goto(address)
        ratio = compare(
            "lab", partial(_train, page, pictures), partial(theirs, RAW, BATCH, 1000), repeats
        )
        visits = [_first_step(browser.new_page(), address) for _ in range(VISITS)]
        wide = browser.new_page()
        wide.goto(_write_page(Path(folder), "mean"))
        steps = [1 / _train(wide, []) for _ in range(repeats)]
        wait = _longest_wait(browser.new_page(), _write_page(Path(folder), "adversarial"))
        browser.close()
    print(
        f"while it draws {median(pictures):.0f} pictures a second ({min(pictures):.0f} at worst)"
    )
    print(f"first step {median(visits):.2f} s after opening the page, median of {VISITS} visits")
    print(f"lesson 3's lab: {median(steps):.0f} steps a second, median of {repeats}")
    print(f"wide networks: no wait longer than {wait:.0f} ms")
    return {"lab": ratio}
