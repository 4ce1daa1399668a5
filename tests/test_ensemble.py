import copy
import math

import numpy as np
import pytest
import torch
from players import leaky, perceptrons, raw, weights
from torch import nn

from gan_lessons.distributions import Normal, Uniform, bimodal
from gan_lessons.ensemble import Ensemble, train_ensemble
from gan_lessons.metrics import mean_error, w1_distance
from gan_lessons.networks import build_discriminator
from gan_lessons.training import train

TARGET = Normal(5, 1)
SEEDS = [4, 0, 9]
RATES = {"learning_rate_g": 2e-3, "learning_rate_d": 2e-3}


def pick(values, i):
    """What member i gets: one value for all is no list."""
    return values[i] if isinstance(values, list) else values


def together(make, targets=TARGET, alone=False, **settings):
    """An ensemble and its networks."""
    pairs = [make(seed) for seed in SEEDS]
    gs, ds = zip(*pairs, strict=True)
    settings = {**RATES, **settings}
    ensemble = train_ensemble(targets, gs, None if alone else ds, seeds=SEEDS, **settings)
    return ensemble, pairs


# --- Each member is a run of its own ----------------------------------------------------------


def wide(seed):
    return perceptrons(seed, torch.float32, hidden=128)


def of_many_shapes(seed):
    make = {4: perceptrons, 0: leaky, 9: lambda seed: perceptrons(seed, hidden=5)}[seed]
    return make(seed)


def of_two_precisions(seed):
    return perceptrons(seed, torch.float32 if seed else torch.float64)


DIFFERENT = {
    "targets": [bimodal(3, 2), Normal(-2, 0.5), Uniform()],
    "learning_rate_g": [1e-2, 1e-4, 3e-3],
    "learning_rate_d": [1e-4, 1e-2, 5e-3],
    "betas": [(0.9, 0.999), (0.5, 0.9), (0.0, 0.99)],
    "loss": ["saturating", "stats", "adversarial_plus_stats"],
    "batch_size": [3, 8, 3],
    "d_steps": [2, 1, 3],
}


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (wide, {"batch_size": 64, "steps": 30}),
        (perceptrons, {"batch_size": 2, "steps": 50}),
        (raw, {"batch_size": 640, "steps": 15}),
        (raw, {"batch_size": 40_001, "steps": 2}),
        (leaky, {"batch_size": 33, "steps": 15}),
        *((make, {"steps": 8, "every": 3, **DIFFERENT}) for make in (perceptrons, leaky)),
        *((make, {"alone": True, "loss": "stats", "steps": 9}) for make in (perceptrons, leaky)),
        (of_many_shapes, {"steps": 8}),
        (of_two_precisions, {"steps": 8, "batch_size": 5}),
        (lambda seed: (leaky(seed)[0], perceptrons(seed)[1]), {"steps": 8}),
        (lambda seed: (perceptrons(seed)[0], leaky(seed)[1]), {"steps": 8}),
    ],
)
def test_a_member_is_its_single_run_bit_for_bit(make, settings):
    """Both are the same run: record and trained weights."""
    settings = {"every": 10, **RATES, **settings}
    ensemble, pairs = together(make, **settings)
    assert (ensemble.diverged == -1).all()
    targets, alone = settings.pop("targets", TARGET), settings.pop("alone", False)
    for i, (seed, pair) in enumerate(zip(SEEDS, pairs, strict=True)):
        g, d = make(seed)
        own = {name: pick(value, i) for name, value in settings.items()}
        run = train(pick(targets, i), g, None if alone else d, seed=seed, **own)
        np.testing.assert_array_equal(ensemble.steps, run.steps)
        for name in ("g_loss", "d_loss", "samples", "mean", "std"):
            np.testing.assert_array_equal(getattr(ensemble, name)[i], getattr(run, name))
        assert torch.equal(weights(*pair), weights(g, d))


# --- The record -------------------------------------------------------------------------------


def test_shapes_and_defaults():
    gs, ds = zip(*map(perceptrons, range(2)), strict=True)
    ensemble = train_ensemble(TARGET, gs, ds, steps=7, every=3, batch_size=4)
    assert ensemble.steps.tolist() == [0, 3, 6, 7]
    assert ensemble.samples.shape == (2, 4, 1000)
    assert ensemble.g_loss.shape == ensemble.d_loss.shape == (2, 7)
    assert ensemble.seeds == (0, 1)
    assert ensemble.targets == (TARGET, TARGET)
    for metric in (w1_distance, mean_error):
        scores = [[metric(frame, TARGET) for frame in frames] for frames in ensemble.samples]
        np.testing.assert_array_equal(ensemble.measure(metric), scores)


