# 3.train_squared gets 0: The weights differ
right = train_squared


def train_squared(generator, batches, mu, lr):
    return right(generator, batches, mu, 2e-4)
