"""The charts of the live lab and the words under them, in a real browser."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

NUMBERS = {"loss": 1.3, "best": 1.2, "jsd": 0.09, "floor": {"high": 0.002}}


@pytest.fixture
def open_lab(open_lab):
    """Open one live lab, and wait until its optimality gap is measured."""

    def open_with(name="full"):
        page = open_lab(name)
        if page.tab.locator(".lab-gap").count():
            page.wait_for_gap(0)
        return page

    return open_with


def news(page, scene):
    """The words under a chart that change."""
    return page.tab.locator(f".lab-{scene} .lab-note")


def legend(page, scene):
    return page.tab.locator(f".lab-{scene} .lab-legend").first


def rules(page, scene):
    return page.tab.locator(f".lab-{scene} .lab-rule-label:visible").all_text_contents()


def highest(page, scene):
    """The largest tick on the left of a chart, whatever its sign."""
    ticks = page.tab.locator(f".lab-{scene} .lab-tick[text-anchor=end]").all_text_contents()
    return max(float(tick.replace("−", "").replace("k", "e3")) for tick in ticks)


# --- A run that leaves all bounds ---------------------------------------------------------------


def test_what_is_no_longer_a_number_is_named(open_lab):
    page = open_lab()
    page.press("Step D", "Step G")
    page.ask("lab.gan.d.weights.fill(NaN)")
    page.press("Step D")
    expect(news(page, "gap")).to_contain_text("The loss of D is no longer a number")
    expect(news(page, "loss")).to_contain_text("Loss of D is no longer a number, loss of G ")
    page = open_lab("mean")
    page.ask("lab.gan.g.weights.fill(NaN)")
    page.press("Step G")
    expect(news(page, "density")).to_contain_text("no longer numbers")
    expect(news(page, "loss")).to_contain_text("Loss of G is no longer a number")


def edit_history(page, edit):
    """Change recorded numbers, as ``edit`` does with each run's and the number of its point."""
    page.ask(f"lab.history.entries.forEach(({{ runs: [run] }}, i) => {edit})")


@pytest.mark.slow
@pytest.mark.parametrize("when", [slice(0, 3), slice(-3, None)], ids=["first", "last"])
def test_an_explosion_leaves_the_chart_and_not_the_rest_unreadable(open_lab, when):
    page, scene, name = open_lab("mean"), "loss", "lossG"
    page.step_g(12)
    usual = highest(page, scene)
    steps = list(range(1, 13))[when]
    edit_history(page, f"{steps}.includes(i) && (run.{name} = 10 ** (7 * i))")
    page.rewind(6)
    expect(news(page, scene)).not_to_contain_text("left the chart")
    page.rewind(steps[-1])
    expect(news(page, scene)).to_contain_text("The line has left the chart.")
    assert highest(page, scene) <= 2 * usual


def test_growth_stays_on_the_chart(open_lab):
    page = open_lab()
    page.step_g(12)
    edit_history(page, "(run.w1 = 1000 * i ** 3)")
    page.rewind(6)
    page.rewind(12)
    expect(news(page, "distance")).to_contain_text("W1 is 1.7e+6")
    expect(news(page, "distance")).not_to_contain_text("left the chart")


@pytest.mark.parametrize(
    ("factor", "words"),
    [(0, "pg is a spike at 0, too narrow"), (0.2, r"pg goes on above the chart, up to \d")],
)
def test_a_p_g_that_is_higher_than_the_chart_is_named(open_lab, factor, words):
    page = open_lab()
    page.ask(f"lab.gan.g.weights.forEach((w, i, all) => (all[i] = {factor} * w))")
    page.press("Step D")
    expect(news(page, "density")).to_contain_text(re.compile(words))
    page.press("Reset")
    expect(news(page, "density")).not_to_contain_text("pg")


# --- The gap ------------------------------------------------------------------------------------


