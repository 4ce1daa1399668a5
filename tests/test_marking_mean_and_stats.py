"""The marking of lessons 3 and 4, where a task has a judge of its own."""

import numpy as np
import pytest
import torch
from scipy.special import ndtr
from torch import nn

from gan_lessons import metrics
from gan_lessons.distributions import Normal
from gan_lessons.marking import assignment3, assignment4, mark_here
from gan_lessons.marking.task import cases_of
from gan_lessons.trials import runs
from tools.paths import ASSIGNMENTS

SEEDS = range(20)


# --- Lesson 3 -----------------------------------------------------------------------------------


def test_the_best_mean_is_where_the_expected_loss_is_lowest():
    for case in cases_of(assignment3.best_mean, "", 0):
        mu, r, n = case.values()
        places = np.linspace(0, 2 * mu, 20_001)
        expected = (places - mu) ** 2 + (r * places) ** 2 / n
        assert assignment3.best_mean.judge.right(mu, r, n) == pytest.approx(
            places[expected.argmin()], abs=1e-3
        )


def own_loop(generator, batches, mu, lr):
    """The training with Adam written out, an oracle for the judge's loop."""
    weights = list(generator.parameters())
    first = [torch.zeros_like(w) for w in weights]
    second = [torch.zeros_like(w) for w in weights]
    losses = []
    for step, z in enumerate(batches, 1):
        loss = (generator(z).mean() - mu) ** 2
        losses.append(loss)
        for w, m, v, g in zip(
            weights, first, second, torch.autograd.grad(loss, weights), strict=True
        ):
            m += 0.1 * (g - m)
            v += 0.001 * (g**2 - v)
            move = lr * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)) ** 0.5 + 1e-8)
            w.data -= move
    return losses


@pytest.mark.parametrize("seed", range(8))
def test_adam_by_hand_gets_full_marks(seed):
    assert mark_here("3.train_squared", own_loop, seed).right


@pytest.mark.parametrize(
    ("returned", "share"),
    [
        (lambda losses: losses, 1),
        (lambda losses: torch.stack(losses), 1),
        (lambda losses: np.array([loss.item() for loss in losses]), 1),
        (lambda losses: torch.stack(losses)[:, None], 1),
        (lambda losses: [loss[None] for loss in losses], 1),
        (lambda losses: (str(loss.item()) for loss in losses), 0.75),
        (lambda losses: {"losses": losses}, 0.75),
        (lambda losses: losses[1:], 0.75),
        (lambda losses: losses[-1], 0.75),
        (lambda losses: [], 0.75),
        (lambda losses: None, 0.75),
    ],
)
def test_the_losses_are_worth_a_quarter(returned, share):
    verdict = mark_here("3.train_squared", lambda *given: returned(own_loop(*given)))
    assert verdict.share == share


def test_a_generator_that_was_broken_is_no_crash():
    def breaks(generator, batches, mu, lr):
        generator.append(nn.Linear(1, 1))
        return [1.0]

    assert mark_here("3.train_squared", breaks).share == 0


# --- Lesson 4 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", assignment3.METHODS)
def test_a_quantile_may_follow_any_convention(method):
    def answer(ddof):
        def spread(samples, goal):
            stds = samples.std(axis=1, ddof=ddof)
            low, high = np.quantile(stds, [0.1, 0.9], method=method)
            return low, np.median(stds), high, np.argmax(abs(stds - goal))

        return spread

    for seed in SEEDS:
        assert mark_here("3.spread_of_runs", answer(1), seed).right
        assert mark_here("3.spread_of_runs", answer(0), seed).share == 0.5


@pytest.mark.parametrize("name", runs.SCORES)
def test_the_share_of_perfect_samplers_is_exact(name):
    mu, sigma, rng = 3.0, 2.0, np.random.default_rng(0)
    for n in (15, 60, 200):
        scores = [runs.SCORES[name](rng.normal(mu, sigma, n), mu, sigma) for _ in range(4000)]
        for level in (0.1, 0.5, 0.9, 0.95):
            share = assignment4.share_below(name, np.quantile(scores, level), sigma, n)
            assert abs(share - level) < 4.5 * np.sqrt(level * (1 - level) / 4000)


def test_the_number_that_assignment_4_names_is_a_floor():
    assert "floor ends at 0.164" in (ASSIGNMENTS / "lesson_04.md").read_text(encoding="utf8")
    assert assignment4.share_below("mean error", 0.1645, 1, 100) == pytest.approx(0.9, abs=1e-3)


