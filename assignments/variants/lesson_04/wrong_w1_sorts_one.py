# loses: 4.w1_by_sorting
import numpy as np


def w1_by_sorting(fake, real):
    return np.abs(np.sort(fake) - real).mean()
