# loses: 3.gradients
import numpy as np


def gradients(x, mu):
    n = len(x)
    return np.full(n, -1 / n), 2 * (x - mu) / n
