# loses: 2.path, 2.moved_samples
import numpy as np


def path(start, target, frames):
    t = np.linspace(0, 1, frames)
    mean = (1 - t) * start[0] + t * target[0]
    within = (1 - t) * start[1] ** 2 + t * target[1] ** 2
    std = np.sqrt(within + t * (1 - t) * (target[0] - start[0]) ** 2)
    return np.column_stack([mean, std])


def moved_samples(start, target, t):
    real = round(t * len(start))
    return np.concatenate([start[real:], target[:real]])
