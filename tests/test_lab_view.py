"""The live lab in a real browser: each control does what its label says."""

import csv
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from gan_lessons import lab
from tests.few import first_quick
from tests.lab_page import WEIGHTS, Page, stop_clock


def trained(settings, steps):
    """What the engine alone makes of the settings, in the lab's page."""
    return (
        f"(() => {{ const gan = GanLab.createGan({json.dumps(settings)});"
        f" for (let i = 0; i < {steps}; i++) gan.step(); return {WEIGHTS.format('gan')}; }})()"
    )


RAW = lab.presets()["raw"]["settings"]


# --- The buttons ------------------------------------------------------------------------------


def test_play_and_pause(open_lab):
    page = open_lab()
    page.settle()
    pace = page.tab.locator(".lab-pace")
    assert page.steps() == 0  # the reader predicts first
    assert page.button("Pause").count() == 0
    page.press("Play")
    assert page.button("Play").count() == 0
    page.wait_for_steps(50)
    expect(pace).to_contain_text("/s")
    page.press("Pause")
    expect(page.button("Play")).to_be_visible()
    expect(pace).to_be_empty()
    reached = page.steps()
    page.settle()
    assert page.steps() == reached == page.ask("lab.gan.steps")
    assert page.weights() == page.ask(trained(RAW, reached))
    for player in ("Step D", "Step G"):
        page.press("Play")
        page.wait_for_steps(page.steps() + 5)
        page.press(player)
        assert not page.ask("lab.playing")


def test_the_keys_do_what_the_help_says(open_lab):
    page = open_lab()
    page.button("Step G").focus()
    keys = page.tab.keyboard
    for key in "ddg":
        keys.press(key)
    assert (page.steps(), page.steps_d()) == (1, 2)
    keys.press("[")
    page.settle()
    assert page.steps() == 0
    keys.press("]")
    page.settle()
    assert page.steps() == 1
    keys.press("p")
    page.wait_for_steps(5)
    keys.press("p")
    assert not page.ask("lab.playing")
    keys.press("r")
    assert page.steps() == 0
    page.field("seed").focus()  # in a field a letter is a letter
    keys.press("g")
    assert page.steps() == 0
    page.button("Step G").focus()
    keys.press("?")
    help_text = page.tab.get_by_role("dialog")
    expect(help_text).to_contain_text("one step of D")
    expect(help_text).to_contain_text("Losses")
    keys.press("Escape")
    expect(help_text).to_be_hidden()


FRESH = {"seed": ("seed", 7), "hidden units": ("hidden", 5)}
WAYS = ["Step D", "Step G", "Rewind", "learning rate of G", "Reset", *FRESH]


@pytest.mark.parametrize("seed", first_quick(range(4)))
def test_on_any_way_through_the_lab_its_state_is_the_engines(open_lab, seed):
    """Against what the engine alone makes of the same calls, with nothing to go back to."""
    page, rng = open_lab(), np.random.default_rng(seed)
    start = page.ask("lab.gan.settings")
    points, at = [(start["rateG"], [])], 0  # G's learning rate, and the calls since the start
    for way in [*WAYS[:2] * 3, *rng.choice(WAYS, 25, p=[0.3, 0.3, 0.15, 0.1, 0.05, 0.05, 0.05])]:
        rate, calls = points[at]
        if way.startswith("Step"):
            page.press(way)
            points[at + 1 :] = [(rate, [*calls, f"step{way[-1]}()"])]
            at += 1
        elif way == "Rewind":
            at = int(rng.integers(len(points)))
            page.rewind(at)
        elif way == "learning rate of G":
            rate = round(rng.uniform(0.001, 0.1), 6)
            page.fill(way, str(rate))
            points[at:] = [(rate, [*calls, f"change({{ rateG: {rate} }})"])]
        else:
            start = {**start, "rateG": rate}
            if way in FRESH:
                name, step = FRESH[way]
                start = start | {name: start[name] + step}
                page.fill(way, str(start[name]))
            else:
                page.press(way)
            points, at = [(rate, [])], 0
        rate, calls = points[at]
        alone = "".join(f"gan.{call};" for call in calls)
        assert page.snapshot() == page.ask(
            f"(() => {{ const gan = GanLab.createGan({json.dumps(start)}); {alone}"
            " return JSON.parse(JSON.stringify(gan.snapshot())); })()"
        )
        assert (page.steps(), page.steps_d()) == (calls.count("stepG()"), calls.count("stepD()"))
        assert page.ask("lab.history.entries.length") == len(points)
        assert page.field("learning rate of G").input_value() == str(rate)


def test_a_page_in_the_background_pauses(open_lab):
    page = open_lab()
    page.press("Play")
    page.wait_for_steps(5)
    page.tab.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    assert not page.ask("lab.playing")
    expect(page.message).to_contain_text("background")


# --- Going back -------------------------------------------------------------------------------


def test_the_past_goes_on_as_it_did(open_lab):
    page = open_lab()
    page.choose("Speed", "10")
    page.press("Play")
    page.wait_for_steps(8)
    page.press("Pause")
    old = page.steps()
    page.rewind(3)
    assert page.steps() == 3
    page.press("Continue from here")
    page.wait_for_steps(10)
    page.press("Pause")
    assert page.weights() == page.ask(trained(RAW, page.steps()))
    steps = page.ask("lab.history.entries.map(entry => entry.step)")
    assert steps == list(range(page.steps() + 1))
    kept = page.ask("lab.kept.map(({ history }) => history.entries.at(-1).step)")
    assert kept == [old]  # what came after is not lost


