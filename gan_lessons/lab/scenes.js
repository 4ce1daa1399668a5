// What the live lab shows: six charts of one run, on axes that all runs share, and the words that
// say the same.  view.js makes the runs and says when to draw.
(function () {
  "use strict";
  const GanLab = (globalThis.GanLab = globalThis.GanLab || {});
  const { words, playsD } = GanLab;

  const POINTS = 161; // of a curve over x
  const ARROWS = 60;
  const BARE = 1e-4; // the share of the highest density below which a place counts as empty
  const RUG = 200; // of the watched samples
  const OFF = 0.03; // the share of points over time that may leave the chart, such as the first
  const USUAL = 30; // a loss, a distance or a place up to here is no explosion
  const EMPTY = 0.05; // an axis of which less is used, as after an explosion, shrinks at once
  const CALM = 3000; // ms for which an axis stays half empty

  // --- Words and ranges -----------------------------------------------------------------------

  /** "G is right", "D sees it" or "D is blind": the rule of gan_lessons/optimality.py. */
  GanLab.verdict = function ({ loss, jsd, best, floor }) {
    if (jsd <= floor.high) return "G is right";
    return loss - best > jsd ? "D is blind" : "D sees it";
  };

  /** What the verdict means, as lesson 5 has it: a blind D misses more than half. */
  const VERDICTS = {
    "G is right": "a perfect G gets such a JSD, too.",
    "D sees it": "G is off, and D sees half of that or more.",
    "D is blind": "G is off, and D misses more than half of that.",
  };

  const addNote = (place) => GanLab.add(place, "p", { class: "lab-note" });

  /** Two texts under a chart, what explain() says, under the first run alone, and the news. */
  function notes(lab, run, place, explain = () => "") {
    const boxes = [addNote(place), addNote(place)];
    const last = ["", ""];
    return function (...news) {
      const constant = run === lab.runs[0] ? explain() : "";
      [constant, news.filter(Boolean).join(" ")].forEach((text, i) => {
        if (text !== last[i]) boxes[i].replaceChildren(...GanLab.symbols(text));
        last[i] = text;
      });
    };
  }

  /** Words for values that lie outside of a chart's range. */
  const beyond = (values, [low, high]) =>
    values.some((value) => value < low || value > high) ? "The line has left the chart." : "";

  /** The values without explosions: those far beyond what half of them reach. */
  function usual(values) {
    const sizes = values.filter(Number.isFinite).map(Math.abs).sort();
    const limit = Math.max(10 * (sizes[sizes.length >> 1] || 0), USUAL);
    return values.filter((value) => Math.abs(value) <= limit);
  }

  /** From the least to the greatest of some arrays, less a share of the numbers at both ends. */
  function spanOf(arrays, share) {
    const all = Float64Array.from(arrays.flatMap((values) => [...values].filter(Number.isFinite)));
    const cut = Math.floor(share * all.length);
    return all.length ? [all.sort()[cut], all[all.length - 1 - cut]] : [0, 1];
  }

  /** The least and the greatest of some columns of the history, in all runs. */
  const spanOfColumns = ({ history, runs }, ...names) =>
    spanOf(names.flatMap((name) => runs.map((_, i) => usual(history.column(name, i)))), OFF);

  /** The next round number above, so that the axis of time seldom changes. */
  const roundAbove = (step) => GanLab.roundUp(Math.max(step, 1), [1, 1.5, 2, 3, 4, 5, 6, 8, 10]);

  /** An axis that grows at once, and shrinks where it was half empty for a while. */
  GanLab.calmAxis = function () {
    let [low, high, full] = [NaN, NaN, 0];
    return {
      reset: () => ([low, high] = [NaN, NaN]),
      /** The range to show, [min, max], with all from `least` to `most`; `fixed`: no room below. */
      fit(least, most, fixed = false) {
        if (!Number.isFinite(most - least)) return low < high ? [low, high] : [0, 1];
        const room = 0.08 * (most - least || 1);
        const now = performance.now();
        const share = (most - least) / (high - low);
        if (share > 0.4) full = now;
        const anew = Number.isNaN(low) || share < EMPTY || now - full > CALM;
        if (anew || least < low) low = fixed ? least : least - room;
        if (anew || most > high) high = most + room;
        return [low, high];
      },
    };
  };

  // --- Over x -----------------------------------------------------------------------------------

  /** x as far as the targets and nearly all samples go, but not until a target is a spike. */
  function xRange(lab) {
    const ends = lab.runs.flatMap(({ gan }) => {
      const { mean, std } = gan.target;
      const [low, high] = spanOf([lab.look(gan).samples], 0.01);
      return [
        Math.max(Math.min(low, mean - 3.5 * std), mean - 40 * std),
        Math.min(Math.max(high, mean + 3.5 * std), mean + 40 * std),
      ];
    });
    return lab.axes.x.fit(Math.min(...ends), Math.max(...ends));
  }

  /** The curves of a run over x: {samples, xs, pG, pData, top}, once for each drawing. */
  function curvesOf(lab, gan) {
    const look = lab.look(gan);
    if (!look.xs) {
      look.xs = GanLab.grid(...xRange(lab), POINTS);
      look.pG = GanLab.density(look.samples, look.xs);
      look.pData = look.xs.map(gan.target.pdf);
      look.peak = Math.max(...look.pG);
      const data = Math.max(...look.pData);
      look.top = data > 0 ? Math.max(data, Math.min(look.peak, 2.5 * data)) : look.peak;
    }
    return look;
  }

  /** Move the target with a handle, as far as the lab's settings allow. */
  function targetHandle(chart, lab, run) {
    const { min, max } = GanLab.TARGET_SETTINGS.mean;
    const label = "μ of the target, to drag";
    const value = run.gan.target.mean;
    const onInput = (mean) => lab.change("target", { ...run.gan.settings.target, mean });
    const options = { kind: "data", label, mark: "μ", value, min, max, step: 0.1, onInput };
    return chart.draggable("target", options);
  }

  function density(place, lab, run, title) {
    const right = playsD(run.gan.settings) ? GanLab.PROBABILITY : undefined;
    const axes = { x: { label: "x" }, y: { label: "density" }, right };
    const chart = GanLab.chart(place, { title, ...axes, height: 300 });
    const pData = chart.line("data", { kind: "data", label: "p_data" });
    const sticks = chart.segments("sticks", { kind: "data" });
    const knobs = chart.points("knobs", { kind: "data", label: "p_data: two points, ½ each" });
    const pG = chart.line("fake", { kind: "fake", label: "p_g" });
    const d = chart.line("d", { kind: "d", label: "D", axis: "right" });
    const dStar = chart.line("dstar", { kind: "dstar", label: "D*, the best D", axis: "right" });
    const rug = chart.rug("samples", { kind: "fake", label: "samples of G" });
    const pushes = { kind: "gradient", label: "push on a fake", arrow: true };
    const arrows = chart.segments("pushes", pushes);
    const handle = run === lab.runs[0] ? targetHandle(chart, lab, run) : null;
    const note = notes(lab, run, place, () =>
      "An arrow shows where the loss of G pushes a fake: the longer, the harder. The longest " +
      "always spans a tenth of the axis.");

    /** Draw the arrows in ten rows, so that they do not hide each other; the longest slope. */
    function drawArrows(width, top) {
      const { from, by } = run.gan.pushes(ARROWS);
      const longest = Math.max(...by.map(Math.abs));
      const scale = longest > 0 ? (0.1 * width) / longest : 0;
      const rows = from.map((_, i) => top * (0.05 + 0.025 * (i % 10)));
      arrows.set(from, rows, from.map((x, i) => x + scale * by[i]), rows);
      return longest;
    }

    function draw(slow) {
      const { gan } = run;
      const { samples, xs, pG: q, pData: p } = curvesOf(lab, gan);
      const { peak } = lab.look(gan);
      const [low, high] = [xs[0], xs.at(-1)];
      const tops = lab.runs.map((other) => curvesOf(lab, other.gan).top);
      const [, top] = lab.axes.density.fit(0, Math.max(...tops), true);
      chart.range({ x: [low, high], y: [0, top] });
      const { points } = gan.target;
      pData.hide(Boolean(points));
      pData.set(xs, p);
      for (const series of [sticks, knobs]) series.hide(!points);
      if (points) {
        const ends = [0.85 * top, 0.85 * top];
        sticks.set(points, [0, 0], points, ends);
        knobs.set(points, ends);
      }
      pG.set(xs, q);
      rug.set(samples.subarray(0, RUG));
      const playing = playsD(gan.settings);
      d.hide(!playing);
      d.set(xs, gan.judge(xs));
      dStar.hide(!playing || Boolean(points));
      // Where there is next to nothing of either kind, the estimated p_g decides D* by its noise.
      const known = (i) => p[i] + q[i] > BARE * top;
      dStar.set(xs, xs.map((_, i) => (known(i) ? GanLab.optimalD(p[i], q[i]) : NaN)));
      const longest = drawArrows(high - low, top);
      if (handle) handle.set(gan.target.mean);
      if (!slow) return;
      const outside = samples.filter((x) => !(x >= low && x <= high)).length;
      const { mean, std } = GanLab.moments(samples, samples.length);
      if (!samples.every(Number.isFinite)) return note("The samples of G are no longer numbers.");
      const spike = std < xs[1] - low;
      note(
        longest < Infinity
          ? `The longest now is a slope of ${words(longest)}.`
          : "The loss of G has no slope any more.",
        outside && `${outside} of ${samples.length} samples lie outside.`,
        spike && `p_g is a spike at ${words(mean)}, too narrow to be drawn as it is.`,
        !spike && peak > top && `p_g goes on above the chart, up to ${words(peak)}.`,
      );
    }

    const describe = ({ mean, std }) =>
      `The target is ${GanLab.targetWords(run.gan.settings.target)}. ` +
      `The samples of G have mean ${words(mean)} and standard deviation ${words(std)}.`;
    return { chart, draw, describe };
  }

  function z(place, lab, run, title) {
    if (run.gan.settings.latent !== 1) {
      addNote(place).textContent = "Here z has more than one dimension: there are no lines to draw.";
      return null;
    }
    const height = 220;
    const chart = GanLab.chart(place, { title, x: { label: "z, and x" }, ticksY: 0, height });
    chart.range({ y: [-0.04, 1.15] });
    chart.rule(1, { label: "z" });
    chart.rule(0, { label: "x" });
    const lines = chart.segments("map", { kind: "map", label: "from z to x = G(z)" });
    const zs = GanLab.grid(-2.5, 2.5, 60);
    const [tops, feet] = [zs.map(() => 1), zs.map(() => 0)];
    function draw() {
      const [low, high] = xRange(lab);
      chart.range({ x: [Math.min(low, -2.7), Math.max(high, 2.7)] });
      lines.set(zs, tops, run.gan.generate(zs, zs.length), feet);
    }
    function describe() {
      const [low, high] = spanOf([run.gan.generate(zs, zs.length)], 0);
      return `60 lines from z, −2.5 to 2.5, to x, ${words(low)} to ${words(high)}.`;
    }
    return { chart, draw, describe };
  }

  // --- Over the training steps ------------------------------------------------------------------

  /** A chart over time, with a line where the reader is, and one at each changed setting. */
  function overTime(place, lab, run, title, label) {
    const { history } = lab;
    const index = lab.runs.indexOf(run);
    const axes = { x: { label: "training step" }, y: { label } };
    const chart = GanLab.chart(place, { title, ...axes, height: 220 });
    const here = chart.segments("here", { kind: "data" });
    const marks = chart.segments("marks", { kind: "ghost", label: "a setting was changed" });
    const upright = (series, steps, [low, high]) =>
      series.set(steps, steps.map(() => low), steps, steps.map(() => high));
    return {
      chart,
      column: (name) => history.column(name, index),
      /** The settings that were changed in this run. */
      marks: () => history.marks.filter(({ runs }) => runs.includes(index)),
      /** Set the axes, and the lines that stand on them; the range of y. */
      stand(y) {
        chart.range({ x: [0, roundAbove(history.entries.at(-1).step)], y });
        upright(here, lab.isPast() ? [lab.here().step] : [], y);
        marks.hide(!this.marks().length);
        upright(marks, this.marks().map(({ step }) => step), y);
        return y;
      },
    };
  }

  function loss(place, lab, run, title) {
    const time = overTime(place, lab, run, title, "loss");
    const { chart, column } = time;
    const d = chart.line("d", { kind: "loss-d", label: "loss of D" });
    const g = chart.line("g", { kind: "loss-g", label: "loss of G" });
    const guess = "D guesses";
    const forD = chart.rule(GanLab.LOG_4, { label: `log 4: ${guess}` });
    const forG = {
      nonsaturating: chart.rule(GanLab.LOG_2, { label: `log 2: G, if ${guess}` }),
      saturating: chart.rule(-GanLab.LOG_2, { label: `−log 2: G, if ${guess}` }),
    };
    forG.adversarial_plus_stats = forG.nonsaturating;
    const note = notes(lab, run, place, () => {
      const { loss: ofG } = run.gan.settings;
      const g = forG[ofG] ? ` and that of G ${ofG === "saturating" ? "−" : ""}log 2` : "";
      return playsD(run.gan.settings)
        ? `D guesses: it says ½ to every x. Then its loss is log 4${g}, before a perfect G as ` +
            "well as when D is blind."
        : "";
    });

    /** The players who have learned and are asked, and their losses: [["D", 1.39], …]. */
    function known({ stepsD, lossD, lossG }) {
      const { settings, steps, diverged } = run.gan;
      const all = [["D", lossD, playsD(settings) && stepsD], ["G", lossG, steps]];
      return all.filter(([player, , learned]) => learned || diverged?.player === player);
    }
    function describe(now) {
      const said = known(now).map(([player, value]) => {
        const is = Number.isFinite(value) ? words(value) : "is no longer a number";
        return `oss of ${player} ${is}`;
      });
      return said.length ? `L${said.join(", l")}.` : "No player has learned yet.";
    }
    function draw(slow) {
      const { loss: ofG } = run.gan.settings;
      const playing = playsD(run.gan.settings);
      const [low, high] = spanOfColumns(lab, "loss_g", ...(playing ? ["loss_d"] : []));
      const bottom = Math.min(low, 0);
      const top = playing ? Math.max(high, 1.5) : high;
      const y = time.stand(lab.axes.loss.fit(bottom, top, bottom === 0));
      d.hide(!playing);
      forD.hide(!playing);
      for (const rule of Object.values(forG)) rule.hide(rule !== forG[ofG]);
      d.set(column("step"), column("loss_d"));
      g.set(column("step"), column("loss_g"));
      if (!slow) return;
      const now = lab.now(run);
      const change = time.marks().filter(({ step }) => step <= run.gan.steps).at(-1);
      note(
        describe(now),
        beyond(known(now).map(([, value]) => value), y),
        change && `Changed at step ${change.step}: ${change.text}.`,
      );
    }
    return { chart, draw, describe, time: true };
  }

  function distance(place, lab, run, title) {
    const time = overTime(place, lab, run, title, "W1, in units of x");
    const { chart, column } = time;
    const band = chart.band("floor", { kind: "floor", label: "a perfect G, 8 times in 10" });
    const w1 = chart.line("w1", { kind: "meter", label: "this G" });
    const note = notes(lab, run, place, () =>
      "W1: how far the samples would have to move, on average, to lie as the data do. " +
      `${GanLab.WATCHED} samples of a perfect G are never quite the target: it gets the band, ` +
      "not 0.");
    const describe = ({ w1 }) => `W1 is ${words(w1)}; ${GanLab.floorInWords(run.gan.target)}.`;
    function draw(slow) {
      const { low, high } = GanLab.floor("w1", run.gan.target, GanLab.WATCHED);
      const top = Math.max(spanOfColumns(lab, "w1")[1], 2 * high);
      const y = time.stand(lab.axes.distance.fit(0, top, true));
      band.set(low, high);
      w1.set(column("step"), column("w1"));
      const now = lab.now(run);
      if (slow) note(describe(now), beyond([now.w1], y));
    }
    return { chart, draw, describe, time: true };
  }

  function gap(place, lab, run, title) {
    const time = overTime(place, lab, run, title, "loss of D");
    const { chart, column } = time;
    const missed = chart.area("gap", { kind: "gap", label: "the gap: what D misses" });
    const best = chart.line("best", { kind: "dstar", label: "the best D, about log 4 − 2·JSD" });
    const own = chart.line("loss", { kind: "loss-d", label: "this D, on fresh samples" });
    chart.rule(GanLab.LOG_4, { label: "log 4: D guesses" });
    const note = notes(lab, run, place, () =>
      run.gan.target.points
        ? ""
        : "JSD: how far p_g is from p_data, 0 if they are the same, log 2 = 0.69 if they share " +
          "nothing. The larger it is, the lower D can bring its loss.");

    function describe() {
      const i = lab.runs.indexOf(run);
      if (run.gan.target.points) return "This target has no density, so there is no JSD to estimate.";
      if (!playsD(run.gan.settings)) return "D plays no part in this loss.";
      const found = lab.gapOf(run); // the newest, of this point or before
      if (!found) return "";
      if (!Number.isFinite(found.loss)) {
        return "The loss of D is no longer a number, so there is no gap to measure.";
      }
      const { stepsD } = lab.history.entries.find(({ runs }) => runs[i].gap === found).runs[i];
      const verdict = GanLab.verdict(found);
      return (
        (stepsD || verdict === "G is right"
          ? `${verdict}: ${VERDICTS[verdict]}`
          : "D has not learned yet.") +
        ` JSD ${words(found.jsd)} (a perfect G: up to ${words(found.floor.high)}); ` +
        `loss of D ${words(found.loss)}, the best D would get about ${words(found.best)}.`
      );
    }
    function draw(slow) {
      const losses = column("d_loss_fresh");
      const known = [...losses.keys()].filter((i) => Number.isFinite(losses[i]));
      const at = (name) => known.map((i) => column(name)[i]);
      const top = GanLab.clamp(spanOfColumns(lab, "d_loss_fresh")[1], 1.5, 6);
      const y = time.stand(lab.axes.gap.fit(0, top, true));
      for (const series of [missed, best, own]) series.hide(Boolean(run.gan.target.points));
      const [steps, lowest, real] = ["step", "d_loss_best", "d_loss_fresh"].map(at);
      missed.set(steps, lowest, real.map((value, i) => Math.max(value, lowest[i])));
      best.set(steps, lowest);
      own.set(steps, real);
      if (slow) note(describe(), beyond([lab.gapOf(run)?.loss], y));
    }
    return { chart, draw, describe, time: true };
  }

  function orbit(place, lab, run, title) {
    const axes = { x: { label: "mean of the samples" }, y: { label: "standard deviation" } };
    const chart = GanLab.chart(place, { title, ...axes, height: 220 });
    const path = chart.line("path", { kind: "map", label: "the way so far" });
    const now = chart.points("now", { kind: "meter", label: "now" });
    const target = chart.points("target", { kind: "data", shape: "cross", label: "target" });
    const note = notes(lab, run, place);
    /** The range of the way, and of the targets, which always stay on the chart. */
    function span(name) {
      const [low, high] = spanOfColumns(lab, name);
      const targets = lab.runs.map(({ gan }) => gan.target[name]);
      return [Math.min(low, ...targets), Math.max(high, ...targets)];
    }
    function describe({ mean, std }) {
      const { target } = run.gan;
      const peaks = target.peaks ? ` (two peaks with σ = ${target.spec.std} each)` : "";
      return (
        `Mean ${words(mean)}, standard deviation ${words(std)}; ` +
        `the target has ${words(target.mean)} and ${words(target.std)}${peaks}.`
      );
    }
    function draw(slow) {
      const [low, high] = span("mean");
      const [, most] = span("std");
      const x = lab.axes.mean.fit(low - 0.2, high + 0.2);
      const y = lab.axes.std.fit(0, Math.max(most, 0.5), true);
      chart.range({ x, y });
      const way = (name) => lab.history.column(name, lab.runs.indexOf(run)).subarray(0, lab.at + 1);
      path.set(way("mean"), way("std"));
      const { mean, std } = lab.now(run);
      now.set([mean], [std]);
      target.set([run.gan.target.mean], [run.gan.target.std]);
      if (slow) note(describe({ mean, std }), beyond([mean], x) || beyond([std], y));
    }
    return { chart, draw, describe, time: true };
  }

  /**
   * Each makes its chart in `place` and returns {chart, draw(slow), describe(now)}; `time` where
   * it only shows recorded points.  `slow` allows what is read as text to change.
   */
  GanLab.SCENES = {
    density: { title: "Data, fakes and D", make: density },
    z: { title: "What G does to z", make: z },
    loss: { title: "Losses", make: loss },
    distance: { title: "Distance to the data", make: distance },
    gap: { title: "Optimality gap", make: gap },
    orbit: { title: "Mean and standard deviation", make: orbit },
  };
})();
