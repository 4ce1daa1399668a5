# 2.moved_samples gets 0: Not yet
def moved_samples(start, target, t):
    real = round(t * len(start))
    return np.concatenate([start[real:], target[:real]])
