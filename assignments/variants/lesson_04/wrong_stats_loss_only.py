# loses: 4.looks_real
import numpy as np


def looks_real(batches, mu, sigma):
    def score(x):
        return (x.mean() - mu) ** 2 + (x.std(ddof=1) - sigma) ** 2

    rng = np.random.default_rng(0)
    perfect = [score(rng.normal(mu, sigma, batches.shape[1])) for _ in range(1000)]
    highest = np.quantile(perfect, 0.9)
    return [score(x) <= highest for x in batches]
