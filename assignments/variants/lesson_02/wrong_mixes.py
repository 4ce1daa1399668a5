# loses: 2.path, 2.moved_samples
import numpy as np
from scipy.stats import norm


def path(start, target, frames):
    t = np.linspace(0, 1, frames)
    mean = (1 - t) * start[0] + t * target[0]
    within = (1 - t) * start[1] ** 2 + t * target[1] ** 2
    std = np.sqrt(within + t * (1 - t) * (target[0] - start[0]) ** 2)
    return np.column_stack([mean, std])


def moved_samples(start, target, t):
    real = round(t * len(start))
    return np.concatenate([start[real:], target[:real]])


def best_logit(x, mean_p, std_p, mean_q, std_q):
    return norm.logpdf(x, mean_p, std_p) - norm.logpdf(x, mean_q, std_q)


def both_kl(mean_p, std_p, mean_q, std_q):
    gap = (mean_p - mean_q) ** 2
    p_to_q = np.log(std_q / std_p) + (std_p**2 + gap) / (2 * std_q**2) - 0.5
    q_to_p = np.log(std_p / std_q) + (std_q**2 + gap) / (2 * std_p**2) - 0.5
    return p_to_q, q_to_p
