import torch
from scipy.optimize import minimize_scalar

from gan_lessons import losses


def gradients(x, mu):
    found = []
    for loss in (losses.mean_loss, lambda fake: losses.squared_mean_loss(fake, mu)):
        fake = torch.tensor(x, dtype=torch.float32, requires_grad=True)
        loss(fake).backward()
        found.append(fake.grad)
    return found


def best_mean(mu, r, n):
    return minimize_scalar(lambda m: (m - mu) ** 2 + (r * m) ** 2 / n).x


def train_squared(G, zs, mu, lr):
    optimizer = torch.optim.Adam(G.parameters(), lr=lr)
    recorded = []
    for z in zs:
        loss = torch.nn.functional.mse_loss(G(z).mean(), torch.tensor(mu))
        for p in G.parameters():
            p.grad = None
        loss.backward()
        optimizer.step()
        recorded.append(loss)
    return torch.stack(recorded)


def spread_of_runs(samples, goal):
    stds = torch.std(torch.as_tensor(samples), dim=1)
    levels = torch.tensor([0.1, 0.5, 0.9], dtype=stds.dtype)
    return [*torch.quantile(stds, levels).tolist(), (stds - goal).abs().argmax().item()]
