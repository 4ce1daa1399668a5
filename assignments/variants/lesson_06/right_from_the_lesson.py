import numpy as np
from scipy.special import expit

from gan_lessons import raw_weights


def forward(x, w):
    before = x @ w["w1"] + w["b1"]
    hidden = np.maximum(before, 0) + 0.2 * np.minimum(before, 0)
    return hidden @ w["w2"] + w["b2"], hidden


def backward(x, hidden, w, delta):
    epsilon = (delta @ w["w2"].T) * (0.2 + 0.8 * (hidden > 0))
    return x.T @ epsilon, epsilon.sum(axis=0), hidden.T @ delta, delta.sum(axis=0)


def d_gradients(real, fake, d):
    (a, hidden), (b, other) = forward(real, d), forward(fake, d)
    one = backward(real, hidden, d, (expit(a) - 1) / len(real))
    two = backward(fake, other, d, expit(b) / len(fake))
    return tuple(x + y for x, y in zip(one, two, strict=True))


def adam_path(theta, gradients, rate, beta1, beta2):
    adam, weights, path = raw_weights.AdamByHand(rate, (beta1, beta2)), {"theta": theta}, []
    for gradient in gradients:
        weights = adam.step(weights, {"theta": gradient})
        path.append(weights["theta"])
    return path


def estimate(samples):
    """Standard errors by resampling."""
    rng = np.random.default_rng(0)
    again = rng.choice(samples, (2000, len(samples)))
    errors = again.mean(axis=1).std(), again.std(axis=1, ddof=1).std()
    return np.array([samples.mean(), samples.std(ddof=1), *errors])
