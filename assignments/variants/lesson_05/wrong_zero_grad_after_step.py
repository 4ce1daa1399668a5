# loses: 5.discriminator_step
import torch
from torch.nn import functional


def discriminator_step(D, G, adam_D, real, z, smooth):
    fake = G(z).detach()
    a, b = D(real), D(fake)
    cross_entropy = functional.binary_cross_entropy_with_logits
    loss = cross_entropy(a, torch.full_like(a, 1 - smooth))
    loss = loss + cross_entropy(b, torch.zeros_like(b))
    loss.backward()
    adam_D.step()
    adam_D.zero_grad()
    return loss.item()
