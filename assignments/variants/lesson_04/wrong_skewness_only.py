# 4.looks_real gets 0: Too many fakes pass
from scipy.stats import skew


def looks_real(batches, mu, sigma):
    return below_floor(lambda x, _: abs(skew(x, axis=None)), batches, mu, sigma)
