"""Many seeds at once, in the page: the runs, the verdict on them, and what the reader sees."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.lab_page import settle

# A quarter of a second for each seed.
FEW = {"batch": 16, "hidden": 4, "target": {"kind": "normal", "mean": 2, "std": 1.5}}
WILD = {**FEW, "rateG": 10, "rateD": 10, "beta2": 0}  # with this, some diverge
PEAKS = {"kind": "mixture", "mean": 0, "std": 0.5, "gap": 4}
PLACE = '<section class="gan-lab" aria-label="seeds"><div id="place"></div></section>'

# What is trained, by trainSeeds and by the engine alone.
TRAIN = """async ([settings, options]) => {
  const heard = [];
  const hear = ({ runs, workers }) => heard.push([runs.length, workers]);
  const done = await GanLab.trainSeeds(settings, { ...options, heard: hear }).finished;
  return { ...done, heard };
}"""
ALONE = """([settings, seed, looks]) => {
  const gan = GanLab.createGan({ ...settings, seed });
  const found = { mean: [], std: [], w1: [], modes: [] };
  for (const look of looks) {
    while (gan.steps < look) gan.step();
    const samples = gan.samples();
    const { mean, std } = GanLab.moments(samples, samples.length);
    found.mean.push(mean);
    found.std.push(std);
    found.w1.push(GanLab.w1(samples, gan.target));
  }
  return found;
}"""

NO_WORKER = {
    "its constructor throws": "Worker = class { constructor() { throw new Error('refused'); } }",
    "there is none": "delete globalThis.Worker",
    "it fails": "URL.createObjectURL = () => 'data:text/javascript,throw 1'",
    "it never answers": "URL.createObjectURL = () => 'data:text/javascript,'",
}


@pytest.fixture
def open_bare(open_page):
    """A page with the scripts, and with what is broken in it."""

    def open_with(broken="", **options):
        tab = open_page(PLACE, **options)
        tab.evaluate(f"() => {{ {broken} }}")
        return tab

    return open_with


@pytest.fixture
def open_seeds(open_bare):
    """A page with the view; it keeps what is opened."""

    def open_with(settings=FEW, **options):
        tab = open_bare(**options)
        tab.evaluate(
            """(settings) => {
              globalThis.own = GanLab.changed(GanLab.DEFAULTS, settings);
              globalThis.opened = [];
              globalThis.view = GanLab.seedsView(document.getElementById("place"), {
                settings: () => own,
                open: (seed, settings) => opened.push([seed, settings]),
              });
            }""",
            settings,
        )
        return tab

    return open_with


def train(tab, steps=100):
    """Press the button, and wait for the last words."""
    tab.get_by_label("steps", exact=True).fill(str(steps))
    tab.get_by_role("button", name="Train 32 seeds").click()
    said = tab.get_by_role("status")
    expect(said).to_contain_text("trained in")
    return said.inner_text()


def seeds(tab):
    """The accessible names of the seeds' buttons."""
    group = tab.get_by_role("group", name="The runs, from the best")
    return [b.get_attribute("aria-label") for b in group.get_by_role("button").all()]


# --- The runs ------------------------------------------------------------------------------------


def test_a_run_in_a_worker_is_the_engines_own_to_the_last_bit(open_bare):
    tab = open_bare()
    options = {"seeds": [3, 0, 7], "steps": 120, "points": 8}
    done = tab.evaluate(TRAIN, [FEW, options])
    assert done["workers"] >= 1
    assert done["looks"] == [0, 15, 30, 45, 60, 75, 90, 105, 120]
    assert [run["seed"] for run in done["runs"]] == [3, 0, 7]
    assert [count for count, _ in done["heard"]] == [1, 2, 3]
    for run in done["runs"]:
        alone = tab.evaluate(ALONE, [FEW, run["seed"], done["looks"]])
        assert {name: run[name] for name in alone} == alone
        assert run["diverged"] is None
    assert done["runs"][0]["w1"] != done["runs"][1]["w1"]


