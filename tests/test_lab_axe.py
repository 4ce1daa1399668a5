"""Each lab, in both themes, as a screen reader's user meets it: axe finds nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from gan_lessons import lab


def violations(tab):
    options = {"preload": False}  # it would ask for the style sheets, which files refuse
    found = Axe().run(tab, context="section", options=options).response["violations"]
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", lab.presets())
def test_axe_finds_nothing_in_any_lab(open_page, name, theme):
    tab = open_page(f'<section data-gan-lab="{name}"></section>', theme=theme)
    assert violations(tab) == []
