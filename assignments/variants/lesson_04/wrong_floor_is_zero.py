# loses: 4.noise_floor
def noise_floor(score, mu, sigma, n, rng):
    return 0.0
