import numpy as np
from scipy.stats import norm


def path(start, target, frames):
    t = np.linspace(0, 1, frames)[:, None]
    return (1 - t) * np.array(start) + t * np.array(target)


def moved_samples(start, target, t):
    return (1 - t) * np.sort(start) + t * np.sort(target)


def best_logit(x, mean_p, std_p, mean_q, std_q):
    return norm.logpdf(x, mean_p, std_p) - norm.logpdf(x, mean_q, std_q)


def both_kl(mean_p, std_p, mean_q, std_q):
    gap = (mean_p - mean_q) ** 2
    p_to_q = np.log(std_q / std_p) + (std_p**2 + gap) / (2 * std_q**2) - 0.5
    q_to_p = np.log(std_p / std_q) + (std_q**2 + gap) / (2 * std_p**2) - 0.5
    return p_to_q, q_to_p