def test_the_global_random_states_are_left_alone():
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    together(leaky, steps=2, batch_size=4)
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


@pytest.mark.parametrize(
    ("player", "step", "loss"),
    [(0, 0, "nonsaturating"), (1, 1, "nonsaturating"), (1, 1, "stats")],  # G may not listen to D
)
@pytest.mark.parametrize("make", [perceptrons, leaky])
def test_a_weight_that_is_nan_from_the_start(make, player, step, loss):
    def spoiled(seed):
        pair = make(seed)
        if seed == 0:
            with torch.no_grad():
                next(pair[player].parameters()).fill_(math.nan)
        return pair

    ensemble, _ = together(spoiled, loss=loss, steps=3, batch_size=4)
    calm, _ = together(make, loss=loss, steps=3, batch_size=4)
    assert ensemble.diverged.tolist() == [-1, step, -1]
    assert np.isnan(ensemble.g_loss[1]).all()
    assert np.isnan(ensemble.d_loss[1]).all()
    assert np.isnan(ensemble.samples[1, step:]).all()
    assert np.isfinite(ensemble.samples[1, :step]).all()
    for found, expected in zip(arrays(ensemble, [0, 2]), arrays(calm, [0, 2]), strict=True):
        np.testing.assert_array_equal(found, expected)


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


def test_an_interrupted_run_leaves_what_it_has_learned(monkeypatch):
    monkeypatch.setattr("gan_lessons.perceptrons.DRAWN", 1)  # a step at a time

    class Impatient(Normal):
        def draw(self, n, rng):
            draws.append(n)
            if len(draws) > 3:
                raise KeyboardInterrupt
            return super().draw(n, rng)

    draws, (g, d), (h, e) = [], perceptrons(), perceptrons()
    with pytest.raises(KeyboardInterrupt):
        train_ensemble(Impatient(), [g], [d], steps=50, batch_size=4)
    train_ensemble(Normal(), [h], [e], steps=3, batch_size=4)
    assert torch.equal(weights(g, d), weights(h, e))


# --- What can go wrong ------------------------------------------------------------------------


def two(**changes):
    """Good arguments for two runs, but for the changes."""
    gs, ds = (list(nets) for nets in zip(*map(perceptrons, range(2)), strict=True))
    return {"targets": TARGET, "generators": gs, "discriminators": ds, "steps": 2, **changes}


G, D = perceptrons()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"generators": [], "discriminators": []}, r"^generators is empty"),
        ({"generators": [G, nn.ReLU()]}, r"^generator is ReLU"),
        ({"generators": [G, G]}, r"^generators holds a module twice"),
        ({"discriminators": [D, D]}, r"^discriminators holds a module twice"),
        ({"discriminators": [D, build_discriminator()]}, r"^discriminator returns probabilities"),
        ({"discriminators": []}, r"^discriminators has 0 entries"),
        (
            {"discriminators": None, "loss": ["stats", "saturating"]},
            r"^discriminator is None: sat",
        ),
        ({"seeds": 3}, r"^seeds is 3: .* one seed for each generator"),
        ({"seeds": [1]}, r"^seeds has 1 entries: .*2 generators"),
        ({"seeds": [1, -1]}, r"^seeds is -1"),
        ({"targets": [TARGET] * 3}, r"^targets has 3 entries"),
        ({"learning_rate_g": [1e-3] * 3}, r"^learning_rate_g has 3 entries"),
        ({"learning_rate_d": np.array([1e-3, 0.0])}, r"^learning_rate_d is .*0.0"),
        ({"betas": [(0.9, 0.99)] * 3}, r"^betas has 3 entries"),
        ({"betas": [(0.9, 0.99), (0.9, 1.0)]}, r"^betas is 1.0"),
        ({"betas": [(0.9, 0.99), 0.5]}, r"^betas is 0.5"),
        ({"betas": (0.9,)}, r"^betas is \(?0.9"),
        ({"betas": 0.9}, r"^betas is 0.9"),
        ({"loss": "nonsaturated"}, r"^loss is 'nonsaturated' \(did you mean 'nonsaturating'\?\)"),
        ({"loss": ["stats", None]}, r"^loss is None"),
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


def test_sequences_of_any_kind_will_do():
    ensemble = train_ensemble(
        **two(
            generators=(perceptrons(seed)[0] for seed in range(2)),
            learning_rate_g=np.array([1e-3, 2e-3]),
            seeds=np.arange(2),
            betas=[0.5, 0.9],
            batch_size=(4, 8),
        )
    )
    assert isinstance(ensemble, Ensemble)
