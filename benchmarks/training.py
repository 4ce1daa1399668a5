"""The seeds' training loops against ``train`` and ``train_ensemble``.

The loops below do in each step what the course's first sources did, call for call: networks by
autograd, labels made anew, ``BCELoss`` on a sigmoid, ``Adam`` with its defaults.  What those
sources noted for their pictures and printed is left out, and our side keeps just the two frames
that ``train`` always records.  Making the networks and the optimisers counts on both sides.
"""

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.side_by_side import Ratio, compare, headline, readable
from gan_lessons.distributions import Normal
from gan_lessons.ensemble import train_ensemble
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.raw_weights import RawNetwork, initialize_weights
from gan_lessons.training import train

TARGET = Normal(5, 1)
NEVER = 10**9
HAS_JAX = importlib.util.find_spec("jax") is not None
BATCH = 128
STEPS = {64: 2000, 128: 2000, 640: 800, 6400: 300, 64_000: 60}
"""Batch sizes of the raw weights, and how many steps to time: networks are made only once."""


def raw_loop(batch: int, steps: int) -> None:
    """The raw weights as their source trained them: 2-16-1 against 1-16-1."""

    def weights(inputs: int) -> dict[str, nn.Parameter]:
        shapes = {"w1": (inputs, 16), "b1": (16,), "w2": (16, 1), "b2": (1,)}
        return {name: nn.Parameter(torch.randn(shape)) for name, shape in shapes.items()}

    def network(x: Tensor, w: dict[str, nn.Parameter]) -> Tensor:
        return torch.relu(x @ w["w1"] + w["b1"]) @ w["w2"] + w["b2"]

    def judge(x: Tensor) -> Tensor:
        return torch.sigmoid(network(x, d))

    g, d = weights(2), weights(1)
    adam_g = torch.optim.Adam(g.values(), lr=1e-3)
    adam_d = torch.optim.Adam(d.values(), lr=1e-3)
    criterion = nn.BCELoss()
    for _ in range(steps):
        real = torch.randn(batch, 1) * TARGET.std + TARGET.mean
        ones = torch.ones(batch, 1)
        fake = network(torch.randn(batch, 2), g).detach()
        zeros = torch.zeros(batch, 1)
        adam_d.zero_grad()
        d_loss = criterion(judge(real), ones) + criterion(judge(fake), zeros)
        d_loss.backward()
        adam_d.step()
        adam_g.zero_grad()
        g_loss = criterion(judge(network(torch.randn(batch, 2), g)), ones)
        g_loss.backward()
        adam_g.step()


def wide_loop(batch: int, steps: int) -> None:
    """The networks with 128 hidden units as their source trained them, statistics and all."""
    g, d = build_generator(), build_discriminator()
    adam_g = torch.optim.Adam(g.parameters(), lr=2e-4)
    adam_d = torch.optim.Adam(d.parameters(), lr=2e-4)
    criterion = nn.BCELoss()
    for _ in range(steps):
        drawn = np.random.normal(TARGET.mean, TARGET.std, batch).reshape(-1, 1)
        real = torch.tensor(drawn, dtype=torch.float32)
        adam_d.zero_grad()
        loss_real = criterion(d(real), torch.ones(batch, 1))
        fake = g(torch.randn(batch, 10))
        zeros = torch.zeros(batch, 1)
        d_loss = loss_real + criterion(d(fake.detach()), zeros)
        d_loss.backward()
        adam_d.step()
        d_loss.item()
        adam_g.zero_grad()
        fake = g(torch.randn(batch, 10))
        adversarial = criterion(d(fake), torch.ones(batch, 1))
        mean, std = torch.mean(fake), torch.std(fake)
        g_loss = adversarial + ((mean - TARGET.mean) ** 2 + (std - TARGET.std) ** 2)
        g_loss.backward()
        adam_g.step()
        _ = g_loss.item(), fake.detach().numpy(), mean.item(), std.item()


class Family(NamedTuple):
    """One kind of GAN: the loop of its source, a generator, a discriminator, our arguments."""

    sizes: tuple[int, ...]
    loop: Callable[[int, int], None]
    generator: Callable[[], nn.Module]
    discriminator: Callable[[], nn.Module]
    arguments: dict[str, Any]


RAW = Family(
    (2, 16, 1),
    raw_loop,
    lambda: RawNetwork(initialize_weights(2)),
    lambda: RawNetwork(initialize_weights(1)),
    {"learning_rate_g": 1e-3, "learning_rate_d": 1e-3},
)
WIDE = Family(
    (10, 128, 128, 1),
    wide_loop,
    build_generator,
    lambda: build_discriminator(logits=True),
    {"loss": "adversarial_plus_stats"},
)


