# 4.looks_real gets 0: Is True what passes?
def looks_real(batches, mu, sigma):
    return np.logical_not(below_floor(metrics.ks_distance, batches, mu, sigma))
