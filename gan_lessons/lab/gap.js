// The optimality gap over the training steps: the loss of D, and the least that any D could get.
(function () {
  "use strict";
  const { clamp, playsD, words } = GanLab;
  const { STEPS, beyond, ofEach, spanOfColumns, uprights } = GanLab.showing;

  /** What the verdict means, as lesson 5 has it: a blind D misses more than half. */
  const VERDICTS = {
    "G is right": "a perfect G gets such a JSD, too.",
    "D sees it": "G is off, and D sees half of that or more.",
    "D is blind": "G is off, and D misses more than half of that.",
  };

  function make(lab, chart) {
    const stand = uprights(lab, chart);
    const missed = chart.area("gap", { kind: "gap", label: "what D misses" });
    const bests = ofEach(lab, chart, "line", "dstar", "the best D");
    const owns = ofEach(lab, chart, "line", "loss-d", "this D");
    chart.rule(GanLab.LOG_4, { label: "log 4" });

    function describe(run) {
      if (run.gan.target.points) return "This target has no density, so there is no JSD to estimate.";
      if (!playsD(run.gan.settings)) return "D plays no part in this loss.";
      const found = lab.gapOf(run); // the newest, of this point or before
      if (!found) return "";
      if (!Number.isFinite(found.loss)) {
        return "The loss of D is no longer a number, so there is no gap to measure.";
      }
      const all = lab.historyOf(run).entries.map(({ runs }) => runs[lab.indexOf(run)]);
      const { stepsD } = all.find(({ gap }) => gap === found);
      const verdict = GanLab.verdict(found);
      return (
        (stepsD || verdict === "G is right"
          ? `${verdict}: ${VERDICTS[verdict]}`
          : "D has not learned yet.") +
        ` JSD ${words(found.jsd)} (a perfect G: up to ${words(found.floor.high)}); ` +
        `loss of D ${words(found.loss)}, the best D would get about ${words(found.best)}.`
      );
    }

    function draw() {
      const top = clamp(spanOfColumns(lab, "d_loss_fresh")[1], 1.5, 6);
      const y = stand(lab.axes.gap.fit(0, top, true));
      lab.lines().forEach((run, i) => {
        const gapAt = ({ runs }) => runs[lab.indexOf(run)].gap;
        const known = lab.historyOf(run).entries.filter((at) => Number.isFinite(gapAt(at)?.loss));
        const steps = known.map(({ step }) => step);
        const [lowest, real] = ["best", "loss"].map((name) => known.map((at) => gapAt(at)[name]));
        for (const series of [bests[i], owns[i]]) series.hide(Boolean(run.gan.target.points));
        bests[i].set(steps, lowest);
        owns[i].set(steps, real);
        if (i) return;
        missed.hide(Boolean(run.gan.target.points));
        missed.set(steps, lowest, real.map((value, k) => Math.max(value, lowest[k])));
      });
      return [beyond([lab.gapOf(lab.runs[0])?.loss], y)];
    }
    return { draw, describe };
  }

  GanLab.SCENES.gap = {
    title: "Optimality gap", make, time: true,
    look: () => ({ x: STEPS, y: { label: "loss of D" } }),
    meaning: "The loss of D on samples that it was not trained on, and the lowest that any D " +
      "could reach, log 4 − 2·JSD. JSD: how far p_g is from p_data, 0 if they are the same, " +
      "log 2 if they share nothing.",
  };
})();
