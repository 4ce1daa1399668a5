# 4.impostor gets 0: divides by n − 1
def impostor(n, mu, sigma):
    x = np.arange(n) % 2
    return mu + sigma * (x - x.mean()) / x.std()
