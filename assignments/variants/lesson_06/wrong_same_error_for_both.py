# 6.estimate gets 0.75: The standard error of the std is off
def estimate(samples):
    n, s = len(samples), samples.std(ddof=1)
    return samples.mean(), s, s / np.sqrt(n), s / np.sqrt(n)
