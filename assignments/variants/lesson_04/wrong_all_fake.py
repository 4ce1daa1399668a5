# loses: 4.looks_real
def looks_real(batches, mu, sigma):
    return [False] * len(batches)