@pytest.mark.parametrize("why", NO_WORKER)
def test_the_page_trains_the_same_runs_where_no_worker_starts(open_bare, why):
    options = {"seeds": [0, 1], "steps": 50}
    there = open_bare().evaluate(TRAIN, [FEW, options])
    here = open_bare(NO_WORKER[why]).evaluate(TRAIN, [FEW, options])
    assert (there["workers"] >= 1, here["workers"]) == (True, 0)
    assert here["heard"] == [[0, 0], [1, 0], [2, 0]]
    assert here["runs"] == there["runs"]


def test_a_worker_that_fails_on_the_way_loses_no_seed(open_bare):
    broken = """
      const post = Worker.prototype.postMessage;
      let count = 0;
      Worker.prototype.postMessage = function (given) {
        count += 1;
        post.call(this, count === 2 ? ["no settings"] : given);
      };"""
    options = {"seeds": [0, 1, 2, 3], "steps": 20}
    done = open_bare(broken).evaluate(TRAIN, [FEW, options])
    assert [run["seed"] for run in done["runs"]] == [0, 1, 2, 3]
    assert done["runs"] == open_bare().evaluate(TRAIN, [FEW, options])["runs"]


def test_the_page_stays_alive_while_it_trains(open_bare):
    tab = open_bare("delete globalThis.Worker")
    longest = tab.evaluate(
        """async () => {
          const training = GanLab.trainSeeds({}, { seeds: [0, 1], steps: 1e5, points: 3 });
          const gaps = [];
          let last = performance.now();
          for (let i = 0; i < 20; i++) {
            await new Promise(requestAnimationFrame);
            gaps.push(performance.now() - last);
            last = performance.now();
          }
          training.stop();
          const { stopped, runs } = await training.finished;
          return [stopped, runs.length, gaps.sort((a, b) => a - b)[10]];
        }"""
    )
    assert longest[:2] == [True, 0]
    assert longest[2] < 200  # ms, of which 12 are training


