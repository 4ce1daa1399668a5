/* Charts for the lab, in plain SVG: lines, bands, arrows, handles to drag, and pictures to keep.

   The caller hands over numbers with `set`.  They are copied, and all that changed is drawn once,
   right after the caller is done (in a microtask).  One SVG unit is one pixel, so that text keeps
   its size on a phone: where the width changes, the chart is laid out anew.  Colour and dash of a
   series come from the CSS class of its kind, such as `kind-fake` (lab.css). */
(function () {
  "use strict";
  const GanLab = (globalThis.GanLab = globalThis.GanLab || {});
  const { clamp, element, pieces, setAttributes: put, withMinus } = GanLab;

  const SVG = "http://www.w3.org/2000/svg";
  const USUAL_WIDTH = 560; // px; also that of a chart which was never shown
  const FONT = 12; // px, as in lab.css
  const LOW = 160; // px; a chart that is lower goes without the name of x
  const LEAST = 80; // px of height
  const FAR = 1e5; // px; browsers keep coordinates with 32 bits, and lose larger ones
  let clipCount = 0;

  // ---- small helpers

  const draw = (tag, attributes, children) => element(tag, attributes, children, SVG);
  const isNumber = (value) => Math.abs(value) < Infinity; // false for NaN and undefined, too
  const pixel = (value) => Math.round(clamp(value, -FAR, FAR) * 10) / 10;
  const classes = (type, kind) => `lab-${type}` + (kind ? ` kind-${kind}` : "");

  /** A width for `text` in px, also in a wide font: an estimate, since measuring costs a layout. */
  const textWidth = (text, size = FONT) => 0.66 * size * text.length;

  /** GanLab.symbols for SVG: a subscript moves down, and what comes after it up again. */
  const symbols = (text) =>
    pieces(text).map((piece, i) => {
      if (!i) return piece;
      const look = i % 2 ? { dy: 3, "font-size": "0.8em" } : { dy: -3 };
      return draw("tspan", look, [piece]);
    });

  /** Copy numbers, into the memory of `old` where they fit. */
  function copy(old, values) {
    if (!old.set || old.length !== values.length) return Float64Array.from(values);
    old.set(values);
    return old;
  }

  /** Throw an Error that says where and which, unless all are arrays of one length. */
  function checkLengths(where, names, arrays) {
    names.forEach((name, i) => {
      if (typeof arrays[i] === "object" && isNumber(arrays[i]?.length)) return;
      throw new Error(`${where}: ${name} must be an array of numbers`);
    });
    if (arrays.every((values) => values.length === arrays[0].length)) return;
    const lengths = names.map((name, i) => `${name} has ${arrays[i].length}`).join(", ");
    throw new Error(`${where}: the arrays must have one length, but ${lengths}`);
  }

  /** A range [min, max] as numbers; one that is too narrow to divide is widened. */
  function checkRange(where, range) {
    const [min, max] = [Number(range[0]), Number(range[1])];
    if (!isNumber(max - min) || max < min) {
      throw new Error(`${where}: a range is two finite numbers, the lower first; got ${range}`);
    }
    const size = Math.max(Math.abs(min), Math.abs(max));
    if (max - min > 1e-9 * size) return [min, max];
    return [min - (0.05 * size || 0.5), max + (0.05 * size || 0.5)];
  }

  // ---- scales and ticks

  function scale([min, max], from, to, log) {
    if (log) {
      const inner = scale([Math.log10(min), Math.log10(max)], from, to);
      return { of: (value) => inner.of(Math.log10(value)) };
    }
    const by = (to - from) / (max - min);
    return { by, of: (value) => from + by * (value - min) };
  }

  /** Round numbers in a range, about `most`, in steps of 1, 2 or 5 times a power of ten. */
  function ticksIn([min, max], most) {
    const step = GanLab.roundUp((max - min) / most, [1, 2, 5, 10]);
    const values = [];
    for (let i = Math.ceil(min / step - 1e-6); i * step <= max + 1e-6 * step; i++) {
      values.push(i * step);
    }
    const labels = tickLabels(values, step);
    const widest = Math.max(0, ...labels.map((label) => textWidth(label)));
    return { step, values, labels, widest };
  }

  /** The words for ticks: 0.5, 2000, 10k, 2M, 3e9; one unit for all. */
  function tickLabels(values, step) {
    const largest = Math.max(step, ...values.map(Math.abs));
    let write = (value) => Number(value.toPrecision(12)).toExponential().replace("e+", "e");
    if (largest < 1e9 && step >= 1e-4) {
      let [unit, letter] = [1, ""];
      if (largest >= 1e6 && step >= 1e4) [unit, letter] = [1e6, "M"];
      else if (largest >= 1e4 && step >= 10) [unit, letter] = [1e3, "k"];
      const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-6));
      write = (value) => (value / unit).toFixed(decimals) + letter;
    }
    const words = (value) => (Math.abs(value) < step / 2 ? "0" : write(value));
    return values.map((value) => withMinus(words(value)));
  }

  /** On a logarithmic axis: 1, 2 and 5 of each power of ten, or the powers alone. */
  function ticksOfPowers([min, max], most) {
    const powers = [];
    for (let i = Math.floor(Math.log10(min)); 10 ** i <= max; i++) powers.push(10 ** i);
    const all = (factors) =>
      powers.flatMap((power) => factors.map((factor) => factor * power))
        .filter((value) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9));
    const fine = all([1, 2, 5]);
    const values = fine.length <= most ? fine : all([1]);
    const labels = values.map((value) => tickLabels([value], value)[0]);
    return { values, labels, widest: Math.max(0, ...labels.map((label) => textWidth(label))) };
  }

  const NO_TICKS = { values: [], labels: [], widest: 0 };

  /** Ticks whose labels fit side by side on an axis of `length` px. */
  function ticksThatFit(range, most, length) {
    for (let count = most; count >= 1; count--) {
      const ticks = ticksIn(range, count);
      if (ticks.widest + FONT < (length * ticks.step) / (range[1] - range[0])) return ticks;
    }
    return NO_TICKS;
  }

  // ---- paths, from data and the scales x and y to the `d` of an SVG path

  /** The stretches [start, end) in which all three arrays hold finite numbers. */
  function stretches(xs, lower, upper) {
    const found = [];
    let start = -1;
    for (let i = 0; i <= xs.length; i++) {
      const good = isNumber(xs[i]) && isNumber(lower[i]) && isNumber(upper[i]); // not at the end
      if (good && start < 0) start = i;
      if (good || start < 0) continue;
      found.push([start, i]);
      start = -1;
    }
    return found;
  }

  const point = (xs, ys, i, x, y) => pixel(x.of(xs[i])) + " " + pixel(y.of(ys[i]));

  function linePath([xs, ys], x, y) {
    let path = "";
    for (const [start, end] of stretches(xs, ys, ys)) {
      for (let i = start; i < end; i++) path += (i > start ? "L" : "M") + point(xs, ys, i, x, y);
      if (end - start === 1) path += "m-1 0h2"; // a point alone is shown as a short dash
    }
    return path;
  }

  function areaPath([xs, lower, upper], x, y) {
    let path = "";
    for (const [start, end] of stretches(xs, lower, upper)) {
      for (let i = start; i < end; i++) path += (i > start ? "L" : "M") + point(xs, upper, i, x, y);
      for (let i = end - 1; i >= start; i--) path += "L" + point(xs, lower, i, x, y);
      path += "Z";
    }
    return path;
  }

  // Marks are drawn from their centre; samples for the legend in a box of 28 × 12 px.
  const MARKS = {
    circle: "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    cross: "m-3-3l6 6m-6 0l6-6",
    ring: "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
    tick: "m0-5v10",
  };
  const SAMPLES = {
    line: "M1 6H27",
    area: "M1 1H27V11H1Z",
    arrow: "M3 6H25M20 3L25 6L20 9",
    rug: "M5 1v10M12 1v10M15 1v10M23 1v10",
    circle: `M14 6${MARKS.circle}`,
    cross: `M14 6${MARKS.cross}`,
  };

  function marksPath([xs, ys], x, y, mark) {
    let path = "";
    for (let i = 0; i < xs.length; i++) {
      if (isNumber(xs[i]) && isNumber(ys[i])) path += "M" + point(xs, ys, i, x, y) + mark;
    }
    return path;
  }

  function segmentsPath([x1, y1, x2, y2], x, y, arrow) {
    let path = "";
    for (let i = 0; i < x1.length; i++) {
      const [toX, toY] = [pixel(x.of(x2[i])), pixel(y.of(y2[i]))];
      const [dx, dy] = [toX - pixel(x.of(x1[i])), toY - pixel(y.of(y1[i]))];
      const length = Math.hypot(dx, dy);
      if (!(length > 0.5)) continue; // too short to see, or not a number
      path += "M" + point(x1, y1, i, x, y) + `L${toX} ${toY}`;
      if (!arrow) continue;
      const size = Math.min(5 / length, 0.5); // of the head, as a share of the arrow
      const [backX, backY] = [toX - size * dx, toY - size * dy];
      const [sideX, sideY] = [-0.55 * size * dy, 0.55 * size * dx];
      path += `M${pixel(backX + sideX)} ${pixel(backY + sideY)}L${toX} ${toY}`;
      path += `L${pixel(backX - sideX)} ${pixel(backY - sideY)}`;
    }
    return path;
  }

  // ---- the chart

  const LAYERS = ["area", "band", "rule", "segments", "line", "points", "rug", "handle"];
  const KEYS = {
    ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1,
    PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity,
  };

  class Chart {
    constructor(parent, options) {
      this.options = { title: "", height: 280, ticksY: 6, ...options };
      this.name = `chart "${this.options.title}"`;
      this.ranges = {};
      this.series = new Map();
      this.build(parent);
      for (const axis of ["x", "y", "right"]) {
        const { min = 0, max = 1 } = this.options[axis] || {};
        if (axis !== "right" || this.options.right) this.range({ [axis]: [min, max] });
      }
      this.watchSize();
    }

    /** Make the elements: title, legend, and the plot with a group for each layer. */
    build(parent) {
      const { title, describe } = this.options;
      const clip = `lab-clip-${++clipCount}`;
      this.legend = element("ul", { class: "lab-legend" });
      this.axes = draw("g");
      this.window = draw("rect");
      this.layers = Object.fromEntries(LAYERS.map((type) => [type, draw("g")]));
      this.labels = draw("g");
      this.plot = draw("svg", { class: "lab-plot", role: "img" }, [
        draw("defs", {}, [draw("clipPath", { id: clip }, [this.window])]),
        this.axes,
        draw("g", { "clip-path": `url(#${clip})` }, Object.values(this.layers)),
        this.labels,
      ]);
      this.stage = element("div", { class: "lab-stage" }, [this.plot]);
      this.sizer = element("div", { class: "lab-sizer" });
      const caption = element("figcaption", { class: "lab-title" }, GanLab.symbols(title));
      const parts = [...(title ? [caption] : []), this.sizer, this.legend, this.stage];
      this.figure = element("figure", { class: "lab-chart" }, parts);
      this.describe(describe || title);
      this.stage.addEventListener("pointermove", (event) => this.light(event.buttons ? undefined : this.seriesAt(event)));
      this.stage.addEventListener("pointerleave", () => this.light());
      parent.append(this.figure);
    }

    /** Follow the room that there is; a chart that is not shown keeps the last one. */
    watchSize() {
      this.resize();
      this.width ||= USUAL_WIDTH;
      // The new layout waits for the next frame: if it changed the width once more (a scroll bar
      // comes), the browser would report an error.
      this.observer = new ResizeObserver(() => requestAnimationFrame(() => this.resize()));
      for (const part of [this.sizer, this.stage]) this.observer.observe(part);
    }

    /** Its width; its height, too, where the style sheet lets it fill its room. */
    resize() {
      const width = this.sizer.clientWidth;
      this.shown = width > 0;
      if (!this.shown) return;
      const fills = getComputedStyle(this.figure).getPropertyValue("--lab-fills").trim();
      const height = fills ? Math.max(this.stage.clientHeight, LEAST) : 0;
      if (width !== this.width || height !== this.filled) this.stale = true;
      [this.width, this.filled] = [width, height];
      this.flush();
    }

    /** Ask for a drawing after the caller's other changes. */
    schedule() {
      if (this.waiting) return;
      this.waiting = true;
      queueMicrotask(() => this.flush());
    }

    /** Draw what changed; `always` draws a chart that is not shown, too. */
    flush(always = false) {
      this.waiting = false;
      if (this.removed || !(this.shown || always)) return;
      if (this.stale) this.drawAxes();
      let rules = this.stale;
      for (const series of this.series.values()) {
        if (!this.stale && !series.stale) continue;
        series.stale = false;
        if (!series.hidden) series.draw();
        rules ||= series.type === "rule";
      }
      if (rules) this.placeRuleLabels();
      if (this.legendStale) this.drawLegend();
      this.stale = this.legendStale = false;
    }

    /** Fix the margins from the widths of the labels; draw grid, ticks and names. */
    drawAxes() {
      const { options, ranges, width } = this;
      const usual = Math.round(options.height * clamp(width / USUAL_WIDTH, 0.8, 1.2));
      const height = this.filled || usual;
      const names = ["x", "y", "right"].map((axis) => options[axis]?.label || "");
      if (height < LOW) names[0] = ""; // there is no room for more than the ticks
      const oneRow = textWidth(names[1] + names[2], 11) + FONT < width; // letters: less than digits
      const marked = [...this.series.values()].some(({ type }) => type === "handle");
      const top = names[1] || names[2] ? (oneRow ? 22 : 38) : marked ? 22 : 10;
      const bottom = height - (names[0] ? 40 : 24);
      const most = Math.min(options.ticksY, Math.floor((bottom - top) / 24));
      const log = Boolean(options.y?.log);
      const ticksOf = (range, find) => (range && most >= 1 ? find(range, most) : NO_TICKS);
      const leftTicks = ticksOf(ranges.y, log ? ticksOfPowers : ticksIn);
      const rightTicks = ticksOf(ranges.right, ticksIn);
      const rules = [...this.series.values()].filter(({ text, hidden }) => text && !hidden);
      const beside = rightTicks.widest ? Math.ceil(rightTicks.widest) + 14 : 6; // of the plot
      const widest = Math.max(...rules.map(({ words }) => beside + textWidth(words) - 10));
      const left = Math.max(16, Math.ceil(leftTicks.widest) + 10);
      let right = width - Math.max(16, Math.ceil(Math.max(widest, rightTicks.widest)) + 10);
      const xTicks = ticksThatFit(ranges.x, 8, right - left);
      right = Math.max(left, Math.min(right, width - Math.ceil(xTicks.widest / 2)));
      const free = [textWidth(names[1]) + 8, width - textWidth(names[2]) - 8]; // between the names
      this.box = { left, right, top, bottom, height, beside, free };
      this.x = scale(ranges.x, left, right);
      this.y = scale(ranges.y, bottom, top, log);
      this.right = ranges.right && scale(ranges.right, bottom, top);

      const texts = [];
      const write = (words, x, y, anchor, look = "lab-tick") => {
        const place = { x: pixel(x), y: pixel(y), "text-anchor": anchor, class: look };
        if (words) texts.push(draw("text", place, symbols(words)));
      };
      let grid = "";
      let frame = `M${left} ${bottom}H${right}` + (rightTicks.widest ? `V${top}` : "");
      xTicks.values.forEach((value, i) => {
        grid += `M${pixel(this.x.of(value))} ${top}V${bottom}`;
        write(xTicks.labels[i], this.x.of(value), bottom + 17, "middle");
      });
      leftTicks.values.forEach((value, i) => {
        grid += `M${left} ${pixel(this.y.of(value))}H${right}`;
        write(leftTicks.labels[i], left - 6, this.y.of(value) + 4, "end");
      });
      rightTicks.values.forEach((value, i) => {
        frame += `M${right} ${pixel(this.right.of(value))}h4`;
        write(rightTicks.labels[i], right + 7, this.right.of(value) + 4, "start");
      });
      write(names[0], (left + right) / 2, height - 6, "middle", "lab-axis-name");
      write(names[1], 2, top - 9, "start", "lab-axis-name");
      write(names[2], width - 2, top - (oneRow ? 9 : 25), "end", "lab-axis-name");
      const lines = [draw("path", { class: "lab-grid", d: grid })];
      lines.push(draw("path", { class: "lab-frame", d: frame }));
      this.axes.replaceChildren(...lines, ...texts);

      put(this.plot, { width, height, viewBox: `0 0 ${width} ${height}` });
      this.plot.style.height = `${height}px`; // the site's style sheet says auto
      put(this.window, { x: left, y: top, width: right - left, height: bottom - top });
    }

    /** Set ranges: {x, y, right}, each [min, max]; axes are redrawn only where one changed. */
    range(ranges) {
      for (const axis in ranges) {
        const range = checkRange(`${this.name}, range of ${axis}`, ranges[axis]);
        if (String(range) === String(this.ranges[axis])) continue;
        this.ranges[axis] = range;
        this.stale = true;
        this.schedule();
      }
    }

    /** The scale of "left" or "right". */
    vertical(axis) {
      return (axis === "right" && this.right) || this.y;
    }

    // -- series: each is one SVG path

    /** `take` keeps what the caller sets, `path` makes the path of it, in the current scales. */
    add(type, name, { kind, label }, { take, path, sample }) {
      if (this.series.has(name)) throw new Error(`${this.name} has a series "${name}" already`);
      const shape = draw("path", { class: classes(type, kind) });
      let last = "";
      const series = { type, shape, sample, label, kind, hidden: false, stale: true };
      series.draw = () => {
        const now = path();
        if (now !== last) put(shape, { d: now });
        last = now;
      };
      this.series.set(name, series);
      this.layers[type].append(shape);
      this.legendStale = true;
      this.schedule();
      const set = (...values) => {
        take(`${this.name}, ${type} "${name}"`, ...values);
        series.stale = true;
        this.schedule();
      };
      const hide = (hidden) => {
        if (series.hidden === hidden) return;
        series.hidden = hidden;
        shape.style.display = hidden ? "none" : "";
        series.stale = this.legendStale = true;
        this.stale ||= type === "rule"; // the axes leave room for its name
        this.schedule();
      };
      return { set, hide };
    }

    /** A series whose `set` takes an array for each of `names`; `path` gets copies of them. */
    addArrays(type, name, options, sample, names, path) {
      let data = names.map(() => []);
      return this.add(type, name, options, {
        sample,
        take: (where, ...arrays) => {
          checkLengths(where, names, arrays);
          data = names.map((_, i) => copy(data[i], arrays[i]));
        },
        path: () => path(data, this.x, this.vertical(options.axis)),
      });
    }

    /** A line through (xs, ys); NaN and infinity break it. */
    line(name, options = {}) {
      return this.addArrays("line", name, options, SAMPLES.line, ["xs", "ys"], linePath);
    }

    /** A filled band that follows x, between `lower` and `upper`. */
    area(name, options = {}) {
      const names = ["xs", "lower", "upper"];
      return this.addArrays("area", name, options, SAMPLES.area, names, areaPath);
    }

    /** Marks at (xs, ys); `shape` is "circle" or "cross". */
    points(name, { shape = "circle", ...options } = {}) {
      if (!SAMPLES[shape]) throw new Error(`${this.name}, points "${name}": no shape "${shape}"`);
      const look = { ...options, kind: `${options.kind || ""} lab-${shape}` };
      const path = (data, x, y) => marksPath(data, x, y, MARKS[shape]);
      return this.addArrays("points", name, look, SAMPLES[shape], ["xs", "ys"], path);
    }

    /** Straight pieces from (x1, y1) to (x2, y2), with heads where `arrow` is true. */
    segments(name, { arrow = false, ...options } = {}) {
      const sample = arrow ? SAMPLES.arrow : SAMPLES.line;
      const path = (data, x, y) => segmentsPath(data, x, y, arrow);
      return this.addArrays("segments", name, options, sample, ["x1", "y1", "x2", "y2"], path);
    }

    /** A short tick at each of xs, at the bottom. */
    rug(name, options = {}) {
      const path = ([xs], x) =>
        marksPath([xs, xs], x, { of: () => this.box.bottom - 6 }, MARKS.tick);
      return this.addArrays("rug", name, options, SAMPLES.rug, ["xs"], path);
    }

    /** A band over the full width, from `low` to `high`. */
    band(name, options = {}) {
      let ends = [NaN, NaN];
      return this.add("band", name, options, {
        sample: SAMPLES.area,
        take: (where, low, high) => (ends = [low, high]),
        path: () => {
          const [low, high] = ends.map((end) => pixel(this.vertical(options.axis).of(end)));
          if (Number.isNaN(low + high)) return "";
          return `M${this.box.left} ${low}H${this.box.right}V${high}H${this.box.left}Z`;
        },
      });
    }

    /** A level over the full width, such as "log 4"; its name stands at its right end. */
    rule(value, { axis, label = "", kind, meaning } = {}) {
      const name = `${label} (rule ${this.series.size})`;
      const handle = this.add("rule", name, { kind, label: meaning }, {
        sample: SAMPLES.line,
        take: (where, newValue) => (value = newValue),
        path: () => {
          const { left, right, top, bottom } = this.box;
          const y = this.vertical(axis).of(value);
          rule.at = y > top - 1 && y < bottom + 1 ? pixel(y) : null;
          return rule.at === null ? "" : `M${left} ${rule.at}H${right}`;
        },
      });
      const rule = this.series.get(name);
      rule.text = draw("text", { class: "lab-rule-label" }, symbols(label));
      rule.words = label;
      this.labels.append(rule.text);
      return handle;
    }

    /** Put the names of rules beside the plot; of two too close to each other the first stays. */
    placeRuleLabels() {
      const placed = [];
      for (const { text, at, hidden } of this.series.values()) {
        if (!text) continue;
        const seen = !hidden && at !== null && placed.every((y) => Math.abs(y - at) > FONT);
        text.style.display = seen ? "" : "none";
        if (!seen) continue;
        placed.push(at);
        put(text, { x: pixel(this.box.right + this.box.beside), y: pixel(at + 4) });
      }
    }

    /**
     * A vertical line that the reader moves, with a finger, a mouse or the arrow keys; with `y`,
     * which holds label, min, max and step of the second way, a point that moves both ways.
     * `onInput(value)`, or `onInput(x, y)`, hears of the reader's moves, not of `set`.  `label` is
     * its name for a screen reader; `mark`, a short one, is shown beside it.  Where a value is not
     * its place on the axis, `toAxis(value)` is, and `fromAxis(place)` leads back.  `onHold(held)`
     * hears when a pointer takes hold and when it lets go: meanwhile an axis should stay as it is.
     */
    draggable(name, options = {}) {
      const { kind, mark = "", axis, y: second, onInput, onHold } = options;
      const same = (value) => value;
      const usual = { label: name, min: 0, max: 1, step: 0.1, toAxis: same, fromAxis: same };
      const ways = [options, second].filter(Boolean).map((way) => ({ ...usual, ...way }));
      let values = [];
      const text = draw("text", { class: classes("mark", kind) }, symbols(mark));
      // A slider for each way: those of a point lie on each other, and move it with a pointer alike.
      const look = classes("handle", kind) + (second ? " lab-point" : "");
      const grips = ways.map(({ label, min, max }, i) =>
        element("div", {
          class: look, role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": min,
          "aria-valuemax": max, "aria-orientation": i ? "vertical" : "horizontal",
        }),
      );
      const handle = this.add("handle", name, { kind }, {
        take: (where, ...given) => {
          values = ways.map(({ min, max }, i) => {
            if (!isNumber(given[i])) throw new Error(`${where}: ${given[i]} is not a number`);
            return Number(clamp(given[i], min, max).toPrecision(12));
          });
        },
        path: () => {
          const { left, right, top, bottom, free } = this.box;
          const [toX, toY] = ways.map(({ toAxis }, i) => toAxis(values[i]));
          const x = pixel(clamp(this.x.of(toX), left, right));
          const y = second ? pixel(clamp(this.vertical(axis).of(toY), top, bottom)) : top;
          grips.forEach((grip, i) => {
            put(grip, { "aria-valuenow": values[i] });
            grip.style.transform = `translate(${x}px, ${y}px)`;
            if (!second) grip.style.height = `${bottom - top}px`;
          });
          const apart = second ? 14 : 5;
          const flip = x + apart + textWidth(mark) > right;
          const place = { x: x + (flip ? -apart : apart), "text-anchor": flip ? "end" : "start" };
          const reach = textWidth(mark) + apart;
          const above = x - reach > free[0] && x + reach < free[1]; // nothing else is written there
          put(text, { ...place, y: second ? y + 4 : above ? top - 4 : top + FONT });
          return `M${x} ${y}` + (second ? MARKS.circle : `V${bottom}`);
        },
      });
      const move = (wanted) => {
        const before = String(values);
        const steps = ways.map(({ min, max, step }, i) => {
          const to = wanted[i];
          return isNumber(to) ? min + step * Math.round((to - min) / step) : clamp(to, min, max);
        });
        handle.set(...steps);
        if (String(values) !== before && onInput) onInput(...values);
      };
      const press = (event, own) => {
        if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault(); // the page does not scroll
        // The arrows of a point say which way; the other keys are those of the slider in focus.
        const arrow = second && event.key.startsWith("Arrow");
        const way = arrow ? Number(/Up|Down/.test(event.key)) : own;
        grips[way].focus({ preventScroll: true });
        move(values.map((value, i) => (i === way ? value + ways[i].step * KEYS[event.key] : value)));
      };
      let start = null; // where a pointer took hold: from there on the handle follows its way
      const follow = (event) => {
        if (!start) return;
        const by = [this.x.by, this.vertical(axis).by];
        const pixels = [event.clientX - start.x, event.clientY - start.y];
        move(ways.map(({ fromAxis }, i) => fromAxis(start.at[i] + pixels[i] / by[i])));
      };
      grips.forEach((grip, i) => {
        grip.addEventListener("keydown", (event) => press(event, i));
        grip.addEventListener("pointerdown", (event) => {
          if (event.button !== 0) return;
          const at = ways.map(({ toAxis }, k) => toAxis(values[k]));
          start = { x: event.clientX, y: event.clientY, at };
          onHold?.(true);
          grip.setPointerCapture(event.pointerId);
          grip.focus({ preventScroll: true });
          event.preventDefault(); // no text is selected
        });
        grip.addEventListener("pointermove", follow);
        for (const end of ["pointerup", "pointercancel"]) {
          grip.addEventListener(end, () => {
            if (start) onHold?.(false);
            start = null;
          });
        }
      });
      this.stale = true; // its name needs room above the plot
      this.stage.append(...grips);
      this.labels.append(text);
      handle.set(...ways.map(({ value, min }) => value ?? min));
      return { set: handle.set };
    }

    /**
     * A sheet over the plot on which the reader draws heights, with a finger, a mouse or the keys:
     * whole numbers from 0 at the foot of the plot to `most` at its top, whatever its axis says, so
     * that an axis may follow the drawing.  show(xs, heights) lays it there, hide() takes it away;
     * `onInput(heights)` hears of what the reader draws.  `label` is its name for a screen reader.
     */
    sketch(name, { label = name, most = 35, onInput } = {}) {
      let [xs, heights, here] = [[], [], 0]; // `here` is the place that the keys change
      let pen = null; // the pointer that draws, and where on the sheet it was last, in px
      const sheet = element("div", {
        class: "lab-sheet", role: "slider", tabindex: 0, hidden: "", "aria-label": label,
        "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": most,
      });
      const upright = () => scale([0, most], this.box.bottom, this.box.top);
      const drawing = this.add("area", name, {}, {
        take: (where, newXs, newHeights) => {
          checkLengths(where, ["xs", "heights"], [newXs, newHeights]);
          [xs, heights] = [[...newXs], [...newHeights]];
        },
        path: () => {
          const { left, right, top, bottom } = this.box;
          const size = { left, top, width: right - left, height: bottom - top };
          for (const side in size) sheet.style[side] = `${size[side]}px`;
          const text = `x = ${GanLab.words(xs[here])}: height ${heights[here]} of ${most}`;
          put(sheet, { "aria-valuenow": heights[here], "aria-valuetext": text });
          return areaPath([xs, heights.map(() => 0), heights], this.x, upright());
        },
      });
      const mark = this.add("points", `${name}: here`, {}, {
        take: () => {},
        path: () => marksPath([[xs[here]], [heights[here]]], this.x, upright(), MARKS.ring),
      });
      const hide = (hidden) => {
        sheet.hidden = hidden;
        if (hidden) pen = null;
        for (const series of [drawing, mark]) series.hide(hidden);
      };

      const show = (newXs, newHeights) => {
        drawing.set(newXs, newHeights);
        here = clamp(here, 0, xs.length - 1);
        mark.set();
        hide(false);
      };
      const change = (drawn) => {
        const now = drawn.map((height) => clamp(Math.round(height), 0, most));
        const before = String(heights);
        show(xs, now);
        if (String(now) !== before && onInput) onInput(now);
      };

      /** From where the pen was to where it is now, so that a fast stroke leaves no place out. */
      const stroke = ({ pointerId, clientX, clientY }) => {
        const { left, bottom, width, height } = sheet.getBoundingClientRect();
        const to = { x: clamp(clientX - left, 0, width), y: (most * (bottom - clientY)) / height };
        const from = pen || to;
        const places = xs.map((x) => this.x.of(x) - this.box.left);
        const gaps = places.map((place) => Math.abs(place - to.x));
        here = gaps.indexOf(Math.min(...gaps));
        pen = { ...to, pointerId };
        change(heights.map((old, i) => {
          const share = (places[i] - from.x) / (to.x - from.x); // of the way; NaN without one
          if (i === here) return to.y;
          return share >= 0 && share <= 1 ? from.y + share * (to.y - from.y) : old;
        }));
      };
      sheet.addEventListener("pointerdown", (event) => {
        if (event.button !== 0 || pen) return;
        sheet.setPointerCapture(event.pointerId);
        sheet.focus({ preventScroll: true });
        event.preventDefault(); // no text is selected
        stroke(event);
      });
      sheet.addEventListener("pointermove", (event) => {
        if (pen?.pointerId === event.pointerId) stroke(event);
      });
      for (const end of ["pointerup", "pointercancel"]) {
        sheet.addEventListener(end, (event) => {
          if (pen?.pointerId === event.pointerId) pen = null;
        });
      }
      const along = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
      const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
      sheet.addEventListener("keydown", (event) => {
        const { key } = event;
        if (!(key in along || key in up) || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault(); // the page does not scroll
        here = clamp(here + (along[key] || 0), 0, xs.length - 1);
        change(heights.map((old, i) => (i === here ? old + (up[key] || 0) : old)));
      });
      this.stage.append(sheet);
      hide(true);
      return { element: sheet, show, hide: () => hide(true) };
    }

    // -- words, and the end

    /** What a screen reader says in place of the picture. */
    describe(text) {
      if (text === this.words) return;
      this.words = text;
      put(this.plot, { "aria-label": text });
    }

    drawLegend() {
      const shown = [...this.series.values()].filter((one) => one.label && !one.hidden);
      const items = shown.map((series, i) => {
        const path = draw("path", { class: series.shape.getAttribute("class"), d: series.sample });
        const look = { class: "lab-sample", width: 28, height: 12, "aria-hidden": true };
        const words = element("span", {}, GanLab.symbols(series.label));
        const parts = { type: "button", class: "lab-name", tabindex: i ? -1 : 0 };
        const name = element("button", parts, [draw("svg", look, [path]), words]);
        for (const on of ["focus", "pointerenter"]) name.addEventListener(on, () => this.light(series));
        for (const off of ["blur", "pointerleave"]) name.addEventListener(off, () => this.light());
        name.addEventListener("keydown", ({ key }) => this.moveInLegend(name, key));
        return Object.assign(element("li", {}, [name]), { label: series.label, series });
      });
      this.legend.replaceChildren(...items);
      this.legend.hidden = !items.length;
    }

    /** One stop of the Tab key for the whole legend: the arrows lead from name to name. */
    moveInLegend(name, key) {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
      if (!by) return;
      const names = [...this.legend.querySelectorAll("button")];
      const next = names[(names.indexOf(name) + by + names.length) % names.length];
      for (const one of names) one.tabIndex = one === next ? 0 : -1;
      next.focus();
    }

    /** Let one series stand out, with its name; without one, none.  The page may light more. */
    light(series) {
      if (series === this.lit) return;
      this.lit = series;
      this.figure.classList.toggle("lab-dim", Boolean(series));
      for (const { shape } of this.series.values()) shape.classList.toggle("lab-lit", shape === series?.shape);
      for (const item of this.legend.children) {
        item.classList.toggle("lab-lit", item.series === series);
      }
      const options = { bubbles: true, detail: series?.kind ?? "" };
      this.figure.dispatchEvent(new CustomEvent("lab-light", options));
    }

    /** The series under the pointer, or within a few pixels of it. */
    seriesAt({ clientX, clientY }) {
      for (const [dx, dy] of [[0, 0], [0, -4], [0, 4], [-4, 0], [4, 0]]) {
        const hits = document.elementsFromPoint(clientX + dx, clientY + dy);
        const all = [...this.series.values()];
        const found = all.find(({ shape, label }) => label && hits.includes(shape));
        if (found) return found;
      }
      return undefined;
    }

    /** The chart as an SVG document of its own, in the colours that it is shown in. */
    svg() {
      return standalone([this]).text;
    }

    remove() {
      this.removed = true;
      this.observer.disconnect();
      this.figure.remove();
    }
  }

  // ---- pictures to keep

  const LOOKS = [
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "paint-order", "font-size", "font-weight",
  ];

  /** A copy of an SVG element that needs no style sheet; what is hidden is left out. */
  function inlined(original) {
    const clone = original.cloneNode(false);
    for (const name of ["class", "style"]) clone.removeAttribute(name);
    if (["path", "text"].includes(original.localName)) {
      const style = getComputedStyle(original);
      put(clone, { style: LOOKS.map((p) => `${p}:${style.getPropertyValue(p)}`).join(";") });
    }
    for (const child of original.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) clone.append(child.data);
      else if (child.style.display !== "none") clone.append(inlined(child));
    }
    return clone;
  }

  /** Break a text into lines of at most `width` px. */
  function wrapped(text, width, size) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (lines.at(-1) && textWidth(longer, size) > width) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  }

  /** Title, legend and plot of one chart below each other: {node, width, height} in px. */
  function picture(chart) {
    if (!chart.figure.isConnected) throw new Error(`${chart.name} is not on the page`);
    chart.flush(true);
    const { width } = chart;
    const { color, fontFamily } = getComputedStyle(chart.figure);
    const node = draw("g", { fill: color, "font-family": fontFamily });
    const write = (words, x, y, look) =>
      node.append(draw("text", { x, y, ...look }, symbols(words)));
    const group = (original, x, y) => {
      const parts = inlined(original).childNodes;
      node.append(draw("g", { transform: `translate(${x} ${y})` }, parts));
    };
    let [x, y] = [0, 0];
    for (const line of chart.options.title ? wrapped(chart.options.title, width, 15) : []) {
      write(line, 0, (y += 20), { "font-size": 15, "font-weight": 600 });
    }
    y += 8;
    for (const item of chart.legend.children) {
      const lines = wrapped(item.label, width - 34, 13);
      const wide = 48 + Math.max(...lines.map((line) => textWidth(line, 13)));
      if (x && x + wide > width) [x, y] = [0, y + 20];
      group(item.querySelector("svg"), x, y + 3);
      lines.forEach((line, i) => write(line, x + 34, y + 13 + 20 * i, { "font-size": 13 }));
      y += 20 * (lines.length - 1);
      x += wide;
    }
    if (x) y += 26;
    group(chart.plot, 0, y);
    return { node, width, height: y + chart.box.height };
  }

  /** Charts below each other in one document: {text, width, height}. */
  function standalone(charts) {
    const pad = 12;
    const pictures = charts.map(picture);
    const width = 2 * pad + Math.max(...pictures.map((one) => one.width));
    const paper = getComputedStyle(charts[0].figure).getPropertyValue("--lab-paper").trim();
    const root = draw("svg", {}, [
      draw("title", {}, [charts.map((chart) => chart.options.title).join("; ")]),
      draw("desc", {}, [charts.map((chart) => chart.words).join("\n")]),
      draw("rect", { width: "100%", height: "100%", fill: paper || "white" }),
    ]);
    let height = pad;
    for (const one of pictures) {
      root.append(put(one.node, { transform: `translate(${pad} ${height})` }));
      height += one.height + pad;
    }
    put(root, { width, height, viewBox: `0 0 ${width} ${height}` });
    const text = new XMLSerializer().serializeToString(root);
    return { text: `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`, width, height };
  }

  /** Draw an SVG document, two pixels for one, and return it as a PNG. */
  async function png({ text, width, height }) {
    const image = new Image();
    // A data: address works from file://, too, and leaves the canvas readable in every browser.
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = element("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("it is too large");
    return blob;
  }

  function download(filename, blob) {
    const link = element("a", { href: URL.createObjectURL(blob), download: filename });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return blob;
  }

  GanLab.PROBABILITY = { label: "D: probability that x is real", min: 0, max: 1 }; // an axis

  /**
   * Draw a chart at the end of `parent`, an element within `.gan-lab`.
   * @param {Element} parent
   * @param {object} options title; describe: words in place of the picture; x, y and, if wanted,
   *   right: {label, min, max} of the axes; height: px where the chart is 560 px wide; ticksY:
   *   into how many steps the vertical axes are cut at most (0 for no ticks)
   */
  GanLab.chart = (parent, options = {}) => new Chart(parent, options);

  GanLab.PUSHES =
    "An arrow shows where the loss of G pushes a fake: a slope of 1 is a fifth of the axis, and " +
    "none is drawn longer than three tenths.";

  /** Draw pushes {from, by} as segments, in ten rows, so that they do not hide each other. */
  GanLab.setPushes = (segments, { from, by }, width, top) => {
    const rows = from.map((_, i) => top * (0.05 + 0.025 * (i % 10)));
    const ends = from.map((x, i) => x + width * GanLab.clamp(0.2 * by[i], -0.3, 0.3));
    segments.set(from, rows, ends, rows);
  };

  /**
   * Download charts, one below the other, as one picture: "svg", or "png" at twice the size.
   * @returns {Promise<Blob>} what was downloaded; rejected with an Error that says why not
   */
  GanLab.savePicture = async (charts, filename, type) => {
    if (!charts?.length) throw new Error("savePicture needs one chart or more");
    if (!["svg", "png"].includes(type)) throw new Error(`a picture is svg or png, not "${type}"`);
    const drawing = standalone(charts);
    let blob = new Blob([drawing.text], { type: "image/svg+xml" });
    if (type === "png") {
      blob = await png(drawing).catch((error) => {
        throw new Error(`This browser could not draw the PNG (${error.message}). Try the SVG.`);
      });
    }
    return download(filename, blob);
  };

  /** Download text, such as a table: saveText("run.csv", "text/csv", "step,loss\n"). */
  GanLab.saveText = async (filename, mime, text) => {
    if (typeof text !== "string") throw new Error(`saveText needs text, not ${typeof text}`);
    return download(filename, new Blob([text], { type: `${mime};charset=utf-8` }));
  };
})();
