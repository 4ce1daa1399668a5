"""The lab's scripts that need no page: the engine has the package's weights, after every step."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from gan_lessons import theory
from gan_lessons.distributions import Drawn, Exponential, Mixture, Normal, TwoPoint, Uniform
from gan_lessons.lab.traces import trace
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.metrics import (
    NoiseFloor,
    js_estimate,
    ks_distance,
    modes_covered,
    sample_density,
    w1_distance,
)
from gan_lessons.optimality import OptimalityGap
from gan_lessons.training import Settings
from tests.lab_runtime import LAB, in_tab, sources

TOLERANCE = 1e-9
BASE = Settings(batch_size=16, learning_rate_g=1e-3, learning_rate_d=1e-3)
SETTINGS = {
    **{loss: ({"loss": loss}, {}) for loss in GENERATOR_LOSSES},
    "wide": ({"loss": "adversarial_plus_stats"}, {"latent": 10, "hidden": 12, "layers": 2}),
    "three layers": ({}, {"latent": 1, "hidden": 7, "layers": 3}),
    "low beta": ({"betas": (0.5, 0.9), "batch_size": 128}, {}),
    "no momentum": ({"loss": "saturating", "betas": (0.0, 0.0)}, {}),
    "two D steps": ({"loss": "saturating", "d_steps": 2, "learning_rate_d": 5e-3}, {}),
    "cures": (
        {
            "loss": "relativistic",
            "r1": 0.3,
            "r2": 0.7,
            "gradient_penalty": 1.0,
            "average": 0.9,
            "schedule": "cosine",
            "optimistic": True,
        },
        {"layers": 2, "hidden": 5},
    ),
    "R1 alone": ({"r1": 0.5, "average": 0.99}, {}),
    "no D": ({"loss": "stats", "batch_size": 2, "learning_rate_g": 0.05}, {"with_d": False}),
}
DRAWN = "9z51000024688acegikmoqsuwyzyxwvut"  # it jumps at both ends, and is 0 within
TARGETS = {
    "normal": Normal(2, 1.5),
    "mixture": Mixture((Normal(-2, 0.5), Normal(2, 0.5)), (0.5, 0.5)),
    "uniform": Uniform(2 - 3**0.5, 2 + 3**0.5),
    "exponential": Exponential(2.0),
    "two_point": TwoPoint(4, 6),
    "drawn": Drawn(DRAWN, 1, 0.5),
}
SPECS = {
    "normal": {"kind": "normal", "mean": 2, "std": 1.5},
    "mixture": {"kind": "mixture", "mean": 0, "std": 0.5, "gap": 4},
    "uniform": {"kind": "uniform", "mean": 2, "std": 1},
    "exponential": {"kind": "exponential", "mean": 0.5, "std": 0.5},
    "two_point": {"kind": "two_point", "mean": 5, "std": 1},
    "drawn": {"kind": "drawn", "mean": 1, "std": 0.5, "shape": DRAWN},
}


@cache
def traced(setting, target, steps=200):
    changes, shape = SETTINGS[setting]
    golden = trace(replace(BASE, **changes), TARGETS[target], steps, **shape)
    return {**golden, "target": SPECS[target]}


CASES = [
    *((name, "normal") for name in SETTINGS),
    *(("stats", name) for name in TARGETS if name != "normal"),
]


@pytest.mark.parametrize(("setting", "target"), CASES)
def test_the_engine_has_the_packages_weights_after_every_step(run, setting, target):
    golden = traced(setting, target)
    assert len(golden["weights"]["g"]) == 200
    apart = run(sources(), "replay(given)", golden)
    assert apart["weights"] <= TOLERANCE
    assert apart["losses"] <= TOLERANCE


def test_a_browser_has_the_same_weights(open_tab):
    apart = in_tab(open_tab())(sources(), "replay(given)", traced("nonsaturating", "normal"))
    assert apart["weights"] <= TOLERANCE


def test_a_trace_moves_every_weight_that_can_move():
    golden = traced("nonsaturating", "normal")
    for player in "gd":
        moved = np.abs(np.subtract(golden["weights"][player][-1], golden["start"][player]))
        assert (moved > 100 * TOLERANCE).mean() > 0.7


MUTATIONS = {
    "the sigmoid twice": (
        "judge(forward(d.network, both, 2 * n), n, slope)",
        "judge(forward(d.network, both, 2 * n).map(sigmoid), n, slope)",
    ),
    "the sigmoid twice for G": (
        "logits(forward(d.network, fakes, n), n, inLogit, real)",
        "logits(forward(d.network, fakes, n).map(sigmoid), n, inLogit, real)",
    ),
    "a step of G that updates D": (
        'const learned = learn(g, "G", loss,',
        "const inD = room('slopeG', n).fill(-1 / n);\n"
        "      forward(d.network, g.network.rooms.get(n).outputs.at(-1), n);\n"
        "      const moved = weightGradient(d.network, z.subarray(0, n), n, inD);\n"
        "      learn(d, 'D', loss, moved, own.rateD);\n"
        '      const learned = learn(g, "G", loss,',
    ),
    "swapped labels": (
        "slope[n + i] = sigmoid(logits[n + i]) / n;",
        "[slope[i], slope[n + i]] = [sigmoid(logits[i]) / n, (sigmoid(logits[n + i]) - 1) / n];",
    ),
    "the sign of log(1 − D)": (
        "(a) => -sigmoid(a)",
        "(a) => sigmoid(a)",
    ),
    "no bias correction": ("seen[0] += (1 - beta1) * (1 - seen[0]);", "seen[0] = 1;"),
    "no second bias correction": ("seen[1] += (1 - beta2) * (1 - seen[1]);", "seen[1] = 1;"),
    "epsilon inside the root": (
        "Math.sqrt(second[i] / seen[1]) + 1e-8",
        "Math.sqrt(second[i] / seen[1] + 1e-8)",
    ),
    "a standard deviation with n": ("Math.sqrt(squares / (n - 1))", "Math.sqrt(squares / n)"),
    "ReLU that lets all back": ("gate(before, outputs[l - 1]);", ""),
    "a slope that hears the biases": ("tangent ? null : b", "b"),
    "R1 on the fakes": ("(i < n ? own.r1 : own.r2)", "(i < n ? own.r2 : own.r1)"),
    "a penalty on slopes below 1 alone": ("steep - Math.sign(steep)", "steep - 1"),
    "an average that starts anew": ("(1 - own.average) * (weights", "(weights"),
    "an Adam that forgets what it did": ("2 * update - last[i]", "2 * update"),
    "rates that fall as a line": ("(1 + Math.cos(Math.PI * done)) / 2", "1 - done"),
}
SHOWN_BY = {
    "the sign of log(1 − D)": "saturating",
    "a standard deviation with n": "stats",
    "a slope that hears the biases": "cures",
    "R1 on the fakes": "cures",
    "a penalty on slopes below 1 alone": "cures",
    "an average that starts anew": "cures",
    "an Adam that forgets what it did": "cures",
    "rates that fall as a line": "cures",
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_wrong_engine_fails_the_proof(run, name):
    right, wrong = MUTATIONS[name]
    engine = (LAB / "engine.js").read_text(encoding="utf8")
    assert engine.count(right) == 1
    golden = traced(SHOWN_BY.get(name, "nonsaturating"), "normal")
    apart = run(sources(engine=engine.replace(right, wrong)), "replay(given)", golden)
    assert apart["weights"] > 1000 * TOLERANCE


# --- Targets, metrics and theory --------------------------------------------------------------

XS = np.linspace(-6, 10, 97)
US = np.array([1e-6, 0.01, 0.2, 0.5, 0.77, 0.999])


@pytest.mark.parametrize("name", TARGETS)
def test_targets_are_the_packages(run, name):
    found = run(
        sources(),
        """(() => {
            const t = GanLab.target(given.spec);
            const random = GanLab.randomSource(3, 1);
            const drawn = Array.from({ length: 20000 }, () => t.sample(random));
            return { mean: t.mean, std: t.std, pdf: given.xs.map(t.pdf), cdf: given.xs.map(t.cdf),
                     quantile: given.us.map(t.quantile), drawn };
        })()""",
        {"spec": SPECS[name], "xs": XS.tolist(), "us": US.tolist()},
    )
    target = TARGETS[name]
    assert found["mean"] == pytest.approx(target.mean, abs=1e-12)
    assert found["std"] == pytest.approx(target.std, abs=1e-12)
    if name != "two_point":  # which has no density
        np.testing.assert_allclose(found["pdf"], target.pdf(XS), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found["cdf"], target.cdf(XS), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(found["quantile"], target.quantile(US), rtol=1e-7, atol=1e-9)
    assert ks_distance(found["drawn"], target) < 1.95 / 20000**0.5  # the 0.1 % point of KS


@pytest.mark.parametrize("name", TARGETS)
def test_metrics_are_the_packages(run, name):
    target = TARGETS[name]
    rng = np.random.default_rng(1)
    batches = [target.sample(500, rng)[:, 0], rng.normal(target.mean + 0.3, target.std, 400)]
    batches.append(np.r_[batches[0][:50], np.full(50, target.mean + 0.1234)])  # with ties
    found = run(
        sources(),
        """given.batches.map((x) => {
            const t = GanLab.target(given.spec);
            return { w1: GanLab.w1(x, t), ks: GanLab.ks(x, t), jsd: GanLab.jsd(x, t),
                     density: Array.from(GanLab.density(x, given.xs)) };
        })""",
        {"spec": SPECS[name], "batches": [b.tolist() for b in batches], "xs": XS.tolist()},
    )
    for samples, numbers in zip(batches, found, strict=True):
        # The package takes 10 000 quantiles, the page as many as there are samples.
        assert numbers["w1"] == pytest.approx(w1_distance(samples, target), abs=0.004)
        assert numbers["ks"] == pytest.approx(ks_distance(samples, target), abs=1e-7)
        if name == "two_point":
            assert numbers["jsd"] is None or np.isnan(numbers["jsd"])
        else:
            assert numbers["jsd"] == pytest.approx(js_estimate(samples, target), abs=1e-9)
        np.testing.assert_allclose(
            numbers["density"], sample_density(samples, XS), rtol=1e-9, atol=1e-12
        )


def test_covered_peaks_are_counted_as_in_the_package(run):
    target, rng = TARGETS["mixture"], np.random.default_rng(2)
    left, right = rng.normal(-2, 0.5, 500), rng.normal(2, 0.5, 500)
    batches = [np.r_[left[:n], right[: 500 - n]] for n in (0, 30, 49, 50, 51, 55, 250, 451)]
    batches += [rng.normal(0, 0.4, 500), rng.uniform(-30, 30, 500)]
    found = run(
        sources(),
        "given.batches.map((x) => GanLab.modesCovered(x, GanLab.target(given.spec)))",
        {"spec": SPECS["mixture"], "batches": [b.tolist() for b in batches]},
    )
    assert found == [modes_covered(batch, target) for batch in batches]
    assert set(found) == {0, 1, 2}


def test_the_usual_drawing_is_the_packages(run):
    spec = run(sources(), "GanLab.target({ kind: 'drawn' }).spec")
    assert Drawn() == Drawn(spec["shape"], spec["mean"], spec["std"])


@pytest.mark.parametrize("name", TARGETS)
def test_one_draws_on_a_sheet_that_starts_as_another_target(run, name):
    found = run(
        sources(),
        """(() => {
            const sheet = GanLab.sheetOf(GanLab.target(given));
            const { mean, std, full, spec, pdf } = GanLab.target(sheet);
            const heights = GanLab.heightsOf(sheet.shape);
            const knots = GanLab.knotsOf(sheet);
            return { sheet, mean, std, spec, heights, again: GanLab.shapeOf(heights),
                     drawn: knots.map(pdf), wanted: heights.map((h) => (full * h) / 35) };
        })()""",
        SPECS[name],
    )
    target, sheet = TARGETS[name], found["sheet"]
    assert sheet == found["spec"]
    assert found["again"] == sheet["shape"]
    assert max(found["heights"]) == 35
    np.testing.assert_allclose(found["drawn"], found["wanted"], atol=1e-12)
    assert found["mean"] == pytest.approx(target.mean, abs=0.06 * target.std)
    assert found["std"] == pytest.approx(target.std, rel=0.12)
    if name == "drawn":
        assert sheet == SPECS[name]


def test_a_drawing_is_kept_in_a_link_and_told_by_its_own_moments(run):
    link = {"target": {"kind": "drawn", "mean": "1", "std": "0.5", "shape": DRAWN}}
    found = run(
        sources(),
        """(() => {
            const { own, preset } = GanLab.fromLink(given, GanLab.PRESETS.raw);
            const link = GanLab.toLink({ own, preset, compare: null }, GanLab.PRESETS.raw);
            return [own.target, link, GanLab.valueWords("target", own.target)];
        })()""",
        link,
    )
    target = TARGETS["drawn"]
    words = f"drawn by hand, μ = {target.mean:.2f}, σ = {target.std:.2f}"
    assert found == [SPECS["drawn"], {"target": SPECS["drawn"]}, words]


def test_the_best_d_is_the_packages(run):
    """What else the page computes of theory, lesson 1's lab shows: see test_lab_hand.py."""
    real, model = Normal(5, 1), Normal(3, 2)
    densities = [real.pdf(XS).tolist(), model.pdf(XS).tolist()]
    found = run(sources(), "given[0].map((p, i) => GanLab.optimalD(p, given[1][i]))", densities)
    np.testing.assert_allclose(found, theory.optimal_discriminator(real, model, XS), atol=1e-12)


