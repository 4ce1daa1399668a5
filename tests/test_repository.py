"""The public address: forks get their own links, and nothing private gets out."""

import subprocess

import pytest

from book._ext.repository_links import theme_options
from tools.repository import Address, book_address, declared_address, parse_remote

DECLARED = '[project.urls]\nRepository = "https://github.com/course/home"\n'


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://github.com/ann/gan.git/", "https://github.com/ann/gan"),
        ("https://www.GitHub.com/ann/gan", "https://github.com/ann/gan"),
        ("git@github.com:ann/gan.git", "https://github.com/ann/gan"),
        ("github.com:ann/gan.git", "https://github.com/ann/gan"),
        ("ssh://git@gitlab.com:22/group/sub/gan.git", "https://gitlab.com/group/sub/gan"),
        ("https://x-access-token:ghp_s3cret@github.com/a/b", "https://github.com/a/b"),
        ("https://codeberg.org/ann/gan.js", "https://codeberg.org/ann/gan.js"),
        ("git@bitbucket.org:ann/gan.git", "https://bitbucket.org/ann/gan"),
    ],
)
def test_public_remote(remote, url):
    address = parse_remote(remote)
    assert address is not None
    assert address.url == url


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/home/ann/gan",
        "../gan.git",
        "file:///home/ann/gan",
        "C:/Users/ann/gan",
        "ann@laptop:/srv/git/gan.git",
        "https://git.company.example/ann/gan",
        "https://github.com.evil.example/ann/gan",
        "/mnt/github.com/ann/gan",
        "https://github.com/ann",
        "https://github.com/ann/gan?token=s3cret",
    ],
)
def test_private_remote(remote):
    assert parse_remote(remote) is None


def make_checkout(folder, remote, declared=DECLARED):
    (folder / "pyproject.toml").write_text(f"[project]\nname = 'x'\n{declared}", encoding="utf8")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    if remote:
        subprocess.run(["git", "remote", "add", "origin", remote], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("git@github.com:fork/gan.git", "https://github.com/fork/gan"),
        ("/srv/git/gan", "https://github.com/course/home"),
        ("", "https://github.com/course/home"),
    ],
)
def test_remote_before_declared(tmp_path, remote, url):
    assert book_address(make_checkout(tmp_path, remote)).url == url
    inside = tmp_path / "course"  # which is no part of the repository around it
    inside.mkdir()
    (inside / "pyproject.toml").write_text(f"[project]\nname = 'x'\n{DECLARED}", encoding="utf8")
    assert book_address(inside).url == "https://github.com/course/home"


def git(folder, *arguments):
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True)


@pytest.mark.parametrize("name", ["tree", "gan [1]", "grün", "link"])
def test_each_way_to_check_out(tmp_path, name):
    (tmp_path / "main").mkdir()
    main, tree = make_checkout(tmp_path / "main", "git@github.com:fork/gan.git"), tmp_path / name
    if name == "link":
        tree.symlink_to(main)
    else:
        git(main, "add", ".")
        git(main, "commit", "-qm", "x")
        git(main, "worktree", "add", "-q", "-b", "tree", str(tree))
    assert book_address(tree).url == "https://github.com/fork/gan"


def test_what_git_does_not_say_of_this_folder(tmp_path, monkeypatch):
    for name in ("other", "fork"):
        (tmp_path / name).mkdir()
        make_checkout(tmp_path / name, f"https://github.com/{name}/gan")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))  # as within a hook
    assert book_address(tmp_path / "fork").url == "https://github.com/fork/gan"
    # git refuses a folder that belongs to somebody else
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert book_address(tmp_path / "fork").url == "https://github.com/course/home"


def test_a_remote_in_any_encoding(tmp_path):
    make_checkout(tmp_path, "")
    (tmp_path / ".git/config").write_bytes(b'[remote "origin"]\n\turl = /srv/gr\xfcn\n')
    assert book_address(tmp_path).url == "https://github.com/course/home"


def test_no_address_at_all(tmp_path):
    make_checkout(tmp_path, "", declared="")
    assert declared_address(tmp_path) is None
    assert book_address(tmp_path) is None
    options = theme_options(None)
    assert not options["launch_buttons"]
    assert not options["repository_url"]


@pytest.mark.parametrize(
    ("address", "view", "buttons"),
    [
        (Address("github.com", "a", "b"), "blob/main", {"binderhub_url", "colab_url"}),
        (Address("gitlab.com", "a", "b"), "-/blob/main", {"binderhub_url"}),
        (Address("gitlab.com", "a/group", "b"), "-/blob/main", set()),
        (Address("bitbucket.org", "a", "b"), "src/main", set()),
        (Address("codeberg.org", "a", "b"), "src/branch/main", set()),
    ],
)
def test_pages_of_a_forge_and_launch_buttons_only_where_they_work(address, view, buttons):
    home = f"https://{address.host}/{address.owner}/b"
    assert address.file_url("book/x.md") == f"{home}/{view}/book/x.md"
    assert theme_options(address)["launch_buttons"].keys() - {"notebook_interface"} == buttons
