// Theory for two known densities, and a measure, which the labs of lessons 1, 2 and 4 show.
(function () {
  "use strict";
  const { softplus } = GanLab;

  /** By the trapezoidal rule. */
  function integrate(xs, values) {
    let sum = 0;
    for (let i = 1; i < xs.length; i++) {
      sum += ((values[i] + values[i - 1]) / 2) * (xs[i] - xs[i - 1]);
    }
    return sum;
  }

  /**
   * What each x adds to V: p·log D + q·log(1 − D), for densities and D on a grid.  `logit` is
   * D's, so that no logarithm of 0 is taken.
   */
  GanLab.gameIntegrand = (pData, pG, logit) =>
    logit.map((a, i) => -pData[i] * softplus(-a) - pG[i] * softplus(a));

  /** V(D, G) = E log D(x) + E log(1 − D(G(z))) on an even grid, by the trapezoidal rule. */
  GanLab.gameValue = (xs, pData, pG, logit) =>
    integrate(xs, GanLab.gameIntegrand(pData, pG, logit));

  /** JSD(p, q) in nats for densities on a grid. */
  GanLab.jsdOfDensities = (xs, p, q) =>
    integrate(xs, xs.map((_, i) => GanLab.divergence(p[i], q[i])));

  /** The largest gap between the samples' cdf and the target's. */
  GanLab.ks = function (samples, target) {
    const own = Float64Array.from(samples).sort();
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
})();
