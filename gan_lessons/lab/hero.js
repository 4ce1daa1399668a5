// The GAN on the first page: it trains by itself, and the reader drags the data away from it.
(function () {
  "use strict";
  const SEEN = GanLab.grid(-6, 12, 181); // a fixed axis: what moves is the curves alone
  const STEPS = 200; // a second

  GanLab.views.hero = function (section, preset) {
    const training = GanLab.createTraining();
    const [low, high] = [SEEN[0], SEEN.at(-1)];
    const chart = GanLab.chart(section, {
      title: "", x: { label: "", min: low, max: high }, height: 300, ticksY: 0,
      y: { label: "", min: 0, max: 0.45 }, right: { label: "", min: 0, max: 1 },
    });
    const pData = chart.line("data", { kind: "data", label: "the real data" });
    const pG = chart.line("fake", { kind: "fake", label: "what G makes" });
    const d = chart.line("d", { kind: "d", label: "how real it looks to D", axis: "right" });
    const handle = chart.draggable("target", {
      kind: "data", label: "middle of the real data, to drag", mark: "drag me", min: -3, max: 9, step: 0.1,
      onInput(mean) {
        training.change("target", { ...training.own.target, mean });
        draw();
      },
    });
    const row = GanLab.add(section, "div", { class: "lab-buttons" });
    const button = GanLab.button(row, "", () => (training.playing ? pause() : play()));
    button.classList.add("lab-primary");
    const message = GanLab.liveText(row, { heard: true });

    function draw() {
      const [{ gan }] = training.runs;
      const samples = gan.samples();
      pData.set(SEEN, SEEN.map(gan.target.pdf));
      pG.set(SEEN, GanLab.density(samples, SEEN));
      d.set(SEEN, gan.judge(SEEN));
      handle.set(gan.target.mean);
      const { mean } = GanLab.moments(samples, samples.length);
      chart.describe(
        `The real data lie around ${GanLab.words(gan.target.mean)}, ` +
          `what G makes around ${GanLab.words(mean)}.`,
      );
    }

    const player = GanLab.createPlayer(training, {
      draw, counted() {}, passed() {}, diverged: () => open(),
    });

    function play() {
      player.start();
      button.textContent = "Pause";
      message.say(""); // what was said of the pause is true no more
    }

    function pause() {
      training.pause();
      button.textContent = "Play";
      draw();
      message.say(chart.words);
    }

    function open() {
      training.start(GanLab.startOf(preset), null);
      training.setRate(STEPS);
      draw();
    }
    open();
    button.textContent = "Play";
    if (!GanLab.calmReader.matches) play();
    document.addEventListener("visibilitychange", () => document.hidden && training.playing && pause());
    section.ganLab = { get gan() { return training.runs[0].gan; }, get playing() { return training.playing; } };
    return open;
  };
})();
