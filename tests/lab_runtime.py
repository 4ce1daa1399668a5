"""Where the lab's engine runs in the tests: in Node, or in a browser where there is none."""

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path

LAB = Path(__file__).parent.parent / "gan_lessons" / "lab"
# The scripts that need no page.
ENGINE = (
    "presets",
    "numbers",
    "targets",
    "theory",
    "engine",
    "history",
    "settings",
    "python",
    "news",
    "training",
    "ensemble",
    "scenes",
)
HERE = Path(__file__).parent / "lab"
OWN = [HERE / name for name in ("replay.js", "claims.js")]


def sources(**replaced):
    """The engine's scripts and the tests' own; a file may be replaced, by its stem."""
    own = {path.stem: path.read_text(encoding="utf8") for path in OWN}
    texts = {name: (LAB / f"{name}.js").read_text(encoding="utf8") for name in ENGINE}
    return list((texts | own | replaced).values())


def program(scripts, expression):
    """A script whose value is that of the expression with ``given``; both are JSON."""
    return "\n".join([*scripts, f"JSON.stringify(((given) => {expression})(JSON.parse(given)))"])


@contextmanager
def node():
    """A function ``run(scripts, expression, given)`` that evaluates in Node, each time anew."""
    command = ["node", str(HERE / "serve.js")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as server:

        def run(scripts, expression, given=None):
            task = {"program": program(scripts, expression), "given": json.dumps(given)}
            print(json.dumps(task), file=server.stdin, flush=True)
            answer = json.loads(server.stdout.readline())
            assert "error" not in answer, answer["error"]
            return json.loads(answer["value"])

        yield run
        server.stdin.close()


def in_tab(tab):
    """A function ``run(scripts, expression, given)`` that evaluates in a tab, each time anew."""

    def run(scripts, expression, given=None):
        tab.goto("about:blank")
        # As text: Playwright takes many seconds to hand over a large object.
        call = "([program, text]) => { globalThis.given = text; return (0, eval)(program); }"
        return json.loads(tab.evaluate(call, [program(scripts, expression), json.dumps(given)]))

    return run
