import torch

from gan_lessons import metrics
from gan_lessons.distributions import Normal


def impostor(n, mu, sigma):
    x = torch.zeros(n, dtype=torch.float64)
    x[: n // 2] = 1
    return (x - x.mean()) / x.std() * sigma + mu


def w1_by_sorting(fake, real):
    f, r = torch.as_tensor(fake).sort().values, torch.as_tensor(real).sort().values
    return (f - r).abs().mean()


def noise_floor(score, mu, sigma, n, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    scores = [float(score(torch.randn(n, 1) * sigma + mu)) for _ in range(2500)]
    return torch.tensor(scores).quantile(0.9)


def looks_real(batches, mu, sigma):
    target, verdicts = Normal(mu, sigma), []
    floor = metrics.noise_floor(metrics.w1_distance, target, len(batches[0]))
    for batch in batches:
        verdicts.append(bool(metrics.w1_distance(batch, target) < floor.high))
    return verdicts
