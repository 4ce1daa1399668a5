# loses: 6.adam_path
import numpy as np


def adam_path(theta, gradients, rate, beta1, beta2):
    m, v, path = 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - rate * m_hat / (v_hat + 1e-8)
        path.append(theta)
    return np.array(path)