def test_runs_of_before_can_be_opened_and_laid_over(open_lab):
    page = open_lab()
    page.step_g(3)
    weights = page.weights()
    page.fill("seed", "4")
    page.step_g(2)
    page.press("Reset")
    assert page.ask("lab.kept.map(({ own }) => own.seed)") == [4, 0]
    single = page.titles()
    page.press("Lay over: run 1")
    page.charts()
    assert page.titles() == single
    expect(page.message).to_contain_text("Run B is run 1: seed 0")
    expect(page.tab.locator(".lab-loss .lab-legend")).to_contain_text("loss of G, run B")
    assert page.ask("lab.other") is None
    page.step_g(5)  # only A is trained
    page.press("Take away: run 1")
    page.charts()
    expect(page.tab.locator(".lab-loss .lab-legend")).not_to_contain_text("run B")
    page.press("Open: run 1")
    assert (page.steps(), page.weights()) == (3, weights)
    page.press("Step G")
    assert page.weights() == page.ask(
        "(() => { const gan = GanLab.createGan(lab.gan.settings);"
        f" for (let i = 0; i < 4; i++) gan.stepG(); return {WEIGHTS.format('gan')}; }})()"
    )
    assert 1 not in page.ask("lab.kept.map(({ number }) => number)")


def test_rewinding_pauses_and_the_keyboard_moves_it(open_lab):
    page = open_lab()
    page.press("Play")
    page.wait_for_steps(50)
    slider = page.field("Rewind")
    slider.focus()
    page.tab.keyboard.press("Home")
    page.settle()
    assert not page.ask("lab.playing")
    assert page.steps() == 0
    page.tab.keyboard.press("ArrowRight")
    page.settle()
    assert page.steps() == page.ask("lab.history.entries[1].step")
    assert re.match(r"step \d+ of \d+", slider.get_attribute("aria-valuetext"))


def test_the_charts_and_the_address_go_back_too(open_lab):
    page = open_lab("clinic")
    before = page.titles()
    assert "Optimality gap" in before
    page.press("Step D", "Step G")
    page.choose("loss of G", "stats")
    page.fill("D steps per G step", "0")
    assert page.titles() == [title for title in before if title != "Optimality gap"]
    density = page.tab.locator(".lab-density")
    expect(density).not_to_contain_text("probability")
    page.tab.wait_for_function("location.hash.includes('dSteps')")
    page.rewind(1)
    assert page.titles() == before
    expect(density).to_contain_text("probability")
    page.tab.wait_for_function("!location.hash.includes('dSteps')")


def test_a_change_in_the_past_begins_a_new_run(open_lab):
    page = open_lab()
    page.press("Step G", "Step G", "Step G")
    page.rewind(1)
    expect(page.message).to_contain_text("begins a new run here; the old one is kept")
    page.fill("learning rate of G", "0.05")
    expect(page.message).to_contain_text("the old one is kept as run 1")
    expect(page.message).to_contain_text("learning rate of G: 0.001 → 0.05")


def test_a_long_run_stays_within_its_memory(open_lab):
    page = open_lab(reduced_motion="reduce")  # which draws less, and so trains faster
    page.fastest()
    page.press("Play")
    page.wait_for_steps(1300)
    page.press("Pause")
    assert page.ask("lab.history.entries.length") <= 400
    assert page.ask("lab.history.entries[0].step") == 0
    assert page.ask("lab.history.entries.at(-1).step") == page.steps()
    assert page.ask("lab.history.stride") >= 4


# --- Changing settings ------------------------------------------------------------------------


def test_a_change_while_it_runs_is_taken_and_marked(open_lab):
    page = open_lab()
    page.press("Play")
    page.wait_for_steps(20)
    page.choose("loss of G", "saturating")
    assert page.ask("lab.playing")
    assert page.ask("lab.gan.settings.loss") == "saturating"
    page.press("Pause")
    [mark] = page.ask("lab.history.marks")
    assert "saturating" in mark["text"]
    assert 0 < mark["step"] <= page.steps()
    page.charts()
    expect(page.tab.locator(".lab-loss")).to_contain_text("a setting was changed")
    assert page.tab.locator(".lab-loss .kind-ghost").first.get_attribute("d")


def test_the_target_can_be_dragged_and_typed(open_lab):
    page = open_lab()
    page.press("Step G")
    page.tab.evaluate("performance.now = () => 0")  # a drag is over after a while
    page.tab.get_by_role("slider", name="μ of the target, to drag").focus()
    for _ in range(3):
        page.tab.keyboard.press("ArrowRight")
    page.settle()
    assert page.ask("lab.gan.target.mean") == pytest.approx(-1.7)
    assert page.field("mean of the target, μ").input_value() == "-1.7"
    assert len(page.ask("lab.history.marks")) == 1  # one drag is one change
    page.choose("kind of target", "two_point")
    assert page.ask("lab.gan.target.points.length") == 2
    expect(page.tab.locator(".lab-density")).to_contain_text("two points")


BAD = {
    "learning rate of G": ["", "abc", "1e9", "-1"],
    "batch size": ["1", "2.5"],
    "Adam's β₁": ["1"],
    "hidden units": ["0", "129"],
    "mean of the target, μ": ["", "1e9", "five"],
}


def test_bad_input_is_answered_and_changes_nothing(open_lab):
    page = open_lab()
    page.press("Step G")
    before = page.snapshot()
    for label, text in [(label, text) for label, texts in BAD.items() for text in texts]:
        field = page.field(label)
        page.fill(label, text)
        assert field.get_attribute("aria-invalid") == "true", (label, text)
        error = page.tab.locator(f"[id='{field.get_attribute('aria-describedby')}']")
        expect(error).to_contain_text("must be")
        assert page.snapshot() == before


