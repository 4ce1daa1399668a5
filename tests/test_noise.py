import numpy as np
import pytest
import torch

from gan_lessons.distributions import Normal, Uniform, bimodal
from gan_lessons.noise import blocks_of, watch_noise

FLOAT, DOUBLE = torch.empty(0), torch.empty(0, dtype=torch.float64)
LARGE = [32_001, 40_000, 64_000, 70_001]


class Batches:
    """The next batch put together, of real data (S, 1, n) or of noise (S, k, n)."""

    def __init__(self, targets, seeds, n, latent_dim=3, like=FLOAT):
        self.blocks = blocks_of(targets, seeds, latent_dim, n, like)

    def real(self):
        return torch.cat([block.real() for block in self.blocks], dim=2)

    def noise(self):
        return torch.cat([block.noise() for block in self.blocks], dim=2)


def plain(seed):
    return np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[0])


# --- A batch of one block ---------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 5, 32_000])
def test_a_batch_of_one_block_is_drawn_as_a_lesson_draws_it(n):
    targets, seeds = [bimodal(3, 2), Normal(-2, 0.5)], [7, 0]
    drawn = Batches(targets, seeds, n)
    rngs = [plain(seed) for seed in seeds]
    for kind in ["real", "noise", "noise", "real", "noise"]:
        batch = getattr(drawn, kind)()
        assert batch.is_contiguous()
        for row, target, rng in zip(batch, targets, rngs, strict=True):
            if kind == "real":
                expected = target.sample(n, rng).astype(np.float32)
            else:
                expected = rng.standard_normal((n, 3), dtype=np.float32)
            np.testing.assert_array_equal(row, expected.T)


@pytest.mark.parametrize("n", [6, 40_000])
def test_a_run_does_not_know_of_its_neighbours(n):
    together, alone = Batches([Normal(), Uniform()], [4, 5], n), Batches([Uniform()], [5], n)
    for _ in range(2):
        assert torch.equal(together.real()[1:], alone.real())
        assert torch.equal(together.noise()[1:], alone.noise())


# --- A batch of many blocks -------------------------------------------------------------------


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("n", LARGE)
def test_the_blocks_of_a_large_batch_add_up_to_it(n, members):
    blocks = Batches([Normal()] * members, range(members), n).blocks
    assert len(blocks) == -(-n // 32_000)
    sizes = []
    for block in blocks:
        real, noise = block.both()
        assert real.is_contiguous()
        assert noise.is_contiguous()
        sizes.append(real.shape[2])
        assert real.shape == (members, 1, sizes[-1])
        assert noise.shape == block.noise().shape == (members, 3, sizes[-1])
    assert sum(sizes) == n
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("n", LARGE[:2])
def test_a_large_batch_has_the_right_moments_and_no_row_twice(n):
    drawn = Batches([Normal(5, 2), Uniform(-1, 1)], [0, 1], n)
    real, noise, again = (batch.double() for batch in (drawn.real(), drawn.noise(), drawn.noise()))
    five_sigma = 5 / np.sqrt(n)
    for row, mean, std in ((real[0], 5, 2), (real[1], 0, 1 / np.sqrt(3))):
        assert row.mean().item() == pytest.approx(mean, abs=five_sigma * std)
        assert row.std().item() == pytest.approx(std, rel=five_sigma)
    assert real[1].abs().max() <= 1
    values = torch.cat([noise, again]).flatten(0, 1)  # 4 batches of 3 noise values each
    assert values.mean(1).abs().max() < five_sigma
    assert (values.std(1) - 1).abs().max() < five_sigma
    assert (torch.corrcoef(values) - torch.eye(len(values))).abs().max() < five_sigma
    for batch in (real, noise, again):
        assert len(np.unique(batch[:, 0])) > 1.99 * n  # of float32, some meet by chance


def test_a_large_batch_is_drawn_from_the_seed():
    drawn = [Batches([Normal()], [seed], 40_000) for seed in (3, 3, 4)]
    for kind in ("real", "noise", "noise", "real"):
        first, same, other = (getattr(one, kind)() for one in drawn)
        assert torch.equal(first, same)
        assert not torch.equal(first, other)


@pytest.mark.parametrize("n", [7, 40_000])
def test_float64_sees_the_same_numbers(n):
    single, double = (Batches([Uniform()] * 2, [0, 1], n, like=like) for like in (FLOAT, DOUBLE))
    for kind in ("real", "noise"):
        less, more = getattr(single, kind)(), getattr(double, kind)()
        assert (less.dtype, more.dtype) == (torch.float32, torch.float64)
        assert torch.equal(less.double(), more)


# --- The noise on which a run is watched ------------------------------------------------------


@pytest.mark.parametrize("like", [FLOAT, DOUBLE], ids=["float32", "float64"])
def test_each_run_is_watched_on_noise_of_its_own(like):
    drawn = watch_noise([3, 8], 2, 50, like)
    assert drawn.dtype == like.dtype
    for row, seed in zip(drawn, (3, 8), strict=True):
        rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[1])
        np.testing.assert_array_equal(row, rng.standard_normal((50, 2), dtype=np.float32).T)


@pytest.mark.parametrize("n", [50, 40_000])
def test_watching_takes_nothing_from_the_training(n):
    watched = set(watch_noise([0], 3, 50, FLOAT).flatten().tolist())
    drawn = Batches([Normal()], [0], n)
    for _ in range(2):
        for block in drawn.blocks:
            assert len(watched & set(block.noise()[:, :, :50].flatten().tolist())) <= 1
