"""The GAN of perceptrons, compiled: forward, backward, Adam, and one step of each player.

Plain loops over units and samples, in the order and with the names of the page's ``engine.js``.
Numba compiles them at their first call and keeps what it made.  Random numbers are drawn outside.
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
        outputs, slopes: (L, widest · m) each layer's output, and the gradient in its input, for
            m samples in columns.
    """

    sizes: NDArray[np.int64]
    weights: NDArray[Any]
    gradient: NDArray[Any]
    first: NDArray[Any]
    second: NDArray[Any]
    seen: NDArray[np.float64]
    outputs: NDArray[Any]
    slopes: NDArray[Any]


def create_player(sizes: Sequence[int], weights: NDArray[Any], batch: int) -> Player:
    """A network before its first update, for inputs of at most ``batch`` columns at a time."""
    room = 2, len(sizes) - 1, max(sizes) * batch
    gradient, first, second = np.zeros((3, len(weights)), weights.dtype)
    outputs, slopes = np.empty(room, weights.dtype)
    return Player(
        np.array(sizes, np.int64), weights, gradient, first, second, np.zeros(2), outputs, slopes
    )


# --- Networks -------------------------------------------------------------------------------


# Four rows at a time: each number that is read and written serves four products.


@compiled
def add_rows(to, weights, rows):
    """to += Σ weightᵣ·rowᵣ."""
    r, n = 0, len(to)
    while r + 3 < len(weights):
        wa, wb, wc, wd = weights[r], weights[r + 1], weights[r + 2], weights[r + 3]
        a, b, c, d = rows[r], rows[r + 1], rows[r + 2], rows[r + 3]
        for i in range(n):
            to[i] += wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i]
        r += 4
    while r < len(weights):
        weight, row = weights[r], rows[r]
        for i in range(n):
            to[i] += weight * row[i]
        r += 1


@compiled
def total(x):
    """Σ x; NumPy's own adds in order, and so it can't be vectorized."""
    result = x.dtype.type(0)
    for i in range(len(x)):
        result += x[i]
    return result


@compiled
def dot_rows(out, x, rows):
    """outᵣ += Σ x·rowᵣ."""
    r, zero = 0, out.dtype.type(0)
    while r + 3 < len(out):
        a, b, c, d = rows[r], rows[r + 1], rows[r + 2], rows[r + 3]
        sa, sb, sc, sd = zero, zero, zero, zero
        for i in range(len(x)):
            sa += x[i] * a[i]
            sb += x[i] * b[i]
            sc += x[i] * c[i]
            sd += x[i] * d[i]
        out[r] += sa
        out[r + 1] += sb
        out[r + 2] += sc
        out[r + 3] += sd
        r += 4
    while r < len(out):
        row, result = rows[r], zero
        for i in range(len(x)):
            result += x[i] * row[i]
        out[r] += result
        r += 1


@compiled
def relu(values):
    """max(a, 0) in place; NaN stays NaN."""
    for row in values:
        zero = row.dtype.type(0)
        for i in range(len(row)):
            row[i] = zero if row[i] < zero else row[i]


@compiled
def layer_at(flat, at, inputs, units):
    """W (units, inputs) and b (units,) of the layer whose numbers begin at ``at``."""
    middle = at + units * inputs
    return flat[at:middle].reshape((units, inputs)), flat[middle : middle + units]


@compiled
def forward(network, x):
    """The outputs (n,) for inputs ``x``, shape (k, n): valid until the next call."""
    n, at, last = x.shape[1], 0, len(network.sizes) - 2
    for layer in range(last + 1):
        inputs, units = network.sizes[layer], network.sizes[layer + 1]
        matrix, bias = layer_at(network.weights, at, inputs, units)
        at += units * (inputs + 1)
        output = network.outputs[layer, : units * n].reshape((units, n))
        for j in range(units):
            output[j] = bias[j]
        if units * inputs >= WIDE:
            output += np.dot(matrix, x)
        else:
            for j in range(units):
                add_rows(output[j], matrix[j], x)
        if layer < last:
            relu(output)
        x = output
    return x[0]


