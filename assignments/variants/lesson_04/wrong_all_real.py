# 4.looks_real gets 0: Too many fakes pass
def looks_real(batches, mu, sigma):
    return [True] * len(batches)
