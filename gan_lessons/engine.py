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
def forward(network, x):
    """The outputs (1, n) for inputs ``x``, (k, n): valid until the next call."""
    weights, at, last, n = network.weights, 0, len(network.sizes) - 2, x.shape[1]
    zero = weights.dtype.type(0)
    for layer in range(last + 1):
        inputs, units = network.sizes[layer], network.sizes[layer + 1]
        w, b = at, at + inputs * units
        at = b + units
        matrix = weights[w:b].reshape((units, inputs))
        output = network.outputs[layer, : units * n].reshape((units, n))
        if inputs * units >= WIDE:
            np.dot(matrix, x, output)
            for j in range(units):
                bias = weights[b + j]
                for i in range(n):
                    output[j, i] += bias
        else:
            for j in range(units):
                bias = weights[b + j]
                for i in range(n):
                    output[j, i] = bias
                add_rows(output, j, matrix, x)
        if layer < last:  # ReLU, as a factor of 1 or 0: so NaN stays NaN
            for j in range(units):
                for i in range(n):
                    output[j, i] *= output[j, i] > zero
        x = output
    return x


@compiled
def backward(network, x, slope, of_weights, of_input):
    """After ``forward`` with the same ``x``: from the gradient in its outputs, (1, n), back.

    Adds to the network's gradient, if ``of_weights``; returns the gradient in ``x``, (k, n), if
    ``of_input``.
    """
    weights, gradient, at, n = network.weights, network.gradient, len(network.weights), x.shape[1]
    zero = weights.dtype.type(0)
    after = slope
    for layer in range(len(network.sizes) - 2, -1, -1):
        inputs, units = network.sizes[layer], network.sizes[layer + 1]
        b = at - units
        w = at = b - inputs * units
        wide = inputs * units >= WIDE
        source = x
        if layer > 0:
            source = network.outputs[layer - 1, : inputs * n].reshape((inputs, n))
        if of_weights:
            in_matrix = gradient[w:b].reshape((units, inputs))
            if wide:
                in_matrix += np.dot(after, source.T)
            for j in range(units):
                total = zero
                for i in range(n):
                    total += after[j, i]
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
                    before[k, i] = before[k, i] if source[k, i] > zero else zero
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
    n, width = z.shape
    x = np.empty((width, n), dtype)
    for k in range(width):
        for i in range(n):
            x[k, i] = z[i, k]
    return x


@compiled
def discriminator_step(g, d, piece, real, z, rate, beta1, beta2):
    """One update of D on real data (n,) and noise (n, k); its loss.  G stays as it is."""
    n, loss, dtype = len(real), 0.0, d.weights.dtype
    d.gradient[:] = 0
    for start in range(0, n, piece):
        m = min(piece, n - start)
        fakes = forward(g, columns(z[start : start + m], dtype))
        both, slope = np.empty((1, 2 * m), dtype), np.empty((1, 2 * m), dtype)
        for i in range(m):
            both[0, i] = real[start + i]
            both[0, m + i] = fakes[0, i]
        loss += discriminator_loss(forward(d, both)[0], n, slope[0])
        backward(d, both, slope, True, False)
    adam_step(d, rate, beta1, beta2)
    return loss


@compiled
def generator_step(g, d, piece, z, loss, target, rate, beta1, beta2):
    """One update of G on noise (n, k); its loss.  D stays as it is."""
    n, dtype = len(z), g.weights.dtype
    of_logits = loss.saturating != 0 or loss.nonsaturating != 0
    of_samples = loss.mean != 0 or loss.squared_mean != 0 or loss.squared_std != 0
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
            in_logit = np.empty_like(fake)
            value += logit_terms(loss, forward(d, fake)[0], n, in_logit[0])
            through_d = backward(d, fake, in_logit, False, True)
            for i in range(x.shape[1]):
                slope[0, i] += through_d[0, i]
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
