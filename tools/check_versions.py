"""Run the package's tests with versions that it promises: the oldest ones, and Colab's.

Each set of packages is installed once into `_build/versions`, and again when it changes.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from tools.paths import BUILD, ROOT, package_tests
from tools.set_up import install_cpu_torch, pip
from tools.timed_tests import passed

VERSIONS = BUILD / "versions"
COLAB = ROOT / "requirements-colab.txt"
INSTALL = ("install", "--quiet", "--no-warn-conflicts")


def project() -> dict[str, Any]:
    """What pyproject.toml says of the package."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf8")
    return dict(tomllib.loads(text)["project"])


def promised() -> list[Requirement]:
    """The package's dependencies on this machine."""
    wanted = map(Requirement, project()["dependencies"])
    return [each for each in wanted if each.marker is None or each.marker.evaluate()]


def lower_bounds() -> list[str]:
    """The oldest version of each dependency but torch, of which one copy is large enough."""
    wanted = [each for each in promised() if each.name != "torch"]
    return [f"{each.name}{each.specifier}".replace(">=", "==") for each in wanted]


def installed(folder: Path, made_from: str, install: Callable[[], bool]) -> bool:
    """Have the folder filled, unless that was done from the same; say whether it worked.

    The stamp is written last, so what was cut short starts from nothing.
    """
    wanted = hashlib.sha256((sys.version + made_from).encode()).hexdigest()
    stamp = folder / ".ready"
    if stamp.exists() and stamp.read_text(encoding="utf8") == wanted:
        return True
    shutil.rmtree(folder, ignore_errors=True)
    print(f"Installing into {folder} (once) …", flush=True)
    if not install():
        return False
    stamp.write_text(wanted, encoding="utf8")
    return True


def package_passes(title: str, python: str | Path, *first: Path) -> bool:
    """Whether the package's tests pass, with the packages in `first` before all others."""
    path = os.pathsep.join(map(str, (*first, ROOT)))
    tests, setting = package_tests(), {"PYTHONPATH": path}
    return passed(title, "-p", "no:cacheprovider", *tests, python=python, setting=setting)


def oldest() -> bool:
    """Test the oldest promised packages under the oldest promised Python, with its torch."""
    python = project()["requires-python"]
    if python != ">={}.{}".format(*sys.version_info):
        print(f"The oldest versions are skipped: they are for the oldest Python, {python}.")
        return True
    folder = VERSIONS / "oldest"
    wanted = lower_bounds()

    def install() -> bool:
        return pip(*INSTALL, "--target", str(folder), *wanted, python=Path(sys.executable))

    ready = installed(folder, repr(wanted), install)
    return ready and package_passes("The oldest versions", sys.executable, folder)


def find_python(version: str) -> Path | None:
    """A Python of this version that runs: on the PATH, or one of pyenv's."""
    name = f"python{version}"
    found = [Path(folder, name) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    found += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}"))
    for python in found:
        if python.is_file():
            tried = subprocess.run([python, "-c", "import venv, ssl"], capture_output=True)
            if tried.returncode == 0:
                return python
    return None


def colab() -> bool:
    """Test the packages of Google Colab under its Python, where there is one."""
    pins = COLAB.read_text(encoding="utf8")
    named = re.search(r"Python (3\.\d+)", pins)
    assert named is not None
    python = find_python(named[1])
    if python is None:
        print(f"Colab's versions are skipped: there is no Python {named[1]} here.")
        return True
    folder = VERSIONS / "colab"
    own = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    wanted = [*project()["dependencies"], "pytest", "pytest-xdist"]

    def install() -> bool:
        if subprocess.run([python, "-m", "venv", folder]).returncode != 0:
            return False
        install_cpu_torch(COLAB, own)
        return pip(*INSTALL, "--constraint", str(COLAB), *wanted, python=own)

    ready = installed(folder, pins + repr(wanted), install)
    return ready and package_passes("Colab's versions", own)


def main() -> int:
    """Test both, whichever fails."""
    return 0 if all([oldest(), colab()]) else 1


if __name__ == "__main__":
    sys.exit(main())
