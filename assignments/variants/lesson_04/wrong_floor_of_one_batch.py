# 4.noise_floor gets 0: You scored 1 sets
def noise_floor(score, mu, sigma, n, rng):
    return score(rng.normal(mu, sigma, n))
