"""The built site as files: its weight.  That no link is dead, each build sees to."""

import re


def test_only_the_needed_part_of_mathjax(site):
    files = [path for path in (site / "_static" / "mathjax").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    assert any(path.suffix == ".woff" for path in files)


def test_no_video_inside_a_page(site, pages):
    embedded = re.compile(r'<(?:video|source)\b[^>]*\bsrc="data:')
    assert [
        page for page in pages if embedded.search((site / page).read_text(encoding="utf8"))
    ] == []
