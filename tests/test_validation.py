import math
from fractions import Fraction

import numpy as np
import pytest

from gan_lessons import validation

NOT_NUMBERS = [True, np.True_, "1", None, [1.0], 1j, math.nan]
NAMES = ("optimal", "other")


@pytest.mark.parametrize(
    ("check", "limits", "bad_ones", "allowed"),
    [
        (validation.finite, (), [math.inf, -math.inf, 10**400], "a finite number$"),
        (validation.positive, (), [0, 0.0, -1e-300, math.inf], "a finite number above 0$"),
        (validation.between, (0, 1), [-1e-9, 1, math.inf], "at least 0 and below 1$"),
        (validation.decay_rates, (), [(0.5,), (0.5,) * 3], r"two numbers, each in \[0, 1\)$"),
        (validation.count, (), [0, -1, 2.0, 2.5], "a whole number, 1 or more$"),
        (validation.choice, (NAMES,), ["zzz", np.array(NAMES)], "one of optimal, other$"),
        (validation.random_source, (), [-1, 1.5], "a whole number, 0 or more, or a numpy Gen"),
        (validation.output_path, (".npz",), [3], r"a path that ends in \.npz$"),
    ],
)
def test_the_error_names_argument_value_and_what_is_allowed(check, limits, bad_ones, allowed):
    fits = {validation.random_source: [None], validation.output_path: ["1"]}.get(check, [])
    for bad in [*bad_ones, *(value for value in NOT_NUMBERS if value not in fits)]:
        with pytest.raises(ValueError, match=rf"^given is .*: it must be {allowed}"):
            check("given", bad, *limits)


@pytest.mark.parametrize("value", [0, -3, 2.5, Fraction(1, 2), np.float32(0.5), np.int64(7)])
def test_a_number_becomes_a_float(value):
    assert validation.finite("a", value) == value
    assert type(validation.finite("a", value)) is float


def test_the_ends_of_what_is_allowed():
    assert validation.positive("std", 5e-324) == 5e-324
    assert validation.between("beta", 0, 0, 1) == 0
    assert validation.between("beta", math.nextafter(1, 0), 0, 1) < 1
    assert validation.count("n", 0, minimum=0) == 0
    assert type(validation.count("n", np.int32(4))) is int


def test_choice_names_the_nearest_known_name():
    with pytest.raises(ValueError, match=r"^form is 'optimum' \(did you mean 'optimal'\?\)"):
        validation.choice("form", "optimum", NAMES)


@pytest.mark.parametrize("value", [[1, 2], [[1.0], [2.0]], np.array([1, 2], np.float32), range(3)])
def test_vector_flattens_a_column_to_floats(value):
    array = validation.vector("x", value)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, np.asarray(value).ravel())


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ([], r"has shape \(0,\)"),
        (3.0, r"has shape \(\)"),
        ([[1, 2], [3, 4]], r"has shape \(2, 2\)"),
        ([1.0], r"has shape \(1,\): .*n >= 2"),
        ([1.0, math.nan], "holds NaN or infinity"),
        ([1.0, math.inf], "holds NaN or infinity"),
        (None, "holds entries of type"),
        (["1", "2"], "holds entries of type"),
        ([True, False], "holds entries of type"),
        ([[1, 2], [3]], "is .*an array of numbers"),
        ([3.0, 3.0], "holds 3.0 alone"),
    ],
)
def test_a_grid_is_a_vector_that_spans_an_interval(value, complaint):
    with pytest.raises(ValueError, match=f"^x {complaint}"):
        validation.grid("x", value)


def test_random_source_hands_a_generator_through_and_repeats_a_seed():
    rng = np.random.default_rng(1)
    assert validation.random_source("seed", rng) is rng
    first, second = (validation.random_source("seed", 7).random() for _ in range(2))
    assert first == second == np.random.default_rng(7).random()


def test_output_path_refuses_what_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "folder.npz").mkdir()
    for path, error, complaint in (
        ("a.txt", ValueError, r"a\.txt': it must end in \.npz$"),
        ("nowhere/a.npz", FileNotFoundError, "there is no folder .*nowhere"),
        ("folder.npz", IsADirectoryError, r"folder\.npz.*a folder"),
    ):
        with pytest.raises(error, match=f"^out is .*{complaint}"):
            validation.output_path("out", tmp_path / path, ".npz")
    # The permissions themselves do not bind an administrator.
    monkeypatch.setattr(validation.os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"^out is .*can't be written to"):
        validation.output_path("out", tmp_path / "a.npz", ".npz")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.npz"]


def test_output_path_takes_text_a_path_and_capitals(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert validation.output_path("out", "a.mp4", ".mp4").name == "a.mp4"
    assert validation.output_path("out", tmp_path / "A.MP4", ".mp4") == tmp_path / "A.MP4"
