import math

import torch


def gradients(samples, goal):
    n = len(samples)
    m = sum(samples) / n
    first, second = [], []
    for _ in samples:
        first.append(-1 / n)
        second.append((m - goal) / n + (m - goal) / n)
    return [first, second]


def best_mean(goal, ratio, size):
    # (m − goal)² + ratio²·m²/size: the vertex of a·m² + b·m + c
    a = 1 + ratio * ratio / size
    b = -2 * goal
    return -b / (2 * a)


def train_squared(net, noise, goal, rate):
    adam = torch.optim.Adam(net.parameters(), rate)
    history = [0.0] * len(noise)
    for i in range(len(noise)):
        net.zero_grad()
        m = 0
        for row in noise[i]:
            m = m + net(row) / len(noise[i])
        loss = torch.square(m - goal)
        loss.backward()
        adam.step()
        history[i] = float(loss.detach())
    return history


def quantile(values, level):
    values = sorted(values)
    place = level * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def spread_of_runs(runs, goal):
    stds = []
    for run in runs:
        m = sum(run) / len(run)
        stds.append(math.sqrt(sum((x - m) ** 2 for x in run) / (len(run) - 1)))
    worst = 0
    for i, s in enumerate(stds):
        if abs(s - goal) > abs(stds[worst] - goal):
            worst = i
    return quantile(stds, 0.1), quantile(stds, 0.5), quantile(stds, 0.9), worst
