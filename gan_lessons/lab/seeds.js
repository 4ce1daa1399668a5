// Many runs at once, on the page: a fan of their W1, how many are healthy, and a button for each
// seed, which opens it in the lab.  ensemble.js trains them.
(function () {
  "use strict";
  const { add, element, words } = GanLab;

  const SEEDS = Array.from({ length: 32 }, (_, seed) => seed);
  const STEPS = { min: 100, max: 20000, whole: true };
  const VERDICTS = {
    landed: ["★", "healthy, and landed"],
    healthy: ["✓", "healthy"],
    unwell: ["✗", "not healthy"],
    diverged: ["!", "diverged"],
  };

  /** W1 at the end, by which the runs are in order: what has diverged is last. */
  const endOf = ({ w1 }) => (Number.isFinite(w1.at(-1)) ? w1.at(-1) : Infinity);

  /** A run for its button: "seed 6: W1 0.41, mean 1.2 instead of 2, std …; not healthy". */
  function runWords({ seed, w1, mean, std, modes, diverged }, verdict, target) {
    if (diverged) return `seed ${seed}: diverged at step ${diverged.step}`;
    const peaks = target.peaks && `, ${modes.at(-1)} of ${target.peaks.length} peaks covered`;
    const moments =
      `, mean ${words(mean.at(-1))} instead of ${words(target.mean)}` +
      `, std ${words(std.at(-1))} instead of ${words(target.std)}`;
    const end = `W1 ${words(w1.at(-1))}${peaks || moments}`;
    return `seed ${seed}: ${end}; ${VERDICTS[verdict][1]}`;
  }

  /** What came of it: the runs with their verdicts in order, and what trainSeeds says. */
  function resultWords(order, { workers, seconds, stopped }) {
    const where = workers
      ? `on ${workers} worker${workers > 1 ? "s" : ""}`
      : "in this page, since no worker started";
    const took = `${order.length} of ${SEEDS.length} trained in ${GanLab.shown(seconds, 1)} s ${where}`;
    const begin = stopped ? `Stopped: ${took}` : took;
    if (!order.length) return `${begin}.`;
    const count = (wanted) => order.filter(({ verdict }) => verdict === wanted).length;
    const [landed, diverged] = [count("landed"), count("diverged")];
    const healthy = count("healthy") + landed;
    const who = landed === 1 ? "1 of them lands" : `${landed || "none"} of them land`;
    const land = healthy ? `, ${who} inside a perfect G's band` : "";
    const { run } = order.at(-1);
    return [
      `${begin}: ${healthy} healthy${land}.`,
      diverged ? `${diverged} diverged.` : "",
      `Worst: seed ${run.seed}, ` +
        (run.diverged ? `which diverged at step ${run.diverged.step}.` : `W1 ${words(endOf(run))}.`),
    ].filter(Boolean).join(" ");
  }

  /** What counts as healthy, for this target. */
  function ruleWords(target, floor) {
    const most = words(target.std / 10);
    const healthy = target.peaks
      ? "both peaks are covered at every look of the last fifth of the run, each with at least a " +
        "fifth of its share"
      : "over the last third of the run the errors of mean and of std, root mean square, are both " +
        `below a tenth of the target's σ, ${most}`;
    const marks = Object.values(VERDICTS).map((one) => one.join(" ")).join(", ");
    return (
      "A button opens its seed in the lab; the best W1 at the end comes first. " +
      `${marks}. Healthy: ${healthy}. Landed: W1 of its last ${GanLab.WATCHED} samples is not above ` +
      `${words(floor.high)}, too, where 9 of 10 perfect Gs end. A run that diverged is neither.`
    );
  }

  /** The settings in which the runs differ from the lab's present ones: "Adam's β₁ 0.9 (now 0.5)". */
  function changedSince(settings, now) {
    const { labelOf, valueWords } = GanLab;
    return Object.keys(settings)
      .filter((name) => name !== "seed" && !GanLab.equal(settings[name], now[name]))
      .map((name) => `${labelOf(name)} ${valueWords(name, settings[name])}` +
        ` (now ${valueWords(name, now[name])})`)
      .join("; ");
  }

  /** The chart of the runs' W1; draw(runs, looks, floor) takes them in order. */
  function fan(place) {
    const chart = GanLab.chart(place, {
      title: "W1 of all seeds",
      height: 260,
      x: { label: "training steps" },
      y: { label: "W1, in units of x", log: true, min: 0.1, max: 1 },
    });
    const perfect = chart.band("floor", { kind: "floor", label: "a perfect G, 8 times in 10" });
    const band = chart.area("band", { kind: "fake", label: "8 of 10 runs" });
    const worst = chart.line("worst", { kind: "worst", label: "the worst run" });
    const median = chart.line("median", { kind: "fake", label: "the median run" });

    return function draw(runs, looks, floor) {
      const shares = [0.1, 0.5, 0.9].map(() => []);
      for (const i of looks.keys()) {
        const known = runs.map(({ w1 }) => w1[i]).filter(Number.isFinite);
        const ordered = Float64Array.from(known).sort();
        [0.1, 0.5, 0.9].forEach((share, k) => shares[k].push(GanLab.quantileOf(ordered, share)));
      }
      const [low, middle, high] = shares;
      const last = runs.at(-1).w1;
      // A run that leaves all others far behind leaves the picture, too.
      const top = Math.max(2 * floor.high, ...high.filter(Number.isFinite));
      const seen = last.filter((value) => value < 5 * top);
      const least = Math.min(floor.low, ...low.filter((value) => value > 0));
      chart.range({ x: [0, looks.at(-1)], y: [0.8 * least, 1.2 * Math.max(top, ...seen)] });
      perfect.set(floor.low, floor.high);
      band.set(looks, low, high);
      median.set(looks, middle);
      worst.set(looks, last);
      const [from, half, to] = shares.map((values) => words(values.at(-1)));
      chart.describe(
        `W1 of ${runs.length} runs over ${looks.at(-1)} steps. At the end the median is ${half}, ` +
          `8 of 10 lie from ${from} to ${to}, and a perfect G's from ${words(floor.low)} to ` +
          `${words(floor.high)}.`,
      );
    };
  }

  /**
   * A button that trains the lab's settings from 32 seeds, and what comes of it, in `place`.
   * `settings()` gives the lab's present settings; `open(seed, settings)` opens a run in the lab,
   * with the settings that it was trained with.
   * @returns {{refresh()}} to be called when the lab's settings have changed
   */
  GanLab.seedsView = function (place, { settings, open }) {
    let steps = 5000;
    let training = null; // what goes on at present
    let trained = null; // {settings, target, floor} of the runs on the page
    let order = []; // {run, verdict}, from the best W1 at the end to the worst

    const root = add(place, "div", { class: "lab-many" });
    const bar = add(root, "div", { class: "lab-buttons" });
    const toggle = GanLab.button(bar, "", () => (training ? training.stop() : train()));
    const field = GanLab.field(bar, {
      label: "steps",
      value: steps,
      check: (text) => GanLab.checkNumber("steps", text, STEPS),
      onChange: (value) => (steps = value),
    });
    const progress = add(bar, "progress", { max: SEEDS.length, "aria-label": "seeds trained" });
    const said = GanLab.liveText(root);
    const since = add(root, "p", { class: "lab-note" });
    const result = add(root, "div", { hidden: "" });
    const draw = fan(result);
    const row = add(result, "div", {
      class: "lab-seeds", role: "group",
      "aria-label": "The runs, from the best W1 at the end to the worst",
    });
    const rule = add(result, "p", { class: "lab-note" });
    show(null);

    function show(now) {
      training = now;
      toggle.textContent = training ? "Stop" : `Train ${SEEDS.length} seeds`;
      progress.hidden = !training;
    }

    /** Say so where the lab has other settings than the runs. */
    function refresh() {
      const changes = trained && changedSince(trained.settings, settings());
      since.textContent = !trained
        ? "Was it luck? This trains the lab's settings from seeds 0 to 31."
        : changes ? `The lab has changed since: these runs have ${changes}.` : "";
    }

    /** Put a run in its place, which moves no button that is there. */
    function insert(run, looks) {
      const { target, settings } = trained;
      const verdict = GanLab.verdictOn(run, looks, target);
      const name = runWords(run, verdict, target);
      const found = order.findIndex((other) => endOf(other.run) > endOf(run));
      const at = found < 0 ? order.length : found;
      order.splice(at, 0, { run, verdict });
      const look = { type: "button", class: `lab-seed lab-${verdict}`, "aria-label": name, title: name };
      const button = element("button", look, [`${VERDICTS[verdict][0]} ${run.seed}`]);
      button.addEventListener("click", () => open(run.seed, { ...settings, seed: run.seed }));
      row.insertBefore(button, row.children[at] ?? null);
    }

    function heard({ looks, runs, workers }) {
      if (!workers) said.say("No worker starts here: the page trains the runs itself, in turns.");
      for (const run of runs.slice(order.length)) insert(run, looks);
      progress.value = order.length;
      result.hidden = !order.length;
      if (order.length) draw(order.map(({ run }) => run), looks, trained.floor);
    }

    async function train() {
      if (field.input.getAttribute("aria-invalid")) return field.input.focus();
      const own = structuredClone(settings());
      const target = GanLab.target(own.target);
      trained = { settings: own, target, floor: GanLab.floor("w1", target, GanLab.WATCHED) };
      order = [];
      row.replaceChildren();
      result.hidden = true;
      progress.value = 0;
      rule.textContent = ruleWords(target, trained.floor);
      refresh();
      said.say(`Training ${SEEDS.length} runs of ${steps} steps.`);
      try {
        show(GanLab.trainSeeds(own, { seeds: SEEDS, steps, heard }));
        said.say(resultWords(order, await training.finished));
      } catch ({ message }) {
        said.say(`The runs could not be trained: ${message}.`);
      }
      show(null);
    }

    return { refresh };
  };
})();
