# loses: 1.extragradient_step
def extragradient_step(x, y, eta, c):
    ahead_x = x - eta * (y + c * x)
    ahead_y = y + eta * (x - c * y)
    return x - eta * (ahead_y + c * x), y + eta * (ahead_x - c * y)
