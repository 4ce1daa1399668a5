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
    def score(x):
        return (x.mean() - mu) ** 2 + (x.std(ddof=1) - sigma) ** 2

    rng = np.random.default_rng(0)
    perfect = [score(rng.normal(mu, sigma, batches.shape[1])) for _ in range(1000)]
    highest = np.quantile(perfect, 0.9)
    return [score(x) <= highest for x in batches]
