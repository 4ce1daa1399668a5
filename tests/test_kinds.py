"""Numbers of every kind: public functions take them rightly, or say what is wrong with them.

A number may be Python's or NumPy's, or stand in an array or tensor of no dimensions.  An array may
be a list or a tensor, single precision, read-only, turned round, of Fortran order or a column.
"""

import math
from fractions import Fraction
from functools import partial

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
from gan_lessons.distributions import Exponential, Mixture, Normal, TwoPoint, Uniform, bimodal
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


def animated(make):
    def picture(**settings):
        ani, _ = make(**settings)
        ani._draw_was_started = True
        return ani

    return picture


def run():
    return History(
        steps=[0, 1],
        x=GRID,
        p_data=CURVES[0],
        p_g=CURVES,
        d=CURVES,
        samples=CURVES,
        mean=[0, 1],
        std=[1, 2],
        g_loss=[0.5],
        d_loss=[0.25],
    )


def create(**settings):
    given = dict.fromkeys(("ground_truth_data", "generator_data", "discriminator_data"), CURVES)
    return animation.create_animation(**{"x": GRID, **given, "num_frames": 2, **settings})


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
FLOOR = metrics.NoiseFloor(0.0, 0.1, 0.2)
floor = partial(metrics.noise_floor, metric=metrics.mean_error, target=Normal())
gap = partial(optimality.optimality_gap, d(), g(), Normal(), n=50, bins=5)
scripted = partial(simulation.compute_generator_pdf, x=GRID, frame=1, total_frames=3)
dirac = partial(games.dirac_play, "alternating", step=0.5, num_steps=2)
fan = partial(plots.plot_fan, x=[0, 1, 2, 3, 4, 5], values=CURVES)
orbits = animated(partial(animation.animate_orbits, {"a": CURVES[:, :2]}, title=""))
bars = animated(partial(animation.animate_histogram, target=Normal(), title=""))
game = partial(widgets.draw_game, mean=2, std=2, place=3.5, slope=1)

