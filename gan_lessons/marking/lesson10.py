"""The tasks of the capstone: six diagnoses from curves, and six cures."""

from collections.abc import Callable, Sequence
from typing import Any

from gan_lessons.capstone import TRUTH
from gan_lessons.marking.task import Task, Verdict, no_cases
from gan_lessons.marking.words import DIAGNOSES, word
from gan_lessons.trials import Case, Plain

# What each disease, and health, shows on each curve.  Two that show the same have the same words.
SIGNS: dict[str, dict[str, str]] = {
    "healthy": {
        "W1": "a W1 that comes down into its floor",
        "losses": "losses at log 4 and log 2",
        "mean and std": "a mean and a std that stay on their dashed lines",
        "gap": "both D losses at log 4",
        "samples": "bars that fill the dashed density",
    },
    "mode collapse": {
        "samples": "bars under one of several peaks, and none under another",
        "losses": "losses at rest away from log 4 and log 2, and above 0",
        "mean and std": "a mean at rest on a peak, with too small a std",
        "gap": "a D that sees what is wrong: little between the two D losses, below log 4",
        "W1": "a W1 that stays above its floor",
    },
    "cycling": {
        "mean and std": "a mean that swings to and fro through its dashed line until the end",
        "W1": "a W1 that goes up and down until the end",
        "losses": "losses around log 4 and log 2",
        "gap": "a best D loss that goes up and down",
        "samples": "bars that lie beside the dashed density at one time, and under it at another",
    },
    "saturation": {
        "losses": "a D loss at 0",
        "mean and std": "a mean that hardly moves, far from its dashed line",
        "gap": "both D losses near 0",
        "W1": "a W1 that stays above its floor",
        "samples": "bars that p_data does not reach",
    },
    "blind discriminator": {
        "gap": "a D loss at log 4, and the best possible one well below it",
        "losses": "losses at log 4 and log 2",
        "mean and std": "a mean on its dashed line, while the std need not be far off",
        "W1": "a W1 that stays above its floor",
        "samples": "bars where the dashed density is low",
    },
    "mean loss": {
        "losses": "one loss alone, and one that falls without end",
        "mean and std": "a mean that passes its dashed line and runs on",
        "W1": "a W1 that ends by growing",
        "gap": "no D at all",
        "samples": "bars far beyond the dashed density",
    },
    "squared mean loss": {
        "losses": "one loss alone, which comes to rest near 0",
        "mean and std": "the right mean with a wrong std",
        "gap": "no D at all",
        "W1": "a W1 that stays above its floor",
        "samples": "bars at the right place, too wide or too narrow",
    },
    "diverged": {
        "losses": "curves that break off",
        "W1": "a W1 that breaks off",
        "mean and std": "a mean that breaks off",
        "gap": "curves that break off",
        "samples": "no samples at the end",
    },
}

CURVES = {
    "W1": "W1",
    "losses": "the losses",
    "mean and std": "mean and std",
    "gap": "the gap",
    "samples": "the samples",
}

# How many of 32 such patients are healthy with each cure; what is not named has not been counted.
CURES = (
    "leave it alone",
    "non-saturating loss",
    "slower D",
    "faster G",
    "larger D",
    "β1 = 0.5",
    "larger batch",
    "more steps of D",
    "centre the data",
    "a loss that asks for the spread",
)
HEALED: dict[str, dict[str, int]] = {
    "healthy": {},
    "mode collapse": {"slower D": 30, "faster G": 32, "β1 = 0.5": 0},
    "cycling": {"β1 = 0.5": 25, "centre the data": 21},
    "saturation": {"non-saturating loss": 32, "slower D": 29, "faster G": 19, "β1 = 0.5": 1},
    "blind discriminator": {"larger D": 0, "centre the data": 19},
    "squared mean loss": {"a loss that asks for the spread": 32},
}
MOST = 16


def _run(answer: Any, case: Case) -> Plain:
    if not isinstance(answer, dict):
        return ""
    texts = {key: said if isinstance(said, str) else "" for key, said in answer.items()}
    return {str(key).strip().upper(): said for key, said in texts.items()}


def _judge(
    known: Sequence[str], objection: Callable[[str, str, str], str], praise: str
) -> Callable[[Sequence[Case], Sequence[Plain]], Verdict]:
    """``objection(letter, truth, said)`` is empty for what is right."""

    def judge(cases: Sequence[Case], results: Sequence[Plain]) -> Verdict:
        (said,) = results
        if not isinstance(said, dict):
            return Verdict(0, 'Write a dictionary with a text for each case: {"A": …, "B": …}.')
        complaints = []
        for letter, truth in TRUTH.items():
            words = word(said.get(letter, ""), known)
            if not words.strip():
                complaints.append(f"Case {letter} is still open.")
            elif words not in known:
                complaints.append(f"Case {letter}: “{words}” is not on the list.")
            elif objected := objection(letter, truth, words):
                complaints.append(objected)
        if not complaints:
            return Verdict(1, praise)
        right = len(TRUTH) - len(complaints)
        return Verdict(right / len(TRUTH), f"{right} of 6 are right. {complaints[0]}")

    return judge


def _contradiction(letter: str, truth: str, said: str) -> str:
    """What ``said`` would show, on the first curve that shows something else."""
    if said == truth:
        return ""
    curve, sign = next(
        (curve, sign) for curve, sign in SIGNS[said].items() if SIGNS[truth][curve] != sign
    )
    return f"Look at case {letter} again, at {CURVES[curve]}: “{said}” would show {sign}."


def _untreated(letter: str, truth: str, said: str) -> str:
    """Why ``said`` does not heal, or an empty text."""
    nothing = CURES[0]
    if truth == "healthy":
        return "" if said == nothing else f"Case {letter}: what do you treat here?"
    if said == nothing:
        return f"Case {letter}: hold W1 against its floor. Is this the end of the treatment?"
    well = HEALED[truth].get(said)
    if well is None:
        return f"Case {letter}: “{said}” has no count on such patients. Which cure has?"
    if well <= MOST:
        return f"Case {letter}: of 32 such patients {well} are well with “{said}”."
    return ""


capstone = Task(
    objective="to read losses",
    ask=no_cases,
    run=_run,
    judge=_judge(DIAGNOSES, _contradiction, "All six are right."),
    also="to rule out a diagnosis",
)

cures = Task(
    objective="to choose a cure",
    ask=no_cases,
    run=_run,
    judge=_judge(
        CURES, _untreated, "With each of these, more than half of 32 such patients are well."
    ),
)
