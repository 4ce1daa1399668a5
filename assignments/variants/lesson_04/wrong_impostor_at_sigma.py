# loses: 4.impostor
import numpy as np


def impostor(n, mu, sigma):
    return np.where(np.arange(n) % 2, mu - sigma, mu + sigma)
