# loses: 3.spread_of_runs
import numpy as np


def spread_of_runs(samples, goal):
    stds = samples.std(axis=1)
    low, median, high = np.quantile(stds, [0.1, 0.5, 0.9])
    return [low, median, high, np.argmax(abs(stds - goal))]
