# 5.discriminator_step gets 0.5: leaves gradients in G
def discriminator_step(D, G, adam_D, real, z, smooth):
    fake = G(z)
    a, b = D(real), D(fake)
    cross_entropy = functional.binary_cross_entropy_with_logits
    loss = cross_entropy(a, torch.full_like(a, 1 - smooth))
    loss = loss + cross_entropy(b, torch.zeros_like(b))
    adam_D.zero_grad()
    loss.backward()
    adam_D.step()
    return loss.item()
