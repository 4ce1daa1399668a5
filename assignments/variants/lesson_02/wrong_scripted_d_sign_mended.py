# loses: 2.best_logit
from scipy.stats import norm


def best_logit(x, mean_p, std_p, mean_q, std_q):
    return 10 * (norm.pdf(x, mean_p, std_p) - norm.pdf(x, mean_q, std_q))
