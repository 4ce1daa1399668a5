"""Make `.venv` with exactly the locked packages; do nothing when that is done already.

`set_up.py instructor` adds the packages for graded assignments, from a lock of their own.
Runs on the system's own Python, so it uses the standard library only. The stamp is
taken away first and written last: a set-up that was cut short never counts as done.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / ".ready"
LOCK = ROOT / "requirements.lock"
INSTRUCTOR_STAMP = VENV / ".instructor"
INSTRUCTOR_LOCK = ROOT / "requirements-instructor.lock"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def fingerprint() -> str:
    """What the environment was made from: the lock, the package's metadata, the Python."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
    (torch,) = [line for line in lock.read_text().splitlines() if line.startswith("torch==")]
    once = ("--retries", "0", "--timeout", "5")
    cpu = ("--no-deps", "--index-url", TORCH_CPU_INDEX)
    if not pip("install", *once, *cpu, torch, quiet=True, python=python):
        print(
            f"PyTorch's CPU index cannot be reached, so {torch} comes from the default one: "
            "if that holds the CUDA build, about 3 GB are downloaded instead of 0.2 GB.",
            flush=True,
        )


def add_instructor_packages() -> int:
    """Add what graded assignments need to a `.venv` that is in line with its own lock."""
    wanted = fingerprint() + hashlib.sha256(INSTRUCTOR_LOCK.read_bytes()).hexdigest()
    if INSTRUCTOR_STAMP.exists() and INSTRUCTOR_STAMP.read_text() == wanted:
        INSTRUCTOR_STAMP.touch()
        return 0
    INSTRUCTOR_STAMP.unlink(missing_ok=True)
    print("Installing nbgrader into .venv (once, about 100 MB) …", flush=True)
    locks = ("--requirement", str(INSTRUCTOR_LOCK), "--constraint", str(LOCK))
    if not pip("install", "--quiet", *locks):
        return 1
    INSTRUCTOR_STAMP.write_text(wanted)
    return 0


def main() -> int:
    """Bring `.venv` in line with the lock."""
    if sys.version_info < (3, 11):  # noqa: UP036 (the system's Python may be older)
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
        print("Name another one like this: make book PYTHON=python3.12")
        return 1
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        STAMP.touch()
        return 0
    # Without a stamp the last set-up was cut short: start from an empty environment.
    try:
        venv.create(VENV, clear=not STAMP.exists(), with_pip=True)
    except subprocess.CalledProcessError:  # Debian packs a part of venv on its own
        print("This Python cannot put pip into .venv.")
        print("On Debian and Ubuntu this helps: apt-get install python3-venv")
        return 1
    STAMP.unlink(missing_ok=True)
    print("Installing the locked packages into .venv (once, a few minutes) …", flush=True)
    install_cpu_torch(LOCK, PYTHON)
    if not pip("install", "--quiet", "--requirement", str(LOCK)):
        return 1
    if not pip("install", "--quiet", "--no-deps", "--editable", "."):
        return 1
    STAMP.write_text(wanted)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(add_instructor_packages() if "instructor" in sys.argv else main())
    except KeyboardInterrupt:
        sys.exit("Interrupted: the next set-up starts anew.")
