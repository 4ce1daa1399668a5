"""The labs that are played by hand, and the controls, in a real browser."""

import csv
import re
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import expect
from scipy.optimize import minimize
from scipy.special import expit

from gan_lessons import lab, metrics, simulation, theory
from gan_lessons.distributions import Mixture, Normal
from tests.lab_page import saved, stop_clock

REAL = Normal(5, 1)
NAMES = ("game", "scripted", "impostor")


@pytest.fixture
def open_lab(open_lab):
    """Open one lab with some settings in the address."""

    def open_with(name, **given):
        return open_lab(name, f"#lab-{name}?{urlencode(given)}" if given else "").tab

    return open_with


def numbers(page):
    """The numbers in the lab's table, by their keys."""
    cells = page.locator("td[data-number]")
    pairs = [(cell.get_attribute("data-number"), cell.inner_text()) for cell in cells.all()]
    return {k: v if v.startswith("N(") else float(v.replace("−", "-")) for k, v in pairs}


def columns(page):
    """The columns of the saved data."""
    rows = list(csv.DictReader(saved(page, "Save data (CSV)")[1].decode("utf8").splitlines()))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


# --- Lesson 1 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "std", "place", "slope"), [(2, 1, 3.5, 3), (-1, 4, -2, -5), (9, 0.3, 12, 5)]
)
def test_the_game_shows_the_values_of_theory(open_lab, mean, std, place, slope):
    page = open_lab("game", mean=mean, std=std, place=place, slope=slope)
    model = Normal(mean, std)
    best = theory.value_at_optimum(REAL, model)
    yours = theory.game_value(REAL, model, lambda x: slope * (x - place), logits=True)
    wanted = {"best": best, "yours": yours, "gap": best - yours}
    assert numbers(page) == pytest.approx(wanted, abs=1.01e-4)


def test_the_curves_of_the_game_are_those_of_theory(open_lab):
    data = columns(open_lab("game", mean=3, std=1.5, place=4, slope=2))
    x, model = data["x"], Normal(3, 1.5)
    p, q = REAL.pdf(x), model.pdf(x)
    best, yours = theory.optimal_discriminator(REAL, model, x), expit(2 * (x - 4))
    wanted = {"x": np.linspace(-2, 12, 281), "p_data": p, "p_g": q, "D_star": best}
    wanted["D_yours"] = yours
    wanted["adds_star"] = p * np.log(best) + q * np.log1p(-best)
    wanted["adds_yours"] = p * np.log(yours) + q * np.log1p(-yours)
    assert list(data) == list(wanted)
    for name, values in wanted.items():
        np.testing.assert_allclose(data[name], values, rtol=1e-6, atol=1e-9, err_msg=name)


def test_the_gap_can_be_closed_where_the_spreads_are_equal(open_lab):
    page = open_lab("game")
    live = page.get_by_role("status")
    expect(live).to_contain_text("Challenge: bring the gap below 0.01")
    assert "Below" not in live.inner_text()
    for label, value in (("std of G", "1"), ("place of your D", "3.5"), ("slope of your D", "3")):
        page.get_by_label(label).fill(value)
    assert numbers(page)["gap"] == 0
    expect(live).to_contain_text("Score gap 0.000. Below 0.01: you have found")


def test_the_challenge_names_what_no_logistic_curve_can_reach(open_lab):
    model = Normal(2, 2)
    best = theory.value_at_optimum(REAL, model)

    def gap(line):
        return best - theory.game_value(REAL, model, lambda x: line[0] + line[1] * x, logits=True)

    least = minimize(gap, [0, 0], method="Nelder-Mead").fun
    words = f"with N(2, 2) the best one has {least:.3f}."
    expect(open_lab("game").get_by_role("status")).to_contain_text(words)


@pytest.mark.parametrize("name", NAMES)
def test_measures_are_explained_and_symbols_are_written_as_by_hand(open_lab, name):
    section = open_lab(name).locator("section")
    words = section.inner_text()
    note = "".join(section.locator(".lab-note").all_inner_texts())
    for measure in ("JSD", "W1", "KS", "floor"):
        assert (measure in words) == (f"{measure}: " in note)
    assert not re.search(r"p_(data|g)", words)
    assert section.locator("sub", has_text=re.compile("^(data|g)$")).count() > 0


