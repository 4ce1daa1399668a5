# 3.spread_of_runs gets 0: Stds: Not yet
def spread_of_runs(samples, goal):
    stds = samples[:1].std(axis=1, ddof=1)
    low, median, high = np.quantile(stds, [0.1, 0.5, 0.9])
    return [low, median, high, np.argmax(abs(stds - goal))]
