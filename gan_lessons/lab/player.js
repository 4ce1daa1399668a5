// Playing: a training goes on in each frame, and is drawn in as many as the reader's eyes ask for.
(function () {
  "use strict";
  const HEAVY_MS = 1.5; // updates that take as long have frames of their own
  const ALONE_MS = 30; // of training in such a frame, which fills two of the screen's
  const SHARE = 3; // times what a picture takes is trained before the next one, in such frames
  const DRAWS = 30; // redraws per second that are aimed at
  const CALM_DRAWS = 4; // the same where the reader prefers reduced motion

  GanLab.calmReader = matchMedia("(prefers-reduced-motion: reduce)");

  /**
   * Trains and draws; `hear` has draw(), counted(steps per second), passed(now) after each frame,
   * and diverged() after the last one.
   */
  GanLab.createPlayer = function (training, hear) {
    const counted = { since: 0, steps: 0, draws: 0, stepsPerSecond: 0, framesPerSecond: 0 };
    let [lastFrame, drawOwed, drawWaits, pictured] = [0, 0, 0, false];

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
      // Wide networks: training and drawing in turn, so that the page answers in between, and
      // most of the time for training while it is behind.  What a picture took, with all that the
      // browser does for it, is known in the frame after it.
      drawWaits = pictured ? SHARE * passed : drawWaits - passed;
      const alone = training.updateMs > HEAVY_MS;
      drawOwed = Math.min(drawOwed + passed * (GanLab.calmReader.matches ? CALM_DRAWS : DRAWS), 2);
      training.owe(passed);
      const due = drawOwed >= 1 && drawWaits <= 0;
      pictured = alone && due;
      if (!pictured) {
        counted.steps += training.train(alone ? ALONE_MS : undefined);
        if (training.diverged()) return hear.diverged();
        if (performance.now() - now < ALONE_MS) drawWaits = 0; // it has done all that was owed
      }
      if (due) {
        drawOwed -= 1;
        counted.draws += 1;
        hear.draw();
      }
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
