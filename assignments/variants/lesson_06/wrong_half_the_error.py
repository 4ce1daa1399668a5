# loses: 6.estimate
import numpy as np


def estimate(samples):
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    return samples.mean(), samples.std(ddof=1), error, error / 2
