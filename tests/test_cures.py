"""What makes a GAN land: penalties, averages, other losses: the engine against double autograd."""

import math

import numpy as np
import pytest
import torch
from players import wrong_engine
from torch import nn

from gan_lessons import engine
from gan_lessons.distributions import Normal, Uniform
from gan_lessons.ensemble import train_ensemble
from gan_lessons.history import History
from gan_lessons.networks import build_discriminator, build_generator, outputs
from gan_lessons.perceptrons import is_compiled
from gan_lessons.training import Settings, train

TARGET = Normal(5, 1.5)
STEPS = 50
TOLERANCE = 1e-9
RATES = {"learning_rate_g": 5e-3, "learning_rate_d": 3e-3, "betas": (0.5, 0.9), "batch_size": 7}
CURES = {
    "r1": {"r1": 0.3},
    "r2": {"r2": 0.7},
    "gradient penalty": {"gradient_penalty": 2.0},
    "average": {"average": 0.9},
    "linear": {"schedule": "linear"},
    "cosine": {"schedule": "cosine"},
    "optimistic": {"optimistic": True},
    "relativistic": {"loss": "relativistic"},
    "hinge": {"loss": "hinge"},
    "least squares": {"loss": "least_squares"},
    "wasserstein": {"loss": "wasserstein"},
    "all": {
        "loss": "relativistic",
        "r1": 0.3,
        "r2": 0.7,
        "gradient_penalty": 1.0,
        "average": 0.9,
        "schedule": "cosine",
        "optimistic": True,
        "d_steps": 2,
    },
}
LAYERS = [(5, 1), (4, 3)]
"""Hidden units and layers."""


