# 4.looks_real gets 0: pass as real
def looks_real(batches, mu, sigma):
    return below_floor(metrics.mean_error, batches, mu, sigma)
