# loses: 1.equilibrium, 1.extragradient_step, 1.collapsed_d, 1.estimated_value, 1.slopes_in_x
import numpy as np


def equilibrium(payments):
    return 1 / 3, 1 / 3


def extragradient_step(x, y, eta, c):
    return 0.96, 0.2


def collapsed_d(x, m, s):
    return np.where(x > 0, 1 / 3, 1.0)


def estimated_value(real_logits, fake_logits):
    return -np.log(4)


def slopes_in_x(x, w, b):
    return -0.5 * w * np.ones_like(x), -0.5 * w * np.ones_like(x)
