# loses: 2.path, 2.moved_samples, 2.both_kl
import numpy as np


def path(start, target, frames):
    t = np.arange(frames)[:, None] / frames
    return (1 - t) * np.array(start) + t * np.array(target)


def moved_samples(start, target, t):
    return (1 - t) * start + t * target


def both_kl(mean_p, std_p, mean_q, std_q):
    gap = (mean_p - mean_q) ** 2
    p_to_q = np.log(std_q / std_p) + (std_p**2 + gap) / (2 * std_q**2) - 0.5
    return p_to_q, p_to_q
