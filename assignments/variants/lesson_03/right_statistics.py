import statistics

import numpy as np
import torch
from torch.utils.data import DataLoader


def gradients(x, mu):
    n = len(x)
    m = statistics.fmean(x)
    return np.array([-1 / n] * n), np.array([2 * (m - mu) / n] * n)


def best_mean(mu, r, n):
    places = np.arange(0, mu, 1e-3)
    loss = (places - mu) ** 2 + (r * places) ** 2 / n
    return places[np.argmin(loss)]


def train_squared(generator, batches, mu, lr):
    adam = torch.optim.Adam(generator.parameters(), lr)
    losses = []
    for z in DataLoader(batches, batch_size=None):
        adam.zero_grad()
        loss = torch.square(generator(z).mean() - mu)
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
    return losses


def spread_of_runs(samples, goal):
    stds = [statistics.stdev(run) for run in samples.tolist()]
    deciles = statistics.quantiles(stds, n=10)
    worst = max(range(len(stds)), key=lambda i: abs(stds[i] - goal))
    return deciles[0], statistics.median(stds), deciles[-1], worst
