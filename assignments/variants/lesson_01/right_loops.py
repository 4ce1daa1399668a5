from math import exp, log, pi, sqrt


def equilibrium(payments):
    # r makes both columns pay the same: found by halving
    def gap(r):
        first = r * payments[0][0] + (1 - r) * payments[1][0]
        second = r * payments[0][1] + (1 - r) * payments[1][1]
        return first - second

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if gap(low) * gap(middle) <= 0:
            high = middle
        else:
            low = middle
    return [low, low * payments[0][0] + (1 - low) * payments[1][0]]


def extragradient_step(position_g, position_d, step, pull):
    x1 = position_g - step * position_d - step * pull * position_g
    y1 = position_d + step * position_g - step * pull * position_d
    x2 = position_g - step * y1 - step * pull * x1
    y2 = position_d + step * x1 - step * pull * y1
    return x2, y2


def collapsed_d(places, centre, width):
    answers = []
    for place in places:
        right = exp(-((place - centre) ** 2) / (2 * width**2)) / (width * sqrt(2 * pi))
        left = exp(-((place + centre) ** 2) / (2 * width**2)) / (width * sqrt(2 * pi))
        real = 0.5 * left + 0.5 * right
        answers.append(real / (real + right))
    return answers


def estimated_value(reals, fakes):
    total_real = sum(log(1 / (1 + exp(-a))) for a in reals)
    total_fake = sum(log(1 - 1 / (1 + exp(-a))) for a in fakes)
    return total_real / len(reals) + total_fake / len(fakes)


def slopes_in_x(fakes, weight, bias):
    first, second = [], []
    for fake in fakes:
        d = 1 / (1 + exp(-(weight * fake + bias)))
        first.append(-1 / (1 - d) * d * (1 - d) * weight)
        second.append(-1 / d * d * (1 - d) * weight)
    return first, second
