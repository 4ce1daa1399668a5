# 1.equilibrium gets 0.5: Right: r. Not yet: the value.
# 1.slopes_in_x gets 0.5: Not yet: the slopes of the saturating loss.
def equilibrium(payments):
    """The row player's dice are right; the value is that of one cell."""
    (a, b), (c, d) = payments
    r = (d - c) / (a - b - c + d)
    return r, r * a + (1 - r) * d


def slopes_in_x(x, w, b):
    """The second loss is right, and the first one has a sigmoid too many."""
    d = 1 / (1 + np.exp(-(w * x + b)))
    return -d * d * w, -(1 - d) * w
