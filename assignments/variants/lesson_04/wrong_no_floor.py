# 4.looks_real gets 0: Is True what passes?
def looks_real(batches, mu, sigma):
    target = Normal(mu, sigma)
    return [metrics.ks_distance(x, target) <= 0.01 for x in batches]
