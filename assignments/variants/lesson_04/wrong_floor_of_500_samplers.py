# 4.noise_floor gets 0: You scored 500 sets
def noise_floor(score, mu, sigma, n, rng):
    scores = np.sort([score(rng.normal(mu, sigma, size=n)) for _ in range(500)])
    return (scores[449] + scores[450]) / 2
