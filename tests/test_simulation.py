import math

import numpy as np
import pytest
from scipy import stats

from gan_lessons import simulation, theory
from gan_lessons.distributions import Normal

X = np.linspace(-2, 12, 100)


def test_driver_line_gives_three_arrays_of_frames_by_points():
    arrays = simulation.simulate_training(X, 30)
    assert [a.shape for a in arrays] == [(30, 100)] * 3
    assert all(np.isfinite(a).all() for a in arrays)


def test_both_densities_against_scipy():
    p_data, p_g, _ = simulation.simulate_training(X, 30)
    for frame in (0, 11, 29):
        t = frame / 29
        np.testing.assert_allclose(p_data[frame], stats.norm.pdf(X, 5, 1), rtol=1e-12)
        np.testing.assert_allclose(p_g[frame], stats.norm.pdf(X, 2 + 3 * t, 2 - t), rtol=1e-12)


def test_optimal_form_is_p_over_p_plus_q_and_half_at_the_end():
    p, q, d = simulation.simulate_training(X, 30)
    np.testing.assert_allclose(d, p / (p + q), rtol=1e-9)
    np.testing.assert_array_equal(d[-1], np.full(100, 0.5))
    assert np.abs(d[-2] - 0.5).max() > 0.01


def test_difference_form_is_the_logistic_of_the_densities_difference():
    p, q, d = simulation.simulate_training(X, 30, form="density_difference")
    np.testing.assert_allclose(d, 1 / (1 + np.exp(-10 * (q - p))), rtol=1e-12)
    np.testing.assert_array_equal(d[-1], np.full(100, 0.5))


def test_the_two_forms_disagree_as_the_course_says():
    x = np.array([-30.0, 5.0, 45.0])
    _, _, optimal = simulation.simulate_training(x, 30)
    _, _, scripted = simulation.simulate_training(x, 30, form="density_difference")
    assert scripted[0, 1] == pytest.approx(0.034, abs=5e-4)
    assert optimal[0, 1] == pytest.approx(0.860, abs=5e-4)
    np.testing.assert_array_equal(scripted[0, [0, 2]], [0.5, 0.5])
    assert (optimal[0, [0, 2]] < 1e-50).all()


def test_factor_sharpens_the_difference_form_alone():
    p, q = np.array([0.1, 0.3]), np.array([0.2, 0.1])
    assert simulation.compute_discriminator_prob(p, q, 3, "density_difference") == pytest.approx(
        1 / (1 + np.exp(-3 * (q - p)))
    )
    np.testing.assert_array_equal(
        simulation.compute_discriminator_prob(p, q, 3), simulation.compute_discriminator_prob(p, q)
    )


def test_optimal_form_knows_nothing_where_both_densities_vanish():
    d = simulation.compute_discriminator_prob([0.0, 0.0, 0.2], [0.0, 0.3, 0.2])
    np.testing.assert_array_equal(d, [np.nan, 0, 0.5])


@pytest.mark.parametrize("form", simulation.FORMS)
def test_one_frame_shows_the_start(form):
    p, q, d = simulation.simulate_training(X, 1, form)
    assert p.shape == q.shape == d.shape == (1, 100)
    np.testing.assert_allclose(q[0], stats.norm.pdf(X, 2, 2))
    start = [a[0] for a in simulation.simulate_training(X, 30, form)]
    np.testing.assert_array_equal([p[0], q[0], d[0]], start)


def test_the_path_is_the_w2_geodesic():
    target, whole = Normal(5, 1), math.hypot(3, 1)
    for frame in (0, 7, 29):
        left = theory.wasserstein_2(simulation.generator_at(frame, 30), target)
        assert left == pytest.approx((1 - frame / 29) * whole, abs=1e-7)


def test_single_functions_take_the_seeds_arguments():
    np.testing.assert_allclose(
        simulation.compute_ground_truth(X, mean=1, std=3), stats.norm.pdf(X, 1, 3)
    )
    density = simulation.compute_generator_pdf(X, 2, 5, -1, 1, 3, 2)
    np.testing.assert_allclose(density, stats.norm.pdf(X, 1, 1.5))
    assert simulation.generator_at(4, 5, -1, 1, 3, 2) == Normal(3, 2)
    assert simulation.compute_ground_truth(X.reshape(4, 25)).shape == (4, 25)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: simulation.compute_ground_truth(X, std=0), "^std is 0"),
        (lambda: simulation.compute_ground_truth(X, mean=math.nan), "^mean is nan"),
        (lambda: simulation.compute_ground_truth("abc"), "^x holds"),
        (lambda: simulation.compute_generator_pdf(X, 0, 0), "^total_frames is 0"),
        (lambda: simulation.compute_generator_pdf(X, 3, 3), "^frame is 3: .*below total_frames"),
        (lambda: simulation.compute_generator_pdf(X, -1, 3), "^frame is -1"),
        (lambda: simulation.compute_generator_pdf(X, 1.0, 3), "^frame is 1.0"),
        (lambda: simulation.generator_at(0, 3, init_std=-1), "^init_std is -1"),
        (lambda: simulation.generator_at(0, 3, target_std=math.inf), "^target_std is inf"),
        (lambda: simulation.generator_at(0, 3, init_mean="a"), "^init_mean is 'a'"),
        (lambda: simulation.generator_at(0, 3, target_mean=True), "^target_mean is True"),
        (lambda: simulation.compute_discriminator_prob([1, 2], [1]), "^gen_pdf has shape"),
        (
            lambda: simulation.compute_discriminator_prob([-1], [1]),
            "^real_pdf holds a value below",
        ),
        (lambda: simulation.compute_discriminator_prob([1], [math.nan]), "^gen_pdf holds a value"),
        (lambda: simulation.compute_discriminator_prob([1], ["a"]), "^gen_pdf holds entries"),
        (lambda: simulation.compute_discriminator_prob([1], [1], math.inf), "^factor is inf"),
        (
            lambda: simulation.compute_discriminator_prob([1], [1], form="optimum"),
            r"^form is 'optimum' \(did you mean 'optimal'\?\)",
        ),
        (lambda: simulation.simulate_training(X, 0), "^num_frames is 0"),
        (lambda: simulation.simulate_training(X, 2.0), "^num_frames is 2.0"),
        (lambda: simulation.simulate_training([], 3), r"^x has shape \(0,\)"),
        (lambda: simulation.simulate_training([1, math.nan], 3), "^x holds NaN"),
        (lambda: simulation.simulate_training(X, 3, "difference"), "^form is 'difference'"),
    ],
)
def test_bad_arguments(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
