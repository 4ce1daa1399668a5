# loses: 5.generator_step
import torch
from torch.nn import functional


def generator_step(G, D, adam_G, z, mean, std):
    fake = G(z)
    both = torch.optim.Adam([*G.parameters(), *D.parameters()], lr=0.02)
    loss = functional.softplus(-D(fake)).mean()
    loss = loss + (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
    both.zero_grad()
    loss.backward()
    both.step()
    return loss.item()
