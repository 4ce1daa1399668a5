"""How well two colours can be told apart, as the Web Content Accessibility Guidelines have it."""

import re


def rgb(colour):
    """The three numbers of a colour as the browser writes it: #rrggbb, rgb(…) or rgba(…)."""
    if colour.startswith("#"):
        return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return [float(part) for part in re.findall(r"[\d.]+", colour)[:3]]


def luminance(colour):
    """Between 0, for black, and 1, for white."""
    shares = [c / 255 for c in rgb(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """From 1 to 21; words want 4.5, lines 3."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