# --- One GAN, alone with itself ---------------------------------------------------------------


def test_random_numbers_are_normal_and_uniform_and_differ_by_seed_and_stream(run):
    found = run(
        sources(),
        """[[0, 1], [1, 1], [0, 2], [4294967295, 1]].map(([seed, stream]) => {
            const random = GanLab.randomSource(seed, stream);
            return { normal: Array.from({ length: 20000 }, random.normal),
                     uniform: Array.from({ length: 20000 }, random.uniform) };
        })""",
    )
    limit = 1.95 / 20000**0.5
    for numbers in found:
        assert ks_distance(numbers["normal"], Normal(0, 1)) < limit
        assert ks_distance(numbers["uniform"], Uniform(0, 1)) < limit
        pairs = np.reshape(numbers["normal"], (-1, 2))
        assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.04
    streams = np.array([numbers["normal"] for numbers in found])
    assert np.abs(np.corrcoef(streams) - np.eye(4)).max() < 0.04


def test_the_engine_keeps_its_promises(run):
    assert run(sources(), "Object.keys(claims).length") >= 10
    assert run(sources(), "broken()") == []


@pytest.mark.parametrize(
    ("right", "wrong", "claim"),
    [
        ("random: training.state.slice()", "random: [1, 2, 3, 4, 5]", "from a snapshot on"),
        ("settings: { ...own },", "settings: own,", "a snapshot is a copy"),
        ("watching = randomSource(seed, 3)", "watching = training", "looking does not"),
        ("const training = ", "const training = globalThis.T ||= ", "two GANs share"),
        ("by: slope.map((s) => (-s * n)", "by: slope.map((s) => (s * n)", "a push is"),
        ("best: GanLab.LOG_4 - 2 * jsd", "best: GanLab.LOG_4 - jsd", "for a D that says"),
    ],
)
def test_a_broken_promise_is_seen(run, right, wrong, claim):
    engine = (LAB / "engine.js").read_text(encoding="utf8")
    assert engine.count(right) == 1
    broken = run(sources(engine=engine.replace(right, wrong)), "broken()")
    assert any(text.startswith(claim) for text in broken)


