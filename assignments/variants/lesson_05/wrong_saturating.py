# loses: 5.generator_step
from torch.nn import functional


def generator_step(G, D, adam_G, z, mean, std):
    fake = G(z)
    loss = -functional.softplus(D(fake)).mean()
    loss = loss + (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
    adam_G.zero_grad()
    loss.backward()
    adam_G.step()
    return loss.item()
