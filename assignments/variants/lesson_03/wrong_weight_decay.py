# 3.train_squared gets 0: The weights differ
def train_squared(generator, batches, mu, lr):
    optimizer = torch.optim.Adam(generator.parameters(), lr=lr, weight_decay=0.1)
    losses = []
    for z in batches:
        loss = (generator(z).mean() - mu) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
