/* Charts for the lab, in plain SVG: lines, bands, arrows, ticks, handles to drag, and pictures to
   keep.  Nothing in here knows what a GAN is.

   How a chart is drawn.  The caller hands over numbers with `set`; they are copied, and all that
   changed is drawn once, right after the caller is done (in a microtask).  One SVG unit is one
   pixel, so that text keeps its size on a phone: where the width changes, the chart is laid out
   anew.  Colour and dash of a series come from the CSS class of its kind (`kind-fake`), see lab.css.
*/
(function () {
  "use strict";
  const GanLab = (globalThis.GanLab = globalThis.GanLab || {});
  if (GanLab.chart) return; // a notebook loads the scripts once for each lab

  const SVG = "http://www.w3.org/2000/svg";
  const USUAL_WIDTH = 560; // px; also that of a chart which was never shown
  const FONT = 12; // px, as in lab.css
  const TITLE_FONT = 15;
  const FAR = 1e5; // px; coordinates beyond would be lost in the browser's 32-bit floats
  let clipCount = 0;

  // ---- small helpers -----------------------------------------------------------------------

  /** Fill in attributes and children of an element of `tag`: HTML by default, or SVG. */
  function make(tag, attributes = {}, children = [], space = null) {
    const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  }
  const draw = (tag, attributes, children) => make(tag, attributes, children, SVG);

  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const isNumber = (value) => Math.abs(value) < Infinity; // false for NaN and undefined, too
  const pixel = (value) => Math.round(clamp(value, -FAR, FAR) * 10) / 10;
  const kindClass = (kind) => (kind ? ` kind-${kind}` : "");

  /** A width that `text` does not exceed, in px: an estimate, since measuring costs a layout. */
  const textWidth = (text, size = FONT) => 0.6 * size * String(text).length;

  /** Copy numbers into the memory of `old` where they fit. */
  function copy(old, values) {
    if (old && old.length === values.length) {
      old.set(values);
      return old;
    }
    return Float64Array.from(values);
  }

  /** Throw an Error that names `where` and the lengths, unless all arrays have one length. */
  function checkLengths(where, arrays) {
    const names = Object.keys(arrays);
    for (const name of names) {
      if (!arrays[name] || !isNumber(arrays[name].length) || typeof arrays[name] === "string") {
        throw new Error(`${where}: ${name} must be an array of numbers`);
      }
    }
    if (names.some((name) => arrays[name].length !== arrays[names[0]].length)) {
      const lengths = names.map((name) => `${name} has ${arrays[name].length}`).join(", ");
      throw new Error(`${where}: the arrays must have one length, but ${lengths}`);
    }
  }

  /** Check a range [min, max]; one that is too narrow to divide is widened. */
  function checkRange(where, range) {
    const [min, max] = [Number(range[0]), Number(range[1])];
    if (!isNumber(max - min) || max < min) {
      throw new Error(`${where}: a range is two finite numbers, the lower first; got ${range}`);
    }
    const size = Math.max(Math.abs(min), Math.abs(max));
    if (max - min > 1e-9 * size) return [min, max];
    return [min - (0.05 * size || 0.5), max + (0.05 * size || 0.5)];
  }

  // ---- ticks -------------------------------------------------------------------------------

  /** Round numbers (steps of 1, 2 or 5 times a power of ten) in a range, `most` + 1 at most. */
  function ticksIn([min, max], most) {
    const rough = (max - min) / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9));
    const values = [];
    for (let i = Math.ceil(min / step - 1e-6); i * step <= max + 1e-6 * step; i++) {
      values.push(i * step);
    }
    return { step, values, labels: tickLabels(values, step) };
  }

  /** The words for ticks: 0.5, 2000, 10k, 2M, 3e9; all ticks of an axis in the same unit. */
  function tickLabels(values, step) {
    const largest = Math.max(step, ...values.map(Math.abs));
    let write = (value) => value.toExponential().replace("e+", "e");
    if (largest < 1e9 && step >= 1e-4) {
      let [unit, letter] = [1, ""];
      if (largest >= 1e6 && step >= 1e4) [unit, letter] = [1e6, "M"];
      else if (largest >= 1e4 && step >= 10) [unit, letter] = [1e3, "k"];
      const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-6));
      write = (value) => (value / unit).toFixed(decimals) + letter;
    }
    return values.map((value) => {
      if (Math.abs(value) < step / 2) return "0";
      return write(Number(value.toPrecision(12))).replace(/-/g, "−");
    });
  }

  /** Ticks whose labels fit side by side on an axis of `length` px. */
  function ticksThatFit(range, most, length) {
    for (let count = most; count >= 1; count--) {
      const ticks = ticksIn(range, count);
      const widest = Math.max(0, ...ticks.labels.map((label) => textWidth(label)));
      if (widest + FONT < (length * ticks.step) / (range[1] - range[0])) return ticks;
    }
    return { step: 1, values: [], labels: [] };
  }

  // ---- paths, in px ------------------------------------------------------------------------

  /** A scale: value → px is `at + by * value`. */
  function scale([min, max], from, to) {
    const by = (to - from) / (max - min);
    return { by, at: from - by * min, of: (value) => from + by * (value - min) };
  }

  /** The stretches [start, end) in which all arrays hold finite numbers. */
  function stretches(...arrays) {
    const found = [];
    let start = -1;
    const length = arrays[0].length;
    for (let i = 0; i <= length; i++) {
      const good = i < length && arrays.every((values) => isNumber(values[i]));
      if (good && start < 0) start = i;
      if (!good && start >= 0) {
        found.push([start, i]);
        start = -1;
      }
    }
    return found;
  }

  function linePath(xs, ys, x, y) {
    let path = "";
    for (const [start, end] of stretches(xs, ys)) {
      for (let i = start; i < end; i++) {
        path += (i === start ? "M" : "L") + pixel(x.of(xs[i])) + " " + pixel(y.of(ys[i]));
      }
      if (end - start === 1) path += "m-1 0h2"; // a point alone is shown as a short dash
    }
    return path;
  }

  function areaPath(xs, lower, upper, x, y) {
    let path = "";
    for (const [start, end] of stretches(xs, lower, upper)) {
      for (let i = start; i < end; i++) {
        path += (i === start ? "M" : "L") + pixel(x.of(xs[i])) + " " + pixel(y.of(upper[i]));
      }
      for (let i = end - 1; i >= start; i--) {
        path += "L" + pixel(x.of(xs[i])) + " " + pixel(y.of(lower[i]));
      }
      path += "Z";
    }
    return path;
  }

  // Marks are drawn from their centre.
  const MARKS = {
    circle: "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    cross: "m-3-3l6 6m-6 0l6-6",
    tick: "m0-5v10",
  };

  function marksPath(xs, ys, x, y, mark) {
    let path = "";
    for (let i = 0; i < xs.length; i++) {
      if (!isNumber(xs[i]) || !isNumber(ys[i])) continue;
      path += "M" + pixel(x.of(xs[i])) + " " + pixel(y.of(ys[i])) + mark;
    }
    return path;
  }

  function segmentsPath([x1, y1, x2, y2], x, y, arrow) {
    let path = "";
    for (let i = 0; i < x1.length; i++) {
      const [fromX, fromY] = [pixel(x.of(x1[i])), pixel(y.of(y1[i]))];
      const [toX, toY] = [pixel(x.of(x2[i])), pixel(y.of(y2[i]))];
      const length = Math.hypot(toX - fromX, toY - fromY);
      if (!(length > 0.5)) continue; // too short to see, or not a number
      path += `M${fromX} ${fromY}L${toX} ${toY}`;
      if (arrow) path += arrowHead(toX, toY, (toX - fromX) / length, (toY - fromY) / length, length);
    }
    return path;
  }

  /** Two short strokes that meet in (x, y), against the direction (dx, dy) of length 1. */
  function arrowHead(x, y, dx, dy, length) {
    const size = Math.min(5, length / 2);
    const [backX, backY] = [x - size * dx, y - size * dy];
    const [sideX, sideY] = [-0.55 * size * dy, 0.55 * size * dx];
    return (
      `M${pixel(backX + sideX)} ${pixel(backY + sideY)}L${x} ${y}` +
      `L${pixel(backX - sideX)} ${pixel(backY - sideY)}`
    );
  }

  // What a series looks like in the legend, in a box of 28 × 12 px.
  const SAMPLES = {
    line: "M1 6H27",
    area: "M1 1H27V11H1Z",
    segments: "M3 6H25M20 3L25 6L20 9",
    rug: "M5 6m0-5v10M12 6m0-5v10M15 6m0-5v10M23 6m0-5v10",
    circle: "M14 6" + MARKS.circle,
    cross: "M14 6" + MARKS.cross,
  };

  // ---- the chart ---------------------------------------------------------------------------

  class Chart {
    constructor(parent, options) {
      this.options = { height: 280, ticksX: 8, ticksY: 6, ...options };
      this.name = `chart "${this.options.title || ""}"`;
      const { x, y, right } = this.options;
      this.ranges = { x: [0, 1], y: [0, 1], right: null };
      this.series = new Map();
      this.stale = true; // axes have to be drawn
      this.waiting = false; // a drawing is due
      this.build(parent);
      this.range({
        x: [x?.min ?? 0, x?.max ?? 1],
        y: [y?.min ?? 0, y?.max ?? 1],
        right: right && [right.min ?? 0, right.max ?? 1],
      });
      this.watchSize();
    }

    /** Make the elements: title, legend, and the plot with one group for each layer. */
    build(parent) {
      const clip = `lab-clip-${++clipCount}`;
      this.caption = make("figcaption", { class: "lab-title" }, [this.options.title || ""]);
      this.legend = make("ul", { class: "lab-legend" });
      this.axes = draw("g", { class: "lab-axes" });
      this.window = draw("rect");
      this.layers = {};
      const layers = ["area", "band", "rule", "segments", "line", "points", "rug", "handle"];
      for (const layer of layers) this.layers[layer] = draw("g");
      const clipped = draw("g", { "clip-path": `url(#${clip})` }, Object.values(this.layers));
      this.labels = draw("g", { class: "lab-labels" });
      this.plot = draw("svg", { class: "lab-plot", role: "img" }, [
        draw("defs", {}, [draw("clipPath", { id: clip }, [this.window])]),
        this.axes,
        clipped,
        this.labels,
      ]);
      this.stage = make("div", { class: "lab-stage" }, [this.plot]);
      this.sizer = make("div", { class: "lab-sizer" });
      const parts = [this.sizer, this.legend, this.stage];
      if (this.options.title) parts.unshift(this.caption);
      this.figure = make("figure", { class: "lab-chart" }, parts);
      this.describe(this.options.describe || this.options.title || "chart");
      parent.append(this.figure);
    }

    /** Lay out anew whenever the width changes; a chart that is not shown keeps its last one. */
    watchSize() {
      const width = this.sizer.clientWidth;
      this.shown = width > 0;
      this.width = width || USUAL_WIDTH;
      // The callback waits for the next frame: a layout within it may change the width again
      // (a scroll bar comes), which browsers report as an error.
      this.observer = new ResizeObserver((entries) => {
        const now = Math.floor(entries[entries.length - 1].contentRect.width);
        requestAnimationFrame(() => this.resize(now));
      });
      this.observer.observe(this.sizer);
      this.flush(true);
    }

    resize(width) {
      const appears = !this.shown && width > 0;
      this.shown = width > 0;
      if (!this.shown || (width === this.width && !appears)) return;
      this.stale = this.stale || width !== this.width;
      this.width = width;
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
      if (this.removed || (!this.shown && !always)) return;
      const all = this.stale;
      if (all) this.drawAxes();
      let rules = all;
      for (const series of this.series.values()) {
        if (!all && !series.stale) continue;
        series.stale = false;
        if (!series.hidden) series.draw();
        rules = rules || series.type === "rule";
      }
      if (rules) this.placeRuleLabels();
      if (this.legendStale) this.drawLegend();
      this.stale = this.legendStale = false;
    }

    // -- axes

    /** Fix the margins from the widths of the labels, then draw grid, ticks and labels. */
    drawAxes() {
      const { options, ranges, width } = this;
      const height = Math.round(options.height * clamp(width / USUAL_WIDTH, 0.8, 1.2));
      const names = [options.y?.label || "", (ranges.right && options.right?.label) || ""];
      const oneRow = textWidth(names[0]) + textWidth(names[1]) + FONT < width;
      const top = names[0] || names[1] ? (oneRow ? 22 : 38) : 10;
      const bottom = height - (options.x?.label ? 40 : 24);
      const most = Math.min(options.ticksY, Math.floor((bottom - top) / 24));
      const none = { values: [], labels: [] };
      const leftTicks = most >= 1 ? ticksIn(ranges.y, most) : none;
      const rightTicks = most >= 1 && ranges.right ? ticksIn(ranges.right, most) : none;
      const widest = (ticks) => Math.max(0, ...ticks.labels.map((label) => textWidth(label)));
      const left = Math.max(16, Math.ceil(widest(leftTicks)) + 10);
      let right = width - Math.max(16, ranges.right ? Math.ceil(widest(rightTicks)) + 10 : 0);
      const xTicks = ticksThatFit(ranges.x, options.ticksX, right - left);
      right = Math.min(right, width - Math.ceil(textWidth(xTicks.labels.at(-1) || "") / 2));

      this.box = { left, right, top, bottom, height };
      this.x = scale(ranges.x, left, right);
      this.y = scale(ranges.y, bottom, top);
      this.right = ranges.right && scale(ranges.right, bottom, top);

      const text = (words, x, y, anchor, kind = "lab-tick") =>
        draw("text", { class: kind, x: pixel(x), y: pixel(y), "text-anchor": anchor }, [words]);
      let grid = "";
      const texts = [];
      xTicks.values.forEach((value, i) => {
        grid += `M${pixel(this.x.of(value))} ${top}V${bottom}`;
        texts.push(text(xTicks.labels[i], this.x.of(value), bottom + 17, "middle"));
      });
      leftTicks.values.forEach((value, i) => {
        grid += `M${left} ${pixel(this.y.of(value))}H${right}`;
        texts.push(text(leftTicks.labels[i], left - 6, this.y.of(value) + 4, "end"));
      });
      let frame = `M${left} ${bottom}H${right}`;
      if (this.right) frame += `M${right} ${top}V${bottom}`;
      rightTicks.values.forEach((value, i) => {
        frame += `M${right} ${pixel(this.right.of(value))}h4`;
        texts.push(text(rightTicks.labels[i], right + 7, this.right.of(value) + 4, "start"));
      });
      const name = (words, x, y, anchor) =>
        words && texts.push(text(words, x, y, anchor, "lab-axis-name"));
      name(names[0], 2, top - 9, "start");
      name(names[1], width - 2, oneRow ? top - 9 : top - 25, "end");
      name(options.x?.label, (left + right) / 2, height - 6, "middle");
      this.axes.replaceChildren(
        draw("path", { class: "lab-grid", d: grid }),
        draw("path", { class: "lab-frame", d: frame }),
        ...texts,
      );
      this.fit();
    }

    /** Give the plot and its window the size of the layout. */
    fit() {
      const { left, right, top, bottom, height } = this.box;
      const size = { width: this.width, height, viewBox: `0 0 ${this.width} ${height}` };
      for (const key in size) this.plot.setAttribute(key, size[key]);
      this.plot.style.height = this.stage.style.height = `${height}px`;
      const box = { x: left, y: top, width: Math.max(0, right - left), height: bottom - top };
      for (const key in box) this.window.setAttribute(key, box[key]);
    }

    /** The scale of "left" or "right". */
    vertical(axis) {
      return axis === "right" && this.right ? this.right : this.y;
    }

    /**
     * Set one or more ranges; nothing is redrawn where they stay the same.
     * @param {{x?: number[], y?: number[], right?: number[]}} ranges each [min, max]
     */
    range(ranges) {
      for (const axis of ["x", "y", "right"]) {
        if (!ranges[axis]) continue;
        const [min, max] = checkRange(`${this.name}, range of ${axis}`, ranges[axis]);
        const old = this.ranges[axis];
        if (old && old[0] === min && old[1] === max) continue;
        this.ranges[axis] = [min, max];
        this.stale = true;
      }
      if (this.stale) this.schedule();
    }

    // -- series

    /**
     * Keep a series and return its handles.
     * `take` stores what the caller sets, `path` turns it into the `d` of one SVG path.
     */
    add(type, name, options, { take, path, sample }) {
      if (this.series.has(name)) throw new Error(`${this.name} has a series "${name}" already`);
      const element = draw("path", { class: `lab-${type}${kindClass(options.kind)}` });
      let last = "";
      const series = {
        type,
        name,
        element,
        sample,
        label: options.label,
        hidden: false,
        stale: true,
        draw: () => {
          const now = path();
          if (now !== last) element.setAttribute("d", now);
          last = now;
        },
      };
      this.series.set(name, series);
      this.layers[type].append(element);
      this.legendStale = true;
      this.schedule();
      return {
        set: (...values) => {
          take(`${this.name}, ${type} "${name}"`, ...values);
          series.stale = true;
          this.schedule();
        },
        hide: (hidden = true) => {
          if (series.hidden === hidden) return;
          series.hidden = hidden;
          element.style.display = hidden ? "none" : "";
          series.stale = this.legendStale = true;
          this.schedule();
        },
      };
    }

    /** A line through (xs, ys); NaN and infinity break it. */
    line(name, { kind, label, axis } = {}) {
      let [xs, ys] = [[], []];
      return this.add("line", name, { kind, label }, {
        take: (where, newXs, newYs) => {
          checkLengths(where, { xs: newXs, ys: newYs });
          [xs, ys] = [copy(xs, newXs), copy(ys, newYs)];
        },
        path: () => linePath(xs, ys, this.x, this.vertical(axis)),
        sample: SAMPLES.line,
      });
    }

    /** A filled band that follows x, between `lower` and `upper`. */
    area(name, { kind, label, axis } = {}) {
      let [xs, lower, upper] = [[], [], []];
      return this.add("area", name, { kind, label }, {
        take: (where, newXs, newLower, newUpper) => {
          checkLengths(where, { xs: newXs, lower: newLower, upper: newUpper });
          [xs, lower, upper] = [copy(xs, newXs), copy(lower, newLower), copy(upper, newUpper)];
        },
        path: () => areaPath(xs, lower, upper, this.x, this.vertical(axis)),
        sample: SAMPLES.area,
      });
    }

    /** A band over the full width, from `low` to `high`. */
    band(name, { kind, label, axis } = {}) {
      let ends = [NaN, NaN];
      return this.add("band", name, { kind, label }, {
        take: (where, low, high) => (ends = [low, high]),
        path: () => {
          const [low, high] = ends.map((end) => pixel(this.vertical(axis).of(end)));
          if (Number.isNaN(low + high)) return "";
          return `M${this.box.left} ${low}H${this.box.right}V${high}H${this.box.left}Z`;
        },
        sample: SAMPLES.area,
      });
    }

    /** A level over the full width with its name above it, such as "log 4". */
    rule(value, { axis, label, kind } = {}) {
      const text = draw("text", { class: "lab-rule-label", "text-anchor": "end" }, [label || ""]);
      const name = `rule ${this.series.size} ${label || ""}`;
      const handle = this.add("rule", name, { kind }, {
        take: (where, newValue) => (value = newValue),
        path: () => {
          const y = this.vertical(axis).of(value);
          const inside = y >= this.box.top - 0.5 && y <= this.box.bottom + 0.5;
          series.at = inside ? y : null;
          return inside ? `M${this.box.left} ${pixel(y)}H${this.box.right}` : "";
        },
      });
      const series = this.series.get(name);
      series.text = text;
      series.words = label || "";
      this.labels.append(text);
      return handle;
    }

    /** Put the names of the rules at the right edge; one that would lie on another steps aside. */
    placeRuleLabels() {
      const placed = [];
      const { right, top } = this.box;
      for (const series of this.series.values()) {
        if (series.type !== "rule") continue;
        const seen = series.words && !series.hidden && series.at !== null;
        series.text.style.display = seen ? "" : "none";
        if (!seen) continue;
        const y = series.at - 5 < top + FONT ? series.at + FONT + 2 : series.at - 5;
        let x = right - 4;
        for (const other of placed) {
          if (Math.abs(other.y - y) < FONT + 2) x = Math.min(x, other.x - other.width - 8);
        }
        placed.push({ x, y, width: textWidth(series.words) });
        series.text.setAttribute("x", pixel(x));
        series.text.setAttribute("y", pixel(y));
      }
    }

    /** Marks at (xs, ys); `shape` is "circle" or "cross". */
    points(name, { kind, label, shape = "circle", axis } = {}) {
      if (!MARKS[shape]) throw new Error(`${this.name}, points "${name}": no shape "${shape}"`);
      let [xs, ys] = [[], []];
      return this.add("points", name, { kind: `${kind || ""} lab-${shape}`, label }, {
        take: (where, newXs, newYs) => {
          checkLengths(where, { xs: newXs, ys: newYs });
          [xs, ys] = [copy(xs, newXs), copy(ys, newYs)];
        },
        path: () => marksPath(xs, ys, this.x, this.vertical(axis), MARKS[shape]),
        sample: SAMPLES[shape],
      });
    }

    /** Straight pieces from (x1, y1) to (x2, y2), with heads where `arrow` is true. */
    segments(name, { kind, label, arrow = false, axis } = {}) {
      let ends = [[], [], [], []];
      return this.add("segments", name, { kind, label }, {
        take: (where, x1, y1, x2, y2) => {
          checkLengths(where, { x1, y1, x2, y2 });
          ends = [x1, y1, x2, y2].map((values, i) => copy(ends[i], values));
        },
        path: () => segmentsPath(ends, this.x, this.vertical(axis), arrow),
        sample: arrow ? SAMPLES.segments : SAMPLES.line,
      });
    }

    /** A short tick at each of xs; `at` is their height, from 0 (bottom) to 1 (top). */
    rug(name, { kind, label, at = 0 } = {}) {
      let xs = [];
      return this.add("rug", name, { kind, label }, {
        take: (where, newXs) => {
          checkLengths(where, { xs: newXs });
          xs = copy(xs, newXs);
        },
        path: () => {
          const { top, bottom } = this.box;
          const y = clamp(bottom - at * (bottom - top), top + 6, bottom - 6);
          return marksPath(xs, xs, this.x, { of: () => y }, MARKS.tick);
        },
        sample: SAMPLES.rug,
      });
    }

    // -- a handle

    /**
     * A vertical line that the reader moves, with a finger, a mouse or the arrow keys.
     * `onInput(value)` hears of the reader's moves, not of `set`.  `mark` is a short name, shown
     * at the top of the line; `label` is the whole name, for a screen reader.
     */
    draggable(name, { kind, label, mark, value = 0, min = 0, max = 1, step = 0.1, onInput } = {}) {
      const grip = make("div", {
        class: `lab-handle${kindClass(kind)}`,
        role: "slider",
        tabindex: "0",
        "aria-label": label || name,
        "aria-orientation": "horizontal",
        "aria-valuemin": min,
        "aria-valuemax": max,
      });
      const text = draw("text", { class: `lab-mark${kindClass(kind)}` }, [mark || ""]);
      const handle = this.add("handle", name, { kind }, {
        take: (where, newValue) => {
          if (!isNumber(newValue)) throw new Error(`${where}: ${newValue} is not a number`);
          value = Number(clamp(newValue, min, max).toPrecision(12));
        },
        path: () => {
          const { left, right, top, bottom } = this.box;
          const x = pixel(clamp(this.x.of(value), left, right));
          grip.style.transform = `translate(${x}px, ${top}px)`;
          grip.style.height = `${bottom - top}px`;
          grip.setAttribute("aria-valuenow", value);
          const end = x + 4 + textWidth(mark || "") > right;
          text.setAttribute("x", end ? x - 5 : x + 5);
          text.setAttribute("y", top + FONT);
          text.setAttribute("text-anchor", end ? "end" : "start");
          return `M${x} ${top}V${bottom}`;
        },
      });
      const move = (to) => {
        const before = value;
        handle.set(min + step * Math.round((to - min) / step));
        if (value !== before && onInput) onInput(value);
      };
      this.listenToPointer(grip, () => value, move);
      grip.addEventListener("keydown", (event) => {
        const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
        const ends = { Home: min, End: max };
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (event.key in steps) move(value + step * steps[event.key]);
        else if (event.key in ends) move(ends[event.key]);
        else return;
        event.preventDefault(); // the page does not scroll
      });
      this.stage.append(grip);
      this.labels.append(text);
      handle.set(value);
      return {
        set: handle.set,
        hide: (hidden = true) => {
          grip.hidden = hidden;
          text.style.display = hidden ? "none" : "";
          handle.hide(hidden);
        },
      };
    }

    /** Turn the way of a pointer into values: from where it took hold, so that nothing jumps. */
    listenToPointer(grip, value, move) {
      let start = null;
      grip.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        start = { x: event.clientX, value: value() };
        grip.setPointerCapture(event.pointerId);
        grip.focus({ preventScroll: true });
        event.preventDefault(); // no text is selected
      });
      grip.addEventListener("pointermove", (event) => {
        if (start) move(start.value + (event.clientX - start.x) / this.x.by);
      });
      for (const type of ["pointerup", "pointercancel"]) {
        grip.addEventListener(type, () => (start = null));
      }
    }

    // -- words

    /** What a screen reader says in place of the picture. */
    describe(text) {
      if (text === this.words) return;
      this.words = text;
      this.plot.setAttribute("aria-label", text);
    }

    drawLegend() {
      const items = [];
      for (const series of this.series.values()) {
        if (!series.label || series.hidden) continue;
        const look = series.element.getAttribute("class");
        const sample = draw("svg", { class: "lab-sample", width: 28, height: 12, "aria-hidden": true }, [
          draw("path", { class: look, d: series.sample }),
        ]);
        items.push(make("li", {}, [sample, make("span", {}, [series.label])]));
      }
      this.legend.replaceChildren(...items);
      this.legend.hidden = !items.length;
    }

    // -- the end

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

  // ---- pictures to keep --------------------------------------------------------------------

  const LOOKS = [
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray",
    "stroke-linecap", "stroke-linejoin", "opacity", "paint-order", "font-family", "font-size",
    "font-weight", "font-style",
  ];

  /** A copy of an SVG element that needs no style sheet; what is hidden is left out. */
  function inlined(original) {
    const clone = original.cloneNode(false);
    const style = getComputedStyle(original);
    for (const name of ["class", "style", "aria-label", "aria-hidden", "role"]) {
      clone.removeAttribute(name);
    }
    if (["path", "text"].includes(original.localName)) {
      clone.setAttribute("style", LOOKS.map((p) => `${p}:${style.getPropertyValue(p)}`).join(";"));
    }
    for (const child of original.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) clone.append(child.data);
      else if (child.style.display !== "none") clone.append(inlined(child));
    }
    return clone;
  }

  /** Break words into lines of at most `width` px. */
  function lines(words, width, size) {
    const found = [""];
    for (const word of words.split(/\s+/)) {
      const longer = `${found.at(-1)} ${word}`.trim();
      if (found.at(-1) && textWidth(longer, size) > width) found.push(word);
      else found[found.length - 1] = longer;
    }
    return found;
  }

  /** Title, legend and plot of one chart below each other: {node, width, height} in px. */
  function picture(chart) {
    if (!chart.figure.isConnected) throw new Error(`${chart.name} is not on the page`);
    chart.flush(true);
    const width = Math.max(chart.width, 240);
    const look = getComputedStyle(chart.figure);
    const node = draw("g", { fill: look.color, "font-family": look.fontFamily });
    const write = (words, x, y, more) => node.append(draw("text", { x, y, ...more }, [words]));
    let y = 0;
    if (chart.options.title) {
      for (const line of lines(chart.options.title, width, TITLE_FONT)) {
        y += 20;
        write(line, 2, y, { "font-size": TITLE_FONT, "font-weight": 600 });
      }
      y += 8;
    }
    let x = 2;
    for (const item of chart.legend.children) {
      const wide = 34 + textWidth(item.textContent, 13);
      if (x > 2 && x + wide > width) [x, y] = [2, y + 20];
      const sample = draw("g", { transform: `translate(${x} ${y + 3})` });
      sample.append(...inlined(item.firstElementChild).childNodes);
      node.append(sample);
      write(item.textContent, x + 34, y + 13, { "font-size": 13 });
      x += wide + 14;
    }
    if (x > 2) y += 24;
    const plot = draw("g", { transform: `translate(0 ${y})` });
    plot.append(...inlined(chart.plot).childNodes);
    node.append(plot);
    return { node, width, height: y + chart.box.height };
  }

  /** Charts below each other in one document: {text, width, height}. */
  function standalone(charts) {
    const pad = 12;
    const pictures = charts.map(picture);
    const width = 2 * pad + Math.max(...pictures.map((one) => one.width));
    const root = draw("svg", { xmlns: SVG, role: "img" });
    root.append(draw("title", {}, [charts.map((chart) => chart.options.title || "chart").join("; ")]));
    root.append(draw("desc", {}, [charts.map((chart) => chart.words).join("\n")]));
    const paper = getComputedStyle(charts[0].figure).getPropertyValue("--lab-paper").trim();
    root.append(draw("rect", { width: "100%", height: "100%", fill: paper || "white" }));
    let y = pad;
    for (const { node, height } of pictures) {
      node.setAttribute("transform", `translate(${pad} ${y})`);
      root.append(node);
      y += height + pad;
    }
    const size = { width, height: y, viewBox: `0 0 ${width} ${y}` };
    for (const key in size) root.setAttribute(key, size[key]);
    root.removeAttribute("xmlns"); // the serializer writes it once more
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(root)}\n`;
    return { text, width, height: y };
  }

  /** Draw an SVG document onto a canvas, at two pixels for one, and return it as a PNG. */
  async function png({ text, width, height }) {
    const image = new Image();
    // A data: address works from file://, too, and leaves the canvas readable in every browser.
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = make("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("the canvas is too large");
    return blob;
  }

  function download(filename, blob) {
    const link = make("a", { href: URL.createObjectURL(blob), download: filename });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  /**
   * Draw a chart at the end of `parent`, an element within `.gan-lab`.
   * @param {Element} parent
   * @param {object} options title; describe: words in place of the picture; x, y and (optional)
   *   right: {label, min, max} of the axes; height: px where the chart is 560 px wide; ticksX and
   *   ticksY: how many steps an axis may have, 0 for none on y
   */
  GanLab.chart = (parent, options = {}) => new Chart(parent, options);

  /**
   * Download charts, one below the other, as one picture: "svg", or "png" at twice the size.
   * @returns {Promise<Blob>} what was downloaded; rejected with an Error that says why not
   */
  GanLab.savePicture = async (charts, filename, type) => {
    if (!charts?.length) throw new Error("savePicture needs one chart or more");
    if (type !== "svg" && type !== "png") throw new Error(`a picture is "svg" or "png", not "${type}"`);
    const drawing = standalone(Array.from(charts));
    let blob = new Blob([drawing.text], { type: "image/svg+xml" });
    if (type === "png") {
      blob = await png(drawing).catch((error) => {
        throw new Error(`This browser could not draw the PNG (${error.message}); SVG may work.`);
      });
    }
    download(filename, blob);
    return blob;
  };

  /** Download text, such as a table: saveText("run.csv", "text/csv", "step,loss\n"). */
  GanLab.saveText = async (filename, mime, text) => {
    if (typeof text !== "string") throw new Error(`saveText needs text, not ${typeof text}`);
    const blob = new Blob([text], { type: `${mime};charset=utf-8` });
    download(filename, blob);
    return blob;
  };
})();
