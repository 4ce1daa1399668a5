"""The GAN of perceptrons, compiled: forward, backward, Adam, and one step of each player.

Plain loops over units and samples, in the order and with the names of the page's ``engine.js``.
Numba compiles them at their first call and keeps what it made.  Random numbers are drawn outside:
Numba's normals in float32 part from NumPy's once in some ten million.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

PIECE = 2**15
"""Numbers in the widest layer for a piece of a batch: few enough for a core's cache."""
WIDE = 2**10
"""Weights of a layer from which on a matrix product beats the loops."""
LOGISTIC, RELATIVISTIC, LEAST_SQUARES, HINGE, WASSERSTEIN = range(5)
"""The losses of D."""

# Sums may be added up in any order, and nothing else: no flag here assumes that there is no NaN
# and no infinity, since a run that diverges must be seen.
compiled = njit(
    nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz", "arcp"}
)


class Player(NamedTuple):
    """A perceptron with ReLU between its layers, its optimizer, and room for a piece of a batch.

    Attributes:
        sizes: (L + 1,) inputs, hidden units …, 1.
        weights: (P,) layer after layer, W (out × in, row by row) and b (out).
        gradient: (P,) of the loss in the weights.
        first, second: (P,) Adam's running means of the gradient and of its square.
        seen: (2,) 1 − βᵗ for each β, by which the means are divided: the bias correction.
        update: (P,) the last one, for optimistic Adam.
        average: (P,) of the weights over time.
        outputs, tangents, slopes: (L, widest · m) each layer's output, its derivative in the
            network's input, and the gradient in the layer's input, for m samples in columns.
    """

    sizes: NDArray[np.int64]
    weights: NDArray[Any]
    gradient: NDArray[Any]
    first: NDArray[Any]
    second: NDArray[Any]
    seen: NDArray[np.float64]
    update: NDArray[Any]
    average: NDArray[Any]
    outputs: NDArray[Any]
    tangents: NDArray[Any]
    slopes: NDArray[Any]


def create_player(sizes: Sequence[int], weights: NDArray[Any], batch: int) -> Player:
    """A network before its first update, for inputs of at most ``batch`` columns at a time."""
    shape = np.array(sizes, np.int64)
    gradient, first, second, update = np.zeros((4, len(weights)), weights.dtype)
    rooms = np.empty((3, len(sizes) - 1, max(sizes) * batch), weights.dtype)
    means = gradient, first, second, np.zeros(2), update, weights.copy()
    return Player(shape, weights, *means, *rooms)


class Rule(NamedTuple):
    """How the players learn.

    Attributes:
        rate_g, rate_d, beta1, beta2: of Adam.
        optimistic: whether each step takes back the last one's half, and looks ahead.
        r1, r2: the weights γ of the penalties on real data and on fakes.
        lines: the weight λ of the penalty on the lines between them.
        average: how much of the average over time stays in each step; 0 for none.
    """

    rate_g: float
    rate_d: float
    beta1: float
    beta2: float
    optimistic: bool = False
    r1: float = 0.0
    r2: float = 0.0
    lines: float = 0.0
    average: float = 0.0


# --- Networks -------------------------------------------------------------------------------


# The two loops in which all the time goes.  Four rows at a time: each number that is read and
# written serves four products.  A row is named by its number: Numba would count each slice.


@compiled
def add_rows(to, j, weights, rows):
    """toⱼ += Σ weightⱼᵣ·rowᵣ."""
    count, n = rows.shape
    fours = count - count % 4
    for r in range(0, fours, 4):
        wa, wb, wc, wd = weights[j, r], weights[j, r + 1], weights[j, r + 2], weights[j, r + 3]
        for i in range(n):
            to[j, i] += (
                wa * rows[r, i] + wb * rows[r + 1, i] + wc * rows[r + 2, i] + wd * rows[r + 3, i]
            )
    for r in range(fours, count):
        weight = weights[j, r]
        for i in range(n):
            to[j, i] += weight * rows[r, i]


