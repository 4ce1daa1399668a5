"""The training: one loop for every run in the course, and the run of one.

``gan_lessons.ensemble`` runs the same loop for many at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn, optim

from gan_lessons import validation
from gan_lessons.distributions import Seed, Target
from gan_lessons.history import History
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.metrics import sample_density
from gan_lessons.networks import latent_size, like, require_logits, sample_noise
from gan_lessons.noise import blocks_of, watch_noise
from gan_lessons.players import Single, Stack, linear_layers
from gan_lessons.progress import progress
from gan_lessons.steps import discriminator_step, generator_step, side_by_side

Array = NDArray[np.float64]

SAMPLES_PER_FRAME = 1000
NOTE_EVERY = 100  # steps between two looks at whether the losses are still finite


def sample_real(target: Target, n: int, rng: Seed) -> Tensor:
    """Draw a batch of real data, shape (n, 1), float32; ``rng`` as in ``sample_noise``."""
    source = validation.random_source("rng", rng)
    return torch.from_numpy(target.sample(n, source).astype(np.float32))


def _columns(rows: Tensor) -> Tensor:
    """(n, k), as modules take it, to (1, k, n), as players do."""
    return rows.mT[None]


@torch.no_grad()
def train_discriminator(
    discriminator: nn.Module,
    generator: nn.Module,
    optimizer: optim.Optimizer,
    real: ArrayLike | Tensor,
    rng: Seed,
) -> float:
    """One step of D on a real batch, shape (n, 1), and n fresh fakes; returns its loss.

    ``rng`` as in ``sample_noise``.  Raises ``ValueError`` for a discriminator that returns
    probabilities, or a batch of another shape or with entries that are not finite.
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    require_logits(discriminator)
    batch = torch.from_numpy(validation.vector("real", real)).to(like(discriminator))[:, None]

    z = sample_noise(len(batch), latent_size(generator), rng).to(like(generator))
    player = Single(discriminator, optimizer)
    block = _columns(batch), _columns(z)
    return discriminator_step(player, Single(generator), [lambda: block]).item()


@torch.no_grad()
def train_generator(
    generator: nn.Module,
    optimizer: optim.Optimizer,
    target: Target,
    rng: Seed,
    loss: str = "nonsaturating",
    batch_size: int = 128,
    discriminator: nn.Module | None = None,
) -> float:
    """One step of G on ``batch_size`` fresh fakes; returns its loss.

    ``loss`` is a name in ``losses.GENERATOR_LOSSES``, ``rng`` as in ``sample_noise``.  Raises
    ``ValueError`` as ``train`` does.
    Source: Goodfellow et al. (2014), Algorithm 1.
    """
    name = validation.choice("loss", loss, GENERATOR_LOSSES)
    batch_size = validation.count("batch_size", batch_size)
    if discriminator is not None:
        require_logits(discriminator)

    z = sample_noise(batch_size, latent_size(generator), rng).to(like(generator))
    return generator_step(
        Single(generator, optimizer),
        None if discriminator is None else Single(discriminator),
        [lambda: _columns(z)],
        GENERATOR_LOSSES[name],
        target,
    ).item()


@dataclass(frozen=True)
class Settings:
    """How one run is trained; the arguments of ``train`` of the same names."""

    loss: str = "nonsaturating"
    batch_size: int = 128
    learning_rate_g: float = 2e-4
    learning_rate_d: float = 2e-4
    betas: tuple[float, float] = (0.9, 0.999)
    d_steps: int = 1

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            "loss": validation.choice("loss", self.loss, GENERATOR_LOSSES),
            "batch_size": validation.count("batch_size", self.batch_size, minimum=2),
            "learning_rate_g": validation.positive("learning_rate_g", self.learning_rate_g),
            "learning_rate_d": validation.positive("learning_rate_d", self.learning_rate_d),
            "betas": validation.decay_rates("betas", self.betas),
            "d_steps": validation.count("d_steps", self.d_steps),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)


