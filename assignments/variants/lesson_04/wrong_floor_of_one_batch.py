# loses: 4.noise_floor
def noise_floor(score, mu, sigma, n, rng):
    return score(rng.normal(mu, sigma, n))
