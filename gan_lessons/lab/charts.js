/* Charts for the lab, in plain SVG: lines, bands, arrows.  handles.js lets the reader drag in them,
   sketch.js draw, and pictures.js keep them.

   The caller hands over numbers with `set`.  They are copied, and all that changed is drawn once,
   right after the caller is done (in a microtask).  One SVG unit is one pixel, so that text keeps
   its size on a phone: where the width changes, the chart is laid out anew.  Colour and dash of a
   series come from the CSS class of its kind, such as `kind-fake` (lab.css). */
(function () {
  "use strict";
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

  /** Copies of arrays of numbers; an Error says where and which, unless all have one length. */
  function copies(where, names, arrays) {
    arrays = names.map((name, i) => {
      if (Object(arrays[i]) === arrays[i] && isNumber(arrays[i].length)) {
        return Float64Array.from(arrays[i]);
      }
      throw new Error(`${where}: ${name} must be an array of numbers`);
    });
    if (arrays.every(({ length }) => length === arrays[0].length)) return arrays;
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
    const at = log ? Math.log10 : Number;
    const by = (to - from) / (at(max) - at(min));
    return { by, of: (value) => from + by * (at(value) - at(min)) };
  }

  function labelled(values, labels, step) {
    const widest = Math.max(0, ...labels.map((label) => textWidth(label)));
    return { step, values, labels, widest };
  }

  const NO_TICKS = labelled([], []);

  /** Round numbers in a range, about `most`, in steps of 1, 2 or 5 times a power of ten. */
  function ticksIn([min, max], most) {
    const step = GanLab.roundUp((max - min) / most, [1, 2, 5, 10]);
    const values = [];
    for (let i = Math.ceil(min / step - 1e-6); i * step <= max + 1e-6 * step; i++) {
      values.push(i * step);
    }
    return labelled(values, tickLabels(values, step), step);
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
    return labelled(values, values.map((value) => tickLabels([value], value)[0]));
  }

  /** Ticks whose labels fit side by side on an axis of `length` px. */
  function ticksThatFit(range, most, length) {
    for (let count = most; count >= 1; count--) {
      const ticks = ticksIn(range, count);
      if (ticks.widest + FONT < (length * ticks.step) / (range[1] - range[0])) return ticks;
    }
    return NO_TICKS;
  }

  // ---- paths, from data and the scales x and y to the `d` of an SVG path

  /** The stretches of places at which all the arrays hold finite numbers, [[0, 1], [5, 6, 7]]. */
  function stretches(...arrays) {
    const found = [[]];
    for (let i = 0; i < arrays[0].length; i++) {
      if (arrays.every((values) => isNumber(values[i]))) found.at(-1).push(i);
      else found.push([]);
    }
    return found.filter((places) => places.length);
  }

  const points = (places, xs, ys, x, y) =>
    places.map((i) => `${pixel(x.of(xs[i]))} ${pixel(y.of(ys[i]))}`);

  const linePath = ([xs, ys], x, y) =>
    stretches(xs, ys)
      .map((places) => `M${points(places, xs, ys, x, y).join("L")}` +
        (places.length > 1 ? "" : "m-1 0h2")) // a point alone is shown as a short dash
      .join("");

  const areaPath = ([xs, lower, upper], x, y) =>
    stretches(xs, lower, upper)
      .map((places) => {
        const there = points(places, xs, upper, x, y);
        return `M${[...there, ...points(places.reverse(), xs, lower, x, y)].join("L")}Z`;
      })
      .join("");

  // Marks are drawn from their centre; samples for the legend in a box of 28 × 12 px.
  const MARKS = {
    circle: "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    cross: "m-3-3l6 6m-6 0l6-6",
  };
  const SAMPLES = {
    line: "M1 6H27",
    area: "M1 1H27V11H1Z",
    arrow: "M3 6H25M20 3L25 6L20 9",
    rug: "M5 1v10M12 1v10M15 1v10M23 1v10",
    circle: `M14 6${MARKS.circle}`,
    cross: `M14 6${MARKS.cross}`,
  };

  const marksPath = ([xs, ys], x, y, mark) =>
    stretches(xs, ys)
      .flatMap((places) => points(places, xs, ys, x, y))
      .map((at) => `M${at}${mark}`)
      .join("");

  function segmentsPath([x1, y1, x2, y2], x, y, arrow) {
    let path = "";
    for (let i = 0; i < x1.length; i++) {
      const ends = [x.of(x1[i]), y.of(y1[i]), x.of(x2[i]), y.of(y2[i])];
      const [fromX, fromY, toX, toY] = ends.map(pixel);
      const [dx, dy] = [toX - fromX, toY - fromY];
      const length = Math.hypot(dx, dy);
      if (!(length > 0.5)) continue; // too short to see, or not a number
      path += `M${fromX} ${fromY}L${toX} ${toY}`;
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

  class Chart {
    constructor(parent, options) {
      this.options = { title: "", height: 280, ticksY: 6, ...options };
      this.name = `chart "${this.options.title}"`;
      this.ranges = {};
      this.series = new Map();
      this.lit = null;
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
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      GanLab.oneStop(this.legend, by, (name) => name.focus());
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
      const top = names[1] || names[2] ? (oneRow ? 25 : 41) : marked ? 22 : 10;
      const bottom = height - (names[0] ? 40 : 24);
      const most = Math.min(options.ticksY, Math.floor((bottom - top) / 18));
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
      const write = (words, x, y, anchor, look = "lab-axis-name") => {
        const place = { x: pixel(x), y: pixel(y), "text-anchor": anchor, class: look };
        if (words) texts.push(draw("text", place, symbols(words)));
      };
      const tick = (...place) => write(...place, "lab-tick");
      let grid = "";
      let frame = `M${left} ${bottom}H${right}` + (rightTicks.widest ? `V${top}` : "");
      xTicks.values.map(this.x.of).forEach((x, i) => {
        grid += `M${pixel(x)} ${top}V${bottom}`;
        tick(xTicks.labels[i], x, bottom + 17, "middle");
      });
      leftTicks.values.map(this.y.of).forEach((y, i) => {
        grid += `M${left} ${pixel(y)}H${right}`;
        tick(leftTicks.labels[i], left - 6, y + 4, "end");
      });
      rightTicks.values.forEach((value, i) => {
        const y = this.right.of(value);
        frame += `M${right} ${pixel(y)}h4`;
        tick(rightTicks.labels[i], right + 7, y + 4, "start");
      });
      write(names[0], (left + right) / 2, height - 6, "middle");
      write(names[1], 2, top - 12, "start");
      write(names[2], width - 2, top - (oneRow ? 12 : 28), "end");
      const lines = [["grid", grid], ["frame", frame]].map(([look, d]) =>
        draw("path", { class: `lab-${look}`, d }),
      );
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

    /**
     * `take` keeps what the caller sets, `path` makes the path of it, in the current scales;
     * `sample` is the path in the legend.
     */
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
        sample: SAMPLES[sample],
        take: (where, ...arrays) => (data = copies(where, names, arrays)),
        path: () => path(data, this.x, this.vertical(options.axis)),
      });
    }

    /** A line through (xs, ys); NaN and infinity break it. */
    line(name, options = {}) {
      return this.addArrays("line", name, options, "line", ["xs", "ys"], linePath);
    }

    /** A filled band that follows x, between `lower` and `upper`. */
    area(name, options = {}) {
      return this.addArrays("area", name, options, "area", ["xs", "lower", "upper"], areaPath);
    }

    /** Marks at (xs, ys); `shape` is "circle" or "cross". */
    points(name, { shape = "circle", ...options } = {}) {
      if (!MARKS[shape]) throw new Error(`${this.name}, points "${name}": no shape "${shape}"`);
      const look = { ...options, kind: `${options.kind || ""} lab-${shape}` };
      const path = (data, x, y) => marksPath(data, x, y, MARKS[shape]);
      return this.addArrays("points", name, look, shape, ["xs", "ys"], path);
    }

    /** Straight pieces from (x1, y1) to (x2, y2), with heads where `arrow` is true. */
    segments(name, { arrow = false, ...options } = {}) {
      const path = (data, x, y) => segmentsPath(data, x, y, arrow);
      const sample = arrow ? "arrow" : "line";
      return this.addArrays("segments", name, options, sample, ["x1", "y1", "x2", "y2"], path);
    }

    /** A short tick at each of xs, at the bottom. */
    rug(name, options = {}) {
      const foot = { of: () => this.box.bottom - 6 };
      const path = ([xs], x) => marksPath([xs, xs], x, foot, "m0-5v10");
      return this.addArrays("rug", name, options, "rug", ["xs"], path);
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
        const lights = { focus: series, pointerenter: series, blur: null, pointerleave: null };
        for (const type in lights) name.addEventListener(type, () => this.light(lights[type]));
        return Object.assign(element("li", {}, [name]), { label: series.label, series });
      });
      this.legend.replaceChildren(...items);
      this.legend.hidden = !items.length;
    }

    /** Let one series stand out, with its name; without one, none.  The page may light more. */
    light(series = null) {
      if (series === this.lit) return;
      this.lit = series;
      this.figure.classList.toggle("lab-dim", Boolean(series));
      const lit = (part, own) => part.classList.toggle("lab-lit", own === series);
      for (const own of this.series.values()) lit(own.shape, own);
      for (const item of this.legend.children) lit(item, item.series);
      const options = { bubbles: true, detail: series?.kind ?? "" };
      this.figure.dispatchEvent(new CustomEvent("lab-light", options));
    }

    /** The series under the pointer, or within a few pixels of it. */
    seriesAt({ clientX, clientY }) {
      const all = [...this.series.values()].filter(({ label }) => label);
      for (const [dx, dy] of [[0, 0], [0, -4], [0, 4], [-4, 0], [4, 0]]) {
        const hits = document.elementsFromPoint(clientX + dx, clientY + dy);
        const found = all.find(({ shape }) => hits.includes(shape));
        if (found) return found;
      }
      return undefined;
    }

    remove() {
      this.removed = true;
      this.observer.disconnect();
      this.figure.remove();
    }
  }

  // What handles.js, sketch.js and pictures.js draw with.
  GanLab.Chart = Chart;
  GanLab.drawing = {
    FONT, areaPath, circle: MARKS.circle, classes, copies, draw, isNumber, marksPath, pixel, scale,
    symbols, textWidth,
  };

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
})();
