import numpy as np
import torch


def gradients(x, mu):
    ones = np.ones((len(x), 1)) / len(x)
    return -ones, 2 * (x.mean() - mu) * ones


def best_mean(mu, r, n):
    places = np.linspace(0, mu, 200_001)
    return places[((places - mu) ** 2 + r**2 * places**2 / n).argmin()]


def train_squared(generator, batches, mu, lr, beta1=0.9, beta2=0.999):
    weights = list(generator.parameters())
    mean = [torch.zeros_like(w) for w in weights]
    size = [torch.zeros_like(w) for w in weights]
    losses = []
    for t, z in enumerate(batches, start=1):
        loss = (generator(z).mean() - mu).pow(2)
        losses.append(loss.item())
        slopes = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for i, g in enumerate(slopes):
                mean[i] = beta1 * mean[i] + (1 - beta1) * g
                size[i] = beta2 * size[i] + (1 - beta2) * g * g
                step = mean[i] / (1 - beta1**t)
                weights[i] -= lr * step / (torch.sqrt(size[i] / (1 - beta2**t)) + 1e-8)
    return np.array(losses)


def spread_of_runs(samples, goal):
    n = samples.shape[1]
    stds = np.sqrt(np.var(samples, axis=1) * n / (n - 1))
    worst = sorted(range(len(stds)), key=lambda i: abs(stds[i] - goal))[-1]
    return np.array([*np.percentile(stds, (10, 50, 90)), worst])
