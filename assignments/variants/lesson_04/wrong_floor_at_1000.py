# 4.noise_floor gets 0: You scored 0 sets
def noise_floor(score, mu, sigma, n, rng):
    scores = [score(rng.normal(mu, sigma, 1000)) for _ in range(1000)]
    return np.quantile(scores, 0.9)
