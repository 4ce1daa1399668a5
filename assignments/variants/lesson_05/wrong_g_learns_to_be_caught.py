# loses: 5.generator_step, 5.train
import torch
from torch.nn import functional


def generator_step(G, D, adam_G, z, mean, std):
    fake = G(z)
    loss = functional.softplus(D(fake)).mean()
    loss = loss + (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
    adam_G.zero_grad()
    loss.backward()
    adam_G.step()
    return loss.item()


def train(G, D, draw, rounds, mean, std):
    adam_G = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.99))
    adam_D = torch.optim.Adam(D.parameters(), lr=0.01, betas=(0.5, 0.99))
    for _ in range(rounds):
        fake = G(torch.randn(64, 1)).detach()
        loss = functional.softplus(-D(draw(64))).mean() + functional.softplus(D(fake)).mean()
        adam_D.zero_grad()
        loss.backward()
        adam_D.step()
        fake = G(torch.randn(64, 1))
        hint = (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
        loss = functional.softplus(D(fake)).mean() + hint
        adam_G.zero_grad()
        loss.backward()
        adam_G.step()
