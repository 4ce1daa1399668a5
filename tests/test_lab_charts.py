"""The charts of the lab, in a real browser: what is drawn, moved by hand, and saved."""

import io
import re
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Error

from tests.contrast import contrast
from tools.paths import ROOT

LAB = ROOT / "gan_lessons" / "lab"
SCRIPTS = ("numbers.js", "controls.js", "charts.js", "handles.js", "pictures.js")
SVG = "{http://www.w3.org/2000/svg}"

# A chart with one series of each sort.
CHART = """() => {
  const chart = GanLab.chart(document.querySelector(".gan-lab"), {
    title: "Densities & D <now>", describe: "Two bells",
    x: {label: "x", min: -2, max: 12}, y: {label: "density", min: 0, max: 0.5},
    right: {label: "D", min: 0, max: 1},
  });
  const xs = Float64Array.from({length: 200}, (_, i) => -2 + 14 * i / 199);
  chart.line("p_g", {kind: "fake", label: "p_g"}).set(xs, xs.map((x) => Math.exp(-x * x)));
  window.d = chart.line("d", {kind: "d", label: "your D", axis: "right"});
  d.set(xs, xs.map(() => 0.5));
  chart.area("floor", {kind: "floor", label: "noise floor"}).set([0, 5], [0, 0], [0.1, 0.2]);
  chart.band("band", {kind: "ghost", label: "10 to 90 %"}).set(0.2, 0.3);
  chart.rule(Math.log(4) / 10, {label: "log 4"});
  chart.rule(Math.log(4) / 10 + 0.005, {label: "close to log 4"});
  chart.points("now", {kind: "data", shape: "cross", label: "target"}).set([5], [0.1]);
  chart.segments("push", {kind: "gradient", arrow: true, label: "push"}).set([1], [0], [2], [0.1]);
  chart.rug("samples", {kind: "fake", label: "samples"}).set(xs);
  window.heard = [];
  window.handle = chart.draggable("mu", {
    kind: "fake", label: "mean of p_g", mark: "mean", value: 3, min: -2, max: 12, step: 0.5,
    onInput: (value) => heard.push(value),
  });
  window.chart = chart;
}"""

OVERLAPS = """() => {
  const found = [];
  const boxes = [...document.querySelectorAll(".lab-plot text")]
    .filter((text) => text.textContent && text.style.display !== "none")
    .map((text) => [text.textContent, text.getBoundingClientRect()]);
  const plot = document.querySelector(".lab-plot").getBoundingClientRect();
  boxes.forEach(([words, a], i) => {
    if (a.left < plot.left || a.right > plot.right || a.top < plot.top || a.bottom > plot.bottom)
      found.push(`${words} sticks out`);
    for (const [others, b] of boxes.slice(i + 1)) {
      // Boxes hold the space for letters above and below, which digits leave free.
      if (a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
        found.push(`${words} on ${others}`);
    }
  });
  return {texts: boxes.length, found};
}"""


@pytest.fixture
def open_page(open_tab):
    """Open a page with the lab's style and charts, `width` px wide."""

    def open_with(width=700, **settings):
        page = open_tab(viewport={"width": width, "height": 700}, **settings)
        style, *scripts = (
            (LAB / name).read_text(encoding="utf8") for name in ("lab.css", *SCRIPTS)
        )
        page.set_content(
            f'<!doctype html><style>{style}</style><div class="gan-lab"></div>'
            + "".join(f"<script>{script}</script>" for script in scripts)
        )
        return page

    return open_with


@pytest.fixture
def page(open_page):
    """A page with the chart above."""
    page = open_page()
    page.evaluate(CHART)
    return page


def path_of(page, selector):
    return page.locator(f".lab-plot {selector}").first.get_attribute("d")


def test_a_line_breaks_at_nan_and_infinity_and_is_clipped_to_the_plot(page):
    page.evaluate("() => d.set([0, 1, 2, 3, 4, 5, 6], [0, 1, NaN, 0.5, 99, Infinity, 0.5])")
    path = path_of(page, ".lab-line.kind-d")
    assert path.count("M") == 3
    assert not re.search("NaN|Infinity", path)
    clip = page.evaluate("""() => {
      const group = document.querySelector(".lab-plot .lab-line").closest("[clip-path]");
      const id = group.getAttribute("clip-path").match(/#([^)"]+)/)[1];
      const box = document.querySelector(`#${id} rect`).getBBox();
      const grid = document.querySelector(".lab-grid").getBBox();
      return [box.x - grid.x, box.y - grid.y, box.width - grid.width, box.height - grid.height];
    }""")
    assert clip == pytest.approx([0, 0, 0, 0], abs=0.1)


