// The training that a live lab shows: one GAN or two, what was recorded of them, and the way back
// to it, in numbers and in words.  No page in here: view.js shows it.
(function () {
  "use strict";
  const { SETTINGS, labelOf, valueWords, changed, other, equal, words } = GanLab;

  const TRAIN_MS = 13; // training in a frame of 16.7 ms; the rest is for drawing
  const SLOWLY = 250; // ms between two looks at what is costly
  const ONE_CHANGE = 1500; // ms within which changes of one setting count as one
  const MOST_KEPT = 6; // runs of before
  const FINE = 5; // steps from one point of the trail to the next, of small networks
  const LOST = 1e6; // a sample that is so many σ from the target does not come back
  GanLab.SLOWLY = SLOWLY;

  /** Who made the numbers grow: a G that throws its samples far away spoils the loss of D first. */
  function causeOf({ gan }) {
    const { mean, std } = gan.target;
    const lost = gan.samples().some((x) => !(Math.abs(x - mean) < LOST * std));
    return lost || !GanLab.playsD(gan.settings) ? "G" : gan.diverged.player;
  }

  /** What the history keeps of a run at one step; `gap` is measured later. */
  function pointOf({ gan, part, whole }) {
    const samples = gan.samples();
    const { mean, std } = GanLab.moments(samples, samples.length);
    const w1 = GanLab.w1(samples, gan.target);
    const { stepsD, lossD, lossG } = gan;
    return { snapshot: gan.snapshot(), part, whole, stepsD, lossD, lossG, mean, std, w1, gap: null };
  }

  /** The W1 that a perfect sampler gets. */
  GanLab.floorInWords = function (target) {
    const { low, high } = GanLab.floor("w1", target, GanLab.WATCHED);
    return `a perfect G gets ${words(low)} to ${words(high)}`;
  };

  /** A training without any run: `start` comes first. */
  GanLab.createTraining = function () {
    const history = GanLab.createHistory();
    let [rate, owed] = [100, 0]; // training steps per second, and those that are due
    let recorded = true; // whether the present state is the newest point
    let lastChange = null; // {setting, before, step, time}
    let numbered = 0; // the runs that were kept
    const training = {
      history,
      runs: [], // {gan, part, whole}: how many D updates of this step are done; whether all is
      at: 0, // the recorded point that is shown
      own: null, // the settings of run A
      compare: null, // {setting, value} of run B
      kept: [], // the runs of before, the newest first: {number, own, history}
      overlaid: null, // one of them, {gan, history, number}, shown over run A
      playing: false,
      updateMs: 0, // what an update takes, on average
      gapShown: false, // whether the optimality gap is looked at
      lastGap: -Infinity, // when it was measured
    };
    const { runs } = training;

    // --- What there is ------------------------------------------------------------------------

    const steps = () => runs[0].gan.steps;
    const settings = () => runs.map(({ gan }) => gan.settings);
    const here = () => history.entries[training.at];
    const now = (run) => (run === training.overlaid ? pointBefore(run) : here()).runs[indexOf(run)];
    /** Where the numbers of a run lie in its history. */
    const indexOf = (run) => Math.max(runs.indexOf(run), 0);
    /** The run whose numbers have left what a computer can hold, if there is one. */
    const diverged = () => runs.find(({ gan }) => gan.diverged);

    Object.assign(training, { steps, settings, here, now, indexOf, diverged });
    training.isPast = () => training.at < history.entries.length - 1;

    /** The last point of a kept run that is no later than the one that is shown. */
    const pointBefore = ({ history: { entries } }) =>
      entries.findLast(({ step }) => step <= here().step) || entries[0];

    /** What the charts show: the runs, and a kept one if it is overlaid. */
    training.lines = () => (training.overlaid ? [...runs, training.overlaid] : runs);
    training.historyOf = (run) => run.history || history;

    /** The optimality gap of a run, from the last point at which it was measured. */
    training.gapOf = function (run) {
      const { entries } = training.historyOf(run);
      const until = run === training.overlaid ? entries.indexOf(pointBefore(run)) : training.at;
      return entries.slice(0, until + 1).map((entry) => entry.runs[indexOf(run)].gap).findLast(Boolean);
    };

    /** Start anew, always paused: the reader predicts first. */
    training.start = function (own, compare) {
      keep();
      training.overlaid = null;
      Object.assign(training, { own, compare, playing: false, updateMs: 0, lastGap: -Infinity });
      lastChange = null;
      const all = compare ? [own, other(own, compare)] : [own];
      all.forEach((one, i) => {
        const fresh = { gan: GanLab.createGan(one), part: 0, whole: false };
        runs[i] = Object.assign(runs[i] || {}, fresh); // the charts hold on to these objects
      });
      runs.length = all.length;
      history.clear();
      record();
    };

    // --- Runs of before -----------------------------------------------------------------------

    /** Keep the runs as they are, with their future, unless they have not been trained. */
    function keep() {
      if (!runs.length || history.entries.at(-1).step === 0) return;
      const fresh = runs.map((_, i) => {
        const own = history.entries.at(-1).runs[i].snapshot.settings;
        return { number: ++numbered, own, history: history.only(i) };
      });
      training.kept = [...fresh.reverse(), ...training.kept].slice(0, MOST_KEPT);
    }

    /** Go on with a run of before, from its end. */
    training.open = function (run) {
      training.start(run.own, null);
      training.kept = training.kept.filter((one) => one !== run);
      Object.assign(history, run.history.only(0), { stride: run.history.stride });
      training.goTo(history.entries.at(-1));
    };

    /** Show a run of before over run A; null for none. */
    training.overlay = function (run) {
      if (training.compare) training.start(training.own, null);
      training.overlaid = run && { ...run, gan: GanLab.createGan(run.own) };
    };

    /** Let the run that is overlaid follow the point that is shown. */
    training.follow = function () {
      const { overlaid } = training;
      const point = overlaid && pointBefore(overlaid);
      if (!point || point === overlaid.point) return;
      overlaid.point = point;
      overlaid.gan.restore(point.runs[0].snapshot);
    };

    // --- Steps --------------------------------------------------------------------------------

    /** One update of one player; true when with it all runs have done the training step. */
    function update() {
      recorded = false;
      const run = runs.find(({ whole }) => !whole);
      if (run.part < run.gan.settings.dSteps) {
        run.gan.stepD();
        run.part += 1;
      } else {
        run.gan.stepG();
        [run.part, run.whole] = [0, true];
      }
      if (!runs.every(({ whole }) => whole)) return false;
      for (const each of runs) each.whole = false;
      const apart = FINE * Math.ceil(GanLab.sizeOf(training.own) / 2000);
      if (steps() % apart === 0 && !diverged()) history.follow(trailPoint());
      return true;
    }

    function trailPoint() {
      const all = runs.map(({ gan }) => {
        const samples = gan.samples();
        return { ...GanLab.moments(samples, samples.length), lean: gan.lean() };
      });
      return { step: steps(), runs: all };
    }

    training.play = function () {
      training.playing = true;
      owed = 1; // the first step comes at once
    };

    training.setRate = (wanted) => ([rate, owed] = [wanted, 0]);

    /** So many seconds have passed: steps are owed, but no more than a fifth of a second's. */
    training.owe = function (seconds) {
      owed = rate === Infinity ? rate : Math.min(owed + rate * seconds, Math.max(1, rate / 5));
    };

    /** Train what is owed, for so long, or what a frame leaves; how many steps there were. */
    training.train = function (ms = TRAIN_MS) {
      let [done, before] = [0, performance.now()];
      const [most, until] = [Math.floor(owed), before + ms];
      while (done < most && before < until && !diverged()) {
        if (update()) {
          done += 1;
          if (history.due(steps()) && !diverged()) record();
        }
        const after = performance.now();
        training.updateMs += 0.1 * (after - before - training.updateMs);
        before = after;
      }
      owed -= done;
      return done;
    };

    /** Stop, at the end of a training step where that is a matter of a moment. */
    training.pause = function () {
      training.playing = false;
      const until = performance.now() + TRAIN_MS;
      const begun = () => runs.some(({ part, whole }) => part || whole);
      while (begun() && !diverged() && performance.now() < until) update();
      training.recordIfNew();
    };

    /** One update of one player, in all runs. */
    training.step = function (player) {
      for (const run of runs) {
        if (player === "D") run.gan.stepD();
        else {
          run.gan.stepG();
          [run.part, run.whole] = [0, false];
        }
      }
      if (player === "G" && !diverged()) history.follow(trailPoint());
      record();
    };

    // --- What is kept -------------------------------------------------------------------------

    /** Keep the present state as the newest point. */
    function record() {
      history.add({ step: steps(), runs: runs.map(pointOf) });
      training.at = history.entries.length - 1;
      recorded = true;
      const due = training.playing && performance.now() - training.lastGap >= SLOWLY;
      if (due) training.measureGap();
    }

    /** Make the present state, which may lie between two recorded points, the newest one. */
    training.recordIfNew = () => recorded || record();

    /** The runs whose optimality gap is shown and can be measured, but has not been. */
    training.withoutGap = () =>
      runs.filter((run) => training.gapShown && !now(run).gap && !run.gan.target.points);

    /** What D misses at the point that is shown: costly, so not at each of them. */
    training.measureGap = function () {
      for (const run of training.withoutGap()) {
        const n = Math.min(2000, Math.floor(8e6 / GanLab.sizeOf(run.gan.settings)));
        now(run).gap = run.gan.optimality(n);
      }
      training.lastGap = performance.now();
    };

    /** Back to a recorded point, or to the next one where it was thinned out: with its settings. */
    training.goTo = function (entry) {
      const { entries } = history;
      const same = entries.indexOf(entry);
      training.at = same < 0 ? entries.findIndex(({ step }) => step >= entry.step) : same;
      runs.forEach((run, i) => {
        const { snapshot, part, whole } = here().runs[i];
        run.gan.restore(snapshot);
        Object.assign(run, { part, whole });
      });
      [training.own, lastChange] = [{ ...settings()[0] }, null];
    };

    /** Go on from the point that is shown, and keep what came after it as a run of its own. */
    training.branch = function () {
      if (!training.isPast()) return "";
      keep();
      history.forgetAfter(training.at);
      return `From step ${steps()} on this is a new run: the old one is kept as run ${numbered}.`;
    };

    // --- Changed settings ---------------------------------------------------------------------

    /** Change a setting of run A, and of run B where the two don't differ in it; what to say. */
    training.change = function (setting, value) {
      const { compare, own: before } = training;
      const own = changed(before, { [setting]: value });
      if (SETTINGS[setting]?.shape) {
        training.start(own, compare);
        return `${labelOf(setting)}: ${valueWords(setting, value)}. A new run, from step 0.`;
      }
      training.own = own;
      const branched = training.branch();
      const touched = [own, compare && other(own, compare)].flatMap((next, i) => {
        if (!next || equal(next[setting], settings()[i][setting])) return [];
        runs[i].gan.change({ [setting]: next[setting] });
        return [i];
      });
      if (!touched.length) return branched;
      const said = [branched, noteChange(setting, before[setting], touched)];
      if (runs.length > 1 && equal(...settings())) said.push("Both runs have the same settings now.");
      if (!training.playing) {
        history.dropLast(); // it is the same state with the settings of before
        record();
      }
      return said.filter(Boolean).join(" ");
    };

    /** A mark in the history; what is changed step by step, like a target that is dragged, is one. */
    function noteChange(setting, before, touched) {
      const time = performance.now();
      if (lastChange?.setting !== setting || time - lastChange.time > ONE_CHANGE) {
        lastChange = { setting, before: valueWords(setting, before), step: steps() };
      }
      lastChange.time = time;
      const { step } = lastChange;
      if (!step) return "";
      const which = touched.length < runs.length ? " of run A" : "";
      const after = valueWords(setting, training.own[setting]);
      const text = `${labelOf(setting)}${which}: ${lastChange.before} → ${after}`;
      history.mark({ step, setting, text, runs: touched });
      return `From step ${step} on, ${text}.`;
    }

    // --- In words -----------------------------------------------------------------------------

    /** What run B has in place of run A's: "batch size is 64"; or the kept run that it is. */
    training.inB = function () {
      const { own, compare, overlaid } = training;
      if (overlaid) return `run ${overlaid.number}: ${GanLab.runWords(overlaid.own, own)}`;
      const value = other(own, compare)[compare.setting] ?? compare.value;
      return `${labelOf(compare.setting)} is ${valueWords(compare.setting, value)}`;
    };

    /** Why the training stopped. */
    training.whyStopped = function () {
      const run = diverged();
      const { player, step } = run.gan.diverged;
      const which = runs.length > 1 ? ` of run ${"AB"[runs.indexOf(run)]}` : "";
      return (
        `The run stopped at step ${step}: the loss of ${player}${which}, or its slope, has grown ` +
        "beyond what a computer can hold, so there is nothing left to learn from. What usually " +
        `helps is a lower learning rate of ${causeOf(run)}. Rewind or press Reset, change it, and ` +
        "go on."
      );
    };

    /** The state at the point that is shown. */
    training.stateInWords = function () {
      const known = (player, loss) =>
        Number.isNaN(loss) ? "" : ` Loss of ${player} ${words(loss)}.`;
      const told = runs.map((run, i) => {
        const { lossD, lossG, w1 } = now(run);
        const which = training.compare ? ` Run ${"AB"[i]}:` : "";
        const losses = known("D", lossD) + known("G", lossG);
        return `${which}${losses} W1 ${words(w1)}; ${GanLab.floorInWords(run.gan.target)}.`;
      });
      return `Step ${here().step}.${told.join("")}`;
    };

    return training;
  };
})();
