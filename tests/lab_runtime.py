"""Where the lab's JavaScript runs in the tests: a real browser, and Node where it is at hand."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tools.browser import find_browser

LAB = Path(__file__).parent.parent / "gan_lessons" / "lab"
ENGINE = ("targets.js", "engine.js")
OWN = [Path(__file__).parent / "lab" / name for name in ("replay.js", "claims.js")]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]


def sources(**replaced: str) -> list[str]:
    """The engine's scripts and the tests' own; a file may be replaced, by its stem."""
    texts = [replaced.get(Path(name).stem) or (LAB / name).read_text() for name in ENGINE]
    return [*texts, *(path.read_text() for path in OWN)]


class Node:
    """Evaluates ``expression`` with ``given`` in a fresh process of Node."""

    @staticmethod
    def there() -> bool:
        return shutil.which("node") is not None

    def run(self, scripts: list[str], expression: str, given: Any = None) -> Any:
        """The value of the expression, through JSON."""
        program = "\n".join(scripts) + (
            "\nconst given = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
            f"\nprocess.stdout.write(JSON.stringify((function () {{ return {expression}; }})()));"
        )
        done = subprocess.run(
            ["node", "--input-type=commonjs", "-e", program],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    def close(self) -> None:
        """Nothing stays open."""


class Browser:
    """Evaluates ``expression`` with ``given`` in a fresh page of a real browser."""

    @staticmethod
    def there() -> bool:
        return find_browser() is not None

    def __init__(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=find_browser(), args=ARGUMENTS
        )

    def run(self, scripts: list[str], expression: str, given: Any = None) -> Any:
        """The value of the expression, through JSON."""
        page = self._browser.new_page()
        try:
            for script in scripts:
                page.add_script_tag(content=script)
            # As text: Playwright takes many seconds to hand over a large object.
            call = f"(text) => {{ const given = JSON.parse(text); return {expression}; }}"
            return page.evaluate(call, json.dumps(given))
        finally:
            page.close()

    def close(self) -> None:
        """Close the browser."""
        self._browser.close()
        self._playwright.stop()
