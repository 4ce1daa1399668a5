"""Golden traces: runs of the package, written down to the last weight, for the page's engine.

The engine in ``engine.js`` is a second GAN in another language.  It is right if, given the same
first weights and the same random numbers, it has the same weights after each step.
"""

from typing import Any

import numpy as np

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
    ``g`` and ``d``, and for the ``average`` of g, each layer's W row by row and then its b;
    ``real``, ``noise`` and ``mix``, the batches in the order in which they were drawn, in
    columns; ``lossG``, one for each step, and ``lossD``, that of D's last update in it.
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
    kept: dict[str, Any] = {"real": [], "noise": [], "mix": [], "lossG": [], "lossD": []}
    weights: dict[str, list[list[float]]] = {"g": [], "average": [], "d": []}
    decay = settings.decay(steps)
    lines = (1, d_steps, n if settings.gradient_penalty else 0)

    for t in range(steps):
        real = np.array([target.draw(n, rng) for _ in range(d_steps)]).reshape(1, d_steps, n)
        z = rng.standard_normal((1, d_steps + 1, n, latent))
        mix = rng.random(lines)
        g_loss, d_loss = np.full((2, 1), np.nan)
        engine.train_steps(
            g,
            d,
            n,
            real,
            z,
            mix,
            GENERATOR_LOSSES[settings.loss],
            (float(target.mean), float(target.std)),
            settings.rule,
            decay[t : t + 1],
            g_loss,
            d_loss,
        )
        kept["real"] += real[0].tolist()
        kept["noise"] += [batch.T.ravel().tolist() for batch in z[0]]
        kept["mix"] += mix[0].tolist()
        kept["lossG"] += g_loss.tolist()
        kept["lossD"] += d_loss.tolist() if d_steps else []
        weights["g"].append(g.weights.tolist())
        averaged = g.average if settings.average else g.weights
        weights["average"].append(averaged.tolist())
        weights["d"].append(d.weights.tolist())
    names = {
        "loss": settings.loss,
        "batch": n,
        "rateG": settings.learning_rate_g,
        "rateD": settings.learning_rate_d,
        "beta1": settings.betas[0],
        "beta2": settings.betas[1],
        "r1": settings.r1,
        "r2": settings.r2,
        "gradientPenalty": settings.gradient_penalty,
        "average": settings.average,
        "decaySteps": 0 if settings.schedule == "constant" else steps,
        "optimistic": "yes" if settings.optimistic else "no",
        "dSteps": d_steps,
        "latent": latent,
        "hidden": hidden,
        "layers": layers,
    }
    return {"settings": names, "start": start, "weights": weights, **kept}
