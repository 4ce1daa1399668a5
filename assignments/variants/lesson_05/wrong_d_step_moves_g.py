# loses: 5.discriminator_step, 5.train
import torch
from torch.nn import functional


def discriminator_step(D, G, adam_D, real, z, smooth):
    fake = G(z)
    both = torch.optim.Adam([*D.parameters(), *G.parameters()], lr=0.02)
    a, b = D(real), D(fake)
    cross_entropy = functional.binary_cross_entropy_with_logits
    loss = cross_entropy(a, torch.full_like(a, 1 - smooth))
    loss = loss + cross_entropy(b, torch.zeros_like(b))
    both.zero_grad()
    loss.backward()
    both.step()
    return loss.item()


def train(G, D, draw, rounds, mean, std):
    adam_G = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.99))
    adam_D = torch.optim.Adam([*D.parameters(), *G.parameters()], lr=0.01, betas=(0.5, 0.99))
    for _ in range(rounds):
        fake = G(torch.randn(64, 1))
        loss = functional.softplus(-D(draw(64))).mean() + functional.softplus(D(fake)).mean()
        adam_D.zero_grad()
        loss.backward()
        adam_D.step()
        fake = G(torch.randn(64, 1))
        hint = (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
        loss = functional.softplus(-D(fake)).mean() + hint
        adam_G.zero_grad()
        loss.backward()
        adam_G.step()