def test_networks_too_large_for_a_page_are_refused(open_lab):
    page = open_lab()
    page.choose("Compare with", "batch")
    page.fill("batch size in run B", "4096")
    page.fill("hidden layers", "3")
    page.fill("hidden units", "128")
    page.press("Compare")
    expect(page.tab.locator("section")).to_contain_text("with networks this large")
    assert page.ask("lab.other") is None
    page.press("Step G")
    assert page.steps() == 1
    page.fill("hidden units", "16")
    page.fill("batch size", "4096")
    page.fill("hidden units", "128")
    error = page.field("hidden units").locator("xpath=../p")
    expect(error).to_contain_text("batch size is “4096”")
    assert page.ask("lab.gan.settings.hidden") == 16


@pytest.mark.parametrize(("player", "size"), [("g", 1e160), ("g", 1e200), ("d", 1e200)])
def test_a_diverged_run_stops_says_why_and_can_be_rewound(open_lab, player, size):
    page = open_lab()
    page.press("Step D", "Step G")
    page.ask(f"lab.gan.{player}.weights.fill({size})")
    page.press("Play")
    expect(page.alarm).to_contain_text("stopped at step 1")
    expect(page.alarm).to_contain_text(f"a lower learning rate of {player.upper()}")
    assert not page.ask("lab.playing")
    points = page.ask("lab.history.entries.length")
    page.press("Step D", "Step G", "Step D")
    assert page.ask("lab.history.entries.length") == points
    page.rewind(2)
    expect(page.alarm).to_be_empty()
    page.fastest()
    page.tab.locator(".lab-primary").click()
    page.wait_for_steps(20)
    page.press("Pause")
    assert np.isfinite(page.weights()).all()


def test_a_huge_learning_rate_does_not_freeze_the_page(open_lab):
    page = open_lab("mean")
    page.fill("learning rate of G", "10")
    page.press("Play")
    page.wait_for_steps(30)
    page.press("Reset")
    assert page.steps() == 0


# --- Comparing --------------------------------------------------------------------------------


def test_two_runs_with_equal_settings_are_equal_and_the_lab_says_so(open_lab):
    page = open_lab()
    page.compare("rateG", "learning rate of G", "0.002")
    page.press("Play")
    page.wait_for_steps(20)
    page.press("Pause")
    assert page.weights("lab.other") != page.weights()
    page.rewind(0)
    page.fill("learning rate of G", "0.002")
    expect(page.message).to_contain_text("the same settings now")
    page.press("Play")
    page.wait_for_steps(50)
    page.press("Pause")
    expected = page.ask(trained(RAW | {"rateG": 0.002}, page.steps()))
    assert page.weights("lab.other") == page.weights() == expected


def test_no_second_run_that_is_equal_or_not_allowed(open_lab):
    page = open_lab()
    page.press("Step G")
    page.choose("Compare with", "rateG")
    errors = page.tab.locator("fieldset:has(legend:text('Two runs')) .lab-error:not(:empty)")
    for value in ("abc", "", "-1", "0.001"):
        page.fill("learning rate of G in run B", value)
        page.press("Compare")
        equal = "run A has this learning rate of G, too"
        expect(errors).to_contain_text(equal if value == "0.001" else f"“{value}”: it must be")
        expect(errors).to_have_count(1)
        assert page.ask("lab.other") is None
        assert page.steps() == 1


def test_two_runs_differ_by_the_one_setting(open_lab):
    page = open_lab()
    page.compare("dSteps", "D steps per G step", "3")
    assert page.weights("lab.other") == page.weights()
    page.choose("Speed", "100")
    page.press("Play")
    page.wait_for_steps(20)
    page.press("Pause")
    steps = page.steps()
    assert page.weights() == page.ask(trained(RAW, steps))
    assert page.weights("lab.other") == page.ask(trained(RAW | {"dSteps": 3}, steps))
    assert page.tab.locator("[data-d-steps]").inner_text() == f"{steps} and {3 * steps}"
    page.rewind(4)
    assert page.weights() == page.ask(trained(RAW, 4))
    assert page.weights("lab.other") == page.ask(trained(RAW | {"dSteps": 3}, 4))


def test_both_runs_are_in_the_same_charts(open_lab):
    page = open_lab("clinic")
    single = page.titles()
    page.compare("loss", "loss of G", "stats")
    page.press("Step D", "Step G")
    page.charts()
    assert page.titles() == single
    for scene, name in {
        "loss": "loss of G",
        "distance": "this G",
        "orbit": "the latest steps",
    }.items():
        legend = page.tab.locator(f".lab-{scene} .lab-legend")
        expect(legend).to_contain_text(f"{name}, run B")
    lines = page.tab.locator(".lab-loss .lab-plot .lab-line.kind-loss-g")
    assert lines.count() == 2
    assert len({line.get_attribute("d") for line in lines.all()}) == 2
    for value in ("0.01", "0.02"):
        page.compare("rateD", "learning rate of D", value)
        expect(page.message).to_contain_text(f"In run B the learning rate of D is {value}.")
    page.press("End comparison")
    page.charts()
    expect(page.tab.locator(".lab-loss .lab-legend")).not_to_contain_text("run B")
    assert page.ask("lab.other") is None


