import numpy as np
import torch


def gradients(x, mu):
    n = len(x)
    return np.full(n, -1 / n), np.full(n, 2 * (x.mean() - mu) / n)


def best_mean(mu, r, n):
    return mu / (1 + r**2 / n)


def train_squared(generator, batches, mu, lr):
    optimizer = torch.optim.Adam(generator.parameters(), lr=lr)
    losses = []
    for z in batches:
        loss = (generator(z).mean() - mu) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def spread_of_runs(samples, goal):
    stds = samples.std(axis=1, ddof=1)
    low, median, high = np.quantile(stds, [0.1, 0.5, 0.9])
    return [low, median, high, np.argmax(abs(stds - goal))]
