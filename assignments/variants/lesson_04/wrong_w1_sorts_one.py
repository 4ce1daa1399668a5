# 4.w1_by_sorting gets 0: Not yet
def w1_by_sorting(fake, real):
    return np.abs(np.sort(fake) - real).mean()
