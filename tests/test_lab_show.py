"""The lab in a notebook, and on its way onto the site."""

import html
import re

import pytest

from book._ext.live_parts import LABS, QUIZ, texts, with_files
from gan_lessons import lab


def test_every_preset_names_a_view_and_a_title():
    names = lab.presets()
    assert {"full", "mean", "raw"} <= set(names)
    assert all({"kind", "title"} <= set(preset) for preset in names.values())


@pytest.mark.parametrize("name", lab.presets())
def test_a_shown_lab_holds_all_it_needs(name):
    shown = lab.show(name, height=700)._repr_html_()
    assert 'height="700"' in shown
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])
    assert page.count(lab.section(name)) == 1
    for file in lab.files([name]):
        assert (lab.FOLDER / file).read_text(encoding="utf8") in page
    assert not re.search(r"<(script|link|img)\s[^>]*(src|href)=", page)


def test_each_file_is_of_use_and_no_lab_gets_more_than_it_needs():
    kinds = {name: set(lab.files([name])) for name in lab.presets()}
    assert set().union(*kinds.values()) == {*lab.STYLES, *lab.SCRIPTS}
    assert "view.js" not in kinds["hero"] | kinds["game"] | kinds["tilt"]
    assert not {"hero.js", "hand.js", "tilt.js"} & kinds["full"]
    assert lab.files(lab.presets()) == [*lab.STYLES, *lab.SCRIPTS]


def test_without_scripts_the_place_says_what_is_missing():
    trained = (
        "<noscript><p>Here a GAN trains in your browser; that needs JavaScript.</p></noscript>"
    )
    for name, preset in lab.presets().items():
        assert (trained in lab.section(name)) == (preset["kind"] in {"live", "hero"})
    assert "<p>Here you play by hand; that needs JavaScript.</p>" in lab.section("game")


@pytest.mark.parametrize("script", lab.SCRIPTS)
def test_a_script_can_stand_in_a_page_and_lose_its_blanks(script):
    """What takes the comments out of the site's scripts would spoil a template within another."""
    text = (lab.FOLDER / script).read_text(encoding="utf8")
    assert "</script" not in text
    assert re.findall(r"\$\{[^{}]*`", text) == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"name": "nothing"}, "^name is 'nothing': it must be one of full, "),
        ({"height": 0}, "^height is 0: "),
        ({"height": "tall"}, "^height is 'tall': "),
    ],
)
def test_what_is_no_lab_is_refused(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        lab.show(**arguments)


def test_the_package_holds_the_files():
    found = {path.name for path in lab.FOLDER.iterdir() if path.suffix in {".js", ".css"}}
    assert found == {*lab.STYLES, *lab.SCRIPTS}


def test_on_the_site_a_shown_lab_is_a_part_of_the_page():
    page = with_files(lab.show("mean")._repr_markdown_(), "../_static")
    assert lab.section("mean") in page
    found = re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]*)">', page)
    at_once = [file for file in lab.files(["mean"]) if file not in lab.LATER]
    assert found == [f"../_static/lab/{file}" for file in at_once]


def test_two_labs_share_their_scripts_and_a_page_without_one_stays_as_it_is():
    page = with_files(lab.section("full") + lab.section("raw"), "x")
    at_once = set(lab.files(["full", "raw"])) - set(lab.LATER)
    assert page.count("<script src") + page.count("<link") == len(at_once)
    assert with_files("<p>no lab</p>", "x") == "<p>no lab</p>"


RULES = """(text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    const plain = ({ cssText }) => cssText.replace(/\\s+/g, " ").replaceAll(", ", ",");
    return [...sheet.cssRules].map(plain);
}"""


@pytest.mark.parametrize("name", sorted({name for name in LABS + QUIZ if name.endswith(".css")}))
def test_a_style_loses_blanks_and_no_rule_changes(open_tab, name):
    tab = open_tab()
    written = tab.evaluate(RULES, (lab.FOLDER.parent / name).read_text(encoding="utf8"))
    assert len(written) > 5
    assert tab.evaluate(RULES, texts()[name]) == written