@dataclass
class Record:
    """What the loop notes of S runs: F frames of n samples, T steps, a grid of X points.

    Attributes:
        steps: (F,) how many steps lie behind each frame.
        samples: (S, F, n) each generator's output on a fixed batch of noise of its own.
        d: (S, F, X) the probability of "real" on the grid; NaN without a discriminator.
        g_loss, d_loss: (S, T), the latter NaN without a discriminator.
        diverged: (S,) the step at which a loss or an output became NaN or infinite, or −1.
    """

    steps: NDArray[np.int64]
    samples: Array
    d: Array
    g_loss: Array
    d_loss: Array
    diverged: NDArray[np.int64]

    @classmethod
    def empty(cls, members: int, frames: list[int], x: Array | None) -> "Record":
        """A record of runs that are still to come: all NaN."""

        def blank(*shape: int) -> Array:
            return np.full((members, *shape), np.nan)

        return cls(
            steps=np.array(frames),
            samples=blank(len(frames), SAMPLES_PER_FRAME),
            d=blank(len(frames), 0 if x is None else x.shape[1]),
            g_loss=blank(frames[-1]),
            d_loss=blank(frames[-1]),
            diverged=np.full(members, -1),
        )

    def history(self, member: int, x: Array, p_data: Array) -> History:
        """One run, with the density of its samples on the grid ``x``, shape (X,)."""
        samples = self.samples[member]
        return History(
            steps=self.steps,
            x=x,
            p_data=p_data,
            p_g=np.array([sample_density(frame, x) for frame in samples]),
            d=self.d[member],
            samples=samples,
            mean=samples.mean(axis=1),
            std=samples.std(axis=1, ddof=1),
            g_loss=self.g_loss[member],
            d_loss=self.d_loss[member],
        )

    def note_losses(self, until: int, g_losses: list[Tensor], d_losses: list[Tensor]) -> None:
        """Put down the losses of the last steps, and empty the lists."""
        for kept, losses in ((self.g_loss, g_losses), (self.d_loss, d_losses)):
            if losses:
                kept[:, until - len(losses) : until] = torch.stack(losses, dim=1).cpu().numpy()
        since = until - len(g_losses)
        bad = ~np.isfinite(self.g_loss[:, since:until])
        if d_losses:
            bad |= ~np.isfinite(self.d_loss[:, since:until])
        self._mark(bad.any(axis=1), since + 1 + bad.argmax(axis=1))
        g_losses.clear()
        d_losses.clear()

    def note_frame(self, frame: int, samples: Tensor, logits: Tensor | None) -> None:
        """Put down one look at the networks."""
        self.samples[:, frame] = samples[:, 0].double().cpu().numpy()
        bad = ~np.isfinite(self.samples[:, frame]).all(axis=1)
        if logits is not None:
            self.d[:, frame] = torch.sigmoid(logits[:, 0].double()).cpu().numpy()
            bad |= np.isnan(self.d[:, frame]).any(axis=1)
        self._mark(bad, self.steps[frame])

    def _mark(self, bad: Any, step: ArrayLike) -> None:
        self.diverged[:] = np.where((self.diverged < 0) & bad, step, self.diverged)


def _player(
    networks: Sequence[nn.Module],
    learning_rates: Sequence[float],
    betas: Sequence[tuple[float, float]],
    device: str,
) -> Stack | Single:
    """The networks as one player: a stack of perceptrons, or one module of any other kind."""
    layers = [found for found in map(linear_layers, networks) if found]
    if len(layers) < len(networks):
        (network,) = networks
        home = next((parameter.device for parameter in network.parameters()), None)
        parameters = network.to(device).parameters()
        adam = optim.Adam(parameters, learning_rates[0], betas=betas[0], foreach=True)
        return Single(network, adam, home)
    rates = torch.tensor(learning_rates, dtype=layers[0][0][0].dtype, device=device)
    beta1, beta2 = torch.tensor(betas, dtype=torch.float64).T
    return Stack(layers, rates, (beta1, beta2))


class Moments(NamedTuple):
    """Mean and std of S targets, each of shape (S,)."""

    mean: Tensor
    std: Tensor


def require_opponent(loss: str, generator: nn.Module, discriminator: nn.Module | None) -> None:
    """Raise ``ValueError`` unless the networks fit each other and the loss."""
    latent_size(generator)
    if discriminator is not None:
        require_logits(discriminator)
    elif GENERATOR_LOSSES[loss].of_logits:
        raise ValueError(f"discriminator is None: {loss} needs one")


