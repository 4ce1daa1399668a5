import numpy as np
import torch
from scipy.spatial.distance import jensenshannon


def discriminator_step(disc, gen, optimiser, x, noise, softness):
    """Write the cross-entropies out, with the logarithm of the sigmoid."""
    log_d, log_not_d = torch.nn.functional.logsigmoid, lambda a: torch.nn.functional.logsigmoid(-a)
    on_real, on_fake = disc(x), disc(gen(noise).detach())
    of_real = (1 - softness) * log_d(on_real) + softness * log_not_d(on_real)
    loss = -of_real.mean() - log_not_d(on_fake).mean()
    disc.zero_grad()
    loss.backward()
    optimiser.step()
    return float(loss)


def generator_step(gen, disc, optimiser, noise, mu, sigma):
    x = gen(noise)
    d = torch.sigmoid(disc(x))
    labels = torch.ones_like(d)
    m = x.sum() / len(x)
    s = torch.sqrt(((x - m) ** 2).sum() / (len(x) - 1))
    loss = torch.nn.BCELoss()(d, labels) + (m - mu) ** 2 + (s - sigma) ** 2
    gen.zero_grad()
    disc.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


def train(gen, disc, draw, n, mu, sigma):
    betas = (0.5, 0.99)
    opt_g = torch.optim.Adam(gen.parameters(), 0.01, betas=betas)
    opt_d = torch.optim.Adam(disc.parameters(), 0.01, betas=betas)
    rng = np.random.default_rng(1)
    for _ in range(n):
        z = torch.from_numpy(rng.standard_normal((2, 64, 1), dtype=np.float32))
        discriminator_step(disc, gen, opt_d, draw(64), z[0], 0.0)
        generator_step(gen, disc, opt_g, z[1], mu, sigma)


def meter(real, fake, a):
    loss = -real @ np.log(1 / (1 + np.exp(-a))) - fake @ np.log(1 / (1 + np.exp(a)))
    jsd = jensenshannon(real, fake) ** 2
    return np.array([loss, jsd, loss + 2 * jsd - 2 * np.log(2)])
