# loses: 6.estimate
def estimate(samples):
    s = samples.std(ddof=1)
    return samples.mean(), s, s, s
