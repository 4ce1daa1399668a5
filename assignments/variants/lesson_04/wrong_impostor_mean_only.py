# loses: 4.impostor
import numpy as np


def impostor(n, mu, sigma):
    x = np.arange(n) % 2
    return mu + x - x.mean()
