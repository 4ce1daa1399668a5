// The live lab: the reader trains the GAN, goes back, changes a setting and compares two runs.
// The numbers come from engine.js and targets.js, the charts from scenes.js, the way back from
// history.js, the settings from settings.js, and their fields from panel.js.
(function () {
  "use strict";
  const GanLab = (globalThis.GanLab = globalThis.GanLab || {});
  GanLab.views = GanLab.views || {};
  if (GanLab.views.live) return; // a notebook loads the scripts once for each lab
  const { element, SETTINGS, labelOf, valueWords, changed, other } = GanLab;

  const TRAIN_MS = 11; // training in a frame of 16.7 ms; the rest is for drawing
  const HEAVY_MS = 9; // an update that takes as long has a frame of its own
  const DRAWS = 36; // redraws per second that are aimed at
  const CALM_DRAWS = 4; // the same where the reader prefers reduced motion
  const SLOWLY = 250; // ms between two looks at what is costly, or read as text
  const SPOKEN = 3000; // ms between two reports to a screen reader
  const LOST = 1e6; // a sample that is so many σ from the target does not come back
  const SPEEDS = [
    ["1", "1 step per second"],
    ["10", "10 steps per second"],
    ["100", "100 steps per second"],
    ["Infinity", "as fast as it can"],
  ];

  // --- The lab --------------------------------------------------------------------------------

  GanLab.views.live = function (section, first, name) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const history = GanLab.createHistory();
    const drawn = []; // what is on the page: the scenes' {chart, draw, …}, and whether it is seen
    const pictures = []; // their charts, for the buttons that save them
    let preset = first; // in the full lab the reader may choose another
    let own = null; // the settings of run A
    let compare = null; // {setting, value} of run B
    let [playing, rate, owed, drawOwed] = [false, Infinity, 0, 0];
    let [lastFrame, lastSlow, lastGap, lastWords] = [0, 0, -Infinity, 0];
    let [updateMs, turn, drawWaits] = [0, 0, false];
    let looks = new Map(); // what was computed of each GAN for one drawing
    let [gapTimer, lastChange] = [0, null];
    let shape = ""; // which charts are on the page

    const lab = {
      history,
      runs: [], // {gan, part, whole}: how many D updates of this step are done; whether all is
      at: 0, // the recorded point that is shown
      axes: {},
      here: () => history.entries[lab.at],
      isPast: () => lab.at < history.entries.length - 1,
      now: (run) => lab.here().runs[lab.runs.indexOf(run)],
      /** The optimality gap of a run, from the last point at which it was measured. */
      gapOf(run) {
        const found = history.entries.slice(0, lab.at + 1).findLast(({ runs }) => runs[0].gap);
        return found && found.runs[lab.runs.indexOf(run)].gap;
      },
      look(gan) {
        if (!looks.has(gan)) looks.set(gan, { samples: gan.samples() });
        return looks.get(gan);
      },
      note: (place) => place.appendChild(element("p", { class: "lab-note" })),
      change,
    };
    for (const axis of ["x", "density", "loss", "distance", "gap", "mean", "std"]) {
      lab.axes[axis] = GanLab.calmAxis();
    }
    const chosen = () => ({ preset, own, compare });
    const settings = () => lab.runs.map(({ gan }) => gan.settings);
    const steps = () => lab.runs[0].gan.steps;

    // --- The page, from top to bottom ---------------------------------------------------------

    const box = (look) => section.appendChild(element("div", { class: look }));
    const alarm = GanLab.liveText(section, { assertive: true });
    alarm.element.classList.add("lab-alarm");
    const chooser = box("lab-bar");
    const bar = box("lab-buttons");
    const buttons = {
      play: GanLab.button(bar, "Play", play),
      pause: GanLab.button(bar, "Pause", () => pause()),
      stepD: GanLab.button(bar, "Step D", () => stepOne("D")),
      stepG: GanLab.button(bar, "Step G", () => stepOne("G")),
      reset: GanLab.button(bar, "Reset", () =>
        restart(`Step 0, from seed ${own.seed}. What do you expect? Then press Play.`),
      ),
    };
    const numbers = box("lab-bar");
    GanLab.field(numbers, {
      kind: "select",
      label: "Speed",
      choices: SPEEDS,
      value: "Infinity",
      onChange: (text) => ([rate, owed] = [Number(text), 0]),
    });
    const number = (words, attribute) => {
      const shown = element("strong", { [attribute]: "" }, ["0"]);
      numbers.append(element("p", {}, [`${words} `, shown]));
      return shown;
    };
    const stepCount = number("Training steps (updates of G)", "data-steps");
    const stepCountD = number("Updates of D", "data-d-steps");
    const pace = numbers.appendChild(element("p", { class: "lab-note" }));
    const rewind = GanLab.field(section, {
      kind: "range",
      label: "Rewind",
      value: 0,
      min: 0,
      max: 0,
      step: 1,
      onChange: scrub,
    });
    const message = GanLab.liveText(section);
    const spoken = GanLab.liveText(section, { heard: true });
    const charts = box("lab-scenes");
    const panelPlace = box("lab-controls lab-settings");
    let panel = null; // the fields in it
    const foot = box("lab-buttons");
    GanLab.saveButtons(foot, {
      charts: pictures,
      name: `gan-lab-${name}`,
      csv: () => GanLab.historyCsv(history, preset.title, settings()),
      say: message.say,
      before: drawForPaper,
    });
    GanLab.button(foot, "Copy link", copyLink);
    const linkPlace = box("lab-link");

    // --- Training -----------------------------------------------------------------------------

    /** One update of one player; true when with it all runs have done the training step. */
    function update() {
      const run = lab.runs.find(({ whole }) => !whole);
      if (run.part < run.gan.settings.dSteps) {
        run.gan.stepD();
        run.part += 1;
      } else {
        run.gan.stepG();
        [run.part, run.whole] = [0, true];
      }
      if (!lab.runs.every(({ whole }) => whole)) return false;
      for (const each of lab.runs) each.whole = false;
      return true;
    }

    /** The rest of a training step, where that is a matter of a moment. */
    function finishStep() {
      const until = performance.now() + TRAIN_MS;
      const begun = () => lab.runs.some(({ part, whole }) => part || whole);
      while (begun() && !ill() && performance.now() < until) update();
    }

    const ill = () => lab.runs.find(({ gan }) => gan.diverged);

    /** Train until a time (ms), or for so many steps; how many there were. */
    function train(until, most) {
      let done = 0;
      let before = performance.now();
      while (done < most && before < until && !ill()) {
        if (update()) {
          done += 1;
          if (history.due(steps()) && !ill()) record();
        }
        const now = performance.now();
        updateMs += 0.1 * (now - before - updateMs);
        before = now;
      }
      return done;
    }

    /** Keep the present state as the newest point. */
    function record() {
      const runs = lab.runs.map(({ gan, part, whole }) => {
        const samples = gan.samples();
        const { mean, std } = GanLab.moments(samples, samples.length);
        const w1 = GanLab.w1(samples, gan.target);
        const { stepsD, lossD, lossG } = gan;
        const snapshot = gan.snapshot();
        return { snapshot, part, whole, stepsD, lossD, lossG, mean, std, w1, gap: null };
      });
      history.add({ step: steps(), runs });
      lab.at = history.entries.length - 1;
      if (playing && performance.now() - lastGap >= SLOWLY) measureGap();
    }

    /** The runs whose optimality gap is shown and can be measured, but has not been. */
    function withoutGap() {
      if (!drawn.some(({ scene }) => scene === "gap")) return [];
      return lab.runs.filter((run) => !lab.now(run).gap && !run.gan.target.points);
    }

    /** What D misses at the point that is shown: costly, so not at each of them. */
    function measureGap() {
      for (const run of withoutGap()) {
        const n = Math.min(2000, Math.floor(8e6 / GanLab.sizeOf(run.gan.settings)));
        lab.now(run).gap = run.gan.optimality(n);
      }
      lastGap = performance.now();
      history.touch();
    }

    /** The same for a paused lab: after the drawing, and not too soon after the last time. */
    function gapSoon() {
      clearTimeout(gapTimer);
      if (playing || !withoutGap().length) return;
      const measure = () => {
        if (playing) return;
        measureGap();
        draw(true);
      };
      gapTimer = setTimeout(measure, Math.max(lastGap + SLOWLY - performance.now(), 0) + 1);
    }

    /** Make the present state, which may lie between two recorded points, the newest one. */
    function recordIfNew() {
      const last = history.entries.at(-1);
      const same = lab.runs.every(({ gan, part, whole }, i) => {
        const kept = last.runs[i];
        const updates = kept.snapshot.g.updates === gan.steps && kept.stepsD === gan.stepsD;
        return updates && kept.part === part && kept.whole === whole;
      });
      if (!same) record();
    }

    // --- Playing ------------------------------------------------------------------------------

    const counted = { since: 0, steps: 0, draws: 0, stepsPerSecond: 0, framesPerSecond: 0 };

    function play() {
      if (playing) return;
      message.say(forget("Play"));
      alarm.say("");
      playing = true;
      lastFrame = performance.now();
      [owed, drawOwed, lastWords] = [1, 0, lastFrame]; // the first step comes at once
      Object.assign(counted, { since: lastFrame, steps: 0, draws: 0 });
      showState();
      requestAnimationFrame(frame);
    }

    function frame() {
      if (!playing) return;
      const start = performance.now();
      const passed = Math.min(start - lastFrame, 100) / 1000;
      lastFrame = start;
      drawOwed = Math.min(drawOwed + passed * (calm.matches ? CALM_DRAWS : DRAWS), 2);
      owed = rate === Infinity ? rate : Math.min(owed + rate * passed, Math.max(1, rate / 5));
      // Wide networks: training and drawing in turn, so that the page answers in between.
      const alone = updateMs > HEAVY_MS;
      if (!(alone && drawWaits)) {
        const done = train(start + TRAIN_MS, Math.floor(owed));
        owed -= done;
        counted.steps += done;
        if (ill()) return stopIll();
      }
      const due = drawOwed >= 1;
      if (due && (!alone || drawWaits)) {
        drawOwed -= 1;
        counted.draws += 1;
        drawWaits = false;
        draw();
      } else drawWaits = due;
      count(start);
      requestAnimationFrame(frame);
    }

    /** Steps and redraws per second; now and then a report in words. */
    function count(now) {
      const seconds = (now - counted.since) / 1000;
      if (seconds >= 1) {
        counted.stepsPerSecond = counted.steps / seconds;
        counted.framesPerSecond = counted.draws / seconds;
        Object.assign(counted, { since: now, steps: 0, draws: 0 });
        pace.textContent = `${Math.round(counted.stepsPerSecond)} steps per second`;
      }
      if (now - lastWords >= SPOKEN) speak();
    }

    function pause(why) {
      if (!playing) return;
      playing = false;
      pace.textContent = "";
      finishStep();
      recordIfNew();
      if (why) message.say(why);
      draw(true);
      speak();
    }

    /** Who made the numbers grow: a G that throws its samples far away spoils the loss of D first. */
    function causeOf({ gan }) {
      const { mean, std } = gan.target;
      const lost = gan.samples().some((x) => !(Math.abs(x - mean) < LOST * std));
      return lost || !GanLab.playsD(gan.settings) ? "G" : gan.diverged.player;
    }

    function stopIll() {
      if (playing) pause();
      const run = ill();
      const { player, step } = run.gan.diverged;
      const cause = causeOf(run);
      const which = lab.runs.length > 1 ? ` of run ${"AB"[lab.runs.indexOf(run)]}` : "";
      alarm.say(
        `The run stopped at step ${step}: the loss of ${player}${which}, or its slope, has grown ` +
          "beyond what a computer can hold, so there is nothing left to learn from. What usually " +
          `helps is a lower learning rate of ${cause}. Rewind or press Reset, change it, and go on.`,
      );
    }

    function stepOne(player) {
      if (playing) pause();
      if (ill()) return stopIll();
      const forgotten = forget(`Step ${player}`);
      for (const run of lab.runs) {
        if (player === "D") run.gan.stepD();
        else {
          run.gan.stepG();
          [run.part, run.whole] = [0, false];
        }
      }
      record();
      draw(true);
      speak();
      if (ill()) return stopIll();
      const idle = player === "D" && !settings().some(GanLab.asksD);
      const words = "D has learned, but it plays no part in this loss: G does not ask it.";
      message.say([forgotten, idle ? words : ""].join(" ").trim());
    }

    /** Start anew from the present settings, always paused: the reader predicts first. */
    function restart(words) {
      playing = false;
      const all = compare ? [own, other(own, compare)] : [own];
      all.forEach((one, i) => {
        lab.runs[i] = Object.assign(lab.runs[i] || {}, { part: 0, whole: false });
        lab.runs[i].gan = GanLab.createGan(one);
      });
      lab.runs.length = all.length;
      history.clear();
      for (const axis of Object.values(lab.axes)) axis.reset();
      [lastGap, lastChange, updateMs, pace.textContent] = [-Infinity, null, 0, ""];
      buildCharts();
      record();
      alarm.say("");
      message.say(words);
      panel.show();
      draw(true);
    }

    // --- Going back ---------------------------------------------------------------------------

    /** Show the recorded point at `index`: the GANs themselves go back to it. */
    function scrub(index) {
      let entry = history.entries[index];
      if (playing) pause();
      if (!history.entries.includes(entry)) {
        entry = history.entries.find(({ step }) => step >= entry.step); // thinned meanwhile
      }
      lab.at = history.entries.indexOf(entry);
      lab.runs.forEach((run, i) => {
        const { snapshot, part, whole } = entry.runs[i];
        run.gan.restore(snapshot);
        Object.assign(run, { part, whole });
      });
      [own, lastChange] = [{ ...lab.runs[0].gan.settings }, null];
      buildCharts(); // there may have been other losses then
      alarm.say("");
      const last = history.entries.at(-1).step;
      message.say(
        lab.isPast()
          ? `Step ${entry.step} of ${last}. Play, a step or a changed setting goes on from here, ` +
              "and forgets what came after."
          : `Step ${last}, the newest.`,
      );
      panel.show();
      showState();
      keepLink();
      drawSoon();
    }

    /** Drop what came after the point that is shown; the words for it, if there was any. */
    function forget(who) {
      if (!history.forgetAfter(lab.at)) return "";
      return `${who} goes on from step ${steps()}: what came after it is forgotten.`;
    }

    // --- Changing settings --------------------------------------------------------------------

    function change(setting, value) {
      const before = own[setting];
      own = changed(own, { [setting]: value });
      if (SETTINGS[setting]?.shape) {
        restart(`${labelOf(setting)}: ${valueWords(setting, value)}. A new run, from step 0.`);
      } else {
        const forgotten = forget("The change");
        const touched = [own, compare && other(own, compare)].flatMap((next, i) => {
          if (!next || GanLab.equal(next[setting], settings()[i][setting])) return [];
          lab.runs[i].gan.change({ [setting]: next[setting] });
          return [i];
        });
        if (touched.length) noteChange(setting, before, touched, forgotten);
        panel.show();
      }
      keepLink();
    }

    /** A mark in the history; what is changed step by step, like a target that is dragged, is one. */
    function noteChange(setting, before, touched, forgotten) {
      const now = performance.now();
      if (!lastChange || lastChange.setting !== setting || now - lastChange.time > 1500) {
        lastChange = { setting, before: valueWords(setting, before), step: steps() };
      }
      lastChange.time = now;
      const said = [forgotten];
      if (lastChange.step) {
        const after = valueWords(setting, own[setting]);
        const which = touched.length < lab.runs.length ? " of run A" : "";
        const text = `${labelOf(setting)}${which}: ${lastChange.before} → ${after}`;
        history.mark({ step: lastChange.step, setting, text, runs: touched });
        said.push(`From step ${lastChange.step} on, ${text}.`);
      }
      if (lab.runs.length > 1 && GanLab.equal(...settings())) {
        said.push("Both runs have the same settings now.");
      }
      message.say(said.join(" ").trim());
      if (!playing) {
        history.dropLast(); // it is the same state with the settings of before
        record();
      }
      buildCharts();
      if (!playing) drawSoon();
    }

    function buildPanel() {
      panel = GanLab.settingsPanel(panelPlace, { chosen, change, setCompare });
    }

    /** What run B has in place of run A's: "batch size is 64". */
    function inB() {
      const value = other(own, compare)[compare.setting];
      return `${labelOf(compare.setting)} is ${valueWords(compare.setting, value)}`;
    }

    function setCompare(wanted) {
      compare = wanted;
      restart(
        wanted
          ? `Two runs from seed ${own.seed}. In run B the ${inB()}. Which will do better?`
          : "One run again, from step 0.",
      );
      keepLink();
    }

    // --- Charts -------------------------------------------------------------------------------

    const sight = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          for (const item of drawn) if (item.place === target) item.seen = isIntersecting;
        }
      },
      { rootMargin: "100px" },
    );

    function wantedScenes() {
      const hidden = {
        z: !settings().some(({ latent }) => latent === 1),
        gap: !settings().some(GanLab.playsD),
      };
      const named = preset.show || Object.keys(GanLab.SCENES);
      return named.filter((scene) => !hidden[scene]);
    }

    /** Make the charts anew where others are wanted than are there. */
    function buildCharts() {
      const kinds = settings().map((one) => [one.latent === 1, GanLab.playsD(one)]);
      const wanted = JSON.stringify([wantedScenes(), kinds, compare && inB()]);
      if (wanted === shape) return;
      shape = wanted;
      charts.style.minHeight = `${charts.offsetHeight}px`; // the page does not jump meanwhile
      for (const { chart } of drawn) chart.remove();
      sight.disconnect();
      charts.replaceChildren();
      drawn.length = pictures.length = 0;
      for (const scene of wantedScenes()) {
        for (const run of lab.runs) buildChart(scene, run);
      }
      charts.style.minHeight = "";
    }

    function buildChart(scene, run) {
      const place = charts.appendChild(element("div", { class: `lab-scene lab-${scene}` }));
      if (!compare && scene === "density") place.classList.add("lab-broad");
      const { title, make } = GanLab.SCENES[scene];
      const side = run === lab.runs[0] ? "A" : `B (${inB()})`;
      const full = compare ? `${title}: run ${side}` : title;
      const made = make(place, lab, run, full);
      if (!made) return;
      drawn.push({ ...made, scene, title: full, run, place, seen: true });
      pictures.push(made.chart);
      sight.observe(place);
    }

    /** Draw the present state: all of it, or, while playing, what is seen and new. */
    function draw(all = false) {
      const now = performance.now();
      const slow = all || now - lastSlow >= SLOWLY;
      if (slow) lastSlow = now;
      if (all) gapSoon();
      looks = new Map();
      // The charts over time take turns: each is drawn several times a second.
      const timed = drawn.filter(({ time, seen }) => time && seen);
      turn += 1;
      for (const item of drawn) {
        const later = item.time && timed[turn % timed.length] !== item;
        if (all || (item.seen && (slow || !later))) item.draw(slow);
      }
      stepCount.textContent = steps();
      const updates = lab.runs.map(({ gan }) => gan.stepsD);
      stepCountD.textContent = [...new Set(updates)].join(" and ");
      showState();
    }

    /** All charts as they are now, for a picture or a page on paper: not only those that are seen. */
    function drawForPaper() {
      if (playing) recordIfNew();
      measureGap();
      draw(true);
    }

    let drawing = false;
    function drawSoon() {
      if (drawing) return;
      drawing = true;
      requestAnimationFrame(() => {
        drawing = false;
        draw(!playing);
        speak();
      });
    }

    function showState() {
      buttons.play.setAttribute("aria-pressed", playing);
      buttons.pause.setAttribute("aria-pressed", !playing);
      rewind.input.max = history.entries.length - 1;
      rewind.set(lab.at);
      const last = history.entries.at(-1).step;
      const text = lab.isPast() ? `step ${lab.here().step} of ${last}` : `step ${steps()}`;
      rewind.element.querySelector(".lab-readout").textContent = text;
      rewind.input.setAttribute("aria-valuetext", text);
    }

    /** Say the state in words: for a screen reader, and in place of each picture. */
    function speak() {
      lastWords = performance.now();
      const told = lab.runs.map((run, i) => {
        const now = lab.now(run);
        const { low, high } = GanLab.floor("w1", run.gan.target, GanLab.WATCHED);
        const known = (player, loss) =>
          Number.isNaN(loss) ? "" : ` Loss of ${player} ${GanLab.words(loss)}.`;
        const which = compare ? ` Run ${"AB"[i]}:` : "";
        return (
          `${which}${known("D", now.lossD)}${known("G", now.lossG)} ` +
          `W1 ${GanLab.words(now.w1)}; a perfect G gets ` +
          `${GanLab.words(low)} to ${GanLab.words(high)}.`
        );
      });
      spoken.say(`Step ${lab.here().step}.${told.join("")}`);
      for (const { chart, title, describe, run } of drawn) {
        chart.describe(`${title}. ${describe(lab.now(run))}`);
      }
    }

    // --- Links --------------------------------------------------------------------------------

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
      const live = Object.entries(GanLab.PRESETS).filter(([, { kind }]) => kind === "live");
      GanLab.field(chooser, {
        kind: "select",
        label: "Start from",
        choices: live.map(([key, { title }]) => [key, key === "full" ? "the usual settings" : title]),
        value: GanLab.presetName(preset),
        onChange(key) {
          [preset, compare] = [GanLab.PRESETS[key], null];
          own = GanLab.startOf(preset);
          buildPanel();
          restart(`${preset.title}, from step 0.`);
          keepLink();
        },
      });
    }

    // --- The start ----------------------------------------------------------------------------

    function open() {
      let damage = "";
      try {
        ({ preset, own, compare } = GanLab.fromLink(GanLab.permalink.read(name) || {}, first));
      } catch (error) {
        [preset, own, compare] = [first, GanLab.startOf(first), null];
        damage = `The link's settings are damaged (${error.message}), so the lab starts from its own.`;
      }
      if (name === "full") buildChooser();
      buildPanel();
      restart("Paused at step 0. What do you expect? Then press Play.");
      if (damage) alarm.say(damage);
    }
    open();
    addEventListener("beforeprint", drawForPaper);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) pause("Paused, since this page was in the background.");
    });

    section.ganLab = {
      history,
      counted,
      get gan() {
        return lab.runs[0].gan;
      },
      get other() {
        return lab.runs[1]?.gan;
      },
      get playing() {
        return playing;
      },
      get stepsPerSecond() {
        return counted.stepsPerSecond;
      },
      get framesPerSecond() {
        return counted.framesPerSecond;
      },
    };
    return open;
  };
})();
