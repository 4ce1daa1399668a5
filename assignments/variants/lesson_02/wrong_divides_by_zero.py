# 2.path gets 0: Your code stopped with ZeroDivisionError
def path(start, target, frames):
    t = np.array([k / (frames - 1) for k in range(frames)])[:, None]
    return (1 - t) * np.array(start) + t * np.array(target)