@compiled
def backward(network, x, slope, of_weights, of_input):
    """After ``forward`` with ``x``: from the gradient in its outputs, ``slope`` (n,), back.

    Adds to the network's gradient, if ``of_weights``; returns the gradient in ``x``, (k, n), if
    ``of_input``.
    """
    n, at = len(slope), len(network.weights)
    after = slope.reshape((1, n))
    for layer in range(len(network.sizes) - 2, -1, -1):
        inputs, units = network.sizes[layer], network.sizes[layer + 1]
        at -= units * (inputs + 1)
        matrix, _ = layer_at(network.weights, at, inputs, units)
        source = x
        if layer > 0:
            source = network.outputs[layer - 1, : inputs * n].reshape((inputs, n))
        if of_weights:
            in_matrix, in_bias = layer_at(network.gradient, at, inputs, units)
            if units * inputs >= WIDE:
                in_matrix += np.dot(after, source.T)
            for j in range(units):
                if units * inputs < WIDE:
                    dot_rows(in_matrix[j], after[j], source)
                in_bias[j] += total(after[j])
        if layer == 0 and not of_input:
            break
        before = network.slopes[layer, : inputs * n].reshape((inputs, n))
        if units * inputs >= WIDE:
            np.dot(matrix.T, after, before)
        else:
            before[:] = 0
            for k in range(inputs):
                add_rows(before[k], matrix[:, k], after)
        if layer > 0:  # ReLU lets through what was positive on the way there
            for k in range(inputs):
                row, hidden, zero = before[k], source[k], before.dtype.type(0)
                for i in range(n):
                    row[i] = row[i] if hidden[i] > zero else zero
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
def discriminator_loss(logits, n, slope):
    """−Σ log D(x) − Σ log(1 − D(G(z))) over n, of some real logits and then as many fakes."""
    m, loss, number = len(logits) // 2, 0.0, slope.dtype.type
    one, part = number(1), number(1 / n)
    for i in range(m):
        d_real, _, real = sigmoid_and_softplus(logits[i])
        d_fake, fake, _ = sigmoid_and_softplus(logits[m + i])
        loss += real + fake
        slope[i] = (d_real - one) * part
        slope[m + i] = d_fake * part
    return loss / n


@compiled
def logit_terms(loss, logits, n, slope):
    """Σ log(1 − D) and −Σ log D over n, as much of each as the loss has."""
    value, number = 0.0, slope.dtype.type
    saturating, nonsaturating = number(loss.saturating), number(loss.nonsaturating)
    one, part = number(1), number(1 / n)
    for i in range(len(logits)):
        d, fake, real = sigmoid_and_softplus(logits[i])
        value += nonsaturating * real - saturating * fake
        slope[i] = (nonsaturating * (d - one) - saturating * d) * part
    return value / n


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
def adam_step(network, rate, beta1, beta2):
    """Kingma and Ba (2015), Algorithm 1.  A running mean of ones keeps the digits of 1 − βᵗ."""
    network.seen[0] += (1 - beta1) * (1 - network.seen[0])
    network.seen[1] += (1 - beta2) * (1 - network.seen[1])
    number = network.weights.dtype.type
    fresh1, fresh2, eps = number(1 - beta1), number(1 - beta2), number(1e-8)
    step, seen = number(rate / network.seen[0]), number(network.seen[1])
    weights, gradient = network.weights, network.gradient
    first, second = network.first, network.second
    for i in range(len(weights)):
        first[i] += fresh1 * (gradient[i] - first[i])
        second[i] += fresh2 * (gradient[i] * gradient[i] - second[i])
        weights[i] -= step * first[i] / (np.sqrt(second[i] / seen) + eps)


