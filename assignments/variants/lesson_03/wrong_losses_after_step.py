# 3.train_squared gets 0.75: The losses are not yet
def train_squared(generator, batches, mu, lr):
    optimizer = torch.optim.Adam(generator.parameters(), lr=lr)
    losses = []
    for z in batches:
        loss = (generator(z).mean() - mu) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append((generator(z).mean() - mu).item() ** 2)
    return losses