class AnyModule(nn.Module):
    """What the engine does not know: so its gradients are PyTorch's."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)


def pair(hidden, layers, seed=0):
    """Biases of N(0, 1), so that the folds lie apart."""
    shape = {"hidden_dim": hidden, "hidden_layers": layers}
    g = build_generator(3, seed=seed, **shape).double()
    d = build_discriminator(logits=True, seed=seed + 1, **shape).double()
    for network in (g, d):
        random = torch.Generator().manual_seed(seed)
        for layer in network[::2]:
            nn.init.normal_(layer.bias, generator=random)
    return g, d


def weights(*modules):
    parameters = [p.detach().numpy().ravel() for m in modules for p in m.parameters()]
    return np.concatenate(parameters)


@pytest.mark.parametrize("shape", LAYERS)
@pytest.mark.parametrize("cure", CURES)
def test_the_engine_makes_the_run_of_the_plain_loop(cure, shape):
    fast, plain = pair(*shape), [AnyModule(network) for network in pair(*shape)]
    assert (is_compiled(*fast), is_compiled(*plain)) == (True, False)
    settings = {**RATES, **CURES[cure], "steps": STEPS, "every": 10}
    runs = train(TARGET, *fast, **settings), train(TARGET, *plain, **settings)
    scale = np.maximum(1, np.abs(weights(*plain)))
    assert (np.abs(weights(*fast) - weights(*plain)) / scale).max() < TOLERANCE
    for name in ("samples", "averaged", "d", "g_loss", "d_loss"):
        np.testing.assert_allclose(*(getattr(run, name) for run in runs), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("cure", CURES)
def test_each_cure_changes_the_run(cure):
    g, d = pair(5, 1)
    before, start = train(TARGET, g, d, **RATES, steps=STEPS), weights(g, d)
    g, d = pair(5, 1)
    after = train(TARGET, g, d, **{**RATES, **CURES[cure]}, steps=STEPS)
    assert np.abs(weights(g, d) - start).max() > 1e-4
    assert np.isfinite(after.samples).all()
    same = cure == "average"  # which only looks on
    assert np.allclose(before.samples, after.samples) == same


def test_an_average_is_the_weighted_mean_of_all_weights():
    """Two runs of one step each: the average lies where the formula says."""
    start = weights(pair(5, 1)[0])
    path = [start]
    for steps in (1, 2, 3):
        g, d = pair(5, 1)
        train(TARGET, g, d, **RATES, steps=steps)
        path.append(weights(g))
    g, d = pair(5, 1)
    run = train(TARGET, g, d, **RATES, average=0.75, steps=3)
    share = np.array([0.75**3, 0.25 * 0.75**2, 0.25 * 0.75, 0.25])
    np.testing.assert_allclose(weights(g), share @ path, rtol=1e-12)
    assert not np.allclose(run.averaged[-1], run.samples[-1])
    np.testing.assert_array_equal(run.averaged[0], run.samples[0])


@pytest.mark.parametrize(("schedule", "left"), [("linear", [1, 0.75, 0.5, 0.25]), ("constant", 1)])
def test_a_schedule_says_what_is_left(schedule, left):
    np.testing.assert_array_equal(Settings(schedule=schedule).decay(4), np.ones(4) * left)
    cosine = Settings(schedule="cosine").decay(4)
    np.testing.assert_allclose(cosine, np.cos(np.pi / 8 * np.arange(4)) ** 2)


@pytest.mark.parametrize("target", [TARGET, Uniform(-300, 100)])
def test_standardised_networks_speak_the_data_s_units_again(target):
    g, d = pair(5, 1)
    run = train(target, g, d, **RATES, standardise=True, average=0.5, steps=STEPS, every=STEPS)
    # At the start G is within some standard deviations of the data's mean.
    assert abs(run.samples[0].mean() - target.mean) < 5 * target.std
    logits = outputs(d, run.x[:, None])
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), run.d[-1], rtol=1e-9, atol=1e-12)
    # The same standard deviations away, whatever the units.
    other, d2 = pair(5, 1)
    again = train(Normal(0, 1), other, d2, **RATES, standardise=True, steps=STEPS, every=STEPS)
    if target == TARGET:
        scaled = (run.samples - target.mean) / target.std
        np.testing.assert_allclose(scaled, again.samples, rtol=1e-6, atol=1e-6)


def test_members_of_an_ensemble_are_their_single_runs():
    pairs = [pair(5, 1, seed) for seed in range(3)]
    settings = {**RATES, **CURES["all"], "standardise": True}
    ensemble = train_ensemble(TARGET, *zip(*pairs, strict=True), steps=STEPS, **settings)
    for seed in range(3):
        g, d = pair(5, 1, seed)
        run = train(TARGET, g, d, steps=STEPS, seed=seed, **settings)
        np.testing.assert_array_equal(ensemble.averaged[seed], run.averaged)
        np.testing.assert_array_equal(weights(g, d), weights(*pairs[seed]))


def test_an_older_record_can_be_read(tmp_path):
    run = train(TARGET, *pair(5, 1), **RATES, steps=2)
    run.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as file:
        arrays = {name: file[name] for name in file if name != "averaged"}
    np.savez(tmp_path / "old.npz", **arrays)
    old = History.load(tmp_path / "old.npz")
    np.testing.assert_array_equal(old.averaged, run.samples)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("r1", -0.1),
        ("r2", math.nan),
        ("gradient_penalty", math.inf),
        ("average", 1),
        ("average", -0.5),
        ("schedule", "step"),
        ("optimistic", 1),
        ("standardise", "yes"),
        ("loss", "wgan"),
    ],
)
def test_a_setting_out_of_range_is_named(name, value):
    with pytest.raises(ValueError, match=f"{name} is "):
        train(TARGET, *pair(5, 1), **{name: value})


@pytest.mark.parametrize("name", ["r1", "r2", "gradient_penalty"])
def test_a_penalty_needs_a_discriminator(name):
    with pytest.raises(ValueError, match=f"discriminator is None: {name} needs one"):
        train(TARGET, pair(5, 1)[0], loss="stats", **{name: 0.1})


def test_only_perceptrons_can_be_standardised():
    with pytest.raises(ValueError, match="generator is AnyModule: standardise needs perceptrons"):
        train(TARGET, AnyModule(pair(5, 1)[0]), pair(5, 1)[1], standardise=True)


MUTATIONS = {
    "a slope that hears the biases": (
        "bias = zero if tangent else weights[b + j]",
        "bias = weights[b + j]",
    ),
    "gates of the tangents": (
        "output[j, i] *= gate[j, i] > zero",
        "output[j, i] *= output[j, i] > zero",
    ),
    "no gates on the way back": (
        "before[k, i] = before[k, i] if gate[k, i] > zero else zero",
        "before[k, i] = before[k, i]",
    ),
    "R1 on the fakes": ("slope[0, i] *= r1 / n", "slope[0, i] *= r2 / n"),
    "no penalty on fakes": ("slope[0, m + i] *= r2 / n", "slope[0, m + i] *= 0"),
    "a penalty on slopes below 1 alone": ("- np.sign(slope[0, i])", "- 1"),
    "an average that starts anew": ("(1 - rule.average) * (g.weights", "1.0 * (g.weights"),
    "an Adam that looks back": (
        "weights[i] -= update - last[i]",
        "weights[i] += update - last[i]",
    ),
    "rates that stay": ("rule.rate_d * decay[t]", "rule.rate_d"),
    "a pair that is no pair": ("(real[i] - logits[i])", "(real[0] - logits[i])"),
    "swapped labels": ("slope[m + i] = d_pair * part", "slope[m + i] = -d_pair * part"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_wrong_engine_fails_the_proof(name, monkeypatch):
    broken = wrong_engine(*MUTATIONS[name]).train_steps
    broken.signatures = ["no need to compile"]
    settings = {**RATES, **CURES["all"], "steps": STEPS}
    fast, plain = pair(4, 3), [AnyModule(network) for network in pair(4, 3)]
    train(TARGET, *plain, **settings)
    monkeypatch.setattr(engine, "train_steps", broken)
    train(TARGET, *fast, **settings)
    assert np.abs(weights(*fast) - weights(*plain)).max() > 1000 * TOLERANCE
