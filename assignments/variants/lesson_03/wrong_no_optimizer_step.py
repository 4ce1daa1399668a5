# loses: 3.train_squared
import torch


def train_squared(generator, batches, mu, lr):
    optimizer = torch.optim.Adam(generator.parameters(), lr=lr)
    losses = []
    for z in batches:
        loss = (generator(z).mean() - mu) ** 2
        optimizer.zero_grad()
        loss.backward()
        with torch.no_grad():
            for weight in generator.parameters():
                weight -= lr * weight.grad
        losses.append(loss.item())
    return losses
