# loses: 3.train_squared
import torch


def train_squared(generator, batches, mu, lr):
    optimizer = torch.optim.Adam(generator.parameters(), lr=lr)
    losses = []
    for z in batches:
        x = generator(z)
        loss = (x.mean() - mu) ** 2 + (x.std() - 1) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
