# loses: 4.looks_real
from gan_lessons import metrics
from gan_lessons.distributions import Normal


def looks_real(batches, mu, sigma):
    target = Normal(mu, sigma)
    return [metrics.ks_distance(x, target) <= 0.01 for x in batches]
