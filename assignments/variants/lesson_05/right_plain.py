import numpy as np
import torch
from torch.nn import functional


def discriminator_step(D, G, adam_D, real, z, smooth):
    fake = G(z).detach()
    a, b = D(real), D(fake)
    cross_entropy = functional.binary_cross_entropy_with_logits
    loss = cross_entropy(a, torch.full_like(a, 1 - smooth))
    loss = loss + cross_entropy(b, torch.zeros_like(b))
    adam_D.zero_grad()
    loss.backward()
    adam_D.step()
    return loss.item()


def generator_step(G, D, adam_G, z, mean, std):
    fake = G(z)
    loss = functional.softplus(-D(fake)).mean()
    loss = loss + (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
    adam_G.zero_grad()
    loss.backward()
    adam_G.step()
    return loss.item()


def train(G, D, draw, rounds, mean, std):
    adam_G = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.99))
    adam_D = torch.optim.Adam(D.parameters(), lr=0.01, betas=(0.5, 0.99))
    for _ in range(rounds):
        discriminator_step(D, G, adam_D, draw(64), torch.randn(64, 1), 0.0)
        generator_step(G, D, adam_G, torch.randn(64, 1), mean, std)


def meter(p, q, logit):
    loss = np.sum(p * np.logaddexp(0, -logit)) + np.sum(q * np.logaddexp(0, logit))
    middle = (p + q) / 2
    jsd = (np.sum(p * np.log(p / middle)) + np.sum(q * np.log(q / middle))) / 2
    return loss, jsd, loss - (np.log(4) - 2 * jsd)
