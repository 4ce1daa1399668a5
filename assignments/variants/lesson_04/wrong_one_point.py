# 4.impostor gets 0: is not sigma yet
def impostor(n, mu, sigma):
    return np.full(n, mu)
