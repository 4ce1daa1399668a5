# 5.discriminator_step gets 0: moves G
# 5.train gets 0: does each step move its own player only?
def step_of_both(D, G, both, real, z, smooth):
    a, b = D(real), D(G(z))
    cross_entropy = functional.binary_cross_entropy_with_logits
    loss = cross_entropy(a, torch.full_like(a, 1 - smooth))
    loss = loss + cross_entropy(b, torch.zeros_like(b))
    both.zero_grad()
    loss.backward()
    both.step()
    return loss.item()


def discriminator_step(D, G, adam_D, *batch):
    both = torch.optim.Adam([*D.parameters(), *G.parameters()], lr=0.02)
    return step_of_both(D, G, both, *batch)


def train(G, D, draw, rounds, mean, std):
    adam_G = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.99))
    both = torch.optim.Adam([*D.parameters(), *G.parameters()], lr=0.01, betas=(0.5, 0.99))
    for _ in range(rounds):
        step_of_both(D, G, both, draw(64), torch.randn(64, 1), 0.0)
        generator_step(G, D, adam_G, torch.randn(64, 1), mean, std)
