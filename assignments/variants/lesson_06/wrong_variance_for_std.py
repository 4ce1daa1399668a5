# 6.estimate gets 0.75: This is the variance, not the std
def estimate(samples):
    n, s = len(samples), samples.std(ddof=1)
    return samples.mean(), s**2, s / np.sqrt(n), s / np.sqrt(2 * n)
