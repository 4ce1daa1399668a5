"""A fence around a student's code: which files it may touch, on Linux 5.13 and newer.

The system's Landlock keeps it: the process itself can't take it off again, and all that it starts
is inside as well.  From Linux 6.7 on it keeps TCP out too, and from 6.12 signals to processes
outside.  The numbers below are those of <linux/landlock.h>.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/dev", "/proc", "/sys", "/opt", "/nix")
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
READ = EXECUTE | READ_FILE | READ_DIR
FILES_1, REFER, TRUNCATE = (1 << 13) - 1, 1 << 13, 1 << 14
TCP = 3
SIGNALS_AND_SOCKETS = 3
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
NO_NEW_PRIVILEGES = 38


def version() -> int:
    """What the system offers: 0 is no fence."""
    if sys.platform != "linux":
        return 0
    return max(_libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1), 0)


def gaps() -> str:
    """What a process inside can still do here; empty if there is a whole fence."""
    offered = version()
    return " and ".join(
        what
        for since, what in (
            (1, "read and change your files"),
            (4, "use the network"),
            (6, "end your processes"),
        )
        if offered < since
    )


def build(readable: Iterable[Path], listable: Iterable[Path], writable: Iterable[Path]) -> int:
    """A fence that lets only these folders in, beside the system's own; -1 if there is none."""
    offered = version()
    if not offered:
        return -1
    files = FILES_1 | (REFER if offered >= 2 else 0) | (TRUNCATE if offered >= 3 else 0)
    rules = struct.pack(
        "QQQ", files, TCP if offered >= 4 else 0, SIGNALS_AND_SOCKETS if offered >= 6 else 0
    )[: 8 if offered < 4 else 16 if offered < 6 else 24]
    fence = _checked(_libc().syscall(CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0))
    for path in (*map(Path, SYSTEM), *readable):
        _allow(fence, path, READ)
    for path in listable:
        _allow(fence, path, READ_DIR)
    for path in writable:
        _allow(fence, path, files)
    _allow(fence, Path("/dev/null"), READ_FILE | WRITE_FILE | (files & TRUNCATE))
    return fence


def enter(fence: int) -> None:
    """Go inside, for good."""
    if fence >= 0:
        _checked(_libc().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _checked(_libc().syscall(RESTRICT_SELF, fence, 0))


def _allow(fence: int, path: Path, access: int) -> None:
    if not path.exists():
        return
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", access, folder)  # packed, as the header has it
        _checked(_libc().syscall(ADD_RULE, fence, 1, rule, 0))
    finally:
        os.close(folder)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
