// What D says to 60 fakes, for the gestures of lessons 5 and 6: a GAN of engine.js, whose weights
// are set by hand, and its chart.
(function () {
  "use strict";

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

  GanLab.pushes = {
    FAKES, ON_X, SEEN, columnsOf, ganOf, logit, meanOf, pushesChart, setWeights, straight,
  };
})();