def test_run_b_starts_with_a_value_that_differs(open_lab):
    page = open_lab("full")
    offered = (
        page.field("Compare with").locator("option").evaluate_all("all => all.map(o => o.value)")
    )
    assert {"target", "recipe", "rateG", "r1", "loss"} < set(offered)
    for setting in filter(None, offered):
        page.choose("Compare with", setting)
        page.press("Compare")
        assert page.ask("JSON.stringify(lab.gan.settings) !== JSON.stringify(lab.other.settings)")


def test_a_change_is_of_both_runs_but_for_what_they_differ_in(open_lab):
    page = open_lab()
    page.compare("target", "target", "uniform")
    page.fill("learning rate of D", "0.01")
    page.fill("mean of the target, μ", "1")
    assert page.ask("[lab.gan, lab.other].map(gan => gan.settings.rateD)") == [0.01, 0.01]
    targets = page.ask("[lab.gan, lab.other].map(gan => gan.settings.target)")
    assert targets == [
        {"kind": kind, "mean": 1, "std": RAW["target"]["std"]} for kind in ("normal", "uniform")
    ]


def test_a_run_that_lands_beside_one_of_another_labs_recipe(open_lab):
    page = open_lab("landed")
    page.fill("seed", "7")
    page.fill("mean of the target, μ", "-3")
    page.compare("recipe", "recipe", "adversarial")
    page.press("Step D", "Step G")
    settings, other = page.ask("[lab.gan.settings, lab.other.settings]")
    wanted = page.ask("GanLab.startOf(GanLab.PRESETS.adversarial)")
    assert other == wanted | {"seed": 7, "target": settings["target"]}
    assert settings["target"]["mean"] == -3
    assert settings["r1"] > other["r1"] == 0
    page.fill("learning rate of G", "0.005")
    assert page.ask("lab.other.settings.rateG") == wanted["rateG"]
    page.tab.wait_for_function("location.hash.includes('recipe')")
    again = open_lab("landed", page.tab.evaluate("location.hash"))
    assert again.ask("lab.other.settings") == other
    for name in ("toString", "game"):
        damaged = open_lab("landed", f"#lab-landed?compare.setting=recipe&compare.value={name}")
        expect(damaged.alarm).to_contain_text(f"there is no recipe “{name}”")


# --- Links and files --------------------------------------------------------------------------


def test_a_link_brings_the_settings_back(open_lab):
    page = open_lab()
    page.fill("seed", "12")
    page.choose("kind of target", "mixture")
    page.fill("distance between the peaks", "6")
    page.compare("beta1", "Adam's β₁", "0.5")
    page.tab.wait_for_function("location.hash.includes('compare')")
    address = page.tab.evaluate("location.hash")
    assert "seed=12" in address
    again = open_lab(address=address)
    asked = "[lab.gan.settings, lab.other.settings]"
    assert again.ask(asked) == page.ask(asked)
    assert again.field("seed").input_value() == "12"
    again.press("Copy link")
    expect(again.message).to_contain_text(re.compile("copied|stands below"))


def test_a_link_of_the_full_lab_names_its_preset(open_lab):
    page = open_lab("full")
    page.choose("Start from", "clinic")
    page.fill("D steps per G step", "2")
    page.tab.wait_for_function("location.hash.includes('dSteps')")
    again = open_lab("full", page.tab.evaluate("location.hash"))
    assert again.ask("lab.gan.settings") == page.ask("lab.gan.settings")
    assert again.field("Start from").input_value() == "clinic"
    assert again.ask("lab.gan.settings.loss") == "saturating"


@pytest.mark.parametrize("query", ["rateG=fast", "compare.setting=rateG", "rateG=%"])
def test_a_damaged_link_opens_the_defaults_and_says_so(open_lab, query):
    page = open_lab(address=f"#lab-raw?{query}")
    expect(page.alarm).to_contain_text("The link's settings are damaged (")
    assert page.weights() == page.ask(trained(RAW, 0))
    assert page.ask("lab.other") is None
    page.press("Step G")
    assert page.steps() == 1


def test_the_saved_table_is_the_history_and_the_picture_shows_it_all(open_lab):
    page = open_lab()
    page.compare("beta1", "Adam's β₁", "0.5")
    page.press("Step D", "Step G", "Step D")
    page.fill("learning rate of G", "0.01")
    page.press("Step G")
    picture, lines = page.saved("Save picture (SVG)"), page.saved("Save data (CSV)").splitlines()
    assert [title for title in page.titles() if title.split(":")[0] not in picture] == []
    remarks = [line for line in lines if line.startswith("#")]
    assert "# run A: beta1 = 0.9" in remarks
    assert "# run B: beta1 = 0.5" in remarks
    assert any(line.startswith("# at step 1: learning rate of G") for line in remarks)
    rows = list(csv.DictReader(lines[len(remarks) :]))
    entries = page.ask(
        """lab.history.entries.map(({ step, runs }) => ({ step, runs: runs.map((run) => ({
             d_updates: run.stepsD, loss_d: run.lossD, loss_g: run.lossG, mean: run.mean,
             std: run.std, w1: run.w1, jsd: run.gap ? run.gap.jsd : NaN })) }))"""
    )
    assert len(rows) == 2 * len(entries) == 10
    for i, entry in enumerate(entries):
        for run, name in enumerate("AB"):
            row = rows[i + run * len(entries)]
            assert row["run"] == name
            assert int(row["step"]) == entry["step"]
            for key, value in entry["runs"][run].items():
                if np.isnan(value):
                    assert row[key] == ""
                else:
                    assert float(row[key]) == value


