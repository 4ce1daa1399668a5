import math
import statistics


def d_gradients(real, fake, d):
    w1, b1, w2, b2 = d["w1"][0], d["b1"], d["w2"][:, 0], float(d["b2"][0])
    units = range(len(b1))
    out = {"w1": [0.0] * len(b1), "b1": [0.0] * len(b1), "w2": [0.0] * len(b1), "b2": 0.0}
    for batch, label in ((real, 1.0), (fake, 0.0)):
        for x in (float(row[0]) for row in batch):
            u = [w1[j] * x + b1[j] for j in units]
            h = [max(each, 0.2 * each) for each in u]
            a = sum(h[j] * w2[j] for j in units) + b2
            delta = (1 / (1 + math.exp(-a)) - label) / len(batch)
            out["b2"] += delta
            for j in units:
                back = delta * w2[j] * (1.0 if u[j] > 0 else 0.2)
                out["w1"][j] += back * x
                out["b1"][j] += back
                out["w2"][j] += delta * h[j]
    return out


def adam_path(weights, slopes, step, b1, b2):
    path = []
    first, second = [0.0] * len(weights), [0.0] * len(weights)
    now = list(weights)
    for t in range(len(slopes)):
        for i, slope in enumerate(slopes[t]):
            first[i] += (1 - b1) * (slope - first[i])
            second[i] += (1 - b2) * (slope * slope - second[i])
            up = first[i] / (1 - b1 ** (t + 1))
            down = math.sqrt(second[i] / (1 - b2 ** (t + 1))) + 1e-8
            now[i] -= step * up / down
        path.append(list(now))
    return path


def estimate(x):
    numbers = [float(each) for each in x]
    m, s = statistics.mean(numbers), statistics.stdev(numbers)
    return m, s, s / len(numbers) ** 0.5, s / (2 * len(numbers)) ** 0.5
