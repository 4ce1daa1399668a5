# 4.noise_floor gets 0: samplers score below your number
def noise_floor(score, mu, sigma, n, rng):
    scores = [score(rng.normal(mu, sigma, n)) for _ in range(2000)]
    return np.quantile(scores, 0.95)