# What is called, with which argument, and a value that it takes; the keys are the least counts.
COUNTS = {
    -2: [(lambda frame: plots.plot_frame(ax(), run(), frame), "frame", 1)],
    0: [
        (partial(floor, n=5, repeats=3), "seed", 3),
        (partial(games.gradient_play, "alternating", 0.5), "num_steps", 3),
        (partial(games.dirac_play, "alternating", 0.5), "num_steps", 3),
        (partial(scripted, total_frames=9), "frame", 3),
        (partial(networks.build_generator, hidden_dim=2), "seed", 3),
        (partial(networks.build_discriminator, hidden_dim=2), "seed", 3),
        (gap, "seed", 3),
        (train, "seed", 3),
        (lambda worst: fan(ax=ax(), worst=worst), "worst", 1),
    ],
    1: [
        *((partial(t.sample, seed=0), "n", 3) for t in (Normal(), bimodal(), TwoPoint())),
        *(
            (partial(t.draw, rng=0), "n", 3)
            for t in (Normal(), Uniform(), Exponential(), bimodal())
        ),
        (partial(distributions.true_distribution, seed=0), "n", 3),
        (partial(metrics.histogram, samples=SAMPLES, low=0, high=9), "bins", 4),
        (partial(floor, repeats=3), "n", 5),
        (partial(floor, n=5), "repeats", 3),
        (partial(scripted, frame=0), "total_frames", 3),
        (partial(simulation.simulate_training, GRID), "num_frames", 3),
        *(
            (partial(networks.build_generator, seed=0), f"{what}_dim", 3)
            for what in ("latent", "hidden", "data")
        ),
        *(
            (partial(networks.build_discriminator, seed=0), f"{what}_dim", 3)
            for what in ("hidden", "data")
        ),
        *(
            (partial(build, hidden_dim=2, seed=0), "hidden_layers", 2)
            for build in (networks.build_generator, networks.build_discriminator)
        ),
        (partial(networks.sample_noise, latent_dim=2, rng=0), "n", 3),
        (partial(networks.sample_noise, n=2, rng=0), "latent_dim", 3),
        (partial(networks.generate, g(), rng=0), "n", 3),
        (gap, "n", 60),
        (partial(raw_weights.initialize_weights, seed=0), "in_dim", 3),
        (partial(raw_weights.initialize_weights, seed=0), "hidden_dim", 3),
        (partial(training.sample_real, Normal(), rng=0), "n", 3),
        (g_step, "batch_size", 4),
        *(
            (call, name, 3)
            for call in (train, train_two)
            for name in ("steps", "every", "d_steps")
        ),
        (lambda bins: plots.plot_samples(ax(), SAMPLES, Normal(), bins), "bins", 4),
        (moving, "num_frames", 3),
        (animated(create), "num_frames", 2),
        (lambda bins: bars(history=run(), bins=bins), "bins", 4),
        (partial(widgets.impostor, low=0, high=1, share=0.5), "n", 4),
    ],
    2: [
        (partial(metrics.js_estimate, samples=SAMPLES, target=Normal()), "bins", 4),
        (gap, "bins", 4),
        *((call, "batch_size", 3) for call in (train, train_two)),
    ],
}
# The keys are numbers out of range.
NUMBERS = {
    (): [
        (Normal, "mean", 2.0),
        (partial(Uniform, low=-2), "high", 2.0),
        (partial(Uniform, high=9), "low", 2.0),
        (partial(TwoPoint, low=-2), "high", 2.0),
        (partial(TwoPoint, high=9), "low", 2.0),
        (bimodal, "mean", 2.0),
        (partial(distributions.true_distribution, 3, 0), "mean", 2.0),
        (partial(metrics.histogram, samples=SAMPLES, high=9), "low", 2.0),
        (partial(metrics.histogram, samples=SAMPLES, low=-100), "high", 2.0),
        (partial(simulation.compute_ground_truth, GRID), "mean", 2.0),
        *((scripted, f"{end}_mean", 3.0) for end in ("init", "target")),
        (
            partial(simulation.compute_discriminator_prob, *CURVES, form="density_difference"),
            "factor",
            2.0,
        ),
        *(
            (lambda **s: game(ax=ax(), **s), name, 2.0)
            for name in ("mean", "std", "place", "slope")
        ),
        *(
            (partial(widgets.impostor, n=4, low=0, high=1, share=0), name, 0.5)
            for name in ("low", "high", "share")
        ),
        (partial(losses.squared_mean_loss, torch.ones(2)), "target_mean", 2.0),
        (partial(losses.stats_loss, torch.ones(2)), "target_std", 2.0),
    ],
    (0, 0.0, -1e-300): [
        (Normal, "std", 2.0),
        (Exponential, "rate", 2.0),
        (bimodal, "std", 2.0),
        (partial(bimodal, std=3), "within", 2.0),
        (partial(distributions.true_distribution, 3, 0), "std", 2.0),
        (partial(games.gradient_play, "extragradient", num_steps=2), "step", 0.5),
        (dirac, "step", 0.5),
        (partial(games.dirac_jacobian, "alternating"), "step", 0.5),
        (partial(simulation.compute_ground_truth, GRID), "std", 2.0),
        *((scripted, f"{end}_std", 3.0) for end in ("init", "target")),
        *((maker, f"learning_rate_{who}", 0.5) for maker in (train, train_two) for who in "gd"),
        (adam, "learning_rate", 0.5),
        (adam, "eps", 0.5),
        (moving, "interval", 50.0),
        (animated(create), "interval", 50.0),
        (lambda interval: bars(history=run(), interval=interval), "interval", 50.0),
        (orbits, "interval", 50.0),
        (orbits, "reach", 2.0),
    ],
    (-1e-9,): [
        (dirac, "penalty", 0.5),
        (partial(games.dirac_jacobian, "alternating", 0.5), "penalty", 0.5),
    ],
    (-1e-9, 1): [(partial(metrics.modes_covered, SAMPLES, bimodal()), "share", 0.5)],
}
SOURCES = [
    *((partial(t.sample, 3), "seed") for t in (Normal(), Uniform(), Exponential(), bimodal())),
    *((partial(t.draw, 3), "rng") for t in (Normal(), Uniform(), Exponential(), bimodal())),
    (partial(TwoPoint().draw, 3), "rng"),
    (partial(distributions.true_distribution, 3), "seed"),
    (raw_weights.unknown_normal, "seed"),
    (raw_weights.initialize_weights, "seed"),
    (partial(networks.sample_noise, 3, 2), "rng"),
    (partial(networks.generate, g(), 3), "rng"),
    (partial(training.sample_real, Normal(), 3), "rng"),
    (d_step, "rng"),
    (g_step, "rng"),
]
METRICS = [
    metrics.w1_distance,
    metrics.ks_distance,
    metrics.js_estimate,
    metrics.mean_error,
    metrics.std_error,
]
VECTORS = [  # an (n, 1) column is as good; no NaN, no infinity, not empty
    *((partial(metric, target=Normal()), "samples", SAMPLES) for metric in METRICS),
    (partial(metrics.modes_covered, target=bimodal()), "samples", SAMPLES),
    (partial(metrics.sample_density, x=GRID), "samples", SAMPLES),
    (partial(metrics.sample_density, SAMPLES), "x", GRID),
    (partial(metrics.histogram, low=0, high=9), "samples", SAMPLES),
    (partial(games.gradient_play, "alternating", 0.5, 2), "start", np.array([0.5, 1.0])),
    (dirac, "start", np.array([0.5, 1.0])),
    (partial(simulation.simulate_training, num_frames=2), "x", GRID),
    (partial(networks.probability, d()), "x", GRID),
    (train, "x", GRID),
    (d_step, "real", SAMPLES),
    (lambda samples: plots.plot_samples(ax(), samples, Normal()), "samples", SAMPLES),
    (lambda x: plots.plot_densities(ax(), x, CURVES[0]), "x", GRID),
    (lambda scores: plots.plot_scores(ax(), "abcdef", scores, FLOOR), "scores", SAMPLES),
    (lambda x: fan(ax=ax(), x=x), "x", GRID),
    (animated(create), "x", GRID),
]
ARRAYS = [
    *(
        (getattr(t, f), "x", CURVES)
        for t in (Normal(), bimodal())
        for f in ("pdf", "logpdf", "cdf", "survival")
    ),
    *((getattr(TwoPoint(), f), "x", CURVES) for f in ("cdf", "survival")),
    *(
        (getattr(t, f), "u", CURVES)
        for t in (Uniform(), bimodal(), TwoPoint())
        for f in ("quantile", "upper_quantile")
    ),
    (partial(theory.optimal_discriminator, Normal(), bimodal()), "x", CURVES),
    (games.pure_values, "payoffs", CURVES),
    (games.solve_zero_sum, "payoffs", CURVES),
    (simulation.compute_ground_truth, "x", CURVES),
    (scripted, "x", CURVES),
    (partial(simulation.compute_discriminator_prob, gen_pdf=CURVES), "real_pdf", CURVES[:, ::-1]),
    (partial(simulation.compute_discriminator_prob, CURVES), "gen_pdf", CURVES[:, ::-1]),
    (by_hand, "x", SAMPLES[:, None]),
    (by_hand, "hidden", CURVES.reshape(6, 2) @ np.ones((2, 3))),
    (by_hand, "d_out", SAMPLES[:, None]),
    (hand_gradients, "real", SAMPLES[:, None]),
    (hand_gradients, "fake", SAMPLES[:, None]),
    (lambda p_g: plots.plot_densities(ax(), GRID, p_g=p_g), "p_g", CURVES[0]),
    (lambda values: fan(ax=ax(), values=values), "values", CURVES),
    *((animated(create), f"{who}_data", CURVES) for who in ("generator", "discriminator")),
]
TENSORS = [
    (partial(losses.discriminator_loss, fake_logits=torch.ones(3)), "real_logits"),
    *((f, "fake_logits") for f in (losses.saturating_loss, losses.nonsaturating_loss)),
    *((f, "fake") for f in (losses.mean_loss, losses.squared_mean_loss, losses.stats_loss)),
    (partial(raw_weights.generator, weights=raw_weights.initialize_weights(2, 3, 0)), "z"),
    (partial(raw_weights.discriminator, weights=raw_weights.initialize_weights(1, 3, 0)), "x"),
]


