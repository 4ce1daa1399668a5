"""The engine against a plain PyTorch loop in float64: every weight, after every step."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from players import wrong_engine
from torch import nn

from gan_lessons import engine
from gan_lessons.distributions import Normal
from gan_lessons.losses import DISCRIMINATOR_LOSSES, GENERATOR_LOSSES, GeneratorLoss
from gan_lessons.perceptrons import layers_of, player_of, store
from gan_lessons.raw_weights import RawNetwork, initialize_weights

STEPS = 50
TARGET = Normal(2, 1.5)
TOLERANCE = 1e-9
SHAPES = {  # latent, G's hidden units, D's hidden units, batch size
    "odd": (3, (5,), (7, 4), 17),
    "deep": (1, (4, 3, 6), (2,), 2),
    "flat": (2, (), (9, 9, 9), 33),
    "wide": (10, (128, 128), (128, 128), 24),
    "raw": (2, "raw", "raw", 40),
}


def perceptron(sizes, seed):
    """Weights from N(0, 1/√inputs), so that no layer is quiet."""
    generator = torch.Generator().manual_seed(seed)
    layers = []
    for inputs, units in pairwise(sizes):
        linear = nn.Linear(inputs, units, dtype=torch.float64)
        with torch.no_grad():
            for part in linear.parameters():
                part.copy_(torch.randn(part.shape, generator=generator).double() / inputs**0.5)
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def pair(shape):
    latent, g_units, d_units, _ = SHAPES[shape]
    if g_units == "raw":
        return tuple(RawNetwork(initialize_weights(k, seed=k)).double() for k in (latent, 1))
    return perceptron((latent, *g_units, 1), 0), perceptron((1, *d_units, 1), 1)


def flat(module):
    return torch.cat([part.flatten() for layer in layers_of(module) for part in layer]).numpy()


def batches(shape, d_steps, seed=0):
    latent, _, _, n = SHAPES[shape]
    rng = np.random.default_rng(seed)
    real = rng.normal(TARGET.mean, TARGET.std, (STEPS, d_steps, n))
    return real, rng.standard_normal((STEPS, d_steps + 1, n, latent))


def by_autograd(shape, loss, d_steps, rates, betas):
    """The weights of both after every step, and the losses, by modules and torch.optim."""
    g, d = pair(shape)
    adam_g = torch.optim.Adam(g.parameters(), rates[0], betas)
    adam_d = torch.optim.Adam(d.parameters(), rates[1], betas)
    real, noise = map(torch.from_numpy, batches(shape, d_steps))
    weights, values = [], []
    for t in range(STEPS):
        value_d = torch.tensor(math.nan)
        for s in range(d_steps):
            pairs = real[t, s][:, None]
            value_d = DISCRIMINATOR_LOSSES[loss.opponent](d(pairs), d(g(noise[t, s]).detach()))
            adam_d.zero_grad()
            value_d.backward()
            adam_d.step()
        fake = g(noise[t, d_steps])
        value = loss(fake, d(fake), TARGET, d(pairs) if loss.relativistic else None)
        adam_g.zero_grad()
        value.backward()
        adam_g.step()
        weights.append(np.r_[flat(g), flat(d)])
        values.append((value.item(), value_d.item()))
    return np.array(weights), np.array(values).T


def by_the_engine(shape, loss, d_steps, rates, betas, with_engine=engine, piece=None):
    g, d = (player_of(layers_of(net), 200) for net in pair(shape))
    real, noise = batches(shape, d_steps)
    weights, values = [], np.full((2, STEPS), math.nan)
    for t in range(STEPS):
        with_engine.train_steps(
            g,
            d,
            piece or noise.shape[2],
            real[t : t + 1],
            noise[t : t + 1],
            np.empty((1, d_steps, 0)),
            loss,
            (TARGET.mean, TARGET.std),
            engine.Rule(*rates, *betas),
            np.ones(1),
            *values[:, t : t + 1],
        )
        weights.append(np.r_[g.weights, d.weights])
    return np.array(weights), values


def apart(found, expected):
    (weights, values), (right, wanted) = found, expected
    with np.errstate(invalid="ignore"):
        far = np.abs(weights - right) / np.maximum(1, np.abs(right))
    np.testing.assert_array_equal(np.isnan(values), np.isnan(wanted))
    losses = np.nan_to_num(np.abs(values - wanted) / np.maximum(1, np.abs(wanted)))
    return max(np.nan_to_num(far, nan=math.inf).max(), losses.max())


# These losses of D don't depend on its last bias: what is left of the gradient is rounding, other
# on another processor, and Adam divides it by its small ε.
WITHOUT_BIAS = ("wasserstein", "relativistic")


def without_bias(name, run):
    weights, values = run
    inside = np.array([[GENERATOR_LOSSES[name].critic], [0]])  # G's loss, −critic · D, has it, too
    return weights[:, :-1], values + inside * weights[:, -1]


def apart_by(name, *runs):
    return apart(*(without_bias(name, run) if name in WITHOUT_BIAS else run for run in runs))


LOSSES = {
    **GENERATOR_LOSSES,
    "some of each": GeneratorLoss(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LOSSES)
def test_every_weight_after_every_step_is_that_of_a_plain_loop(name, shape):
    settings = LOSSES[name], 1, (5e-3, 3e-3), (0.5, 0.9)
    found, expected = by_the_engine(shape, *settings), by_autograd(shape, *settings)
    assert apart_by(name, found, expected) < TOLERANCE


@pytest.mark.parametrize("d_steps", [0, 3])
@pytest.mark.parametrize("betas", [(0.0, 0.0), (0.9, 0.999)])
def test_other_settings(d_steps, betas):
    loss = GENERATOR_LOSSES["stats" if d_steps == 0 else "nonsaturating"]
    settings = loss, d_steps, (1e-2, 1e-3), betas
    assert apart(by_the_engine("odd", *settings), by_autograd("odd", *settings)) < TOLERANCE


@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_in_pieces_is_the_batch(name):
    settings = LOSSES[name], 1, (5e-3, 3e-3), (0.5, 0.9)
    pieces = by_the_engine("odd", *settings, piece=5)
    assert apart_by(name, pieces, by_autograd("odd", *settings)) < TOLERANCE


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_run_that_diverges_stops_at_its_step(bad):
    g, d = (player_of(layers_of(net), 200) for net in pair("odd"))
    real, noise = batches("odd", 1)
    real[3, 0, 2] = bad
    g_loss, d_loss = np.full((2, STEPS), math.nan)
    loss = GENERATOR_LOSSES["nonsaturating"]
    how = loss, (2.0, 1.5), engine.Rule(1e-3, 1e-3, 0.9, 0.999), np.ones(STEPS)
    mix = np.empty((STEPS, 1, 0))
    taken = engine.train_steps(g, d, 17, real, noise, mix, *how, g_loss, d_loss)
    assert taken == 4
    assert np.isfinite([g_loss[:3], d_loss[:3]]).all()
    assert not np.isfinite([g_loss[3], d_loss[3]]).all()


@pytest.mark.parametrize("a", [-1e4, -800.0, -12.0, -1e-3, 0.0, 2.0, 30.0, 1e4])
def test_sigmoid_and_softplus_neither_overflow_nor_lose_their_digits(a):
    found = engine.sigmoid_and_softplus(np.float64(a))
    logit = torch.tensor(a, dtype=torch.float64)
    expected = torch.sigmoid(logit), torch.logaddexp(logit, 0 * logit)
    assert found[0] == pytest.approx(expected[0].item(), rel=1e-14)
    assert found[1] == pytest.approx(expected[1].item(), rel=1e-9)
    assert found[2] == pytest.approx(torch.logaddexp(-logit, 0 * logit).item(), rel=1e-9)


def test_the_layers_go_there_and_back():
    for shape in SHAPES:
        for net in pair(shape):
            before = flat(net).copy()
            player = player_of(layers_of(net), 1)
            player.weights[:] += 1
            with torch.no_grad():
                store(player, layers_of(net))
            np.testing.assert_array_equal(flat(net), before + 1)


# --- Wrong engines fail -------------------------------------------------------------------------

MUTATIONS = {
    "the sigmoid twice": (
        "discriminator_loss(kind, forward(d, both)[0], n, slope[0])",
        "discriminator_loss(kind, 1 / (1 + np.exp(-forward(d, both)[0])), n, slope[0])",
    ),
    "the sigmoid twice for G": (
        "logit_terms(loss, judged, forward(d, fake)[0], n, in_logit[0])",
        "logit_terms(loss, judged, 1 / (1 + np.exp(-forward(d, fake)[0])), n, in_logit[0])",
    ),
    "a step of G that updates D": (
        "adam_step(g, rate, rule)",
        "adam_step(g, rate, rule), adam_step(d, rate, rule)",
    ),
    "swapped labels": ("slope[m + i] = d_fake * part", "slope[m + i] = (d_fake - one) * part"),
    "the sign of log(1 − D)": ("- saturating * d) * part", "+ saturating * d) * part"),
    "no bias correction": (
        "network.seen[0] += (1 - rule.beta1) * (1 - network.seen[0])",
        "network.seen[0] = 1",
    ),
    "no second bias correction": (
        "network.seen[1] += (1 - rule.beta2) * (1 - network.seen[1])",
        "network.seen[1] = 1",
    ),
    "epsilon inside the root": (
        "(np.sqrt(second[i] / seen) + eps)",
        "np.sqrt(second[i] / seen + eps)",
    ),
    "a standard deviation with n": ("math.sqrt(squares / (n - 1))", "math.sqrt(squares / n)"),
    "ReLU that lets all back": (
        "before[k, i] = before[k, i] if gate[k, i] > zero else zero",
        "before[k, i] = before[k, i]",
    ),
    "a gradient left from the step before": ("    g.gradient[:] = 0\n", ""),
}
SHOWN_BY = {"the sign of log(1 − D)": "saturating", "a standard deviation with n": "stats"}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_wrong_engine_fails_the_proof(name):
    broken = wrong_engine(*MUTATIONS[name])
    settings = GENERATOR_LOSSES[SHOWN_BY.get(name, "nonsaturating")], 1, (5e-3, 3e-3), (0.5, 0.9)
    found = by_the_engine("odd", *settings, with_engine=broken)
    assert apart(found, by_autograd("odd", *settings)) > 1000 * TOLERANCE
