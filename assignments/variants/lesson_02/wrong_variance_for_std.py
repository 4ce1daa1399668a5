# loses: 2.path, 2.best_logit, 2.both_kl
import numpy as np


def path(start, target, frames):
    t = np.linspace(0, 1, frames)[:, None]
    mean = (1 - t) * start[0] + t * target[0]
    variance = (1 - t) * start[1] ** 2 + t * target[1] ** 2
    return np.hstack([mean, np.sqrt(variance)])


def best_logit(x, mean_p, var_p, mean_q, var_q):
    log_p = -np.log(var_p) / 2 - (x - mean_p) ** 2 / (2 * var_p)
    log_q = -np.log(var_q) / 2 - (x - mean_q) ** 2 / (2 * var_q)
    return log_p - log_q


def both_kl(mean_p, var_p, mean_q, var_q):
    gap = (mean_p - mean_q) ** 2
    p_to_q = np.log(var_q / var_p) / 2 + (var_p + gap) / (2 * var_q) - 0.5
    q_to_p = np.log(var_p / var_q) / 2 + (var_q + gap) / (2 * var_p) - 0.5
    return p_to_q, q_to_p
