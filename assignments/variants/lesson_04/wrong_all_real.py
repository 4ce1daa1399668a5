# loses: 4.looks_real
import numpy as np


def impostor(n, mu, sigma):
    x = np.arange(n) % 2
    return mu + sigma * (x - x.mean()) / x.std(ddof=1)


def w1_by_sorting(fake, real):
    return np.abs(np.sort(fake) - np.sort(real)).mean()


def noise_floor(score, mu, sigma, n, rng):
    scores = [score(rng.normal(mu, sigma, n)) for _ in range(2000)]
    return np.quantile(scores, 0.9)


def looks_real(batches, mu, sigma):
    return [True] * len(batches)
