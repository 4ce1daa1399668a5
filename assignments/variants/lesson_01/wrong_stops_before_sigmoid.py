# loses: 1.slopes_in_x
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def slopes_in_x(x, w, b):
    d = sigmoid(w * x + b)
    return -w / (1 - d), -w / d