def label(value):
    """A short name for a case in the list of the tests."""
    return value if isinstance(value, str) else ""


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


def by_limit(cases):
    return [(limit, *case) for limit, group in cases.items() for case in group]


@pytest.mark.parametrize(("least", "call", "name", "value"), by_limit(COUNTS), ids=label)
def test_counts(least, call, name, value):
    kinds = [np.int64(value), np.uint8(value), np.array(value), torch.tensor(value)]
    same(call, name, value, kinds)
    not_counts = [True, np.True_, float(value), value + 0.5, math.nan, "3", [value], 1j]
    for bad in (*not_counts, least - 1, -99):
        refuses(call, name, bad)


@pytest.mark.parametrize(("beyond", "call", "name", "value"), by_limit(NUMBERS), ids=label)
def test_numbers(beyond, call, name, value):
    kinds = [np.float32(value), Fraction(value), np.array(value), torch.tensor(value)]
    kinds += [torch.tensor(value, requires_grad=True)]
    if value == int(value):
        kinds += [int(value), np.int8(value), np.uint8(value)]
    same(call, name, value, kinds)
    not_numbers = [True, np.True_, math.nan, math.inf, -math.inf, "3", None, [value], np.ones(3)]
    for bad in (*not_numbers, 1j, 10**400, *beyond):
        refuses(call, name, bad)


@pytest.mark.parametrize(("call", "name"), SOURCES, ids=label)
def test_sources_of_random_numbers(call, name):
    kinds = [np.int64(3), np.array(3), torch.tensor(3), np.random.default_rng(3)]
    same(call, name, 3, kinds)
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


NO_ARRAYS = ["abc", None, [None], ["1"], [True, False], [1j], [[1, 2], [3]], torch.tensor([True])]


@pytest.mark.parametrize(("call", "name", "value"), VECTORS, ids=label)
def test_vectors(call, name, value):
    same(call, name, value, [*of_kinds(value), value[:, None], torch.tensor(value)[:, None]])
    bad_ones = [[], np.empty((0, 1)), 3.0, np.array(3.0), np.r_[value[:-1], math.nan]]
    for bad in (*NO_ARRAYS, *bad_ones, np.r_[math.inf, value[1:]]):
        if bad is not None or name != "x" or call is not train:  # None is its default
            refuses(call, name, bad)


@pytest.mark.parametrize(("call", "name", "value"), ARRAYS, ids=label)
def test_arrays(call, name, value):
    value = np.ascontiguousarray(value)
    same(call, name, value, of_kinds(value))
    for bad in NO_ARRAYS:
        if bad is not None or name != "p_g":  # None is its default
            refuses(call, name, bad)


@pytest.mark.parametrize(("call", "name"), TENSORS, ids=label)
def test_tensors(call, name):
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
