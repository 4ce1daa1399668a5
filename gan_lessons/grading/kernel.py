"""A kernel for a student's code: another process, with limits, that is ended when it breaks one.

Nothing that it says is believed.  It gives back the outputs of cells, cut to a size, and the text
of an expression; both are only data.
"""

import ast
import contextlib
import ctypes
import math
import os
import queue
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from gan_lessons.grading import fence

if sys.platform != "win32":
    import resource

OUTPUT = 20_000
"""Characters of output that are kept of one cell."""
ALL_OUTPUT = 3_000_000
"""Characters of output, pictures among them, that are kept of one submission."""
PICTURE = 400_000
ANSWER = 2_000_000
"""Characters that an answer's results may have."""
FILE_MB = 50
DISK_MB = 200
FILES = 2000
PROCESSES = 50
PACKAGES = Path(__file__).resolve().parents[2]
"""Where the course's package is: the student's code and the grader use the same one."""
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
"""Without a cache each kernel that plots would look for the fonts anew."""
EXTENSION = "gan_lessons.grading.statements"
IDLE = 40.0
"""Seconds in which code may use next to no processor time: then it waits for nothing."""
GROUP = "group"
"""The file with the number of the kernel's process group."""
ENDING = 30.0
"""Seconds in which to end what the student's code has started."""
LOOK = 0.2
"""Seconds between two looks at the limits."""
START = 180.0
"""Seconds that a kernel may take to start, on a machine that is busy."""
LATE = 5.0
"""Seconds to wait for outputs after a cell has ended."""


@dataclass(frozen=True)
class Limits:
    """What the code of one submission may use, all its cells and all its processes together."""

    cpu: float = 60
    wall: float = 300
    memory: int = 2000

    @property
    def words(self) -> str:
        """The limits, for a reader."""
        return f"{self.cpu:g} s of processor time, {self.wall:g} s in all, {self.memory} MB"


class Stopped(Exception):
    """The kernel is no more; says why."""


class NotStarted(Exception):
    """The kernel did not start, before it met any code of the student's."""


class StudentError(Exception):
    """The student's code raised; says what."""


