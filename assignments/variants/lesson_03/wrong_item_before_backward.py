# loses: 3.train_squared
import torch


def train_squared(generator, batches, mu, lr):
    optimizer = torch.optim.Adam(generator.parameters(), lr=lr)
    losses = []
    for z in batches:
        loss = torch.tensor((generator(z).mean().item() - mu) ** 2, requires_grad=True)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
