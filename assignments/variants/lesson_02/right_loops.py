import math


def path(first, last, number):
    rows = []
    for k in range(number):
        t = k / (number - 1) if number > 1 else 0
        rows.append([a + t * (b - a) for a, b in zip(first, last, strict=True)])
    return rows


def moved_samples(fakes, reals, time):
    pairs = zip(sorted(fakes), sorted(reals), strict=True)
    return [fake + time * (real - fake) for fake, real in pairs]


def best_logit(places, m1, s1, m2, s2):
    logits = []
    for place in places:
        exponent = (place - m2) ** 2 / (2 * s2**2) - (place - m1) ** 2 / (2 * s1**2)
        logits.append(exponent + math.log(s2) - math.log(s1))
    return logits


def both_kl(m1, s1, m2, s2):
    def log_pdf(x, m, s):
        return -((x - m) ** 2) / (2 * s**2) - math.log(s * math.sqrt(2 * math.pi))

    first = second = 0.0
    width = 0.005
    for k in range(-8000, 8001):
        x = k * width
        log_p, log_q = log_pdf(x, m1, s1), log_pdf(x, m2, s2)
        first += math.exp(log_p) * (log_p - log_q) * width
        second += math.exp(log_q) * (log_q - log_p) * width
    return first, second