def test_values_beyond_all_bounds_stay_drawable(page):
    page.evaluate("() => d.set([-1e300, 0, 1e300], [-1e300, 0.5, 1e300])")
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", path_of(page, ".lab-line.kind-d"))]
    assert len(numbers) == 6
    assert max(map(abs, numbers)) <= 1e5


RANGES = [
    "{}",
    "{x: [0, 20000], y: [0, 0.004], right: [-1, 1]}",
    "{x: [0, 2000000], y: [-100000, 3000000], right: [0, 0.00002]}",
    "{x: [999999, 1000001], y: [1e12, 3e12], right: [-5000, 5000]}",
    "{x: [0.12345, 0.12346], y: [7, 7]}",
]


@pytest.mark.parametrize("width", [300, 900])
def test_labels_neither_overlap_nor_stick_out(open_page, width):
    page = open_page(width)
    page.evaluate(CHART)
    for ranges in RANGES:
        page.evaluate(f"() => chart.range({ranges})")
        result = page.evaluate(OVERLAPS)
        assert result["found"] == [], ranges
        assert result["texts"] >= 8
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_long_words_on_the_axes_neither_overlap_nor_stick_out(open_page):
    page = open_page(320)
    page.evaluate("""() => {
      const box = document.querySelector(".gan-lab");
      const [y, right] = ["the mean of a great many samples", "what a discriminator says of it"];
      GanLab.chart(box, {x: {min: 1000, max: 1000.004}, y: {label: y}, right: {label: right}});
    }""")
    assert page.evaluate(OVERLAPS)["found"] == []
    page.evaluate("""() => {
      document.querySelector(".lab-chart").remove();
      GanLab.chart(document.querySelector(".gan-lab"), {x: {min: 1000, max: 1000.004}});
    }""")
    assert page.evaluate(OVERLAPS)["found"] == []


def test_ticks_are_round_and_large_numbers_short(page):
    page.evaluate("() => chart.range({x: [0, 20000], y: [0, 2e6], right: [-1, 1]})")
    labels = page.locator(".lab-tick").all_text_contents()
    assert {"5k", "20k", "0.5M", "2.0M", "−1.0", "0"} <= set(labels)


