# 2.best_logit gets 0: Not yet
def best_logit(x, mean_p, std_p, mean_q, std_q):
    p = norm.pdf(x, mean_p, std_p) + 1e-12
    q = norm.pdf(x, mean_q, std_q) + 1e-12
    return np.log(p / q)