def refusal(run, call, given):
    """What is said against a call; nothing if it is taken."""
    tried = f"(() => {{ try {{ {call}; }} catch (e) {{ return e.message; }} return ''; }})()"
    return run(sources(), tried, given)


KINDS = (
    "it must be one of normal, mixture (two peaks), uniform, exponential, two_point (two points), "
    "drawn (drawn by hand)"
)
HEIGHTS = "heights of the drawing is "
THIRTY_THREE = "it must be 33 heights, each one of 0 to 9 and a to z, and not all 0"


def drawn(shape):
    return {"target": {"kind": "drawn", "shape": shape}}


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"rateD": ""}, "learning rate of D is “”: it must be a number from 1e-9 up to 10"),
        ({"rateG": "1e-300"}, "learning rate of G is “1e-300”: it must be a number from 1e-9 up"),
        ({"rateG": "1,5"}, "learning rate of G is “1,5”: it must be a number from 1e-9 up to 10"),
        ({"rateG": {"x": 1}}, "learning rate of G is no single value: it must be a number from"),
        ({"rateG": 1e9}, "learning rate of G is “1000000000”: it must be a number from 1e-9 up"),
        ({"beta1": 1}, "Adam's β₁ is “1”: it must be a number from 0 up to 0.999"),
        ({"batch": "0x10"}, "batch size is “0x10”: it must be a whole number from 2 up to 4096"),
        ({"batch": 1}, "batch size is “1”: it must be a whole number from 2 up to 4096"),
        ({"batch": 2.5}, "batch size is “2.5”: it must be a whole number from 2 up to 4096"),
        ({"seed": "NaN"}, "seed is “NaN”: it must be a whole number from 0 up to 4294967295"),
        ({"loss": "wgan"}, "loss of G is “wgan”: it must be one of nonsaturating"),
        ({"target": {"kind": "cauchy"}}, f"kind of target is “cauchy”: {KINDS}"),
        ({"target": {"kind": "toString"}}, f"kind of target is “toString”: {KINDS}"),
        ({"target": {"kind": {"x": 1}}}, f"kind of target is no single value: {KINDS}"),
        ({"target": "normal"}, f"kind of target is not given: {KINDS}"),
        ({"target": {"kind": "normal", "mean": "0x1"}}, "mean of the target, μ is “0x1”: it must"),
        (drawn("0" * 33), f"{HEIGHTS}“{'0' * 33}”: {THIRTY_THREE}"),
        (drawn("z" * 32), f"{HEIGHTS}“{'z' * 32}”: {THIRTY_THREE}; these are 32"),
        (drawn("Z" * 33), f"{HEIGHTS}“{'Z' * 33}”: {THIRTY_THREE}"),
        (drawn(5), f"{HEIGHTS}“5”: {THIRTY_THREE}; these are 1"),
        (drawn({"x": 1}), f"heights of the drawing is no single value: {THIRTY_THREE}"),
        ({"target": {"kind": "normal", "std": 0}}, "spread of the target, σ is “0”: it must be"),
    ],
)
def test_bad_settings_are_refused_in_words(run, settings, complaint):
    changed = "seed needs a fresh start" if "seed" in settings else complaint
    assert refusal(run, "GanLab.createGan(given)", settings).startswith(complaint)
    assert refusal(run, "GanLab.createGan({}).change(given)", settings).startswith(changed)


