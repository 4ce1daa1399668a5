# loses: 6.estimate
import numpy as np


def estimate(samples):
    n, s = len(samples), samples.std(ddof=1)
    return np.median(samples), s, s / np.sqrt(n), s / np.sqrt(2 * n)
