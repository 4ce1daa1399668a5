# loses: 2.best_logit, 2.both_kl
import numpy as np


def best_logit(x, mean_p, std_p, mean_q, std_q):
    return ((x - mean_q) / std_q) ** 2 / 2 - ((x - mean_p) / std_p) ** 2 / 2


def both_kl(mean_p, std_p, mean_q, std_q):
    gap = (mean_p - mean_q) ** 2
    p_to_q = np.log(std_q / std_p) + (std_p**2 + gap) / (2 * std_q**2)
    q_to_p = np.log(std_p / std_q) + (std_q**2 + gap) / (2 * std_p**2)
    return p_to_q, q_to_p