def gap_words(page, updates=1, **changes):
    """What the chart of the gap says of such numbers."""
    found = json.dumps({**NUMBERS, **changes})
    return page.ask(
        f"""(() => {{
          const now = {{ gap: {found}, stepsD: {updates} }};
          const history = {{ entries: [{{ runs: [now] }}] }};
          const scene = {{
            history, runs: [lab], lines: () => [lab], indexOf: () => 0, historyOf: () => history,
            gapOf: () => now.gap,
          }};
          const place = document.createElement("div");
          const {{ look, make }} = GanLab.SCENES.gap;
          const chart = GanLab.chart(place, {{ title: "", ...look(scene) }});
          return make(scene, chart, place).describe(lab);
        }})()"""
    )


def test_the_verdict_is_explained(open_lab):
    page = open_lab()
    for changes, words in (
        ({}, "D is blind: G is off, and D misses more than half of that."),
        ({"loss": 1.25}, "D sees it: G is off, and D sees half of that or more."),
        ({"jsd": 0.001}, "G is right: a perfect G gets such a JSD, too."),
    ):
        said = gap_words(page, **changes)
        assert said.startswith(words)
        assert said.endswith("the best D would get about 1.20.")
        # A D that has not learned is no blind one.
        young = gap_words(page, updates=0, **changes)
        assert young.startswith(words if "right" in words else "D has not learned yet. JSD ")


def test_an_untrained_d_is_not_called_blind(open_lab):
    page = open_lab()
    expect(news(page, "gap")).to_contain_text("D has not learned yet.")
    page.press("Step D")
    expect(news(page, "gap")).to_contain_text(re.compile("^D (is blind|sees it): "))
    page.rewind(0)
    expect(news(page, "gap")).to_contain_text("D has not learned yet.")


def paths(page):
    """The points of the gap's area, of D's loss and of the best one."""
    looks = (".lab-area", ".kind-loss-d", ".kind-dstar")
    places = (page.tab.locator(f".lab-gap .lab-plot {look}") for look in looks)
    return [re.findall(r"[\d.]+ [\d.]+", place.get_attribute("d")) for place in places]


def test_the_gap_is_the_area_between_the_two_losses(open_lab):
    page = open_lab()
    expect(legend(page, "gap")).to_contain_text("what D misses")
    page.press("Step D")
    page.wait_for_gap(1)
    area, own, best = paths(page)
    assert area == own + best[::-1]
    assert len(own) == 2
    # A best D that is estimated to be worse than this one leaves no gap.
    edit_history(page, "i || (run.gap.loss = 0.1)")
    page.rewind(0)
    area, own, best = paths(page)
    assert area[0] == best[0] != own[0]
    assert area[1] == own[1]


# --- Words that explain -------------------------------------------------------------------------


def test_the_help_explains_what_the_lab_shows(open_lab):
    page = open_lab()
    page.press("Help: charts and keys")
    words = page.tab.get_by_role("dialog")
    for part in ("a slope of 1 is", "says ½ to every x", "never quite the target", "JSD: how far"):
        expect(words).to_contain_text(part)
    page = open_lab("mean")
    page.press("Help: charts and keys")
    expect(page.tab.get_by_role("dialog")).not_to_contain_text(re.compile(r"\bD\b|JSD|W1"))


def levels(page, scene, loss):
    """Where the rules of a chart stand, after a step at which the loss of G was so much."""
    for player in ("Step D", "Step G"):
        if page.button(player).count():
            page.press(player)
    edit_history(page, f"(run.lossG = {loss})")
    page.rewind(0)
    page.charts()
    chart = page.tab.locator(f".lab-{scene}")
    ticks = [
        (float(tick.text_content().replace("−", "-")), float(tick.get_attribute("y")) - 4)
        for tick in chart.locator(".lab-tick[text-anchor=end]").all()
    ]
    (low, bottom), (high, top) = ticks[0], ticks[-1]
    heights = [
        float(re.search(r" ([\d.]+)H", rule.get_attribute("d"))[1])
        for rule in chart.locator(".lab-rule").all()
        if rule.evaluate("rule => rule.style.display") != "none" and rule.get_attribute("d")
    ]
    return [low + (high - low) * (bottom - y) / (bottom - top) for y in heights]


