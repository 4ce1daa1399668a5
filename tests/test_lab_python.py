"""What "Copy as Python" copies trains the run of the page: its numbers are those of the lab."""

import ast

import numpy as np
import pytest
import torch
from torch import nn

from gan_lessons.distributions import Normal, Target, TwoPoint
from gan_lessons.lab import chance, same_run
from gan_lessons.losses import GENERATOR_LOSSES
from gan_lessons.networks import build_discriminator, build_generator
from tests.few import first_quick
from tests.lab_runtime import sources

TOLERANCE = 1e-9
STEPS = 20  # rounding grows on the way
KINDS = {
    "normal": {"mean": 2, "std": 1.5},
    "mixture": {"mean": 0.5, "std": 0.4, "gap": 3},
    "uniform": {"mean": -2, "std": 1.2},
    "exponential": {"mean": 3, "std": 1.5},
    "two_point": {"mean": 5, "std": 0.7},
    "drawn": {"mean": 1, "std": 0.5, "shape": "z0000000000000a0000012500000009zk"},
}
CURES = {
    "r1": 0.3,
    "r2": 0.2,
    "gradientPenalty": 1.5,
    "average": 0.9,
    "decaySteps": 40,
    "optimistic": "yes",
    "standardise": "yes",
}
PAGE = """(() => {
  const gan = GanLab.createGan(given.settings);
  for (let step = 0; step < given.steps; step++) gan.step();
  const samples = gan.samples();
  const { mean, std } = GanLab.moments(samples, samples.length);
  const shown = { "loss of D": gan.lossD, "loss of G": gan.lossG, mean, std,
                  W1: GanLab.w1(samples, gan.target) };
  return { cell: GanLab.toPython(given.settings, given.steps), shown };
})()"""


def settings_of(case):
    """Settings at random; with the cases, each loss, target and start has its turn."""
    rng, losses, kinds = np.random.default_rng(case), [*GENERATOR_LOSSES], [*KINDS]
    kind = kinds[(case + case // len(kinds)) % len(kinds)]
    cures = {name: CURES[name] for name in CURES if rng.random() < 0.35}
    if "decaySteps" in cures:
        cures["decaySteps"] = int(rng.choice([12, STEPS, 40]))
    return {
        "loss": losses[case % len(losses)],
        "target": {"kind": kind, **KINDS[kind]},
        "start": same_run.STARTS[int(rng.integers(2))],
        "batch": int(rng.choice([2, 17, 64, 128, 300])),
        "rateG": float(rng.choice([0.001, 0.0002, 0.004])),
        "rateD": float(rng.choice([0.001, 0.0002, 0.004])),
        "beta1": float(rng.choice([0.9, 0.5, 0])),
        "beta2": float(rng.choice([0.999, 0.9])),
        "dSteps": int(rng.choice([1, 1, 0, 3])),
        "latent": int(rng.choice([1, 2, 3, 10])),
        "hidden": int(rng.choice([5, 16, 40])),
        "layers": int(rng.choice([1, 2, 3])),
        "seed": int(rng.integers(2**32)),
        **cures,
    }


SPECIAL = {
    "as it comes": {},
    "a D that rests, and is asked": {"dSteps": 0, "loss": "hinge"},
    "pairs for a D that rests": {
        "dSteps": 0,
        "loss": "relativistic",
        "gradientPenalty": 1,
        "standardise": "yes",
        "target": {"kind": "mixture"},
    },
}
CASES = [*SPECIAL.values(), *map(settings_of, range(20))]
LABELS = [*SPECIAL, *range(20)]


def executed(cell, capsys):
    """The names that a cell leaves, and the numbers that it prints."""
    names = {}
    exec(cell, names)
    return names, ast.literal_eval(capsys.readouterr().out)


@pytest.mark.parametrize("i", first_quick(range(len(CASES))), ids=LABELS)
def test_the_cell_prints_what_the_lab_shows(run, capsys, i):
    page = run(sources(), PAGE, {"settings": CASES[i], "steps": STEPS})
    names, printed = executed(page["cell"], capsys)
    shown = {name: value for name, value in page["shown"].items() if value is not None}
    assert printed.pop("step") == STEPS
    assert printed == pytest.approx(shown, rel=TOLERANCE, abs=TOLERANCE)
    assert names["history"].samples.shape == (STEPS + 1, same_run.WATCHED)
    lines = page["cell"].splitlines()
    assert max(map(len, lines)) <= 88
    assert len(lines) <= 15


def test_the_cases_have_all_that_a_lab_can_be_told(run):
    kinds = run(sources(), "Object.keys(GanLab.TARGETS)")
    told = run(sources(), "Object.keys(GanLab.DEFAULTS)")
    cures = run(sources(), "Object.keys(GanLab.SETTINGS).filter((n) => GanLab.SETTINGS[n].cure)")
    assert {case["target"]["kind"] for case in CASES[3:]} == set(kinds)
    assert {case["loss"] for case in CASES[3:]} == set(GENERATOR_LOSSES)
    assert {case["start"] for case in CASES[3:]} == set(same_run.STARTS)
    assert set().union(*CASES) == set(told)
    assert set(CURES) == set(cures)


def test_the_cell_is_short(run):
    assert run(sources(), "GanLab.toPython(given, 2000)", {}) == (
        "from gan_lessons.distributions import Normal\n"
        "from gan_lessons.lab import same_run\n"
        "\n"
        "target = Normal(2, 1.5)\n"
        "generator, discriminator = same_run.build_players(\n"
        '    latent_dim=2, hidden_dim=16, hidden_layers=1, start="normal", seed=0,\n'
        ")\n"
        "history = same_run.train(\n"
        "    target, generator, discriminator, steps=2000, every=20, seed=0,\n"
        "    learning_rate_g=0.001, learning_rate_d=0.001,\n"
        ")\n"
        "print(same_run.numbers(history, target))\n"
    )


@pytest.mark.parametrize("steps", [0, -3, 1.5, None])
def test_a_run_of_no_steps_is_no_cell(run, steps):
    said = run(
        sources(),
        "(() => { try { return GanLab.toPython({}, given); } catch (e) { return e.message; } })()",
        steps,
    )
    assert said.startswith(f"steps is “{'null' if steps is None else steps}”: it must be a whole")


DRAWS = """given.map(([seed, stream]) => {
  const random = GanLab.randomSource(seed, stream);
  const draw = (next) => Array.from({ length: 9 }, next);
  return [draw(random.uniform), draw(random.normal), draw(random.uniform), draw(random.normal)];
})"""


def test_the_random_numbers_are_the_pages(run):
    asked = [(0, 1), (1, 2), (2**32 - 1, 3), (123456789, 4)]
    for (seed, stream), wanted in zip(asked, run(sources(), DRAWS, asked), strict=True):
        source = chance.open_source(seed, stream)
        for i, draw in enumerate((chance.uniforms, chance.normals) * 2):
            found = draw(source, 9)
            # The logarithm and the angle's functions may round differently.
            np.testing.assert_allclose(found, wanted[i], rtol=0 if i % 2 == 0 else 1e-14)


def test_the_networks_are_left_as_the_lab_samples_them():
    target = Normal(5, 0.5)
    generator, discriminator = same_run.build_players(
        latent_dim=3, hidden_dim=8, hidden_layers=2, seed=4
    )
    history = same_run.train(
        target, generator, discriminator, steps=5, seed=4, average=0.9, standardise=True
    )
    watching = chance.open_source(4, chance.WATCHING)
    noise = chance.normals(watching, 3 * same_run.WATCHED).reshape(3, -1).T.copy()
    with torch.no_grad():
        samples = generator(torch.from_numpy(noise)).numpy()[:, 0]
        logits = discriminator(torch.from_numpy(history.x[:, None])).numpy()[:, 0]
    np.testing.assert_allclose(samples, history.averaged[-1], rtol=1e-12)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), history.d[-1], rtol=1e-9)
    assert not np.allclose(history.samples[-1], history.averaged[-1])


