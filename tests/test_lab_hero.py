"""The GAN on the first page, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

SECTION = '<section data-gan-lab="hero"></section>'
GAN = "document.querySelector('section').ganLab"


@pytest.fixture
def open_hero(open_page):
    return lambda **settings: open_page(SECTION, **settings)


def test_it_trains_by_itself_and_stops_at_a_press(open_hero):
    tab = open_hero()
    tab.wait_for_function(f"{GAN}.gan.steps > 20")
    tab.get_by_role("button", name="Pause").click()
    steps = tab.evaluate(f"{GAN}.gan.steps")
    tab.wait_for_timeout(200)
    assert tab.evaluate(f"{GAN}.gan.steps") == steps
    words = tab.get_by_role("status")
    expect(words).to_contain_text("what G makes around")
    tab.get_by_role("button", name="Play").click()
    tab.wait_for_function(f"{GAN}.gan.steps > {steps}")
    expect(words).to_be_empty()  # they are of the pause


def test_it_stands_still_for_who_prefers_that(open_hero):
    tab = open_hero(reduced_motion="reduce")
    tab.wait_for_timeout(200)
    assert tab.evaluate(f"{GAN}.gan.steps") == 0
    tab.get_by_role("button", name="Play").click()
    tab.wait_for_function(f"{GAN}.gan.steps > 5")


def test_g_comes_after_the_data_that_are_dragged_away(open_hero):
    tab = open_hero()
    handle = tab.get_by_role("slider", name="middle of the real data, to drag")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] - 10
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x - 200, y, steps=5)
    tab.mouse.up()
    mean = tab.evaluate(f"{GAN}.gan.target.mean")
    assert mean < 4
    # As fast as the engine is, not as fast as the clock of this machine.
    found = tab.evaluate(f"""() => {{
      const {{ gan }} = {GAN};
      for (let i = 0; i < 1200; i++) gan.step();
      return GanLab.w1(gan.samples(), gan.target);
    }}""")
    assert found < 0.5


def test_it_has_one_button_and_no_loss(open_hero):
    tab = open_hero()
    assert tab.locator("button:not(.lab-name)").count() == 1
    words = tab.locator("section").inner_text()
    assert not re.search("loss|W1", words)
    plot = tab.locator("svg.lab-plot")
    expect(plot).to_have_attribute("aria-label", re.compile("The real data lie around 5.00"))


def test_a_phone_shows_it_whole(open_hero):
    tab = open_hero(viewport={"width": 360, "height": 640})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