@pytest.mark.parametrize("way", ["Save picture (SVG)", "print"])
def test_what_is_kept_is_of_one_step(open_lab, way):
    """Charts that are out of sight are not drawn while it plays, but in a picture they are."""
    page = open_lab(viewport={"width": 400, "height": 300})
    page.press("Play")
    page.wait_for_steps(300)
    if way == "print":
        page.tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    else:
        with page.tab.expect_download():
            button = page.tab.get_by_role("button", name=way, include_hidden=True)
            button.evaluate("button => button.click()")  # without scrolling to it
    ways = [f".lab-{scene} path.lab-line" for scene in ("loss", "distance")]
    points = [page.tab.locator(way).last.get_attribute("d").count("L") + 1 for way in ways]
    assert min(points) > 50


# --- The address and the browser's history ----------------------------------------------------

NOTES = '<h2 id="notes" style="margin-top: 3000px">Notes</h2><h2 id="lab-raw">The lab “raw”</h2>'


@pytest.fixture
def open_beside(open_page):
    """Open labs on one page with some headings, to speak to the first of them."""
    lab_of = '<section data-gan-lab="{}"></section>'.format
    return lambda *names, address="": Page(open_page("".join(map(lab_of, names)) + NOTES, address))


def turn_to(page, how):
    """Move to another entry of the browser's history, and let the page hear of it."""
    page.tab.evaluate(
        f"""() => new Promise((done) => {{
          addEventListener("hashchange", () => setTimeout(done), {{ once: true }});
          {how};
        }})"""
    )


def follow(page, address):
    turn_to(page, f"location.hash = {json.dumps(address)}")


NOT_ITS_OWN = (
    *("#notes", "#lab-raw", "#top", "#", "#%zz", "#%23lab-raw?seed=3", "#lab%2Draw?seed=3"),
    *("#lab-", "#lab-?seed=3", "#lab-rawer?seed=3", "#LAB-raw?seed=3", "#lab-full?seed=3"),
    *("#lab-game?mean=7", "#/lab-raw?seed=3", "#notes?seed=3", "#lab-raw&seed=3", "#lab-toString"),
)


def test_addresses_that_are_not_its_own_leave_a_lab_alone(open_beside):
    page = open_beside("raw", "game")
    page.fill("learning rate of G", "0.02")
    page.press("Step D", "Step G")
    page.tab.wait_for_function("location.hash.includes('rateG')")
    before = page.snapshot()
    for address in NOT_ITS_OWN:
        follow(page, address)
        assert page.snapshot() == before, address
    for way in ("back", "forward"):
        for _ in NOT_ITS_OWN:
            turn_to(page, f"history.{way}()")
            assert page.snapshot() == before, page.tab.url
    page.press("Step G")
    assert page.steps() == 2
    assert page.ask("lab.gan.settings.rateG") == 0.02


def test_a_change_at_an_anchor_keeps_both(open_beside):
    page = open_beside("raw")
    page.fill("seed", "3")
    follow(page, "#notes")
    page.fill("seed", "4")
    page.press("Step G")
    kept = "Object.values(history.state.ganLab).some(({ hash }) => hash.endsWith('seed=4'))"
    page.tab.wait_for_function(kept)
    assert page.tab.evaluate("location.hash") == "#notes"
    turn_to(page, "history.back()")  # to where the seed was 3
    assert page.steps() == 1
    assert page.tab.evaluate("location.hash") == "#lab-raw?seed=4"
    turn_to(page, "history.forward()")
    page.tab.reload()
    assert page.ask("lab.gan.settings.seed") == 4
    page.press("Step G")
    turn_to(page, "history.back()")
    assert (page.steps(), page.ask("lab.gan.settings.seed")) == (1, 4)


def test_settings_outlive_what_the_sites_other_scripts_do_to_the_history(open_page):
    """Sphinx, which marks the words of a search, puts an empty state in place of ours."""
    wipe = "addEventListener('DOMContentLoaded', () => history.replaceState({}, ''))"
    body = f"<script>{wipe}</script><section data-gan-lab='raw'></section>{NOTES}"
    page = Page(open_page(body, "#notes"))
    expect(page.tab.locator("#notes")).to_be_in_viewport()
    page.fill("seed", "4")
    page.tab.wait_for_function("history.state.ganLab?.raw.hash.includes('seed=4')")
    page.tab.reload()
    assert page.ask("lab.gan.settings.seed") == 4


def test_back_and_forward_between_two_addresses(open_beside):
    page = open_beside("raw", address="#lab-raw?seed=3")
    page.press("Step G")
    follow(page, "#notes")
    turn_to(page, "history.back()")
    assert page.steps() == 1
    assert page.tab.evaluate("location.hash") == "#lab-raw?seed=3"
    follow(page, "#lab-raw?seed=4&preset=clinic")
    page.press("Step G")
    page.fill("batch size", "32")
    page.tab.wait_for_function("location.hash.includes('batch')")
    asked = "[lab.gan.settings.seed, lab.gan.settings.batch, lab.gan.settings.loss, lab.gan.steps]"
    assert page.ask(asked) == [4, 32, "saturating", 1]
    turn_to(page, "history.back()")
    assert page.ask(asked) == [3, 128, "nonsaturating", 0]
    assert page.field("seed").input_value() == "3"
    turn_to(page, "history.forward()")
    assert page.ask(asked) == [4, 32, "saturating", 0]