@compiled
def dot_rows(out, j, x, rows):
    """outⱼᵣ += Σ xⱼ·rowᵣ."""
    count, n = rows.shape
    fours, zero = count - count % 4, out.dtype.type(0)
    for r in range(0, fours, 4):
        a, b, c, d = zero, zero, zero, zero
        for i in range(n):
            value = x[j, i]
            a += value * rows[r, i]
            b += value * rows[r + 1, i]
            c += value * rows[r + 2, i]
            d += value * rows[r + 3, i]
        out[j, r] += a
        out[j, r + 1] += b
        out[j, r + 2] += c
        out[j, r + 3] += d
    for r in range(fours, count):
        total = zero
        for i in range(n):
            total += x[j, i] * rows[r, i]
        out[j, r] += total


@compiled
def forward(network, x, tangent=False):
    """The outputs (1, n) for inputs ``x``, (k, n): valid until the next call.

    With ``tangent``, after a plain call: their derivative in the direction ``x``.  The network is
    piecewise linear, so that is a linear network with the same gates, and without biases.
    """
    weights, at, last, n = network.weights, 0, len(network.sizes) - 2, x.shape[1]
    room = network.tangents if tangent else network.outputs
    zero = weights.dtype.type(0)
    for layer in range(last + 1):
        inputs, units = network.sizes[layer], network.sizes[layer + 1]
        w, b = at, at + inputs * units
        at = b + units
        matrix = weights[w:b].reshape((units, inputs))
        output = room[layer, : units * n].reshape((units, n))
        if inputs * units >= WIDE:
            np.dot(matrix, x, output)
            for j in range(units):
                bias = zero if tangent else weights[b + j]
                for i in range(n):
                    output[j, i] += bias
        else:
            for j in range(units):
                bias = zero if tangent else weights[b + j]
                for i in range(n):
                    output[j, i] = bias
                add_rows(output, j, matrix, x)
        if layer < last and tangent:
            gate = network.outputs[layer, : units * n].reshape((units, n))
            for j in range(units):
                for i in range(n):
                    output[j, i] *= gate[j, i] > zero
        elif layer < last:  # ReLU, as a factor of 1 or 0: so NaN stays NaN
            for j in range(units):
                for i in range(n):
                    output[j, i] *= output[j, i] > zero
        x = output
    return x


@compiled
def backward(network, x, slope, of_weights, of_input, tangent=False):
    """After ``forward`` with the same ``x``: from the gradient in its outputs, (1, n), back.

    Adds to the network's gradient, if ``of_weights``; returns the gradient in ``x``, (k, n), if
    ``of_input``.
    """
    room = network.tangents if tangent else network.outputs
    weights, gradient, at, n = network.weights, network.gradient, len(network.weights), x.shape[1]
    zero = weights.dtype.type(0)
    after = slope
    for layer in range(len(network.sizes) - 2, -1, -1):
        inputs, units = network.sizes[layer], network.sizes[layer + 1]
        b = at - units
        w = at = b - inputs * units
        wide = inputs * units >= WIDE
        source = gate = x
        if layer > 0:
            source = room[layer - 1, : inputs * n].reshape((inputs, n))
            gate = network.outputs[layer - 1, : inputs * n].reshape((inputs, n))
        if of_weights:
            in_matrix = gradient[w:b].reshape((units, inputs))
            if wide:
                in_matrix += np.dot(after, source.T)
            for j in range(units):
                total = zero
                for i in range(n):
                    total += after[j, i]
                if not tangent:
                    gradient[b + j] += total
                if not wide:
                    dot_rows(in_matrix, j, after, source)
        if layer == 0 and not of_input:
            break
        before = network.slopes[layer, : inputs * n].reshape((inputs, n))
        transposed = weights[w:b].reshape((units, inputs)).T
        if wide:
            np.dot(transposed, after, before)
        for k in range(inputs):
            if not wide:
                for i in range(n):
                    before[k, i] = zero
                add_rows(before, k, transposed, after)
            if layer > 0:  # ReLU lets through what was positive on the way there
                for i in range(n):
                    before[k, i] = before[k, i] if gate[k, i] > zero else zero
        after = before
    return after


