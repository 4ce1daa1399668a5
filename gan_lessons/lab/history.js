// What a run has been through: snapshots to go back to, with the numbers that the charts draw over
// time, within a bounded memory; and the same as a table.  No page in here.
(function () {
  "use strict";
  const TRAIL = 1000; // points that the trail holds at least, if there were so many
  const KEPT = 100; // points of a run that is no longer trained

  /** The memory that an entry's snapshots take, in bytes. */
  function bytesOf({ runs }) {
    const players = runs.flatMap(({ snapshot: { g, d } }) => [g, d]);
    return players.reduce((sum, { weights }) => sum + 3 * weights.byteLength, 0);
  }

  /** One of each two entries: the even one, unless the odd one alone knows the optimality gap. */
  function thinned(entries) {
    const known = (i) => Boolean(entries[i] && entries[i].runs[0].gap);
    return entries.filter((_, i) => {
      if (i < 2 || i === entries.length - 1) return i !== 1;
      return i % 2 ? known(i) && !known(i - 1) : known(i) || !known(i + 1);
    });
  }

  /**
   * A list of recorded points.  When it is full every second one is dropped, and the stride, the
   * training steps from one to the next, doubles: the whole run stays, at a coarser grain.  The
   * first point and the newest always stay.
   *
   * An entry is {step, runs}, with one of `runs` for each GAN: {snapshot, stepsD, lossD, lossG,
   * mean, std, w1, gap}; `gap` is what the GAN's optimality() found, where it was asked.
   * A mark is {step, setting, text, runs}: a setting that was changed on the way, and in which runs.
   * The trail is finer, and holds the latest part alone: {step, runs}, with {mean, std, lean} of each.
   */
  GanLab.createHistory = function ({ most = 400, bytes = 48 * 2 ** 20 } = {}) {
    const history = { entries: [], marks: [], trail: [], stride: 1 };

    /** Whether a point is to be recorded at this training step. */
    history.due = (step) => step % history.stride === 0;

    history.add = function (entry) {
      history.entries.push(entry);
      const room = Math.max(2, Math.min(most, bytes / bytesOf(entry))); // all are of one size
      while (history.entries.length > room) {
        history.entries = thinned(history.entries);
        history.stride *= 2;
      }
    };

    history.dropLast = () => history.entries.pop();

    /** A changed setting; of several changes of one setting at one step the last one stays. */
    history.mark = function (mark) {
      const same = ({ step, setting }) => step === mark.step && setting === mark.setting;
      history.marks = [...history.marks.filter((old) => !same(old)).slice(-99), mark];
    };

    /** Drop all points after the one at `index`. */
    history.forgetAfter = function (index) {
      const { step } = history.entries[index];
      history.entries = history.entries.slice(0, index + 1);
      for (const name of ["marks", "trail"]) {
        history[name] = history[name].filter((one) => one.step <= step);
      }
    };

    history.follow = function (point) {
      history.trail.push(point);
      if (history.trail.length > 2 * TRAIL) history.trail.splice(0, TRAIL);
    };

    /** A history of one run alone, with few of its points, to keep. */
    history.only = function (run) {
      const own = GanLab.createHistory();
      let few = history.entries.map((entry) => ({ ...entry, runs: [entry.runs[run]] }));
      while (few.length > KEPT) few = thinned(few);
      for (const entry of few) own.add(entry);
      own.marks = history.marks
        .filter(({ runs }) => runs.includes(run))
        .map((mark) => ({ ...mark, runs: [0] }));
      own.trail = history.trail.map(({ step, runs }) => ({ step, runs: [runs[run]] }));
      own.stride = history.stride * Math.ceil(history.entries.length / KEPT);
      return own;
    };

    history.clear = () =>
      Object.assign(history, { entries: [], marks: [], trail: [], stride: 1 });

    /** One of READ's numbers of a run at all points; NaN where it is not known. */
    history.column = (name, run = 0) =>
      Float64Array.from(history.entries, (entry) => READ[name](entry, run));

    return history;
  };

  const ofRun = (name) => (entry, run) => entry.runs[run][name];
  const ofGap = (name) => (entry, run) => (entry.runs[run].gap || {})[name] ?? NaN;
  const READ = {
    step: (entry) => entry.step,
    d_updates: ofRun("stepsD"),
    loss_d: ofRun("lossD"),
    loss_g: ofRun("lossG"),
    mean: ofRun("mean"),
    std: ofRun("std"),
    w1: ofRun("w1"),
    jsd: ofGap("jsd"),
    d_loss_fresh: ofGap("loss"),
    d_loss_best: ofGap("best"),
  };

  /** The history as CSV: `#` lines with the settings and their changes, then a row for each point. */
  GanLab.historyCsv = function (history, title, settings) {
    const lines = [`# ${title}`];
    settings.forEach((own, run) => {
      for (const [name, value] of Object.entries(own)) {
        const text = typeof value === "object" ? JSON.stringify(value) : value;
        lines.push(`# run ${"AB"[run]}: ${name} = ${text}`);
      }
    });
    for (const { step, text } of history.marks) lines.push(`# at step ${step}: ${text}`);
    const ofAllRuns = (read) =>
      settings.flatMap((_, run) => history.entries.map((entry) => read(entry, run)));
    const columns = { run: ofAllRuns((_, run) => "AB"[run]) };
    for (const [name, read] of Object.entries(READ)) {
      columns[name] = ofAllRuns(read).map((value) => (Number.isFinite(value) ? value : ""));
    }
    return `${lines.join("\n")}\n${GanLab.csv(columns)}`;
  };
})();
