"""The check of a built site finds what is wrong with it."""

import html
import json
import os
import urllib.parse
from pathlib import Path

import pytest

from tools.check_site import dead_links, local_paths


@pytest.fixture
def site(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "film.mp4").write_bytes(b"0")
    (tmp_path / "b.html").write_text('<h2 id="there">There</h2>', encoding="utf8")
    (tmp_path / "sub" / "a.html").write_text(
        '<a href="../b.html#there"></a><video src="film.mp4"></video>'
        '<a href="#here" id="here"></a><a href="#"></a><a href="https://example.org/x"></a>'
        '<img src="data:image/png;base64,AA=="><a href="mailto:a@b.example"></a>',
        encoding="utf8",
    )
    return tmp_path


def test_good_site(site):
    assert dead_links(site) == []
    assert local_paths(site, root=site) == []


@pytest.mark.parametrize(
    "tag",
    [
        '<a href="../c.html">',
        '<a href="../b.html#nowhere">',
        '<a href="#nowhere">',
        '<img src="x.svg">',
        '<video poster="x.png">',
        '<video src="x.mp4">',
        '<a href="../sub">',
    ],
)
def test_dead_link(site, tag):
    (site / "sub" / "c.html").write_text(tag, encoding="utf8")
    (error,) = dead_links(site)
    assert "sub/c.html" in error


@pytest.mark.parametrize(
    "name", ["gan[1]", "GAN%20x", "a b", "a&b", "it's", 'a"b', "grün", "a\\b", "x*"]
)
@pytest.mark.parametrize(
    "write",
    [str, urllib.parse.quote, html.escape, json.dumps, repr, lambda t: html.escape(t, False)],
)
def test_a_local_path_however_it_is_written(site, name, write):
    (site / "b.html").write_text(f"<p> {write(f'/srv/{name}/gan.py')}", encoding="utf8")
    assert local_paths(site, root=Path("/srv", name))
    assert not local_paths(site, root=Path("/srv", "another"))


@pytest.mark.parametrize("home", ["/", "/nonexistent", None])
def test_local_paths_where_there_is_no_home(site, monkeypatch, home):
    if home is None:
        monkeypatch.setattr(os.path, "expanduser", str)  # as where nobody knows this user
    else:
        monkeypatch.setenv("HOME", home)
    (site / "b.html").write_text("<p>see /usr/share and ~/x", encoding="utf8")
    assert local_paths(site, root=site) == []


@pytest.mark.parametrize(
    "text", ["{root}/gan.py", "'{root}/x'", "file:///etc/hosts", "/tmp/ipykernel_12/34.py:1"]
)
def test_local_path(site, text):
    (site / "b.html").write_text(text.format(root="/srv/course"), encoding="utf8")
    (error,) = local_paths(site, root=Path("/srv/course"))
    assert error.startswith("b.html")
