// Many runs of the same settings, each from a seed of its own: trained in workers, which have the
// engine's own text, or in turns in the page where no worker starts; and the verdict on each.
// One run is an anecdote.  No page in here: seeds.js shows it.
GanLab.inWorkers(function () {
  "use strict";
  /**
   * Train a GAN up to the last of the steps in `looks`, with a pause after each: the value of the
   * generator is {seed, diverged, mean, std, w1, modes}, one number for each look, NaN once the
   * run has diverged.  `modes` is empty for a target without peaks.
   */
  GanLab.trainSeed = function* (settings, looks) {
    const gan = GanLab.createGan(settings);
    const { target } = gan;
    const [mean, std, w1, modes] = [[], [], [], []];
    for (const look of looks) {
      while (gan.steps < look && !gan.diverged) {
        gan.step();
        yield;
      }
      const samples = gan.samples();
      const found = GanLab.moments(samples, samples.length);
      const known = (value) => (gan.diverged ? NaN : value);
      mean.push(known(found.mean));
      std.push(known(found.std));
      w1.push(known(GanLab.w1(samples, target)));
      if (target.peaks) modes.push(known(GanLab.modesCovered(samples, target)));
    }
    return { seed: gan.settings.seed, diverged: gan.diverged, mean, std, w1, modes };
  };
});

(function () {
  "use strict";

  const MOST_WORKERS = 8;
  const PATIENCE = 5000; // ms until a worker that has not answered is given up
  const SLICE = 12; // ms of training in the page, before it is the reader's turn

  /** What a worker does, after the scripts of `inWorkers`. */
  function work() {
    postMessage(null); // it has started
    globalThis.onmessage = function ({ data: [settings, looks] }) {
      const training = GanLab.trainSeed(settings, looks);
      let turn;
      do turn = training.next();
      while (!turn.done);
      postMessage(turn.value);
    };
  }

  /** The steps at which a run is looked at: the first, the last, and evenly in between. */
  const looksAt = (steps, points) => [
    ...new Set(GanLab.grid(0, steps, points + 1).map((step) => Math.round(step))),
  ];

  /**
   * Train the settings from each of the seeds, and look so often, at the same steps.
   * `heard({looks, runs, workers})` hears of each run that is done, and when the page takes over
   * from the workers, which are 0 then.
   *
   * @returns {{finished, stop()}} a promise of {settings, looks, runs, workers, seconds, stopped}:
   *   the runs as trainSeed gives them, in the order of the seeds, without those that a stop cut
   *   short.
   */
  GanLab.trainSeeds = function (settings, { seeds, steps, points = 50, heard = () => {} }) {
    for (const [name, value] of Object.entries({ steps, points })) {
      GanLab.checkNumber(name, value, { min: 1, max: 1e6, whole: true });
    }
    if (!seeds?.length) GanLab.refuse("seeds", seeds && "empty", "an array of seeds");
    const wanted = new Map(seeds.map((seed) => [Number(seed), GanLab.changed(settings, { seed })]));
    const waiting = [...wanted.values()];
    const looks = looksAt(steps, points);
    const crew = new Map(); // each worker, and the settings that it trains
    const done = new Map(); // the runs by their seeds
    const began = performance.now();
    let [address, ended] = ["", false];
    let settle;
    const finished = new Promise((resolve, reject) => (settle = { resolve, reject }));

    function end(stopped) {
      if (ended) return;
      ended = true;
      for (const worker of crew.keys()) worker.terminate();
      URL.revokeObjectURL(address);
      const runs = [...wanted.keys()].flatMap((seed) => done.get(seed) ?? []);
      const seconds = (performance.now() - began) / 1000;
      settle.resolve({ settings, looks, runs, workers: crew.size, seconds, stopped });
    }

    const tell = () => heard({ looks, runs: [...done.values()], workers: crew.size });

    function keep(run) {
      done.set(run.seed, run);
      tell();
      if (done.size === wanted.size) end(false);
    }

    /** Give the next seed to each worker that has none. */
    function handOut() {
      for (const [worker, own] of crew) {
        if (own || !waiting.length) continue;
        crew.set(worker, waiting.shift());
        worker.postMessage([crew.get(worker), looks]);
      }
    }

    function hire() {
      const worker = new Worker(address);
      const late = setTimeout(dismiss, PATIENCE);
      crew.set(worker, null);

      /** It does not start, or has failed: its seed is for others, or for the page. */
      function dismiss() {
        clearTimeout(late);
        worker.terminate();
        if (ended || !crew.has(worker)) return;
        if (crew.get(worker)) waiting.unshift(crew.get(worker));
        crew.delete(worker);
        if (crew.size) handOut();
        else trainHere();
      }

      worker.onmessage = function ({ data: run }) {
        clearTimeout(late);
        if (ended || !run) return;
        crew.set(worker, null);
        keep(run);
        handOut();
      };
      worker.onerror = function (event) {
        event.preventDefault(); // the page trains on, so there is nothing for the console
        dismiss();
      };
    }

    /** In turns with all else that the page does. */
    async function trainHere() {
      tell();
      try {
        while (waiting.length) {
          const training = GanLab.trainSeed(waiting.shift(), looks);
          let turn = {};
          while (!turn.done) {
            await new Promise((resolve) => setTimeout(resolve));
            if (ended) return;
            const until = performance.now() + SLICE;
            do turn = training.next();
            while (!turn.done && performance.now() < until);
          }
          keep(turn.value);
        }
      } catch (error) {
        settle.reject(error);
      }
    }

    try {
      const parts = ["globalThis.GanLab = {};", ...GanLab.workerScripts, `(${work})();`];
      address = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
      const most = Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1, wanted.size);
      while (crew.size < most) hire();
    } catch {
      // No worker may be made here.
    }
    if (crew.size) handOut();
    else trainHere();
    return { finished, stop: () => end(true) };
  };

  // --- The verdict ----------------------------------------------------------------------------

  const rootMeanSquare = (values) =>
    Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

  /**
   * Whether a run is healthy, as in lesson 8: both peaks covered at all looks of its last fifth,
   * or, where there are no peaks, the errors of mean and std, root mean square over its last
   * third, both below a tenth of σ.
   */
  GanLab.isHealthy = function ({ mean, std, modes }, looks, target) {
    const late = (values, share) => values.filter((_, i) => looks[i] >= share * looks.at(-1));
    if (target.peaks) {
      return late(modes, 4 / 5).every((covered) => covered === target.peaks.length);
    }
    const error = (values, wanted) => rootMeanSquare(late(values, 2 / 3).map((v) => v - wanted));
    const most = target.std / 10;
    return error(mean, target.mean) < most && error(std, target.std) < most;
  };

  /** "landed", "healthy", "unwell" or "diverged"; who lands is healthy, too. */
  GanLab.verdictOn = function (run, looks, target) {
    if (run.diverged) return "diverged";
    if (!GanLab.isHealthy(run, looks, target)) return "unwell";
    const { high } = GanLab.floor("w1", target, GanLab.WATCHED);
    return run.w1.at(-1) <= high ? "landed" : "healthy";
  };
})();
