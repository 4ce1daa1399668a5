"""The processes of a program and what they use, as seen from either side of the sandbox's door."""

import contextlib
import multiprocessing
import os
import threading
import time

import psutil


def family(pid: int) -> list[psutil.Process]:
    """A process, its children, theirs, and so on; none if it is gone."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def kill(pid: int) -> list[psutil.Process]:
    """Kill a process and all below it; who they were."""
    found = family(pid)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return found


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs: one that has ended may be listed until its parent takes note."""
    with contextlib.suppress(psutil.Error):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


class Use:
    """The processor time of a process and all below it, of those that are gone, too."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._each: dict[int, float] = {}
        self._busy = time.monotonic(), 0.0  # when it had last used some, and how much in all

    def look(self) -> list[psutil.Process]:
        """Look again; the processes that there are."""
        found = family(self._pid)
        for process in found:
            with contextlib.suppress(psutil.Error):
                self._each[process.pid] = sum(process.cpu_times()[:4])
        if self.seconds > self._busy[1] + 0.1:
            self._busy = time.monotonic(), self.seconds
        return found

    @property
    def seconds(self) -> float:
        """Seconds in all, at the last look."""
        return sum(self._each.values())

    @property
    def idle(self) -> float:
        """For how long it has used next to none."""
        return time.monotonic() - self._busy[0]


def end_with_parent() -> None:
    """Let this process, which another one has forked, end as soon as that one is gone."""
    parent = multiprocessing.parent_process()
    assert parent

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
