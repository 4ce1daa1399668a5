import torch
from torch.distributions import Normal, kl_divergence

from gan_lessons import distributions


def path(start, target, frames):
    start, target = torch.as_tensor(start), torch.as_tensor(target)
    return torch.stack(
        [torch.lerp(start, target, t) for t in torch.linspace(0, 1, frames).double()]
    )


def moved_samples(start, target, t):
    start, _ = torch.sort(torch.as_tensor(start), descending=True)
    target, _ = torch.sort(torch.as_tensor(target), descending=True)
    return torch.lerp(start, target, t)[:, None]


def best_logit(x, mean_p, std_p, mean_q, std_q):
    p, q = distributions.Normal(mean_p, std_p), distributions.Normal(mean_q, std_q)
    return p.logpdf(x) - q.logpdf(x)


def both_kl(mean_p, std_p, mean_q, std_q):
    p, q = Normal(mean_p, std_p), Normal(mean_q, std_q)
    return kl_divergence(p, q), kl_divergence(q, p)
