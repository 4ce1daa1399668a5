// What the live lab shows: the charts, with one run or two in each, and the words that
// say the same.  view.js makes the runs and says when to draw; gap.js, orbit.js and z.js have the
// charts that not all labs show.
(function () {
  "use strict";
  const { clamp, playsD, words } = GanLab;

  const POINTS = 161; // of a curve over x
  const ARROWS = 60;
  const BARE = 1e-4; // the share of the highest density below which a place counts as empty
  const RUG = 200; // of the watched samples
  const OFF = 0.03; // the share of points over time that may leave the chart, such as the first
  const USUAL = 30; // a loss, a distance or a place up to here is no explosion
  const EMPTY = 0.05; // an axis of which less is used, as after an explosion, shrinks at once
  const CALM = 1500; // ms for which an axis stays half empty

  // --- Words and ranges -----------------------------------------------------------------------

  /** "G is right", "D sees it" or "D is blind": the rule of gan_lessons/optimality.py. */
  GanLab.verdict = function ({ loss, jsd, best, floor }) {
    if (jsd <= floor.high) return "G is right";
    return loss - best > jsd ? "D is blind" : "D sees it";
  };

  const OTHER = " kind-other"; // run B: all of it in one colour of its own

  /** One series for each run that is shown. */
  const ofEach = (lab, chart, type, kind, label, axis) =>
    lab.lines().map((_, i) =>
      chart[type](`${kind} ${i}`, {
        kind: i ? kind + OTHER : kind, label: i && label ? `${label}, run B` : label, axis,
      }));

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

  /** A column of a run's history. */
  const columnOf = (lab, run, name) => lab.historyOf(run).column(name, lab.indexOf(run));

  /** The least and the greatest of some columns, in all runs that are shown. */
  const spanOfColumns = (lab, ...names) =>
    spanOf(names.flatMap((name) => lab.lines().map((run) => usual(columnOf(lab, run, name)))), OFF);

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
        if (share > 0.6) full = now;
        const anew = Number.isNaN(low) || share < EMPTY || now - full > CALM;
        if (anew || least < low) low = fixed ? least : least - room;
        if (anew || most > high) high = most + room;
        return [low, high];
      },
    };
  };

  // --- Over x -----------------------------------------------------------------------------------

  /** x as far as the targets and nearly all samples go; as it was while a target is held. */
  function xRange(lab) {
    if (lab.held) return lab.held;
    if (lab.drawing) {
      const knots = GanLab.knotsOf(lab.drawing);
      return [knots[0], knots.at(-1)];
    }
    const ends = lab.lines().flatMap((run) => {
      const { mean, std } = run.gan.target;
      const [low, high] = spanOf([lab.look(run.gan).samples], 0.01);
      return [Math.min(low, mean - 3.5 * std), Math.max(high, mean + 3.5 * std)];
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
  function targetHandle(chart, lab) {
    const { min, max } = GanLab.TARGET_SETTINGS.mean;
    const [{ gan }] = lab.runs;
    return chart.draggable("target", {
      kind: "data", label: "μ of the target, to drag", mark: "drag μ", value: gan.target.mean, min, max,
      step: 0.1,
      onInput(wanted) {
        const [{ gan: { target, settings } }] = lab.runs;
        const own = settings.target; // whose mean, in a drawing, is the place of the sheet
        const mean = GanLab.clamp(own.mean + wanted - target.mean, min, max);
        lab.change("target", { ...own, mean: Number(mean.toFixed(3)) });
      },
      onHold: (held) => (lab.held = held && xRange(lab)),
    });
  }

  function density(lab, chart) {
    const [first] = lab.runs;
    const alone = lab.lines().length === 1;
    const pData = ofEach(lab, chart, "line", "data", "p_data");
    const sticks = chart.segments("sticks", { kind: "data" });
    const knobs = chart.points("knobs", { kind: "data", label: "p_data: two points, ½ each" });
    const pG = ofEach(lab, chart, "line", "fake", "p_g");
    const ds = ofEach(lab, chart, "line", "d", "D", "right");
    const dStar = chart.line("dstar", { kind: "dstar", label: "D*, the best D", axis: "right" });
    const rug = chart.rug("samples", { kind: "fake", label: "samples of G" });
    const look = { kind: "gradient", label: "push on a fake", arrow: true };
    const arrows = chart.segments("pushes", look);
    const handle = targetHandle(chart, lab);
    const sheet = chart.sketch("drawing", {
      label: "p_data, to draw: left and right choose a place, up and down change its height",
      onInput: (heights) => lab.draw(heights),
    });
    function draw() {
      const { gan } = first;
      const shown = lab.lines().map((run) => curvesOf(lab, run.gan));
      const [{ samples, xs, pData: p, pG: q, peak }] = shown;
      const [low, high] = [xs[0], xs.at(-1)];
      const top = lab.drawing
        ? gan.target.full // so that the curve lies under the pen
        : lab.axes.density.fit(0, Math.max(...shown.map((one) => one.top)), true)[1];
      if (lab.drawing) sheet.show(GanLab.knotsOf(lab.drawing), GanLab.heightsOf(lab.drawing.shape));
      else sheet.hide();
      chart.range({ x: [low, high], y: [0, top] });
      const { points } = gan.target;
      lab.lines().forEach(({ gan: one }, i) => {
        const same = i && GanLab.equal(one.settings.target, gan.settings.target);
        pData[i].hide(Boolean(one.target.points || same));
        pData[i].set(xs, shown[i].pData);
        pG[i].set(xs, shown[i].pG);
        ds[i].hide(!playsD(one.settings));
        if (playsD(one.settings)) ds[i].set(xs, one.judge(xs));
      });
      for (const series of [sticks, knobs]) series.hide(!points);
      if (points) {
        const ends = [0.85 * top, 0.85 * top];
        sticks.set(points, [0, 0], points, ends);
        knobs.set(points, ends);
      }
      // With two runs, or a sheet to draw on, the picture is full.
      for (const series of [rug, arrows]) series.hide(!alone || Boolean(lab.drawing));
      dStar.hide(!alone || !playsD(gan.settings) || Boolean(points));
      rug.set(samples.subarray(0, RUG));
      // Where there is next to nothing of either kind, the estimated p_g decides D* by its noise.
      const known = (i) => p[i] + q[i] > BARE * top;
      dStar.set(xs, xs.map((_, i) => (known(i) ? GanLab.optimalD(p[i], q[i]) : NaN)));
      const pushes = gan.pushes(ARROWS);
      GanLab.setPushes(arrows, pushes, high - low, top);
      handle.set(gan.target.mean);
      const longest = Math.max(...pushes.by.map(Math.abs));
      const outside = samples.filter((x) => !(x >= low && x <= high)).length;
      const { mean, std } = GanLab.moments(samples, samples.length);
      if (!samples.every(Number.isFinite)) return ["The samples of G are no longer numbers."];
      const spike = std < xs[1] - low;
      return [
        alone && longest < Infinity && `The longest push is a slope of ${words(longest)}.`,
        longest === Infinity && "The loss of G has no slope any more.",
        outside > samples.length / 50 && `${outside} of ${samples.length} samples lie outside.`,
        spike && `p_g is a spike at ${words(mean)}, too narrow to be drawn as it is.`,
        !spike && peak > top && `p_g goes on above the chart, up to ${words(peak)}.`,
      ];
    }

    function describe(run) {
      const { mean, std } = lab.now(run);
      return (
        `The target is ${GanLab.targetWords(run.gan.settings.target)}. ` +
        `The samples of G have mean ${words(mean)} and standard deviation ${words(std)}.`
      );
    }
    return { draw, describe };
  }

  // --- Over the training steps ------------------------------------------------------------------

  const STEPS = { label: "training step" };

  /**
   * Lines in a chart over time: one where the reader is, and one at each changed setting.  Returns
   * a function that sets the axes, and the lines to stand on them; the range of y.
   */
  function uprights(lab, chart) {
    const here = chart.segments("here", { kind: "data" });
    const marks = chart.segments("marks", { kind: "ghost", label: "a setting was changed" });
    const stand = (series, steps, [low, high]) =>
      series.set(steps, steps.map(() => low), steps, steps.map(() => high));
    return function (range) {
      const last = lab.lines().map((run) => lab.historyOf(run).entries.at(-1).step);
      chart.range({ x: [0, roundAbove(Math.max(...last))], y: range });
      stand(here, lab.isPast() ? [lab.here().step] : [], range);
      const changes = lab.history.marks.map(({ step }) => step);
      marks.hide(!changes.length);
      stand(marks, changes, range);
      return range;
    };
  }

  function loss(lab, chart) {
    const stand = uprights(lab, chart);
    const ds = ofEach(lab, chart, "line", "loss-d", "loss of D");
    const gs = ofEach(lab, chart, "line", "loss-g", "loss of G");
    const forD = chart.rule(GanLab.LOG_4, { label: "log 4" });
    const forG = {
      nonsaturating: chart.rule(GanLab.LOG_2, { label: "log 2" }),
      saturating: chart.rule(-GanLab.LOG_2, { label: "−log 2" }),
    };
    forG.adversarial_plus_stats = forG.nonsaturating;

    /** The players who have learned and are asked, and their losses: [["D", 1.39], …]. */
    function known(run) {
      const { stepsD, lossD, lossG } = lab.now(run);
      const { settings, steps, diverged } = run.gan;
      const all = [["D", lossD, playsD(settings) && stepsD], ["G", lossG, steps]];
      return all.filter(([player, , learned]) => learned || diverged?.player === player);
    }
    function describe(run) {
      const said = known(run).map(([player, value]) => {
        const is = Number.isFinite(value) ? words(value) : "is no longer a number";
        return `oss of ${player} ${is}`;
      });
      return said.length ? `L${said.join(", l")}.` : "No player has learned yet.";
    }
    function draw() {
      const asks = ({ gan }) => playsD(gan.settings);
      const playing = lab.lines().some(asks);
      const [low, high] = spanOfColumns(lab, "loss_g", ...(playing ? ["loss_d"] : []));
      const bottom = Math.min(low, 0);
      const y = stand(lab.axes.loss.fit(bottom, playing ? Math.max(high, 1.5) : high, bottom === 0));
      forD.hide(!playing);
      const levels = lab.lines().map(({ gan }) => forG[gan.settings.loss]);
      for (const rule of Object.values(forG)) rule.hide(!levels.includes(rule));
      lab.lines().forEach((run, i) => {
        const [steps, ofD, ofG] = ["step", "loss_d", "loss_g"].map((name) => columnOf(lab, run, name));
        ds[i].hide(!asks(run));
        ds[i].set(steps, ofD);
        gs[i].set(steps, ofG);
      });
      const [first] = lab.runs;
      const change = lab.history.marks.filter(({ step }) => step <= first.gan.steps).at(-1);
      return [
        beyond(known(first).map(([, value]) => value), y),
        change && `Changed at step ${change.step}: ${change.text}.`,
      ];
    }
    return { draw, describe };
  }

  function distance(lab, chart) {
    const stand = uprights(lab, chart);
    const band = chart.band("floor", { kind: "floor", label: "a perfect G" });
    const ways = ofEach(lab, chart, "line", "fake", "this G");
    function draw() {
      const { low, high } = GanLab.floor("w1", lab.runs[0].gan.target, GanLab.WATCHED);
      const [least, most] = spanOfColumns(lab, "w1");
      const bottom = Math.log10(Math.max(Math.min(least, low) / 1.5, 1e-9));
      const range = lab.axes.distance.fit(bottom, Math.log10(Math.max(most, 2 * high)), true);
      const y = stand(range.map((end) => 10 ** end));
      band.set(low, high);
      lab.lines().forEach((run, i) => {
        ways[i].set(columnOf(lab, run, "step"), columnOf(lab, run, "w1"));
      });
      return [beyond([lab.now(lab.runs[0]).w1], y)];
    }
    const describe = (run) =>
      `W1 is ${words(lab.now(run).w1)}; ${GanLab.floorInWords(run.gan.target)}.`;
    return { draw, describe };
  }

  // --- The scenes -----------------------------------------------------------------------------

  /** Make a scene's chart in `place`: {chart, time, draw(slow)}; if slow, with its words. */
  GanLab.createScene = function (name, lab, place) {
    const { title, look, make, time } = GanLab.SCENES[name];
    const chart = GanLab.chart(place, { title, height: 220, ...look(lab) });
    const scene = make(lab, chart, place);
    let [box, last] = [null, ""];

    function draw(slow) {
      const news = scene.draw();
      if (!slow) return;
      const all = lab.lines()
        .map(scene.describe)
        .map((said, i) => (i && said ? `Run B: ${said}` : said))
        .join(" ");
      chart.describe(`${title}. ${all}`);
      if (!news) return;
      box ??= GanLab.add(place, "p", { class: "lab-note" });
      const text = [time && all, ...news].filter(Boolean).join(" ");
      if (text !== last) box.replaceChildren(...GanLab.symbols(text));
      last = text;
    }
    return { chart, time, draw };
  };

  /**
   * What can be shown: make(lab, chart, place) puts all runs into the chart, which has the options
   * look(lab), and returns {draw(), describe(run)}; draw gives what is to be said below the chart,
   * if anything.  `time` where it shows recorded points alone, and says below what it describes.
   * `meaning` is for the reader who asks what the chart shows; `alone`, where there is no D.
   */
  GanLab.SCENES = {
    density: {
      title: "Data and fakes", make: density,
      look: (lab) => ({
        x: { label: "x" }, y: { label: "density" }, height: 300,
        right: lab.lines().some(({ gan }) => playsD(gan.settings)) && GanLab.PROBABILITY,
      }),
      alone: "p_data is dashed, p_g solid green. " + GanLab.PUSHES,
      meaning: "p_data is dashed, p_g solid green. D, dashed blue, and D*, the best D there is, " +
        "dotted, are on the right axis. " + GanLab.PUSHES,
    },
    loss: {
      title: "Losses", make: loss, time: true,
      look: () => ({ x: STEPS, y: { label: "loss" } }),
      alone: "The loss of G, step by step.",
      meaning: "A D that guesses says ½ to every x. Then its loss is log 4, and that of G log 2: " +
        "with a perfect G as well as when D is blind.",
    },
    distance: {
      title: "Distance to the data", make: distance, time: true,
      look: () => ({ x: STEPS, y: { label: "W1, in units of x", log: true, min: 0.01, max: 1 } }),
      meaning: "W1: how far the samples would have to move, on average, to lie as the data do. " +
        `${GanLab.WATCHED} samples of a perfect G are never quite the target: it gets the band.`,
    },
  };

  // What the other scenes use, too.
  GanLab.showing = { STEPS, beyond, ofEach, spanOf, spanOfColumns, uprights, usual, xRange };
})();