# --- Losses: each fills `slope`, the derivative in each logit or sample ------------------------


@compiled
def sigmoid_and_softplus(a):
    """σ(a), log(1 + eᵃ) and log(1 + e⁻ᵃ), which never overflow; of the type of ``a``."""
    number = type(a)  # a plain 1 would make float64 of float32, which takes twice as long
    zero, one = number(0), number(1)
    e = np.exp(-abs(a))
    near = e > number(1e-3)  # elsewhere three terms keep the digits that 1 + e loses
    log = np.log(one + e) if near else e * (one - e / number(2) + e * e / number(3))
    return (one if a > zero else e) / (one + e), max(a, zero) + log, max(-a, zero) + log


@compiled
def discriminator_loss(kind, logits, n, slope):
    """Over n, of some real logits and then as many fakes; ``kind`` is one of those at the top."""
    m, loss, number = len(logits) // 2, 0.0, slope.dtype.type
    zero, one, part = number(0), number(1), number(1 / n)
    for i in range(m):
        real, fake = logits[i], logits[m + i]
        if kind == LOGISTIC:  # −log D(x) − log(1 − D(G(z)))
            d_real, _, of_real = sigmoid_and_softplus(real)
            d_fake, of_fake, _ = sigmoid_and_softplus(fake)
            loss += of_real + of_fake
            slope[i] = (d_real - one) * part
            slope[m + i] = d_fake * part
        elif kind == RELATIVISTIC:  # −log σ(real − fake)
            d_pair, of_pair, _ = sigmoid_and_softplus(fake - real)
            loss += of_pair
            slope[i] = -d_pair * part
            slope[m + i] = d_pair * part
        elif kind == LEAST_SQUARES:  # ½(real − 1)² + ½ fake²
            loss += ((real - one) ** 2 + fake**2) / 2
            slope[i] = (real - one) * part
            slope[m + i] = fake * part
        elif kind == HINGE:  # max(0, 1 − real) + max(0, 1 + fake)
            loss += max(zero, one - real) + max(zero, one + fake)
            slope[i] = -part if real < one else zero
            slope[m + i] = part if fake > -one else zero
        else:  # fake − real, of Wasserstein's critic
            loss += fake - real
            slope[i] = -part
            slope[m + i] = part
    return loss / n


@compiled
def logit_terms(loss, real, logits, n, slope):
    """Σ log(1 − D), −Σ log D, … over n, as much of each as the loss has."""
    value, number = 0.0, slope.dtype.type
    saturating, nonsaturating = number(loss.saturating), number(loss.nonsaturating)
    relativistic, critic = number(loss.relativistic), number(loss.critic)
    squares, one, part = number(loss.least_squares), number(1), number(1 / n)
    for i in range(len(logits)):
        d, fake, true = sigmoid_and_softplus(logits[i])
        value += nonsaturating * true - saturating * fake
        slope[i] = (nonsaturating * (d - one) - saturating * d) * part
        if relativistic != 0:
            d_pair, pair, _ = sigmoid_and_softplus(real[i] - logits[i])
            value += relativistic * pair
            slope[i] -= relativistic * d_pair * part
        if critic != 0:
            value -= critic * logits[i]
            slope[i] -= critic * part
        if squares != 0:
            value += squares * (logits[i] - one) ** 2 / 2
            slope[i] += squares * (logits[i] - one) * part
    return value / n


