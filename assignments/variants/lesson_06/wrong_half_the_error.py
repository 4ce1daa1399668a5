# 6.estimate gets 0.75: The standard error of the std is off
def estimate(samples):
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    return samples.mean(), samples.std(ddof=1), error, error / 2
