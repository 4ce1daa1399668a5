"""The scripted run: a generator that walks to its target on rails.  Nothing here learns.

The path from N(2, 2²) to N(5, 1²) is a formula in the frame number.  For normals on the line it
is the straight path of the Wasserstein-2 distance: at time t, mean and std are interpolated.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from gan_lessons import validation
from gan_lessons.distributions import Normal
from gan_lessons.theory import optimal_discriminator

Array = NDArray[np.float64]

FORMS = ("optimal", "density_difference")


def compute_ground_truth(x: ArrayLike, mean: float = 5, std: float = 1) -> Array:
    """The density of N(mean, std²) at ``x``; the shape of ``x``.

    Raises ``ValueError`` unless both are finite and ``std`` is above 0.
    """
    return Normal(mean, std).pdf(x)


def generator_at(
    frame: int,
    total_frames: int,
    init_mean: float = 2,
    init_std: float = 2,
    target_mean: float = 5,
    target_std: float = 1,
) -> Normal:
    """The scripted generator in one frame: mean and std interpolated from first to last frame.

    ``frame`` counts from 0.  With a single frame that frame shows the start (t = 0).  Raises
    ``ValueError`` for a frame outside 0 … total_frames − 1, or a bad mean or std.

    Source: McCann, "A convexity principle for interacting gases" (1997): displacement
    interpolation.
    """
    total_frames = validation.count("total_frames", total_frames)
    number = validation.count("frame", frame, minimum=0)
    if number >= total_frames:
        raise ValueError(f"frame is {frame!r}: it must be below total_frames, {total_frames}")
    t = np.linspace(0, 1, total_frames)[number]
    here = validation.finite("init_mean", init_mean), validation.positive("init_std", init_std)
    there = (
        validation.finite("target_mean", target_mean),
        validation.positive("target_std", target_std),
    )
    mean, std = ((1 - t) * start + t * end for start, end in zip(here, there, strict=True))
    return Normal(mean, std)


def compute_generator_pdf(
    x: ArrayLike,
    frame: int,
    total_frames: int,
    init_mean: float = 2,
    init_std: float = 2,
    target_mean: float = 5,
    target_std: float = 1,
) -> Array:
    """The density of the scripted generator in one frame at ``x``; the shape of ``x``.

    The arguments and errors are those of ``generator_at``.
    """
    ends = (init_mean, init_std, target_mean, target_std)
    return generator_at(frame, total_frames, *ends).pdf(x)


def compute_discriminator_prob(
    real_pdf: ArrayLike, gen_pdf: ArrayLike, factor: float = 10, form: str = "optimal"
) -> Array:
    """A scripted discriminator from the two densities at the same points.

    ``form="optimal"`` is D* = p/(p+q), the probability that x is real; NaN where both densities
    are zero.  ``form="density_difference"`` is σ(factor·(q − p)): it has the wrong sign (high
    where x is *fake*) and the wrong form (a difference of densities, not of their logs), and is
    kept so that the two can be compared.  ``factor`` belongs to that form alone.

    Raises ``ValueError`` for shapes that differ, a negative density, a factor that is not
    finite, or an unknown form.
    """
    p, q = validation.numbers("real_pdf", real_pdf), validation.numbers("gen_pdf", gen_pdf)
    if p.shape != q.shape:
        raise ValueError(f"gen_pdf has shape {q.shape}: it must be that of real_pdf, {p.shape}")
    for name, density in (("real_pdf", p), ("gen_pdf", q)):
        if not ((density >= 0) & np.isfinite(density)).all():
            raise ValueError(
                f"{name} holds a value below 0, NaN or infinity: it must be a density"
            )
    factor = validation.finite("factor", factor)
    if validation.choice("form", form, FORMS) == "density_difference":
        return expit(factor * (q - p))
    return np.divide(p, p + q, out=np.full_like(p, np.nan), where=p + q > 0)


def simulate_training(
    x: ArrayLike, num_frames: int, form: str = "optimal"
) -> tuple[Array, Array, Array]:
    """The whole scripted run: (p_data, p_g, D), each of shape (num_frames, len(x)).

    p_data is N(5, 1²) in every frame; p_g walks from N(2, 2²) to it.  ``form`` is that of
    ``compute_discriminator_prob``; the optimal one is taken from log densities, so it is right
    however far out ``x`` reaches.  Raises ``ValueError`` unless ``num_frames`` is a whole number
    above 0 and ``x`` is one-dimensional and finite.
    """
    points = validation.vector("x", x)
    num_frames = validation.count("num_frames", num_frames)
    validation.choice("form", form, FORMS)
    target = Normal(5, 1)
    models = [generator_at(frame, num_frames) for frame in range(num_frames)]
    p_data = np.tile(target.pdf(points), (num_frames, 1))
    p_g = np.array([model.pdf(points) for model in models])
    if form == "optimal":
        d = np.array([optimal_discriminator(target, model, points) for model in models])
    else:
        d = compute_discriminator_prob(p_data, p_g, form=form)
    return p_data, p_g, d
