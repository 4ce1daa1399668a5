"""The sandbox that a student's code runs in: bubblewrap, with limits that are watched from here.

Each submission gets namespaces of its own: no network, no process and no memory of others, and
of the files nothing but Python and its packages, which can't be written.  What it writes is in
memory, of limited size, and gone at its end.  Nothing that it says is believed.

Where there is no bubblewrap, an instructor may trust the students: then the same program runs as
it is, under the same limits.
"""

import contextlib
import itertools
import json
import os
import platform
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from gan_lessons.trials import processes

PACKAGE = Path(__file__).resolve().parents[1]
JUDGES = PACKAGE / "marking", PACKAGE / "grading"
"""What marks is not there for what is marked."""
SYSTEM = ["/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/nix/store"]
SYSTEM += ["/bin", "/sbin", "/lib", "/lib32", "/lib64"]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "matplotlib"
"""Without it each submission that plots would look for the fonts anew."""
WORK = "/tmp"
DISK_MB = 200
FILES = 5000
PROCESSES = 100
"""Processes and threads at a time."""
ROOT = sys.platform == "linux" and os.geteuid() == 0
"""The system limits the number of processes of everybody but root."""
NOBODY = 2_000_000_000
"""From here on are the users that nobody is: if root grades, each sandbox has one of its own."""
NAMESPACES = ["--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts"]
NAMESPACES += ["--unshare-cgroup-try", "--cap-drop", "ALL"]
STARTED = 5000
"""Processes in all: what is gone before one looks still counts."""
IDLE = 60.0
"""Seconds in which a sandbox may use next to no processor time: then nothing goes on in it."""
_numbers = itertools.count(os.getpid() % 1000 * 100_000)
LINE = 8_000_000
TOLD = 40_000_000
"""Bytes that are read of one step, and of all."""
LOOK = 0.5
"""Seconds between two looks at the limits."""
REFUSED = {
    "x86_64": (0xC000003E, 56, [29, 68, 248, 319, 272, 425, 447, 435]),
    "aarch64": (0xC00000B7, 220, [194, 186, 217, 279, 97, 425, 447, 435]),
}
"""Each machine, its number for clone, and those of calls for memory that no limit counts.

These are shmget, msgget, add_key, memfd_create, unshare, io_uring_setup, memfd_secret and clone3.
"""
NEW_USER = 0x10000000
"""The flag of clone that would make a sandbox's process root of namespaces of its own."""


@dataclass(frozen=True)
class Limits:
    """What the code of one submission may use, all its cells and all its processes together.

    ``step`` is for one cell, or for one answer: seconds of processor time.
    """

    cpu: float = 120
    step: float = 30
    wall: float = 600
    memory: int = 2000


class NoSandbox(Exception):
    """There is none here; says why."""


def check() -> None:
    """Raise ``NoSandbox`` unless bubblewrap works here."""
    if sys.platform != "linux":
        raise NoSandbox("the sandbox, bubblewrap, needs Linux")
    if shutil.which("bwrap") is None:
        raise NoSandbox("bubblewrap is missing (on Debian and Ubuntu: apt-get install bubblewrap)")
    with tempfile.TemporaryFile() as calls:
        command = [*_bubblewrap([], calls), "true"]
        tried = subprocess.run(command, capture_output=True, pass_fds=[calls.fileno()])
    if tried.returncode != 0:
        raise NoSandbox(f"bubblewrap does not work: {tried.stderr.decode(errors='replace')}")


