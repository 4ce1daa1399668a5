# 4.looks_real gets 0: which score sees the whole distribution?
def stats_loss(x, target):
    return metrics.mean_error(x, target) ** 2 + metrics.std_error(x, target) ** 2


def looks_real(batches, mu, sigma):
    return below_floor(stats_loss, batches, mu, sigma)
