"""The six cases show what their diagnoses say, and no sign that a wrong diagnosis would show."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.special import rel_entr

from gan_lessons import capstone, evidence, marking, metrics, theory
from gan_lessons.distributions import Normal, bimodal
from gan_lessons.marking.lesson10 import CURES, HEALED, MOST, SIGNS
from gan_lessons.theory import LOG_2, LOG_4

LETTER = {truth: letter for letter, truth in capstone.TRUTH.items()}


@pytest.fixture(scope="module")
def cases():
    return {letter: capstone.case(letter) for letter in "ABCDEF"}


class Look:
    """Numbers of the last quarter of a case."""

    def __init__(self, case):
        run, target = case.run, case.target
        late = run.steps >= 0.75 * run.steps[-1]
        last = slice(len(run.g_loss) * 3 // 4, None)
        self.d_loss, self.g_loss = run.d_loss[last].mean(), run.g_loss[last].mean()
        self.alone = not run.has_discriminator
        self.off = (run.mean[late] - target.mean) / target.std
        self.spread = run.std[late].mean() / target.std
        self.w1, self.floor = case.w1[late], case.floors[0].high
        self.gap, self.best = case.gap[late].mean(), case.best[late]
        # The share of the samples in each of four equally likely parts of the target.
        edges = target.quantile(np.array([0.25, 0.5, 0.75]))
        self.parts = np.bincount(np.searchsorted(edges, run.samples[-1]), minlength=4) / 1000
        self.calm = abs(self.d_loss - LOG_4) < 0.02 and abs(self.g_loss - LOG_2) < 0.03
        self.swings = np.ptp(self.off) > 1 and (self.off[1:] * self.off[:-1] < 0).sum() > 6


SHOWN = {
    "losses": {
        **dict.fromkeys(("healthy", "blind discriminator", "cycling"), lambda k: k.calm),
        "mode collapse": lambda k: 0.8 < k.d_loss < 1.1 and 1 < k.g_loss < 1.2,
        "saturation": lambda k: k.d_loss < 0.01,
        "squared mean loss": lambda k: k.alone and 0 <= k.g_loss < 0.05,
    },
    "W1": {
        "healthy": lambda k: np.median(k.w1) < k.floor,
        "cycling": lambda k: np.ptp(k.w1) > 0.3,
        **dict.fromkeys(
            ("mode collapse", "saturation", "blind discriminator", "squared mean loss"),
            lambda k: k.w1.min() > 2 * k.floor,
        ),
    },
    "mean and std": {
        "healthy": lambda k: abs(k.off).max() < 0.15 and abs(k.spread - 1) < 0.05,
        "blind discriminator": lambda k: abs(k.off).max() < 0.15 and 0.7 < k.spread < 1.1,
        "cycling": lambda k: k.swings,
        "mode collapse": lambda k: np.ptp(k.off) < 0.25 and k.spread < 0.3,
        "saturation": lambda k: k.off.max() < -9 and np.ptp(k.off) < 0.1,
        "squared mean loss": lambda k: abs(k.off).max() < 0.15 and k.spread < 0.6,
    },
    "gap": {
        "healthy": lambda k: abs(k.gap) < 0.06 and k.best.min() > LOG_4 - 0.08,
        "blind discriminator": lambda k: k.gap > 0.2 and k.best.max() < LOG_4 - 0.15,
        "cycling": lambda k: np.ptp(k.best) > 0.15,
        "mode collapse": lambda k: abs(k.gap) < 0.1 and k.best.max() < 1.1,
        "saturation": lambda k: k.best.max() < 0.1 and abs(k.gap) < 0.1,
        "squared mean loss": lambda k: np.isnan(k.gap),
    },
    "samples": {
        "healthy": lambda k: abs(k.parts - 0.25).max() < 0.06,
        "blind discriminator": lambda k: k.parts[1:3].sum() > 0.7,
        "cycling": lambda k: abs(k.parts - 0.25).max() > 0.15,
        "mode collapse": lambda k: k.parts[:2].sum() > 0.95 or k.parts[2:].sum() > 0.95,
        "saturation": lambda k: max(k.parts[0], k.parts[3]) == 1,
        "squared mean loss": lambda k: k.parts[1:3].sum() > 0.7,
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("curve", SHOWN)
@pytest.mark.parametrize("truth", capstone.TRUTH.values())
def test_each_case_shows_the_signs_of_its_diagnosis(cases, truth, curve):
    assert SHOWN[curve][truth](Look(cases[LETTER[truth]]))


@pytest.mark.parametrize("said", SIGNS)
def test_every_wrong_diagnosis_is_contradicted_by_a_curve(said):
    for letter, truth in capstone.TRUTH.items():
        verdict = marking.mark_here("10.capstone", {**capstone.TRUTH, letter: said})
        if said == truth:
            assert verdict.right
        else:
            assert verdict.share == pytest.approx(5 / 6)
            assert f"case {letter} again" in verdict.message
            assert truth not in verdict.message


def test_what_is_open_or_unknown_is_told():
    for answer, words in (
        ({}, "0 of 6 are right. Case A is still open."),
        ({**capstone.TRUTH, "C": ...}, "5 of 6 are right. Case C is still open."),
        ({**capstone.TRUTH, "B": "flu"}, "5 of 6 are right. Case B: “flu” is not on the list."),
        (["healthy"], 'Write a dictionary with a text for each case: {"A": …, "B": …}.'),
    ):
        assert marking.mark_here("10.capstone", answer).message == words


def test_cures_are_taken_by_their_counts():
    best = {
        k: max(HEALED[t], key=HEALED[t].get, default=CURES[0]) for k, t in capstone.TRUTH.items()
    }
    assert marking.mark_here("10.cures", best).right
    for letter, truth in capstone.TRUTH.items():
        for cure in CURES:
            verdict = marking.mark_here("10.cures", {**best, letter: cure})
            right = HEALED[truth].get(cure, 0) >= MOST or cure == best[letter]
            assert verdict.right is right
            assert truth not in verdict.message


def rms(case, since):
    late = case.steps >= since
    gaps = case.mean - case.target_mean[:, None], case.std - case.target_std[:, None]
    worst = np.maximum(*[np.sqrt((gap[:, late] ** 2).mean(axis=1)) for gap in gaps])
    return worst / case.target_std


def test_the_counts_are_those_of_the_evidence():
    clinic, raw, more = map(evidence.load, ("clinic", "raw_weights", "capstone"))

    def peaks(case):
        return int((case.modes[:, -5:] == 2).all(axis=1).sum())

    near = {k: int((v.w1[:, -1] < 1).sum()) for k, v in clinic.items() if "saturation" in k}
    seen = {k: int((v.final_jsd < 0.1).sum()) for k, v in clinic.items() if "blind" in k}
    assert {
        "healthy": {},
        "mode collapse": {
            "slower D": peaks(more["collapse, β1 = 0.5: D's rate ÷ 5"]),
            "faster G": peaks(clinic["collapse: G's rate × 5, β1 = 0.5"]),
            "β1 = 0.5": peaks(clinic["collapse: β1 = 0.5"]),
        },
        "cycling": {
            "β1 = 0.5": int((rms(raw["as it is, β1 = 0.5"], 10_000) < 0.1).sum()),
            "centre the data": int((rms(raw["centred, β1 = 0.9"], 10_000) < 0.1).sum()),
        },
        "saturation": {
            "non-saturating loss": near["saturation: non-saturating"],
            "slower D": near["saturation: D's rate ÷ 10"],
            "faster G": near["saturation: G's rate × 5"],
            "β1 = 0.5": near["saturation: β1 = 0.5"],
        },
        "blind discriminator": {
            "larger D": seen["blind: D × 4"],
            "centre the data": seen["blind: centred"],
        },
        "squared mean loss": {
            "a loss that asks for the spread": int(
                (rms(more["mean alone: stats"], 1600) < 0.1).sum()
            )
        },
    } == HEALED


@pytest.mark.parametrize("target", [Normal(3, 2), bimodal(5)])
def test_the_jsd_of_a_case_is_that_of_its_bins(target):
    rng = np.random.default_rng(0)
    edges = np.array([-np.inf, *target.quantile(capstone.EDGES), np.inf])
    q = np.diff(target.cdf(edges))
    for samples in (target.sample(1000, rng), rng.normal(4, 1, 1000), np.full(1000, 99.0)):
        p = np.histogram(samples, edges)[0] / 1000
        wanted = sum(rel_entr(part, (p + q) / 2).sum() for part in (p, q)) / 2
        found = capstone.js_distance(samples, target)
        assert found == pytest.approx(wanted, abs=1e-7)
        assert found >= metrics.js_estimate(samples, target, capstone.BINS) - 1e-12


def test_the_jsd_of_a_case_is_right_near_and_far():
    target = Normal(0, 1)
    near = capstone.js_distance(Normal(1, 1).sample(200_000, 0), target)
    assert near == pytest.approx(theory.js_divergence(Normal(1, 1), target), abs=0.002)
    for far in (-99.0, 99.0):
        assert capstone.js_distance(np.full((1000, 1), far), target) == pytest.approx(
            LOG_2, abs=1e-5
        )


@pytest.mark.slow
def test_no_d_is_better_than_the_best_one(cases):
    saturated = cases[LETTER["saturation"]]
    assert saturated.best.min() == pytest.approx(0, abs=1e-5)
    for case in cases.values():
        if case.run.has_discriminator:
            assert case.gap.min() > -0.02  # 1000 samples in bins


@pytest.mark.slow
def test_the_meter_of_a_case_agrees_with_that_of_the_package(cases):
    """On the grid and with 1000 samples, as against fresh ones: D's loss to a few hundredths."""
    kept = evidence.load("clinic")["blind: as it is"]
    blind = cases[LETTER["blind discriminator"]]
    assert blind.d_loss[-1] == pytest.approx(kept.final_d_loss[3], abs=0.03)
    collapse = cases[LETTER["mode collapse"]]
    kept = evidence.load("clinic")["collapse: β1 = 0.5"]
    assert collapse.d_loss[-1] == pytest.approx(kept.final_d_loss[4], abs=0.05)


