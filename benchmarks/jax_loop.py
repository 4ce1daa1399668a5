"""The same GANs as a researcher would write them in JAX: ``grad``, ``scan`` over the steps,
``vmap`` over the members, ``jit`` around it all.

JAX is no dependency of the course: without it, these comparisons are left out.
"""

import time
from collections.abc import Sequence
from functools import cache, partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp

TARGET = 5.0, 1.0
BETAS = 0.9, 0.999


def _weights(key: Any, sizes: Sequence[int], normal: bool) -> list[Any]:
    """N(0, 1), as the raw weights have it, or within ±1/√inputs, as PyTorch has it."""
    layers = []
    for inputs, units in pairwise(sizes):
        key, *keys = jax.random.split(key, 3)
        shapes = (inputs, units), (units,)
        if normal:
            layers.append([jax.random.normal(k, s) for k, s in zip(keys, shapes, strict=True)])
        else:
            draw = partial(jax.random.uniform, minval=-(inputs**-0.5), maxval=inputs**-0.5)
            layers.append([draw(k, s) for k, s in zip(keys, shapes, strict=True)])
    return layers


def _network(layers: list[Any], x: Any) -> Any:
    for w, b in layers[:-1]:
        x = jax.nn.relu(x @ w + b)
    return x @ layers[-1][0] + layers[-1][1]


def _adam(weights: Any, gradient: Any, state: Any, rate: float) -> Any:
    first, second, t = state
    b1, b2 = BETAS
    t = t + 1
    first = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, first, gradient)
    second = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, second, gradient)
    new = jax.tree.map(
        lambda w, m, v: w - rate * (m / (1 - b1**t)) / (jnp.sqrt(v / (1 - b2**t)) + 1e-8),
        weights,
        first,
        second,
    )
    return new, (first, second, t)


@cache
def _program(sizes: tuple[int, ...], raw: bool, batch: int, steps: int, members: int) -> Any:
    """A run of so many steps of so many GANs; from a key to their losses."""
    rate = 1e-3 if raw else 2e-4

    def d_loss(d: Any, real: Any, fake: Any) -> Any:
        return (
            jax.nn.softplus(-_network(d, real)).mean() + jax.nn.softplus(_network(d, fake)).mean()
        )

    def g_loss(g: Any, d: Any, z: Any) -> Any:
        fake = _network(g, z)
        loss = jax.nn.softplus(-_network(d, fake)).mean()
        if not raw:
            spread = fake.std(ddof=1) - TARGET[1]
            loss += (fake.mean() - TARGET[0]) ** 2 + spread**2
        return loss

    def step(state: Any, key: Any) -> Any:
        g, d, adam_g, adam_d = state
        keys = jax.random.split(key, 3)
        real = TARGET[0] + TARGET[1] * jax.random.normal(keys[0], (batch, 1))
        fake = _network(g, jax.random.normal(keys[1], (batch, sizes[0])))
        value_d, gradient = jax.value_and_grad(d_loss)(d, real, fake)
        d, adam_d = _adam(d, gradient, adam_d, rate)
        z = jax.random.normal(keys[2], (batch, sizes[0]))
        value_g, gradient = jax.value_and_grad(g_loss)(g, d, z)
        g, adam_g = _adam(g, gradient, adam_g, rate)
        return (g, d, adam_g, adam_d), (value_g, value_d)

    def run(key: Any) -> Any:
        key_g, key_d, key = jax.random.split(key, 3)
        g, d = _weights(key_g, sizes, raw), _weights(key_d, (1, *sizes[1:]), raw)
        zeros = partial(jax.tree.map, jnp.zeros_like)
        adams = ((zeros(net), zeros(net), 0.0) for net in (g, d))
        return jax.lax.scan(step, (g, d, *adams), jax.random.split(key, steps))[1]

    many = run if members == 1 else jax.vmap(run)
    return jax.jit(many)


def seconds(
    sizes: tuple[int, ...], raw: bool, batch: int, steps: int, members: int | None
) -> tuple[float, float]:
    """Seconds for each step of each GAN once compiled, and for the compilation."""
    count = members or 1
    key = jax.random.key(0)
    keys = key if count == 1 else jax.random.split(key, count)
    program = _program(sizes, raw, batch, steps, count)
    start = time.perf_counter()
    compiled = program.lower(keys).compile()
    compiling = time.perf_counter() - start
    start = time.perf_counter()
    jax.block_until_ready(compiled(keys))
    return (time.perf_counter() - start) / (steps * count), compiling
