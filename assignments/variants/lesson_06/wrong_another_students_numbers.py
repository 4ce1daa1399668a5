# 6.estimate gets 0: yours alone
from gan_lessons.students import data_of


def estimate(samples):
    """Return what somebody else's data gave."""
    theirs = data_of("somebody-else")[:, 0]
    s = theirs.std(ddof=1)
    return theirs.mean(), s, s / np.sqrt(len(theirs)), s / np.sqrt(2 * len(theirs))
