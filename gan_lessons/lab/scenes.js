// What the live lab shows: the charts, with one run or two in each, and the words that
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
  const LATEST = 400; // points of the orbit
  const TAIL = [0, 0.3, 0.55, 0.75, 0.9]; // where each part of it begins, the fainter the older
  const EMPTY = 0.05; // an axis of which less is used, as after an explosion, shrinks at once
  const CALM = 1500; // ms for which an axis stays half empty

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

  /** A text under a chart, which is touched only where it changes. */
  function notes(place) {
    const box = GanLab.add(place, "p", { class: "lab-note" });
    let last = "";
    return function (...news) {
      const text = news.filter(Boolean).join(" ");
      if (text !== last) box.replaceChildren(...GanLab.symbols(text));
      last = text;
    };
  }

  const OTHER = " kind-other"; // run B: all of it in one colour of its own

  /** One series for each run that is shown: make(name, {kind, label}). */
  const ofEach = (lab, { kind, label }, make) =>
    lab.lines().map((_, i) =>
      make(`${kind} ${i}`, i ? { kind: kind + OTHER, label: label && `${label}, run B` } : { kind, label }),
    );

  /** What is said of each run that is shown. */
  const ofAll = (lab, describe) =>
    lab.lines().map((run, i) => (i ? "Run B: " : "") + describe(run)).join(" ");

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

  function density(place, lab, title) {
    const [first] = lab.runs;
    const alone = lab.lines().length === 1;
    const anyD = lab.lines().some(({ gan }) => playsD(gan.settings));
    const axes = { x: { label: "x" }, y: { label: "density" } };
    const right = anyD ? GanLab.PROBABILITY : undefined;
    const chart = GanLab.chart(place, { title, ...axes, right, height: 300 });
    const dataOf = (what) => ({ kind: "data", label: what });
    const pData = ofEach(lab, dataOf("p_data"), (name, look) => chart.line(name, look));
    const sticks = chart.segments("sticks", { kind: "data" });
    const knobs = chart.points("knobs", dataOf("p_data: two points, ½ each"));
    const pG = ofEach(lab, { kind: "fake", label: "p_g" }, (name, look) => chart.line(name, look));
    const ds = ofEach(lab, { kind: "d", label: "D" }, (name, look) =>
      chart.line(name, { ...look, axis: "right" }));
    const dStar = chart.line("dstar", { kind: "dstar", label: "D*, the best D", axis: "right" });
    const rug = chart.rug("samples", { kind: "fake", label: "samples of G" });
    const pushes = { kind: "gradient", label: "push on a fake", arrow: true };
    const arrows = chart.segments("pushes", pushes);
    const handle = targetHandle(chart, lab);
    const sheet = chart.sketch("drawing", {
      label: "p_data, to draw: left and right choose a place, up and down change its height",
      onInput: (heights) => lab.draw(heights),
    });
    const note = notes(place);

    /** Draw the arrows; returns the longest slope. */
    function drawArrows(width, top) {
      const pushes = first.gan.pushes(ARROWS);
      GanLab.setPushes(arrows, pushes, width, top);
      return Math.max(...pushes.by.map(Math.abs));
    }

    function draw(slow) {
      const { gan } = first;
      const shown = lab.lines().map((run) => curvesOf(lab, run.gan));
      const [{ samples, xs, pData: p, pG: q, peak }] = shown;
      const [low, high] = [xs[0], xs.at(-1)];
      const [, top] = lab.drawing
        ? [0, gan.target.full] // so that the curve lies under the pen
        : lab.axes.density.fit(0, Math.max(...shown.map((one) => one.top)), true);
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
        ds[i].set(xs, one.judge(xs));
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
      const longest = drawArrows(high - low, top);
      handle.set(gan.target.mean);
      if (!slow) return;
      const outside = samples.filter((x) => !(x >= low && x <= high)).length;
      const { mean, std } = GanLab.moments(samples, samples.length);
      if (!samples.every(Number.isFinite)) return note("The samples of G are no longer numbers.");
      const spike = std < xs[1] - low;
      note(
        alone && longest < Infinity && `The longest push is a slope of ${words(longest)}.`,
        longest === Infinity && "The loss of G has no slope any more.",
        outside > samples.length / 50 && `${outside} of ${samples.length} samples lie outside.`,
        spike && `p_g is a spike at ${words(mean)}, too narrow to be drawn as it is.`,
        !spike && peak > top && `p_g goes on above the chart, up to ${words(peak)}.`,
      );
    }

    const describe = (run) => {
      const { mean, std } = lab.now(run);
      return (
        `The target is ${GanLab.targetWords(run.gan.settings.target)}. ` +
        `The samples of G have mean ${words(mean)} and standard deviation ${words(std)}.`
      );
    };
    return { chart, draw, describe: () => ofAll(lab, describe) };
  }

  function z(place, lab, title) {
    const run = lab.runs[0];
    const chart = GanLab.chart(place, { title, x: { label: "z, and x" }, ticksY: 0, height: 220 });
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
  function overTime(place, lab, title, y) {
    const { history } = lab;
    const axes = { x: { label: "training step" }, y };
    const chart = GanLab.chart(place, { title, ...axes, height: 220 });
    const here = chart.segments("here", { kind: "data" });
    const marks = chart.segments("marks", { kind: "ghost", label: "a setting was changed" });
    const upright = (series, steps, [low, high]) =>
      series.set(steps, steps.map(() => low), steps, steps.map(() => high));
    /** Set the axes, and the lines that stand on them; the range of y. */
    function stand(range) {
      const last = lab.lines().map((run) => lab.historyOf(run).entries.at(-1).step);
      chart.range({ x: [0, roundAbove(Math.max(...last))], y: range });
      upright(here, lab.isPast() ? [lab.here().step] : [], range);
      marks.hide(!history.marks.length);
      upright(marks, history.marks.map(({ step }) => step), range);
      return range;
    }
    return { chart, stand };
  }

  function loss(place, lab, title) {
    const { chart, stand } = overTime(place, lab, title, { label: "loss" });
    const line = (name, look) => chart.line(name, look);
    const ds = ofEach(lab, { kind: "loss-d", label: "loss of D" }, line);
    const gs = ofEach(lab, { kind: "loss-g", label: "loss of G" }, line);
    const forD = chart.rule(GanLab.LOG_4, { label: "log 4" });
    const forG = {
      nonsaturating: chart.rule(GanLab.LOG_2, { label: "log 2" }),
      saturating: chart.rule(-GanLab.LOG_2, { label: "−log 2" }),
    };
    forG.adversarial_plus_stats = forG.nonsaturating;
    const note = notes(place);

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
    function draw(slow) {
      const asks = ({ gan }) => playsD(gan.settings);
      const playing = lab.lines().some(asks);
      const [low, high] = spanOfColumns(lab, "loss_g", ...(playing ? ["loss_d"] : []));
      const bottom = Math.min(low, 0);
      const y = stand(lab.axes.loss.fit(bottom, playing ? Math.max(high, 1.5) : high, bottom === 0));
      forD.hide(!playing);
      const levels = lab.lines().map(({ gan }) => forG[gan.settings.loss]);
      for (const rule of Object.values(forG)) rule.hide(!levels.includes(rule));
      lab.lines().forEach((run, i) => {
        const column = (name) => columnOf(lab, run, name);
        ds[i].hide(!asks(run));
        ds[i].set(column("step"), column("loss_d"));
        gs[i].set(column("step"), column("loss_g"));
      });
      if (!slow) return;
      const [first] = lab.runs;
      const change = lab.history.marks.filter(({ step }) => step <= first.gan.steps).at(-1);
      note(
        ofAll(lab, describe),
        beyond(known(first).map(([, value]) => value), y),
        change && `Changed at step ${change.step}: ${change.text}.`,
      );
    }
    return { chart, draw, describe: () => ofAll(lab, describe), time: true };
  }

  function distance(place, lab, title) {
    const axis = { label: "W1, in units of x", log: true, min: 0.01, max: 1 };
    const { chart, stand } = overTime(place, lab, title, axis);
    const band = chart.band("floor", { kind: "floor", label: "a perfect G" });
    const ways = ofEach(lab, { kind: "fake", label: "this G" }, (name, look) => chart.line(name, look));
    const note = notes(place);
    const describe = (run) =>
      `W1 is ${words(lab.now(run).w1)}; ${GanLab.floorInWords(run.gan.target)}.`;
    function draw(slow) {
      const { low, high } = GanLab.floor("w1", lab.runs[0].gan.target, GanLab.WATCHED);
      const [least, most] = spanOfColumns(lab, "w1");
      const bottom = Math.log10(Math.max(Math.min(least, low) / 1.5, 1e-9));
      const range = lab.axes.distance.fit(bottom, Math.log10(Math.max(most, 2 * high)), true);
      const y = stand(range.map((end) => 10 ** end));
      band.set(low, high);
      lab.lines().forEach((run, i) => {
        ways[i].set(columnOf(lab, run, "step"), columnOf(lab, run, "w1"));
      });
      if (slow) note(ofAll(lab, describe), beyond([lab.now(lab.runs[0]).w1], y));
    }
    return { chart, draw, describe: () => ofAll(lab, describe), time: true };
  }

  function gap(place, lab, title) {
    const { chart, stand } = overTime(place, lab, title, { label: "loss of D" });
    const missed = chart.area("gap", { kind: "gap", label: "what D misses" });
    const line = (name, look) => chart.line(name, look);
    const bests = ofEach(lab, { kind: "dstar", label: "the best D" }, line);
    const owns = ofEach(lab, { kind: "loss-d", label: "this D" }, line);
    chart.rule(GanLab.LOG_4, { label: "log 4" });
    const note = notes(place);

    function describe(run) {
      if (run.gan.target.points) return "This target has no density, so there is no JSD to estimate.";
      if (!playsD(run.gan.settings)) return "D plays no part in this loss.";
      const found = lab.gapOf(run); // the newest, of this point or before
      if (!found) return "";
      if (!Number.isFinite(found.loss)) {
        return "The loss of D is no longer a number, so there is no gap to measure.";
      }
      const i = lab.indexOf(run);
      const { entries } = lab.historyOf(run);
      const { stepsD } = entries.find(({ runs }) => runs[i].gap === found).runs[i];
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
      const top = GanLab.clamp(spanOfColumns(lab, "d_loss_fresh")[1], 1.5, 6);
      const y = stand(lab.axes.gap.fit(0, top, true));
      lab.lines().forEach((run, i) => {
        const losses = columnOf(lab, run, "d_loss_fresh");
        const known = [...losses.keys()].filter((k) => Number.isFinite(losses[k]));
        const [steps, lowest, real] = ["step", "d_loss_best", "d_loss_fresh"].map((name) => {
          const column = columnOf(lab, run, name);
          return known.map((k) => column[k]);
        });
        const none = Boolean(run.gan.target.points);
        for (const series of [bests[i], owns[i], ...(i ? [] : [missed])]) series.hide(none);
        bests[i].set(steps, lowest);
        owns[i].set(steps, real);
        if (i) return;
        missed.set(steps, lowest, real.map((value, k) => Math.max(value, lowest[k])));
      });
      if (slow) note(ofAll(lab, describe), beyond([lab.gapOf(lab.runs[0])?.loss], y));
    }
    return { chart, draw, describe: () => ofAll(lab, describe), time: true };
  }

  /** The way of the run in a plane: the mean against D's slope, where a GAN circles, or the std. */
  function orbit(place, lab, title) {
    const planes = lab.lines().some(({ gan }) => playsD(gan.settings))
      ? { lean: "slope of D's logit", std: "standard deviation" }
      : { std: "standard deviation" };
    let plane = Object.keys(planes)[0];
    const choice = GanLab.add(place, "div", { class: "lab-choice" });
    const axes = { x: { label: "mean of the samples" }, y: { label: planes[plane] } };
    const chart = GanLab.chart(place, { title, ...axes, height: 220 });
    if (planes.lean) {
      GanLab.field(choice, {
        kind: "select", label: "against", choices: Object.entries(planes), value: plane,
        onChange(name) {
          plane = name;
          chart.options.y.label = planes[name];
          chart.stale = true;
          lab.axes.orbit.reset();
          draw(true);
        },
      });
    }
    const line = (name, look) => chart.line(name, look);
    const rest = chart.segments("rest", { kind: "ghost" });
    const tails = TAIL.map((_, k) => {
      const label = k === TAIL.length - 1 ? "the latest steps" : "";
      return ofEach(lab, { kind: `map lab-tail-${k}`, label }, line);
    });
    const nows = ofEach(lab, { kind: "fake", label: "" }, (name, look) => chart.points(name, look));
    const target = chart.points("target", { kind: "data", shape: "cross", label: "target" });
    const note = notes(place);

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
    function draw(slow) {
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
      if (slow) note(ofAll(lab, describe), beyond([ends[0][0]], x));
    }
    return { chart, draw, describe: () => ofAll(lab, describe), time: true };
  }

  /**
   * Each makes its chart in `place`, of all runs that are shown, and returns {chart, draw(slow),
   * describe()}; `time` where it only shows recorded points.  `slow` allows what is read as text
   * to change.  `meaning` is for the reader who asks what the chart shows; `alone`, where there
   * is no D.
   */
  GanLab.SCENES = {
    density: {
      title: "Data and fakes", make: density,
      alone: "p_data is dashed, p_g solid green. " + GanLab.PUSHES,
      meaning: "p_data is dashed, p_g solid green. D, dashed blue, and D*, the best D there is, " +
        "dotted, are on the right axis. " + GanLab.PUSHES,
    },
    z: { title: "What G does to z", make: z, meaning: "Each line leads from a z to the x that G makes of it." },
    loss: {
      title: "Losses", make: loss, alone: "The loss of G, step by step.",
      meaning: "A D that guesses says ½ to every x. Then its loss is log 4, and that of G log 2: " +
        "with a perfect G as well as when D is blind.",
    },
    distance: {
      title: "Distance to the data", make: distance,
      meaning: "W1: how far the samples would have to move, on average, to lie as the data do. " +
        `${GanLab.WATCHED} samples of a perfect G are never quite the target: it gets the band.`,
    },
    gap: {
      title: "Optimality gap", make: gap,
      meaning: "The loss of D on samples that it was not trained on, and the lowest that any D " +
        "could reach, log 4 − 2·JSD. JSD: how far p_g is from p_data, 0 if they are the same, " +
        "log 2 if they share nothing.",
    },
    orbit: {
      title: "Orbit", make: orbit,
      alone: "The latest steps of the run: the mean of the samples and their standard deviation.",
      meaning: "The latest steps of the run, in a plane: the mean of the samples, and the slope of " +
        "D's logit across the data, or the standard deviation.",
    },
  };
})();
