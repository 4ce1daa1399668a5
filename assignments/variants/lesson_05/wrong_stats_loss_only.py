# 5.generator_step gets 0: Only the hint
# 5.train gets 0: stats loss does alone
def generator_step(G, D, adam_G, z, mean, std):
    fake = G(z)
    loss = (fake.mean() - mean) ** 2 + (fake.std() - std) ** 2
    adam_G.zero_grad()
    loss.backward()
    adam_G.step()
    return loss.item()
