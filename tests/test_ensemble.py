import copy
import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_lessons.distributions import Normal, Uniform, bimodal
from gan_lessons.ensemble import Ensemble, train_ensemble
from gan_lessons.metrics import mean_error, w1_distance
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.raw_weights import RawNetwork, initialize_weights
from gan_lessons.training import train

TARGET = Normal(5, 1)
SEEDS = [4, 0, 9]


def modules(seed, hidden=128, dtype=torch.float32):
    g = build_generator(10, hidden, seed=seed)
    return g.to(dtype), build_discriminator(1, hidden, logits=True, seed=seed + 100).to(dtype)


def raw(seed, dtype=torch.float32):
    g, d = (RawNetwork(initialize_weights(k, seed=seed + k)) for k in (2, 1))
    return g.to(dtype), d.to(dtype)


def small(seed, dtype=torch.float64):
    return modules(seed, 8, dtype)


def leaky(seed, dtype=torch.float64):
    """No perceptron with ReLU: it goes by autograd."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        g = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
        d = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(), nn.Linear(8, 1))
    return g.to(dtype), d.to(dtype)


def weights(*networks):
    return torch.cat([p.detach().flatten() for net in networks for p in net.parameters()]).clone()


def pick(values, i):
    """What member i gets: one value for all is no list."""
    return values[i] if isinstance(values, list) else values


def together(make, targets=TARGET, seeds=SEEDS, alone=False, **settings):
    """An ensemble and its networks."""
    pairs = [make(seed) for seed in seeds]
    gs, ds = zip(*pairs, strict=True)
    settings = {"learning_rate_g": 2e-3, "learning_rate_d": 2e-3, **settings}
    ensemble = train_ensemble(targets, gs, None if alone else ds, seeds=seeds, **settings)
    return ensemble, pairs


def check_against_single_runs(
    make, tolerance, targets=TARGET, seeds=SEEDS, alone=False, **settings
):
    """Every member is the run that ``train`` makes of it: record and trained weights."""
    ensemble, pairs = together(make, targets, seeds, alone, **settings)
    assert (ensemble.diverged == -1).all()
    settings = {"learning_rate_g": 2e-3, "learning_rate_d": 2e-3, **settings}
    for i, (seed, pair) in enumerate(zip(seeds, pairs, strict=True)):
        g, d = make(seed)
        own = {name: pick(value, i) for name, value in settings.items()}
        run = train(pick(targets, i), g, None if alone else d, seed=seed, **own)
        np.testing.assert_array_equal(ensemble.steps, run.steps)
        for name in ("g_loss", "d_loss", "samples", "mean", "std"):
            np.testing.assert_allclose(
                getattr(ensemble, name)[i], getattr(run, name), rtol=tolerance, atol=tolerance
            )
        torch.testing.assert_close(weights(*pair), weights(g, d), rtol=tolerance, atol=tolerance)
    return ensemble


# --- Each member is a run of its own ----------------------------------------------------------

FAMILIES = {"modules": modules, "raw": raw}
LENGTHS = [(2, 50), (64, 50), (640, 15), (40_001, 2)]  # batch size, steps


@pytest.mark.parametrize(("batch_size", "steps"), LENGTHS)
@pytest.mark.parametrize("make", FAMILIES.values(), ids=FAMILIES)
def test_a_member_is_the_single_run_in_float32(make, batch_size, steps):
    seeds = SEEDS[: 2 if batch_size > 64 else 3]
    check_against_single_runs(
        make, 1e-3, seeds=seeds, batch_size=batch_size, steps=steps, every=steps
    )


@pytest.mark.parametrize(("batch_size", "steps"), [(2, 50), (64, 50), (640, 6), (40_001, 2)])
@pytest.mark.parametrize("make", [small, raw], ids=["modules", "raw"])
def test_a_member_is_the_single_run_in_float64(make, batch_size, steps):
    def double(seed):
        return make(seed, dtype=torch.float64)

    check_against_single_runs(double, 1e-9, batch_size=batch_size, steps=steps, every=20)


@pytest.mark.parametrize("loss", ["mean", "squared_mean", "stats"])
@pytest.mark.parametrize("make", [small, leaky], ids=["stack", "single"])
def test_generators_alone(make, loss):
    ensemble = check_against_single_runs(
        make, 1e-9, alone=True, loss=loss, steps=15, every=9, batch_size=6
    )
    assert np.isnan(ensemble.d_loss).all()


DIFFERENT = {
    "targets": [bimodal(3, 2), Normal(-2, 0.5), Uniform()],
    "learning_rate_g": [1e-2, 1e-4, 3e-3],
    "learning_rate_d": [1e-4, 1e-2, 5e-3],
    "betas": [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99)],
    "loss": ["saturating", "stats", "adversarial_plus_stats"],
    "batch_size": [3, 8, 3],
    "d_steps": [2, 1, 3],
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_members_may_differ(name):
    settings = {name: DIFFERENT[name]}
    check_against_single_runs(small, 1e-9, steps=15, every=4, **settings)


@pytest.mark.parametrize("make", [small, leaky], ids=["stack", "single"])
def test_members_may_differ_in_everything(make):
    check_against_single_runs(make, 1e-9, steps=8, every=3, **DIFFERENT)


def test_networks_of_different_shapes_keep_their_places():
    sizes = {4: small, 0: leaky, 9: lambda seed: modules(seed, 5, torch.float64), 7: small}
    seeds = list(sizes)
    check_against_single_runs(lambda seed: sizes[seed](seed), 1e-9, seeds=seeds, steps=8, every=8)


@pytest.mark.parametrize("makes", [(leaky, small), (small, leaky)], ids=["g", "d"])
def test_a_custom_module_may_play_against_a_perceptron(makes):
    def pair(seed):
        return makes[0](seed)[0], makes[1](seed)[1]

    check_against_single_runs(pair, 1e-9, steps=8, every=8, batch_size=6)


def test_members_of_two_precisions_keep_theirs():
    kinds = {4: torch.float32, 0: torch.float64, 9: torch.float32}
    ensemble, pairs = together(lambda seed: small(seed, kinds[seed]), steps=4, batch_size=5)
    assert [next(g.parameters()).dtype for g, _ in pairs] == [kinds[seed] for seed in SEEDS]
    exact = ensemble.samples == ensemble.samples.astype(np.float32)
    assert exact.all(axis=(1, 2)).tolist() == [True, False, True]


@pytest.mark.parametrize("make", [*FAMILIES.values(), leaky], ids=[*FAMILIES, "autograd"])
def test_a_member_is_its_single_run_bit_for_bit(make):
    check_against_single_runs(make, 0, steps=30, every=10, batch_size=33)


def plain_loop(g, d, latent_dim, target, seed, steps, n, rate_g, rate_d, betas, d_steps):
    """The same GAN with labels and PyTorch's own loss and optimiser."""
    bce = nn.BCEWithLogitsLoss()
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[0])
    adam_g = torch.optim.Adam(g.parameters(), lr=rate_g, betas=betas)
    adam_d = torch.optim.Adam(d.parameters(), lr=rate_d, betas=betas)
    ones, zeros = torch.ones(n, 1).double(), torch.zeros(n, 1).double()

    def noise():
        return torch.from_numpy(rng.standard_normal((n, latent_dim), dtype=np.float32)).double()

    g_losses, d_losses = [], []
    for _ in range(steps):
        for _ in range(d_steps):
            real = torch.from_numpy(target.sample(n, rng).astype(np.float32)).double()
            d_loss = bce(d(real), ones) + bce(d(g(noise()).detach()), zeros)
            adam_d.zero_grad()
            d_loss.backward()
            adam_d.step()
        g_loss = bce(d(g(noise())), ones)
        adam_g.zero_grad()
        g_loss.backward()
        adam_g.step()
        g_losses.append(g_loss.item())
        d_losses.append(d_loss.item())
    return g_losses, d_losses


