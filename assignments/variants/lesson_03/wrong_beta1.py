# 3.train_squared gets 0: The weights differ
def train_squared(generator, batches, mu, lr):
    optimizer = torch.optim.Adam(generator.parameters(), lr=lr, betas=(0.5, 0.999))
    losses = []
    for z in batches:
        loss = (generator(z).mean() - mu) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