@pytest.mark.slow
def test_chart_and_table_say_the_same(cases):
    with plt.style.context("dark_background"):  # which does not change a chart
        for column in cases["A"].chart():
            assert column.get_facecolor() == (1, 1, 1, 1)
            assert len(column.axes) == 3
    for case in cases.values():
        table, run = case.table(), case.run
        assert max(map(len, table.splitlines())) <= 40  # as wide as a phone
        assert "nan" not in table
        rows = {words[0]: words[1:] for words in map(str.split, table.splitlines()) if words}
        late = run.steps > 0.75 * run.steps[-1]
        last = slice(len(run.g_loss) * 3 // 4, None)
        assert float(rows["W1"][-1]) == pytest.approx(case.w1[late].mean(), abs=6e-4)
        assert float(rows["std"][-1]) == pytest.approx(run.std[late].mean(), abs=6e-3)
        assert (rows["gap"][-1] == "–") == (not run.has_discriminator)
        middle = np.median(run.samples[-1]), float(case.target.quantile(0.5))
        shown = [float(rows[name][2]) for name in ("samples", "target")]
        assert shown == pytest.approx(middle, abs=6e-3)
        assert int(rows["to"][-1]) == run.steps[-1] == len(run.g_loss[last]) * 4


def test_an_unknown_case_is_refused():
    with pytest.raises(ValueError, match="letter is"):
        capstone.case("G")