def test_d_star_is_hidden_until_asked_for(open_lab):
    page = open_lab("game")
    chart = page.locator(".lab-chart").first
    curve = chart.locator(".lab-plot .kind-dstar")
    expect(curve).to_be_hidden()
    assert "D*" not in chart.locator(".lab-legend").inner_text()
    page.get_by_label("show D*").check()
    expect(curve).to_be_visible()
    expect(chart.locator(".lab-legend")).to_contain_text("D*")


# --- Lesson 2 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("frame", "factor"), [(0, 10), (12, 5.4), (29, 50), (20, 0)])
def test_the_script_shows_the_numbers_of_the_simulation(open_lab, frame, factor):
    shown = numbers(open_lab("scripted", frame=frame, factor=factor))
    model = simulation.generator_at(frame, 30)
    p, q = REAL.pdf([5.0]), model.pdf([5.0])
    form = "density_difference"
    assert shown.pop("model") == f"N({model.mean:.2f}, {model.std:.2f})"
    wanted = {
        "t": frame / 29,
        "scripted": simulation.compute_discriminator_prob(p, q, factor, form)[0],
        "best": simulation.compute_discriminator_prob(p, q)[0],
        "jsd": theory.js_divergence(REAL, model),
    }
    assert shown == pytest.approx(wanted, abs=5.1e-4)


def test_the_curves_of_the_script_are_those_of_the_simulation(open_lab):
    data = columns(open_lab("scripted", frame=9))
    for form, name in (("optimal", "D_star"), ("density_difference", "D_scripted")):
        curves = simulation.simulate_training(data["x"], 30, form)
        for key, values in zip(("p_data", "p_g", name), curves, strict=True):
            np.testing.assert_allclose(data[key], values[9], rtol=1e-6, err_msg=key)


def test_the_script_plays_pauses_and_stops_at_its_end_and_at_a_reset(open_lab):
    page = open_lab("scripted")
    assert "Scripted: nothing learns here" in page.locator(".lab-chart").inner_text()
    frame, play = (
        page.get_by_role(role, name=name)
        for role, name in (("slider", "frame"), ("button", "Play"))
    )
    stop_clock(page)

    def after(ms):
        page.clock.run_for(ms)
        return frame.input_value()

    assert after(1000) == "0"  # nothing moves by itself
    play.press("Enter")
    assert after(350) == "3"
    page.get_by_role("button", name="Pause").press("Enter")
    assert after(1000) == "3"
    play.click()
    assert after(150) == "4"
    page.get_by_role("button", name="Reset").click()
    expect(play).to_be_visible()
    assert after(1000) == "0"
    frame.fill("28")
    play.click()
    assert after(1000) == "29"
    expect(play).to_be_visible()
    shown = numbers(page)
    assert (shown["scripted"], shown["best"], shown["jsd"]) == (0.5, 0.5, 0)
    play.click()  # once more, from the start
    assert after(150) == "1"


# --- Lesson 4 -----------------------------------------------------------------------------------

MEASURES = {
    "W1": (metrics.w1_distance, 2e-3),
    "KS": (metrics.ks_distance, 1e-4),
    "JSD": (metrics.js_estimate, 1e-4),
}
BUMPS = [
    {"left": 4, "right": 6, "leftWidth": 0.05, "rightWidth": 0.05},
    {"left": 5, "right": 5, "leftWidth": 1, "rightWidth": 1},
    {"left": 2, "right": 7.5, "share": 0.2, "leftWidth": 0.5, "rightWidth": 1.2},
]


@pytest.mark.parametrize("given", BUMPS)
def test_the_impostor_is_measured_as_by_the_package(open_lab, given):
    page = open_lab("impostor", **given)
    full = {"left": 3, "right": 6, "share": 0.5, "leftWidth": 0.3, "rightWidth": 0.3, **given}
    parts = (Normal(full["left"], full["leftWidth"]), Normal(full["right"], full["rightWidth"]))
    sampler = Mixture(parts, (full["share"], 1 - full["share"]))
    shown = numbers(page)
    loss = (sampler.mean - 5) ** 2 + (sampler.std - 1) ** 2
    wanted = {"mean": sampler.mean, "std": sampler.std, "loss": loss}
    assert shown == pytest.approx(wanted, abs=5.1e-4)

    samples = columns(page)["sample"]
    assert samples.size == 1000
    assert metrics.ks_distance(samples, sampler) < 0.05  # they follow the two bumps
    words = page.locator(".lab-meter-words").all_inner_texts()
    assert len(words) == 3
    for line, (name, (measure, near)) in zip(words, MEASURES.items(), strict=True):
        found = re.fullmatch(rf"{name} ([\d.]+): (\w+) the floor, ([\d.]+) to ([\d.]+)", line)
        value, low, high = (float(found[i]) for i in (1, 3, 4))
        assert value == pytest.approx(measure(samples, REAL), abs=near)
        floor = metrics.noise_floor(measure, REAL, 1000)
        assert (low, high) == pytest.approx((floor.low, floor.high), rel=0.2)
        assert found[2] == ("above" if value > high else "inside")
    perfect = full["left"] == full["right"]
    assert all("inside" in line for line in words) == perfect