@pytest.mark.parametrize(
    ("make", "latent_dim"), [(small, 10), (leaky, 3)], ids=["stack", "single"]
)
def test_each_member_equals_a_plain_loop_with_labels(make, latent_dim):
    targets, rates = [bimodal(3, 2), Normal(-2, 0.5), Uniform()], [1e-2, 1e-4, 3e-3]
    betas = [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99)]
    ensemble, pairs = together(
        make, targets, learning_rate_g=rates, betas=betas, steps=20, batch_size=16, d_steps=2
    )
    for i, seed in enumerate(SEEDS):
        g, d = make(seed)
        losses = plain_loop(
            g, d, latent_dim, targets[i], seed, 20, 16, rates[i], 2e-3, betas[i], 2
        )
        np.testing.assert_allclose(ensemble.g_loss[i], losses[0], rtol=1e-9)
        np.testing.assert_allclose(ensemble.d_loss[i], losses[1], rtol=1e-9)
        torch.testing.assert_close(weights(*pairs[i]), weights(g, d), rtol=1e-8, atol=1e-10)


def test_a_loss_knows_its_target_in_full_precision():
    g, target = small(0)[0], Normal(1 / 3, 0.1)
    z = np.random.default_rng(np.random.SeedSequence(0).spawn(2)[0])
    fake = g(torch.from_numpy(z.standard_normal((5, 10), dtype=np.float32)).double())
    expected = (fake.mean() - 1 / 3) ** 2 + (fake.std() - 0.1) ** 2
    ensemble = train_ensemble(target, [g], loss="stats", batch_size=5, steps=1)
    assert ensemble.g_loss[0, 0] == pytest.approx(expected.item(), rel=1e-12)


