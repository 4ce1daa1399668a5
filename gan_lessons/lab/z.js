// What G does to z, where z has one dimension.
(function () {
  "use strict";
  const { spanOf, xRange } = GanLab.showing;

  function make(lab, chart) {
    chart.range({ y: [-0.04, 1.15] });
    chart.rule(1, { label: "z" });
    chart.rule(0, { label: "x" });
    const lines = chart.segments("map", { kind: "map", label: "from z to x = G(z)" });
    const zs = GanLab.grid(-2.5, 2.5, 60);
    const [tops, feet] = [zs.map(() => 1), zs.map(() => 0)];
    function draw() {
      const [low, high] = xRange(lab);
      chart.range({ x: [Math.min(low, -2.7), Math.max(high, 2.7)] });
      lines.set(zs, tops, lab.runs[0].gan.generate(zs, zs.length), feet);
    }
    function describe(run) {
      if (run !== lab.runs[0]) return "";
      const [low, high] = spanOf([run.gan.generate(zs, zs.length)], 0).map(GanLab.words);
      return `60 lines from z, −2.5 to 2.5, to x, ${low} to ${high}.`;
    }
    return { draw, describe };
  }

  GanLab.SCENES.z = {
    title: "What G does to z", make,
    look: () => ({ x: { label: "z, and x" }, ticksY: 0 }),
    meaning: "Each line leads from a z to the x that G makes of it.",
  };
})();