@compiled
def slope_penalty(d, x, n, r1, r2):
    """Add to D's gradient that of γ/2·E[D'(x)²]; D has just seen ``x``.

    It is for some real data (γ = ``r1``), and for as many fakes (γ = ``r2``).
    Source: Mescheder et al. (2018), Equation 9.
    """
    slope, m = forward(d, np.ones_like(x), True).copy(), x.shape[1] // 2
    for i in range(m):
        slope[0, i] *= r1 / n
        slope[0, m + i] *= r2 / n
    backward(d, np.ones_like(x), slope, True, False, True)


@compiled
def line_penalty(d, x, n, amount):
    """Add to D's gradient that of λ·E[(|D'(x)| − 1)²].

    Source: Gulrajani et al. (2017), Equation 3.
    """
    forward(d, x)
    slope = forward(d, np.ones_like(x), True).copy()
    for i in range(x.shape[1]):
        slope[0, i] = 2 * amount / n * (slope[0, i] - np.sign(slope[0, i]))
    backward(d, np.ones_like(x), slope, True, False, True)


@compiled
def moments(x):
    """Mean and standard deviation (n − 1) of a batch."""
    n, mean, squares = len(x), 0.0, 0.0
    for i in range(n):
        mean += x[i]
    mean /= n
    for i in range(n):
        squares += (x[i] - mean) ** 2
    return mean, math.sqrt(squares / (n - 1))


@compiled
def sample_terms(loss, mean, std, target):
    """−m, (m − μ)² and (s − σ)², as much of each as the loss has; and its slope in m and s."""
    off, spread = mean - target[0], std - target[1]
    value = loss.squared_mean * off**2 + loss.squared_std * spread**2 - loss.mean * mean
    return value, 2 * loss.squared_mean * off - loss.mean, 2 * loss.squared_std * spread


# --- One step of each player ------------------------------------------------------------------


@compiled
def adam_step(network, rate, rule):
    """Kingma and Ba (2015), Algorithm 1.  A running mean of ones keeps the digits of 1 − βᵗ.

    Optimistic: Daskalakis et al. (2018), Algorithm 1.
    """
    network.seen[0] += (1 - rule.beta1) * (1 - network.seen[0])
    network.seen[1] += (1 - rule.beta2) * (1 - network.seen[1])
    number = network.weights.dtype.type
    fresh1, fresh2, eps = number(1 - rule.beta1), number(1 - rule.beta2), number(1e-8)
    step, seen = number(rate / network.seen[0]), number(network.seen[1])
    weights, gradient = network.weights, network.gradient
    first, second, last = network.first, network.second, network.update
    for i in range(len(weights)):
        first[i] += fresh1 * (gradient[i] - first[i])
        second[i] += fresh2 * (gradient[i] * gradient[i] - second[i])
        update = step * first[i] / (np.sqrt(second[i] / seen) + eps)
        weights[i] -= update
        if rule.optimistic:
            weights[i] -= update - last[i]
            last[i] = update


@compiled
def columns(z, dtype):
    """A batch (n, k) as the networks take it, (k, n)."""
    n, width = z.shape
    x = np.empty((width, n), dtype)
    for k in range(width):
        for i in range(n):
            x[k, i] = z[i, k]
    return x


@compiled
def discriminator_step(g, d, piece, real, z, mix, kind, rate, rule):
    """One update of D on real data (n,) and noise (n, k); its loss.  G stays as it is.

    ``mix``, (n,), says where between a real value and a fake the slope is looked at.
    """
    n, loss, dtype = len(real), 0.0, d.weights.dtype
    d.gradient[:] = 0
    for start in range(0, n, piece):
        m = min(piece, n - start)
        fakes = forward(g, columns(z[start : start + m], dtype))
        both, slope = np.empty((1, 2 * m), dtype), np.empty((1, 2 * m), dtype)
        for i in range(m):
            both[0, i] = real[start + i]
            both[0, m + i] = fakes[0, i]
        loss += discriminator_loss(kind, forward(d, both)[0], n, slope[0])
        backward(d, both, slope, True, False)
        if rule.r1 != 0 or rule.r2 != 0:
            slope_penalty(d, both, n, rule.r1, rule.r2)
        if rule.lines != 0:
            between = np.empty((1, m), dtype)
            for i in range(m):
                part = mix[start + i]
                between[0, i] = part * both[0, i] + (1 - part) * both[0, m + i]
            line_penalty(d, between, n, rule.lines)
    adam_step(d, rate, rule)
    return loss