def test_two_points_have_a_loss_of_exactly_zero_and_are_found_out(open_lab):
    page = open_lab("impostor")
    live = page.get_by_role("status")
    expect(live).to_contain_text("Challenge: a loss below 0.001")
    labels = {"place of the left": "4", "width of the left": "0", "width of the right": "0"}
    for label, value in labels.items():
        page.get_by_role("slider", name=label).last.fill(value)
    assert numbers(page) == {"mean": 5, "std": 1, "loss": 0}
    expect(live).to_contain_text("An impostor: the loss is content, and W1 is not.")
    legend = page.locator(".lab-legend")
    expect(legend).to_contain_text("a point, as a dash at the height of its share")
    expect(legend).not_to_contain_text("your sampler")
    for side in ("left", "right"):
        page.get_by_label(f"width of the {side}").fill("1")
        page.get_by_role("slider", name=f"place of the {side}").last.fill("5")
    expect(live).to_contain_text("All three are inside the floor")
    expect(legend).to_contain_text("your sampler")


def test_a_bumps_handle_and_its_slider_move_together(open_lab):
    page = open_lab("impostor")
    handle, place = page.get_by_role("slider", name="place of the left bump").all()
    handle.press("ArrowRight")
    assert place.input_value() == "3.05"
    assert numbers(page)["mean"] == pytest.approx(4.525, abs=6e-4)
    assert handle.get_attribute("aria-valuenow") == place.input_value()


# --- What the three have in common --------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_each_control_changes_what_is_said_and_reset_takes_it_back(open_lab, name):
    page = open_lab(name)
    section, fresh = page.locator("section"), numbers(page)
    for control in page.locator("input[type=range]").all():
        before = section.inner_text()
        control.press("ArrowRight")
        assert section.inner_text() != before
    page.get_by_role("button", name="Reset").press("Enter")
    assert numbers(page) == fresh


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_a_name_and_is_saved(open_lab, name):
    page = open_lab(name)
    expect(page.get_by_role("region", name=lab.presets()[name]["title"])).to_be_visible()
    tree = page.locator("section").aria_snapshot()
    assert re.findall(r'- (?:slider|button|checkbox|img|group)(?! ")', tree) == [], tree
    assert "slider" in tree
    assert "img" in tree
    assert page.get_by_role("status").count() == 1
    for kind, sign in (
        ("picture (SVG)", b"</svg>"),
        ("picture (PNG)", b"\x89PNG"),
        ("data (CSV)", b"\n"),
    ):
        file, content = saved(page, f"Save {kind}")
        assert file == f"gan-lab-{name}.{kind[-4:-1].lower()}"
        assert sign in content


def test_the_address_keeps_the_settings_that_are_not_the_labs_own(open_lab):
    page = open_lab("game")
    page.get_by_label("mean of G").fill("3.25")
    page.get_by_label("show D*").check()
    page.wait_for_url(re.compile(r"#lab-game\?mean=3\.25&best=1$"))
    page.reload()
    assert page.get_by_label("mean of G").input_value() == "3.25"
    assert page.get_by_label("show D*").is_checked()
    page.get_by_role("button", name="Reset").click()
    page.wait_for_url(re.compile("#lab-game$"))
    assert page.get_by_label("mean of G").input_value() == "2"
    page.evaluate("location.hash = '#lab-game?mean=7'")  # another link, followed on the same page
    expect(page.get_by_label("mean of G")).to_have_value("7")