# --- The record -------------------------------------------------------------------------------


def test_shapes_and_defaults():
    gs, ds = zip(*(small(seed) for seed in range(2)), strict=True)
    ensemble = train_ensemble(TARGET, gs, ds, steps=7, every=3, batch_size=4)
    assert ensemble.steps.tolist() == [0, 3, 6, 7]
    assert ensemble.samples.shape == (2, 4, 1000)
    assert ensemble.g_loss.shape == ensemble.d_loss.shape == (2, 7)
    assert ensemble.seeds == (0, 1)
    assert ensemble.targets == (TARGET, TARGET)
    assert ensemble.diverged.tolist() == [-1, -1]
    assert np.isfinite([ensemble.g_loss, ensemble.d_loss]).all()


def test_watching_does_not_change_the_runs():
    often, pairs = together(small, steps=12, batch_size=4, every=1)
    seldom, others = together(small, steps=12, batch_size=4, every=12)
    np.testing.assert_array_equal(often.g_loss, seldom.g_loss)
    np.testing.assert_array_equal(often.samples[:, [0, -1]], seldom.samples)
    for pair, other in zip(pairs, others, strict=True):
        assert torch.equal(weights(*pair), weights(*other))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_last_frame_shows_the_trained_generators(dtype):
    ensemble, pairs = together(lambda seed: small(seed, dtype), steps=5, batch_size=4)
    for (g, _), frames, seed in zip(pairs, ensemble.samples, SEEDS, strict=True):
        rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(2)[1])
        z = torch.from_numpy(rng.standard_normal((1000, 10), dtype=np.float32)).to(dtype)
        np.testing.assert_allclose(frames[-1], g(z).detach().numpy()[:, 0], rtol=1e-5, atol=1e-6)


def test_statistics_of_each_run_and_frame():
    targets = [bimodal(3, 2), Normal(-2, 0.5), Uniform()]
    ensemble, _ = together(small, targets, steps=4, every=2, batch_size=4)
    found = {metric: ensemble.measure(metric) for metric in (w1_distance, mean_error)}
    for i, target in enumerate(targets):
        for f, samples in enumerate(ensemble.samples[i]):
            assert ensemble.mean[i, f] == pytest.approx(samples.mean())
            assert ensemble.std[i, f] == pytest.approx(np.sqrt(samples.var() * 1000 / 999))
            for metric, values in found.items():
                assert values[i, f] == metric(samples, target)
    assert ensemble.mean.shape == ensemble.std.shape == found[mean_error].shape == (3, 3)


def test_the_global_random_states_are_left_alone():
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    together(small, steps=2, batch_size=4)
    assert torch.equal(torch.get_rng_state(), torch_before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)


# --- Runs that diverge ------------------------------------------------------------------------


def arrays(ensemble, members):
    names = ("samples", "g_loss", "d_loss", "mean", "std", "diverged")
    return [getattr(ensemble, name)[members] for name in names]


