# loses: 4.w1_by_sorting
def w1_by_sorting(fake, real):
    return abs(fake.mean() - real.mean())
