"""A target drawn by hand, in a real browser: on a chart of its own, and as a target of the lab."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from gan_lessons.distributions import Drawn

DRAWN = "9z51000024688acegikmoqsuwyzyxwvut"
# A chart on which one draws, as a lab would: its axis follows, so that the curve of the target
# lies under the pen.
SHEET = """() => {
  const chart = GanLab.chart(document.querySelector(".gan-lab"), {
    title: "Draw the data", x: {label: "x", min: -2.5, max: 6.5}, y: {label: "density"},
  });
  const curve = chart.line("data", {kind: "data", label: "p_data"});
  let spec = GanLab.sheetOf(GanLab.target({kind: "normal", mean: 2, std: 1}));
  const follow = () => {
    window.target = GanLab.target(spec);
    const xs = GanLab.grid(-2.5, 6.5, 361);
    chart.range({y: [0, target.full]});
    curve.set(xs, xs.map(target.pdf));
  };
  window.heard = [];
  window.sketch = chart.sketch("drawing", {
    label: "p_data, to draw",
    onInput(heights) {
      heard.push(heights);
      const before = spec;
      window.said = "";
      try {
        spec = {...spec, shape: GanLab.shapeOf(heights)};
        follow();
      } catch (error) {
        [spec, window.said] = [before, error.message];
      }
    },
  });
  window.lay = () => sketch.show(GanLab.knotsOf(spec), GanLab.heightsOf(spec.shape));
  window.heights = () => GanLab.heightsOf(spec.shape);
  follow();
}"""


@pytest.fixture
def open_sheet(open_page):
    """A page with the chart above; the sheet lies on it."""

    def open_with(width=700, **settings):
        viewport = {"width": width, "height": 700}
        tab = open_page('<div class="gan-lab"></div>', viewport=viewport, **settings)
        tab.evaluate(SHEET)
        tab.evaluate("lay()")
        return tab

    return open_with


class Pen:
    """The mouse, in the data's x and in heights."""

    def __init__(self, tab):
        self.tab, self.box = tab, tab.get_by_role("slider").bounding_box()

    def at(self, x, height):
        box = self.box
        right = box["x"] + box["width"] * (x + 2.5) / 9
        return right, box["y"] + box["height"] * (1 - height / 35)

    def move(self, x, height):
        self.tab.mouse.move(*self.at(x, height))

    def stroke(self, *points):
        self.move(*points[0])
        self.tab.mouse.down()
        for point in points[1:]:
            self.move(*point)
        self.tab.mouse.up()


def heights(tab):
    return tab.evaluate("heights()")


def test_a_fast_stroke_leaves_no_place_out(open_sheet):
    tab = open_sheet()
    Pen(tab).stroke((-2, 0.4), (2, 32), (6, 0))  # in two jumps over 16 places each
    assert heights(tab) == [*range(0, 32, 2), 32, *range(30, -1, -2)]
    assert tab.evaluate("heard.length") == 2  # where the pen went down nothing changed


def test_a_stroke_goes_backwards_stays_on_the_sheet_and_ends(open_sheet):
    tab = open_sheet()
    pen = Pen(tab)
    pen.stroke((6.4, 10), (3, 10), (3, 99), (-9, 99), (-9, -99), (2, -99))
    found = heights(tab)
    assert found[-12:] == [10] * 12
    assert found[-13] == 35
    assert found[:17] == [0] * 17
    pen.move(0, 30)  # the pen is up
    assert heights(tab) == found


def test_a_tap_changes_the_nearest_place_alone(open_sheet):
    tab = open_sheet()
    before = heights(tab)
    Pen(tab).stroke((2.1, 3))
    assert heights(tab) == [3 if i == 16 else old for i, old in enumerate(before)]


def test_the_curve_of_the_target_lies_under_the_pen(open_sheet):
    """Though its axis grows and shrinks with what is drawn."""
    tab = open_sheet()
    Pen(tab).stroke((-2, 0.4), (6, 0))
    assert tab.evaluate("said").endswith("and not all 0")
    Pen(tab).stroke((0, 30), (0.9, 5))
    curve, drawn = (
        np.array(re.findall(r"[\d.]+", tab.locator(path).get_attribute("d")), float).reshape(-1, 2)
        for path in (".lab-plot .lab-line", ".lab-plot .lab-area")
    )
    assert len(drawn) == 66  # there along the heights, and back along the foot
    drawn = drawn[:33]
    at_knots = np.interp(drawn[:, 0], curve[:, 0], curve[:, 1])
    np.testing.assert_allclose(at_knots, drawn[:, 1], atol=0.3)  # px


def test_a_finger_draws_and_the_page_does_not_scroll(open_sheet):
    tab = open_sheet(360)
    pen = Pen(tab)
    session = tab.context.new_cdp_session(tab)
    for kind, x, height in (("Start", 0, 8), ("Move", 1, 20), ("Move", 3, 20), ("End", 3, 20)):
        right, down = pen.at(x, height)
        points = [] if kind == "End" else [{"x": right, "y": down}]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    tab.wait_for_function("heard.length === 3")
    assert heights(tab)[8:21] == pytest.approx([8, 11, 14, 17, *[20] * 9], abs=1)
    sheet = tab.get_by_role("slider")
    assert sheet.evaluate("sheet => getComputedStyle(sheet).touchAction") == "none"
    tab.evaluate("sketch.hide()")
    assert tab.get_by_role("slider").count() == 0  # and so it keeps no finger from scrolling