CASES: dict[str, tuple[Family, int, int, int | None]] = {
    "raw64": (RAW, BATCH, 300, 64),
    "raw256": (RAW, BATCH, 300, 256),
    "wide64": (WIDE, BATCH, 40, 64),
    **{f"single_b{batch}": (RAW, batch, steps, None) for batch, steps in STEPS.items()},
    "single_wide": (WIDE, BATCH, 400, None),
}
"""Batch size, steps and members of each comparison."""


def theirs(family: Family, batch: int, steps: int, members: int | None = None) -> float:
    """Seconds for each step of the source's loop, which trains one GAN at a time."""
    steps = steps if members is None else 400
    start = time.perf_counter()
    family.loop(batch, steps)
    return (time.perf_counter() - start) / steps


def ours(family: Family, batch: int, steps: int, members: int | None = None) -> float:
    """Seconds for each step of each GAN: of an ensemble, or of ``train`` without ``members``."""
    arguments = {"batch_size": batch, "steps": steps, "every": NEVER, **family.arguments}
    start = time.perf_counter()
    generators = [family.generator() for _ in range(members or 1)]
    discriminators = [family.discriminator() for _ in range(members or 1)]
    if members is None:
        train(TARGET, generators[0], discriminators[0], **arguments)
    else:
        train_ensemble(TARGET, generators, discriminators, **arguments)
    return (time.perf_counter() - start) / (steps * (members or 1))


def in_jax(family: Family, batch: int, steps: int, members: int | None = None) -> float:
    """Seconds for each step of each GAN in JAX, once compiled."""
    from benchmarks import jax_loop

    return jax_loop.seconds(family.sizes, family is RAW, batch, steps, members)[0]


def compile_times() -> None:
    """Print how long both take for the first call, ours without what it kept of earlier ones."""
    code = (
        "import time; from benchmarks.training import RAW, ours; start = time.perf_counter(); "
        "ours(RAW, 128, 1); print(time.perf_counter() - start)"
    )
    with TemporaryDirectory() as empty:
        new = {**os.environ, "NUMBA_CACHE_DIR": empty}
        told = subprocess.check_output([sys.executable, "-c", code], env=new, encoding="utf8")
    print(f"\nCompiling: ours {readable(float(told))} (once, then it is kept)", end="")
    if HAS_JAX:
        from benchmarks import jax_loop

        each = jax_loop.seconds(RAW.sizes, True, BATCH, 10, None)[1]
        print(f", JAX {readable(each)} (for each shape, number of steps and of members)", end="")
    print(flush=True)


def run(repeats: int = 5) -> dict[str, Ratio]:
    """Print and return all comparisons of training."""
    compile_times()
    for family in (RAW, WIDE):  # the first call of each imports and compiles
        theirs(family, BATCH, 2), ours(family, BATCH, 2)
    headline(f"One step of one GAN: the seeds' loop against ours, {repeats} repeats in turn")
    results = _compare_all("", theirs, repeats)
    if not HAS_JAX:
        print("\nJAX is not installed: the comparisons with it are left out.", flush=True)
        return results
    headline(f"The same: JAX against ours, {repeats} repeats in turn")
    for case in CASES.values():
        in_jax(*case)  # compiles
    return {**results, **_compare_all("_jax", in_jax, repeats)}


def _compare_all(mark: str, other: Callable[..., float], repeats: int) -> dict[str, Ratio]:
    """The ratios of all cases, by their names and this mark."""
    return {
        name + mark: compare(name + mark, partial(ours, *case), partial(other, *case), repeats)
        for name, case in CASES.items()
    }


def growth(repeats: int = 5) -> None:
    """Print what an ensemble of raw weights costs, by its size."""
    print(f"\nAn ensemble of S raw-weights GANs at batch {BATCH}, median of {repeats} repeats")
    print(f"{'S':>6}{'a step of all':>16}{'of each':>12}{'GAN-steps/s':>14}")
    for members, steps in {1: 400, 4: 400, 16: 400, 64: 300, 256: 100}.items():
        each = median(ours(RAW, BATCH, steps, members) for _ in range(repeats))
        row = f"{members:6}{readable(each * members):>16}{readable(each):>12}{1 / each:14,.0f}"
        print(row, flush=True)
