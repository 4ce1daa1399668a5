// What the engine promises, one claim each: a function that returns true.
globalThis.claims = (function () {
  "use strict";
  const GanLab = globalThis.GanLab;
  const state = (gan) => JSON.stringify([gan.snapshot(), gan.steps, gan.stepsD]);
  const weights = (gan) => [gan.g.weights.join(), gan.d.weights.join()];

  function trained(settings, steps) {
    const gan = GanLab.createGan(settings);
    for (let i = 0; i < steps; i++) gan.step();
    return gan;
  }

  return {
    "from a snapshot on, the same steps give the same run, settings included"() {
      const gan = trained({}, 7);
      gan.stepD();
      const saved = gan.snapshot();
      gan.step();
      gan.step();
      const then = state(gan);
      gan.change({ rateG: 0.5, loss: "stats", target: { kind: "uniform" } });
      gan.step();
      gan.restore(saved);
      gan.step();
      gan.step();
      return state(gan) === then;
    },

    "a snapshot is a copy"() {
      const gan = trained({}, 1);
      const saved = gan.snapshot();
      const before = JSON.stringify(saved);
      gan.step();
      gan.change({ batch: 9, target: { kind: "uniform" } });
      return JSON.stringify(saved) === before;
    },

    "looking does not change the run"() {
      const [seen, unseen] = [trained({}, 0), trained({}, 0)];
      for (let i = 0; i < 5; i++) {
        seen.step();
        unseen.step();
        seen.samples();
        seen.judge([1, 2]);
        seen.pushes(20);
        seen.optimality();
        seen.generate([0, 0], 1);
      }
      return state(seen) === state(unseen);
    },

    "two GANs share nothing"() {
      const alone = trained({ seed: 4 }, 5);
      const [one, other] = [trained({ seed: 4 }, 0), trained({ seed: 5 }, 0)];
      for (let i = 0; i < 5; i++) {
        one.step();
        other.step();
      }
      return state(one) === state(alone) && state(other) !== state(alone);
    },

    "a step of D leaves G as it is, and the other way round"() {
      const gan = trained({}, 3);
      const before = weights(gan);
      gan.stepD();
      const between = weights(gan);
      gan.stepG();
      const after = weights(gan);
      const ofD = between[0] === before[0] && between[1] !== before[1];
      const ofG = after[0] !== between[0] && after[1] === between[1];
      return ofD && ofG && gan.steps === 4 && gan.stepsD === 4;
    },

    "a step is so many steps of D, and one of G"() {
      const gan = trained({ dSteps: 3 }, 2);
      return gan.steps === 2 && gan.stepsD === 6;
    },

    "a run that left the numbers stops, and comes back"() {
      const gan = GanLab.createGan({ loss: "squared_mean", layers: 3 });
      const saved = gan.snapshot();
      gan.g.weights.fill(1e200);
      gan.stepG();
      const { step, player } = gan.diverged;
      const stopped = Number.isNaN(gan.step()) && gan.g.weights.every((w) => w === 1e200);
      gan.restore(saved);
      gan.step();
      return step === 0 && player === "G" && stopped && !gan.diverged && gan.steps === 1;
    },

    "a push is minus n times the slope of the loss in its sample"() {
      const gan = GanLab.createGan({ loss: "saturating" });
      for (let i = 0; i < 50; i++) gan.stepD();
      const { from, by } = gan.pushes(20);
      const loss = (x) => Math.log(1 - gan.judge([x])[0]);
      const slope = (x) => (loss(x + 1e-6) - loss(x - 1e-6)) / 2e-6;
      return by.every((push, i) => Math.abs(push + slope(from[i])) < 1e-5);
    },

    "standardised networks speak in the data's units, wherever these lie"() {
      const settings = (mean, std) => {
        return { standardise: "yes", loss: "relativistic", target: { kind: "normal", mean, std } };
      };
      const [near, far] = [trained(settings(0, 1), 20), trained(settings(7, 3), 20)];
      const close = (a, b) => Math.abs(a - b) < 1e-6;
      const { from, by } = near.pushes(9);
      const pushed = far.pushes(9);
      return (
        near.samples().every((x, i) => close(7 + 3 * x, far.samples()[i])) &&
        close(near.judge([0.3])[0], far.judge([7.9])[0]) &&
        close(near.optimality().loss, far.optimality().loss) &&
        from.every((x, i) => close(7 + 3 * x, pushed.from[i])) &&
        by.every((push, i) => close(push, 3 * pushed.by[i]))
      );
    },

    "what is sampled is the average, if one is kept"() {
      const gan = trained({ average: 0.9 }, 10);
      const before = gan.samples();
      gan.average.fill(0);
      return before.some((x) => x !== 0) && gan.samples().every((x) => x === 0);
    },

    "for a D that says ½ everywhere, the optimality gap is 2·JSD"() {
      const gan = trained({}, 0);
      gan.d.weights.fill(0);
      const { loss, best, jsd } = gan.optimality();
      return Math.abs(loss - GanLab.LOG_4) < 1e-9 && Math.abs(loss - best - 2 * jsd) < 1e-9;
    },

    "settings that are changed on the way count from the next step on"() {
      const gan = trained({ rateD: 1e-3 }, 2);
      const other = trained({ rateD: 1e-3 }, 2);
      gan.change({ rateD: 1e-9 });
      const before = gan.d.weights.slice();
      gan.stepD();
      other.stepD();
      const moved = (d) => Math.max(...d.weights.map((w, i) => Math.abs(w - before[i])));
      return moved(gan.d) < 1e-8 && moved(other.d) > 1e-5;
    },
  };
})();

globalThis.broken = () =>
  Object.entries(globalThis.claims)
    .filter(([, holds]) => holds() !== true)
    .map(([claim]) => claim);
