# 5.generator_step gets 0: G learns to be caught
# 5.train gets 0: of the fakes lie in the valley
def generator_step(G, D, adam_G, z, mean, std):
    fake = G(z)
    loss = functional.softplus(D(fake)).mean()
    loss = loss + (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
    adam_G.zero_grad()
    loss.backward()
    adam_G.step()
    return loss.item()
