# loses: 3.best_mean
def best_mean(mu, r, n):
    return mu
