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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

PACKAGE = Path(__file__).resolve().parents[1]
JUDGES = PACKAGE / "marking", PACKAGE / "grading"
"""What marks is not there for what is marked."""
SYSTEM = "/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/nix/store"
LINKS = "bin", "sbin", "lib", "lib32", "lib64"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "matplotlib"
"""Without it each submission that plots would look for the fonts anew."""
WORK = "/tmp"
DISK_MB = 200
FILES = 5000
PROCESSES = 100
"""Processes and threads at a time."""
TOO_MANY = "it had started too many processes or threads"
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
    "x86_64": (
        0xC000003E,
        {"shmget": 29, "msgget": 68, "add_key": 248, "memfd_create": 319, "unshare": 272},
    ),
    "aarch64": (
        0xC00000B7,
        {"shmget": 194, "msgget": 186, "add_key": 217, "memfd_create": 279, "unshare": 97},
    ),
}
"""The calls for memory that no limit counts, by their numbers on each machine."""
REFUSED_EVERYWHERE = {"io_uring_setup": 425, "memfd_secret": 447}


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
    with _refused_calls() as calls:
        command = [*_bubblewrap([], calls), "true"]
        tried = subprocess.run(command, capture_output=True, pass_fds=[calls])
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
    if not trusted:
        limited["processes"] = PROCESSES
        limited["user"] = NOBODY + next(_numbers) if ROOT else 0
    with contextlib.ExitStack() as stack:
        if trusted:
            folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            command, calls = program, list[int]()
        else:
            folder = WORK
            calls = [stack.enter_context(_refused_calls())]
            command = [*_bubblewrap([*JUDGES, *private], *calls), *program]
        process = subprocess.Popen(
            command,
            cwd=folder if trusted else "/",
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=calls,
            start_new_session=True,
        )
        assert process.stdin
        assert process.stdout
        try:
            _send(process.stdin, json.dumps({**work, "limits": limited}).encode())
            return _listen(process.stdout.fileno(), _Watch(process.pid, limits, trusted))
        finally:
            _end(process)


def _send(pipe: IO[bytes], data: bytes) -> None:
    """In a thread, since a sandbox that does not start reads nothing."""

    def send() -> None:
        with contextlib.suppress(OSError), pipe:
            pipe.write(data)

    threading.Thread(target=send, daemon=True).start()


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
    family = _family(process.pid)
    for pid in [*_children(process.pid), process.pid]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    psutil.wait_procs(family, timeout=IDLE)
    assert process.stdout
    process.stdout.close()


class _Watch:
    """What a sandbox uses, all its processes together."""

    def __init__(self, pid: int, limits: Limits, trusted: bool) -> None:
        self.limits, self.trusted = limits, trusted
        self._pid = pid
        self._looked = self._start = time.monotonic()
        self._cpu: dict[int, float] = {}  # of those that are gone, too
        self._busy = self._start, 0.0  # when it had last used processor time, and how much

    def trouble(self) -> str:
        """The limit that is used up; "" if none is, or if it is too soon to look again."""
        now = time.monotonic()
        if now - self._looked < LOOK:
            return ""
        self._looked = now
        family = _family(self._pid)
        if len(family) > PROCESSES:
            return TOO_MANY
        memory = threads = started = 0
        for process in family:
            with contextlib.suppress(psutil.Error, OSError, ValueError):
                times = process.cpu_times()
                self._cpu[process.pid] = sum(times[:4])
                threads += process.num_threads()
                memory += _memory(process.pid)
                started = max(started, _number_inside(process.pid))
        limits = self.limits
        cpu = sum(self._cpu.values())
        if cpu > self._busy[1] + 0.1:
            self._busy = now, cpu
        if now - self._busy[0] > IDLE:
            return f"it did nothing for {IDLE:g} s"
        if cpu > limits.cpu:
            return f"it used up the {limits.cpu:g} s of processor time"
        if memory > limits.memory << 20:
            return f"its processes used more than {limits.memory} MB together"
        if threads > PROCESSES or (started > STARTED and not self.trusted):
            return TOO_MANY
        if not self.trusted and family and _is_full(family[-1].pid):
            return f"it had written more than {FILES} files"
        if now - self._start > limits.wall:
            return f"it used up the {limits.wall:g} s of waiting time"
        return ""


