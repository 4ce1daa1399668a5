# loses: 4.impostor
import numpy as np


def impostor(n, mu, sigma):
    return np.full(n, mu)