def run(
    work: dict[str, Any], limits: Limits, private: Sequence[Path], trusted: bool = False
) -> tuple[list[Any], str]:
    """Do the work of ``trials.inside`` in a sandbox where the ``private`` folders are empty.

    Returns what it told, line by line, and why it was stopped ("" if it came to its end).
    """
    program = [sys.executable, "-m", "gan_lessons.trials.inside"]
    limited = {"step": limits.step, "memory": limits.memory, "files": DISK_MB}
    with (
        tempfile.TemporaryFile() as calls,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        if not trusted:
            program = [*_bubblewrap([*JUDGES, *private], calls), *program]
            limited |= {"processes": PROCESSES, "user": NOBODY + next(_numbers) if ROOT else 0}
        process = subprocess.Popen(
            program,
            cwd=folder,
            env=_environment(folder if trusted else WORK),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[] if trusted else [calls.fileno()],
            start_new_session=True,
        )
        assert process.stdin
        assert process.stdout
        try:
            data = json.dumps({**work, "limits": limited}).encode()
            threading.Thread(target=_send, args=(process.stdin, data), daemon=True).start()
            return _listen(process.stdout.fileno(), _Watch(process.pid, limits, trusted))
        finally:
            _end(process)


def _send(pipe: IO[bytes], data: bytes) -> None:
    """In a thread, since a sandbox that does not start reads nothing."""
    with contextlib.suppress(OSError), pipe:
        pipe.write(data)


def _listen(pipe: int, watch: "_Watch") -> tuple[list[Any], str]:
    told: list[Any] = []
    buffer, total = bytearray(), 0
    while True:
        if why := watch.trouble():
            return told, why
        if not select.select([pipe], [], [], LOOK)[0]:
            continue
        data = os.read(pipe, 1 << 16)
        total += len(data)
        buffer += data
        *lines, rest = buffer.split(b"\n") if b"\n" in data else (buffer,)
        buffer = bytearray(rest)
        for line in lines:
            with contextlib.suppress(ValueError, RecursionError):  # nonsense is passed over
                told.append(json.loads(line))
            if told and told[-1] == "end":
                return told[:-1], ""
        if not data:
            return told, "its Python ended"
        if len(buffer) > LINE or total > TOLD:
            return told, "it put out more than can be read"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the sandbox, and wait until it is gone: all in it ends with its first process."""
    family = processes.kill(process.pid)
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    until = time.monotonic() + IDLE
    while any(map(processes.is_alive, family)) and time.monotonic() < until:
        time.sleep(0.01)
    assert process.stdout
    process.stdout.close()


class _Watch:
    """What a sandbox uses, all its processes together."""

    def __init__(self, pid: int, limits: Limits, trusted: bool) -> None:
        self.limits, self.trusted = limits, trusted
        self._use = processes.Use(pid)
        self._looked = self._start = time.monotonic()

    def trouble(self) -> str:
        """The limit that is used up; "" if none is, or if it is too soon to look again."""
        now = time.monotonic()
        if now - self._looked < LOOK:
            return ""
        self._looked = now
        family = self._use.look()[1:]  # the first one is its door
        memory = threads = started = 0
        for process in family:
            with contextlib.suppress(psutil.Error, OSError, ValueError):
                threads += process.num_threads()
                memory += process.memory_info().rss
                started = max(started, _number_inside(process.pid))
        if self._use.idle > IDLE:
            return f"it did nothing for {IDLE:g} s"
        if self._use.seconds > self.limits.cpu:
            return f"it used up the {self.limits.cpu:g} s of processor time"
        most = self.limits.memory << 20
        if memory > most and sum(map(_memory, family)) > most:  # the second takes long to tell
            return f"its processes used more than {self.limits.memory} MB together"
        if threads > PROCESSES or (started > STARTED and not self.trusted):
            return "it had started too many processes or threads"
        if not self.trusted and family and _is_full(family[-1].pid):
            return f"it had written more than {FILES} files"
        if now - self._start > self.limits.wall:
            return f"it used up the {self.limits.wall:g} s of waiting time"
        return ""


def _memory(process: psutil.Process) -> int:
    """Bytes, where what processes share is counted once if the system can tell."""
    with contextlib.suppress(psutil.Error, AttributeError):
        return int(process.memory_full_info().pss)
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _number_inside(pid: int) -> int:
    """A process's number in its sandbox: there they are counted from 1."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf8")
    return int(text.partition("NSpid:")[2].partition("\n")[0].split()[-1])


def _is_full(pid: int) -> bool:
    with contextlib.suppress(OSError):
        room = os.statvfs(f"/proc/{pid}/root{WORK}")
        return room.f_files - room.f_ffree > FILES
    return False


def _bubblewrap(private: Sequence[Path], calls: IO[bytes]) -> list[str]:
    """The command up to the program: what is there, and what may be done.

    Writes into ``calls``, an open file, which system calls may not.
    """
    calls.write(_refused_calls())
    calls.seek(0)
    command = ["bwrap", *NAMESPACES]
    if ROOT:  # `trials.inside` becomes somebody else before it meets a student's code
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--disable-userns"]
    command += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
    command += ["--seccomp", str(calls.fileno()), "--proc", "/proc", "--dev", "/dev"]
    for folder in (WORK, "/dev/shm"):
        command += ["--size", str(DISK_MB << 20), "--perms", "1777", "--tmpfs", folder]
    readable = [*SYSTEM, sys.base_prefix, sys.prefix, str(PACKAGE)]
    shown = {Path(os.path.abspath(path)) for path in readable}
    shown |= {path.resolve() for path in shown}
    hidden = {Path(path).resolve() for path in private}
    hidden = {path for path in hidden if any(path.is_relative_to(each) for each in shown)}
    # The outer ones first: a course may lie in a folder of Python's, or hold one.
    for path in sorted(shown | hidden, key=lambda path: len(path.parts)):
        for parent in reversed(path.parents):  # else they would be root's alone
            command += ["--perms", "0755", "--dir", str(parent)]
        if path in hidden:
            command += ["--size", "4096", "--tmpfs", str(path)]
        else:
            command += ["--ro-bind-try", str(path), str(path)]
    for folder in (f"{WORK}/.cache", f"{WORK}/.cache/matplotlib"):
        command += ["--perms", "1777", "--dir", folder]
    for fonts in CACHE.glob("fontlist*.json"):
        command += ["--ro-bind", str(fonts), f"{WORK}/.cache/matplotlib/{fonts.name}"]
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK, "--"]


def _refused_calls() -> bytes:
    """The filter of system calls, as seccomp reads it (struct sock_filter)."""
    machine, clone, numbers = REFUSED.get(platform.machine(), (0, 0, []))
    load, equal, at_least, holds, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | 38  # ENOSYS: as if the system did not have it
    count = len(numbers)
    program = [(load, 0, 0, 4), (equal, 0, count + 6, machine)]  # calls of another machine
    program += [(load, 0, 0, 0), (at_least, count + 4, 0, 0x40000000)]  # x32, another one yet
    program += [(equal, count + 3 - n, 0, number) for n, number in enumerate(numbers)]
    program += [(equal, 0, 2, clone), (load, 0, 0, 16), (holds, 1, 0, NEW_USER)]
    program += [(give, 0, 0, allow), (give, 0, 0, refuse)]
    if not machine:
        program = [(give, 0, 0, allow)]
    return b"".join(struct.pack("HBBI", *line) for line in program)


def _environment(folder: str) -> dict[str, str]:
    """Nothing of the grader's environment but what Python needs to find its packages."""
    kept = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONPATH": str(PACKAGE.parent),
        **dict.fromkeys(["HOME", "TMPDIR"], folder),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",  # MKL and OpenBLAS heed it, too
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TQDM_DISABLE": "1",
        "PIP_NO_INDEX": "1",  # what a student installs is not waited for
    }