@compiled
def generator_step(g, d, piece, real, z, loss, target, rate, rule):
    """One update of G on noise (n, k); its loss.  D stays as it is.

    ``real`` is (s, n); the last batch is what a relativistic loss pairs the fakes with.
    """
    n, dtype = len(z), g.weights.dtype
    of_samples = loss.mean != 0 or loss.squared_mean != 0 or loss.squared_std != 0
    of_logits = loss.saturating != 0 or loss.nonsaturating != 0 or loss.relativistic != 0
    of_logits = of_logits or loss.critic != 0 or loss.least_squares != 0
    value, mean, by_mean, by_std = 0.0, 0.0, 0.0, 0.0
    if of_samples:
        fakes = np.empty(n, dtype)
        for start in range(0, n, piece):
            part = z[start : start + piece]
            fakes[start : start + piece] = forward(g, columns(part, dtype))[0]
        mean, std = moments(fakes)
        value, in_mean, in_std = sample_terms(loss, mean, std, target)
        by_mean, by_std = in_mean / n, in_std / ((n - 1) * std) if std > 0 else 0.0
    g.gradient[:] = 0
    for start in range(0, n, piece):
        x = columns(z[start : start + piece], dtype)
        fake = forward(g, x)
        slope = np.empty_like(fake)
        for i in range(x.shape[1]):
            slope[0, i] = by_mean + by_std * (fake[0, i] - mean)
        if of_logits:
            in_logit, judged = np.empty_like(fake), fake[0]
            if loss.relativistic != 0:
                pairs = real[-1:, start : start + piece].astype(dtype)
                judged = forward(d, pairs)[0].copy()
            value += logit_terms(loss, judged, forward(d, fake)[0], n, in_logit[0])
            through_d = backward(d, fake, in_logit, False, True)
            for i in range(x.shape[1]):
                slope[0, i] += through_d[0, i]
        backward(g, x, slope, True, False)
    adam_step(g, rate, rule)
    return value


@compiled
def train_steps(g, d, piece, real, noise, mix, loss, target, rule, decay, g_loss, d_loss):
    """T steps: D as often as there are real batches, then G.

    Args:
        g, d: of type ``Player``.
        piece: samples of a batch that are taken at a time.
        real: (T, s, n); without a discriminator s is 0.
        noise: (T, s + 1, n, k).
        mix: (T, s, n) in [0, 1); of no length without a penalty on lines.
        loss: a ``losses.Loss``.
        target: its mean and std.
        rule: of type ``Rule``.
        decay: (T,) what the learning rates are multiplied with.
        g_loss, d_loss: (T,) to be filled; the latter is that of D's last update.

    Returns how many steps it took: fewer than T if a loss became NaN or infinite.
    """
    for t in range(len(noise)):
        for s in range(real.shape[1]):
            rate = rule.rate_d * decay[t]
            d_loss[t] = discriminator_step(
                g, d, piece, real[t, s], noise[t, s], mix[t, s], loss.opponent, rate, rule
            )
        z, rate = noise[t, real.shape[1]], rule.rate_g * decay[t]
        g_loss[t] = generator_step(g, d, piece, real[t], z, loss, target, rate, rule)
        if rule.average != 0:
            for i in range(len(g.weights)):
                g.average[i] += (1 - rule.average) * (g.weights[i] - g.average[i])
        if not (np.isfinite(g_loss[t]) and (real.shape[1] == 0 or np.isfinite(d_loss[t]))):
            return t + 1
    return len(noise)
