// Lesson 5: tilt D with one gesture.
(function () {
  "use strict";
  const { clamp, frame, shown, sigmoid, words } = GanLab;
  const { FAKES, columnsOf, ganOf, logit, meanOf, pushesChart, setWeights, straight } =
    GanLab.pushes;

  const SILENT = 0.02; // the push from which on down an arrow is too short to see
  const BESIDE = 0.5; // how far to the right of D's place its grip is

  GanLab.views.tilt = function (section, preset, name) {
    const lab = frame(
      section,
      name,
      "D is sigmoid(slope · (x − place)). Drag the grip on its curve: sideways to move D, up or " +
        "down to tilt it. Predict first: for which D do all arrows vanish?",
      {
        "": {
          place: ["place of D", 3.5, -1, 8, 0.1],
          slope: ["slope of D's logit", 1, -4, 4, 0.1],
        },
        "The loss of G": { saturating: ["saturating, log(1 − D)", 0, 0, 1] },
      },
    );
    const fakes = { mean: 2, std: 1 };
    const gan = ganOf(fakes, 2);
    const { chart, draw: drawPushes } = pushesChart(lab.charts, gan, fakes);
    const grip = chart.draggable("grip", {
      kind: "d", axis: "right", label: "place of D", min: -1, max: 8, step: 0.1,
      toAxis: (place) => place + BESIDE, fromAxis: (x) => x - BESIDE,
      y: {
        label: "slope of D's logit", min: -4, max: 4, step: 0.1,
        toAxis: (slope) => sigmoid(slope * BESIDE),
        fromAxis: (d) => logit(clamp(d, 0.01, 0.99)) / BESIDE,
      },
      onInput: (place, slope) => lab.turn({ place, slope }),
    });
    lab.note(`${GanLab.PUSHES} Without the tick the loss is the non-saturating one, −log D.`);
    let now = null;

    function verdict(slope, saturating) {
      const silent = now.pushes.filter((push) => Math.abs(push) < SILENT).length;
      if (silent < FAKES) {
        const push = meanOf(now.pushes);
        const side = push > 0 ? "right, towards the data" : "left, away from the data";
        const deaf = silent ? ` ${silent} of ${FAKES} fakes hear next to nothing.` : "";
        return `The mean push is ${shown(push, 2)}: to the ${side}.${deaf}`;
      }
      if (slope === 0) return "D is flat, and a flat D says nothing: no arrow is left.";
      return saturating
        ? "D is sure of its fakes, and there log(1 − D) is flat: no arrow is left to see."
        : "The fakes pass for real, and there −log D is flat: no arrow is left to see.";
    }

    function draw({ place, slope, saturating }) {
      setWeights(gan.d, straight(slope, place), 0);
      gan.change({ loss: saturating ? "saturating" : "nonsaturating" });
      now = drawPushes();
      grip.set(place, slope);
      const told =
        `D is ½ at ${shown(place, 1)}, with slope ${shown(slope, 1)}, and says ` +
        `${words(meanOf(now.said))} to a fake on average. ${verdict(slope, saturating)}`;
      chart.describe(`p_data is N(5, 1.5), p_g is N(2, 1). ${told}`);
      lab.say(told);
    }

    return lab.start(draw, { charts: [chart], csv: () => columnsOf(now) });
  };
})();
