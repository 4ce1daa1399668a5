# 6.adam_path gets 0: Not yet
def adam_path(theta, gradients, rate, beta1, beta2):
    path = []
    for t, g in enumerate(gradients, start=1):
        m, v, t = 0.0, 0.0, 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - rate * m_hat / (np.sqrt(v_hat) + 1e-8)
        path.append(theta)
    return np.array(path)
