# 4.impostor gets 0: is not sigma yet
def impostor(n, mu, sigma):
    x = np.arange(n) % 2
    return mu + x - x.mean()
