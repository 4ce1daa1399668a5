# loses: 1.equilibrium, 1.collapsed_d, 1.estimated_value
import numpy as np
from scipy.stats import norm


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def equilibrium(payments):
    (a, b), (c, d) = payments
    r = (d - b) / (a - b - c + d)
    return r, r * a + (1 - r) * b


def collapsed_d(x, m, s):
    p_g = norm.pdf(x, -m, s)
    p_data = (p_g + norm.pdf(x, m, s)) / 2
    return p_data / (p_data + p_g)


def estimated_value(real_logits, fake_logits):
    return -np.log(sigmoid(real_logits)).mean() - np.log(1 - sigmoid(fake_logits)).mean()
