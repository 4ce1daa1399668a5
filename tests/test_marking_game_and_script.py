"""The tasks of lessons 1 and 2 against the package, which knows the same things another way."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from gan_lessons import games, losses, theory
from gan_lessons.distributions import Mixture, Normal, Uniform
from gan_lessons.marking import assignment1, assignment2, lesson1, lesson2, mark_here
from gan_lessons.marking.task import cases_of
from gan_lessons.trials import call

SEEDS = range(20)


def drawn(task):
    """The cases of a task from several seeds, each with what its judge takes for right."""
    for seed in SEEDS:
        for case in cases_of(task, "", seed):
            yield case, call(task.judge.right, case)


def tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def test_an_alternating_step_stays_on_its_ellipse():
    for case, (x, y) in drawn(lesson1.alternating_step):
        a, b, eta = case.values()
        assert np.isclose(x * x + eta * x * y + y * y, a * a + eta * a * b + b * b)


def test_the_fastest_eta_is_found_by_playing():
    def left(eta):
        return np.hypot(*games.gradient_play("extragradient", eta, 5)[-1])

    etas = np.linspace(0.01, 0.99, 99)
    found = etas[np.argmin([left(eta) for eta in etas])]
    assert mark_here("1.fastest_eta", found).right
    assert mark_here("1.fastest_eta", 0.71).right
    assert not mark_here("1.fastest_eta", 0.73).right


def test_jsd_of_shifted_uniforms():
    for case, right in drawn(lesson1.shifted_jsd):
        shift = case["s"]
        exact = theory.js_divergence(Uniform(0, 1), Uniform(shift, shift + 1))
        assert np.isclose(right, exact, atol=1e-9)


def test_losses_of_a_blind_d():
    for case, right in drawn(lesson1.blind_losses):
        logits = tensor([np.log(case["d"] / (1 - case["d"]))] * 3)
        wanted = losses.discriminator_loss(logits, logits), losses.nonsaturating_loss(logits)
        np.testing.assert_allclose(right, [loss.item() for loss in wanted])


@pytest.mark.parametrize("task", [lesson1.logit_slopes, assignment1.slopes_in_x])
def test_slopes_are_those_of_autograd(task):
    for case, right in drawn(task):
        for loss, slopes in zip(
            (losses.saturating_loss, losses.nonsaturating_loss), right, strict=True
        ):
            at = tensor(next(iter(case.values())))
            logits = case["w"] * at + case["b"] if "w" in case else at
            (len(at) * loss(logits)).backward()
            np.testing.assert_allclose(at.grad, slopes)


def test_equilibria_by_linear_programming():
    for case, right in drawn(assignment1.equilibrium):
        solved = games.solve_zero_sum(case["payments"])
        np.testing.assert_allclose(right, [solved.rows[0], solved.value], atol=1e-9)
        low, high = games.pure_values(case["payments"])
        assert low < high  # no fixed move is safe


def test_extragradient_steps_by_autograd():
    def slopes(x, y, c):
        x, y = tensor(x), tensor(y)
        (x * y + c / 2 * x**2 - c / 2 * y**2).backward()
        return x.grad.item(), y.grad.item()

    for case, right in drawn(assignment1.extragradient_step):
        x, y, eta, c = case.values()
        down, up = slopes(x, y, c)
        down, up = slopes(x - eta * down, y + eta * up, c)
        np.testing.assert_allclose(right, [x - eta * down, y + eta * up])


def test_d_of_a_collapsed_generator():
    for case, right in drawn(assignment1.collapsed_d):
        x, m, s = case.values()
        data = Mixture((Normal(-m, s), Normal(m, s)), (0.5, 0.5))
        np.testing.assert_allclose(right, theory.optimal_discriminator(data, Normal(m, s), x))


def test_the_estimated_value_is_minus_the_loss():
    for case, right in drawn(assignment1.estimated_value):
        real, fake = map(tensor, case.values())
        assert np.isclose(right, -losses.discriminator_loss(real, fake).item())


def test_a_fitting_lambda_fits():
    for case, right in drawn(lesson2.fitting_lambda):
        p, q = case.values()
        assert np.isclose(1 / (1 + np.exp(-right * (p - q))), p / (p + q))


def test_the_std_of_a_mixture():
    for case, right in drawn(lesson2.mixed_std):
        t, *moments = case.values()
        mixed = Mixture((Normal(*moments[:2]), Normal(*moments[2:])), (1 - t, t))
        assert np.isclose(right, mixed.std)


def test_w2_by_the_ruler():
    for case, right in drawn(lesson2.w2_normals):
        mean_1, std_1, mean_2, std_2 = case.values()
        assert np.isclose(right, np.hypot(mean_1 - mean_2, std_1 - std_2), atol=1e-7)


def test_values_that_the_lesson_finds():
    start, target = Normal(2, 2), Normal(5, 1)
    x = np.linspace(-2, 12, 100)
    turned = 1 / (1 + np.exp(-10 * (target.pdf(x) - start.pdf(x))))
    gap = abs(turned - theory.optimal_discriminator(target, start, x))
    assert mark_here("2.worst_place", x[gap.argmax()]).right
    shifts = np.linspace(0, 20, 81)
    jsd = np.array([theory.js_divergence(target, Normal(5 + shift, 1)) for shift in shifts])
    assert mark_here("2.flat_from", shifts[jsd >= 0.99 * np.log(2)][0]).right


def test_a_path_starts_and_ends_where_it_should():
    for case, right in drawn(assignment2.path):
        assert right.shape == (case["frames"], 2)
        np.testing.assert_allclose(right[0], case["start"])
        if case["frames"] > 1:
            np.testing.assert_allclose(right[-1], case["target"])


def test_moved_samples_take_the_shortest_way():
    """Among many ways to pair the samples none has a smaller mean square."""
    rng = np.random.default_rng(0)
    for case, right in drawn(assignment2.moved_samples):
        start, target = np.sort(case["start"]), np.array(case["target"])
        ours = ((right - start) ** 2).mean() / case["t"] ** 2
        others = [((rng.permutation(target) - start) ** 2).mean() for _ in range(50)]
        assert ours <= min(others) + 1e-9


def test_samples_may_come_in_any_order():
    def reverse(start, target, t):
        return ((1 - t) * np.sort(start) + t * np.sort(target))[::-1, None]

    assert all(mark_here("2.moved_samples", reverse, seed).right for seed in SEEDS)


def test_far_places_are_out_of_reach_for_densities():
    for case, right in drawn(assignment2.best_logit):
        x, *moments = case.values()
        p, q = norm.pdf(x, *moments[:2]), norm.pdf(x, *moments[2:])
        there = (p > 0) & (q > 0)
        np.testing.assert_allclose(right[there], np.log(p[there] / q[there]), atol=1e-9)
        assert np.isfinite(right).all()
        assert not np.r_[p[~there], q[~there]].any()
    places = cases_of(assignment2.best_logit, "", 0)[0]["x"]
    assert (norm.pdf(places[-2:], 0, 3) == 0).all()


def test_kl_by_quadrature():
    for case, right in drawn(assignment2.both_kl):
        mean_p, std_p, mean_q, std_q = case.values()
        p, q = Normal(mean_p, std_p), Normal(mean_q, std_q)
        wanted = theory.kl_divergence(p, q), theory.kl_divergence(q, p)
        np.testing.assert_allclose(right, wanted, rtol=1e-6)


def test_answers_in_single_precision_are_as_good():
    def logit(x, *moments):
        x = torch.tensor(x, dtype=torch.float32)
        p, q = (torch.distributions.Normal(*pair) for pair in (moments[:2], moments[2:]))
        return p.log_prob(x) - q.log_prob(x)

    def value(real, fake):
        real, fake = (torch.tensor(batch, dtype=torch.float32) for batch in (real, fake))
        return -losses.discriminator_loss(real, fake)

    assert all(mark_here("2.best_logit", logit, seed).right for seed in SEEDS)
    assert all(mark_here("1.estimated_value", value, seed).right for seed in SEEDS)


def test_an_equilibrium_found_by_a_minimiser_is_right():
    def searched(payments):
        found = minimize_scalar(
            lambda r: max(np.array([r, 1 - r]) @ payments), bounds=(0, 1), method="bounded"
        )
        return found.x, found.fun

    assert all(mark_here("1.equilibrium", searched, seed).right for seed in SEEDS)