class Kernel:
    """A running kernel, in a folder of its own: use it in a ``with`` block."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.limits = limits
        self._stopped = ""
        _adopt_orphans()
        self._others = {process.pid for process in psutil.Process().children(recursive=True)}
        self._room, self._left = folder / "room", ALL_OUTPUT
        (self._room / "work").mkdir(parents=True)
        # Sockets in the room: no port that another process could take first.
        file, _ = write_connection_file(
            str(self._room / "kernel.json"),
            transport="ipc",
            ip=str(self._room / "kernel"),
            key=secrets.token_hex().encode(),
        )
        prefixes = map(Path, {sys.prefix, sys.base_prefix})
        barrier = fence.build(
            readable=[*prefixes, PACKAGES / "gan_lessons", CACHE / "matplotlib"],
            listable=[PACKAGES],
            writable=[self._room],
        )
        options = ["--log-level=CRITICAL", "--HistoryManager.enabled=False"]
        options += [f"--IPKernelApp.extensions={EXTENSION}"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ipykernel_launcher", "-f", file, *options],
            cwd=self._room / "work",
            env=_environment(self._room),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: _set_limits(limits, barrier),
        )
        if barrier >= 0:
            os.close(barrier)
        (folder / GROUP).write_text(str(self._process.pid), encoding="utf8")
        self._start, self._cpu_before = time.monotonic(), 0.0
        self._busy = self._start, 0.0  # when it had last used processor time, and how much
        self._client = BlockingKernelClient()
        self._client.load_connection_file(file)
        self._client.start_channels(stdin=False, hb=False)

    def __enter__(self) -> "Kernel":
        self._wait_until_ready()
        self._start, self._cpu_before = time.monotonic(), _seconds(self._family())
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the kernel, and whatever the student's code has started."""
        self._client.stop_channels()
        _end_group(self._process.pid)
        end = time.monotonic() + ENDING
        while (family := self._family()) and time.monotonic() < end:
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(family, timeout=1)
        self._process.wait(5)

    def run(self, code: str) -> list[NotebookNode]:
        """Run a cell; its outputs.  Raises ``Stopped`` if the kernel ended or broke a limit."""
        kept = _Outputs(self._left)
        try:
            self._exchange(self._client.execute(code, allow_stdin=False), kept.take)
        except Stopped as reason:
            reason.args = (*reason.args, kept.outputs)
            raise
        self._left = kept.left
        return kept.outputs

    def text_of(self, expression: str) -> str:
        """The text that an expression gives.  Raises ``StudentError`` if it gives none."""
        message = self._client.execute(
            "", silent=True, allow_stdin=False, user_expressions={"it": expression}
        )
        reply = self._exchange(message, lambda _: None)
        found = reply.get("user_expressions", {}).get("it", {})
        if found.get("status") != "ok":
            raise StudentError(f"{found.get('ename', 'Error')}: {found.get('evalue', '')}"[:500])
        text = str(found.get("data", {}).get("text/plain", ""))
        if len(text) > ANSWER:
            raise StudentError("what it gives is too long")
        try:
            value = ast.literal_eval(text)
            if isinstance(value, str):
                return value
            raise ValueError(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise StudentError("what it gives can't be read") from None

    def _wait_until_ready(self) -> None:
        """Until it answers and is heard; without heartbeats, since a busy machine misses some."""
        end = time.monotonic() + START
        while self._process.poll() is None and time.monotonic() < end:
            self._client.kernel_info()
            answer = self._next(self._client.get_shell_msg, 1)
            if answer is not None and self._next(self._client.get_iopub_msg, 1) is not None:
                return
        self.close()
        raise NotStarted(f"status {self._process.poll()}")

    def _exchange(self, request: str, hear: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Wait for the answer to a request within the limits; ``hear`` gets what is published."""
        reply: dict[str, Any] | None = None
        self._busy = time.monotonic(), _seconds(self._family())
        heard = looked = time.monotonic()
        while True:
            if time.monotonic() - looked > LOOK:
                self._look()
                looked = time.monotonic()
            message = self._next(self._client.get_iopub_msg, LOOK / 2)
            if message is not None:
                heard = time.monotonic()
                if message["parent_header"].get("msg_id") == request:
                    if message["content"].get("execution_state") == "idle" and reply is None:
                        reply = self._reply(request)
                    if message["content"].get("execution_state") == "idle":
                        assert reply is not None
                        return reply
                    with contextlib.suppress(Exception):  # as in `_next`
                        hear(message)
            elif reply is None:
                reply = self._reply(request, wait=False)
            elif time.monotonic() - heard > LATE:  # a flood of outputs can drown the last word
                return reply

    def _reply(self, request: str, wait: bool = True) -> dict[str, Any] | None:
        while True:
            message = self._next(self._client.get_shell_msg, LOOK if wait else 0)
            if message is not None and message["parent_header"].get("msg_id") == request:
                return dict(message["content"])
            if message is None and not wait:
                return None
            self._look()

    def _next(self, get: Callable[..., dict[str, Any]], timeout: float) -> dict[str, Any] | None:
        try:
            message = get(timeout=timeout)
            parts = message["content"], message["parent_header"]
            return message if all(isinstance(part, dict) for part in parts) else None
        except queue.Empty:
            return None
        except MemoryError:
            raise self._end("it put out more than can be read") from None
        except Exception:  # the student's code can send nonsense: the limits end that too
            return None

    def _look(self) -> None:
        """Raise ``Stopped`` if the kernel has ended or used up a limit."""
        if self._stopped:
            raise Stopped(self._stopped)
        code = self._process.poll()
        if code is not None:
            raise self._end(f"Python ended in it (status {code})")
        now, family = time.monotonic(), self._family()
        cpu = _seconds(family)
        if len(family) > PROCESSES:
            raise self._end(f"it had started more than {PROCESSES} processes")
        if sum(map(_memory, family)) > self.limits.memory << 20:
            raise self._end(f"its processes used more than {self.limits.memory} MB together")
        if _is_full(self._room):
            raise self._end(f"it had written more than {DISK_MB} MB, or {FILES} files")
        if cpu > self._busy[1] + 0.1:
            self._busy = now, cpu
        if cpu - self._cpu_before > self.limits.cpu:
            raise self._end(f"it used up the {self.limits.cpu:g} s of processor time")
        if now - self._start > self.limits.wall:
            raise self._end(f"it used up the {self.limits.wall:g} s of waiting time")
        if now - self._busy[0] > IDLE:
            raise self._end(f"it did nothing for {IDLE:g} s")

    def _end(self, why: str) -> Stopped:
        self._stopped = why
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return Stopped(why)

    def _family(self) -> list[psutil.Process]:
        """The kernel, and what it or its children started, orphans too."""
        below = psutil.Process().children(recursive=True)
        return [process for process in below if process.pid not in self._others]


def end_orphan(folder: Path) -> None:
    """End a kernel whose owner has died and could not."""
    if (folder / GROUP).exists():
        _end_group(int((folder / GROUP).read_text(encoding="utf8")))


def _end_group(number: int) -> None:
    """All at once: none can start another in between."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(number, signal.SIGKILL)


def _seconds(family: list[psutil.Process]) -> float:
    """Seconds of processor time that processes have used."""
    total = 0.0
    for process in family:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _memory(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _is_full(folder: Path) -> bool:
    """Whether more has been written than anybody needs."""
    files = size = 0
    waiting = [str(folder)]
    while waiting:
        with contextlib.suppress(OSError):
            for entry in os.scandir(waiting.pop()):
                files += 1
                size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                if files > FILES or size > DISK_MB << 20:
                    return True
    return False


class _Outputs:
    """The outputs of one cell, as far as they fit."""

    def __init__(self, left: int) -> None:
        self.outputs: list[NotebookNode] = []
        self._room = OUTPUT
        self.left = left

    def take(self, message: dict[str, Any]) -> None:
        if message["msg_type"] not in ("stream", "display_data", "execute_result", "error"):
            return
        output = output_from_msg(message)
        if self.left <= 0:
            return
        if output.output_type == "stream":
            self._take_stream(output)
        elif self._room > 0:
            if output.output_type == "error":
                output.ename, output.evalue = output.ename[:200], output.evalue[:2000]
                output.traceback = [str(line)[:5000] for line in output.traceback][-10:]
            else:
                output.data, output.metadata = _safe(output.data), {}
            self._room -= 500
            self.left -= len(str(output))
            self.outputs.append(output)

    def _take_stream(self, output: NotebookNode) -> None:
        if self._room <= 0:
            return
        if len(output.text) > self._room:
            output.text = output.text[: self._room] + "\n… the rest of the output was cut.\n"
        self._room -= len(output.text)
        self.left -= len(output.text)
        last = self.outputs[-1] if self.outputs else None
        if last and last.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            self.outputs.append(output)


def _safe(data: dict[str, Any]) -> dict[str, str]:
    """Text and a picture: no page of the student's runs in the browser of who reads it."""
    kept = {"text/plain": str(data.get("text/plain", ""))[:5000]}
    picture = data.get("image/png")
    if isinstance(picture, str) and len(picture) < PICTURE:
        kept["image/png"] = picture
    return kept


def _set_limits(limits: Limits, barrier: int) -> None:
    """Called in the new process, before it becomes Python."""
    cpu = math.ceil(limits.cpu) + 10  # a net: the limit itself counts from the first cell
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_MB << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the system refuses it or does not keep it
        # Not RLIMIT_AS: a torch with CUDA maps gigabytes of libraries that it never touches.
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory << 20,) * 2)
    fence.enter(barrier)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the grader's environment but what Python needs to find its packages."""
    kept = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "SYSTEMROOT")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONPATH": str(PACKAGES),
        "HOME": str(folder / "work"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder),
        "XDG_CACHE_HOME": str(CACHE),
        "TMPDIR": str(folder / "work"),
        "JPY_PARENT_PID": str(os.getpid()),  # ends itself should the grader die
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",
        "TQDM_DISABLE": "1",
        "PIP_NO_INDEX": "1",  # what a student installs is not waited for
    }


def _adopt_orphans() -> None:
    """On Linux, a process whose parents have ended becomes this one's child, so it is found."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
