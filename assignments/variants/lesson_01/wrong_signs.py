# loses: 1.equilibrium, 1.estimated_value, 1.slopes_in_x
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def equilibrium(payments):
    (a, b), (c, d) = payments
    r = (d - c) / (a - b - c + d)
    return r, -(r * a + (1 - r) * c)


def estimated_value(real_logits, fake_logits):
    return np.log(sigmoid(real_logits)).mean() - np.log(1 - sigmoid(fake_logits)).mean()


def slopes_in_x(x, w, b):
    d = sigmoid(w * x + b)
    return d * w, (1 - d) * w