@pytest.mark.parametrize("every", [1, 300])
def test_a_run_that_diverges_is_marked_and_leaves_its_neighbours_alone(every):
    rates = [2e-3, 1e20, 2e-3]
    settings = {"steps": 220, "every": every, "batch_size": 4}
    wild, pairs = together(raw, learning_rate_g=rates, learning_rate_d=rates, **settings)
    calm, others = together(raw, **settings)
    step = wild.diverged[1]
    assert 1 <= step < 50
    assert np.isfinite(wild.g_loss[1, : step - 1]).all()
    assert np.isnan(wild.g_loss[1, step - 1 :]).all()
    assert np.isnan(wild.d_loss[1, step - 1 :]).all()
    assert np.isfinite(wild.samples[1, wild.steps < step]).all()
    for values in (wild.samples, wild.mean, wild.std, wild.measure(w1_distance)):
        assert np.isnan(values[1, wild.steps >= step]).all()
    for found, expected in zip(arrays(wild, [0, 2]), arrays(calm, [0, 2]), strict=True):
        np.testing.assert_array_equal(found, expected)
    for i in (0, 2):
        assert torch.equal(weights(*pairs[i]), weights(*others[i]))


def spoil(pair, player):
    with torch.no_grad():
        next(pair[player].parameters()).fill_(math.nan)
    return pair


