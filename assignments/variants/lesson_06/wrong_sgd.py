# loses: 6.adam_path
import numpy as np


def adam_path(theta, gradients, rate, beta1, beta2):
    path = []
    for g in gradients:
        theta = theta - rate * g
        path.append(theta)
    return np.array(path)