def test_axes_are_kept_while_the_ranges_stay_and_drawn_when_the_width_changes(page):
    mark = "() => { document.querySelector('.lab-grid').old = true; }"
    is_old = "() => document.querySelector('.lab-grid').old === true"
    page.evaluate(mark)
    page.evaluate("() => { chart.range({x: [-2, 12]}); d.set([0], [0]); }")
    assert page.evaluate(is_old)
    page.set_viewport_size({"width": 320, "height": 700})
    page.wait_for_function("() => !document.querySelector('.lab-grid').old")
    size = page.evaluate("() => getComputedStyle(document.querySelector('.lab-tick')).fontSize")
    assert float(size.removesuffix("px")) >= 11
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_handle_moves_by_keyboard_and_reports(page):
    slider = page.get_by_role("slider", name="mean of p_g")
    for _ in "12":  # the names of the curves are one stop
        page.keyboard.press("Tab")
    assert slider.evaluate("(grip) => grip === document.activeElement")
    outline = "(grip) => getComputedStyle(grip, '::after').outlineStyle"
    assert slider.evaluate(outline) == "solid"
    keys = ["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "PageUp", "End", "End", "Home"]
    for key in keys:
        page.keyboard.press(key)
    assert page.evaluate("heard") == [3.5, 4, 3.5, 3, 8, 12, -2]
    assert slider.get_attribute("aria-valuenow") == "-2"
    assert slider.get_attribute("aria-valuemin") == "-2"
    assert slider.get_attribute("aria-valuemax") == "12"


def test_the_handle_follows_a_pointer_and_the_caller(page):
    slider = page.get_by_role("slider", name="mean of p_g")
    per_unit = page.evaluate("() => document.querySelector('.lab-grid').getBBox().width / 14")
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    # It is held beside its line: it must not jump.
    page.mouse.move(box["x"] + box["width"] / 2 + 13, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 13 + 4 * per_unit, middle + 30, steps=9)
    page.mouse.up()
    page.mouse.move(10, 10)  # released: it stays
    assert page.evaluate("heard.at(-1)") == 7
    assert slider.bounding_box()["x"] - box["x"] == pytest.approx(4 * per_unit, abs=1)
    reports = page.evaluate("heard.length")
    page.evaluate("() => handle.set(-99)")
    assert page.evaluate("heard.length") == reports
    assert slider.get_attribute("aria-valuenow") == "-2"


def test_a_finger_moves_the_handle(open_page):
    page = open_page(360)
    page.evaluate(CHART)
    box = page.get_by_role("slider", name="mean of p_g").bounding_box()
    session = page.context.new_cdp_session(page)
    for kind, shift in (("touchStart", 0), ("touchMove", 20), ("touchMove", 60), ("touchEnd", 60)):
        point = {"x": box["x"] + 14 + shift, "y": box["y"] + 20}
        points = [] if kind == "touchEnd" else [point]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function("() => heard.length > 0 && heard.at(-1) > 4")


def test_a_description_is_told_and_a_hidden_series_leaves_the_legend(page):
    items = page.locator(".lab-legend li")
    assert "your D" in items.all_text_contents()
    page.evaluate("() => chart.describe('p_g has reached p_data')")
    assert page.get_by_role("img", name="p_g has reached p_data").count() == 1
    page.evaluate("() => { d.hide(true); d.set([0, 1], [0, 1]); }")
    assert "your D" not in items.all_text_contents()
    assert not page.locator(".lab-line.kind-d").is_visible()
    page.evaluate("() => d.hide(false)")
    assert "your D" in items.all_text_contents()
    assert path_of(page, ".lab-line.kind-d").count("L") == 1


def test_the_names_of_close_rules_do_not_overlap(page):
    named = "[...document.querySelectorAll('.lab-rule-label')].filter((t) => t.checkVisibility())"
    ends = (
        f"{named}.map((t) => [t.textContent, t.getBBox().y, t.getBBox().y + t.getBBox().height])"
    )
    page.evaluate(
        "() => { window.third = chart.rule(Math.log(4) / 10 + 0.01, {label: 'third'}); }"
    )
    assert [name for name, _, _ in page.evaluate(ends)] == ["log 4"]
    page.evaluate("() => third.set(0.4)")
    (first, top, _), (second, _, below) = page.evaluate(ends)
    assert [first, second] == ["log 4", "third"]
    assert below < top


def test_a_logarithmic_axis_has_round_ticks_where_its_values_are(open_page):
    page = open_page(560)
    page.evaluate("""() => {
      window.chart = GanLab.chart(document.querySelector(".gan-lab"), {
        x: {min: 0, max: 3}, y: {label: "W1", log: true, min: 0.01, max: 100},
      });
      window.line = chart.line("one", {label: "one"});
      line.set([0, 1, 2, 3], [0.01, 0.1, 10, 100]);
    }""")
    ticks = (
        "[...document.querySelectorAll('.lab-tick[text-anchor=end]')].map((t) => t.textContent)"
    )
    assert page.evaluate(ticks) == ["0.01", "0.1", "1", "10", "100"]
    points = re.findall(r"[ML][\d.]+ ([\d.]+)", path_of(page, ".lab-line"))
    low, second, third, top = map(float, points)
    assert low - second == pytest.approx((low - top) / 4, abs=0.2)
    assert third - top == pytest.approx((low - top) / 4, abs=0.2)
    page.evaluate("() => chart.range({y: [0.1, 1]})")
    assert page.evaluate(ticks) == ["0.1", "0.2", "0.5", "1"]


SYMBOLS = """() => {
  document.querySelector(".lab-chart").remove();
  window.chart = GanLab.chart(document.querySelector(".gan-lab"), {
    title: "p_g walks", x: {label: "x"}, y: {label: "p_data(x) and more"},
  });
  chart.rule(0.5, {label: "all of p_g"});
  chart.line("one", {label: "p_g − p_data, D_star"}).set([0, 1], [0, 1]);
  chart.draggable("mean", {mark: "p_g"});
}"""


def test_p_data_and_p_g_are_written_with_a_subscript(page):
    page.evaluate(SYMBOLS)
    subs = "[...document.querySelectorAll('.lab-chart sub')].map((sub) => sub.textContent)"
    assert page.evaluate(subs) == ["g", "g", "data"]
    assert page.locator(".lab-legend span").text_content() == "pg − pdata, D_star"
    root = ElementTree.fromstring(page.evaluate("() => GanLab.svgOf([chart]).text").encode())
    texts = {
        "".join(node.itertext()): [part.get("dy") for part in node]
        for node in root.iter(f"{SVG}text")
        if len(node)
    }
    assert texts == {
        "pg walks": ["3", "-3"],
        "pdata(x) and more": ["3", "-3"],
        "all of pg": ["3", "-3"],
        "pg − pdata, D_star": ["3", "-3", "3", "-3"],
        "pg": ["3", "-3"],
    }


def test_a_chart_that_is_not_shown_takes_values_and_draws_them_later(open_page):
    page = open_page()
    page.evaluate("() => { document.querySelector('.gan-lab').style.display = 'none'; }")
    page.evaluate(CHART)
    page.evaluate("() => d.set([0, 1], [0, 1])")
    assert "your D" in page.evaluate("() => GanLab.svgOf([chart]).text")
    page.evaluate("() => { document.querySelector('.gan-lab').style.display = ''; }")
    page.wait_for_function("() => document.querySelector('.lab-plot').clientWidth > 600")
    assert path_of(page, ".lab-line.kind-d").count("L") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_saved_svg_stands_alone(open_page, scheme):
    page = open_page(color_scheme=scheme)
    page.evaluate(CHART)
    text = page.evaluate("() => GanLab.svgOf([chart]).text")
    root = ElementTree.fromstring(text.encode())
    assert root.tag == f"{SVG}svg"
    words = ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]
    labels = ["pg", "your D", "noise floor", "10 to 90 %", "target", "push", "samples"]
    assert {"Densities & D <now>", *labels, "log 4", "mean", "density"} <= set(words)
    assert root.find(f"{SVG}desc").text == "Two bells"
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []
    assert set(re.findall(r"url\((.)", text)) == {"#"}
    assert "var(" not in text
    assert "class=" not in text
    # The paper is that of the theme, and each line keeps its colour and dash.
    assert root.find(f"{SVG}rect").get("fill") == {"light": "#ffffff", "dark": "#14181e"}[scheme]
    look = "(line) => getComputedStyle(line).stroke"
    stroke = page.locator(".lab-plot .kind-d").first.evaluate(look)
    styles = [node.get("style", "") for node in root.iter(f"{SVG}path")]
    assert any(f"stroke:{stroke};" in style and "dasharray:11px" in style for style in styles)
    for node in root.iter(f"{SVG}text"):
        assert float(node.get("x")) >= 0


