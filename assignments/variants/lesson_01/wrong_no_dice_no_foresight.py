# loses: 1.equilibrium, 1.extragradient_step
import numpy as np


def equilibrium(payments):
    worst = np.max(payments, axis=1)
    return float(worst[0] < worst[1]), worst.min()


def extragradient_step(x, y, eta, c):
    return x - eta * (y + c * x), y + eta * (x - c * y)
