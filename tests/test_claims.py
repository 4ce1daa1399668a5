"""Claims on trial: a verdict follows from the ends of the runs, and only from them."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from gan_lessons import claims
from gan_lessons.distributions import Normal
from gan_lessons.metrics import w1_distance

RNG = np.random.default_rng(0)
NEAR, FAR = RNG.uniform(0.1, 0.3, 32), RNG.uniform(0.25, 0.6, 32)


def looking(**ends):
    """A look at made-up runs, by the last word of a condition's name."""
    return lambda name: SimpleNamespace(w1=np.c_[np.ones(32), ends[name.split()[-1]]])


TRIAL = claims.nearer("plain: R1", "plain: β1 = 0")


@pytest.mark.parametrize(
    ("better", "worse", "holds"),
    [
        (NEAR, FAR, True),
        (FAR, NEAR, False),
        (NEAR, NEAR, False),
        (NEAR, np.where(np.arange(32) < 8, np.nan, NEAR), False),
        (NEAR, np.full(32, np.nan), True),
    ],
    ids=["nearer", "farther", "the same", "8 of 32 diverged", "all diverged"],
)
def test_a_trial_holds_where_the_runs_end_nearer(better, worse, holds):
    assert TRIAL(looking(R1=better, **{"0": worse})).holds == holds


def test_chance_alone_lets_one_trial_in_a_hundred_hold():
    held = [TRIAL(looking(R1=RNG.random(32), **{"0": RNG.random(32)})).holds for _ in range(2000)]
    assert stats.binomtest(sum(held), 2000, claims.LEVEL).pvalue > 1e-4


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ((True, True), "upheld"),
        ((True, False), "conditional"),
        ((True, None), "conditional"),
        ((False, False), "not shown"),
        ((False, None), "refuted"),
    ],
)
def test_the_verdict_is_that_of_all_trials(held, verdict):
    trials = tuple(lambda look, yes=yes: claims.Trial(bool(yes), "", yes is None) for yes in held)
    assert claims.try_claim(claims.Claim("It helps", "", trials), None)[0] == verdict


def test_landed_is_what_nine_of_ten_perfect_samplers_do():
    target, rng = Normal(5, 1.5), np.random.default_rng(3)
    ends = [w1_distance(target.sample(1000, rng), target) for _ in range(1000)]
    assert 880 < claims.landed(ends, target) < 920
    assert claims.landed([np.nan, 9.0], target) == 0


@pytest.mark.parametrize(("sign", "holds"), [(-1, True), (1, False)])
def test_a_critic_that_ranks_is_seen(sign, holds):
    w1 = RNG.random((32, 21))
    runs = SimpleNamespace(w1=w1, d_loss=sign * w1**2 + 5)
    runs.d_loss[:, 0] = runs.d_loss[5:, 7] = np.nan
    for late in (False, True):
        assert claims.loss_ranks("any", late)(lambda name: runs).holds == holds


def test_a_critic_that_ranks_at_the_end_alone_is_seen():
    w1 = RNG.random((32, 21))
    runs = SimpleNamespace(w1=w1, d_loss=np.where(np.arange(21) < 19, w1, -w1))
    assert claims.loss_ranks("any", True)(lambda name: runs).holds
    assert not claims.loss_ranks("any", False)(lambda name: runs).holds


def test_every_condition_of_a_claim_is_one_that_is_kept():
    look = claims.kept()
    assert all(claims.try_claim(claim, look)[1] for claim in claims.CLAIMS.values())


def test_a_claim_is_tried_anew_by_one_command(monkeypatch, capsys):
    seen = []

    def compute(condition, seeds):
        seen.append((condition, list(seeds)))
        return SimpleNamespace(w1=np.c_[NEAR if condition.betas[0] == 0 else FAR])

    monkeypatch.setattr(claims, "compute", compute)
    monkeypatch.setattr("sys.argv", ["claims", "momentum", "--first", "1000"])
    claims.main()
    assert capsys.readouterr().out.startswith("Momentum hurts: upheld\n    yes  plain: β1 = 0")
    assert len(seen) == 4
    assert all(seeds == list(range(1000, 1032)) for _, seeds in seen)


def test_a_claim_that_is_not_there(monkeypatch):
    monkeypatch.setattr("sys.argv", ["claims", "momentun"])
    with pytest.raises(ValueError, match=r"claim is 'momentun' \(did you mean 'momentum'\?\)"):
        claims.main()


def test_every_claim_has_a_source_that_exists():
    references = (Path(__file__).parent.parent / "book" / "references.bib").read_text("utf8")
    for claim in claims.CLAIMS.values():
        assert f"{{{claim.source}," in references, claim.words