def test_the_scores_are_the_packages():
    x = Normal(3, 2).sample(50, 1).ravel()
    assert runs.SCORES["KS"](x, 3, 2) == pytest.approx(metrics.ks_distance(x, Normal(3, 2)))
    assert runs.SCORES["mean error"](x, 3, 2) == pytest.approx(abs(x.mean() - 3))
    parts = metrics.mean_error(x, Normal(3, 2)), metrics.std_error(x, Normal(3, 2))
    assert runs.SCORES["stats loss"](x, 3, 2) == pytest.approx(np.square(parts).sum())


def test_the_tolerance_is_five_standard_errors():
    n, sigma, rng = 20, 1.0, np.random.default_rng(1)
    scores = np.abs(rng.normal(0, sigma, (400, assignment4.SAMPLERS, n)).mean(axis=2))
    floors = np.quantile(scores, assignment4.LEVEL, axis=1)
    shares = [assignment4.share_below("mean error", floor, sigma, n) for floor in floors]
    # The standard deviation of 400 shares is itself known to about 1/√800 = 3.5 %.
    assert 5 * np.std(shares) == pytest.approx(assignment4.MISS, rel=0.14)
    assert abs(np.mean(shares) - assignment4.LEVEL) < assignment4.MISS / 20


@pytest.mark.parametrize("floor", [np.nan, np.inf, [np.nan]])
def test_a_floor_is_finite(floor):
    assert "finite" in mark_here("4.noise_floor", lambda *_: floor).message


def test_several_scores_are_allowed_for():
    """KS, mean and std together, each with a floor from 200 perfect samplers."""

    def standard(x):
        size = np.arange(x.shape[1])
        cdf = ndtr(np.sort(x, axis=1))
        ks = np.maximum((size + 1) / len(size) - cdf, cdf - size / len(size)).max(axis=1)
        return np.stack([ks, abs(x.mean(axis=1)), abs(x.std(axis=1, ddof=1) - 1)])

    def answer(level):
        def looks_real(batches, mu, sigma):
            perfect = np.random.default_rng(int(1e6 * sigma)).normal(size=(200, 200))
            floors = np.quantile(standard(perfect), level, axis=1)
            return (standard((batches - mu) / sigma) <= floors[:, None]).all(axis=0)

        return looks_real

    assert all(mark_here("4.looks_real", answer(0.9), seed).right for seed in SEEDS)
    assert not any(mark_here("4.looks_real", answer(0.5), seed).right for seed in range(5))


def test_five_moments_may_be_rounded_to_four_digits():
    def rounded(mu, sigma):
        return [mu - 1.732 * sigma, mu, mu + 1.732 * sigma], [0.1667, 0.6667, 0.1667]

    assert mark_here("4.three_points", rounded).right


@pytest.mark.parametrize(
    ("score", "level", "right"),
    [
        (metrics.js_estimate, 0.9, True),
        (metrics.ks_distance, 0.95, True),
        (metrics.ks_distance, 0.99, False),
        (metrics.ks_distance, 0.4, False),
        (metrics.std_error, 0.9, False),
    ],
)
def test_fakes_are_told_by_their_shape(score, level, right):
    def answer(batches, mu, sigma):
        target, n = Normal(mu, sigma), batches.shape[1]
        perfect = [score(target.sample(n, seed), target) for seed in range(200)]
        return [score(x, target) <= np.quantile(perfect, level) for x in batches]

    assert mark_here("4.looks_real", answer).right is right


def test_nobody_tells_fakes_by_tossing_coins():
    rng = np.random.default_rng(0)
    for share in (0.25, 0.5, 0.75):
        for seed in range(5):
            verdict = mark_here(
                "4.looks_real", lambda batches, *_, p=share: rng.random(len(batches)) < p, seed
            )
            assert verdict.share == 0


@pytest.mark.parametrize("name", ["impostor", "three_points", "mirror", "noise_floor"])
@pytest.mark.parametrize("answer", [[], [1], [[1, 2], [3]], "text", [[1, 2, 3], "abc"], [[]] * 3])
def test_no_result_is_too_odd_to_judge(name, answer):
    verdict = mark_here(f"4.{name}", lambda *_: answer)
    assert verdict.share == 0
    assert verdict.message.endswith((".", "?"))