@pytest.mark.parametrize("name", ["colour", "toString"])
def test_what_is_no_setting_is_named(run, name):
    said = refusal(run, "GanLab.checkSetting(given, 1)", name)
    assert said == f"“{name}” is no setting of this lab"


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ({"rateG": "fast"}, "learning rate of G is “fast”"),
        ({"nothing": "1"}, "“nothing” is no setting"),
        ({"target": "5"}, "kind of target is not given"),
        ({"target": {"colour": "red"}}, "a target has no “colour”"),
        ({"preset": "constructor"}, "there is no live lab “constructor”"),
        ({"preset": "game"}, "there is no live lab “game”"),
        ({"compare": "yes"}, "two runs can't be compared in “nothing”"),
        ({"compare": {"setting": "seed", "value": "1"}}, "two runs can't be compared in “seed”"),
        ({"compare": {"setting": "toString"}}, "two runs can't be compared in “toString”"),
        ({"compare": {"setting": "rateG"}}, "learning rate of G is"),
        ({"compare": {"setting": "rateG", "value": "0.001"}}, "the two runs would be the same"),
        ({"compare": {"setting": "target", "value": "toString"}}, "kind of target is “toString”"),
    ],
)
def test_a_damaged_link_is_refused_in_words(run, link, complaint):
    said = refusal(run, "GanLab.fromLink(given, GanLab.PRESETS.raw)", link)
    assert said.startswith(complaint)


