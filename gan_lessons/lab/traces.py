"""Golden traces: runs of the package, written down to the last weight, for the page's engine.

The engine in ``engine.js`` is a second GAN in another language.  It is right if, given the same
first weights and the same random numbers, it has the same weights after each step.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_lessons import engine
from gan_lessons.distributions import Target
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.perceptrons import layers_of, player_of
from gan_lessons.training import Settings


def trace(
    settings: Settings,
    target: Target,
    steps: int = 200,
    seed: int = 0,
    latent: int = 2,
    hidden: int = 16,
    layers: int = 1,
    with_d: bool = True,
) -> dict[str, Any]:
    """Train in float64 and write everything down, as numbers that JSON can hold.

    The keys: ``settings``, with the page's names; ``start`` and ``weights`` (after each step) for
    ``g`` and ``d``, each layer's W row by row and then its b; ``real`` and ``noise``, the batches
    in the order in which they were drawn, in columns; ``lossG`` and ``lossD``, one for each
    update.
    """
    shape = {"hidden_dim": hidden, "hidden_layers": layers}
    modules = (
        build_generator(latent, seed=seed, **shape).double(),
        build_discriminator(logits=True, seed=seed + 1, **shape).double(),
    )
    n, d_steps = settings.batch_size, settings.d_steps if with_d else 0
    g, d = (player_of(layers_of(module) or [], 2 * n) for module in modules)
    rng = np.random.default_rng(seed)
    start = {"g": g.weights.tolist(), "d": d.weights.tolist()}
    kept: dict[str, Any] = {"real": [], "noise": [], "lossG": [], "lossD": []}
    weights: dict[str, list[list[float]]] = {"g": [], "d": []}
    real, mix = np.empty((2, 0))
    kind = GENERATOR_LOSSES[settings.loss].opponent

    def noise() -> NDArray[np.float64]:
        z = rng.standard_normal((n, latent))
        kept["noise"].append(z.T.ravel().tolist())
        return z

    for _ in range(steps):
        for _ in range(d_steps):
            real = target.draw(n, rng)
            kept["real"].append(real.tolist())
            loss = engine.discriminator_step(
                g, d, n, real, noise(), mix, kind, settings.learning_rate_d, settings.rule
            )
            kept["lossD"].append(loss)
        loss = engine.generator_step(
            g,
            d,
            n,
            real[None],
            noise(),
            GENERATOR_LOSSES[settings.loss],
            (float(target.mean), float(target.std)),
            settings.learning_rate_g,
            settings.rule,
        )
        kept["lossG"].append(loss)
        weights["g"].append(g.weights.tolist())
        weights["d"].append(d.weights.tolist())
    names = {
        "loss": settings.loss,
        "batch": n,
        "rateG": settings.learning_rate_g,
        "rateD": settings.learning_rate_d,
        "beta1": settings.betas[0],
        "beta2": settings.betas[1],
        "dSteps": d_steps,
        "latent": latent,
        "hidden": hidden,
        "layers": layers,
    }
    return {"settings": names, "start": start, "weights": weights, **kept}