def test_an_address_of_one_lab_leaves_the_other_alone(open_beside):
    page = open_beside("raw", "game", "scripted", address="#lab-game?mean=3")
    mean = page.field("mean of G")
    assert mean.input_value() == "3"
    page.press("Step G")
    page.fill("learning rate of G", "0.02")
    follow(page, "#lab-game?mean=7&std=fast")
    expect(page.tab.get_by_text("The link's settings are damaged")).to_be_visible()
    assert mean.input_value() == "2"
    follow(page, "#lab-game?mean=7")
    expect(page.tab.get_by_text("The link's settings are damaged")).to_have_count(0)
    assert mean.input_value() == "7"
    turn_to(page, "history.go(-2)")
    assert mean.input_value() == "3"
    assert (page.steps(), page.ask("lab.gan.settings.rateG")) == (1, 0.02)


def test_a_setting_that_is_kept_late_does_not_undo_a_move(open_beside):
    page = open_beside("raw", "game", address="#lab-game?mean=3")
    mean = page.field("mean of G")

    def change_and(how, rate):
        """Move after a change, whose address is written before the page hears of the move."""
        page.tab.evaluate(
            "() => { globalThis.late = []; globalThis.wait = setTimeout;"
            " globalThis.setTimeout = (f) => late.push(f); }"
        )
        page.fill("learning rate of G", rate)
        page.tab.evaluate("() => { globalThis.setTimeout = wait; }")
        write = "addEventListener('popstate', () => late.forEach((f) => f()), { once: true })"
        turn_to(page, f"{write}; {how}")

    change_and("location.hash = '#lab-game?mean=7'", "0.02")
    assert mean.input_value() == "7"
    change_and("history.back()", "0.03")
    assert mean.input_value() == "3"
    assert page.ask("lab.gan.settings.rateG") == 0.03


# --- What is shown ----------------------------------------------------------------------------


def test_a_lab_without_d_shows_no_d(open_lab):
    page = open_lab("mean")
    shown = page.tab.locator(".lab-scene").evaluate_all("all => all.map(one => one.classList[1])")
    assert shown == ["lab-density", "lab-loss", "lab-orbit"]
    page.press("Step G")
    section = page.tab.locator("section")
    words = section.evaluate("section => section.textContent")
    assert not re.search(r"\bD\b", words)
    page.tab.keyboard.press("d")
    assert page.ask("lab.gan.stepsD") == 0


def test_a_step_of_a_d_that_is_not_asked_says_so(open_lab):
    page = open_lab("clinic")
    page.choose("loss of G", "stats")
    page.press("Step D")
    assert page.steps_d() == 1
    expect(page.message).to_contain_text("no part in this loss")


def test_a_lesson_shows_few_controls_before_the_rest(open_lab):
    for name, preset in lab.presets().items():
        if preset["kind"] != "live":
            continue
        page = open_lab(name)
        tabs = page.tab.get_by_role("tablist")
        before = page.tab.locator("section :is(button:not(.lab-name), input, select):visible")
        top = tabs.bounding_box()["y"]
        controls = before.evaluate_all(
            "(all, top) => all.filter(one => one.getBoundingClientRect().top < top).length", top
        )
        assert controls <= 8 or name == "full", name


def test_z_is_drawn_where_it_has_one_dimension(open_lab):
    assert open_lab("raw").tab.locator(".lab-z").count() == 0
    page = open_lab("line")
    assert "What G does to z" in page.titles()
    path = page.tab.locator(".lab-z .lab-segments.kind-map").last.get_attribute("d")
    assert path.count("M") == 60
    page.fill("dimensions of z", "2")
    assert page.tab.locator(".lab-z").count() == 0


def test_the_pointer_and_the_keyboard_light_a_curve_and_its_term(open_lab):
    page = open_lab()
    page.press("Step D", "Step G")
    names = page.tab.locator(".lab-density .lab-name")
    lit = page.tab.locator(".lab-formula .lab-lit")
    assert lit.count() == 0
    names.nth(0).focus()
    assert set(lit.all_inner_texts()) == {"x"}  # p_data
    page.tab.keyboard.press("ArrowRight")
    assert set(lit.all_inner_texts()) == {"G(z)"}  # p_g
    page.tab.keyboard.press("ArrowRight")
    assert set(lit.all_inner_texts()) == {"D"}
    page.tab.keyboard.press("Tab")
    assert lit.count() == 0
    place = page.tab.evaluate(
        """() => {
          const path = document.querySelector(".lab-density .lab-plot .lab-line.kind-data");
          const length = path.getTotalLength();
          const parts = [...Array(200).keys()].map((i) => i / 200);
          const all = parts.map((part) => path.getPointAtLength(part * length));
          const at = all.reduce((a, b) => (b.y < a.y ? b : a)); // its peak
          at.x += 4;
          const box = path.ownerSVGElement.getBoundingClientRect();
          return [box.x + at.x, box.y + at.y];
        }"""
    )
    page.tab.mouse.move(*place)
    assert set(lit.all_inner_texts()) == {"x"}
    page.tab.mouse.move(2, 2)
    assert lit.count() == 0


def test_the_axis_holds_still_while_the_target_is_dragged(open_lab):
    page = open_lab()
    page.settle()
    handle = page.tab.get_by_role("slider", name="μ of the target, to drag")
    line = page.tab.locator(".lab-density path.lab-handle")
    ticks = page.tab.locator(".lab-density .lab-tick")
    box = handle.bounding_box()
    at = [box["x"] + box["width"] / 2, box["y"] + box["height"] - 10]
    before = ticks.all_text_contents()
    page.tab.mouse.move(*at)
    page.tab.mouse.down()
    for by in (40, 120, 200):
        page.tab.mouse.move(at[0] + by, at[1])
        page.settle()
        where = line.bounding_box()
        assert abs(where["x"] + where["width"] / 2 - (at[0] + by)) < 4, by
        assert ticks.all_text_contents() == before
    page.tab.mouse.up()


