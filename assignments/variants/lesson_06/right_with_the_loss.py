import numpy as np


def d_gradients(real, fake, d):
    """The gradients, and the loss beside them."""
    found, loss = {name: np.zeros_like(array) for name, array in d.items()}, 0.0
    for x, sign in ((real, -1), (fake, 1)):
        u = x @ d["w1"] + d["b1"]
        h = np.maximum(u, 0.2 * u)
        a = sign * (h @ d["w2"] + d["b2"])
        loss += np.logaddexp(0, a).mean()
        delta = sign / (1 + np.exp(-a)) / len(x)
        back = np.outer(delta, d["w2"]) * np.where(u > 0, 1, 0.2)
        found["w1"] += x.T @ back
        found["b1"] += back.sum(axis=0)
        found["w2"] += h.T @ delta
        found["b2"] += delta.sum(axis=0)
    return {"loss": loss, **found}


def adam_path(theta, gradients, rate, beta1, beta2):
    m = v = np.zeros_like(theta)
    rows = np.empty_like(gradients)
    for i, g in enumerate(gradients):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        step = m / (1 - beta1 ** (i + 1)) / (np.sqrt(v / (1 - beta2 ** (i + 1))) + 1e-8)
        theta = theta - rate * step
        rows[i] = theta
    return rows


def estimate(samples):
    n = samples.size
    s = np.std(samples, ddof=1)
    return np.array([samples.mean(), s, s / n**0.5, s / (2 * n) ** 0.5])
