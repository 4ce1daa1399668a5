# loses: 3.gradients
import numpy as np


def gradients(x, mu):
    n = len(x)
    return np.where(x < mu, -1 / n, 0), np.full(n, 2 * (x.mean() - mu) / n)
