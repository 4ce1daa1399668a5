"""The marking of lessons 5 and 6: steps, runs, gradients, and targets of a student's own."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_lessons import marking
from gan_lessons.marking import assignment5, assignment6, steps5
from gan_lessons.marking.task import cases_of
from gan_lessons.students import data_of, target_of
from gan_lessons.trials import attempt, plain, runs, torch_runs
from tools.check_marking import solution
from tools.paths import ASSIGNMENTS


def answer(variant, task):
    """What a known solution answers to a task."""
    number, _, name = task.partition(".")
    path = Path(ASSIGNMENTS, "variants", f"lesson_0{number}", f"{variant}.py")
    names = {}
    exec(compile(solution(path), str(path), "exec"), names)
    return names[name]


def test_the_mean_of_both_halves_moves_d_alike():
    """With Adam the factor ½, which many write, makes no difference to the weights."""

    def step(D, G, adam, real, z, smooth):
        a, b = D(real), D(G(z).detach())
        entropy = torch.nn.functional.binary_cross_entropy_with_logits
        loss = entropy(a, torch.full_like(a, 1 - smooth)) + entropy(b, torch.zeros_like(b))
        adam.zero_grad()
        (loss / 2).backward()
        adam.step()
        return loss

    for seed in range(10):
        assert marking.mark_here("5.discriminator_step", step, seed).right


def test_the_steps_of_a_case_tell_all_beliefs_apart():
    for seed in range(5):
        task = steps5.discriminator_step
        (case,) = cases_of(task, "d", seed)
        steps = [steps5.RIGHT_D, *steps5.D_BELIEFS.values()]
        assert steps5._tells_apart(task, steps, case)
        assert not steps5._tells_apart(task, [steps[0], steps[0]], case)


def valleys(variant, tries):
    train = answer(variant, "5.train")
    cases = [cases_of(assignment5.train, "valley", seed)[0] for seed in range(tries)]
    fakes = [np.array(plain(torch_runs.train(train, case))["fake"]) for case in cases]
    pairs = zip(cases, fakes, strict=True)
    return np.array([assignment5.measures(case, fake)[2] for case, fake in pairs])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variant", "wanted", "spread"),
    [
        ("right_by_modules", assignment5.MODEL_VALLEY, assignment5.MODEL_SPREAD),
        ("wrong_stats_loss_only", assignment5.STATS_VALLEY, assignment5.STATS_SPREAD),
    ],
)
def test_the_runs_are_as_the_tolerance_says(variant, wanted, spread):
    found = valleys(variant, 12)
    assert abs(found.mean() - wanted) < 4 * spread / 12**0.5
    assert found.std(ddof=1) < 2 * spread


def test_the_limit_is_three_standard_errors_from_both():
    error = np.array([assignment5.MODEL_SPREAD, assignment5.STATS_SPREAD]) / assignment5.RUNS**0.5
    away = np.abs(
        assignment5.LIMIT - np.array([assignment5.MODEL_VALLEY, assignment5.STATS_VALLEY])
    )
    assert np.all(away > 3 * error)
    assert assignment5.MODEL_VALLEY < assignment5.LIMIT < assignment5.STATS_VALLEY


def test_a_run_is_the_same_twice_and_leaves_the_random_state_alone(monkeypatch):
    monkeypatch.setattr(assignment5, "RUN_ROUNDS", 20)
    train = answer("right_by_modules", "5.train")
    cases = cases_of(assignment5.train, "twice", 0)[:1]
    before = torch.get_rng_state()
    first, second = (attempt(torch_runs.train, train, cases).results for _ in range(2))
    assert first == second
    assert torch.equal(torch.get_rng_state(), before)


def test_a_run_that_comes_apart_is_told():
    def explodes(G, D, *rest):
        for network in (G, D):
            network[0].bias.data.fill_(float("inf"))

    found = marking.mark_here("5.train", explodes)
    assert not found.right
    assert "come apart" in found.message


def test_the_gradients_are_autograds():
    (case, _) = cases_of(assignment6.d_gradients, "g", 0, "ada")
    mine = answer("right_by_autograd", "6.d_gradients")
    theirs = runs.d_gradients(mine, case)
    ours = assignment6._gradients(np.array(case["real"]), np.array(case["fake"]), case["d"])
    assert all(np.allclose(theirs[name], ours[name], atol=1e-12) for name in ours)


def test_a_step_may_return_its_loss_in_a_list_and_not_as_text():
    plain_step = answer("right_plain", "5.discriminator_step")
    for wrapped, share in ((lambda loss: [loss], 1), (str, 0.75)):
        found = marking.mark_here(
            "5.discriminator_step", lambda *given, form=wrapped: form(plain_step(*given))
        )
        assert found.share == share


def test_a_run_that_trains_copies_is_told_that_g_does_not_learn():
    found = marking.mark_here("5.train", lambda G, D, *rest: copy.deepcopy((G, D)))
    assert found.answered
    assert "G does not learn" in found.message


@pytest.mark.parametrize(
    "belief",
    [
        lambda gap, jsd, right: "D is blind" if gap > jsd else right,  # D before G
        lambda gap, jsd, right: "D is blind" if abs(gap - 2 * jsd) < 0.1 else "D sees it",
    ],
)
def test_a_verdict_that_does_not_ask_the_jsd_first_or_the_gap_at_all_is_wrong(belief):
    def verdict(d_loss, jsd, floor):
        gap = d_loss - (np.log(4) - 2 * jsd)
        right = "G is right" if jsd <= floor else "D is blind" if gap > jsd else "D sees it"
        return belief(gap, jsd, right)

    assert not any(marking.mark_here("5.verdict", verdict, seed).right for seed in range(20))


def test_a_target_is_a_students_own():
    assert target_of("ada") == target_of(" Ada ")
    ids = [f"student {number}" for number in range(300)]
    targets = [target_of(each) for each in ids]
    means, stds = np.array([(t.mean, t.std) for t in targets]).T
    assert len(set(means)) == len(ids)
    assert abs(means).max() < 5
    assert stds.min() > 1
    assert stds.max() < 3
    assert abs(means.mean()) < 4 * 10 / (12 * 300) ** 0.5
    assert abs(stds.mean() - 2) < 4 * 2 / (12 * 300) ** 0.5


def test_the_data_are_of_the_students_target():
    data, target = data_of("ada"), target_of("ada")
    assert data.shape == (200, 1)
    assert abs(data.mean() - target.mean) < 4 * target.std / 200**0.5
    assert np.array_equal(data, data_of("ADA"))
    assert not np.array_equal(data, data_of("bob"))


def test_the_samples_of_a_marking_are_of_the_students_target():
    for student in ("ada", "bob"):
        for case in cases_of(assignment6.estimate, "e", 1, student):
            sample, target = np.array(case["samples"]), target_of(student)
            assert abs(sample.mean() - target.mean) < 4 * target.std / len(sample) ** 0.5


@pytest.mark.parametrize("given", [lambda x: 1.0, lambda x: (1, 2, 3), lambda x: [[1], [2, 3]]])
def test_an_estimate_of_another_shape_is_told(given):
    found = marking.mark_here("6.estimate", given)
    assert found.share == 0
    assert "four numbers" in found.message
