# 6.estimate gets 0.5: The standard error of the mean is off
def estimate(samples):
    s = samples.std(ddof=1)
    return samples.mean(), s, s, s