def test_the_view_follows_a_g_that_leaves(open_lab):
    page = open_lab("mean")
    page.fill("learning rate of G", "0.5")
    page.step_g(40)
    page.settle()
    assert abs(page.ask("lab.history.entries.at(-1).runs[0].mean")) > 1000
    expect(page.tab.locator(".lab-density .lab-note")).not_to_contain_text("lie outside")


def test_pushes_are_drawn_on_a_fixed_scale(open_lab):
    page = open_lab("mean")

    def longest():
        path = page.tab.locator(".lab-density .lab-plot .kind-gradient").get_attribute("d")
        pieces = re.findall(r"M([-\d.]+) [-\d.]+L([-\d.]+) ", path)
        return max((abs(float(b) - float(a)) for a, b in pieces), default=0)

    frame = page.tab.locator(".lab-density clipPath rect")
    width = float(frame.get_attribute("width"))
    assert longest() == pytest.approx(0.2 * width, rel=0.01)  # the mean loss: a slope of 1
    page.choose("loss of G", "squared_mean")
    page.fill("mean of the target, μ", "0.1")
    page.settle()
    slope = abs(page.ask("2 * (GanLab.moments(lab.gan.samples(), 60).mean - 0.1)"))
    assert 0 < slope < 1
    assert longest() < 0.2 * width


def test_the_numbers_of_a_point_are_the_engines(open_lab):
    page = open_lab("adversarial")
    page.wait_for_gap(0)
    page.press("Step D", "Step G")
    own = lab.presets()["adversarial"]["settings"]
    page.tab.evaluate("settings => (globalThis.settings = settings)", own)
    found = page.ask(
        """(() => {
          const { mean, std, w1, gap } = lab.history.entries[0].runs[0];
          const gan = GanLab.createGan(settings);
          const samples = gan.samples();
          const own = GanLab.moments(samples, samples.length);
          const { loss, best } = gan.optimality();
          return [[mean, std, w1, gap.loss, gap.best],
                  [own.mean, own.std, GanLab.w1(samples, gan.target), loss, best]];
        })()"""
    )
    assert found[0] == found[1]


def test_the_state_is_said_in_words(open_lab):
    page = open_lab()
    page.press("Step D")
    heard = page.message
    expect(heard).to_contain_text(re.compile(r"^Step 0\. Loss of D .* W1 .* a perfect G gets "))
    assert heard.get_attribute("role") == "status"
    page.press("Step G")
    expect(heard).to_contain_text(re.compile(r"^Step 1\. Loss of D .* Loss of G "))
    plots = page.tab.locator(".lab-scene svg.lab-plot")
    for plot, title in zip(plots.all(), page.titles(), strict=True):
        assert plot.get_attribute("aria-label").startswith(title)
        assert len(plot.get_attribute("aria-label")) > len(title) + 10


def heard_words(page):
    """All that a screen reader finds of the state, in place of each chart and around it."""
    return page.tab.evaluate(
        """() => {
          const texts = (css, read) => [...document.querySelectorAll(css)].map(read);
          return {
            labels: texts(".lab-scene .lab-plot", (plot) => plot.getAttribute("aria-label")),
            notes: texts(".lab-scene .lab-note", (note) => note.textContent),
            said: texts(".lab-front p.lab-live, .lab-alarm", (line) => line.textContent),
            time: texts(".lab-time input", (input) => input.getAttribute("aria-valuetext")),
          };
        }"""
    )


MOVES = {
    "Pause": lambda page: page.press("Pause"),
    "Reset": lambda page: page.press("Reset"),
    "Pause, Reset": lambda page: page.press("Pause", "Reset"),
    "Step D": lambda page: page.press("Pause", "Step D"),
    "Rewind": lambda page: page.rewind(2),
    "a setting": lambda page: page.press("Pause") or page.fill("learning rate of G", "0.05"),
    "seed": lambda page: page.fill("seed", "4"),
    "Compare": lambda page: page.compare("rateG", "learning rate of G", "0.05"),
    "Open": lambda page: page.press("Reset", "Open: run 1"),
}


@pytest.mark.parametrize("move", first_quick(MOVES))
def test_no_words_are_stale_after_a_move_in_time(open_lab, move):
    page = open_lab("full")
    stop_clock(page.tab)
    page.settle = lambda: page.tab.clock.run_for(100)  # the gap is measured by then
    page.press("Play")
    page.tab.clock.run_for(3500)  # and something has been said meanwhile
    MOVES[move](page)
    page.settle()
    words = heard_words(page)
    page.tab.clock.run_for(5000)
    assert heard_words(page) == words
    for title, label, note in zip(page.titles(), words["labels"], words["notes"], strict=True):
        said = label.removeprefix(f"{title}. ")
        assert said
        assert note.startswith(said) or title == "Data and fakes"  # whose note is of its arrows


def test_reports_are_rare_while_it_plays(open_lab):
    page = open_lab(reduced_motion="reduce")
    stop_clock(page.tab)
    page.tab.evaluate(
        """() => {
          globalThis.said = [];
          const line = document.querySelector(".lab-front p.lab-live");
          const options = { childList: true, characterData: true };
          new MutationObserver(() => said.push(performance.now())).observe(line, options);
        }"""
    )
    page.choose("Speed", "10")
    page.press("Play")
    page.tab.clock.run_for(6500)
    assert np.diff(page.tab.evaluate("said")) == pytest.approx([3000, 3000], abs=20)