@compiled
def columns(z, dtype):
    """A batch (n, k) as the networks take it, (k, n)."""
    x = np.empty((z.shape[1], z.shape[0]), dtype)
    for k in range(x.shape[0]):
        for i in range(x.shape[1]):
            x[k, i] = z[i, k]
    return x


@compiled
def discriminator_step(g, d, piece, real, z, rate, beta1, beta2):
    """One update of D on real data (n,) and noise (n, k); its loss.  G stays as it is."""
    n, loss = len(real), 0.0
    d.gradient[:] = 0
    for start in range(0, n, piece):
        m = min(piece, n - start)
        both = np.empty((1, 2 * m), d.weights.dtype)
        both[0, :m] = real[start : start + m]
        both[0, m:] = forward(g, columns(z[start : start + m], g.weights.dtype))
        slope = np.empty(2 * m, d.weights.dtype)
        loss += discriminator_loss(forward(d, both), n, slope)
        backward(d, both, slope, True, False)
    adam_step(d, rate, beta1, beta2)
    return loss


@compiled
def generator_step(g, d, piece, z, loss, target, rate, beta1, beta2):
    """One update of G on noise (n, k); its loss.  D stays as it is."""
    n, dtype = len(z), g.weights.dtype
    of_logits = loss.saturating != 0 or loss.nonsaturating != 0
    of_samples = loss.mean != 0 or loss.squared_mean != 0 or loss.squared_std != 0
    value, mean, std, in_mean, in_std = 0.0, 0.0, 0.0, 0.0, 0.0
    if of_samples:
        fakes = np.empty(n, dtype)
        for start in range(0, n, piece):
            part = z[start : start + piece]
            fakes[start : start + piece] = forward(g, columns(part, dtype))
        mean, std = moments(fakes)
        value, in_mean, in_std = sample_terms(loss, mean, std, target)
    g.gradient[:] = 0
    for start in range(0, n, piece):
        x = columns(z[start : start + piece], dtype)
        fake = forward(g, x)
        m = len(fake)
        slope = np.zeros(m, dtype)
        if of_logits:
            fakes = fake.reshape((1, m))
            in_logit = np.empty(m, d.weights.dtype)
            value += logit_terms(loss, forward(d, fakes), n, in_logit)
            slope += backward(d, fakes, in_logit, False, True)[0]
        if of_samples:
            by_std = in_std / ((n - 1) * std) if std > 0 else 0.0
            for i in range(m):
                slope[i] += in_mean / n + by_std * (fake[i] - mean)
        backward(g, x, slope, True, False)
    adam_step(g, rate, beta1, beta2)
    return value


@compiled
def train_steps(g, d, piece, real, noise, loss, target, settings, g_loss, d_loss):
    """T steps: D as often as there are real batches, then G.

    Args:
        g, d: of type ``Player``.
        piece: samples of a batch that are taken at a time.
        real: (T, s, n); without a discriminator s is 0.
        noise: (T, s + 1, n, k).
        loss: a ``losses.GeneratorLoss``.
        target: its mean and std.
        settings: the learning rates of G and D, β₁ and β₂.
        g_loss, d_loss: (T,) to be filled; the latter is that of D's last update.

    Returns how many steps it took: fewer than T if a loss became NaN or infinite.
    """
    rate_g, rate_d, beta1, beta2 = settings
    for t in range(len(noise)):
        for s in range(real.shape[1]):
            d_loss[t] = discriminator_step(
                g, d, piece, real[t, s], noise[t, s], rate_d, beta1, beta2
            )
        z = noise[t, real.shape[1]]
        g_loss[t] = generator_step(g, d, piece, z, loss, target, rate_g, beta1, beta2)
        if not (np.isfinite(g_loss[t]) and (real.shape[1] == 0 or np.isfinite(d_loss[t]))):
            return t + 1
    return len(noise)
