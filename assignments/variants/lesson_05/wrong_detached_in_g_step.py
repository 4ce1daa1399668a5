# 5.generator_step gets 0: G does not move
# 5.train gets 0: G does not learn
def generator_step(G, D, adam_G, z, mean, std):
    fake = G(z).detach().requires_grad_()
    loss = functional.softplus(-D(fake)).mean()
    loss = loss + (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
    adam_G.zero_grad()
    loss.backward()
    adam_G.step()
    return loss.item()
