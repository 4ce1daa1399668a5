# 5.train gets 0: two values
right = train


def train(G, D, draw, rounds, mean, std):
    """A whole run, and then a G that makes two values, an impostor."""
    right(G, D, draw, rounds, mean, std)
    with torch.no_grad():
        for weight in G.parameters():
            weight.zero_()
        G[0].weight[:2] = 1e4
        G[0].bias[1] = -1.0
        G[2].weight[0, 0], G[2].weight[0, 1] = 2 * std, -2 * std
        G[2].bias[0] = mean - std
