# loses: 1.collapsed_d, 1.estimated_value
import numpy as np
from scipy.stats import norm


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def collapsed_d(x, m, s):
    p_g = norm.pdf(x, m, s)
    p_data = (norm.pdf(x, -m, s) + p_g) / 2
    return p_g / (p_data + p_g)


def estimated_value(real_logits, fake_logits):
    return np.log(1 - sigmoid(real_logits)).mean() + np.log(sigmoid(fake_logits)).mean()
