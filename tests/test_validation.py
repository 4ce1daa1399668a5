import math
from fractions import Fraction

import numpy as np
import pytest

from gan_lessons import validation

NOT_NUMBERS = [True, np.True_, "1", None, [1.0], 1j, math.nan]


@pytest.mark.parametrize("value", [0, -3, 2.5, Fraction(1, 2), np.float32(0.5), np.int64(7)])
def test_finite_gives_the_value_as_a_float(value):
    assert validation.finite("a", value) == value
    assert type(validation.finite("a", value)) is float


@pytest.mark.parametrize("value", [*NOT_NUMBERS, math.inf, -math.inf, 10**400])
def test_finite_refuses(value):
    with pytest.raises(ValueError, match=r"^mean is .*: it must be a finite number$"):
        validation.finite("mean", value)


@pytest.mark.parametrize("value", [*NOT_NUMBERS, 0, 0.0, -1e-300, math.inf, 10**400])
def test_positive_refuses(value):
    with pytest.raises(ValueError, match=r"^std is .*: it must be a finite number above 0$"):
        validation.positive("std", value)


def test_positive_takes_the_smallest_number_above_zero():
    assert validation.positive("std", 5e-324) == 5e-324


@pytest.mark.parametrize("value", [*NOT_NUMBERS, -1e-9, 1, math.inf])
def test_between_refuses_all_outside_the_half_open_interval(value):
    with pytest.raises(ValueError, match=r"^beta is .*: it must be at least 0 and below 1$"):
        validation.between("beta", value, 0, 1)


@pytest.mark.parametrize("value", [0, 0.5, math.nextafter(1, 0)])
def test_between_takes_the_half_open_interval(value):
    assert validation.between("beta", value, 0, 1) == value


@pytest.mark.parametrize("value", [*NOT_NUMBERS, 0, -1, 2.0, 2.5])
def test_count_refuses(value):
    with pytest.raises(ValueError, match=r"^n is .*: it must be a whole number, 1 or more$"):
        validation.count("n", value)


def test_count_takes_its_minimum_and_numpy_integers():
    assert validation.count("n", 0, minimum=0) == 0
    assert type(validation.count("n", np.int32(4))) is int


def test_choice_names_the_nearest_known_name():
    with pytest.raises(ValueError, match=r"^form is 'optimum' \(did you mean 'optimal'\?\)"):
        validation.choice("form", "optimum", ("optimal", "other"))


@pytest.mark.parametrize("value", ["zzz", None, 3, ["optimal"], np.array(["optimal", "other"])])
def test_choice_lists_what_is_allowed(value):
    with pytest.raises(ValueError, match=r"^form is .*: it must be one of optimal, other$"):
        validation.choice("form", value, ("optimal", "other"))


@pytest.mark.parametrize("value", [[1, 2], [[1.0], [2.0]], np.array([1, 2], np.float32), range(3)])
def test_vector_flattens_a_column_to_floats(value):
    array = validation.vector("x", value)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, np.asarray(value).ravel())


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ([], r"x has shape \(0,\)"),
        (3.0, r"x has shape \(\)"),
        ([[1, 2], [3, 4]], r"x has shape \(2, 2\)"),
        ([1.0, math.nan], "x holds NaN or infinity"),
        ([1.0, math.inf], "x holds NaN or infinity"),
        ("abc", "x holds"),
        (["1", "2"], "x holds"),
        ([True, False], "x holds"),
        ([1j], "x holds"),
        (None, "x holds"),
        ([[1, 2], [3]], "x is"),
    ],
)
def test_vector_refuses_and_names_the_argument(value, complaint):
    with pytest.raises(ValueError, match=complaint):
        validation.vector("x", value)


def test_vector_asks_for_its_minimum():
    with pytest.raises(ValueError, match="n >= 2"):
        validation.vector("x", [1.0], minimum=2)


@pytest.mark.parametrize("seed", [True, -1, 1.5, "0", [1]])
def test_random_source_refuses(seed):
    with pytest.raises(ValueError, match=r"^seed is .*: it must be a whole number, 0 or more"):
        validation.random_source("seed", seed)


def test_random_source_hands_a_generator_through_and_repeats_a_seed():
    rng = np.random.default_rng(1)
    assert validation.random_source("seed", rng) is rng
    first, second = (validation.random_source("seed", 7).random() for _ in range(2))
    assert first == second == np.random.default_rng(7).random()


def test_output_path_refuses_what_cannot_be_written(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"^out is .*a\.txt': it must end in \.npz$"):
        validation.output_path("out", tmp_path / "a.txt", ".npz")
    with pytest.raises(FileNotFoundError, match=r"^out is .*there is no folder .*nowhere"):
        validation.output_path("out", tmp_path / "nowhere" / "a.npz", ".npz")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(IsADirectoryError, match=r"^out is .*folder\.npz.*a folder"):
        validation.output_path("out", tmp_path / "folder.npz", ".npz")
    # The permissions themselves do not bind an administrator.
    monkeypatch.setattr(validation.os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"^out is .*can't be written to"):
        validation.output_path("out", tmp_path / "a.npz", ".npz")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.npz"]


def test_output_path_takes_text_a_path_and_capitals(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert validation.output_path("out", "a.mp4", ".mp4").name == "a.mp4"
    assert validation.output_path("out", tmp_path / "A.MP4", ".mp4") == tmp_path / "A.MP4"


@pytest.mark.parametrize("value", [3, None, True])
def test_output_path_refuses_what_is_no_path(value):
    with pytest.raises(ValueError, match=r"^out is .*: it must be a path that ends in \.npz$"):
        validation.output_path("out", value, ".npz")
