# loses: 5.train
import torch
from torch.nn.functional import softplus


def train(G, D, draw, rounds, mean, std):
    """All rounds see the same 64 real numbers."""
    adam_G = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.99))
    adam_D = torch.optim.Adam(D.parameters(), lr=0.01, betas=(0.5, 0.99))
    real = draw(64)
    for _ in range(rounds):
        loss = softplus(-D(real)).mean() + softplus(D(G(torch.randn(64, 1)).detach())).mean()
        adam_D.zero_grad()
        loss.backward()
        adam_D.step()
        fake = G(torch.randn(64, 1))
        hint = (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
        adam_G.zero_grad()
        (softplus(-D(fake)).mean() + hint).backward()
        adam_G.step()
