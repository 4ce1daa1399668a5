import numpy as np

from gan_lessons import metrics
from gan_lessons.distributions import Normal


def impostor(n, mu, sigma):
    x = np.arange(n) % 2
    return mu + sigma * (x - x.mean()) / x.std(ddof=1)


def w1_by_sorting(fake, real):
    return np.abs(np.sort(fake) - np.sort(real)).mean()


def noise_floor(score, mu, sigma, n, rng):
    scores = [score(rng.normal(mu, sigma, n)) for _ in range(2000)]
    return np.quantile(scores, 0.9)


def below_floor(score, batches, mu, sigma):
    target, n = Normal(mu, sigma), batches.shape[1]
    highest = metrics.noise_floor(score, target, n).high
    return [score(x, target) <= highest for x in batches]


def looks_real(batches, mu, sigma):
    return below_floor(metrics.ks_distance, batches, mu, sigma)
