# loses: 2.moved_samples
import numpy as np


def moved_samples(start, target, t):
    mean = (1 - t) * np.mean(start) + t * np.mean(target)
    std = (1 - t) * np.std(start) + t * np.std(target)
    return mean + std * (start - np.mean(start)) / np.std(start)
