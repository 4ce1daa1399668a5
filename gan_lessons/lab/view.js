// The live lab on its page: the reader trains the GAN, goes back, changes a setting and compares
// two runs.  training.js has all that happens to the numbers; in here they become charts, words
// and buttons.  The charts come from scenes.js, the fields of the settings from panel.js.
(function () {
  "use strict";
  const GanLab = (globalThis.GanLab = globalThis.GanLab || {});
  const { add, element, SETTINGS, SLOWLY } = GanLab;

  const HEAVY_MS = 9; // an update that takes as long has a frame of its own
  const DRAWS = 36; // redraws per second that are aimed at
  const CALM_DRAWS = 4; // the same where the reader prefers reduced motion
  const SPOKEN = 3000; // ms between two reports to a screen reader
  const AXES = ["x", "density", "loss", "distance", "gap", "mean", "std"]; // shared by all charts
  const SPEEDS = [
    ["1", "1 step per second"],
    ["10", "10 steps per second"],
    ["100", "100 steps per second"],
    ["Infinity", "as fast as it can"],
  ];

  // --- The charts -----------------------------------------------------------------------------

  /**
   * The charts of a lab in `place`: those that are wanted now, drawn where they are seen.
   * `lab` is what scenes.js asks for.
   */
  function gallery(place, lab) {
    const drawn = []; // {chart, draw, describe, …} of the scenes, and whether each is seen
    const pictures = []; // their charts, for the buttons that save them
    let shape = ""; // which charts are on the page
    let [turn, lastSlow] = [0, 0];

    const sight = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          for (const item of drawn) if (item.place === target) item.seen = isIntersecting;
        }
      },
      { rootMargin: "100px" },
    );

    function wantedScenes(preset) {
      const settings = lab.settings();
      const hidden = {
        z: !settings.some(({ latent }) => latent === 1),
        gap: !settings.some(GanLab.playsD),
      };
      const named = preset.show || Object.keys(GanLab.SCENES);
      return named.filter((scene) => !hidden[scene]);
    }

    /** Make the charts anew where others are wanted than are there; the names of all. */
    function build(preset) {
      const scenes = wantedScenes(preset);
      const kinds = lab.settings().map((one) => [one.latent === 1, GanLab.playsD(one)]);
      const wanted = JSON.stringify([scenes, kinds, lab.compare && lab.inB()]);
      if (wanted === shape) return scenes;
      shape = wanted;
      place.style.minHeight = `${place.offsetHeight}px`; // the page does not jump meanwhile
      for (const { chart } of drawn) chart.remove();
      sight.disconnect();
      place.replaceChildren();
      drawn.length = pictures.length = 0;
      for (const scene of scenes) for (const run of lab.runs) buildChart(scene, run);
      place.style.minHeight = "";
      return scenes;
    }

    function buildChart(scene, run) {
      const room = add(place, "div", { class: `lab-scene lab-${scene}` });
      if (!lab.compare && scene === "density") room.classList.add("lab-broad");
      const { title, make } = GanLab.SCENES[scene];
      const side = run === lab.runs[0] ? "A" : `B (${lab.inB()})`;
      const full = lab.compare ? `${title}: run ${side}` : title;
      const made = make(room, lab, run, full);
      if (!made) return;
      drawn.push({ ...made, title: full, run, place: room, seen: true });
      pictures.push(made.chart);
      sight.observe(room);
    }

    /** Draw all charts, or those that are seen and new; texts change now and then. */
    function draw(all) {
      const now = performance.now();
      const slow = all || now - lastSlow >= SLOWLY;
      if (slow) lastSlow = now;
      // The charts over time take turns: each is drawn several times a second.
      const timed = drawn.filter(({ time, seen }) => time && seen);
      turn += 1;
      for (const item of drawn) {
        const later = item.time && timed[turn % timed.length] !== item;
        if (all || (item.seen && (slow || !later))) item.draw(slow);
      }
    }

    /** Say in words what each chart shows. */
    function describe() {
      for (const { chart, title, describe, run } of drawn) {
        chart.describe(`${title}. ${describe(lab.now(run))}`);
      }
    }

    return { pictures, build, draw, describe };
  }

  // --- Playing --------------------------------------------------------------------------------

  /**
   * Trains in each frame, and draws in as many as the reader's eyes ask for; `hear` has draw(),
   * counted(steps per second), passed(now) after each frame, and diverged() after the last one.
   */
  function createPlayer(training, hear) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const counted = { since: 0, steps: 0, draws: 0, stepsPerSecond: 0, framesPerSecond: 0 };
    let [lastFrame, drawOwed, drawWaits] = [0, 0, false];

    function start() {
      training.play();
      lastFrame = performance.now();
      drawOwed = 0;
      Object.assign(counted, { since: lastFrame, steps: 0, draws: 0 });
      requestAnimationFrame(frame);
    }

    function frame() {
      if (!training.playing) return;
      const now = performance.now();
      const passed = Math.min(now - lastFrame, 100) / 1000;
      lastFrame = now;
      drawOwed = Math.min(drawOwed + passed * (calm.matches ? CALM_DRAWS : DRAWS), 2);
      training.owe(passed);
      // Wide networks: training and drawing in turn, so that the page answers in between.
      const alone = training.updateMs > HEAVY_MS;
      if (!(alone && drawWaits)) {
        counted.steps += training.train();
        if (training.diverged()) return hear.diverged();
      }
      const due = drawOwed >= 1;
      if (due && (!alone || drawWaits)) {
        drawOwed -= 1;
        counted.draws += 1;
        drawWaits = false;
        hear.draw();
      } else drawWaits = due;
      count(now);
      hear.passed(now);
      requestAnimationFrame(frame);
    }

    /** Steps and redraws per second. */
    function count(now) {
      const seconds = (now - counted.since) / 1000;
      if (seconds < 1) return;
      counted.stepsPerSecond = counted.steps / seconds;
      counted.framesPerSecond = counted.draws / seconds;
      Object.assign(counted, { since: now, steps: 0, draws: 0 });
      hear.counted(counted.stepsPerSecond);
    }

    return { start, counted };
  }

  // --- The lab --------------------------------------------------------------------------------

  GanLab.views.live = function (section, first, name) {
    const training = GanLab.createTraining();
    const { history, runs } = training;
    let preset = first; // in the full lab the reader may choose another
    let looks = new Map(); // what was computed of each GAN for one drawing

    /** The training, and what the charts need besides. */
    const lab = Object.assign(Object.create(training), {
      axes: Object.fromEntries(AXES.map((axis) => [axis, GanLab.calmAxis()])),
      look(gan) {
        if (!looks.has(gan)) looks.set(gan, { samples: gan.samples() });
        return looks.get(gan);
      },
      change,
    });

    // --- The page, from top to bottom ---------------------------------------------------------

    const box = (look) => add(section, "div", { class: look });
    const alarm = GanLab.liveText(section, { assertive: true });
    alarm.element.classList.add("lab-alarm");
    const chooser = box("lab-bar");
    const bar = box("lab-buttons");
    const playButton = GanLab.button(bar, "Play", play);
    const pauseButton = GanLab.button(bar, "Pause", () => pause());
    for (const player of ["D", "G"]) GanLab.button(bar, `Step ${player}`, () => stepOne(player));
    GanLab.button(bar, "Reset", () => {
      training.start(training.own, training.compare);
      showAnew(`Step 0, from seed ${training.own.seed}. What do you expect? Then press Play.`);
    });
    const numbers = box("lab-bar");
    GanLab.field(numbers, {
      kind: "select", label: "Speed", choices: SPEEDS, value: "Infinity",
      onChange: (text) => training.setRate(Number(text)),
    });
    const number = (words, attribute) => {
      const shown = element("strong", { [attribute]: "" }, ["0"]);
      add(numbers, "p", {}, [`${words} `, shown]);
      return shown;
    };
    const stepCount = number("Training steps (updates of G)", "data-steps");
    const stepCountD = number("Updates of D", "data-d-steps");
    const pace = add(numbers, "p", { class: "lab-note" });
    const rewind = GanLab.field(section, {
      kind: "range", label: "Rewind", value: 0, min: 0, max: 0, step: 1, onChange: scrub,
    });
    const message = GanLab.liveText(section);
    const spoken = GanLab.liveText(section, { heard: true });
    const charts = gallery(box("lab-scenes"), lab);
    const panelPlace = box("lab-controls lab-settings");
    let panel = null; // the fields in it
    const foot = box("lab-buttons");
    GanLab.saveButtons(foot, {
      charts: charts.pictures,
      name: `gan-lab-${name}`,
      csv: () => GanLab.historyCsv(history, preset.title, training.settings()),
      say: message.say,
      before: drawForPaper,
    });
    GanLab.button(foot, "Copy link", copyLink);
    const linkPlace = box("lab-link");

    // --- Playing ------------------------------------------------------------------------------

    let lastWords = 0;
    const player = createPlayer(training, {
      draw,
      counted: (steps) => (pace.textContent = `${Math.round(steps)} steps per second`),
      passed: (now) => now - lastWords >= SPOKEN && speak(),
      diverged: stop,
    });

    function play() {
      if (training.playing) return;
      message.say(training.forget("Play"));
      alarm.say("");
      lastWords = performance.now();
      player.start();
      showState();
    }

    function pause(why) {
      if (!training.playing) return;
      training.pause();
      pace.textContent = "";
      if (why) message.say(why);
      draw(true);
      speak();
    }

    /** The numbers have diverged: there is nothing left to learn from. */
    function stop() {
      pause();
      alarm.say(training.whyStopped());
    }

    function stepOne(player) {
      pause();
      if (training.diverged()) return stop();
      const forgotten = training.forget(`Step ${player}`);
      training.step(player);
      draw(true);
      speak();
      if (training.diverged()) return stop();
      const idle = player === "D" && !training.settings().some(GanLab.asksD);
      const words = "D has learned, but it plays no part in this loss: G does not ask it.";
      message.say([forgotten, idle ? words : ""].join(" ").trim());
    }

    // --- What the reader changes --------------------------------------------------------------

    /** Show the recorded point at `index`: the GANs themselves go back to it. */
    function scrub(index) {
      const entry = history.entries[index]; // which may be another one after a pause
      pause();
      training.goTo(entry);
      buildCharts(); // there may have been other losses then
      alarm.say("");
      const [{ step }, last] = [training.here(), history.entries.at(-1).step];
      message.say(
        training.isPast()
          ? `Step ${step} of ${last}. Play, a step or a changed setting goes on from here, ` +
              "and forgets what came after."
          : `Step ${last}, the newest.`,
      );
      panel.show();
      showState();
      keepLink();
      drawSoon();
    }

    function change(setting, value) {
      const words = training.change(setting, value);
      if (SETTINGS[setting]?.shape) showAnew(words);
      else {
        message.say(words);
        buildCharts();
        if (!training.playing) drawSoon();
        panel.show();
      }
      keepLink();
    }

    function setCompare(compare) {
      training.start(training.own, compare);
      showAnew(
        compare
          ? `Two runs from seed ${training.own.seed}. In run B the ${training.inB()}. Which will do ` +
              "better?"
          : "One run again, from step 0.",
      );
      keepLink();
    }

    /** Start anew from a preset, or from settings that a link has in its place. */
    function begin(from, own, compare, words) {
      preset = from;
      training.start(own, compare);
      panel = GanLab.settingsPanel(panelPlace, { chosen, change, setCompare });
      showAnew(words);
    }

    /** The training has been started anew. */
    function showAnew(words) {
      for (const axis of Object.values(lab.axes)) axis.reset();
      pace.textContent = "";
      buildCharts();
      alarm.say("");
      message.say(words);
      panel.show();
      draw(true);
    }

    // --- Drawing ------------------------------------------------------------------------------

    function buildCharts() {
      training.gapShown = charts.build(preset).includes("gap");
    }

    /** Draw the present state: all of it, or, while playing, what is seen and new. */
    function draw(all = false) {
      if (all) gapSoon();
      looks = new Map();
      charts.draw(all);
      stepCount.textContent = training.steps();
      const updates = runs.map(({ gan }) => gan.stepsD);
      stepCountD.textContent = [...new Set(updates)].join(" and ");
      showState();
    }

    let gapTimer = 0;
    /** Measure the gap of a paused lab: after the drawing, and not too soon after the last time. */
    function gapSoon() {
      clearTimeout(gapTimer);
      if (training.playing || !training.withoutGap().length) return;
      const measure = () => {
        if (training.playing) return;
        training.measureGap();
        draw(true);
      };
      gapTimer = setTimeout(measure, Math.max(training.lastGap + SLOWLY - performance.now(), 0) + 1);
    }

    /** All charts as they are now, for a picture or a page on paper: not only those that are seen. */
    function drawForPaper() {
      if (training.playing) training.recordIfNew();
      training.measureGap();
      draw(true);
    }

    let drawing = false;
    function drawSoon() {
      if (drawing) return;
      drawing = true;
      requestAnimationFrame(() => {
        drawing = false;
        draw(!training.playing);
        speak();
      });
    }

    function showState() {
      playButton.setAttribute("aria-pressed", training.playing);
      pauseButton.setAttribute("aria-pressed", !training.playing);
      rewind.input.max = history.entries.length - 1;
      rewind.set(training.at);
      const [{ step }, last] = [training.here(), history.entries.at(-1).step];
      const text = training.isPast() ? `step ${step} of ${last}` : `step ${training.steps()}`;
      rewind.element.querySelector(".lab-readout").textContent = text;
      rewind.input.setAttribute("aria-valuetext", text);
    }

    /** Say the state in words: for a screen reader, and in place of each picture. */
    function speak() {
      lastWords = performance.now();
      spoken.say(training.stateInWords());
      charts.describe();
    }

    // --- Links --------------------------------------------------------------------------------

    const chosen = () => ({ preset, own: training.own, compare: training.compare });
    const link = () => GanLab.toLink(chosen(), first);
    const keepLink = () => GanLab.permalink.write(name, link());

    async function copyLink() {
      const address = GanLab.permalink.address(name, link());
      linkPlace.replaceChildren();
      try {
        await navigator.clipboard.writeText(address);
        message.say("The link to these settings is copied.");
      } catch {
        const { input } = GanLab.field(linkPlace, { label: "Link to these settings", value: address });
        input.readOnly = true;
        input.select();
        message.say("This browser lets no page copy: the link stands below.");
      }
    }

    function buildChooser() {
      chooser.replaceChildren();
      GanLab.field(chooser, {
        kind: "select",
        label: "Start from",
        choices: GanLab.choicesOf("recipe"),
        value: GanLab.presetName(preset),
        onChange(key) {
          const from = GanLab.PRESETS[key];
          begin(from, GanLab.startOf(from), null, `${from.title}, from step 0.`);
          keepLink();
        },
      });
    }

    // --- The start ----------------------------------------------------------------------------

    function open() {
      let asked = { preset: first, own: GanLab.startOf(first), compare: null };
      let damage = "";
      try {
        asked = GanLab.fromLink(GanLab.permalink.read(name) || {}, first);
      } catch (error) {
        damage = GanLab.damaged(error);
      }
      const words = "Paused at step 0. What do you expect? Then press Play.";
      begin(asked.preset, asked.own, asked.compare, words);
      if (name === "full") buildChooser();
      if (damage) alarm.say(damage);
    }
    open();
    addEventListener("beforeprint", drawForPaper);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) pause("Paused, since this page was in the background.");
    });

    section.ganLab = {
      history,
      get gan() { return runs[0].gan; },
      get other() { return runs[1]?.gan; },
      get playing() { return training.playing; },
      get stepsPerSecond() { return player.counted.stepsPerSecond; },
      get framesPerSecond() { return player.counted.framesPerSecond; },
    };
    return open;
  };
})();
