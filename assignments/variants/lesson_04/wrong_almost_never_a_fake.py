# 4.looks_real gets 0: better fakes than these would pass
from scipy import stats


def looks_real(batches, mu, sigma):
    return [stats.kstest(x, "norm", args=(mu, sigma)).pvalue > 0.001 for x in batches]
