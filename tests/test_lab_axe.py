"""Each lab, in both themes, as a screen reader's user meets it: axe finds nothing."""

import pytest

from gan_lessons import lab
from tests.axe import violations


@pytest.mark.slow
@pytest.mark.parametrize("name", lab.presets())
def test_axe_finds_nothing_in_any_lab(open_page, name):
    tab = open_page(f'<section data-gan-lab="{name}"></section>')
    assert violations(tab, "section") == []
