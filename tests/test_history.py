import dataclasses
import errno
import io
import os

import numpy as np
import pytest

from gan_lessons.history import History


def made_up(snapshots=3, points=5, steps=4, blind=False):
    rng = np.random.default_rng(0)
    d = np.full((snapshots, points), np.nan) if blind else rng.random((snapshots, points))
    return History(
        steps=np.array([0, 2, 4])[:snapshots],
        x=np.linspace(0, 1, points),
        p_data=rng.random(points),
        p_g=rng.random((snapshots, points)),
        d=d,
        samples=rng.normal(size=(snapshots, 7)),
        averaged=rng.normal(size=(snapshots, 7)),
        mean=rng.random(snapshots),
        std=rng.random(snapshots),
        g_loss=rng.random(steps),
        d_loss=np.full(steps, np.nan) if blind else rng.random(steps),
    )


@pytest.mark.parametrize("blind", [False, True])
def test_what_is_saved_comes_back(tmp_path, blind):
    history = made_up(blind=blind)
    history.save(tmp_path / "run.npz")
    back = History.load(str(tmp_path / "run.npz"))
    for field in dataclasses.fields(History):
        before, after = getattr(history, field.name), getattr(back, field.name)
        assert before.dtype == after.dtype
        np.testing.assert_array_equal(before, after)
    assert back.has_discriminator is (not blind)
    assert os.listdir(tmp_path) == ["run.npz"]


def test_a_saved_file_can_be_read_by_others(tmp_path):
    made_up().save(tmp_path / "run.npz")
    (tmp_path / "plain").write_text("", encoding="utf8")
    assert (tmp_path / "run.npz").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_snapshot_at_finds_the_snapshot_of_a_step():
    assert [made_up().snapshot_at(step) for step in (0, 2, 4)] == [0, 1, 2]
    assert made_up().snapshot_at(np.int64(4)) == made_up().snapshot_at(np.array(4)) == 2
    assert made_up(snapshots=1).snapshot_at(0) == 0


@pytest.mark.parametrize("step", [1, 5, -1, "2", None, [2], 2.5, False])
def test_snapshot_at_names_the_steps_that_were_recorded(step):
    with pytest.raises(ValueError, match=r"^step is .*: snapshots were taken at 0, 2, …, 4"):
        made_up().snapshot_at(step)


def test_a_run_cannot_be_changed_by_accident():
    with pytest.raises(dataclasses.FrozenInstanceError):
        made_up().steps = None


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("place", ["write", "replace"])
def test_a_save_that_fails_midway_leaves_the_old_file(tmp_path, monkeypatch, error, place):
    made_up().save(tmp_path / "run.npz")
    before = (tmp_path / "run.npz").read_bytes()
    whole = np.savez

    def half(file, **arrays):
        whole(file, x=arrays["x"])
        raise error

    def refuse(*_):
        raise error

    module, name, fails = {"write": (np, "savez", half), "replace": (os, "replace", refuse)}[place]
    monkeypatch.setattr(module, name, fails)
    with pytest.raises(type(error)):
        made_up(blind=True).save(tmp_path / "run.npz")
    assert os.listdir(tmp_path) == ["run.npz"]
    assert (tmp_path / "run.npz").read_bytes() == before


def test_save_and_load_refuse_what_is_no_path_to_such_a_file(tmp_path):
    with pytest.raises(ValueError, match=r"^path is .*run\.npy': it must end in \.npz"):
        made_up().save(tmp_path / "run.npy")
    with pytest.raises(FileNotFoundError):
        History.load(tmp_path / "run.npz")
    with pytest.raises(ValueError, match=r"^path is 3"):
        History.load(3)
    assert os.listdir(tmp_path) == []


def test_load_names_what_is_missing(tmp_path):
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(ValueError, match=r"^path is .*other\.npz': it lacks steps, p_data, p_g"):
        History.load(tmp_path / "other.npz")


def saved(save, *what):
    save(file := io.BytesIO(), *what)
    return file.getvalue()


WHOLE = saved(np.savez, np.zeros(3))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        b"PK\x03\x04 broken",
        b"\x93NUMPY",
        saved(np.save, np.zeros(3)),
        WHOLE[: len(WHOLE) // 2],
    ],
)
def test_load_refuses_another_kind_of_file(tmp_path, content):
    (tmp_path / "run.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"^path is .*run\.npz': it must be a file that History"):
        History.load(tmp_path / "run.npz")
