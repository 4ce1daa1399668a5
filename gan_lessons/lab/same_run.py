"""The run that a live lab shows, in a notebook: the page's random numbers, the package's training.

"Copy as Python" in a lab writes the cell that calls this.  The engine of the page and that of the
package round differently, and a GAN makes much of little: two runs agree to many digits at first,
and to fewer and fewer as they go on.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan_lessons import validation
from gan_lessons.distributions import (
    Drawn,
    Exponential,
    Mixture,
    Normal,
    Target,
    TwoPoint,
    Uniform,
)
from gan_lessons.history import History
from gan_lessons.lab import chance
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.networks import build_discriminator, build_generator, latent_size
from gan_lessons.perceptrons import Perceptrons, is_compiled, undo_standardising
from gan_lessons.settings import SCHEDULES, Settings
from gan_lessons.training import (
    Record,
    Standardised,
    follow,
    require_opponent,
    ticking,
    undisturbed,
)

Array = NDArray[np.float64]

WATCHED = 500
"""Samples that the lab looks at."""
STARTS = "normal", "uniform"


QUANTILES: dict[type[Target], Callable[[Any, Array], Array]] = {
    Uniform: Target.quantile,
    Exponential: Target.upper_quantile,
    TwoPoint: Target.quantile,
    Drawn: Target.quantile,
}
"""How the page makes one draw from one uniform number."""
KINDS: tuple[type[Target], ...] = Normal, Mixture, *QUANTILES
"""The targets of the lab."""


def _bells(target: Target) -> chance.Bells:
    """The normals from which the page draws; none for a target that it draws by quantiles."""
    weights: tuple[float, ...] = ()
    parts: tuple[Target, ...] = ()
    if isinstance(target, Mixture):
        weights, parts = target.weights, target.components
    elif isinstance(target, Normal):
        weights, parts = (1.0,), (target,)
    means, stds = np.array([(part.mean, part.std) for part in parts], float).reshape(-1, 2).T
    return chance.Bells(np.cumsum(weights), means.copy(), stds.copy())


def _in_x(target: Target, drawn: Array) -> Array:
    """Real data from what was drawn with ``_bells``; the same shape."""
    quantile = QUANTILES.get(type(target))
    return quantile(target, drawn) if quantile else drawn


def _seed(seed: Any) -> int:
    seed = validation.count("seed", seed, minimum=0)
    if seed >= 2**32:
        raise ValueError(f"seed is {seed}: it must be below 2**32, as in the lab")
    return seed


def build_players(
    *, latent_dim: int, hidden_dim: int, hidden_layers: int, start: str = "normal", seed: int = 0
) -> tuple[nn.Sequential, nn.Sequential]:
    """The generator and the discriminator (logits) with which a lab starts, in float64.

    ``start`` is "normal" for first weights from N(0, 1), as in lesson 6, or "uniform" for those
    within ±1/√inputs, as PyTorch has them.  Raises ``ValueError`` for another one, for sizes that
    are no whole numbers above 0, and unless ``seed`` is a whole number from 0 up, below 2**32.
    """
    start = validation.choice("start", start, STARTS)
    source = chance.open_source(_seed(seed), chance.FIRST_WEIGHTS)
    shape: dict[str, Any] = {"hidden_dim": hidden_dim, "hidden_layers": hidden_layers, "seed": 0}
    generator = build_generator(latent_dim, **shape).double()
    discriminator = build_discriminator(logits=True, **shape).double()
    with torch.no_grad():
        modules = [*generator, *discriminator]
        for layer in (module for module in modules if isinstance(module, nn.Linear)):
            for part in (layer.weight, layer.bias):
                n, bound = part.numel(), 1 / layer.in_features**0.5
                first = (
                    chance.normals(source, n)
                    if start == "normal"
                    else bound * (2 * chance.uniforms(source, n) - 1)
                )
                part.copy_(torch.from_numpy(first).reshape(part.shape))
    return generator, discriminator


class _Learner(Perceptrons):
    """Perceptrons that see (x − m)/s, and learn from what the page draws."""

    def __init__(
        self,
        law: Standardised,
        generator: nn.Module,
        discriminator: nn.Module,
        settings: Settings,
        d_steps: int,
        source: chance.Source,
        steps: int,
        columns: tuple[int, int],
    ):
        loss = GENERATOR_LOSSES[settings.loss]
        opponent = discriminator if d_steps or loss.needs_discriminator else None
        rng = np.random.default_rng(0)  # which is not asked
        super().__init__(law, generator, opponent, settings, rng, steps, columns, None)
        self.law, self.source, self.d_steps = law, source, d_steps
        self.pairs = np.empty(0)
        if loss.relativistic and not d_steps:
            # A D that rests has seen no data, so the fakes are paired with quantiles.  The engine
            # takes them from an update of D: one at rate 0.
            self.pairs = _quantiles(law.target, settings.batch_size)
            self.rule = self.rule._replace(rate_d=0.0)

    def draw(self, steps: int) -> tuple[Array, Array, Array]:
        """Real data, noise and mix of the next steps, as the page draws them."""
        n, turns = self.settings.batch_size, self.d_steps
        lines = n if self.settings.gradient_penalty else 0
        real, mix = np.empty((steps, turns, n)), np.empty((steps, turns, lines))
        noise = np.empty((steps, turns + 1, n, self.latent_dim))
        chance.fill_steps(self.source, _bells(self.law.target), real, noise, mix)
        real = _in_x(self.law.target, real)
        if self.pairs.size:
            real, mix = np.tile(self.pairs, (steps, 1, 1)), np.zeros((steps, 1, lines))
            noise = np.repeat(noise, 2, axis=1)
        return (real - self.law.m) / self.law.s, noise, mix


def train(
    target: Target,
    generator: nn.Module,
    discriminator: nn.Module,
    *,
    steps: int = 200,
    every: int = 1,
    seed: int = 0,
    d_steps: int = 1,
    decay_steps: int | None = None,
    **settings: Any,
) -> History:
    """Train the networks in place as the lab does, and return the record, as ``training.train``.

    From players of ``build_players`` with the same seed it is the lab's run.

    Args:
        target: of one of the kinds that the lab knows, ``KINDS``.
        generator, discriminator: perceptrons, of linear layers and ReLU.
        steps, every: as in ``training.train``.
        seed: that of the lab, below 2**32.
        d_steps: updates of D before each update of G; with 0 the discriminator rests.
        decay_steps: the step from which on the learning rates are 0, if a ``schedule`` makes them
            fall; by default the last one.
        settings: those of ``Settings``: ``loss``, ``batch_size``, ``learning_rate_g``, ….

    The record's samples are the 500 that the lab looks at; ``p_data`` is NaN for a target without
    a density.  Raises ``ValueError`` for an argument out of range, another kind of target, or
    other modules, and ``FloatingPointError`` as ``training.train``.
    """
    chosen = Settings(**settings)
    steps, every = validation.count("steps", steps), validation.count("every", every)
    d_steps, seed = validation.count("d_steps", d_steps, minimum=0), _seed(seed)
    if type(target) not in KINDS:
        kinds = ", ".join(kind.__name__ for kind in KINDS)
        raise ValueError(f"target is {target!r}: the lab draws from {kinds}")
    require_opponent(chosen, generator, discriminator)
    if not is_compiled(generator, discriminator):
        raise ValueError(
            f"generator is {type(generator).__name__}, discriminator "
            f"{type(discriminator).__name__}: both must be perceptrons of one type, of Linear and "
            "ReLU"
        )
    m, s = 0.0, 1.0
    if chosen.standardise:
        standardising = chance.open_source(seed, chance.STANDARDISING)
        seen = _in_x(target, chance.samples(standardising, _bells(target), 1000))
        m, s = float(seen.mean()), float(seen.std(ddof=1))
    x = np.linspace(target.mean - 5 * target.std, target.mean + 5 * target.std, 200)
    p_data = np.full_like(x, np.nan) if isinstance(target, TwoPoint) else target.pdf(x)
    width = latent_size(generator)
    watching = chance.open_source(seed, chance.WATCHING)
    noise = chance.normals(watching, width * WATCHED).reshape(width, WATCHED).T
    learner = _Learner(
        Standardised(target, m, s),
        generator,
        discriminator,
        chosen,
        d_steps,
        chance.open_source(seed, chance.TRAINING),
        steps,
        (WATCHED, len(x)),
    )
    if decay_steps is not None:
        done = np.arange(steps) / validation.count("decay_steps", decay_steps)
        learner.decay = SCHEDULES[chosen.schedule](np.minimum(done, 1))
    record = Record.empty(steps, every, len(x), alone=not d_steps, seen=WATCHED)
    with undisturbed(), ticking(steps) as tick:
        try:
            follow(learner, record, noise, x, m, s, tick=tick)
        finally:
            with torch.no_grad():
                learner.store()
                undo_standardising(generator, discriminator, m, s)
    if not d_steps:
        record.d_loss[:] = np.nan
    return record.history(x, p_data)


def _quantiles(target: Target, n: int) -> Array:
    """The target's quantiles in the middle of n equal steps."""
    return target.quantile((np.arange(n) + 0.5) / n)


def numbers(history: History, target: Target) -> dict[str, float]:
    """What the lab shows after the last step of a run, to twelve digits.

    The losses, and mean, std and W1 of the watched samples; where there is an average of G's
    weights, they are its.  W1 is the lab's: between the samples, sorted, and as many quantiles.
    """
    samples = np.sort(history.averaged[-1])
    found = {
        "loss of D": history.d_loss[-1],
        "loss of G": history.g_loss[-1],
        "mean": samples.mean(),
        "std": samples.std(ddof=1),
        "W1": np.abs(samples - _quantiles(target, len(samples))).mean(),
    }
    shown = {name: float(f"{x:.12g}") for name, x in found.items() if not np.isnan(x)}
    return {"step": int(history.steps[-1]), **shown}