@pytest.mark.parametrize(("player", "step"), [(0, 0), (1, 1)], ids=["g", "d"])
@pytest.mark.parametrize("make", [small, leaky], ids=["stack", "single"])
def test_a_weight_that_is_nan_from_the_start(make, player, step):
    def spoiled(seed):
        return spoil(make(seed), player) if seed == 0 else make(seed)

    ensemble, _ = together(spoiled, steps=3, batch_size=4)
    calm, _ = together(make, steps=3, batch_size=4)
    assert ensemble.diverged.tolist() == [-1, step, -1]
    assert np.isnan(ensemble.g_loss[1]).all()
    assert np.isnan(ensemble.d_loss[1]).all()
    assert np.isnan(ensemble.samples[1, step:]).all()
    assert np.isfinite(ensemble.samples[1, :step]).all()
    for found, expected in zip(arrays(ensemble, [0, 2]), arrays(calm, [0, 2]), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_discriminator_that_breaks_is_noticed_even_if_its_generator_does_not_listen():
    def spoiled(seed):
        return spoil(small(seed), 1) if seed == 0 else small(seed)

    ensemble, _ = together(spoiled, loss="stats", steps=2, batch_size=4)
    assert ensemble.diverged.tolist() == [-1, 1, -1]
    assert np.isfinite(ensemble.samples[[0, 2]]).all()
    assert np.isfinite(ensemble.samples[1, 0]).all()
    assert np.isnan(ensemble.samples[1, 1:]).all()


def test_when_all_diverge_the_loop_stops():
    class Counting(Normal):
        def draw(self, n, rng):
            draws.append(n)
            return super().draw(n, rng)

    draws = []
    ensemble, _ = together(
        raw, Counting(), learning_rate_g=1e20, learning_rate_d=1e20, steps=1000, every=1000
    )
    assert (ensemble.diverged > 0).all()
    assert len(draws) < 300 * len(SEEDS)
    assert np.isnan(ensemble.samples[:, -1]).all()
    assert np.isnan(ensemble.g_loss[:, 100:]).all()


def test_an_interrupted_run_leaves_what_it_has_learned(monkeypatch):
    monkeypatch.setattr("gan_lessons.training.DRAWN", 1)  # a step at a time

    class Impatient(Normal):
        def draw(self, n, rng):
            draws.append(n)
            if len(draws) > 3:
                raise KeyboardInterrupt
            return super().draw(n, rng)

    draws, (g, d), (h, e) = [], small(0), small(0)
    with pytest.raises(KeyboardInterrupt):
        train_ensemble(Impatient(), [g], [d], steps=50, batch_size=4)
    train_ensemble(Normal(), [h], [e], steps=3, batch_size=4)
    assert torch.equal(weights(g, d), weights(h, e))


# --- What can go wrong ------------------------------------------------------------------------


def two(**changes):
    """Good arguments for two runs, but for the changes."""
    gs, ds = (list(nets) for nets in zip(*(small(seed) for seed in range(2)), strict=True))
    return {"targets": TARGET, "generators": gs, "discriminators": ds, "steps": 2, **changes}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"generators": [], "discriminators": []}, r"^generators is empty"),
        ({"seeds": [1]}, r"^seeds has 1 entries: .*2 generators"),
        ({"seeds": [1, -1]}, r"^seeds is -1"),
        ({"seeds": [1, 0.5]}, r"^seeds is 0.5"),
        ({"targets": [TARGET] * 3}, r"^targets has 3 entries"),
        ({"discriminators": [small(0)[1]]}, r"^discriminators has 1 entries"),
        ({"discriminators": []}, r"^discriminators has 0 entries"),
        ({"learning_rate_g": [1e-3] * 3}, r"^learning_rate_g has 3 entries"),
        ({"learning_rate_d": [1e-3]}, r"^learning_rate_d has 1 entries"),
        ({"betas": [(0.9, 0.99)] * 3}, r"^betas has 3 entries"),
        ({"betas": [(0.9, 0.99), (0.9, 1.0)]}, r"^betas is 1.0"),
        ({"betas": [(0.9, 0.99), 0.5]}, r"^betas is 0.5"),
        ({"betas": (0.9,)}, r"^betas is \(?0.9"),
        ({"betas": 0.9}, r"^betas is 0.9"),
        ({"loss": ["stats"]}, r"^loss has 1 entries"),
        ({"loss": "nonsaturated"}, r"^loss is 'nonsaturated' \(did you mean 'nonsaturating'\?\)"),
        ({"loss": ["stats", None]}, r"^loss is None"),
        ({"batch_size": [4, 4, 4]}, r"^batch_size has 3 entries"),
        ({"batch_size": [4, 1]}, r"^batch_size is 1"),
        ({"d_steps": [1]}, r"^d_steps has 1 entries"),
        ({"d_steps": 0}, r"^d_steps is 0"),
        ({"learning_rate_g": math.nan}, r"^learning_rate_g is nan"),
        ({"learning_rate_g": [1e-3, math.nan]}, r"^learning_rate_g is nan"),
        ({"learning_rate_d": np.array([1e-3, 0.0])}, r"^learning_rate_d is .*0.0"),
        ({"steps": 0}, r"^steps is 0"),
        ({"every": 1.5}, r"^every is 1.5"),
        ({"discriminators": None}, r"^discriminator is None: nonsaturating needs one"),
        (
            {"discriminators": None, "loss": ["stats", "saturating"]},
            r"^discriminator is None: saturating needs one",
        ),
        (
            {"discriminators": [small(0)[1], build_discriminator()]},
            r"^discriminator returns probabilities",
        ),
        ({"generators": [small(0)[0], nn.ReLU()]}, r"^generator is ReLU"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused_before_the_first_step(changes, complaint):
    arguments = two(**changes)
    networks = [*arguments["generators"], *(arguments["discriminators"] or [])]
    before = copy.deepcopy(networks)
    with pytest.raises(ValueError, match=complaint):
        train_ensemble(**arguments)
    for now, was in zip(networks, before, strict=True):
        assert all(map(torch.equal, now.parameters(), was.parameters()))


@pytest.mark.parametrize("name", ["generators", "discriminators"])
def test_a_module_plays_for_one_member_only(name):
    g, d = small(0)
    with pytest.raises(ValueError, match=rf"^{name} holds a module twice"):
        train_ensemble(**two(**{name: [{"generators": g, "discriminators": d}[name]] * 2}))


def test_sequences_of_any_kind_will_do():
    ensemble = train_ensemble(
        **two(
            generators=(small(seed)[0] for seed in range(2)),
            learning_rate_g=np.array([1e-3, 2e-3]),
            seeds=np.arange(2),
            betas=[0.5, 0.9],
            batch_size=(4, 8),
        )
    )
    assert isinstance(ensemble, Ensemble)


def test_one_seed_is_not_enough_for_many_runs():
    with pytest.raises(ValueError, match=r"^seeds is 3: .* one seed for each generator"):
        train_ensemble(**two(seeds=3))
