"""What the reader of a notebook predicts, and the truth that is shown against it.

``predict`` keeps an answer until the figure comes that ``reveal`` draws it onto.  On the site the
reader answers in the page: ``reveal`` tells it where the axes lie in the picture, and the truth.
"""

import html
import io
import json
import math
import re
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from gan_lessons import validation

YOURS: dict[str, Any] = {"color": "#7A4FB5", "linestyle": (0, (6, 2, 1, 2)), "marker": "o"}
POINTS = 201  # of a curve, at most, for the site

# The answers of this process: a number, or the places and heights of a curve.
_made: dict[str, float | NDArray[np.float64]] = {}


def predict(name: str, value: Any = ..., x: tuple[float, float] | None = None) -> None:
    """Keep ``value`` as the prediction ``name``, until ``reveal`` draws it; ``...`` keeps none.

    A number, or with ``x``, the ends of the axis, a list of heights that are evenly spaced from
    one to the other.  Raises ``ValueError`` for a name that is not made of small letters, digits
    and hyphens, for what is no finite number, and for fewer than two heights.
    """
    _checked(name)
    _made.pop(name, None)
    if value is ...:
        return
    if x is None:
        _made[name] = validation.finite("value", value)
    else:
        heights = validation.vector("value", value, minimum=2)
        ends = validation.grid("x", x)
        _made[name] = np.array([np.linspace(ends[0], ends[-1], len(heights)), heights])


def reveal(name: str, ax: Axes, *, x: ArrayLike | None = None, y: ArrayLike | None = None) -> None:
    """Draw the prediction ``name``, if there is one, onto ``ax``, and print how far off it is.

    The truth is a number on one axis, ``x=`` or ``y=``, or a curve, both with shape (n,).  Call it
    once the limits and labels of ``ax`` are set.  Raises ``ValueError`` for a wrong name, a truth
    that is no finite number or curve, an axis that is neither linear nor logarithmic, and a
    prediction of another kind than the truth.
    """
    _checked(name)
    truth: dict[str, Any] = {}
    if x is not None and y is not None:
        places, heights = validation.grid("x", x), validation.vector("y", y)
        if len(places) != len(heights):
            raise ValueError(
                f"y has {len(heights)} entries: it must have as many as x, {len(places)}"
            )
        order = np.argsort(places, kind="stable")
        truth = {"x": places[order], "y": heights[order]}
    elif x is not None:
        truth = {"x": validation.finite("x", x)}
    elif y is not None:
        truth = {"y": validation.finite("y", y)}
    else:
        raise ValueError("x and y are None: the truth must be a number x, a number y, or a curve")
    tell = {"name": name, **_place(ax), "truth": {k: _rounded(v) for k, v in truth.items()}}
    text = html.escape(json.dumps(tell))
    display(
        {"text/html": f'<span hidden data-reveal="{text}"></span>', "text/plain": ""}, raw=True
    )
    if name in _made:
        print(_draw(ax, _made[name], truth))


def _checked(name: str) -> None:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"name is {name!r}: it must be words-with-hyphens, in small letters")


def _place(ax: Axes) -> dict[str, Any]:
    """Where ``ax`` lies in the picture that the notebook saves, in points, and what it spans."""
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() not in ("linear", "log"):
            raise ValueError(f"an axis of ax is {axis.get_scale()}: it must be linear or log")
    # Text has another width in each format, so the picture itself tells.
    frame = Rectangle((0, 0), 1, 1, transform=ax.transAxes, fill=False, lw=0, gid="place")
    frame.set_in_layout(False)
    ax.add_artist(frame)
    file = io.StringIO()
    ax.figure.canvas.figure.savefig(file, format="svg", bbox_inches="tight")
    frame.remove()
    picture = file.getvalue()
    size = re.search(r'viewBox="0 0 (\S+) (\S+)"', picture)
    path = re.search(r'<g id="place">\s*<path d="([^"]+)"', picture)
    assert size
    assert path
    corners = np.reshape([float(n) for n in re.findall(r"-?[\d.]+", path[1])], (-1, 2))
    return {
        "size": [round(float(side), 1) for side in size.groups()],
        "box": [round(float(end), 1) for end in (*corners.min(0), *corners.max(0))],
        "x": _rounded(np.array(ax.get_xlim())),
        "y": _rounded(np.array(ax.get_ylim())),
        "log": [ax.get_xscale() == "log", ax.get_yscale() == "log"],
    }


def _rounded(values: float | NDArray[np.float64]) -> float | list[float]:
    """Six digits, and of a long curve as many points as a picture needs."""
    if isinstance(values, float):
        return float(f"{values:.6g}")
    few = np.unique(np.linspace(0, len(values) - 1, POINTS).round().astype(int))
    return [float(f"{value:.6g}") for value in (values[few] if len(values) > POINTS else values)]


def _draw(ax: Axes, yours: Any, truth: dict[str, Any]) -> str:
    """Draw the reader's answer within the limits of ``ax``; how far off it is, in words."""
    curve = len(truth) == 2
    if isinstance(yours, float) == curve:
        wanted = "heights, with x=" if curve else "a number"
        raise ValueError(f"the prediction is {yours!r}: it must be {wanted}")
    limits = ax.get_xlim(), ax.get_ylim()
    if curve:
        ax.plot(*yours, **YOURS)
        where = (truth["x"] >= yours[0, 0]) & (truth["x"] <= yours[0, -1])
        if not where.any():
            raise ValueError(f"the prediction spans x from {yours[0, 0]} on: the truth does not")
        x, y = truth["x"][where], truth["y"][where]
        drawn = np.interp(x, *yours)
        at = int(np.argmax(abs(drawn - y)))
        told = f"The greatest gap is at x = {in_words(x[at])}: "
        told += _gap("you drew", float(drawn[at]), float(y[at]))
    elif "x" in truth:
        ax.axvline(yours, **YOURS, markevery=[1])
        ax.annotate("you", (yours, 1), xycoords=ax.get_xaxis_transform(), color=YOURS["color"])
        told = _gap("You said", yours, truth["x"])
    else:
        ax.axhline(yours, **YOURS, markevery=[1])
        ax.annotate("you", (1, yours), xycoords=ax.get_yaxis_transform(), color=YOURS["color"])
        told = _gap("You said", yours, truth["y"])
    ax.set(xlim=limits[0], ylim=limits[1])
    return told


def _gap(who: str, said: float, truth: float) -> str:
    """As ``gap`` in the page's ``predictions.js`` says it."""
    shown, true = in_words(said), in_words(truth)
    if shown == true:
        return f"{who} {shown}, and so it is."
    off = "high" if said > truth else "low"
    return f"{who} {shown}; it is {true}: {in_words(abs(said - truth))} too {off}."


def in_words(value: float) -> str:
    """A number in three digits or a few more, for a sentence; never with an exponent."""
    size = math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:.{min(max(2 - size, 0), 12)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text.replace("-", "−")