@pytest.mark.parametrize(
    "link", [{"loss": "stats"}, {"compare": {"setting": "loss", "value": "stats"}}]
)
def test_a_link_may_ask_for_the_losses_of_its_lab_alone(run, link):
    said = refusal(run, "GanLab.fromLink(given, GanLab.PRESETS.mean)", link)
    assert said == "this lab has no loss “stats”"


# --- History and charts -----------------------------------------------------------------------

HISTORY = """(() => {
  const history = GanLab.createHistory(given.limits);
  const array = () => new Float64Array(100);
  const player = () => ({ weights: array(), first: array(), second: array() });
  const sizes = [];
  for (let step = 0; step < given.steps; step++) {
    if (!history.due(step)) continue;
    const gap = step === given.costly ? {} : null;
    history.add({ step, runs: [{ snapshot: { g: player(), d: player() }, gap }] });
    sizes.push(history.entries.length);
  }
  return { steps: history.entries.map(({ step }) => step), stride: history.stride,
           most: Math.max(...sizes) };
})()"""


@pytest.mark.parametrize(
    ("limits", "steps", "costly"),
    [({"most": 50}, 5000, None), ({"bytes": 50 * 6 * 800}, 5000, None), ({"most": 50}, 300, 37)],
)
def test_a_long_history_is_thinned_over_the_whole_run(run, limits, steps, costly):
    """Both ends stay, and what was costly to compute."""
    found = run(sources(), HISTORY, {"limits": limits, "steps": steps, "costly": costly})
    assert found["most"] <= 50
    kept = found["steps"]
    assert kept[0] == 0
    assert kept[-1] > 0.96 * steps
    assert len(kept) > 20
    if costly is None:
        assert set(np.diff(kept)) == {found["stride"]}
    else:
        assert costly in kept


def test_the_verdict_is_the_packages(run):
    gaps = [
        OptimalityGap(loss, jsd, NoiseFloor(0.001, 0.0015, 0.002))
        for loss, jsd in product(np.linspace(0.5, 1.39, 60), (0.001, 0.02, 0.3))
    ]
    numbers = [
        {"loss": gap.d_loss, "jsd": gap.jsd, "best": gap.best, "floor": {"high": gap.floor.high}}
        for gap in gaps
    ]
    assert run(sources(), "given.map(GanLab.verdict)", numbers) == [gap.verdict for gap in gaps]


def test_an_axis_that_is_all_but_empty_shrinks_at_once(run):
    tops = """given.map((top) => {
        const axis = GanLab.calmAxis();
        axis.fit(0, 1000);
        axis.fit(0, 1000); // full, by now
        return axis.fit(0, top)[1];
    })"""
    shrunk, calm = run(sources(), tops, [40, 60])
    assert shrunk < 50
    assert calm > 1000