def test_a_sheet_that_was_taken_away_in_a_stroke_is_drawn_on_again(open_sheet):
    tab = open_sheet()
    pen = Pen(tab)
    pen.move(0, 10)
    tab.mouse.down()
    tab.evaluate("sketch.hide()")
    pen.move(1, 10)
    assert not tab.locator(".lab-plot .lab-area").is_visible()
    tab.mouse.up()
    tab.evaluate("lay()")
    Pen(tab).stroke((1, 7))
    assert heights(tab)[12] == 7


def test_by_keyboard_each_height_is_reached_changed_and_told(open_sheet):
    tab = open_sheet()
    for _ in "12":  # the names of the curves are one stop
        tab.keyboard.press("Tab")
    sheet = tab.get_by_role("slider", name="p_data, to draw")
    expect(sheet).to_be_focused()
    before = heights(tab)
    for key in ("ArrowDown", "ArrowLeft", "End", *["ArrowLeft"] * 16):
        tab.keyboard.press(key)
    expect(sheet).to_have_attribute("aria-valuetext", "x = 2.00: height 35 of 35")
    for key in ("PageDown", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowUp"):
        tab.keyboard.press(key)
    expect(sheet).to_have_attribute("aria-valuetext", f"x = 2.25: height {before[17] + 1} of 35")
    expect(sheet).to_have_attribute("aria-valuenow", str(before[17] + 1))
    assert heights(tab) == [*before[:16], 29, before[17] + 1, *before[18:]]
    assert tab.evaluate("heard.length") == 5  # not of the foot, nor of going from place to place
    tab.keyboard.press("Control+ArrowDown")  # is the browser's
    assert tab.evaluate("heard.length") == 5
    tab.keyboard.press("Tab")
    expect(sheet).not_to_be_focused()


def test_the_reader_sees_where_the_keys_draw(open_sheet):
    tab = open_sheet()
    mark = tab.locator(".lab-plot .lab-points")
    before = mark.bounding_box()
    tab.get_by_role("slider").focus()
    tab.keyboard.press("ArrowRight")
    step = mark.bounding_box()["x"] - before["x"]
    assert step == pytest.approx(Pen(tab).box["width"] / 36, abs=1)


def test_a_wrong_sheet_is_refused_in_words(open_sheet):
    said = open_sheet().evaluate(
        "() => { try { sketch.show([1, 2], [3]); } catch (error) { return error.message; } }"
    )
    assert said == (
        'chart "Draw the data", area "drawing": the arrays must have one length, but xs has 2, '
        "heights has 1"
    )


SCORES = """() => {
  const random = GanLab.randomSource(7, 9);
  const perfect = () => Float64Array.from({length: 500}, () => target.sample(random));
  return ["w1", "jsd"].map((name) => {
    const {low, high} = GanLab.floor(name, target, 500);
    const scores = Array.from({length: 200}, () => GanLab[name](perfect(), target));
    return scores.filter((score) => score >= low && score <= high).length / 200;
  });
}"""


def test_a_perfect_sampler_of_a_drawing_lies_in_its_band_as_often_as_promised(open_sheet):
    tab = open_sheet()
    pen = Pen(tab)
    pen.stroke((-2, 0.4), (0, 12), (1, 0))
    pen.stroke((1.6, 0.4), (2.4, 0), (3.1, 33), (4, 3), (6, 0))
    target = Drawn(tab.evaluate("target.spec.shape"), 2, 1)
    assert tab.evaluate("target.mean") == pytest.approx(target.mean, abs=1e-12)
    assert tab.evaluate("target.std") == pytest.approx(target.std, abs=1e-12)
    # The band is from 10 to 90 %, of 100 draws: σ of the share is √(0.16 · (1/100 + 1/200)).
    for share in tab.evaluate(SCORES):
        assert share == pytest.approx(0.8, abs=4 * (0.16 * (1 / 100 + 1 / 200)) ** 0.5)


# --- As a target of the lab ---------------------------------------------------------------------


def test_a_link_brings_a_drawing_that_the_panel_shows_and_checks(open_lab):
    page = open_lab("raw", f"#lab-raw?target.kind=drawn&target.shape={DRAWN}")
    assert page.ask("lab.gan.target.mean") == pytest.approx(Drawn(DRAWN, 2, 1).mean)


def test_a_drawing_is_typed_and_kept_in_the_address(open_lab):
    page = open_lab("raw")
    field = page.field("heights of the drawing")
    assert not field.is_visible()
    page.choose("kind of target", "drawn")
    usual = page.ask("lab.gan.target.spec.shape")
    assert field.input_value() == usual
    page.press("Step D", "Step G")
    page.fill("heights of the drawing", DRAWN[:-1])
    expect(page.tab.locator(".lab-error:visible")).to_contain_text("these are 32")
    assert page.ask("lab.gan.target.spec.shape") == usual
    page.fill("heights of the drawing", DRAWN)
    assert page.ask("lab.gan.target.spec.shape") == DRAWN
    link = f"target.kind=drawn&target.mean=-2&target.std=1&target.shape={DRAWN}"
    page.tab.wait_for_function("link => location.hash.includes(link)", arg=link)
    page.tab.reload()
    page.settle()
    assert page.ask("lab.gan.target.spec.shape") == DRAWN
    page.press("Step D", "Step G")
    assert page.steps() == 1
