# 4.impostor gets 0: divides by n − 1
def impostor(n, mu, sigma):
    return np.where(np.arange(n) % 2, mu - sigma, mu + sigma)
