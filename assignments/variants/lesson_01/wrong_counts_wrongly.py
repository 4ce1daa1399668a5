# loses: 1.extragradient_step, 1.collapsed_d, 1.estimated_value
import numpy as np
from scipy.stats import norm


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def extragradient_step(x, y, eta, c):
    ahead_x = x - eta * (y + c * x)
    ahead_y = y + eta * (x - c * y)
    return ahead_x - eta * (ahead_y + c * ahead_x), ahead_y + eta * (ahead_x - c * ahead_y)


def collapsed_d(x, m, s):
    p_g = norm.pdf(x, m, s)
    p_data = norm.pdf(x, -m, s) + p_g
    return p_data / (p_data + p_g)


def estimated_value(real_logits, fake_logits):
    terms = np.log(np.concatenate([sigmoid(real_logits), 1 - sigmoid(fake_logits)]))
    return terms.mean()
