// The live lab on its page: the reader trains the GAN, goes back, changes a setting and lays two
// runs over each other.  training.js has all that happens to the numbers, player.js its pace; in
// here they become charts, words and buttons.  The charts come from scenes.js, the fields from
// panel.js.
(function () {
  "use strict";
  const { add, button, element, field, playsD, SETTINGS, SLOWLY, WATCHED } = GanLab;

  const SPOKEN = 3000; // ms between two reports in words
  const AXES = ["x", "density", "loss", "distance", "gap", "mean", "orbit"];
  const SPEEDS = [
    ["1", "1 step/s"],
    ["10", "10 steps/s"],
    ["100", "100 steps/s"],
    ["Infinity", "fastest"],
  ];
  const CURES =
    "R1 and R2 fine D for being steep, at the real data and at the fakes; the gradient penalty " +
    "asks for a slope of 1 in between. With an average, the samples are those of the mean over " +
    "time of G's weights: 0.995 looks back some 200 steps. Optimistic Adam adds to each update " +
    "what has changed since the one before. Standardised data are brought to mean 0 and standard " +
    "deviation 1 before the networks see them.";

  // --- The charts -----------------------------------------------------------------------------

  /** What scenes.js asks for: the training, axes that its charts share, and a look at each GAN. */
  function chartedLab(training, change) {
    let looks = new Map(); // what was computed of each GAN for one drawing
    return Object.assign(Object.create(training), {
      axes: Object.fromEntries(AXES.map((axis) => [axis, GanLab.calmAxis()])),
      held: null, // the range of x while a target is dragged
      drawing: null, // the target while the reader draws it
      change,
      look(gan) {
        if (!looks.has(gan)) looks.set(gan, { samples: gan.samples() });
        return looks.get(gan);
      },
      /** Before each drawing. */
      lookAnew() {
        training.follow();
        looks = new Map();
      },
    });
  }

  /** The charts that are to be shown, drawn where they are seen: the first in `main`. */
  function gallery(main, side, lab, show) {
    const drawn = []; // what createScene gave, its place, and whether that is seen
    const pictures = []; // the charts, for the buttons that save them
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

    /** Make the charts anew where others are wanted than are there; the names of all. */
    function build() {
      const lines = lab.lines();
      const asks = lines.map(({ gan }) => playsD(gan.settings));
      const hidden = { z: lines[0].gan.settings.latent !== 1, gap: !asks.includes(true) };
      const scenes = show.filter((scene) => !hidden[scene]);
      const other = lines.length > 1 && lab.inB();
      const wanted = JSON.stringify([scenes, asks, other, lab.overlaid?.number]);
      if (wanted === shape) return scenes;
      shape = wanted;
      const places = [main, side];
      for (const place of drawn.length ? places : []) {
        place.style.minHeight = `${place.offsetHeight}px`; // no jump
      }
      for (const { chart } of drawn) chart.remove();
      sight.disconnect();
      for (const place of places) place.replaceChildren();
      drawn.length = pictures.length = 0;
      scenes.forEach((scene, i) => {
        const place = add(i ? side : main, "div", { class: `lab-scene lab-${scene}` });
        const made = GanLab.createScene(scene, lab, place);
        drawn.push({ ...made, place, seen: true });
        pictures.push(made.chart);
        sight.observe(place);
      });
      for (const place of places) place.style.minHeight = "";
      return scenes;
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

    return { pictures, build, draw };
  }

  /** What both players minimise, in pieces that light up with the curves they are about. */
  function formulas(place, section) {
    let last = "";
    section.addEventListener("lab-light", ({ detail }) => {
      const kinds = detail.split(" ");
      for (const piece of place.querySelectorAll("[data-kinds]")) {
        const lit = piece.dataset.kinds.split(" ").some((kind) => kinds.includes(kind));
        piece.classList.toggle("lab-lit", lit);
      }
    });
    const KINDS = { "G(z)": "fake", D: "d dstar", a: "d dstar", x: "data" };
    const pieces = (formula) =>
      formula.split(/(G\(z\)|\bD\b|\ba\b|\bx\b)/).map((text, i) =>
        i % 2
          ? element("span", { "data-kinds": KINDS[text], class: `kind-${KINDS[text].split(" ")[0]}` }, [text])
          : text);
    return function (settings) {
      const { d, g } = GanLab.FORMULAS[settings.loss];
      const asksD = playsD(settings);
      const key = `${settings.loss} ${asksD}`;
      if (key === last) return;
      last = key;
      const whole = (player, kinds, formula) =>
        element("span", { "data-kinds": kinds }, [`${player} lowers the mean of `, ...pieces(formula)]);
      const ofD = asksD ? [whole("D", "loss-d", d), " "] : [];
      place.replaceChildren(...ofD, whole("G", "loss-g gradient", g));
    };
  }

  // --- The lab --------------------------------------------------------------------------------

  GanLab.views.live = function (section, first, name) {
    const training = GanLab.createTraining();
    const { history, runs } = training;
    let preset = first; // where the settings come from; in the full lab the reader may choose
    const lab = Object.assign(chartedLab(training, change), { draw: drawData });
    const withD = GanLab.hasD(first);

    // --- The page, from top to bottom ---------------------------------------------------------

    const box = (look, place = section) => add(place, "div", { class: look });
    section.classList.add("lab-training");
    if (name === "full") {
      section.classList.add("lab-one-screen");
      const above = () => section.getBoundingClientRect().top + scrollY;
      const fit = () => section.style.setProperty("--lab-above", `${above()}px`);
      addEventListener("resize", fit);
      fit();
    }
    const alarm = GanLab.liveText(section, { assertive: true });
    alarm.element.classList.add("lab-alarm");
    const bar = box("lab-bar");
    const playButton = button(bar, "Play", () => (training.playing ? pause() : play()));
    playButton.classList.add("lab-primary");
    for (const player of withD ? ["D", "G"] : ["G"]) {
      button(bar, `Step ${player}`, () => stepOne(player));
    }
    button(bar, "Reset", reset);
    field(bar, {
      kind: "select", label: "Speed", choices: SPEEDS, value: "100",
      onChange: (text) => training.setRate(Number(text)),
    });
    const firstFields = box("lab-first");
    const stage = box("lab-front");
    const main = box("lab-main", stage);
    const rewind = field(stage, {
      kind: "range", label: "Rewind", value: 0, min: 0, max: 0, step: 1, onChange: scrub,
    });
    rewind.element.classList.add("lab-time");
    const counts = add(rewind.element, "p", { class: "lab-counts" }, ["Steps: G "]);
    const stepCount = add(counts, "strong", { "data-steps": "" });
    const ofLast = add(counts, "span");
    if (withD) counts.append(" · D ");
    const stepCountD = withD && add(counts, "strong", { "data-d-steps": "" });
    const pace = add(counts, "span", { class: "lab-pace" });
    const formula = formulas(add(stage, "p", { class: "lab-formula" }), section);
    const message = GanLab.liveText(stage);
    const titles = {
      charts: "Charts", more: "Settings", runs: "Runs", seeds: "32 seeds", keep: "Save",
    };
    const { panels, tabs } = GanLab.tabs(box("lab-side"), "Charts and settings", titles, (tab) => {
      if (tab === "seeds") opening ??= openSeeds();
    });
    const sound = GanLab.sound();
    const round = (sign, look, label, hear) => {
      const made = button(tabs.parentElement, sign, hear);
      made.classList.add(look);
      return GanLab.setAttributes(made, { "aria-label": label });
    };
    const soundButton = round("♪", "lab-sound-button", "Hear it", hear);
    GanLab.setAttributes(soundButton, { "aria-pressed": false, title: sound.title });
    const keys = {
      p: ["play or pause", () => playButton.click()],
      ...(withD && { d: ["one step of D", () => stepOne("D")] }),
      g: ["one step of G", () => stepOne("G")],
      r: ["reset", reset],
      "[": ["one point back", () => scrub(Math.max(training.at - 1, 0))],
      "]": ["one point forward", () => scrub(Math.min(training.at + 1, history.entries.length - 1))],
      "?": ["this help", () => help.showModal()],
    };
    const help = helpDialog();
    round("?", "lab-help-button", "Help: charts and keys", () => help.showModal());
    GanLab.onKeys(section, keys, ([, act], { target }) => target.closest("dialog") || act());
    const charts = gallery(main, panels.charts, lab, first.show);
    const drawRow = box("lab-buttons", panels.more);
    const drawButton = button(drawRow, "", toggleDrawing);
    const fieldsPlace = box("lab-fields", panels.more);
    let settingsPanel = null;
    let comparePanel = null;
    let seeds = null;
    // On the site its scripts wait until they are asked for.
    let opening = GanLab.seedsView && openSeeds();
    const comparePlace = box("lab-compare", panels.runs);
    add(panels.runs, "p", { class: "lab-group-title" }, ["Earlier runs"]);
    const keptPanel = GanLab.keptPanel(panels.runs, training, { open: openKept, overlay });
    const keep = box("lab-buttons", panels.keep);
    GanLab.saveButtons(keep, {
      charts: charts.pictures,
      name: `gan-lab-${name}`,
      csv: () => GanLab.historyCsv(history, preset.title, training.settings()),
      say: message.say,
      before: drawForPaper,
    });
    button(keep, "Copy as Python", () =>
      copy(GanLab.toPython(training.own, Math.max(training.steps(), 1)), "This run, from its start, as a cell"));
    button(keep, "Copy link", () =>
      copy(GanLab.permalink.address(name, link()), "Link to these settings"));
    const copyPlace = box("lab-link", panels.keep);

    /** What the charts show, and the keys. */
    function helpDialog() {
      const made = add(section, "dialog", { class: "lab-help", "aria-label": "Help" });
      const terms = (pairs) =>
        add(made, "dl", {}, pairs.flatMap(([term, words]) => [
          element("dt", {}, [term]), element("dd", {}, GanLab.symbols(words)),
        ]));
      button(made, "Close", () => made.close()).autofocus = true;
      terms(first.show.map((scene) => {
        const { title, meaning, alone } = GanLab.SCENES[scene];
        return [title, (!withD && alone) || meaning];
      }));
      if (first.cures) terms([["Cures", CURES]]);
      add(made, "p", {}, ["Keys, while the lab has the focus and no field is typed into:"]);
      terms(Object.entries(keys).map(([key, [words]]) => [key, words]));
      return made;
    }

    // --- Playing ------------------------------------------------------------------------------

    let [lastWords, lastLook] = [0, null];
    const player = GanLab.createPlayer(training, {
      draw,
      counted: (steps) => (pace.textContent = ` · ${Math.round(steps)}/s`),
      passed(now) {
        const { w1, lossD } = training.now(runs[0]);
        const { high } = GanLab.floor("w1", runs[0].gan.target, WATCHED);
        if (sound.on) sound.say({ w1, high, d: playsD(runs[0].gan.settings) ? lossD : NaN });
        if (now - lastWords >= SPOKEN) tellNews();
      },
      diverged: stop,
    });

    function play() {
      message.say(training.branch());
      keptPanel.show();
      alarm.say("");
      [lastWords, lastLook] = [performance.now(), look()];
      player.start();
      showState();
    }

    function pause(why) {
      if (!training.playing) return;
      training.pause();
      pace.textContent = "";
      draw(true);
      speak(why);
    }

    /** What newsOf compares: D's loss where D has a part, and the usual loss. */
    function look() {
      const [{ gan }] = runs;
      const told = playsD(gan.settings) && !GanLab.LOSSES[gan.settings.loss].opponent;
      const now = training.now(runs[0]);
      return { step: training.here().step, ...now, lossD: told ? now.lossD : NaN, target: gan.target };
    }

    /** While it plays: what has changed since the last time. */
    function tellNews() {
      const now = look();
      speak(GanLab.newsOf(lastLook, now));
      lastLook = now;
    }

    function hear() {
      try {
        soundButton.setAttribute("aria-pressed", sound.toggle());
      } catch (error) {
        message.say(error.message);
      }
    }

    /** The numbers have diverged: there is nothing left to learn from. */
    function stop() {
      pause();
      alarm.say(training.whyStopped());
    }

    function stepOne(player) {
      pause();
      if (training.diverged()) return stop();
      const branched = training.branch();
      keptPanel.show();
      training.step(player);
      draw(true);
      if (training.diverged()) return stop();
      const idle = player === "D" && !training.settings().some(GanLab.asksD);
      const words = "D has learned, but it plays no part in this loss: G does not ask it.";
      speak([branched, idle ? words : ""].join(" ").trim());
    }

    function reset() {
      training.start(training.own, training.compare);
      showAnew(`Step 0, from seed ${training.own.seed}. What do you expect? Then press Play.`);
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
          ? `Step ${step} of ${last}. What you do now begins a new run here; the old one is kept.`
          : `Step ${last}, the newest.`,
      );
      showState();
      showFields();
      keepLink();
      drawSoon();
    }

    function change(setting, value) {
      if (setting === "target" && value.kind !== "drawn") lab.drawing = null;
      const words = training.change(setting, value);
      if (SETTINGS[setting]?.shape) showAnew(words);
      else {
        message.say(words);
        buildCharts();
        if (!training.playing) drawSoon();
        showState();
        showFields();
      }
      keepLink();
    }

    /** Let the reader draw the density of the data, or end that. */
    function toggleDrawing() {
      lab.drawing = lab.drawing ? null : GanLab.sheetOf(runs[0].gan.target);
      if (lab.drawing) {
        change("target", lab.drawing);
        message.say("Draw the density of the data in the chart, with a finger, the mouse or the arrow keys.");
        draw(true);
        main.querySelector(".lab-sheet").focus({ preventScroll: true });
        main.scrollIntoView({ block: "nearest" });
      } else {
        draw(true);
        speak();
      }
      showFields();
    }

    function drawData(heights) {
      const { mean, std } = lab.drawing;
      try {
        lab.drawing = { kind: "drawn", mean, std, shape: GanLab.shapeOf(heights) };
        change("target", lab.drawing);
      } catch (error) {
        message.say(error.message); // all is rubbed out
      }
    }

    async function openSeeds() {
      try {
        if (!GanLab.seedsView) await GanLab.load("ensemble.js", "seeds.js");
        panels.seeds.replaceChildren();
        seeds = GanLab.seedsView(panels.seeds, { settings: () => training.own, open: openSeed });
      } catch ({ message }) {
        panels.seeds.replaceChildren(GanLab.complaint(`${message}: open this tab again.`));
        opening = null;
      }
    }

    function openSeed(seed, settings) {
      training.start(settings, null);
      showAnew(`Seed ${seed}, from step 0. Press Play.`);
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

    function openKept(run) {
      training.open(run);
      showAnew(`Run ${run.number}, at its end. Play goes on with it.`);
      keepLink();
    }

    function overlay(run) {
      pause();
      training.overlay(run);
      showAnew(run ? `Run B is ${training.inB()}.` : "One run again.");
      keepLink();
    }

    /** Start anew from a preset, or from settings that a link has in its place. */
    function begin(from, own, compare, words) {
      preset = from;
      training.start(own, compare);
      const chosen = () => ({ preset: first, own: training.own, compare: training.compare });
      settingsPanel = GanLab.settingsPanel(firstFields, fieldsPlace, { chosen, change });
      if (name === "full") buildChooser();
      comparePanel = GanLab.comparePanel(comparePlace, { chosen, setCompare });
      showAnew(words);
    }

    /** The training has been started anew. */
    function showAnew(words) {
      lab.drawing = null;
      for (const axis of Object.values(lab.axes)) axis.reset();
      pace.textContent = "";
      buildCharts();
      alarm.say("");
      showFields();
      draw(true);
      speak(words);
    }

    // --- Drawing ------------------------------------------------------------------------------

    function buildCharts() {
      training.gapShown = charts.build().includes("gap");
    }

    /** Draw the present state: all of it, or, while playing, what is seen and new. */
    function draw(all = false) {
      if (all) gapSoon();
      lab.lookAnew();
      formula(runs[0].gan.settings);
      charts.draw(all);
      stepCount.textContent = training.steps();
      const updates = runs.map(({ gan }) => gan.stepsD);
      if (stepCountD) stepCountD.textContent = [...new Set(updates)].join(" and ");
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
      });
    }

    function showState() {
      const { playing } = training;
      playButton.textContent = playing ? "Pause" : training.isPast() ? "Continue from here" : "Play";
      rewind.input.max = history.entries.length - 1;
      rewind.set(training.at);
      const [{ step }, last] = [training.here(), history.entries.at(-1).step];
      ofLast.textContent = training.isPast() ? ` of ${last}` : "";
      rewind.input.setAttribute("aria-valuetext", `step ${step}${ofLast.textContent}`);
    }

    /** After a change: not while a reader types. */
    function showFields() {
      drawButton.textContent = lab.drawing ? "End drawing" : "Draw the data";
      seeds?.refresh();
      for (const panel of [settingsPanel, comparePanel, keptPanel]) panel.show();
    }

    /** Say the state in words, or other words. */
    function speak(words) {
      lastWords = performance.now();
      message.say(words || training.stateInWords());
    }

    // --- Links --------------------------------------------------------------------------------

    const link = () =>
      GanLab.toLink({ preset, own: training.own, compare: training.compare }, first);
    const keepLink = () => GanLab.permalink.write(name, link());

    /** Copy a text, or show it where this browser lets no page copy. */
    async function copy(text, label) {
      copyPlace.replaceChildren();
      try {
        await navigator.clipboard.writeText(text);
        message.say(`${label}: copied.`);
      } catch {
        const shown = add(copyPlace, "textarea", { readonly: "", rows: 8, "aria-label": label });
        shown.value = text;
        shown.select();
        message.say("This browser lets no page copy: the text stands below.");
      }
    }

    function buildChooser() {
      const { element: chooser } = field(drawRow, {
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
      drawRow.replaceChildren(drawButton, chooser);
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
      get kept() { return training.kept; },
      get stepsPerSecond() { return player.counted.stepsPerSecond; },
      get framesPerSecond() { return player.counted.framesPerSecond; },
    };
    return open;
  };
})();
