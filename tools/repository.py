"""The public address of the repository, for launch buttons, edit links and notebooks.

The book prefers the git remote, so that the buttons of a fork lead to the fork, and falls
back on `[project.urls]` in pyproject.toml. An address is only ever rebuilt from its three
public parts (host, owner, name), so that a user name, a token or a local path in a remote
cannot reach a page.
"""

import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.paths import ROOT

FORGES = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucket",
    "codeberg.org": "codeberg",
}
BRANCH = "main"
_NAME = r"[\w.~-]+"
_REMOTE = re.compile(
    rf"""^(?:(?:https?|ssh|git)://(?:[^/\s]*@)?   # a web or ssh address; user and token go
         |(?:[\w.-]+@)?(?=[\w.-]+:))             # or ssh's short form, git@host:owner/name
         (?:www\.)?(?P<host>[\w.-]+)(?::\d+)?[:/]/*
         (?P<owner>{_NAME}(?:/{_NAME})*)/(?P<name>{_NAME}?)(?:\.git)?/*$""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Address:
    """A repository on a public forge."""

    host: str
    owner: str
    name: str

    @property
    def forge(self) -> str:
        """The forge's short name, such as `github`."""
        return FORGES[self.host]

    @property
    def url(self) -> str:
        """The repository's home page."""
        return f"https://{self.host}/{self.owner}/{self.name}"

    def file_url(self, path: str) -> str:
        """The page that shows the file `path` (relative to the repository's root)."""
        view = {
            "github": f"blob/{BRANCH}",
            "gitlab": f"-/blob/{BRANCH}",
            "bitbucket": f"src/{BRANCH}",
            "codeberg": f"src/branch/{BRANCH}",
        }[self.forge]
        return f"{self.url}/{view}/{path}"


def parse_remote(remote: str) -> Address | None:
    """The address in a git remote, or None if it is not on a public forge."""
    match = _REMOTE.match(remote.strip())
    if not match or match["host"].lower() not in FORGES:
        return None
    return Address(match["host"].lower(), match["owner"], match["name"])


def _git(root: Path, *arguments: str) -> str:
    """What git says in the folder `root`; empty where it fails, or is not installed."""
    # Called from a hook, these name the hook's repository.
    names = "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"
    env = {name: value for name, value in os.environ.items() if name not in names}
    try:
        found = subprocess.run(["git", *arguments], cwd=root, env=env, capture_output=True)
    except OSError:
        return ""
    return os.fsdecode(found.stdout).removesuffix("\n") if found.returncode == 0 else ""


def git_remote(root: Path) -> str:
    """What git calls the remote `origin` of the repository whose top is `root`, or nothing.

    Unpacked inside another repository, the course is no part of it: that one's address is not
    the course's.
    """
    top = _git(root, "rev-parse", "--show-toplevel")
    own = top and Path(top).exists() and root.samefile(top)
    return _git(root, "config", "--get", "remote.origin.url") if own else ""


def declared_address(root: Path = ROOT) -> Address | None:
    """The address in pyproject.toml, the one place where it is written."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf8"))["project"]
    return parse_remote(project.get("urls", {}).get("Repository", ""))


def book_address(root: Path = ROOT) -> Address | None:
    """Where the buttons of the book lead: the git remote if it is public, else pyproject's."""
    return parse_remote(git_remote(root)) or declared_address(root)
