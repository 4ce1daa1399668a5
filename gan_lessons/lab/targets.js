// The targets, and how far samples are from them: the same definitions as in
// gan_lessons/distributions.py, metrics.py and theory.py, to which the tests hold them.
GanLab.inWorkers(function () {
  "use strict";
  const { clamp } = GanLab;

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
    drawn: { label: "drawn by hand", mean: 2, std: 1, shape: "02457acdfffdca754335bkvzuka410000" },
  };

  GanLab.TARGET_SETTINGS = {
    mean: { label: "mean of the target, μ", min: -20, max: 20 },
    std: { label: "spread of the target, σ", min: 0.05, max: 10 },
    gap: { label: "distance between the peaks", min: 0, max: 20 },
    shape: { label: "heights of the drawing", check: checkShape },
  };

  // --- The sheet on which a target is drawn ---------------------------------------------------

  // It spans 8σ with a knot at each quarter of σ: μ, and what lies whole σ away, are knots, a peak
  // of the usual width has a dozen, and on a phone they are as far apart as a finger is exact.
  const KNOTS = 33;
  const REACH = 4; // σ from μ to each end

  /** The greatest height, which is written as "z". */
  GanLab.FULL_HEIGHT = 35;

  /** Where the knots of a drawn target lie. */
  GanLab.knotsOf = ({ mean, std }) => GanLab.grid(mean - REACH * std, mean + REACH * std, KNOTS);

  /** Heights at the knots, whole numbers from 0 to 35, as a text with one digit of base 36 each. */
  GanLab.shapeOf = (heights) => Array.from(heights, (height) => height.toString(36)).join("");

  /** The way back. */
  GanLab.heightsOf = (shape) => Array.from(shape, (digit) => parseInt(digit, 36));

  function checkShape(label, given) {
    const text = String(given);
    if (/^[0-9a-z]*[1-9a-z][0-9a-z]*$/.test(text) && text.length === KNOTS) return text;
    const hint = text.length === KNOTS ? "" : `; these are ${text.length}`;
    const allowed = `${KNOTS} heights, each one of 0 to 9 and a to z, and not all 0${hint}`;
    return GanLab.refuse(label, given, allowed);
  }

  /**
   * What to draw on, {kind: "drawn", mean, std, shape}, so that it starts as another target: each
   * height is the mean density around its knot, which points have as well.
   */
  GanLab.sheetOf = function (target) {
    if (target.spec.kind === "drawn") return target.spec;
    const { mean } = target;
    const std = Math.min(target.std, GanLab.TARGET_SETTINGS.std.max);
    const half = std / 8;
    const around = (x) => target.cdf(x + half) - target.cdf(x - half);
    const masses = GanLab.knotsOf({ mean, std }).map(around);
    const full = GanLab.FULL_HEIGHT / Math.max(...masses);
    const shape = GanLab.shapeOf(masses.map((mass) => Math.round(full * mass)));
    return { kind: "drawn", mean, std, shape };
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
    /**
     * Straight lines from knot to knot, 0 outside.  `full` is the density at the full height.
     * In here x is counted in knots, k + s with s from 0 to 1, and masses are so many heights.
     */
    drawn({ mean, std, shape }) {
      const heights = GanLab.heightsOf(shape);
      const [first] = GanLab.knotsOf({ mean, std });
      const step = (2 * REACH * std) / (KNOTS - 1);
      const below = [0]; // the mass up to each knot, and two moments around the middle
      let [moment, square] = [0, 0];
      for (let k = 0; k < KNOTS - 1; k++) {
        const [a, b, from] = [heights[k], heights[k + 1], k - (KNOTS - 1) / 2];
        const [mass, inside] = [(a + b) / 2, (a + 2 * b) / 6];
        below.push(below[k] + mass);
        moment += from * mass + inside;
        square += from ** 2 * mass + 2 * from * inside + (a + 3 * b) / 12;
      }
      const total = below.at(-1);
      const centre = moment / total;

      /** Where x lies, and the density per knot there. */
      function at(x) {
        const place = clamp((x - first) / step, 0, KNOTS - 1);
        const k = Math.min(Math.floor(place), KNOTS - 2);
        const s = place - k;
        return { k, s, height: heights[k] + s * (heights[k + 1] - heights[k]) };
      }

      function cdf(x) {
        const { k, s, height } = at(x);
        return (below[k] + (s * (heights[k] + height)) / 2) / total;
      }

      /** The root of a·s + (b − a)·s²/2 = mass, written so that no digits are lost. */
      function quantile(u) {
        const k = below.findIndex((mass) => mass > 0 && mass >= u * total) - 1;
        const [a, b, mass] = [heights[k], heights[k + 1], u * total - below[k]];
        const root = a + Math.sqrt(Math.max(a ** 2 + 2 * (b - a) * mass, 0));
        return first + step * (k + (root > 0 ? Math.min((2 * mass) / root, 1) : 0));
      }

      const last = first + step * (KNOTS - 1);
      return {
        pdf: (x) => (x >= first && x <= last ? at(x).height / (total * step) : 0),
        cdf,
        quantile,
        sample: (random) => quantile(random.uniform()),
        mean: mean + step * centre,
        std: step * Math.sqrt(square / total - centre ** 2),
        full: GanLab.FULL_HEIGHT / (total * step),
      };
    },
  };

  /**
   * A target from {kind, mean, std, gap, shape}: {spec, mean, std, pdf(x), cdf(x), quantile(u),
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
      own[name] = (rule.check || GanLab.checkNumber)(rule.label, given, rule);
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
    return counts.reduce((sum, p) => sum + GanLab.divergence(p, 1 / bins), 0);
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
  GanLab.divergence = function (p, q) {
    const toMiddle = (a) => (a > 0 ? (a * Math.log((2 * a) / (p + q))) / 2 : 0);
    return toMiddle(p) + toMiddle(q);
  };

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

  /** D* = p/(p + q) at one point; ½ where neither has any density. */
  GanLab.optimalD = (p, q) => (p + q > 0 ? p / (p + q) : 0.5);

  /** n evenly spaced numbers from low to high, both included. */
  GanLab.grid = (low, high, n) =>
    Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));
});
