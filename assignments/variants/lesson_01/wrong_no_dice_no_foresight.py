# 1.equilibrium gets 0: Not yet
def equilibrium(payments):
    worst = np.max(payments, axis=1)
    return float(worst[0] < worst[1]), worst.min()
