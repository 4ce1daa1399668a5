# loses: 1.collapsed_d
import numpy as np
from scipy.stats import norm


def collapsed_d(x, m, s):
    p_g = norm.pdf(x, m, np.sqrt(s))
    p_data = (norm.pdf(x, -m, np.sqrt(s)) + p_g) / 2
    return p_data / (p_data + p_g)
