// Runs of the engine for the tests; loaded after targets.js and engine.js.
(function () {
  "use strict";
  const GanLab = globalThis.GanLab;

  const farthest = (found, wanted) =>
    found.reduce(
      (worst, w, i) => Math.max(worst, Math.abs(w - wanted[i]) / Math.max(1, Math.abs(wanted[i]))),
      found.every(Number.isFinite) ? 0 : Infinity,
    );

  /** Replay a trace; the largest relative differences of weights and losses. */
  globalThis.replay = function (trace) {
    const draw = (batches) => () => Float64Array.from(batches.shift());
    const source = {};
    for (const name of ["real", "noise", "mix"]) source[name] = draw([...trace[name]]);
    const gan = GanLab.createGan({ ...trace.settings, target: trace.target }, source);
    gan.g.weights.set(trace.start.g);
    gan.average.set(trace.start.g);
    gan.d.weights.set(trace.start.d);
    const [lossG, lossD] = [[], []];
    let weights = 0;
    trace.weights.g.forEach((_, step) => {
      const ofD = Array.from({ length: trace.settings.dSteps }, gan.stepD);
      if (ofD.length) lossD.push(ofD.at(-1));
      lossG.push(gan.stepG());
      weights = Math.max(weights, farthest(gan.g.weights, trace.weights.g[step]));
      weights = Math.max(weights, farthest(gan.d.weights, trace.weights.d[step]));
      weights = Math.max(weights, farthest(gan.average, trace.weights.average[step]));
    });
    const losses = Math.max(farthest(lossG, trace.lossG), farthest(lossD, trace.lossD));
    // JSON knows no infinity.
    return { weights: Math.min(weights, 1e300), losses: Math.min(losses, 1e300) };
  };
})();
