# loses: 4.noise_floor
import numpy as np


def noise_floor(score, mu, sigma, n, rng):
    scores = [score(rng.normal(mu, sigma, n)) for _ in range(50)]
    return np.quantile(scores, 0.9)
