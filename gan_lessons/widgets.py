"""Explorers for notebooks: sliders that need a Python kernel, built on ipywidgets.

Each explorer is made of two parts: a plain function that draws on an ``ax`` for given settings,
which is what the tests call, and a function that joins it to sliders.
"""

from collections.abc import Callable
from typing import Any

import ipywidgets as ipw
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from scipy.special import expit

from gan_lessons import losses, plots, simulation, theory, validation
from gan_lessons.distributions import Normal

TARGET = Normal(5, 1)
GRID = np.linspace(-2, 12, 400)


def _slider(
    label: str, value: float, low: float, high: float, step: float = 0.05
) -> ipw.FloatSlider:
    return ipw.FloatSlider(
        value=value, min=low, max=high, step=step, description=label, continuous_update=False
    )


def _explorer(question: str, draw: Callable[..., Axes], **controls: Any) -> ipw.VBox:
    """The question, the controls, and a figure that ``draw`` fills anew at each change."""

    @plots.in_style()
    def redraw(**settings: Any) -> None:
        _, ax = plt.subplots()
        draw(ax, **settings)
        plt.show()

    picture = ipw.interactive_output(redraw, controls)
    return ipw.VBox([ipw.HTML(f"<b>{question}</b>"), *controls.values(), picture])


def draw_game(ax: Axes, mean: float, std: float, place: float, slope: float) -> Axes:
    """p_data, the chosen p_g, D* and a logistic D of your own, with the values of both.

    Your D is σ(slope·(x − place)).  The title says V for both, and JSD.
    """
    model = Normal(mean, std)
    place, slope = validation.finite("place", place), validation.finite("slope", slope)
    best = theory.optimal_discriminator(TARGET, model, GRID)

    def own_logit(x: np.ndarray) -> np.ndarray:
        return slope * (x - place)

    yours = expit(own_logit(GRID))
    plots.plot_densities(ax, GRID, TARGET.pdf(GRID), model.pdf(GRID), yours, best)
    top = theory.value_at_optimum(TARGET, model)
    score = theory.game_value(TARGET, model, own_logit, logits=True)
    ax.set_title(
        f"V(D*) = {top:.3f}, V(your D) = {score:.3f}: {top - score:.3f} to gain; "
        f"JSD = {theory.js_divergence(TARGET, model):.3f}"
    )
    return ax


def explore_game() -> ipw.VBox:
    """Lesson 1: move p_g, and fit a discriminator of your own by hand."""
    return _explorer(
        "How close can your D come to D*?",
        draw_game,
        mean=_slider("mean of G", 2, -1, 9),
        std=_slider("std of G", 2, 0.3, 4),
        place=_slider("D: place", 3.5, -2, 12),
        slope=_slider("D: slope", 1, -5, 5),
    )


def draw_simulation(ax: Axes, frame: int, factor: float, total_frames: int = 30) -> Axes:
    """One frame of the scripted run with D* and the difference-of-densities form (scripted)."""
    model = simulation.generator_at(frame, total_frames)
    p, q = TARGET.pdf(GRID), model.pdf(GRID)
    best = theory.optimal_discriminator(TARGET, model, GRID)
    wrong = simulation.compute_discriminator_prob(p, q, factor, form="density_difference")
    label = r"sigmoid$(\lambda(p_g - p_\mathrm{data}))$, scripted"
    ax.plot(GRID, wrong, **{**plots.D, "label": label})
    plots.plot_densities(ax, GRID, p, q, best=best)
    ax.set_title(f"frame {frame}: scripted, nothing learns")
    return ax


def explore_simulation() -> ipw.VBox:
    """Lesson 2: scrub through the scripted run, and turn the scripted D's factor λ."""
    return _explorer(
        "In which frame do the two discriminators disagree most at x = 5?",
        draw_simulation,
        frame=ipw.IntSlider(value=0, min=0, max=29, description="frame"),
        factor=_slider("λ", 10, -50, 50, 1),
    )


def impostor(n: int, low: float, high: float, share: float) -> np.ndarray:
    """A batch of ``n`` values at two points: the given share of them at ``high``; shape (n, 1).

    Raises ``ValueError`` for a share outside [0, 1], points that are not finite, or a bad ``n``.
    """
    n, low = validation.count("n", n), validation.finite("low", low)
    high, part = validation.finite("high", high), validation.finite("share", share)
    if not 0 <= part <= 1:
        raise ValueError(f"share is {share!r}: it must lie between 0 and 1")
    at_high = round(part * n)
    return np.repeat([low, high], [n - at_high, at_high])[:, None].astype(float)


def draw_impostor(ax: Axes, low: float, high: float, share: float, n: int = 128) -> Axes:
    """The target, an impostor at two points, and the stats loss of the impostor's batch."""
    batch = impostor(n, low, high, share)
    loss = losses.stats_loss(torch.from_numpy(batch)).item()
    plots.plot_samples(ax, batch, TARGET)
    ax.set_title(f"stats loss of this batch: {loss:.5f}")
    return ax


def explore_impostor() -> ipw.VBox:
    """Lesson 4: place two points so that the stats loss falls to zero."""
    return _explorer(
        "Can two points have a stats loss of zero?",
        draw_impostor,
        low=_slider("low point", 3, 0, 5),
        high=_slider("high point", 6, 5, 10),
        share=_slider("share high", 0.5, 0.05, 0.95),
    )
