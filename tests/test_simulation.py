import math

import numpy as np
import pytest
from scipy import stats

from gan_lessons import simulation, theory
from gan_lessons.distributions import Normal

X = np.linspace(-2, 12, 100)


@pytest.mark.parametrize(
    ("form", "by_formula"),
    [
        ("optimal", lambda p, q: p / (p + q)),
        ("density_difference", lambda p, q: 1 / (1 + np.exp(-10 * (q - p)))),
    ],
)
def test_the_run_by_its_formulas(form, by_formula):
    p, q, d = simulation.simulate_training(X, 30, form)
    for frame in range(30):
        t = frame / 29
        np.testing.assert_allclose(p[frame], stats.norm.pdf(X, 5, 1), rtol=1e-12)
        np.testing.assert_allclose(q[frame], stats.norm.pdf(X, 2 + 3 * t, 2 - t), rtol=1e-12)
    np.testing.assert_allclose(d, by_formula(p, q), rtol=1e-9)
    np.testing.assert_array_equal(d[-1], np.full(100, 0.5))
    # a single frame shows the start
    np.testing.assert_array_equal(simulation.simulate_training(X, 1, form), [p[:1], q[:1], d[:1]])


def test_the_two_forms_disagree_as_the_course_says():
    x = np.array([-300.0, 5.0, 450.0])  # where both densities are 0 in floats
    _, _, optimal = simulation.simulate_training(x, 30)
    _, _, scripted = simulation.simulate_training(x, 30, form="density_difference")
    assert scripted[0, 1] == pytest.approx(0.034, abs=5e-4)
    assert optimal[0, 1] == pytest.approx(0.860, abs=5e-4)
    np.testing.assert_array_equal(scripted[0, [0, 2]], [0.5, 0.5])
    assert (optimal[0, [0, 2]] < 1e-50).all()


def test_a_single_discriminator():
    p, q = np.array([0.0, 0.0, 0.2]), np.array([0.0, 0.3, 0.2])
    optimal = [np.nan, 0, 0.5]  # it knows nothing where both densities vanish
    for factor in (3, 10):  # which belongs to the other form alone
        np.testing.assert_array_equal(simulation.compute_discriminator_prob(p, q, factor), optimal)
    scripted = simulation.compute_discriminator_prob(p, q, 3, "density_difference")
    np.testing.assert_allclose(scripted, 1 / (1 + np.exp(-3 * (q - p))))


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


@pytest.mark.parametrize(
    ("call", "arguments", "complaint"),
    [
        (simulation.generator_at, (3, 3), "^frame is 3: .*below total_frames"),
        (simulation.compute_discriminator_prob, ([1, 2], [1]), "^gen_pdf has shape"),
        (simulation.compute_discriminator_prob, ([-1], [1]), "^real_pdf holds a value below"),
        (simulation.compute_discriminator_prob, ([1], [math.nan]), "^gen_pdf holds a value"),
        (
            simulation.compute_discriminator_prob,
            ([1], [1], 10, "optimum"),
            r"^form is 'optimum' \(did you mean 'optimal'\?\)",
        ),
        (simulation.simulate_training, (X, 3, "difference"), "^form is 'difference'"),
    ],
)
def test_what_does_not_fit_together_is_refused(call, arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        call(*arguments)
