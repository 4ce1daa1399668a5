# loses: 1.collapsed_d
import numpy as np
from scipy.stats import norm


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def collapsed_d(x, m, s):
    p_g = norm.pdf(x, m, s)
    p_data = (norm.pdf(x, -m, s) + p_g) / 2
    return sigmoid(p_data - p_g)
