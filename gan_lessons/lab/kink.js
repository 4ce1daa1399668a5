// Lesson 6: move a kink of D.
(function () {
  "use strict";
  const { frame, shown } = GanLab;
  const { FAKES, ON_X, SEEN, columnsOf, ganOf, logit, meanOf, pushesChart, setWeights } =
    GanLab.pushes;

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
})();
