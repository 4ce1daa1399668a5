"""In the sandbox: the cells of one submission run in order, and its answers are tried.

``python -m gan_lessons.trials.inside`` reads the work from standard input, as JSON, and tells in
lines of JSON what each step gave, and in the end "end".

Each step runs in a fork.  After a cell its fork goes on, and the process that it came from, which
has waited, is gone; so a cell that ends Python, or that never ends, costs itself alone.  The fork
of a trial tells its outcome and is gone.
"""

import importlib
import json
import os
import select
import signal
import sys
import types
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from gan_lessons import trials
from gan_lessons.trials import processes, statements
from gan_lessons.trials.outputs import kept_outputs

LOOK = 0.2
"""Seconds between two looks at a step."""
IDLE = 40.0
"""Seconds in which a step may use next to no processor time: then it waits for nothing."""

if sys.platform != "win32":
    import resource

Step = dict[str, Any]
Tell = Callable[[Any], None]


def main() -> None:
    """Read the work, do it, tell it."""
    work = json.load(sys.stdin)
    _set_limits(work["limits"])
    pipe, nothing = os.dup(1), os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    _no_checks()

    def tell(line: Any) -> None:
        data = (json.dumps(line) + "\n").encode()
        while data:
            data = data[os.write(pipe, data) :]

    for name in {step["run"] for step in work["steps"] if "run" in step}:
        trials.run_named(name)  # imports what it needs once, and not in each fork
    if "torch" in sys.modules:
        importlib.import_module("torch._dynamo")  # as does what PyTorch's first optimizer needs
    _do_all(work["steps"], _shell(), tell, work["limits"]["step"])
    tell("end")


def _do_all(steps: list[Step], shell: InteractiveShell, tell: Tell, limit: float) -> None:
    first = os.getpid()
    for step in steps:
        done, say_done = os.pipe()
        child = os.fork()
        if not child:
            os.close(done)
            tell({**_do(step, shell), "number": step["number"]})
            os.write(say_done, b".")
            os.close(say_done)
            if "task" in step:
                os._exit(0)
            continue
        os.close(say_done)
        why = _wait(child, done, limit)
        os.close(done)
        if why:
            tell({"number": step["number"], "stopped": why})
        elif "task" in step:
            os.waitpid(child, 0)
        elif os.getpid() == first:  # the sandbox lives as long as its first process
            os.waitpid(child, 0)
            signal.pause()
        else:
            os._exit(0)


def _do(step: Step, shell: InteractiveShell) -> dict[str, Any]:
    if "task" not in step:
        with kept_outputs(shell) as outputs:
            shell.run_cell(step["code"])
        return {"outputs": outputs.found, "failures": statements.failures()}
    try:
        answer = eval(step["answer"], shell.user_ns)
    except Exception as error:
        return {"outcome": trials.as_text(trials.raised(error))}
    return {"outcome": trials.attempt_as_text(step["run"], answer, step["cases"])}


def _wait(child: int, done: int, limit: float) -> str:
    """Until a step is done; why it will never be: Python "ended", it was "busy" or "idle"."""
    use = processes.Use(child)
    while True:
        if select.select([done], [], [], LOOK)[0] and os.read(done, 1):
            return ""
        ended, _ = os.waitpid(child, os.WNOHANG)
        if ended:
            return "ended"
        use.look()
        if use.seconds > limit or use.idle > IDLE:
            processes.kill(child)
            os.waitpid(child, 0)
            return "busy" if use.seconds > limit else "idle"


def _shell() -> InteractiveShell:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    shell = InteractiveShell.instance(config=config)
    statements.load_ipython_extension(shell)
    return shell


def _no_checks() -> None:
    """``check`` may stand in an answer: here, where no judge is, it says so."""
    module = types.ModuleType("gan_lessons.checks")
    module.check = lambda *_: "This is marked when you hand in."  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module


def _set_limits(limits: dict[str, int]) -> None:
    """A process can't raise them again."""
    size = limits["files"] << 20
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    if most := limits.get("processes"):
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    if user := limits.get("user"):
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if sys.platform == "linux":  # elsewhere the system refuses it or does not keep it
        # Not RLIMIT_AS: a torch with CUDA maps gigabytes of libraries that it never touches.
        resource.setrlimit(resource.RLIMIT_DATA, (limits["memory"] << 20,) * 2)


if __name__ == "__main__":
    main()
