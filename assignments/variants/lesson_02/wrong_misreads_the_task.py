# loses: 2.path, 2.best_logit
import numpy as np
from scipy.stats import norm


def path(start, target, frames):
    t = np.linspace(1, 0, frames)[::-1, None]
    return (1 - t) * np.array(start) + t * np.array(target)


def best_logit(x, mean_p, std_p, mean_q, std_q):
    logit = norm.logpdf(x, mean_p, std_p) - norm.logpdf(x, mean_q, std_q)
    return 1 / (1 + np.exp(-logit))
