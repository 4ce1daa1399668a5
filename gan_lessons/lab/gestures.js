// The scenes of lessons 5, 6 and 8 in which one idea is one gesture: nothing is trained in them.
// Those of lessons 5 and 6 are GANs of engine.js, whose weights are set by hand.
(function () {
  "use strict";
  const GanLab = (globalThis.GanLab = globalThis.GanLab || {});
  const { clamp, frame, shown, sigmoid, words } = GanLab;

  // --- Lessons 5 and 6: what D says to 60 fakes ---

  const DATA = { kind: "normal", mean: 5, std: 1.5 };
  const FAKES = 60;
  const [LOW, HIGH] = [-3, 11]; // of x
  const ON_X = { label: "x", min: LOW, max: HIGH };
  const SEEN = GanLab.grid(LOW, HIGH, 281);
  const TOP = 0.55; // of the densities

  const logit = (d) => Math.log(d / (1 - d));
  const meanOf = (values) => GanLab.moments(values, values.length).mean;

  /** Two hidden units [w1, b1, w2] that make slope·(x − place), one on each side of the place. */
  const straight = (slope, place = 0) => [
    [slope, -slope * place, 1],
    [-slope, slope * place, -1],
  ];

  /** Set the weights of a network with one hidden layer. */
  const setWeights = ({ weights }, units, b2) =>
    weights.set([...[0, 1, 2].flatMap((k) => units.map((unit) => unit[k])), b2]);

  /** A GAN whose G makes N(mean, std), as mean + std·z; D waits for its weights. */
  function ganOf({ mean, std }, hidden) {
    const gan = GanLab.createGan({ latent: 1, hidden, target: DATA });
    setWeights(gan.g, [...straight(std), ...Array(hidden - 2).fill([0, 0, 0])], mean);
    return gan;
  }

  /** A chart of p_data, p_g, D and the pushes on the fakes; draw() returns what D says and does. */
  function pushesChart(parent, gan, fakes) {
    const chart = GanLab.chart(parent, {
      title: "D, and its pushes on the fakes", x: ON_X, y: { label: "density", max: TOP },
      right: GanLab.PROBABILITY, height: 300,
    });
    chart.line("data", { kind: "data", label: "p_data" }).set(SEEN, SEEN.map(gan.target.pdf));
    const { pdf } = GanLab.target({ kind: "normal", ...fakes });
    chart.line("fake", { kind: "fake", label: "p_g" }).set(SEEN, SEEN.map(pdf));
    const d = chart.line("d", { kind: "d", label: "D", axis: "right" });
    const rug = chart.rug("fakes", { kind: "fake", label: `${FAKES} fakes` });
    const look = { kind: "gradient", label: "push on a fake", arrow: true };
    const arrows = chart.segments("pushes", look);

    function draw() {
      d.set(SEEN, gan.judge(SEEN));
      const { from, by } = gan.pushes(FAKES);
      GanLab.setPushes(arrows, { from, by }, HIGH - LOW, TOP);
      rug.set(from);
      return { fakes: from, said: gan.judge(from), pushes: by };
    }
    return { chart, draw };
  }

  const columnsOf = ({ fakes, said, pushes }) =>
    GanLab.csv({ fake: fakes, logit: said.map(logit), push: pushes });

  // --- Lesson 5: tilt D ---

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

  // --- Lesson 6: move a kink of D ---

  const OTHERS = [[-2, 1, 0.9], [-0.8, -1, 0.7], [0.3, 1, -1.4], [1.1, 1, 1.1]]; // kink, w1, w2
  const LOGITS = { label: "logit of D", min: -8, max: 8 };

  GanLab.views.kink = function (section, preset, name) {
    const lab = frame(
      section,
      name,
      "D has five hidden units, and its logit one kink for each. Drag one of them along the " +
        "axis. p_g has the right mean and is too narrow: predict where the kink must be for D to " +
        "push the fakes apart.",
      {
        "": { place: ["place of the kink", 0, -2.5, 10, 0.1] },
        "The unit of this kink": {
          strength: ["its strength: by how much the slope grows there", 1.2, -2, 2, 0.1],
        },
      },
    );
    const fakes = { mean: 5, std: 0.75 };
    const gan = ganOf(fakes, 1 + OTHERS.length);
    const { mean, std } = gan.target;
    const [from, to] = [mean - 2 * std, mean + 2 * std];
    const bends = GanLab.chart(lab.charts, {
      title: "The logit of D, and its kinks", x: ON_X, y: LOGITS, height: 300,
    });
    const near = { kind: "ghost", label: "μ ± 2σ of the data" };
    bends.area("near", near).set([from, to], [LOGITS.min, LOGITS.min], [LOGITS.max, LOGITS.max]);
    const line = bends.line("d", { kind: "d", label: "logit of D" });
    const marks = bends.points("kinks", { kind: "d", label: "kink" });
    const handle = bends.draggable("kink", {
      kind: "d", label: "place of the kink", mark: "kink", min: -2.5, max: 10, step: 0.1,
      onInput: (place) => lab.turn({ place }),
    });
    const { chart, draw: drawPushes } = pushesChart(lab.charts, gan, fakes);
    lab.note(`${GanLab.PUSHES} The loss of G is the non-saturating one, −log D.`);
    let now = null;

    /** What D says to the fakes, in the words of the lesson. */
    function verdict() {
      const { fakes: places, pushes } = now;
      const parts = [["left", 1], ["right", -1]].flatMap(([side, sign]) => {
        const many = pushes.filter((push) => sign * push > 1e-9).length;
        return many ? [`“too far ${side}” to ${many}`] : [];
      });
      if (!parts.length) return "D is flat at all fakes, and says nothing.";
      const said = `D says ${parts.join(" and ")} of ${FAKES} fakes`;
      if (parts[0].endsWith(` ${FAKES}`)) return `${said}: all one way, so it can't widen p_g.`;
      const middle = meanOf(places);
      const apart = pushes.reduce((sum, push, i) => sum + push * (places[i] - middle), 0);
      return `${said}: p_g ${apart > 0 ? "widens" : "narrows"}.`;
    }

    function draw({ place, strength }) {
      // This unit is on to the left of its kink, so that far from it nothing changes on the right.
      const all = [...OTHERS, [place, -1, strength]];
      setWeights(gan.d, all.map(([kink, w1, w2]) => [w1, -w1 * kink, w2]), -4.4);
      now = drawPushes();
      line.set(SEEN, gan.judge(SEEN).map(logit));
      const kinks = all.map(([kink]) => kink);
      marks.set(kinks, gan.judge(kinks).map(logit));
      handle.set(place);
      const where = place > from && place < to ? "within" : "outside";
      const told = `The kink is at ${shown(place, 1)}, ${where} μ ± 2σ of the data. ${verdict()}`;
      const about = `kinks at ${kinks.map((kink) => shown(kink, 1)).join(", ")}`;
      bends.describe(`The logit of D, with ${about}. ${told}`);
      chart.describe(`p_data is N(5, 1.5), p_g is N(5, 0.75); D has ${about}. ${told}`);
      lab.say(told);
    }

    return lab.start(draw, { charts: [bends, chart], csv: () => columnsOf(now) });
  };

  // --- Lesson 8: two players, two numbers ---

  const STEPS = 400;
  const END = 130; // steps: half a turn, or more, for each η

  /** The orbit [[θ, ψ], …] of the Dirac-GAN: dirac_play of gan_lessons/games.py. */
  function diracPlay({ theta, psi, gamma, eta, alternating }) {
    const orbit = [[theta, psi]];
    for (let i = 0; i < STEPS; i++) {
      const [x, slope] = orbit[i];
      const after = slope - eta * (x * sigmoid(slope * x) + gamma * slope);
      const seen = alternating ? after : slope; // what G answers
      orbit.push([x + eta * seen * sigmoid(-seen * x), after]);
    }
    return orbit;
  }

  GanLab.views.dirac = function (section, preset, name) {
    const lab = frame(
      section,
      name,
      "All data lie at 0 and all fakes at θ; ψ is the slope of D's logit. Drag the start. Predict " +
        "first: will the two come to rest, circle or flee?",
      {
        "": {
          theta: ["θ at the start", 0.2, -1.5, 1.5, 0.05],
          psi: ["ψ at the start", 0, -1.5, 1.5, 0.05],
        },
        "How they play": {
          gamma: ["R1's strength γ", 0, 0, 1, 0.01],
          eta: ["step size η", 0.5, 0.05, 1, 0.05],
          alternating: ["they take turns, D first", 0, 0, 1],
        },
      },
    );
    const [theta, psi] = [{ label: "θ, the place of G", min: -2, max: 2 }, { min: -2, max: 2 }];
    const plane = GanLab.chart(lab.charts, {
      title: "The orbit of θ and ψ", x: theta, y: { ...psi, label: "ψ, the slope of D's logit" },
      height: 380,
    });
    const path = plane.line("path", { kind: "map", label: `${STEPS} steps` });
    plane.points("rest", { kind: "data", shape: "cross", label: "rest" }).set([0], [0]);
    const last = plane.points("last", { kind: "fake", label: "the last step" });
    const ofStart = { min: -1.5, max: 1.5, step: 0.05 };
    const start = plane.draggable("start", {
      kind: "data", mark: "start", label: "θ at the start", ...ofStart,
      y: { label: "ψ at the start", ...ofStart },
      onInput: (theta, psi) => lab.turn({ theta, psi }),
    });
    const times = GanLab.chart(lab.charts, {
      title: "Step by step", x: { label: "step", max: STEPS }, y: { ...psi, label: "θ and ψ" },
      height: 380,
    });
    const lines = [
      times.line("theta", { kind: "fake", label: "θ: G" }),
      times.line("psi", { kind: "d", label: "ψ: D" }),
    ];
    const steps = Array.from({ length: STEPS + 1 }, (_, i) => i);
    let columns = {};

    /** What became of the radii, from the largest in the last half turn and in the one before. */
    function verdict(radii) {
      const [first, end] = [radii[0], Math.max(...radii.slice(-END))];
      const before = Math.max(...radii.slice(-2 * END, -END));
      if (end <= 0.05 * first) return "has come to rest";
      if (end > 1.5 * first) return `flees from rest${end < 1.1 * before ? ", up to a ring" : ""}`;
      return end < 0.9 * before ? "comes closer to rest" : "circles";
    }

    function draw(settings) {
      const orbit = diracPlay(settings);
      const [x, y] = [0, 1].map((player) => orbit.map((at) => at[player]));
      columns = { step: steps, theta: x, psi: y };
      path.set(x, y);
      last.set(x.slice(-1), y.slice(-1));
      lines[0].set(steps, x);
      lines[1].set(steps, y);
      start.set(settings.theta, settings.psi);
      const radii = orbit.map((at) => Math.hypot(...at));
      const told =
        `It ${verdict(radii)}: radius ${shown(radii[STEPS])} after ${STEPS} steps, ` +
        `${shown(radii[0])} at the start.`;
      for (const chart of [plane, times]) chart.describe(`The Dirac-GAN's orbit. ${told}`);
      lab.say(told);
    }

    return lab.start(draw, { charts: [plane, times], csv: () => GanLab.csv(columns) });
  };
})();
