"""The bar of long work: there while it runs, gone at the end, silent on request."""

import time

import pytest

from gan_lessons.progress import patience, progress


@pytest.fixture
def switch(monkeypatch):
    """Set or clear TQDM_DISABLE."""

    def set_to(value):
        if value is None:
            monkeypatch.delenv("TQDM_DISABLE", raising=False)
        else:
            monkeypatch.setenv("TQDM_DISABLE", value)

    return set_to


def test_a_bar_is_shown_and_wiped(switch, capsys):
    switch(None)
    assert list(progress(range(3), "training")) == [0, 1, 2]
    shown = capsys.readouterr().err
    assert "training" in shown
    assert "3/3" in shown or "0/3" in shown
    assert not shown.split("\r")[-1].strip(" \x1b[A\n")


def test_the_total_can_be_named_where_there_is_no_length(switch, capsys):
    switch(None)
    assert list(progress(iter("ab"), "drawing", total=2)) == ["a", "b"]
    assert "/2" in capsys.readouterr().err


def test_it_is_silent_on_request(switch, capsys):
    switch("1")
    assert list(progress(range(3), "training")) == [0, 1, 2]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "silent", "told"), [(0.3, "", True), (0.0, "", False), (0.3, "1", False)]
)
def test_patience_is_asked_for_what_takes_long(monkeypatch, capsys, seconds, silent, told):
    monkeypatch.setenv("TQDM_DISABLE", silent)
    with patience("soon", after=0.05):
        time.sleep(seconds)
    assert (capsys.readouterr().err == "soon\n") == told
