# 4.w1_by_sorting gets 0: Not yet
def w1_by_sorting(fake, real):
    return (fake.mean() - real.mean()) ** 2 + (fake.std(ddof=1) - real.std(ddof=1)) ** 2