DAMAGED = {
    "mean=%zz": "damaged (the part “mean=%zz” cannot be read)",
    "mean": "the part “mean” cannot be read",
    "mean=1&mean=2": "the part “mean=2” cannot be read",
    "__proto__.x=1": "the part “__proto__.x=1” cannot be read",
    f"mean={'9' * 90}%": f"the part “mean={'9' * 35}…” cannot be read",
    "mean.x=1": "mean of G is no single value: it must be a number from -1 up to 9",
    "mean=1,5": "a number from -1 up to 9; write 1.5, with a point",
    "mean=0x1": "mean of G is “0x1”: it must be a number from -1 up to 9",
    "mean=": "mean of G is “”: it must be a number from -1 up to 9",
    "std=0": "std of G is “0”: it must be a number from 0.3 up to 4",
    "mean=3&colour=red": "“colour” is no setting of this lab",
    "toString=1": "the part “toString=1” cannot be read",
    "best=perhaps": "show D* is “perhaps”: it must be a number from 0 up to 1",
}
MOVED = {"mean=3&": "3", "&mean=4&&": "4", "&": "2", "mean=2.26": "2.25"}


def test_a_damaged_link_opens_the_labs_own_settings_and_says_so(open_lab):
    page = open_lab("game", mean="five")
    notice = page.get_by_role("alert").filter(has_text=re.compile("."))
    mean = page.get_by_label("mean of G")
    for query, words in {"": "mean of G is “five”", **DAMAGED}.items():
        if query:
            page.evaluate("query => (location.hash = `#lab-game?${query}`)", query)
        expect(notice).to_contain_text(words)
        expect(notice).to_contain_text("so the lab starts from its own.")
        values = [slider.input_value() for slider in page.get_by_role("slider").all()]
        assert values == ["2", "2", "5", "1"]
        mean.press("ArrowRight")
        expect(notice).to_have_count(0)
    # An empty part is no damage, and a value between two steps of a slider moves to the nearest.
    for query, value in MOVED.items():
        page.evaluate("query => (location.hash = `#lab-game?${query}`)", query)
        expect(mean).to_have_value(value)
        expect(notice).to_have_count(0)
    assert numbers(page) == numbers(open_lab("game", mean=2.25))


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("#lab-raw?mean=7", "The GAN of raw weights"),
        ("#lab-other?mean=7", "other"),
        ("#lab-toString", "toString"),
        *((here, None) for here in ("#lab-scripted?frame=7", "#lab-notes", "#notes", "")),
    ],
)
def test_a_link_to_a_lab_of_another_page_says_so_once(open_page, address, title):
    labs = '<section data-gan-lab="game"></section><section data-gan-lab="scripted"></section>'
    page = open_page(f'{labs}<h2 id="lab-notes">Notes</h2>', address)
    page.wait_for_function("document.readyState === 'complete'")
    notice = page.get_by_role("alert").filter(has_text=re.compile("."))
    if title is None:
        assert notice.count() == 0
    else:
        words = f"The link is for another lab, “{title}”: its settings were not taken."
        expect(notice).to_have_text(words)  # one element
        assert notice.locator("..").get_attribute("data-gan-lab") == "game"
        assert page.get_by_label("mean of G").input_value() == "2"


# --- The controls -------------------------------------------------------------------------------

FIELDS = """<main></main><script>addEventListener("load", () => {
    const main = document.querySelector("main");
    globalThis.heard = [];
    const onChange = (value) => heard.push(value);
    const limits = {min: 0, max: 10, value: 1};
    const rate = GanLab.field(main, {label: "rate", ...limits, onChange});
    GanLab.field(main, {label: "odd", value: 1, onChange, check(text) {
        if (text % 2) return Number(text);
        throw new Error("odd is even");
    }});
    const choices = [["a", "first"], ["b", "second"]];
    const loss = {label: "loss", kind: "select", choices, value: "a", onChange};
    Object.assign(globalThis, {rate, loss: GanLab.field(main, loss)});
    globalThis.live = GanLab.liveText(main);
});</script>"""


ODD = ["", "  ", "abc", "NaN", "Infinity", "-1", "−1", "1e9", "1e999", "1,5,5", "1 5", "1e", "."]
WAYS = {"5e-1": 0.5, "+2.": 2, ".5": 0.5, " 7 ": 7, "5E−1": 0.5, "−0": 0, "007": 7}


def test_a_field_takes_numbers_in_the_usual_ways_and_says_what_is_allowed(open_page):
    page = open_page(FIELDS)
    rate = page.get_by_label("rate")
    alert = page.get_by_role("alert").filter(has_text="rate")
    for text in [*ODD, "0x5", "0b1", "0o7", "1,5"]:
        rate.fill(text)
        rate.press("Enter")
        hint = "; write 1.5, with a point" if text == "1,5" else ""
        expect(alert).to_have_text(f"rate is “{text}”: it must be a number from 0 up to 10{hint}")
        assert rate.get_attribute("aria-invalid") == "true"
        assert rate.get_attribute("aria-describedby") == alert.get_attribute("id")
        assert page.evaluate("heard") == []
        rate.press("Escape")
        assert (rate.input_value(), rate.get_attribute("aria-invalid")) == ("1", None)
    for text in WAYS:
        rate.fill(text)
        rate.press("Enter")
    assert page.evaluate("heard") == list(WAYS.values())


