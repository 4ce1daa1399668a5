# loses: 5.discriminator_step, 5.meter
import numpy as np
import torch
from torch.nn import functional


def discriminator_step(D, G, adam_D, real, z, smooth):
    fake = G(z).detach()
    a, b = D(real), D(fake)
    cross_entropy = functional.binary_cross_entropy_with_logits
    loss = cross_entropy(a, torch.full_like(a, 1 - smooth))
    loss = loss + cross_entropy(b, torch.ones_like(b))
    adam_D.zero_grad()
    loss.backward()
    adam_D.step()
    return loss.item()


def meter(p, q, logit):
    loss = np.sum(p * np.logaddexp(0, -logit)) + np.sum(q * np.logaddexp(0, -logit))
    middle = (p + q) / 2
    jsd = (np.sum(p * np.log(p / middle)) + np.sum(q * np.log(q / middle))) / 2
    return loss, jsd, loss - (np.log(4) - 2 * jsd)
