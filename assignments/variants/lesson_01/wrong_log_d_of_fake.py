# loses: 1.estimated_value
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def estimated_value(real_logits, fake_logits):
    return np.log(sigmoid(real_logits)).mean() + np.log(sigmoid(fake_logits)).mean()
