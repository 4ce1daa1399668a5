# loses: 1.extragradient_step, 1.slopes_in_x
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def extragradient_step(x, y, eta, c):
    ahead_x, ahead_y = x - eta * y, y + eta * x
    return x - eta * ahead_y, y + eta * ahead_x


def slopes_in_x(x, w, b):
    d = sigmoid(w * x + b)
    return -d, -(1 - d)
