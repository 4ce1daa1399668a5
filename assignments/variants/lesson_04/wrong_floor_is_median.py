# 4.noise_floor gets 0: Half of the perfect samplers
def noise_floor(score, mu, sigma, n, rng):
    scores = [score(rng.normal(mu, sigma, n)) for _ in range(2000)]
    return np.median(scores)
