import numpy as np


def path(start, target, frames):
    return np.linspace(start, target, num=frames)


def moved_samples(start, target, t):
    moved = np.empty(len(start))
    order = np.argsort(start)
    moved[order] = start[order] + t * (np.sort(target) - start[order])
    return moved


def best_logit(x, mean_p, std_p, mean_q, std_q):
    a = 1 / (2 * std_q**2) - 1 / (2 * std_p**2)
    b = mean_p / std_p**2 - mean_q / std_q**2
    c = mean_q**2 / (2 * std_q**2) - mean_p**2 / (2 * std_p**2) + np.log(std_q / std_p)
    return a * x**2 + b * x + c


def both_kl(mean_p, std_p, mean_q, std_q):
    ratio, shift = (std_p / std_q) ** 2, (mean_p - mean_q) ** 2
    first = (ratio - 1 - np.log(ratio) + shift / std_q**2) / 2
    second = (1 / ratio - 1 + np.log(ratio) + shift / std_p**2) / 2
    return np.array([first, second])
