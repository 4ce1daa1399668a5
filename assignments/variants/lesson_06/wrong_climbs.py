# loses: 6.d_gradients, 6.adam_path
import numpy as np


def d_gradients(real, fake, d):
    total = dict.fromkeys(d, 0.0)
    for x, label in ((real, 1), (fake, 0)):
        u = x @ d["w1"] + d["b1"]
        slope = np.where(u > 0, 1.0, 0.2)
        h = slope * u
        a = h @ d["w2"] + d["b2"]
        delta = (1 / (1 + np.exp(-a)) - label) / -len(x)
        epsilon = (delta @ d["w2"].T) * slope
        parts = {"w1": x.T @ epsilon, "b1": epsilon.sum(axis=0)}
        parts |= {"w2": h.T @ delta, "b2": delta.sum(axis=0)}
        total = {name: total[name] + parts[name] for name in d}
    return total


def adam_path(theta, gradients, rate, beta1, beta2):
    m, v, path = 0.0, 0.0, []
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta + rate * m_hat / (np.sqrt(v_hat) + 1e-8)
        path.append(theta)
    return np.array(path)