def test_the_cell_of_python_is_of_this_run(open_lab):
    page = open_lab()
    page.step_g(3)
    page.tab.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }"
    )
    page.press("Copy as Python")
    cell = page.tab.locator(".lab-link textarea")
    expect(cell).to_be_visible()
    assert cell.input_value() == page.ask("GanLab.toPython(lab.gan.settings, 3)")


def test_the_data_can_be_drawn_by_keyboard_while_it_trains(open_lab):
    page = open_lab()
    page.press("Play")
    page.press("Draw the data")
    sheet = page.tab.get_by_role("slider", name="p_data, to draw")
    expect(sheet).to_be_focused()
    assert page.ask("lab.gan.settings.target.kind") == "drawn"
    before = page.ask("lab.gan.settings.target.shape")
    for key in ("Home", "ArrowUp", "ArrowUp"):
        page.tab.keyboard.press(key)
    assert page.ask("lab.gan.settings.target.shape") == "2" + before[1:]
    page.tab.wait_for_function("location.hash.includes('shape=2')")
    page.press("End drawing")
    expect(sheet).to_be_hidden()
    assert page.ask("lab.playing")
    again = open_lab(address=page.tab.evaluate("location.hash"))
    assert again.ask("lab.gan.settings.target.shape") == "2" + before[1:]


def test_a_phone_brings_the_sheet_to_draw_on_below_its_bar(open_lab):
    page = open_lab("full", viewport={"width": 360, "height": 740})
    page.press("Draw the data")
    page.settle()
    expect(page.tab.locator(".lab-sheet")).to_be_in_viewport(ratio=1)
    bar, sheet = (page.tab.locator(part).bounding_box() for part in (".lab-bar", ".lab-sheet"))
    assert bar["y"] + bar["height"] <= sheet["y"]


def test_one_of_many_seeds_opens_in_the_lab(open_lab):
    page = open_lab("full")
    page.tab.get_by_role("tab", name="32 seeds").click()
    page.fill("steps", "100")
    page.press("Train 32 seeds")
    expect(page.tab.locator(".lab-seed")).to_have_count(32)
    assert page.tab.locator(".lab-many .lab-stage").bounding_box()["height"] > 200
    worst = page.tab.locator(".lab-seed").last
    name = worst.get_attribute("aria-label")
    worst.click()
    seed = int(re.match(r"seed (\d+)", name)[1])
    assert page.ask("lab.gan.settings.seed") == seed
    assert page.field("seed").input_value() == str(seed)
    expect(page.message).to_contain_text(f"Seed {seed}, from step 0")


# --- Every reader -----------------------------------------------------------------------------


@pytest.mark.parametrize(("motion", "pictures"), [("reduce", 4), ("no-preference", 30)])
def test_less_movement(open_lab, motion, pictures):
    page = open_lab(reduced_motion=motion)
    stop_clock(page.tab)
    page.choose("Speed", "100")
    page.press("Play")
    page.tab.clock.run_for(1100)
    assert page.ask("lab.framesPerSecond") == pytest.approx(pictures, abs=1)
    assert page.ask("lab.stepsPerSecond") == pytest.approx(100, abs=2)
    assert page.ask("lab.gan.steps") == pytest.approx(110, abs=8)


@pytest.mark.parametrize("name", ["full", "line"])
def test_a_phone_needs_no_sideways_scroll(open_lab, name):
    page = open_lab(name, viewport={"width": 360, "height": 740})
    if name == "full":
        page.compare("loss", "loss of G", "adversarial_plus_stats")
    page.press("Step G")
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 360
    parts = page.tab.locator("button, input, select, .lab-plot, p, legend, label")
    wide = "all => Math.max(...all.map(one => one.getBoundingClientRect().right))"
    assert parts.evaluate_all(wide) <= 360


@pytest.mark.parametrize(("cost", "most"), [(1, 13), (4, 8), (20, 2)])
def test_wide_networks_leave_the_page_alive(open_lab, cost, most):
    """Time is updates of D, and pictures: a frame has room for 13 ms, or for 30 of slow ones."""
    page = open_lab()
    page.fill("D steps per G step", "50")
    page.tab.evaluate(
        """cost => {
          let now = 0;
          performance.now = () => now;
          const { createGan } = GanLab;
          GanLab.createGan = (settings) => {
            const gan = createGan(settings);
            const { stepD } = gan;
            gan.stepD = () => {
              stepD();
              now += cost;
              turns.at(-1).updates += 1;
            };
            return gan;
          };
          globalThis.turns = [];
          globalThis.turn = () => turns.push({ updates: 0, draws: 0 });
          const drawn = new MutationObserver(() => {
            turns.at(-1).draws += 1;
            now += 30;
          });
          drawn.observe(document.querySelector("[data-d-steps]"), { childList: true });
          (function next() {
            turn();
            requestAnimationFrame(next);
          })();
        }""",
        cost,
    )
    page.press("Reset", "Play")
    page.tab.wait_for_function("document.querySelector('section').ganLab.gan.stepsD > 60")
    playing = page.tab.evaluate("turns")
    page.button("Pause").evaluate("button => { turn(); button.click(); }")
    updates = [turn["updates"] for turn in page.tab.evaluate("turns")]
    assert max(updates) == most  # a training step takes 50
    if cost == 20:  # it is slow by now: either updates or a picture
        late = playing[-21:-1]  # before the one that goes on
        assert {(2, 0), (0, 1)} == {(turn["updates"], turn["draws"]) for turn in late}
        assert sum(turn["draws"] for turn in late) == 5  # three times as long is trained
