// The GAN itself: two small networks, their losses, Adam, and one step of each player.
// No page, no shared state: `GanLab.createGan(settings)` makes an object that holds all of it.
// The Python package is the reference; tests/test_lab_engine.py holds both to the same weights.
GanLab.inWorkers(function () {
  "use strict";
  const { randomSource, sigmoid, softplus } = GanLab;

  function fill(values, draw) {
    for (let i = 0; i < values.length; i++) values[i] = draw();
    return values;
  }
  const filled = (n, draw) => fill(new Float64Array(n), draw);

  // --- Networks -------------------------------------------------------------------------------

  /**
   * A perceptron with ReLU between its layers; `sizes` is [inputs, hidden …, 1].
   * `weights` holds, layer after layer, W (out × in, row by row) and b (out).
   * A batch of n lies in columns: unit j of sample i is at j·n + i.
   */
  function createNetwork(sizes, start, random) {
    const layers = [];
    let length = 0;
    for (let l = 1; l < sizes.length; l++) {
      const [inputs, units] = [sizes[l - 1], sizes[l]];
      layers.push({ inputs, units, w: length, b: length + inputs * units });
      length += (inputs + 1) * units;
    }
    const network = { sizes, layers, weights: new Float64Array(length), rooms: new Map() };
    for (const layer of layers) {
      // "normal" is N(0, 1), as in lesson 6; "uniform" is PyTorch's own, within ±1/√inputs.
      const bound = 1 / Math.sqrt(layer.inputs);
      for (let i = layer.w; i < layer.b + layer.units; i++) {
        network.weights[i] =
          start === "normal" ? random.normal() : bound * (2 * random.uniform() - 1);
      }
    }
    return network;
  }

  /** Space for all layers' outputs at batch size n, used again in each step. */
  function roomFor(network, n) {
    if (!network.rooms.has(n)) {
      if (network.rooms.size > 8) network.rooms.clear();
      network.rooms.set(n, {
        outputs: network.layers.map((layer) => new Float64Array(layer.units * n)),
        tangents: network.layers.map((layer) => new Float64Array(layer.units * n)),
        slopes: network.layers.map((layer) => new Float64Array(layer.inputs * n)),
        gradient: new Float64Array(network.weights.length),
        ofTangent: new Float64Array(network.weights.length),
        ones: new Float64Array(n).fill(1),
      });
    }
    return network.rooms.get(n);
  }

  // The loops in which all the time goes.  Four rows at a time: each number that is read and
  // written serves four products, between wide layers up to sixteen.  Indices are constants of
  // their own: taken apart from an array with fractions in it, they would be fractions, too.
  // Firefox takes what was typed for a fraction, and needs twice the time: `| 0` makes it whole.

  /**
   * toⱼ = startⱼ + Σ weightⱼᵣ·rowᵣ for so many units j, whose weights lie `across` from each
   * other; the starts lie in the weights from `starts` on, or are 0 with null.
   */
  function sumUnits(to, units, starts, weights, first, across, apart, rows, from, n) {
    units |= 0, first |= 0, across |= 0, apart |= 0, rows |= 0, n |= 0;
    const wide = units % 4 === 0 && rows % 4 === 0;
    for (let j = 0; j < units; j++) {
      const start = starts === null ? 0 : weights[starts + j];
      if (wide) to.fill(start, j * n, (j + 1) * n);
      else sumRows(to, j * n, start, weights, first + j * across, apart, rows, from, n);
    }
    for (let j = 0; wide && j < units; j += 4) {
      addToFour(to, j * n, weights, first + j * across, across, apart, rows, from, n);
    }
  }

  /** What `addRows` does, for four units; in the same order, so to the same last bit. */
  function addToFour(to, at, weights, first, across, apart, rows, from, n) {
    const at2 = at + n, at3 = at2 + n, at4 = at3 + n;
    const two = 2 * apart, far = 3 * apart;
    for (let r = 0; r < rows; r += 4) {
      const a = r * n, b = a + n, c = b + n, d = c + n;
      const p = first + r * apart, q = p + across, s = q + across, t = s + across;
      const pa = weights[p], pb = weights[p + apart], pc = weights[p + two], pd = weights[p + far];
      const qa = weights[q], qb = weights[q + apart], qc = weights[q + two], qd = weights[q + far];
      const sa = weights[s], sb = weights[s + apart], sc = weights[s + two], sd = weights[s + far];
      const ta = weights[t], tb = weights[t + apart], tc = weights[t + two], td = weights[t + far];
      for (let i = 0; i < n; i++) {
        const fa = from[a + i], fb = from[b + i], fc = from[c + i], fd = from[d + i];
        to[at + i] += pa * fa + pb * fb + pc * fc + pd * fd;
        to[at2 + i] += qa * fa + qb * fb + qc * fc + qd * fd;
        to[at3 + i] += sa * fa + sb * fb + sc * fc + sd * fd;
        to[at4 + i] += ta * fa + tb * fb + tc * fc + td * fd;
      }
    }
  }

  /** to = start + Σ weightᵣ·rowᵣ over so many rows of n numbers; the weights lie `apart`. */
  function sumRows(to, toAt, start, weights, first, apart, rows, from, n) {
    const wa = weights[first];
    if (rows === 1) {
      for (let i = 0; i < n; i++) to[toAt + i] = start + wa * from[i];
    } else if (rows === 2) {
      const wb = weights[first + apart];
      for (let i = 0; i < n; i++) to[toAt + i] = start + wa * from[i] + wb * from[n + i];
    } else {
      to.fill(start, toAt, toAt + n);
      addRows(to, toAt, weights, first, apart, rows, from, n);
    }
  }

  /** to += Σ weightᵣ·rowᵣ. */
  function addRows(to, toAt, weights, first, apart, rows, from, n) {
    let r = 0;
    for (; r + 3 < rows; r += 4) {
      const a = r * n, b = a + n, c = b + n, d = c + n;
      const wa = weights[first + r * apart];
      const wb = weights[first + (r + 1) * apart];
      const wc = weights[first + (r + 2) * apart];
      const wd = weights[first + (r + 3) * apart];
      for (let i = 0; i < n; i++) {
        to[toAt + i] += wa * from[a + i] + wb * from[b + i] + wc * from[c + i] + wd * from[d + i];
      }
    }
    for (; r < rows; r++) {
      const weight = weights[first + r * apart];
      const at = r * n;
      for (let i = 0; i < n; i++) to[toAt + i] += weight * from[at + i];
    }
  }

  function putFour(out, at, apart, a, b, c, d) {
    out[at] = a;
    out[at + apart] = b;
    out[at + 2 * apart] = c;
    out[at + 3 * apart] = d;
  }

  /** outᵣ = Σ x·rowᵣ over n numbers, for so many rows; the results are put `apart`. */
  function dotRows(out, outAt, apart, x, xAt, rows, from, n) {
    let r = 0;
    for (; r + 3 < rows; r += 4) {
      const a = r * n, b = a + n, c = b + n, d = c + n;
      let sa = 0, sb = 0, sc = 0, sd = 0;
      for (let i = 0; i < n; i++) {
        const value = x[xAt + i];
        sa += value * from[a + i];
        sb += value * from[b + i];
        sc += value * from[c + i];
        sd += value * from[d + i];
      }
      putFour(out, outAt + r * apart, apart, sa, sb, sc, sd);
    }
    for (; r < rows; r++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += x[xAt + i] * from[r * n + i];
      out[outAt + r * apart] = sum;
    }
  }

  /** The same for so many columns xₖ of n numbers, whose results lie `across` from each other. */
  function dotColumns(out, outAt, across, apart, x, columns, rows, from, n) {
    outAt |= 0, across |= 0, apart |= 0, columns |= 0, rows |= 0, n |= 0;
    let k = 0;
    for (; rows % 4 === 0 && k + 1 < columns; k += 2) {
      dotTwo(out, outAt + k * across, across, apart, x, k * n, rows, from, n);
    }
    for (; k < columns; k++) dotRows(out, outAt + k * across, apart, x, k * n, rows, from, n);
  }

  /** What `dotRows` does, for two columns. */
  function dotTwo(out, outAt, across, apart, x, xAt, rows, from, n) {
    const yAt = xAt + n;
    for (let r = 0; r < rows; r += 4) {
      const a = r * n, b = a + n, c = b + n, d = c + n;
      let xa = 0, xb = 0, xc = 0, xd = 0, ya = 0, yb = 0, yc = 0, yd = 0;
      for (let i = 0; i < n; i++) {
        const one = x[xAt + i], other = x[yAt + i];
        const fa = from[a + i], fb = from[b + i], fc = from[c + i], fd = from[d + i];
        xa += one * fa;
        xb += one * fb;
        xc += one * fc;
        xd += one * fd;
        ya += other * fa;
        yb += other * fb;
        yc += other * fc;
        yd += other * fd;
      }
      putFour(out, outAt + r * apart, apart, xa, xb, xc, xd);
      putFour(out, outAt + across + r * apart, apart, ya, yb, yc, yd);
    }
  }

  /**
   * The outputs for n inputs `x`, (1 × n): valid until the next call with the same n.
   *
   * With `tangent`, after a plain call: their derivative in the direction `x`.  The network is
   * piecewise linear, so that is a linear network with the same gates, and without biases.
   */
  function forward(network, x, n, tangent = false) {
    const { weights, layers } = network;
    const { outputs, tangents } = roomFor(network, n);
    let input = x;
    layers.forEach(({ inputs, units, w, b }, l) => {
      const output = (tangent ? tangents : outputs)[l];
      sumUnits(output, units, tangent ? null : b, weights, w, inputs, 1, inputs, input, n);
      if (l < layers.length - 1) tangent ? gate(output, outputs[l]) : relu(output);
      input = output;
    });
    return input;
  }

  // Without an "if": which unit is on for a sample is chance, and a processor that has guessed
  // wrong has to begin again.

  /** What is below 0 becomes 0; NaN stays NaN. */
  function relu(values) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      values[i] = (value + Math.abs(value)) / 2;
    }
  }

  /** Through a gate that is not above 0 nothing passes. */
  function gate(values, gates) {
    for (let i = 0; i < values.length; i++) values[i] *= +(gates[i] > 0);
  }

  /** Walk from the last layer to the first with the gradient in each layer's output. */
  function walkBack(network, n, slope, visit) {
    const { layers, weights } = network;
    const { outputs, slopes } = roomFor(network, n);
    let after = slope;
    for (let l = layers.length - 1; l >= 0; l--) {
      visit(layers[l], l, after);
      if (l === 0) return after;
      const before = slopes[l];
      throughLayer(layers[l], weights, after, before, n);
      // ReLU lets through what was positive on the way there.
      gate(before, outputs[l - 1]);
      after = before;
    }
    return after;
  }

  /** From the gradient in a layer's output to that in its input, which is filled. */
  function throughLayer({ inputs, units, w }, weights, after, before, n) {
    sumUnits(before, inputs, null, weights, w, 1, inputs, units, after, n);
  }

  /**
   * The gradient in all weights after `forward` with the same x, n and `tangent`, from that in
   * each output.
   */
  function weightGradient(network, x, n, slope, tangent = false) {
    const room = roomFor(network, n);
    const { ones } = room;
    const gradient = tangent ? room.ofTangent : room.gradient;
    const outputs = tangent ? room.tangents : room.outputs;
    walkBack(network, n, slope, ({ inputs, units, w, b }, l, after) => {
      const input = l ? outputs[l - 1] : x;
      if (!tangent) dotColumns(gradient, b, 0, 1, ones, 1, units, after, n);
      // The longer side in the rows: four sums at a time don't wait for each other.
      if (inputs < units) dotColumns(gradient, w, 1, inputs, input, inputs, units, after, n);
      else dotColumns(gradient, w, inputs, 1, after, units, inputs, input, n);
    });
    return gradient;
  }

  /** The gradient in each input after `forward` with the same n, from that in each output. */
  function inputGradient(network, n, slope) {
    const { slopes } = roomFor(network, n);
    const after = walkBack(network, n, slope, () => {});
    throughLayer(network.layers[0], network.weights, after, slopes[0], n);
    return slopes[0];
  }

  // --- Losses: each fills `slope`, the derivative in each sample or logit, and returns its value

  /** −E[log D(x)] − E[log(1 − D(G(z)))], from n logits of real data and then n of fakes. */
  function discriminatorLoss(logits, n, slope) {
    let loss = 0;
    for (let i = 0; i < n; i++) {
      loss += softplus(-logits[i]) + softplus(logits[n + i]);
      slope[i] = (sigmoid(logits[i]) - 1) / n;
      slope[n + i] = sigmoid(logits[n + i]) / n;
    }
    return loss / n;
  }

  /** −E[log σ(D(x) − D(G(z)))], each real value paired with one fake. */
  function relativisticDiscriminatorLoss(logits, n, slope) {
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const gap = logits[n + i] - logits[i];
      loss += softplus(gap);
      slope[n + i] = sigmoid(gap) / n;
      slope[i] = -slope[n + i];
    }
    return loss / n;
  }

  /** E[D(G(z))] − E[D(x)], of Wasserstein's critic. */
  function criticLoss(logits, n, slope) {
    let loss = 0;
    for (let i = 0; i < n; i++) loss += logits[n + i] - logits[i];
    slope.fill(-1 / n, 0, n).fill(1 / n, n);
    return loss / n;
  }

  /**
   * The sum of value(a, b) over all logits a, by n, and of its derivative slope(a, b).  With pairs b
   * is the partner of a; else it is 1 for the first n logits, which are to be "real", and 0 for
   * others.
   */
  const sumOf = (value, slopeAt) =>
    function (logits, n, slope, partners) {
      let loss = 0;
      for (let i = 0; i < logits.length; i++) {
        const b = partners ? partners[i] : Number(i < n);
        loss += value(logits[i], b);
        slope[i] = slopeAt(logits[i], b) / n;
      }
      return loss / n;
    };

  /** E[log(1 − D(G(z)))], which G minimises. */
  const saturating = sumOf((a) => -softplus(a), (a) => -sigmoid(a));

  /** −E[log D(G(z))]. */
  const nonsaturating = sumOf((a) => softplus(-a), (a) => sigmoid(a) - 1);

  /** −E[log σ(D(G(z)) − D(x))]. */
  const relativistic = sumOf((a, real) => softplus(real - a), (a, real) => -sigmoid(real - a));

  /** ½E[(D(x) − 1)²] + ½E[D(G(z))²], and for G, whose fakes are to be "real", ½E[(D(G(z)) − 1)²]. */
  const leastSquares = sumOf((a, wanted) => (a - wanted) ** 2 / 2, (a, wanted) => a - wanted);

  const signOf = (real) => 1 - 2 * real;

  /** E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]. */
  const hingeDiscriminatorLoss = sumOf(
    (a, real) => Math.max(0, 1 + signOf(real) * a),
    (a, real) => (1 + signOf(real) * a > 0 ? signOf(real) : 0),
  );

  /** −E[D(G(z))]. */
  function score(logits, n, slope) {
    slope.fill(-1 / n);
    return -moments(logits, n).mean;
  }

  /** Mean and standard deviation (n − 1) of a batch. */
  function moments(x, n) {
    let [mean, squares] = [0, 0];
    for (let i = 0; i < n; i++) mean += x[i] / n;
    for (let i = 0; i < n; i++) squares += (x[i] - mean) ** 2;
    return { mean, std: Math.sqrt(squares / (n - 1)) };
  }

  /** −E[G(z)]. */
  function mean(fakes, n, slope) {
    slope.fill(-1 / n);
    return -moments(fakes, n).mean;
  }

  /** (m − μ)². */
  function squared_mean(fakes, n, slope, target) {
    const gap = moments(fakes, n).mean - target.mean;
    slope.fill((2 * gap) / n);
    return gap ** 2;
  }

  /** (m − μ)² + (s − σ)². */
  function stats(fakes, n, slope, target) {
    const { mean, std } = moments(fakes, n);
    const [gap, spread] = [mean - target.mean, std - target.std];
    const perUnit = std > 0 ? (2 * spread) / ((n - 1) * std) : 0;
    for (let i = 0; i < n; i++) slope[i] = (2 * gap) / n + perUnit * (fakes[i] - mean);
    return gap ** 2 + spread ** 2;
  }

  /**
   * The losses for G by name: a term of D's logits, a term of the samples, or both; `opponent` is
   * the loss that D has against it, if not the usual one.
   */
  GanLab.LOSSES = {
    nonsaturating: { label: "non-saturating, −log D", logits: nonsaturating },
    saturating: { label: "saturating, log(1 − D)", logits: saturating },
    mean: { label: "mean, −E[G(z)]", samples: mean },
    squared_mean: { label: "squared mean, (m − μ)²", samples: squared_mean },
    stats: { label: "stats, (m − μ)² + (s − σ)²", samples: stats },
    adversarial_plus_stats: { label: "adversarial + stats", logits: nonsaturating, samples: stats },
    relativistic: {
      label: "relativistic, D(fake) against D(real)",
      logits: relativistic,
      opponent: relativisticDiscriminatorLoss,
    },
    least_squares: { label: "least squares", logits: leastSquares, opponent: leastSquares },
    hinge: { label: "hinge", logits: score, opponent: hingeDiscriminatorLoss },
    wasserstein: { label: "Wasserstein's critic", logits: score, opponent: criticLoss },
  };

  // --- Adam -----------------------------------------------------------------------------------

  /** Kingma and Ba (2015), Algorithm 1; `seen` is 1 − βᵗ, also when β changes on the way. */
  function createAdam(length) {
    const [first, second, last] = [0, 0, 0].map(() => new Float64Array(length));
    return { first, second, last, seen: new Float64Array(2) };
  }

  /** Optimistic: Daskalakis et al. (2018), Algorithm 1. */
  function adamStep(adam, weights, gradient, rate, { beta1, beta2, optimistic }) {
    const { first, second, last, seen } = adam;
    seen[0] += (1 - beta1) * (1 - seen[0]);
    seen[1] += (1 - beta2) * (1 - seen[1]);
    for (let i = 0; i < weights.length; i++) {
      first[i] += (1 - beta1) * (gradient[i] - first[i]);
      second[i] += (1 - beta2) * (gradient[i] ** 2 - second[i]);
      const size = Math.sqrt(second[i] / seen[1]) + 1e-8;
      const update = ((rate / seen[0]) * first[i]) / size;
      weights[i] -= optimistic === "yes" ? 2 * update - last[i] : update;
      last[i] = update;
    }
  }

  // --- Settings -------------------------------------------------------------------------------

  /** What can be set, its usual value, what is allowed, and what needs a fresh start (`shape`). */
  GanLab.SETTINGS = {
    loss: { label: "loss of G", usual: "nonsaturating", choices: Object.keys(GanLab.LOSSES) },
    batch: { label: "batch size", usual: 128, min: 2, max: 4096, whole: true },
    rateG: { label: "learning rate of G", usual: 0.001, min: 1e-9, max: 10 },
    rateD: { label: "learning rate of D", usual: 0.001, min: 1e-9, max: 10 },
    beta1: { label: "Adam's β₁", usual: 0.9, min: 0, max: 0.999 },
    beta2: { label: "Adam's β₂", usual: 0.999, min: 0, max: 0.9999 },
    dSteps: { label: "D steps per G step", usual: 1, min: 0, max: 50, whole: true },
    r1: { label: "R1: γ on real data", usual: 0, min: 0, max: 100, cure: true },
    r2: { label: "R2: γ on fakes", usual: 0, min: 0, max: 100, cure: true },
    gradientPenalty: { label: "gradient penalty: λ", usual: 0, min: 0, max: 100, cure: true },
    average: { label: "average of G: what stays", usual: 0, min: 0, max: 0.9999, cure: true },
    decaySteps: { label: "rates fall to 0 by step", usual: 0, min: 0, max: 1e6, whole: true, cure: true },
    optimistic: { label: "optimistic Adam", usual: "no", choices: ["no", "yes"], cure: true },
    standardise: {
      label: "data standardised", usual: "no", choices: ["no", "yes"], cure: true, shape: true,
    },
    latent: { label: "dimensions of z", usual: 2, min: 1, max: 10, whole: true, shape: true },
    hidden: { label: "hidden units", usual: 16, min: 1, max: 128, whole: true, shape: true },
    layers: { label: "hidden layers", usual: 1, min: 1, max: 3, whole: true, shape: true },
    start: { label: "first weights", usual: "normal", choices: ["normal", "uniform"], shape: true },
    seed: { label: "seed", usual: 0, min: 0, max: 2 ** 32 - 1, whole: true, shape: true },
  };

  GanLab.DEFAULTS = {};
  for (const name in GanLab.SETTINGS) GanLab.DEFAULTS[name] = GanLab.SETTINGS[name].usual;
  GanLab.DEFAULTS.target = { kind: "normal", mean: 2, std: 1.5 };

  /** The value, or an Error that says what is allowed. */
  GanLab.checkSetting = function (name, value) {
    if (name === "target") return GanLab.target(value).spec;
    if (!Object.hasOwn(GanLab.SETTINGS, name)) {
      throw new Error(`${GanLab.quoted(name)} is no setting of this lab`);
    }
    const { label, choices, ...range } = GanLab.SETTINGS[name];
    if (!choices) return GanLab.checkNumber(label, value, range);
    return choices.includes(value)
      ? value
      : GanLab.refuse(label, value, `one of ${choices.join(", ")}`);
  };

  /** All settings, of which some are given; an Error says which of these is not allowed. */
  GanLab.checkSettings = function (given) {
    const own = { ...GanLab.DEFAULTS, ...given };
    for (const name in GanLab.DEFAULTS) own[name] = GanLab.checkSetting(name, own[name]);
    return own;
  };

  // --- The GAN --------------------------------------------------------------------------------

  GanLab.WATCHED = 500; // samples that are looked at, always from the same noise

  /**
   * A GAN that has not been trained yet.
   *
   * `settings` are GanLab.DEFAULTS, changed where you like.  `source` replaces the random
   * numbers, for a replay: {real(n), noise(n)} return a batch, as Float64Array in columns.
   */
  GanLab.createGan = function (settings, source) {
    const own = GanLab.checkSettings(settings);
    const { latent, hidden, layers, start, seed } = own;
    const between = Array(layers).fill(hidden);
    const first = randomSource(seed, 1);
    const training = randomSource(seed, 2);
    const watching = randomSource(seed, 3); // its own, so that looking does not change the run

    const player = (sizes) => {
      const network = createNetwork(sizes, start, first);
      return { network, adam: createAdam(network.weights.length), updates: 0, loss: NaN };
    };
    const g = player([latent, ...between, 1]);
    g.average = g.network.weights.slice();
    const averaged = { ...g.network, weights: g.average };
    const sampled = () => (own.average ? averaged : g.network);
    const d = player([1, ...between, 1]);
    const watched = filled(latent * GanLab.WATCHED, watching.normal);
    let fresh = null; // noise for the optimality gap, drawn when it is first asked for
    const rooms = {}; // arrays that each step uses again, by their names
    let target = GanLab.target(own.target);
    const drawn = source || {
      real: (n) => fill(room("real", n), () => target.sample(training)),
      noise: (n) => fill(room("noise", latent * n), training.normal),
      mix: (n) => fill(room("mix", n), training.uniform),
    };
    let lastReal = new Float64Array(0); // what a relativistic loss pairs the fakes with

    // Standardised, the networks see (x − m)/s, with m and s of 1000 samples.
    const unit = { mean: 0, std: 1 };
    if (own.standardise === "yes") {
      const seen = randomSource(seed, 4);
      Object.assign(unit, moments(filled(1000, () => target.sample(seen)), 1000));
    }
    const inUnits = (x) => (x - unit.mean) / unit.std;
    const inData = (x) => unit.mean + unit.std * x;

    const gan = {
      settings: own,
      g: g.network,
      d: d.network,
      average: g.average,
      diverged: null,
      get steps() { return g.updates; },
      get stepsD() { return d.updates; },
      get lossG() { return g.loss; },
      get lossD() { return d.loss; },
      get target() { return target; },
    };

    function room(name, n) {
      if (rooms[name]?.length !== n) rooms[name] = new Float64Array(n);
      return rooms[name];
    }

    /** Take one of Adam's steps, unless the numbers have left what a computer can hold. */
    function learn(who, name, loss, gradient, rate) {
      who.loss = loss;
      let finite = Number.isFinite(loss);
      for (let i = 0; finite && i < gradient.length; i++) finite = Number.isFinite(gradient[i]);
      if (!finite) {
        gan.diverged = { step: g.updates, player: name };
        return NaN;
      }
      const done = own.decaySteps ? Math.min(1, g.updates / own.decaySteps) : 0;
      const left = (1 + Math.cos(Math.PI * done)) / 2;
      adamStep(who.adam, who.network.weights, gradient, left * rate, own);
      who.updates += 1;
      return loss;
    }

    /** One update of D on a fresh batch; its loss.  G stays as it is. */
    gan.stepD = function () {
      if (gan.diverged) return NaN;
      const n = own.batch;
      const both = room("both", 2 * n);
      const real = drawn.real(n);
      lastReal = room("lastReal", n);
      for (let i = 0; i < n; i++) both[i] = lastReal[i] = inUnits(real[i]);
      both.set(forward(g.network, drawn.noise(n), n), n);
      const slope = room("slopeD", 2 * n);
      const judge = GanLab.LOSSES[own.loss].opponent || discriminatorLoss;
      const loss = judge(forward(d.network, both, 2 * n), n, slope);
      const gradient = weightGradient(d.network, both, 2 * n, slope);
      if (own.r1 || own.r2) {
        const amount = (i) => (i < n ? own.r1 : own.r2) / n;
        addSlopePenalty(gradient, both, 2 * n, (steep, i) => amount(i) * steep);
      }
      if (own.gradientPenalty) {
        const mix = drawn.mix(n);
        const between = mix.map((part, i) => part * both[i] + (1 - part) * both[n + i]);
        forward(d.network, between, n);
        const pull = (2 * own.gradientPenalty) / n;
        addSlopePenalty(gradient, between, n, (steep) => pull * (steep - Math.sign(steep)));
      }
      return learn(d, "D", loss, gradient, own.rateD);
    };

    /** Add to D's gradient that of a penalty on its slope; D has just seen the n values of x. */
    function addSlopePenalty(gradient, x, n, inSlope) {
      const ones = new Float64Array(n).fill(1);
      const slope = forward(d.network, ones, n, true).map(inSlope);
      const more = weightGradient(d.network, ones, n, slope, true);
      for (let i = 0; i < gradient.length; i++) gradient[i] += more[i];
    }

    /** The loss of G on fakes made from the noise z, and its slope in each fake. */
    function judgeFakes(z, n) {
      const fakes = forward(g.network, z, n);
      const { logits, samples } = GanLab.LOSSES[own.loss];
      const slope = room("slope", n).fill(0);
      const goal = { mean: inUnits(target.mean), std: target.std / unit.std };
      let loss = samples ? samples(fakes, n, slope, goal) : 0;
      if (logits) {
        const inLogit = room("slopeG", n);
        let real = null;
        if (logits === relativistic) {
          const pairs = lastReal.length === n ? lastReal : GanLab.quantiles(target, n).map(inUnits);
          real = forward(d.network, pairs, n).slice();
        }
        loss += logits(forward(d.network, fakes, n), n, inLogit, real);
        const through = inputGradient(d.network, n, inLogit);
        for (let i = 0; i < n; i++) slope[i] += through[i];
      }
      return { fakes, loss, slope };
    }

    /** One update of G on a fresh batch; its loss.  D stays as it is. */
    gan.stepG = function () {
      if (gan.diverged) return NaN;
      const n = own.batch;
      const z = drawn.noise(n);
      const { loss, slope } = judgeFakes(z, n);
      const learned = learn(g, "G", loss, weightGradient(g.network, z, n, slope), own.rateG);
      const { average, network: { weights } } = g;
      for (let i = 0; i < average.length; i++) {
        average[i] += (1 - own.average) * (weights[i] - average[i]);
      }
      return learned;
    };

    /** One training step: D as often as the settings say, and then G. */
    gan.step = function () {
      for (let i = 0; i < own.dSteps; i++) gan.stepD();
      return gan.stepG();
    };

    /** Change settings on the way; the shape of the networks and the seed stay. */
    gan.change = function (changes) {
      const checked = {};
      for (const [name, value] of Object.entries(changes)) {
        const { shape, label } = GanLab.SETTINGS[name] || {};
        if (shape) throw new Error(`${label} needs a fresh start`);
        checked[name] = GanLab.checkSetting(name, value);
      }
      Object.assign(own, checked);
      target = GanLab.target(own.target);
    };

    /** What G makes of the watched noise, (500): the same noise at every look. */
    gan.samples = () => forward(sampled(), watched, GanLab.WATCHED).map(inData);

    /** G of given noise, one column for each of the n points, (latent × n). */
    gan.generate = (z, n) => forward(sampled(), Float64Array.from(z), n).map(inData);

    /** D's probability of "real" at each x. */
    gan.judge = (x) => forward(d.network, Float64Array.from(x, inUnits), x.length).map(sigmoid);

    /** The slope of D's logit across the data, from μ − σ to μ + σ. */
    gan.lean = function () {
      const ends = [target.mean - target.std, target.mean + target.std];
      const [low, high] = forward(d.network, Float64Array.from(ends, inUnits), 2);
      return (high - low) / (2 * target.std);
    };

    /**
     * How good D is against what any D could reach: {loss, jsd, best, floor}.
     *
     * `loss` is D's on n real values (the target's quantiles, which carry no noise of their
     * own) and n fakes that it was not trained on; `best` is log 4 − 2·JSD, D*'s loss.  The
     * JSD is estimated from the fakes in 30 bins; `floor` is what a perfect G would get.
     */
    gan.optimality = function (n = 2000) {
      if (!fresh || fresh.length !== latent * n) fresh = filled(latent * n, watching.normal);
      const fakes = forward(sampled(), fresh, n);
      const both = new Float64Array(2 * n);
      both.set(GanLab.quantiles(target, n).map(inUnits));
      both.set(fakes, n);
      const jsd = GanLab.jsd(fakes.map(inData), target);
      const loss = discriminatorLoss(forward(d.network, both, 2 * n), n, room("slopeD", 2 * n));
      const floor = GanLab.floor("jsd", target, n, 30);
      return { loss, jsd, best: GanLab.LOG_4 - 2 * jsd, floor };
    };

    /** Where the loss pushes each of the first n watched fakes: minus n times its slope. */
    gan.pushes = function (n) {
      const z = new Float64Array(latent * n);
      for (let k = 0; k < latent; k++) {
        z.set(watched.subarray(k * GanLab.WATCHED, k * GanLab.WATCHED + n), k * n);
      }
      const { fakes, slope } = judgeFakes(z, n);
      return { from: fakes.map(inData), by: slope.map((s) => (-s * n) / unit.std) };
    };

    const arraysOf = ({ network, adam, average = network.weights }) => {
      return { weights: network.weights, average, ...adam };
    };
    const copyPlayer = (who) => {
      const { updates, loss } = who;
      return { ...structuredClone(arraysOf(who)), updates, loss };
    };

    function putBack(who, { updates, loss, ...saved }) {
      for (const [name, array] of Object.entries(arraysOf(who))) array.set(saved[name]);
      Object.assign(who, { updates, loss });
    }

    /** All that the run depends on, as a copy. */
    gan.snapshot = () => ({
      settings: { ...own },
      g: copyPlayer(g),
      d: copyPlayer(d),
      lastReal: lastReal.slice(),
      random: training.state.slice(),
    });

    /** Back to a snapshot: from there the same steps give the same run. */
    gan.restore = function (saved) {
      if (saved.g.weights.length !== g.network.weights.length) {
        throw new Error("the snapshot is of networks of another shape");
      }
      Object.assign(own, saved.settings);
      target = GanLab.target(own.target);
      putBack(g, saved.g);
      putBack(d, saved.d);
      lastReal = saved.lastReal.slice();
      training.state.splice(0, 5, ...saved.random);
      gan.diverged = null;
    };

    return gan;
  };

  GanLab.moments = moments;
});