@pytest.mark.parametrize("broken", ["", "delete globalThis.Worker"])
def test_stop_stops(open_bare, broken):
    found = open_bare(broken).evaluate(
        """async (settings) => {
          let [count, seen] = [0, null];
          const first = new Promise((resolve) => (seen = resolve));
          const ended = [];
          if (globalThis.Worker) {
            const { terminate } = Worker.prototype;
            Worker.prototype.terminate = function () { ended.push(this); terminate.call(this); };
          }
          const seeds = Array.from({ length: 200 }, (_, i) => i);
          const training = GanLab.trainSeeds(settings, {
            seeds, steps: 300,
            heard: ({ runs }) => { count = runs.length; if (count) seen(); },
          });
          await first;
          training.stop();
          const { stopped, runs, workers } = await training.finished;
          await new Promise((resolve) => setTimeout(resolve, 300));
          training.stop();
          return { stopped, runs: runs.length, count, workers, ended: new Set(ended).size };
        }""",
        FEW,
    )
    assert found["stopped"]
    assert 1 <= found["runs"] == found["count"] < 200
    assert found["ended"] == found["workers"]
    assert (found["workers"] > 0) == (not broken)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"seeds": [], "steps": 5}, "seeds is “empty”: it must be an array of seeds"),
        ({"steps": 5}, "seeds is not given: it must be an array of seeds"),
        ({"seeds": [0], "steps": 0}, "steps is “0”: it must be a whole number from 1"),
        ({"seeds": [0], "steps": 5, "points": 1.5}, "points is “1.5”: it must be a whole number"),
        ({"seeds": [-1], "steps": 5}, "seed is “-1”: it must be a whole number from 0"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(open_bare, options, complaint):
    said = open_bare().evaluate(
        """(options) => {
          try {
            GanLab.trainSeeds({ ...GanLab.DEFAULTS }, options);
          } catch ({ message }) {
            return message;
          }
        }""",
        options,
    )
    assert said.startswith(complaint)


# --- The verdict ---------------------------------------------------------------------------------

JUDGED = """async ([settings, steps]) => {
  const seeds = Array.from({ length: 32 }, (_, i) => i);
  const { runs, looks } = await GanLab.trainSeeds(settings, { seeds, steps }).finished;
  const target = GanLab.target(settings.target);
  return {
    runs, looks, target: { mean: target.mean, std: target.std },
    high: GanLab.floor("w1", target, GanLab.WATCHED).high,
    verdicts: runs.map((run) => GanLab.verdictOn(run, looks, target)),
  };
}"""


def columns(found, name):
    return np.array([run[name] for run in found["runs"]], dtype=float)


def test_healthy_and_landed_are_counted_as_in_lesson_8(open_bare):
    tame = {**FEW, "hidden": 16, "loss": "stats", "dSteps": 0, "rateG": 0.003, "batch": 128}
    found = open_bare().evaluate(JUDGED, [tame, 200])
    looks, (mean, std) = np.array(found["looks"]), found["target"].values()
    late = looks >= looks[-1] * 2 / 3
    errors = [
        np.sqrt(((columns(found, name)[:, late] - goal) ** 2).mean(axis=1))
        for name, goal in (("mean", mean), ("std", std))
    ]
    healthy = np.maximum(*errors) < std / 10
    landed = healthy & (columns(found, "w1")[:, -1] <= found["high"])
    assert 0 < landed.sum() < healthy.sum() < 32  # all three are there
    expected = np.where(landed, "landed", np.where(healthy, "healthy", "unwell"))
    assert found["verdicts"] == expected.tolist()


def test_with_two_peaks_both_must_be_covered_at_the_last_looks(open_bare):
    apart = {"hidden": 8, "batch": 32, "start": "uniform", "rateG": 0.01, "rateD": 0.01}
    found = open_bare().evaluate(JUDGED, [{**apart, "target": PEAKS}, 600])
    looks = np.array(found["looks"])
    both = (columns(found, "modes")[:, looks >= 0.8 * looks[-1]] == 2).all(axis=1)
    assert 0 < both.sum() < 32
    assert [verdict in ("healthy", "landed") for verdict in found["verdicts"]] == both.tolist()


def test_a_run_that_diverged_is_neither(open_bare):
    found = open_bare().evaluate(JUDGED, [WILD, 200])
    gone = [run for run in found["runs"] if run["diverged"]]
    assert 0 < len(gone) < 32
    for run, verdict in zip(found["runs"], found["verdicts"], strict=True):
        assert (verdict == "diverged") == bool(run["diverged"])
    for run in gone:
        late = np.array(found["looks"]) > run["diverged"]["step"]
        assert np.isfinite(run["w1"][0])
        assert np.isnan(
            np.array([run[name] for name in ("w1", "mean", "std")], float)[:, late]
        ).all()


# --- The view ------------------------------------------------------------------------------------


def test_the_page_counts_orders_and_names_the_runs(open_seeds):
    tab = open_seeds()
    said = train(tab)
    names = seeds(tab)
    assert len(names) == 32
    pattern = (
        r"seed (\d+): W1 ([\d.]+), mean −?[\d.]+ instead of 2.00, std [\d.]+ instead of 1.50; "
    )
    pattern += "(healthy, and landed|healthy|not healthy)"
    found = [re.fullmatch(pattern, name).groups() for name in names]
    ends = [float(w1) for _, w1, _ in found]
    assert ends == sorted(ends)
    assert sorted(int(seed) for seed, _, _ in found) == list(range(32))
    healthy = sum(verdict.startswith("healthy") for _, _, verdict in found)
    worst, end, _ = found[-1]
    where = r"32 of 32 trained in [\d.]+ s on \d workers?: "
    assert re.match(where + f"{healthy} healthy", said)
    assert said.endswith(f"Worst: seed {worst}, W1 {end}.")
    picture = tab.get_by_role("img").get_attribute("aria-label")
    assert picture.startswith("W1 of 32 runs over 100 steps. At the end the median is ")
    legend = tab.locator(".lab-legend").inner_text()
    for part in ("the median run", "the worst run", "8 of 10 runs", "a perfect G"):
        assert part in legend
    expect(tab.get_by_text("Healthy: over the last third of the run")).to_contain_text("0.15")


def test_diverged_runs_are_counted_and_come_last(open_seeds):
    tab = open_seeds(WILD)
    said = train(tab, 200)
    names = seeds(tab)
    gone = [name for name in names if "diverged at step" in name]
    assert 0 < len(gone) < 32
    assert names[-len(gone) :] == gone
    assert f"{len(gone)} diverged." in said
    seed, step = re.fullmatch(r"seed (\d+): diverged at step (\d+)", gone[-1]).groups()
    assert said.endswith(f"Worst: seed {seed}, which diverged at step {step}.")


def test_a_target_of_two_peaks_has_a_rule_of_its_own(open_seeds):
    tab = open_seeds({**FEW, "target": PEAKS})
    train(tab)
    assert all(re.search(r", [012] of 2 peaks covered; ", name) for name in seeds(tab))
    expect(tab.get_by_text("Healthy: both peaks are covered")).to_be_visible()


def test_a_seed_opens_in_the_lab_with_the_keyboard_alone(open_seeds):
    tab = open_seeds()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.type("100")  # the field's old content is selected
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("status")).to_contain_text("trained in")
    for _ in range(4):  # the names of the curves are one stop
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    second = int(re.match(r"seed (\d+)", seeds(tab)[1]).group(1))
    [[seed, settings]] = tab.evaluate("opened")
    assert seed == settings["seed"] == second
    assert settings["hidden"] == 4


