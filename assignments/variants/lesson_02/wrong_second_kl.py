# loses: 2.both_kl
import numpy as np


def kl(mean_p, std_p, mean_q, std_q):
    return np.log(std_q / std_p) + (std_p**2 + (mean_p - mean_q) ** 2) / (2 * std_q**2) - 1 / 2


def both_kl(mean_p, std_p, mean_q, std_q):
    """In the second call two arguments have not changed places."""
    return kl(mean_p, std_p, mean_q, std_q), kl(mean_q, std_p, mean_p, std_q)
