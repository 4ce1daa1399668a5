# 6.estimate gets 0.75: The mean is not that of the sample
def estimate(samples):
    n, s = len(samples), samples.std(ddof=1)
    return np.median(samples), s, s / np.sqrt(n), s / np.sqrt(2 * n)