def test_looking_more_often_changes_nothing():
    def last(every):
        players = same_run.build_players(latent_dim=1, hidden_dim=4, hidden_layers=1)
        history = same_run.train(TwoPoint(), *players, steps=7, every=every)
        assert np.isnan(history.p_data).all()
        return same_run.numbers(history, TwoPoint())

    assert last(1) == last(3)


PLAYERS = {"latent_dim": 2, "hidden_dim": 4, "hidden_layers": 1}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"start": "zero"}, "^start is 'zero': it must be one of normal, uniform"),
        ({"seed": 2**32}, r"^seed is 4294967296: it must be below 2\*\*32, as in the lab"),
        ({"seed": -1}, "^seed is -1: "),
        ({"hidden_dim": 0}, "^hidden_dim is 0: "),
    ],
)
def test_players_that_no_lab_has_are_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        same_run.build_players(**{**PLAYERS, **changes})


class Far(Target):
    mean, std, _law = 0.0, 1.0, None

    def __repr__(self):
        return "Far()"

    def _draw(self, n, rng):
        return np.zeros(n)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"target": Far()}, r"^target is Far\(\): the lab draws from Normal, Mixture, "),
        ({"seed": 2**32}, "^seed is 4294967296: "),
        ({"d_steps": -1}, "^d_steps is -1: "),
        ({"decay_steps": 0}, "^decay_steps is 0: "),
        ({"steps": 0}, "^steps is 0: "),
        ({"loss": "none"}, "^loss is 'none': "),
        (
            {"discriminator": nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))},
            "^generator is Sequential, discriminator Sequential: both must be perceptrons",
        ),
        ({"discriminator": build_discriminator()}, "^discriminator returns probabilities"),
    ],
)
def test_what_no_lab_trains_is_refused(changes, complaint):
    given = {
        "target": Normal(),
        "generator": build_generator(**PLAYERS),
        "discriminator": build_discriminator(logits=True),
        "steps": 1,
        **changes,
    }
    with pytest.raises(ValueError, match=complaint):
        same_run.train(**given)


def test_a_run_that_diverges_says_so():
    players = same_run.build_players(**PLAYERS)
    with pytest.raises(FloatingPointError, match=r"^the run diverged at step \d+: "):
        same_run.train(Normal(), *players, steps=20, learning_rate_g=1e200)
