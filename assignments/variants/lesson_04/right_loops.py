import math

import numpy as np


def impostor(size, centre, width):
    left = size // 2
    w = left / size
    width = width * math.sqrt((size - 1) / size)
    low = centre - width * math.sqrt((1 - w) / w)
    high = centre + width * math.sqrt(w / (1 - w))
    return [low] * left + [high] * (size - left)


def w1_by_sorting(a, b):
    a, b = sorted(a), sorted(b)
    total = 0.0
    for i in range(len(a)):
        total += abs(a[i] - b[i])
    return total / len(a)


def noise_floor(measure, mean, std, size, rng):
    scores = []
    for _ in range(3000):
        scores.append(measure(mean + std * rng.standard_normal(size)))
    scores.sort()
    return scores[int(0.9 * 3000)]


def largest_gap(x, mean, std):
    x = sorted(x)
    gap = 0.0
    for i, value in enumerate(x):
        below = 0.5 * (1 + math.erf((value - mean) / std / math.sqrt(2)))
        gap = max(gap, below - i / len(x), (i + 1) / len(x) - below)
    return gap


def looks_real(batches, mean, std):
    rng = np.random.default_rng(1)
    n = len(batches[0])
    perfect = sorted(largest_gap(rng.normal(mean, std, n), mean, std) for _ in range(500))
    floor = perfect[450]
    return [largest_gap(x, mean, std) < floor for x in batches]