def test_the_button_stops_and_says_how_far_it_came(open_seeds):
    tab = open_seeds()
    tab.get_by_label("steps", exact=True).fill("5000")
    tab.get_by_role("button", name="Train 32 seeds").click()
    expect(tab.get_by_role("progressbar", name="seeds trained")).to_be_visible()
    expect(tab.locator(".lab-seed").first).to_be_visible()
    tab.get_by_role("button", name="Stop").click()
    expect(tab.get_by_role("status")).to_contain_text(re.compile(r"Stopped: \d+ of 32 trained in"))
    assert 1 <= len(seeds(tab)) < 32
    expect(tab.get_by_role("progressbar")).to_be_hidden()
    expect(tab.get_by_role("button", name="Train 32 seeds")).to_be_focused()


def test_a_page_without_workers_says_so(open_seeds):
    tab = open_seeds(broken="delete globalThis.Worker")
    tab.get_by_label("steps", exact=True).fill("100")
    tab.get_by_role("button", name="Train 32 seeds").click()
    expect(tab.get_by_role("status")).to_contain_text("in this page, since no worker started")


def test_the_result_stays_and_says_that_the_lab_has_changed(open_seeds):
    tab = open_seeds()
    train(tab)
    names = seeds(tab)
    note = tab.get_by_text("The lab has changed since")
    tab.evaluate("() => { own = { ...own, seed: 5 }; view.refresh(); }")
    expect(note).to_have_count(0)  # another seed is one of the runs
    tab.evaluate("() => { own = { ...own, beta1: 0.5 }; view.refresh(); }")
    expect(note).to_have_text(
        "The lab has changed since: these runs have Adam's β₁ 0.9 (now 0.5)."
    )
    assert seeds(tab) == names
    train(tab)
    expect(note).to_have_count(0)
    assert seeds(tab) != names


@pytest.mark.parametrize("text", ["99", "20001", "many", "150.5"])
def test_steps_out_of_range_are_refused_in_words(open_seeds, text):
    tab = open_seeds()
    field = tab.get_by_label("steps", exact=True)
    field.fill(text)
    tab.get_by_role("button", name="Train 32 seeds").click()
    message = f"steps is “{text}”: it must be a whole number from 100 up to 20000"
    expect(tab.get_by_role("alert").filter(has_text="steps")).to_have_text(message)
    expect(field).to_be_focused()
    assert tab.locator(".lab-seed").count() == 0


def test_a_phone_has_room_for_all(open_seeds):
    tab = open_seeds(viewport={"width": 360, "height": 740})
    train(tab)
    settle(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    boxes = [button.bounding_box() for button in tab.locator(".lab-seed").all()]
    assert all(box["width"] >= 44 and box["height"] >= 32 for box in boxes)
