"""Where the lab's JavaScript runs in the tests: a real browser, and Node where it is at hand."""

import json
import subprocess
from pathlib import Path
from typing import Any

LAB = Path(__file__).parent.parent / "gan_lessons" / "lab"
ENGINE = ("targets.js", "engine.js")
OWN = [Path(__file__).parent / "lab" / name for name in ("replay.js", "claims.js")]


def sources(**replaced: str) -> list[str]:
    """The engine's scripts and the tests' own; a file may be replaced, by its stem."""
    texts = [
        replaced.get(Path(name).stem) or (LAB / name).read_text(encoding="utf8") for name in ENGINE
    ]
    return [*texts, *(path.read_text(encoding="utf8") for path in OWN)]


class Node:
    """Evaluates ``expression`` with ``given`` in a fresh process of Node."""

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
            encoding="utf8",
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)


class Page:
    """Evaluates ``expression`` with ``given`` in a fresh page of a real browser."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

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
