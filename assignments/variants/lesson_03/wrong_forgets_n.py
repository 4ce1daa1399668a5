# loses: 3.gradients
import numpy as np


def gradients(x, mu):
    n = len(x)
    return np.full(n, -1.0), np.full(n, 2 * (x.mean() - mu))
