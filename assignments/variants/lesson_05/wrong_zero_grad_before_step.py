# 5.discriminator_step gets 0: D does not move
# 5.generator_step gets 0: G does not move
# 5.train gets 0: G does not learn
def discriminator_step(D, G, adam_D, real, z, smooth):
    fake = G(z).detach()
    a, b = D(real), D(fake)
    cross_entropy = functional.binary_cross_entropy_with_logits
    loss = cross_entropy(a, torch.full_like(a, 1 - smooth))
    loss = loss + cross_entropy(b, torch.zeros_like(b))
    loss.backward()
    adam_D.zero_grad()
    adam_D.step()
    return loss.item()


def generator_step(G, D, adam_G, z, mean, std):
    fake = G(z)
    loss = functional.softplus(-D(fake)).mean()
    loss = loss + (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
    loss.backward()
    adam_G.zero_grad()
    adam_G.step()
    return loss.item()
