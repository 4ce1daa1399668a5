import numpy as np
import torch
from scipy import stats
from torch.nn import functional


def d_gradients(real, fake, d):
    """Autograd knows the chain rule, too."""
    w = {name: torch.tensor(array, requires_grad=True) for name, array in d.items()}

    def logit(x):
        u = torch.from_numpy(x) @ w["w1"] + w["b1"]
        return functional.leaky_relu(u, 0.2) @ w["w2"] + w["b2"]

    loss = functional.softplus(-logit(real)).mean() + functional.softplus(logit(fake)).mean()
    loss.backward()
    return {name: weight.grad for name, weight in w.items()}


def adam_path(theta, gradients, rate, beta1, beta2):
    weights = torch.tensor(theta)
    adam = torch.optim.Adam([weights], lr=rate, betas=(beta1, beta2))
    path = []
    for gradient in torch.from_numpy(gradients):
        weights.grad = gradient
        adam.step()
        path.append(weights.clone())
    return torch.stack(path)


def estimate(samples):
    s = np.std(samples, ddof=1)
    return [np.mean(samples), s, stats.sem(samples), s * np.sqrt(1 / (2 * (len(samples) - 1)))]
