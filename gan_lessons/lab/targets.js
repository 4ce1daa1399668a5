// The targets, and how far samples are from them: the same definitions as in
// gan_lessons/distributions.py, metrics.py and theory.py, to which the tests hold them.
GanLab.inWorkers(function () {
  "use strict";
  const GanLab = (globalThis.GanLab = globalThis.GanLab || {});
  const { clamp, softplus } = GanLab;

  // --- The normal distribution ----------------------------------------------------------------

  const normalPdf = (x, mean, std) =>
    Math.exp(-(((x - mean) / std) ** 2) / 2) / (std * Math.sqrt(2 * Math.PI));

  /** erf by the series e^(−x²)·2/√π·Σ 2ᵏx²ᵏ⁺¹/(2k + 1)!!, whose terms are all positive. */
  function erf(x) {
    if (Math.abs(x) > 6) return Math.sign(x);
    let [term, sum] = [x, x];
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
      term *= (2 * x * x) / (2 * k + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }

  const normalCdf = (x, mean, std) => (1 + erf((x - mean) / (std * Math.SQRT2))) / 2;

  // --- Targets --------------------------------------------------------------------------------

  /** The kinds of target and what each can be told; `std` of a mixture is that of one peak. */
  GanLab.TARGETS = {
    normal: { label: "normal", mean: 5, std: 1 },
    mixture: { label: "two peaks", mean: 0, std: 0.5, gap: 4 },
    uniform: { label: "uniform", mean: 2, std: 1 },
    exponential: { label: "exponential", mean: 1, std: 1 },
    two_point: { label: "two points", mean: 5, std: 1 },
  };

  GanLab.TARGET_SETTINGS = {
    mean: { label: "mean of the target, μ", min: -20, max: 20 },
    std: { label: "spread of the target, σ", min: 0.05, max: 10 },
    gap: { label: "distance between the peaks", min: 0, max: 20 },
  };

  const laws = {
    normal: ({ mean, std }) => ({
      pdf: (x) => normalPdf(x, mean, std),
      cdf: (x) => normalCdf(x, mean, std),
      sample: (random) => mean + std * random.normal(),
    }),
    mixture({ mean, std, gap }) {
      const [left, right] = [mean - gap / 2, mean + gap / 2];
      return {
        pdf: (x) => (normalPdf(x, left, std) + normalPdf(x, right, std)) / 2,
        cdf: (x) => (normalCdf(x, left, std) + normalCdf(x, right, std)) / 2,
        sample: (random) => (random.uniform() < 0.5 ? left : right) + std * random.normal(),
        std: Math.sqrt(std ** 2 + gap ** 2 / 4),
        peaks: [left, right],
      };
    },
    uniform({ mean, std }) {
      const half = Math.sqrt(3) * std;
      return {
        pdf: (x) => (Math.abs(x - mean) <= half ? 1 / (2 * half) : 0),
        cdf: (x) => clamp((x - mean + half) / (2 * half), 0, 1),
        sample: (random) => mean + half * (2 * random.uniform() - 1),
        edges: [mean - half, mean + half],
      };
    },
    /** It begins at mean − std, so that mean and std can be chosen like the others'. */
    exponential({ mean, std }) {
      const start = mean - std;
      return {
        pdf: (x) => (x < start ? 0 : Math.exp(-(x - start) / std) / std),
        cdf: (x) => (x < start ? 0 : 1 - Math.exp(-(x - start) / std)),
        sample: (random) => start - std * Math.log(random.uniform()),
        edges: [start, start],
      };
    },
    /** Half of the mass at each of two points: it has no density. */
    two_point: ({ mean, std }) => ({
      pdf: () => 0,
      cdf: (x) => ((x >= mean - std ? 1 : 0) + (x >= mean + std ? 1 : 0)) / 2,
      sample: (random) => mean + (random.uniform() < 0.5 ? -std : std),
      points: [mean - std, mean + std],
    }),
  };

  /**
   * A target from {kind, mean, std, gap}: {spec, mean, std, pdf(x), cdf(x), quantile(u),
   * sample(random)}, and `points` for a target without a density.
   */
  GanLab.target = function (spec) {
    const own = { kind: Object(spec).kind };
    if (!Object.hasOwn(GanLab.TARGETS, own.kind)) {
      // The word of a link, and what the menu calls it.
      const words = ([kind, { label }]) => (kind === label ? kind : `${kind} (${label})`);
      const known = Object.entries(GanLab.TARGETS).map(words).join(", ");
      GanLab.refuse("kind of target", own.kind, `one of ${known}`);
    }
    const usual = GanLab.TARGETS[own.kind];
    for (const [name, rule] of Object.entries(GanLab.TARGET_SETTINGS)) {
      if (!(name in usual)) continue;
      const given = spec[name] === undefined ? usual[name] : spec[name];
      own[name] = GanLab.checkNumber(rule.label, given, rule);
    }
    const law = laws[own.kind](own);
    const { points } = law;

    /** The smallest x with cdf(x) ≥ u, by halving. */
    function quantile(u) {
      if (points) return u <= 0.5 ? points[0] : points[1];
      let low = own.mean - 40 * own.std - (own.gap || 0);
      let high = own.mean + 40 * own.std + (own.gap || 0);
      for (let i = 0; i < 60; i++) {
        const middle = (low + high) / 2;
        if (law.cdf(middle) < u) low = middle;
        else high = middle;
      }
      return high;
    }

    return { spec: own, mean: own.mean, std: own.std, quantile, ...law };
  };

  // --- Metrics --------------------------------------------------------------------------------

  const remembered = new Map();

  /** What is costly is computed once for each key, and forgotten when there is too much of it. */
  function remember(key, compute) {
    if (!remembered.has(key)) {
      if (remembered.size > 100) remembered.clear();
      remembered.set(key, compute());
    }
    return remembered.get(key);
  }

  const keyOf = (target, ...more) => JSON.stringify([target.spec, ...more]);
  const sorted = (samples) => Float64Array.from(samples).sort();

  /** The quantile of sorted numbers, between two of them on the straight line. */
  GanLab.quantileOf = function (ordered, share) {
    const at = share * (ordered.length - 1);
    const below = Math.floor(at);
    const above = ordered[Math.min(below + 1, ordered.length - 1)];
    return ordered[below] + (at - below) * (above - ordered[below]);
  };

  /** The target's quantiles in the middle of n equal steps. */
  GanLab.quantiles = (target, n) =>
    remember(keyOf(target, "quantiles", n), () =>
      Float64Array.from({ length: n }, (_, i) => target.quantile((i + 0.5) / n)),
    );

  /** W1 in the units of x: the mean distance between the n samples, sorted, and n quantiles. */
  GanLab.w1 = function (samples, target) {
    const own = sorted(samples);
    const wanted = GanLab.quantiles(target, own.length);
    return own.reduce((sum, x, i) => sum + Math.abs(x - wanted[i]), 0) / own.length;
  };

  /** The largest gap between the samples' cdf and the target's. */
  GanLab.ks = function (samples, target) {
    const own = sorted(samples);
    const n = own.length;
    let worst = 0;
    for (let i = 0; i < n; i++) {
      const last = i === n - 1 || own[i + 1] > own[i];
      const first = i === 0 || own[i] > own[i - 1];
      // Just before a sample there may be a jump of the target: see metrics.ks_distance.
      if (last) worst = Math.max(worst, (i + 1) / n - target.cdf(own[i]));
      if (first) {
        const below = own[i] - 1e-9 * Math.max(1, Math.abs(own[i]));
        worst = Math.max(worst, target.cdf(below) - i / n);
      }
    }
    return worst;
  };

  /**
   * JSD in nats, both sides sorted into bins that are equally likely under the target; NaN for a
   * target without a density, which has no such bins.
   */
  GanLab.jsd = function (samples, target, bins = 30) {
    if (target.points) return NaN;
    const edges = remember(keyOf(target, "edges", bins), () =>
      Float64Array.from({ length: bins - 1 }, (_, i) => target.quantile((i + 1) / bins)),
    );
    const counts = new Float64Array(bins);
    const own = sorted(samples);
    let bin = 0;
    for (const x of own) {
      while (bin < bins - 1 && x > edges[bin]) bin += 1;
      counts[bin] += 1 / own.length;
    }
    return counts.reduce((sum, p) => sum + divergence(p, 1 / bins), 0);
  };

  /**
   * How many peaks of a target the samples cover: each counts for the nearest peak, if it lies
   * within three of its σ, and a peak needs a fifth of its share.
   */
  GanLab.modesCovered = function (samples, { peaks, spec }) {
    const counts = peaks.map(() => 0);
    for (const x of samples) {
      const gaps = peaks.map((peak) => Math.abs(x - peak));
      const nearest = Math.min(...gaps);
      gaps.forEach((gap, i) => (counts[i] += gap === nearest && gap <= 3 * spec.std ? 1 : 0));
    }
    const asked = Math.max(1, (0.2 * samples.length) / peaks.length);
    return counts.filter((count) => count >= asked).length;
  };

  /** What one bin, or one place, with p of the one and q of the other adds to the JSD. */
  function divergence(p, q) {
    const toMiddle = (a) => (a > 0 ? (a * Math.log((2 * a) / (p + q))) / 2 : 0);
    return toMiddle(p) + toMiddle(q);
  }

  /** The band that a perfect sampler gets at the same n: {low, median, high}, 10, 50, 90 %. */
  GanLab.floor = function (name, target, n, repeats = 100) {
    return remember(keyOf(target, "floor", name, n, repeats), () => {
      const random = GanLab.randomSource(0, 4);
      const scores = new Float64Array(repeats);
      for (let i = 0; i < repeats; i++) {
        const perfect = Float64Array.from({ length: n }, () => target.sample(random));
        scores[i] = GanLab[name](perfect, target);
      }
      scores.sort();
      const at = (share) => scores[Math.round(share * (repeats - 1))];
      return { low: at(0.1), median: at(0.5), high: at(0.9) };
    });
  };

  /** The samples' density at each x, by a Gaussian kernel with Silverman's bandwidth. */
  GanLab.density = function (samples, xs) {
    const own = sorted(samples);
    const n = own.length;
    const std = GanLab.moments(own, n).std * Math.sqrt((n - 1) / n);
    const between = GanLab.quantileOf(own, 0.75) - GanLab.quantileOf(own, 0.25);
    const spread = Math.min(std, between / 1.34) || std;
    const span = Math.max(...xs) - Math.min(...xs);
    const width = Math.max(0.9 * spread * n ** -0.2, span / 1000);
    return Float64Array.from(xs, (x) => {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const gap = (x - own[i]) / width;
        if (gap < 9 && gap > -9) sum += Math.exp((-gap * gap) / 2);
      }
      return sum / (n * width * Math.sqrt(2 * Math.PI));
    });
  };

  // --- Theory, for two known densities --------------------------------------------------------

  /** D* = p/(p + q) at one point; ½ where neither has any density. */
  GanLab.optimalD = (p, q) => (p + q > 0 ? p / (p + q) : 0.5);

  /**
   * What each x adds to V: p·log D + q·log(1 − D), for densities and D on a grid.  `logit` is
   * D's, so that no logarithm of 0 is taken.
   */
  GanLab.gameIntegrand = (pData, pG, logit) =>
    logit.map((a, i) => -pData[i] * softplus(-a) - pG[i] * softplus(a));

  /** V(D, G) = E log D(x) + E log(1 − D(G(z))) on an even grid, by the trapezoidal rule. */
  GanLab.gameValue = (xs, pData, pG, logit) =>
    integrate(xs, GanLab.gameIntegrand(pData, pG, logit));

  function integrate(xs, values) {
    let sum = 0;
    for (let i = 1; i < xs.length; i++) {
      sum += ((values[i] + values[i - 1]) / 2) * (xs[i] - xs[i - 1]);
    }
    return sum;
  }
  GanLab.integrate = integrate;

  /** JSD(p, q) in nats for densities on a grid. */
  GanLab.jsdOfDensities = (xs, p, q) =>
    integrate(xs, xs.map((_, i) => divergence(p[i], q[i])));

  /** n evenly spaced numbers from low to high, both included. */
  GanLab.grid = (low, high, n) =>
    Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));
});
