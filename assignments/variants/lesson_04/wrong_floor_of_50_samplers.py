# 4.noise_floor gets 0: You scored 50 sets
def noise_floor(score, mu, sigma, n, rng):
    scores = [score(rng.normal(mu, sigma, n)) for _ in range(50)]
    return np.quantile(scores, 0.9)
