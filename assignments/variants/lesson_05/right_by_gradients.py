import math

import torch
from torch.nn.functional import softplus


def _follow(network, optimiser, loss):
    """Move one network, and touch no other gradient."""
    weights = list(network.parameters())
    for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
        weight.grad = gradient
    optimiser.step()


def discriminator_step(D, G, adam_D, real, z, smooth):
    a, b = D(real), D(G(z))
    loss = softplus(a).mean() - (1 - smooth) * a.mean() + softplus(b).mean()
    _follow(D, adam_D, loss)
    return loss.item()


def generator_step(G, D, adam_G, z, mean, std):
    x = G(z)
    loss = -torch.log(torch.sigmoid(D(x))).mean() + (x.mean() - mean).pow(2)
    loss += (x.std() - std).pow(2)
    _follow(G, adam_G, loss)
    return loss.item()


def train(G, D, draw, rounds, mean, std):
    adam_G = torch.optim.Adam(G.parameters(), lr=1e-2, betas=(0.5, 0.99))
    adam_D = torch.optim.Adam(D.parameters(), lr=1e-2, betas=(0.5, 0.99))
    size = 64
    for _ in range(rounds):
        discriminator_step(D, G, adam_D, draw(size), torch.randn(size, 1), 0)
        generator_step(G, D, adam_G, torch.randn(size, 1), mean, std)


def meter(p, q, logit):
    loss = jsd = 0
    for pi, qi, a in zip(p, q, logit, strict=True):
        loss += pi * math.log1p(math.exp(-a)) + qi * math.log1p(math.exp(a))
        jsd += pi / 2 * math.log(2 * pi / (pi + qi)) + qi / 2 * math.log(2 * qi / (pi + qi))
    return loss, jsd, loss - math.log(4) + 2 * jsd
