import numpy as np
from scipy import stats


def impostor(n, mu, sigma):
    x = stats.zscore([1.0] + [0.0] * (n - 1), ddof=1)
    return np.array(x) * sigma + mu


def w1_by_sorting(fake, real):
    return stats.wasserstein_distance(fake, real)


def noise_floor(score, mu, sigma, n, rng):
    draws = stats.norm(mu, sigma).rvs((4000, n), random_state=rng)
    return np.percentile(np.apply_along_axis(score, 1, draws), 90)


def looks_real(batches, mu, sigma):
    tests = [stats.kstest(x, "norm", args=(mu, sigma)) for x in batches]
    return np.array([test.pvalue > 0.1 for test in tests])
