# 5.discriminator_step gets 0: The labels are swapped
# 5.train gets 0: of the fakes lie in the valley
def discriminator_step(D, G, adam_D, real, z, smooth):
    fake = G(z).detach()
    a, b = D(real), D(fake)
    cross_entropy = functional.binary_cross_entropy_with_logits
    loss = cross_entropy(a, torch.zeros_like(a))
    loss = loss + cross_entropy(b, torch.full_like(b, 1 - smooth))
    adam_D.zero_grad()
    loss.backward()
    adam_D.step()
    return loss.item()
