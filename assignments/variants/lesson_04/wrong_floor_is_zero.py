# 4.noise_floor gets 0: No perfect sampler scores 0
def noise_floor(score, mu, sigma, n, rng):
    return 0.0
