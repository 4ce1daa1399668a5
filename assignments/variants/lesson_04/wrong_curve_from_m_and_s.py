# 4.looks_real gets 0: which score sees the whole distribution?
def looks_real(batches, mu, sigma):
    # Compare the normal curve of each batch with the target's.
    grid = np.linspace(mu - 4 * sigma, mu + 4 * sigma, 200)
    wanted = Normal(mu, sigma).pdf(grid)
    gaps = [Normal(x.mean(), x.std(ddof=1)).pdf(grid) - wanted for x in batches]
    return [abs(gap).max() < 0.1 / sigma for gap in gaps]
