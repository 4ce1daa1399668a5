# loses: 3.gradients
import numpy as np


def gradients(x, mu):
    n = len(x)
    return np.full(n, 2 * (x.mean() - mu) / n), np.full(n, 2 * (x.mean() - mu) / n)
