from itertools import islice

import numpy as np
import pytest
import torch

from gan_lessons.distributions import Normal, Uniform, bimodal
from gan_lessons.noise import NoiseSource, watch_noise

FLOAT, DOUBLE = torch.empty(0), torch.empty(0, dtype=torch.float64)
LARGE = [8001, 9001, 16000, 16001, 20001]


@pytest.fixture
def threads():
    """Sets the number of PyTorch's threads, for one test."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def source(targets, seeds, n, d_steps=1, latent_dim=3, like=FLOAT):
    return NoiseSource(targets, seeds, latent_dim, n, d_steps, like)


def whole(blocks, members):
    """The blocks of a batch put together, (S, k, n); those of a stack of one lie in rows."""
    if members > 1:
        return torch.cat(blocks, dim=2)
    return torch.cat([row for block in blocks for row in block], dim=1)[None]


def plain(seed):
    return np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[0])


# --- A batch of one row -----------------------------------------------------------------------


@pytest.mark.parametrize("d_steps", [0, 1, 2])
@pytest.mark.parametrize("n", [1, 5, 8000])
def test_a_batch_of_one_row_is_drawn_as_a_lesson_draws_it(n, d_steps):
    targets, seeds = [bimodal(3, 2), Normal(-2, 0.5)], [7, 0]
    drawn = source(targets, seeds, n, d_steps)
    rngs = [plain(seed) for seed in seeds]
    for _ in range(2):
        for kind in ["real", "noise"] * d_steps + ["noise"]:
            (block,) = drawn.next()
            for row, target, rng in zip(block, targets, rngs, strict=True):
                if kind == "real":
                    expected = target.sample(n, rng).astype(np.float32)
                else:
                    expected = rng.standard_normal((n, 3), dtype=np.float32)
                np.testing.assert_array_equal(row, expected.T)


def test_a_run_does_not_know_of_its_neighbours():
    together = source([Normal(), Uniform()], [4, 5], 6)
    alone = source([Uniform()], [5], 6)
    for _ in range(4):
        assert torch.equal(together.next()[0][1:], alone.next()[0])


# --- A batch of many rows ---------------------------------------------------------------------


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("n", LARGE)
def test_the_blocks_of_a_large_batch_add_up_to_it(n, cores, members, threads):
    threads(cores)
    drawn = source([Normal()] * members, range(members), n)
    for width in (1, 3, 3, 1):
        blocks = drawn.next()
        together = cores if members == 1 else 1
        assert all(block.is_contiguous() and block.shape[1] == width for block in blocks)
        assert all(members <= len(block) <= members * together for block in blocks)
        assert max(block.shape[2] for block in blocks) <= 8000
        assert sum(block[:, 0].numel() for block in blocks) == members * n
        assert whole(blocks, members).shape == (members, width, n)


@pytest.mark.parametrize(("n", "rows"), [(9001, [1, 1]), (16000, [2]), (20001, [2, 1])])
def test_rows_of_one_length_lie_side_by_side_for_the_cores(n, rows, threads):
    threads(2)
    assert [len(block) for block in source([Normal()], [0], n).next()] == rows


@pytest.mark.parametrize("n", [9001, 20001])
def test_a_large_batch_has_the_right_moments_and_no_row_twice(n):
    drawn = source([Normal(5, 2), Uniform(-1, 1)], [0, 1], n)
    real, noise, again = (whole(drawn.next(), 2).double() for _ in range(3))
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
    drawn = [source([Normal()], [seed], 9001) for seed in (3, 3, 4)]
    for _ in range(5):
        first, same, other = (whole(one.next(), 1) for one in drawn)
        assert torch.equal(first, same)
        assert not torch.equal(first, other)


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("d_steps", [0, 1, 2])
@pytest.mark.parametrize("n", LARGE[1:4])
def test_drawing_ahead_gives_the_same_numbers(n, d_steps, members, threads):
    batches = []
    for cores in (1, 2):
        threads(cores)
        drawn = source([Normal()] * members, range(members), n, d_steps)
        batches.append([whole(drawn.next(), members) for _ in range(3 * d_steps + 2)])
    for one, two in zip(*batches, strict=True):
        assert torch.equal(one, two)


def test_what_goes_wrong_while_drawing_ahead_is_not_lost(threads):
    class Broken(Normal):
        def draw(self, n, rng):
            raise OSError("no more data")

    threads(2)
    with pytest.raises(OSError, match="no more data"):
        source([Broken()], [0], 9001).next()


@pytest.mark.parametrize("n", [7, 9001])
def test_float64_sees_the_same_numbers(n):
    single, double = (source([Uniform()] * 2, [0, 1], n, like=like) for like in (FLOAT, DOUBLE))
    for _ in range(4):
        for less, more in zip(single.next(), double.next(), strict=True):
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


@pytest.mark.parametrize("n", [50, 9001])
def test_watching_takes_nothing_from_the_training(n):
    watched = set(watch_noise([0], 3, 50, FLOAT).flatten().tolist())
    drawn = source([Normal()], [0], n, d_steps=0)
    rows = (row for _ in range(3) for block in drawn.next() for row in block)
    for row in islice(rows, 6):
        assert len(watched & set(row[:, :50].flatten().tolist())) <= 1