def test_before_anything_is_saved_the_lab_may_draw(open_page):
    page = open_page("<main></main>")
    page.evaluate(
        """() => {
            let drawn = 0;
            const main = document.querySelector("main");
            const charts = [GanLab.chart(main, {title: "one", x: {label: "x"}, y: {label: "y"}})];
            const before = () => {
                drawn += 1;
                if (drawn > 2) throw new Error("no ink");
                const label = `drawn ${drawn}`;
                charts[0].line(label, {kind: "data", label}).set([0, 1], [0, 1]);
            };
            const { say } = GanLab.liveText(main);
            const csv = () => GanLab.csv({drawn: [drawn]});
            GanLab.saveButtons(main, {charts, name: "saved", csv, say, before});
        }"""
    )
    assert b"drawn 1" in saved(page, "Save picture (SVG)")[1]
    assert saved(page, "Save data (CSV)")[1] == b"drawn\n2\n"
    page.get_by_role("button", name="Save data (CSV)").click()
    expect(page.get_by_role("status")).to_have_text("Nothing was saved: no ink")


def test_fields_hear_of_the_readers_changes_alone(open_page):
    page = open_page(FIELDS)
    odd, loss = page.get_by_label("odd"), page.get_by_label("loss")
    odd.fill("4")
    odd.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="odd")).to_have_text("odd is even")
    for same in ("7", "7.0"):
        odd.fill(same)
        odd.press("Enter")
    loss.select_option("second")
    page.evaluate("rate.set(3); loss.set('a')")
    assert page.evaluate("heard") == [7, "b"]
    assert loss.input_value() == "a"
    rate = page.get_by_label("rate")
    assert rate.input_value() == "3"


def test_the_live_region_is_heard_at_most_once_a_second(open_page):
    page = open_page(FIELDS)
    stop_clock(page)
    page.evaluate(
        """() => {
            globalThis.times = [];
            const heard = () => live.element.getAttribute("aria-live") !== "off";
            const note = () => heard() && times.push(Date.now());
            new MutationObserver(note).observe(live.element, {childList: true});
        }"""
    )
    for i in range(25):
        page.evaluate("i => live.say(`number ${i}`)", i)
        assert page.evaluate("live.element.textContent") == f"number {i}"  # but seen at once
        page.clock.run_for(100)
    page.clock.run_for(1000)
    assert page.evaluate("live.element.textContent") == "number 24"
    assert np.diff(page.evaluate("times")).tolist() == [1000, 1000, 1000]


def test_addresses_keep_what_they_are_given(open_page):
    page = open_page("")
    given = {"rate": "1e-3", "target": {"kind": "a&b=c ü%", "mean": "-2"}}
    address = page.evaluate("(given) => GanLab.permalink.address('full', given)", given)
    assert "#lab-full?rate=1e-3&target.kind=" in address
    page.evaluate("(given) => GanLab.permalink.write('full', given)", given)
    page.wait_for_url(re.compile("target.mean=-2$"))
    assert page.url == address
    assert page.evaluate("GanLab.permalink.read('full')") == given
    assert page.evaluate("GanLab.permalink.read('game')") is None


def test_an_unknown_lab_says_so_and_the_others_are_built(open_page):
    page = open_page(
        '<section data-gan-lab="nonsense">old</section><section data-gan-lab="game"></section>'
    )
    words = "This lab could not be built: there is none with the name “nonsense”."
    expect(page.locator("section").first).to_have_text(words)
    assert numbers(page)["gap"] > 0


def test_a_lab_is_built_once_even_where_its_scripts_run_twice(open_lab):
    page = open_lab("game")
    page.get_by_label("mean of G").fill("3")
    page.evaluate("GanLab.mount(document.querySelector('section'))")
    for name in lab.SCRIPTS:
        page.add_script_tag(content=Path(lab.FOLDER / name).read_text(encoding="utf-8"))
    page.evaluate("() => new Promise((done) => setTimeout(done))")  # after the scripts' own
    assert page.locator("table").count() == 1
    assert page.get_by_label("mean of G").input_value() == "3"
