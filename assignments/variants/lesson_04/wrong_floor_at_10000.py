# 4.looks_real gets 0: Is True what passes?
def looks_real(batches, mu, sigma):
    target, n = Normal(mu, sigma), 10_000
    highest = metrics.noise_floor(metrics.ks_distance, target, n).high
    return [metrics.ks_distance(x, target) <= highest for x in batches]