LEVELS = {  # the names and places of the rules
    "nonsaturating": (["log 4", "log 2"], [1.386, 0.693]),
    "saturating": (["log 4", "−log 2"], [1.386, -0.693]),
    "stats": (["log 4"], [1.386]),
    "mean": ([], []),  # D plays no part in it
}


@pytest.mark.parametrize("loss", LEVELS)
def test_the_level_of_a_guessing_d_is_that_of_the_loss(open_lab, loss):
    page = open_lab("mean" if loss == "mean" else "clinic")
    page.choose("loss of G", loss)
    names, places = LEVELS[loss]
    assert levels(page, "loss", -1) == pytest.approx(places, abs=0.02)
    assert rules(page, "loss") == names


def test_two_peaks_have_a_spread_each_and_one_together(open_lab):
    expect(news(open_lab("clinic"), "orbit")).to_contain_text(
        "the target has 0 and 3.04 (two peaks with σ = 0.5 each)."
    )


def test_the_target_stays_on_the_chart(open_lab):
    page = open_lab("clinic")
    page.choose("Speed", "100")
    page.press("Play")
    page.wait_for_steps(60)  # one point in a hundred is no longer too much to leave out
    page.press("Pause")
    box = page.tab.locator(".lab-orbit svg clipPath rect").bounding_box()
    cross = page.tab.locator(".lab-orbit .lab-plot .lab-cross").bounding_box()
    assert box["y"] <= cross["y"]
    assert cross["x"] + cross["width"] <= box["x"] + box["width"]


def test_two_points_do_not_look_like_the_handle(open_lab):
    page = open_lab()
    knobs = page.tab.locator(".lab-density .lab-plot .lab-points.kind-data")
    expect(knobs).to_be_hidden()
    page.choose("kind of target", "two_point")
    page.settle()
    assert knobs.get_attribute("d").count("M") == 2
    expect(legend(page, "density")).to_contain_text("two points, ½ each")
    # Nothing can be said of a gap: neither lines nor words promise it.
    expect(news(page, "gap")).to_contain_text("no density")
    page.charts()
    assert legend(page, "gap").is_hidden()


def test_the_best_d_is_drawn_where_there_are_data_or_fakes(open_lab):
    """Far from both the estimate of p_g is 0, and D* would be drawn as a certain 1."""
    page = open_lab()
    page.fill("mean of the target, μ", "-20")
    page.settle()
    path = page.tab.locator(".lab-density .lab-plot .lab-line.kind-dstar").get_attribute("d")
    assert path.count("M") == 2
    places = [float(x) for x in re.findall(r"[ML](-?[\d.]+) ", path)]
    gaps = np.diff(places)
    assert gaps.max() > 4 * np.median(gaps)


def test_a_change_is_marked_in_its_run_alone(open_lab):
    page = open_lab()
    page.compare("rateG", "learning rate of G", "0.1")
    page.press("Step G")
    page.fill("learning rate of G", "0.02")
    page.fill("batch size", "32")
    page.charts()
    own, both = page.ask("lab.history.marks")
    assert (own["runs"], both["runs"]) == ([0], [0, 1])
    assert "of run A" in own["text"]
    marks = page.tab.locator(".lab-distance .lab-plot .lab-segments.kind-ghost")
    assert marks.get_attribute("d").count("M") == 2
    page.rewind(0)
    assert page.ask("[lab.gan, lab.other].map(gan => gan.settings.rateG)") == [0.001, 0.1]


# --- On paper -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["raw", "game"])
def test_paper_shows_the_charts_and_no_controls(open_page, name):
    tab = open_page(f'<section data-gan-lab="{name}"></section>', theme="dark")
    tab.emulate_media(media="print")
    for control in tab.locator("button:not(.lab-name), select, input").all():
        assert not control.is_visible()
    assert tab.locator(".lab-plot").first.is_visible()
    ink = "getComputedStyle(document.querySelector('.gan-lab')).getPropertyValue('--lab-ink')"
    assert tab.evaluate(ink).strip() == "#222222"
    if name == "raw":
        assert tab.locator("[data-steps]").is_visible()
        assert tab.locator(".lab-note >> visible=true").count() >= 4
