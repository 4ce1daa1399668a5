// The way of the run in a plane: the mean against D's slope, where a GAN circles, or the std.
(function () {
  "use strict";
  const { words } = GanLab;
  const { beyond, ofEach, spanOf, usual } = GanLab.showing;

  const LATEST = 400; // points of the orbit
  const TAIL = [0, 0.3, 0.55, 0.75, 0.9]; // where each part of it begins, the fainter the older

  const PLANES = { lean: "slope of D's logit", std: "standard deviation" };

  function make(lab, chart, place) {
    let plane = "std";
    function turn(name) {
      plane = name;
      chart.options.y.label = PLANES[name];
      chart.stale = true;
    }
    if (lab.lines().some(({ gan }) => GanLab.playsD(gan.settings))) {
      turn("lean");
      const choice = GanLab.element("div", { class: "lab-choice" });
      place.prepend(choice);
      GanLab.field(choice, {
        kind: "select", label: "against", choices: Object.entries(PLANES), value: plane,
        onChange(name) {
          turn(name);
          lab.axes.orbit.reset();
          draw();
        },
      });
    }
    const rest = chart.segments("rest", { kind: "ghost" });
    const tails = TAIL.map((_, k) => {
      const label = k === TAIL.length - 1 ? "the latest steps" : "";
      return ofEach(lab, chart, "line", `map lab-tail-${k}`, label);
    });
    const nows = ofEach(lab, chart, "points", "fake", "");
    const target = chart.points("target", { kind: "data", shape: "cross", label: "target" });

    /** The latest steps of a run: {xs, ys}. */
    function way(run) {
      const i = lab.indexOf(run);
      const { step } = lab.here();
      const fine = lab.historyOf(run).trail.filter((one) => one.step <= step).slice(-LATEST);
      return [fine.map(({ runs }) => runs[i].mean), fine.map(({ runs }) => runs[i][plane])];
    }
    function describe(run) {
      const { mean, std } = lab.now(run);
      const { target: wanted } = run.gan;
      const peaks = wanted.peaks ? ` (two peaks with σ = ${wanted.spec.std} each)` : "";
      return (
        `Mean ${words(mean)}, standard deviation ${words(std)}; ` +
        `the target has ${words(wanted.mean)} and ${words(wanted.std)}${peaks}.`
      );
    }
    function draw() {
      const ways = lab.lines().map(way);
      const heights = plane === "std" ? lab.lines().map(({ gan }) => gan.target.std) : [0];
      const means = lab.lines().map(({ gan }) => gan.target.mean);
      const ends = lab.lines().map((run) => {
        const { mean, std } = lab.now(run);
        return [mean, plane === "std" ? std : run.gan.lean()];
      });
      const all = (axis) => usual([...ways.flatMap((one) => one[axis]), ...ends.map((end) => end[axis])]);
      const [left, right] = spanOf([all(0), means], 0);
      const [low, high] = spanOf([all(1), heights, [0]], 0);
      const x = lab.axes.mean.fit(left - 0.2, right + 0.2);
      const y = lab.axes.orbit.fit(low, Math.max(high, low + 0.2), plane === "std");
      chart.range({ x, y });
      rest.set([x[0]], [heights[0]], [x[1]], [heights[0]]);
      ways.forEach(([xs, ys], i) => {
        TAIL.forEach((from, k) => {
          const [start, end] = [from, TAIL[k + 1] ?? 1].map((part) => Math.floor(part * xs.length));
          tails[k][i].set(xs.slice(start, end + 1), ys.slice(start, end + 1));
        });
        nows[i].set(...ends[i].map((end) => [end]));
      });
      target.set(means.slice(0, 1), heights.slice(0, 1));
      return [beyond([ends[0][0]], x)];
    }
    return { draw, describe };
  }

  GanLab.SCENES.orbit = {
    title: "Orbit", make, time: true,
    look: () => ({ x: { label: "mean of the samples" }, y: { label: PLANES.std } }),
    alone: "The latest steps of the run: the mean of the samples and their standard deviation.",
    meaning: "The latest steps of the run, in a plane: the mean of the samples, and the slope of " +
      "D's logit across the data, or the standard deviation.",
  };
})();