@torch.no_grad()
def run_stack(
    targets: Sequence[Target],
    generators: Sequence[nn.Module],
    discriminators: Sequence[nn.Module] | None,
    settings: Sequence[Settings],
    seeds: Sequence[int],
    *,
    steps: int,
    every: int,
    x: Array | None = None,
    device: str = "cpu",
    count: Callable[[range], Iterable[int]] = iter,
) -> Record:
    """Train S runs step by step together, in place; all of one loss, batch size and ``d_steps``.

    The arguments are those of ``train``, in sequences of S, checked already.  D is recorded if
    there is a grid ``x``, shape (S, X).  ``count`` goes through the steps.  A run that diverges
    is marked and the others go on; when none is left, the loop stops.
    """
    shared = settings[0]
    betas = [s.betas for s in settings]
    g = _player(generators, [s.learning_rate_g for s in settings], betas, device)
    d: Stack | Single | None = None
    if discriminators is not None:
        d = _player(discriminators, [s.learning_rate_d for s in settings], betas, device)
    latent_dim, size = latent_size(generators[0]), shared.batch_size
    blocks = blocks_of(targets, seeds, latent_dim, size, g.like)
    both, noise = [block.both for block in blocks], [block.noise for block in blocks]
    watch = watch_noise(seeds, latent_dim, SAMPLES_PER_FRAME, g.like)
    grid = None if x is None else torch.from_numpy(x).to(g.like)[:, None]
    loss = GENERATOR_LOSSES[shared.loss]
    moments = Moments(
        torch.tensor([target.mean for target in targets], dtype=torch.float64).to(g.like),
        torch.tensor([target.std for target in targets], dtype=torch.float64).to(g.like),
    )
    record = Record.empty(len(seeds), [*range(0, steps, every), steps], x)

    def look(frame: int) -> None:
        logits = d.forward(grid)[0] if d is not None and grid is not None else None
        record.note_frame(frame, g.forward(watch)[0], logits)

    g_losses: list[Tensor] = []
    d_losses: list[Tensor] = []
    # A module of any kind may hold a state, which threads would share.
    threads = 1 if isinstance(g, Single) or isinstance(d, Single) else len(blocks)
    try:
        look(0)
        with side_by_side(threads) as each:
            for step in count(range(1, steps + 1)):
                if d is not None:
                    for _ in range(shared.d_steps):
                        d_loss = discriminator_step(d, g, both, each)
                    d_losses.append(d_loss)
                g_losses.append(generator_step(g, d, noise, loss, moments, each))
                frame = step % every == 0 or step == steps
                if frame or step % NOTE_EVERY == 0:
                    record.note_losses(step, g_losses, d_losses)
                    if frame:
                        look(-(-step // every))
                    if (record.diverged >= 0).all():
                        break
    finally:  # an interrupted run leaves what it has learned
        for player in (g, d):
            if player is not None:
                player.store()
    return record


def train(
    target: Target,
    generator: nn.Module,
    discriminator: nn.Module | None = None,
    *,
    loss: str = "nonsaturating",
    steps: int = 200,
    batch_size: int = 128,
    learning_rate_g: float = 2e-4,
    learning_rate_d: float = 2e-4,
    betas: tuple[float, float] = (0.9, 0.999),
    d_steps: int = 1,
    every: int = 1,
    x: ArrayLike | None = None,
    seed: int = 0,
) -> History:
    """Train the networks in place with Adam, D first and then G, and return the record.

    Args:
        target: where the real data come from.
        generator: noise (n, k) to samples (n, 1).
        discriminator: samples (n, 1) to logits (n, 1); None for a loss that needs none.
        loss: a name in ``losses.GENERATOR_LOSSES``.
        steps: how many times G is updated.
        batch_size: samples in each batch, 2 or more.
        learning_rate_g, learning_rate_d: Adam's step sizes, above 0.
        betas: Adam's decay rates, both in [0, 1).
        d_steps: updates of D before each update of G.
        every: a frame is recorded before the first step, after each ``every`` steps, and at the
            end.
        x: the grid, shape (X,); by default 200 points over mean ± 5 std of the target.
        seed: fixes noise and data.  Recording draws from a source of its own, so that looking
            more often does not change the run.

    Raises:
        ValueError: for an argument out of range, a grid without a span, an unknown loss, a loss
            that needs a discriminator and has none, or a discriminator that returns probabilities.
        FloatingPointError: if a loss or a recorded output becomes NaN or infinite; the message
            names the step.
    """
    settings = Settings(loss, batch_size, learning_rate_g, learning_rate_d, betas, d_steps)
    steps, every = validation.count("steps", steps), validation.count("every", every)
    seed = validation.count("seed", seed, minimum=0)
    require_opponent(loss, generator, discriminator)
    if x is None:
        x = np.linspace(target.mean - 5 * target.std, target.mean + 5 * target.std, 200)
    grid = validation.grid("x", x)
    p_data = target.pdf(grid)
    record = run_stack(
        [target],
        [generator],
        None if discriminator is None else [discriminator],
        [settings],
        [seed],
        steps=steps,
        every=every,
        x=grid[None],
        count=lambda steps: progress(steps, "training"),
    )
    if record.diverged[0] >= 0:
        raise FloatingPointError(
            f"the run diverged at step {record.diverged[0]}: a loss or an output became NaN or "
            "infinite; try a smaller learning rate"
        )
    return record.history(0, grid, p_data)
