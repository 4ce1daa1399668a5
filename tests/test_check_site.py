"""The check of a built site finds what is wrong with it."""

import pytest

from tools.check_site import dead_links, local_paths


@pytest.fixture
def site(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "film.mp4").write_bytes(b"0")
    (tmp_path / "b.html").write_text('<h2 id="there">There</h2>')
    (tmp_path / "sub" / "a.html").write_text(
        '<a href="../b.html#there"></a><video src="film.mp4" data-file="film.mp4"></video>'
        '<a href="#here" id="here"></a><a href="#"></a><a href="https://example.org/x"></a>'
        '<img src="data:image/png;base64,AA=="><a href="mailto:a@b.example"></a>'
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
        '<video data-file="x.mp4">',
        '<a href="../sub">',
    ],
)
def test_dead_link(site, tag):
    (site / "sub" / "c.html").write_text(tag)
    (error,) = dead_links(site)
    assert "sub/c.html" in error


@pytest.mark.parametrize(
    "text", ["{root}/gan.py", "'{root}/x'", "file:///etc/hosts", "/tmp/ipykernel_12/34.py:1"]
)
def test_local_path(site, text):
    (site / "b.html").write_text(text.format(root="/srv/course"))
    (error,) = local_paths(site, root=type(site)("/srv/course"))
    assert error.startswith("b.html")
