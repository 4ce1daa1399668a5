# 4.impostor gets 0: For an odd n
def impostor(n, mu, sigma):
    gap = sigma * np.sqrt((n - 1) / n)
    return np.array([mu - gap] * (n // 2) + [mu + gap] * (n - n // 2))
