# 6.estimate gets 0.75: take n − 1
def estimate(samples):
    n, s = len(samples), samples.std(ddof=0)
    return samples.mean(), s, s / np.sqrt(n), s / np.sqrt(2 * n)
