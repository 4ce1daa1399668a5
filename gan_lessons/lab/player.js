// Playing: a training goes on in each frame, and is drawn in as many as the reader's eyes ask for.
(function () {
  "use strict";
  const HEAVY_MS = 4; // updates that take as long have frames of their own
  const ALONE_MS = 40; // of training in such a frame: the page still answers at once
  const DRAWS = 30; // redraws per second that are aimed at
  const HEAVY_DRAWS = 10; // the same while updates are as slow as that
  const CALM_DRAWS = 4; // the same where the reader prefers reduced motion

  GanLab.calmReader = matchMedia("(prefers-reduced-motion: reduce)");

  /**
   * Trains and draws; `hear` has draw(), counted(steps per second), passed(now) after each frame,
   * and diverged() after the last one.
   */
  GanLab.createPlayer = function (training, hear) {
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
      // Wide networks: training and drawing in turn, so that the page answers in between.
      const alone = training.updateMs > HEAVY_MS;
      const draws = GanLab.calmReader.matches ? CALM_DRAWS : alone ? HEAVY_DRAWS : DRAWS;
      drawOwed = Math.min(drawOwed + passed * draws, 2);
      training.owe(passed);
      if (!(alone && drawWaits)) {
        counted.steps += training.train(alone ? ALONE_MS : undefined);
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
  };
})();
