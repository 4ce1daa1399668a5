"""Trials: what a student's process needs, and no more."""

import json
import subprocess
import sys

import pytest

from gan_lessons import marking, trials
from gan_lessons.trials import attempt, attempt_as_text, plain, runs, torch_runs
from tools.assignments import answers_of, texts

GRADED = [task for text in texts() for task in answers_of(text)]
HALF = "half \ud800"  # of a character, which UTF-8 can't write


@pytest.mark.parametrize("name", GRADED)
def test_a_graded_tasks_run_is_found_by_its_name(name):
    run = marking.find(name).run
    names = vars(runs) | vars(torch_runs)
    assert run in (trials.value, trials.call) or run is names[run.__name__]


def test_a_trial_needs_no_judge():
    code = (
        "import sys, gan_lessons.trials as t\n"
        "print(t.attempt_as_text('call', lambda x: 2 * x, '[{\"x\": 2}]'))\n"
        "assert not [name for name in sys.modules if name.startswith('gan_lessons.marking')]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf8", check=True
    )
    assert json.loads(done.stdout)["results"] == [4.0]


@pytest.mark.parametrize("given", [HALF, {HALF: 1.0}, [HALF, HALF + "s"], [[HALF], 1.0]])
def test_half_a_character_breaks_nobody(given):
    json.dumps(plain(given), ensure_ascii=False).encode()
    told = json.loads(attempt_as_text("value", given, "[{}]"))
    json.dumps(told, ensure_ascii=False).encode()


def test_half_a_character_in_an_error_breaks_nobody():
    def fails(x):
        raise ValueError(HALF)

    outcome = attempt(trials.call, fails, [{"x": 1}])
    assert "half \\ud800" in outcome.words
    outcome.words.encode()
