"""Firefox and WebKit by the commands of WebDriver, https://www.w3.org/TR/webdriver2/.

Playwright drives builds of its own of these two; here are those that a system has.
"""

import json
import os
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from types import SimpleNamespace
from urllib.request import Request, urlopen

from tools.browser import find_programs

START = 60  # s for a browser to begin
PATIENCE = 300_000  # ms
WINDOW = {"width": 1280, "height": 1000}
PHONE = {"width": 390, "height": 844}
# What a browser reads in its folder as it begins.  Without these style sheets no window of Firefox
# is narrower than 500 px, and none of WebKit's browser than 447, since its buttons are so wide.
# A scroll bar of Firefox lies over the page, as on a phone and in the others.
PROFILE = {
    "user.js": """user_pref("marionette.port", 0);
user_pref("toolkit.legacyUserProfileCustomizations.stylesheets", true);
user_pref("ui.useOverlayScrollbars", 1);
""",
    "chrome/userChrome.css": ":root { min-width: 0 !important; }",
    "gtk-3.0/gtk.css": "* { min-width: 0; padding: 0; }",
}
# Firefox's names of the commands, by their place in WebDriver's tree.
MARIONETTE = {"url": "Navigate", "execute/async": "ExecuteAsyncScript", "timeouts": "SetTimeouts"}
MARIONETTE |= {"window/rect": "SetWindowRect", "actions": "PerformActions"}
KEYS = {"Tab": "\ue004", "Enter": "\ue007"}
KEYS |= {"ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015"}
EVALUATE = """
    const done = arguments[arguments.length - 1];
    (async () => { const value = (%s); return typeof value === "function" ? value() : value; })()
      .then((value) => done({ value }), (error) => done({ error: `${error}\\n${error.stack}` }));
"""
LOADED = """() => document.readyState === "complete" ||
    new Promise((done) => addEventListener("load", () => done()))"""


class Tab:
    """A tab that does some of the things which one of Playwright does, in the same way."""

    def __init__(self, command):
        self.command = command
        command("timeouts", script=PATIENCE)
        self.set_viewport_size(WINDOW)
        point, strike = self._point, partial(self._act, "key", "keyboard")
        self.mouse = SimpleNamespace(
            move=lambda x, y: point({"type": "pointerMove", "x": round(x), "y": round(y)}),
            down=lambda: point({"type": "pointerDown", "button": 0}),
            up=lambda: point({"type": "pointerUp", "button": 0}),
        )
        self.keyboard = SimpleNamespace(
            press=lambda key: strike(
                *({"type": way, "value": KEYS[key]} for way in ("keyDown", "keyUp"))
            )
        )

    def _act(self, kind, device, *actions, **options):
        devices = [{"type": kind, "id": device, "actions": actions} | options]
        self.command("actions", actions=devices)

    def _point(self, action):
        self._act("pointer", self.finger, action, parameters={"pointerType": self.finger})

    def set_viewport_size(self, size):
        """Set the size of the window: the page is as wide, and lower.

        A phone is touched, but for WebKit, whose driver has a mouse alone.
        """
        self.finger = "touch" if size == PHONE else "mouse"
        self.command("window/rect", **size)

    def goto(self, url):
        self.command("url", url=url)
        self.evaluate(LOADED)  # since WebKit's driver may come back before

    def evaluate(self, expression):
        """Its value, or that of the function which it is, once a promise is kept."""
        answer = self.command("execute/async", script=EVALUATE % expression, args=[])
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")


def prepare(folder):
    """Write a browser's profile."""
    for name, text in PROFILE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf8")


@contextmanager
def program(*command, **options):
    """A program that runs meanwhile."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options
    with subprocess.Popen(command, **quiet) as running:
        try:
            yield running
        finally:
            running.terminate()


def patiently(ask):
    """What ``ask`` returns, once a program that begins is there to answer."""
    end = time.monotonic() + START
    while True:
        try:
            return ask()
        except (OSError, ValueError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@contextmanager
def firefox(folder):
    """A tab of Firefox, whose own protocol, Marionette, carries WebDriver's commands."""
    (path,) = find_programs("Firefox")
    prepare(folder)
    with ExitStack() as stack:
        options = ["--headless", "--marionette", "--no-remote", "--profile", str(folder)]
        stack.enter_context(program(path, *options))
        port = patiently(lambda: int((folder / "MarionetteActivePort").read_text()))
        line = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        stream = stack.enter_context(line.makefile("rwb"))

        def receive():
            length = b"".join(iter(lambda: stream.read(1), b":"))
            return json.loads(stream.read(int(length)))

        def command(name, **parameters):
            name = MARIONETTE.get(name, name)
            message = json.dumps([0, 0, f"WebDriver:{name}", parameters]).encode()
            stream.write(b"%d:%b" % (len(message), message))
            stream.flush()
            _, _, error, value = receive()
            assert error is None, error
            return value.get("value", value)

        receive()  # its greeting
        command("NewSession")
        yield Tab(command)


@contextmanager
def webkit(folder):
    """A tab of WebKit's own browser, on a screen that nobody sees."""
    screen, driver = find_programs("WebKit")
    prepare(folder)
    with ExitStack() as stack:
        options = ["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1400x1200x24"]
        shown = stack.enter_context(program(screen, *options, stdout=subprocess.PIPE))
        display = f":{shown.stdout.readline().decode().strip()}"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}  # which ends with the tests
        stack.enter_context(
            program(driver, f"--port={port}", env=os.environ | home | {"DISPLAY": display})
        )
        session = f"http://127.0.0.1:{port}/session"

        def post(path, **parameters):
            request = Request(session + path, json.dumps(parameters).encode())
            with urlopen(request) as answer:
                return json.load(answer)["value"]

        begun = patiently(lambda: post("", capabilities={}))
        stack.callback(
            lambda: urlopen(Request(f"{session}/{begun['sessionId']}", method="DELETE"))
        )
        yield Tab(lambda name, **parameters: post(f"/{begun['sessionId']}/{name}", **parameters))


TABS = {"Firefox": firefox, "WebKit": webkit}
