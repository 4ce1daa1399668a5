# loses: 5.meter
import numpy as np


def meter(p, q, logit):
    loss = np.sum(p * np.logaddexp(0, -logit)) + np.sum(q * np.logaddexp(0, logit))
    middle = (p + q) / 2
    jsd = (np.sum(p * np.log2(p / middle)) + np.sum(q * np.log2(q / middle))) / 2
    return loss, jsd, loss - (np.log(4) - 2 * jsd)
