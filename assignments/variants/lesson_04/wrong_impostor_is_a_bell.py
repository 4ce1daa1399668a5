# 4.impostor gets 0: more than two values
def impostor(n, mu, sigma):
    x = np.random.default_rng(0).normal(size=n)
    return mu + sigma * (x - x.mean()) / x.std(ddof=1)
