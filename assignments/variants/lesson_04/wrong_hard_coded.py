# loses: 4.impostor, 4.w1_by_sorting, 4.noise_floor, 4.looks_real
import numpy as np


def impostor(n, mu, sigma):
    return np.array([4.0] * 64 + [6.0] * 64)


def w1_by_sorting(fake, real):
    return 0.07


def noise_floor(score, mu, sigma, n, rng):
    return 0.0122


def looks_real(batches, mu, sigma):
    return np.arange(len(batches)) % 4 > 0
