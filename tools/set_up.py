"""Make `.venv` with exactly the locked packages; do nothing when that is done already.

Runs on the system's own Python, so it uses the standard library only. The stamp is
taken away first and written last: a set-up that was cut short never counts as done.
`set_up.py --keep` takes a complete `.venv` as it is, whichever Python it was made with.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / ".ready"
LOCK = ROOT / "requirements.lock"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
MAKER = " ".join(f"{sys.version} in {sys.base_prefix}".split())


def any_encoding() -> None:
    """Print `?` for a sign that the terminal's encoding does not have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _take(file: TextIO) -> bool:
    """Lock `file` unless another process has; the system frees it when this one ends."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return True
    return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only set-up or build at work: wait, and say so, while there is another."""
    folder.mkdir(exist_ok=True)
    with open(folder / ".lock", "a", encoding="utf8") as file:
        if not _take(file):
            print("Another build is at work in this folder; this one waits for it …", flush=True)
            while not _take(file):
                time.sleep(0.2)
        yield


def fingerprint() -> str:
    """What the environment was made from: the lock, the package's metadata and its place."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    for path in (LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def made_from(keep: bool) -> str:
    """The fingerprint of the environment that stands; empty where there is none to go on with."""
    if not (STAMP.exists() and PYTHON.exists()):
        return ""
    found, _, maker = STAMP.read_text(encoding="utf8").partition("\n")
    return found if keep or maker == MAKER else ""


def obstacle() -> str:
    """Why this Python can make no environment here; empty if it can."""
    if sys.version_info < (3, 11):  # noqa: UP036 (the system's Python may be older)
        return (
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.\n"
            "Name another one like this: make book PYTHON=python3.12"
        )
    if os.pathsep in str(ROOT):
        return (
            f"A folder with “{os.pathsep}” in its path can hold no Python environment: {ROOT}\n"
            "Move or rename it."
        )
    intel_mac = sys.platform == "darwin" and platform.machine() == "x86_64"
    if intel_mac and sys.version_info >= (3, 13):
        return (
            "For a Mac with an Intel processor, PyTorch's last build is for Python 3.12.\n"
            "Name that one like this: make book PYTHON=python3.12"
        )
    return ""


def pip(*arguments: str, quiet: bool = False, python: Path = PYTHON) -> bool:
    """Run the environment's pip, or that of another one; say whether it succeeded."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=quiet).returncode == 0


def install_cpu_torch(lock: Path, python: Path) -> None:
    """Install a lock's torch from PyTorch's index of CPU builds, or say what comes instead.

    Only Linux needs this: elsewhere the default build is the CPU build.
    """
    if not sys.platform.startswith("linux"):
        return
    lines = lock.read_text(encoding="utf8").splitlines()
    torch = [line for line in lines if line.startswith("torch==")]
    once = ("--retries", "0", "--timeout", "5")
    cpu = ("--no-deps", "--index-url", TORCH_CPU_INDEX)
    if not pip("install", *once, *cpu, *torch, quiet=True, python=python):
        print(
            "PyTorch's CPU index cannot be reached, so torch comes from the default one: "
            "if that holds the CUDA build, about 3 GB are downloaded instead of 0.2 GB.",
            flush=True,
        )


def make_environment() -> str:
    """Make an empty `.venv`; what is wrong, if it cannot be made."""
    if trouble := obstacle():
        return trouble
    if STAMP.exists():
        print(f"Making .venv anew with Python {sys.version.split()[0]} …", flush=True)
        STAMP.unlink()
    try:
        venv.create(VENV, clear=True, with_pip=True, symlinks=os.name != "nt")
    except subprocess.CalledProcessError:  # Debian packs a part of venv on its own
        return (
            "This Python cannot put pip into .venv.\n"
            "On Debian and Ubuntu this helps: apt-get install python3-venv"
        )
    return ""


def set_up(keep: bool) -> int:
    """Bring `.venv` in line with the lock."""
    before, wanted = made_from(keep), fingerprint()
    if before == wanted:
        return 0
    maker = STAMP.read_text(encoding="utf8").partition("\n")[2] if before else MAKER
    if not before and (trouble := make_environment()):
        print(trouble)
        return 1
    STAMP.unlink(missing_ok=True)
    print("Installing the locked packages into .venv (once, a few minutes) …", flush=True)
    install_cpu_torch(LOCK, PYTHON)
    if not pip("install", "--quiet", "--requirement", LOCK.name):
        return 1
    if not pip("install", "--quiet", "--no-deps", "--editable", "."):
        return 1
    STAMP.write_text(f"{wanted}\n{maker}", encoding="utf8")
    return 0


def main(keep: bool = False) -> int:
    """Bring `.venv` in line with the lock, one set-up at a time; with `keep`, of any Python."""
    try:
        if made_from(keep) == fingerprint():
            return 0
        with alone(ROOT / "_build"):
            return set_up(keep)
    except OSError as error:  # a folder that cannot be written, a full disk
        print(f"The environment cannot be made: {error}")
        return 1


if __name__ == "__main__":
    any_encoding()
    try:
        sys.exit(main(keep="--keep" in sys.argv))
    except KeyboardInterrupt:
        sys.exit("Interrupted: the next set-up starts anew.")