def save(page, call):
    """The file that a call downloads, as bytes, and its name."""
    with page.expect_download() as download:
        page.evaluate(f"() => {call}.then(() => 0)")
    return download.value.path().read_bytes(), download.value.suggested_filename


def test_several_charts_are_saved_as_one_picture(page):
    alone = ElementTree.fromstring(page.evaluate("() => GanLab.svgOf([chart]).text").encode())
    wide, high = (float(alone.get(side)) for side in ("width", "height"))
    page.evaluate(CHART.replace("Densities", "Once more"))
    svg, name = save(page, "GanLab.savePicture([chart, chart], 'run.svg', 'svg')")
    root = ElementTree.fromstring(svg)
    assert (float(root.get("width")), float(root.get("height"))) == (wide, 2 * high - 12)
    assert b"Once more" in svg
    assert name == "run.svg"
    png, name = save(page, "GanLab.savePicture([chart, chart], 'run.png', 'png')")
    assert name == "run.png"
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.size) == ("PNG", (2 * wide, 2 * (2 * high - 12)))
        colours = {colour for _, colour in image.convert("RGB").getcolors(10**6)}
    assert {(255, 255, 255), (0, 120, 90), (11, 98, 168)} <= colours  # paper, p_g and D


def test_text_is_saved(page):
    text, name = save(page, "GanLab.saveText('run.csv', 'text/csv', 'μ,step\\n1,2\\n')")
    assert (text.decode("utf8"), name) == ("μ,step\n1,2\n", "run.csv")


SEGMENTS = "chart.segments('map').set([1], [1], [1, 2], [1])"
BAD = {
    "d.set([1, 2, 3], [1, 2])": r'line "d".*xs has 3, ys has 2',
    "d.set([1, 2])": r'line "d".*ys must be an array',
    SEGMENTS: r'segments "map".*x1 has 1, y1 has 1, x2 has 2, y2 has 1',
    "chart.area('a').set([1], [], [1])": r'area "a".*xs has 1, lower has 0, upper has 1',
    "chart.line('d')": r'series "d" already',
    "chart.points('p', {shape: 'star'})": r'points "p".*"star"',
    "chart.range({x: [0, NaN]})": r"range of x.*0,NaN",
    "chart.range({right: [2, 1]})": r"range of right.*2,1",
    "handle.set(NaN)": r'handle "mu": NaN',
    "GanLab.savePicture([], 'a.svg', 'svg')": "one chart or more",
    "GanLab.savePicture([chart], 'a.gif', 'gif')": 'not "gif"',
    "GanLab.saveText('a.csv', 'text/csv', [1])": "needs text",
    "(chart.remove(), GanLab.svgOf([chart]).text)": "not on the page",
}


def test_bad_input_is_named(page):
    for script, message in BAD.items():
        with pytest.raises(Error, match=message):
            page.evaluate(f"() => {script}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_stand_out_from_the_paper(open_page, scheme):
    page = open_page(color_scheme=scheme)

    def colour(name):
        box = page.locator(".gan-lab")
        return box.evaluate("(e, n) => getComputedStyle(e).getPropertyValue(n)", f"--lab-{name}")

    for name in ("ink", "muted", "green", "blue", "orange", "purple"):
        assert contrast(colour(name).strip(), colour("paper").strip()) >= 4.5, name
