# loses: 3.train_squared
import torch


def train_squared(generator, batches, mu, lr):
    optimizer = torch.optim.Adam(generator.parameters(), lr=lr)
    losses = []
    for _ in batches:
        loss = (generator(batches[0]).mean() - mu) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