def _family(pid: int) -> list[psutil.Process]:
    """The processes below one, but not many more than there may be."""
    found, waiting = list[int](), _children(pid)
    while waiting and len(found) <= PROCESSES:
        found.append(waiting.pop())
        waiting += _children(found[-1])
    family = []
    for each in found:
        with contextlib.suppress(psutil.Error):
            family.append(psutil.Process(each))
    return family


def _children(pid: int) -> list[int]:
    """The children of a process, without a look at all the others."""
    if sys.platform != "linux":
        with contextlib.suppress(psutil.Error):
            return [child.pid for child in psutil.Process(pid).children()]
        return []
    found: list[int] = []
    with contextlib.suppress(OSError):  # it may end while one looks
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, path.read_text(encoding="utf8").split())
    return found


def _memory(pid: int) -> int:
    """Bytes, where what processes share is counted once."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return int(psutil.Process(pid).memory_info().rss)


def _number_inside(pid: int) -> int:
    """A process's number in its sandbox: there they are counted from 1."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf8")
    return int(text.partition("NSpid:")[2].partition("\n")[0].split()[-1])


def _is_full(pid: int) -> bool:
    with contextlib.suppress(OSError):
        room = os.statvfs(f"/proc/{pid}/root{WORK}")
        return room.f_files - room.f_ffree > FILES
    return False


def _bubblewrap(private: Sequence[Path], calls: int) -> list[str]:
    """The command up to the program: what is there, and what may be done."""
    command = ["bwrap", *NAMESPACES]
    if ROOT:  # `trials.inside` becomes somebody else before it meets a student's code
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--disable-userns"]
    command += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
    command += ["--seccomp", str(calls), "--proc", "/proc", "--dev", "/dev"]
    for folder in (WORK, "/dev/shm"):
        command += ["--size", str(DISK_MB << 20), "--perms", "1777", "--tmpfs", folder]
    for name in LINKS:
        path = Path("/", name)
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            command += ["--ro-bind", str(path), str(path)]
    readable = [*SYSTEM, sys.base_prefix, sys.prefix, str(PACKAGE)]
    places = {Path(os.path.abspath(path)): "--ro-bind-try" for path in readable}
    real = {path.resolve(): "--ro-bind-try" for path in places}
    hidden = {Path(path).resolve(): "--tmpfs" for path in private}
    # The outer ones first: a course may lie in a folder of Python's, or hold one.
    for path, how in sorted({**real, **places, **hidden}.items(), key=lambda it: len(it[0].parts)):
        if how == "--tmpfs" and not any(path.is_relative_to(shown) for shown in (*real, *places)):
            continue  # is not there anyway
        for parent in reversed(path.parents):  # else they would be root's alone
            command += ["--perms", "0755", "--dir", str(parent)]
        if how == "--tmpfs":
            command += ["--size", "4096", how, str(path)]
        else:
            command += [how, str(path), str(path)]
    for folder in (f"{WORK}/.cache", f"{WORK}/.cache/matplotlib"):
        command += ["--perms", "1777", "--dir", folder]
    for fonts in CACHE.glob("fontlist*.json"):
        command += ["--ro-bind", str(fonts), f"{WORK}/.cache/matplotlib/{fonts.name}"]
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK, "--"]


@contextmanager
def _refused_calls() -> Iterator[int]:
    """A file with the filter of system calls, as seccomp reads it (struct sock_filter)."""
    machine, numbers = REFUSED.get(platform.machine(), (0, {}))
    numbers = numbers | REFUSED_EVERYWHERE
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | 38  # ENOSYS: as if the system did not have it
    count = len(numbers)
    program = [(load, 0, 0, 4), (equal, 0, count + 3, machine)]  # calls of another machine
    program += [(load, 0, 0, 0), (at_least, count + 1, 0, 0x40000000)]  # x32, another one yet
    program += [(equal, count - n, 0, number) for n, number in enumerate(numbers.values())]
    program += [(give, 0, 0, allow), (give, 0, 0, refuse)]
    if not machine:
        program = [(give, 0, 0, allow)]
    with tempfile.TemporaryFile() as file:
        file.write(b"".join(struct.pack("HBBI", *line) for line in program))
        file.seek(0)
        yield file.fileno()


def _environment(folder: str) -> dict[str, str]:
    """Nothing of the grader's environment but what Python needs to find its packages."""
    kept = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONPATH": str(PACKAGE.parent),
        "HOME": folder,
        "TMPDIR": folder,
        "IPYTHONDIR": f"{folder}/.ipython",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TQDM_DISABLE": "1",
        "PIP_NO_INDEX": "1",  # what a student installs is not waited for
    }
