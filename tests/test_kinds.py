"""Numbers of every kind: public functions take them rightly, or say what is wrong with them.

A number may be Python's or NumPy's, or stand in an array or tensor of no dimensions.  An array may
be a list or a tensor, single precision, read-only, turned round, of Fortran order or a column.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from gan_lessons import (
    animation,
    distributions,
    ensemble,
    games,
    losses,
    metrics,
    networks,
    optimality,
    plots,
    raw_weights,
    simulation,
    theory,
    training,
    video,
    widgets,
)
from gan_lessons.distributions import (
    Drawn,
    Exponential,
    Mixture,
    Normal,
    TwoPoint,
    Uniform,
    bimodal,
)
from gan_lessons.history import History

GRID = np.linspace(0, 10, 6)
SAMPLES = np.array([3.0, 4.5, 5.0, 6.25, 7.0, 9.5])
CURVES = np.arange(12).reshape(2, 6) / 16  # exact in single precision, too


def g(**settings):
    return networks.build_generator(hidden_dim=3, seed=1, **settings)


def d():
    return networks.build_discriminator(hidden_dim=3, logits=True, seed=2)


def ax():
    return Figure().add_subplot()


def weights_of(module):
    return [parameter.detach().numpy() for parameter in module.parameters()]


def flat(value):
    """All numbers in a result, whatever it is made of."""
    if isinstance(value, torch.nn.Module):
        return flat(weights_of(value))
    if isinstance(value, video.MovingPicture):
        return flat([value.num_frames, value.event_source.interval])
    if isinstance(value, plt.Axes):
        bars = [patch.get_extents().bounds for patch in value.patches]
        return flat([line.get_xydata() for line in value.lines] + bars)
    if hasattr(value, "__dataclass_fields__"):
        return flat([getattr(value, name) for name in value.__dataclass_fields__])
    if isinstance(value, dict):
        return flat(list(value.values()))
    if isinstance(value, list | tuple):
        return [number for part in value for number in flat(part)]
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    return [] if value is None or isinstance(value, str) else np.ravel(value).tolist()


def adam_of(network):
    return torch.optim.Adam(network.parameters())


def train(**settings):
    return training.train(Normal(), g(), d(), **{"steps": 2, "batch_size": 4, **settings})


def train_two(**settings):
    settings = {"steps": 2, "batch_size": 4, **settings}
    return ensemble.train_ensemble(Normal(), [g(), g()], [d(), d()], **settings)


def d_step(**settings):
    network = d()
    given = {"real": SAMPLES[:, None], "rng": 3, **settings}
    return training.train_discriminator(network, g(), adam_of(network), **given)


def g_step(**settings):
    network = g()
    return training.train_generator(
        network, adam_of(network), Normal(), **{"discriminator": d(), "rng": 3, **settings}
    )


def adam(**settings):
    by_hand = raw_weights.AdamByHand(**settings)
    return by_hand.step({"w": np.ones(2)}, {"w": np.array([0.5, -2.0])})


def moving(**settings):
    figure = ax().figure
    settings = {"num_frames": 2, **settings}
    picture = video.MovingPicture(figure, lambda frame: figure.axes[0].lines, **settings)
    picture._draw_was_started = True  # no warning that it was never shown
    return picture


def animated(make, *arguments, **settings):
    ani, _ = make(*arguments, **settings)
    ani._draw_was_started = True
    return ani


def drawn(plot, *arguments, **settings):
    return plot(ax(), *arguments, **settings)


def run():
    return History(
        steps=[0, 1],
        x=GRID,
        p_data=CURVES[0],
        p_g=CURVES,
        d=CURVES,
        samples=CURVES,
        averaged=CURVES,
        mean=[0, 1],
        std=[1, 2],
        g_loss=[0.5],
        d_loss=[0.25],
    )


def by_hand(**settings):
    weights = raw_weights.as_arrays(raw_weights.initialize_weights(1, 3, seed=0))
    out, hidden = raw_weights.forward_by_hand(SAMPLES[:, None], weights)
    given = {"x": SAMPLES[:, None], "hidden": hidden, "d_out": out, **settings}
    return raw_weights.backward_by_hand(weights=weights, **given)


def hand_gradients(**settings):
    weights = raw_weights.as_arrays(raw_weights.initialize_weights(1, 3, seed=0))
    given = {"real": SAMPLES[:, None], "fake": SAMPLES[:, None], **settings}
    return raw_weights.discriminator_gradients(d_weights=weights, **given)


PEAKS = (Normal(0, 1), Normal(2, 1))
TARGETS = (Normal(), Uniform(), Exponential(), bimodal(), Drawn(), TwoPoint())
FLOOR = metrics.NoiseFloor(0.0, 0.1, 0.2)
COLUMN = SAMPLES[:, None]
HIDDEN = CURVES.reshape(6, 2) @ np.ones((2, 3))
START = np.array([0.5, 1.0])
RAW_G, RAW_D = (raw_weights.initialize_weights(k, 3, 0) for k in (2, 1))
METRICS = metrics.w1_distance, metrics.ks_distance, metrics.mean_error, metrics.std_error


@dataclass(frozen=True)
class Limited:
    """A value that an argument takes, and some that it does not."""

    value: Any
    beyond: tuple[float, ...] = ()


def limited(value, *beyond):
    return Limited(value, beyond)


def tries(call, **arguments):
    """What is called, with what it takes: counts go from 1 on where nothing else is said."""
    limits = {int: (0, -99)}
    return call, {
        name: value if isinstance(value, Limited) else Limited(value, limits.get(type(value), ()))
        for name, value in arguments.items()
    }


POSITIVE, FROM_0 = limited(2.0, 0, 0.0, -1e-300), limited(3, -1, -99)
SOURCE, TENSOR = np.int64(3), torch.ones(3, 1)

# Each function once.
CALLS = [
    tries(Normal, mean=2.0, std=POSITIVE),
    *(tries(law, low=1.0, high=3.0) for law in (Uniform, TwoPoint)),
    tries(Exponential, rate=POSITIVE, start=2.0),
    tries(Drawn, middle=2.0, unit=POSITIVE),
    tries(partial(bimodal, std=3), mean=2.0, within=POSITIVE),
    tries(partial(bimodal, within=0.5), std=POSITIVE),
    *(tries(t.sample, n=3, seed=SOURCE) for t in TARGETS),
    *(tries(t.draw, n=3, rng=SOURCE) for t in TARGETS),
    *(tries(getattr(t, f), x=CURVES) for t in TARGETS[:5] for f in ("pdf", "logpdf")),
    *(tries(getattr(t, f), x=CURVES) for t in TARGETS for f in ("cdf", "survival")),
    *(tries(getattr(t, f), u=CURVES) for t in TARGETS for f in ("quantile", "upper_quantile")),
    tries(distributions.true_distribution, n=3, seed=SOURCE, mean=2.0, std=POSITIVE),
    *(tries(partial(metric, target=Normal()), samples=SAMPLES) for metric in METRICS),
    tries(partial(metrics.js_estimate, target=Normal()), samples=SAMPLES, bins=limited(4, 1, -9)),
    tries(
        partial(metrics.modes_covered, target=bimodal()),
        samples=SAMPLES,
        share=limited(0.5, -1e-9, 1),
    ),
    tries(metrics.histogram, samples=SAMPLES, low=0.0, high=9.0, bins=4),
    tries(metrics.sample_density, samples=SAMPLES, x=GRID),
    tries(partial(metrics.noise_floor, metrics.mean_error, Normal()), n=5, repeats=3, seed=FROM_0),
    tries(partial(theory.optimal_discriminator, Normal(), bimodal()), x=CURVES),
    *(tries(ask, payoffs=CURVES) for ask in (games.pure_values, games.solve_zero_sum)),
    tries(
        partial(games.gradient_play, "extragradient"),
        **{"step": POSITIVE, "num_steps": FROM_0, "start": START},
    ),
    tries(
        partial(games.dirac_play, "alternating"),
        **{"step": POSITIVE, "num_steps": FROM_0, "penalty": limited(0.5, -1e-9), "start": START},
    ),
    tries(
        partial(games.dirac_jacobian, "alternating"), step=POSITIVE, penalty=limited(0.5, -1e-9)
    ),
    tries(simulation.compute_ground_truth, x=CURVES, mean=2.0, std=POSITIVE),
    tries(
        simulation.compute_generator_pdf,
        **{"x": CURVES, "frame": FROM_0, "total_frames": 9, "init_mean": 3.0, "target_mean": 3.0},
        **{"init_std": POSITIVE, "target_std": POSITIVE},
    ),
    tries(
        partial(simulation.compute_discriminator_prob, form="density_difference"),
        **{"real_pdf": CURVES, "gen_pdf": CURVES[:, ::-1], "factor": 2.0},
    ),
    tries(simulation.simulate_training, x=GRID, num_frames=3),
    tries(
        networks.build_generator,
        **{"latent_dim": 3, "hidden_dim": 3, "data_dim": 3, "hidden_layers": 2, "seed": FROM_0},
    ),
    tries(networks.build_discriminator, data_dim=3, hidden_dim=3, hidden_layers=2, seed=FROM_0),
    tries(networks.sample_noise, n=3, latent_dim=3, rng=SOURCE),
    tries(partial(networks.generate, g()), n=3, rng=SOURCE),
    tries(partial(networks.probability, d()), x=GRID),
    tries(
        partial(optimality.optimality_gap, d(), g(), Normal()),
        **{"n": 60, "bins": limited(5, 1, -9), "seed": FROM_0},
    ),
    tries(raw_weights.unknown_normal, seed=SOURCE),
    tries(raw_weights.initialize_weights, in_dim=3, hidden_dim=3, seed=SOURCE),
    tries(by_hand, x=COLUMN, hidden=HIDDEN, d_out=COLUMN),
    tries(hand_gradients, real=COLUMN, fake=COLUMN),
    tries(adam, learning_rate=POSITIVE, eps=POSITIVE),
    tries(partial(training.sample_real, Normal()), n=3, rng=SOURCE),
    tries(d_step, real=SAMPLES, rng=SOURCE),
    tries(g_step, batch_size=4, rng=SOURCE),
    tries(train, x=GRID, seed=FROM_0),
    *(
        tries(
            call,
            **{"steps": 3, "every": 3, "batch_size": limited(3, 1, -9), "d_steps": 3},
            **{"learning_rate_g": POSITIVE, "learning_rate_d": POSITIVE},
        )
        for call in (train, train_two)
    ),
    tries(partial(drawn, plots.plot_densities, p_data=CURVES[0]), x=GRID),
    tries(partial(drawn, plots.plot_densities, GRID[:, None]), p_g=COLUMN),
    tries(partial(drawn, plots.plot_snapshot, run()), snapshot=limited(1, -3)),
    tries(partial(drawn, plots.plot_samples, target=Normal()), samples=SAMPLES, bins=4),
    tries(partial(drawn, plots.plot_scores, "abcdef", floor=FLOOR), scores=SAMPLES),
    tries(partial(drawn, plots.plot_fan), x=GRID, values=CURVES, worst=limited(1, -1)),
    tries(moving, num_frames=3, interval=POSITIVE),
    tries(
        partial(animated, animation.create_animation, ground_truth_data=CURVES),
        **{"generator_data": CURVES, "discriminator_data": CURVES, "x": GRID},
        **{"num_frames": 2, "interval": POSITIVE},
    ),
    tries(
        partial(animated, animation.animate_histogram, run(), Normal(), ""),
        **{"bins": 4, "interval": POSITIVE},
    ),
    tries(
        partial(animated, animation.animate_orbits, {"a": CURVES[:, :2]}, ""),
        **{"reach": POSITIVE, "interval": POSITIVE},
    ),
    tries(partial(drawn, widgets.draw_game), mean=2.0, std=POSITIVE, place=2.0, slope=2.0),
    tries(widgets.impostor, n=4, low=0.5, high=0.5, share=limited(0.5, -1e-9, 1 + 1e-9)),
    tries(partial(losses.squared_mean_loss, torch.ones(2)), target_mean=2.0),
    tries(partial(losses.stats_loss, torch.ones(2)), target_std=2.0),
    tries(losses.discriminator_loss, real_logits=TENSOR, fake_logits=TENSOR),
    *(tries(f, fake_logits=TENSOR) for f in (losses.saturating_loss, losses.nonsaturating_loss)),
    *(tries(f, fake=TENSOR) for f in (losses.mean_loss, losses.squared_mean_loss)),
    tries(losses.stats_loss, fake=TENSOR),
    tries(partial(raw_weights.generator, weights=RAW_G), z=TENSOR),
    tries(partial(raw_weights.discriminator, weights=RAW_D), x=TENSOR),
]


def kind_of(value):
    if isinstance(value, np.ndarray):
        return "vector" if value.ndim == 1 else "array"
    return {int: "count", float: "number", np.int64: "source", torch.Tensor: "tensor"}[type(value)]


def cases(kind):
    """Each argument of this kind: a call that lacks it, its name, and what it may be."""
    return [
        pytest.param(
            partial(call, **{o: other.value for o, other in arguments.items() if o != name}),
            *(name, tried),
            id=name,
        )
        for call, arguments in CALLS
        for name, tried in arguments.items()
        if kind_of(tried.value) == kind
    ]


def refuses(call, name, bad):
    """The error names the argument, and says what is allowed."""
    with pytest.raises((ValueError, TypeError), match=rf"(?s)^{name}s? (is|has|holds) .*must "):
        call(**{name: bad})


def same(call, name, value, kinds):
    expected = flat(call(**{name: value}))
    for kind in kinds:
        np.testing.assert_allclose(
            flat(call(**{name: kind})), expected, rtol=1e-12, err_msg=repr(kind)
        )


@pytest.mark.parametrize(("call", "name", "tried"), cases("count"))
def test_counts(call, name, tried):
    value = tried.value
    same(
        call, name, value, [np.int64(value), np.uint8(value), np.array(value), torch.tensor(value)]
    )
    not_counts = [True, np.True_, float(value), value + 0.5, math.nan, "3", [value], 1j]
    for bad in (*not_counts, *tried.beyond):
        refuses(call, name, bad)


@pytest.mark.parametrize(("call", "name", "tried"), cases("number"))
def test_numbers(call, name, tried):
    value = tried.value
    kinds = [np.float32(value), Fraction(value), np.array(value), torch.tensor(value)]
    kinds += [torch.tensor(value, requires_grad=True)]
    if value == int(value):
        kinds += [int(value), np.int8(value), np.uint8(value)]
    same(call, name, value, kinds)
    not_numbers = [True, np.True_, math.nan, math.inf, -math.inf, "3", None, [value], np.ones(3)]
    for bad in (*not_numbers, 1j, 10**400, *tried.beyond):
        refuses(call, name, bad)


@pytest.mark.parametrize(("call", "name", "tried"), cases("source"))
def test_sources_of_random_numbers(call, name, tried):
    kinds = [np.int64(3), np.array(3), torch.tensor(3), np.random.default_rng(3)]
    same(call, name, tried.value, kinds)
    for bad in (True, np.True_, -1, 1.5, "3", [3], np.random):
        refuses(call, name, bad)


def of_kinds(value):
    """The same array in every dress."""
    frozen = value.copy()
    frozen.flags.writeable = False
    yield from (value.tolist(), tuple(value.tolist()), value.astype(np.float32), frozen)
    yield np.ascontiguousarray(value[::-1])[::-1]
    yield np.asfortranarray(value)
    yield np.repeat(value, 2, axis=-1)[..., ::2]
    yield from (torch.tensor(value), torch.tensor(value).float())
    yield torch.tensor(value, requires_grad=True)


NO_ARRAYS = ["abc", [None], ["1"], [True, False], [1j], [[1, 2], [3]], torch.tensor([True])]


@pytest.mark.parametrize(("call", "name", "tried"), cases("vector"))
def test_vectors(call, name, tried):
    """An (n, 1) column is as good; no NaN, no infinity, not empty."""
    value = tried.value
    same(call, name, value, [*of_kinds(value), value[:, None], torch.tensor(value)[:, None]])
    bad_ones = [[], np.empty((0, 1)), 3.0, np.array(3.0), np.r_[value[:-1], math.nan]]
    for bad in (*NO_ARRAYS, *bad_ones, np.r_[math.inf, value[1:]]):
        refuses(call, name, bad)


@pytest.mark.parametrize(("call", "name", "tried"), cases("array"))
def test_arrays(call, name, tried):
    value = np.ascontiguousarray(tried.value)
    same(call, name, value, of_kinds(value))
    for bad in NO_ARRAYS:
        refuses(call, name, bad)


@pytest.mark.parametrize(("call", "name", "tried"), cases("tensor"))
def test_tensors(call, name, tried):
    for bad in (3.0, [1.0, 2.0], np.ones((3, 1)), None, "a", torch.tensor([1, 2])):
        refuses(call, name, bad)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor, lambda betas: np.float32(betas)])
def test_pairs_of_decay_rates(kind):
    for call in (train, adam):
        same(call, "betas", (0.5, 0.75), [kind((0.5, 0.75))])
        pairs = [kind([0.5, 1.0]), (True, 0.5), (0.5, math.nan), (-0.1, 0.5), (0.5, 0.5, 0.5)]
        for bad in (0.5, (0.5,), "ab", None, *pairs):
            refuses(call, "betas", bad)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor, np.float32, np.longdouble])
def test_weights_of_a_mixture(kind):
    assert Mixture(PEAKS, kind([0.25, 0.75])) == Mixture(PEAKS, (0.25, 0.75))
    for bad in (None, 0.5, np.array(0.5), torch.tensor(1.0), kind([0.25, math.nan])):
        refuses(lambda weights: Mixture(PEAKS, weights), "weights", bad)


@pytest.mark.parametrize("target", [Normal(3, 2), Uniform(3, 4), Exponential(3), TwoPoint(3, 4)])
def test_a_target_is_the_same_from_numbers_of_any_kind(target):
    given = [getattr(target, name) for name in target.__dataclass_fields__]
    for kind in (np.int64, np.float32, np.array, torch.tensor, Fraction):
        made = type(target)(*map(kind, given))
        assert made == target
        assert hash(made) == hash(target)
        assert {type(number) for number in vars(made).values()} <= {int, float}
        np.testing.assert_array_equal(made.quantile([0.25, 0.75]), target.quantile([0.25, 0.75]))


def test_a_history_keeps_arrays_of_its_own():
    x = GRID.copy()
    history = train(x=x)
    x[:] = 0
    np.testing.assert_array_equal(history.x, GRID)
    assert run().steps.dtype == np.int64


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_networks_of_other_precision(dtype):
    generator, discriminator = g().to(dtype), d().to(dtype)
    assert np.isfinite(networks.generate(generator, 5, 0)).all()
    assert np.isfinite(networks.probability(discriminator, GRID)).all()
    assert np.isfinite(optimality.optimality_gap(discriminator, generator, Normal(), 50, 5).d_loss)
    if dtype == torch.float16:  # where Adam's epsilon is 0
        return
    optimizer = adam_of(discriminator)
    loss = training.train_discriminator(discriminator, generator, optimizer, SAMPLES, 0)
    assert math.isfinite(loss)
    loss = training.train_generator(
        generator, adam_of(generator), Normal(), 0, discriminator=discriminator
    )
    assert math.isfinite(loss)


def test_a_width_named_by_numpy_counts():
    generator = torch.nn.ReLU()
    generator.latent_dim = np.int64(3)
    assert networks.generate(generator, 4, 0).shape == (4, 3)
    generator.latent_dim = True
    with pytest.raises(ValueError, match=r"^generator.latent_dim is True: it must be"):
        networks.latent_size(generator)


def test_a_seed_beyond_pytorchs_is_refused():
    with pytest.raises(ValueError, match=r"^seed is 18446744073709551616: it must be below"):
        networks.build_generator(seed=2**64)


def test_settings_of_an_ensemble_of_any_kind():
    settings = {"batch_size": [4, 6], "learning_rate_g": [0.5, 0.25], "betas": [(0.5, 0.75)] * 2}
    for name, value in {**settings, "seeds": [3, 4]}.items():
        same(train_two, name, value, [tuple(value), np.array(value), torch.tensor(value)])
    same(train_two, "learning_rate_g", 0.5, [np.array(0.5), torch.tensor(0.5)])


@pytest.mark.parametrize("kind", [np.array, torch.tensor, lambda d: d[:, None], lambda d: d[:-1]])
def test_what_a_discriminator_returns(kind):
    def judge(x):
        return kind(np.full(x.shape, 0.25))

    if kind in (np.array, torch.tensor):
        value = theory.game_value(Normal(), bimodal(), judge)
        assert value == pytest.approx(math.log(0.25 * 0.75), rel=1e-9)
    else:
        with pytest.raises(ValueError, match=r"^discriminator returns shape .*must be that of x"):
            theory.game_value(Normal(), bimodal(), judge)
