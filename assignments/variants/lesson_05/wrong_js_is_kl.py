# loses: 5.meter
import numpy as np


def meter(p, q, logit):
    loss = np.sum(p * np.logaddexp(0, -logit)) + np.sum(q * np.logaddexp(0, logit))
    jsd = np.sum(p * np.log(p / q))
    return loss, jsd, loss - (np.log(4) - 2 * jsd)
