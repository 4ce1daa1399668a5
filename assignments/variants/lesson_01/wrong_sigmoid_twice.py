# 1.estimated_value gets 0: The sigmoid is taken twice
# 1.slopes_in_x gets 0: Not yet
def sigmoid(a):
    return 1 / (1 + np.exp(-1 / (1 + np.exp(-a))))
