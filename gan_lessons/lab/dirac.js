// Lesson 8: two players with one number each, which nothing trains but a formula.
(function () {
  "use strict";
  const { frame, shown, sigmoid } = GanLab;

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
