// Handles: what the reader moves in a chart, with a finger, a mouse or the keys.
(function () {
  "use strict";
  const { clamp, element, setAttributes: put } = GanLab;
  const { FONT, circle, classes, draw, isNumber, pixel, symbols, textWidth } = GanLab.drawing;

  const KEYS = {
    ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1,
    PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity,
  };

  /**
   * Let one pointer at a time hold `part`: `down` and `move` hear its events, `up` that it has let
   * go.  Returns a function that ends the hold.
   */
  GanLab.onHold = function (part, { down, move, up = () => {} }) {
    let held = null;
    part.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || held !== null) return;
      held = event.pointerId;
      part.setPointerCapture(held);
      part.focus({ preventScroll: true });
      event.preventDefault(); // no text is selected
      down(event);
    });
    part.addEventListener("pointermove", (event) => {
      if (event.pointerId === held) move(event);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      part.addEventListener(end, (event) => {
        if (event.pointerId !== held) return;
        held = null;
        up();
      });
    }
    return () => (held = null);
  };

  /**
   * A vertical line that the reader moves, with a finger, a mouse or the arrow keys; with `y`,
   * which holds label, min, max and step of the second way, a point that moves both ways.
   * `onInput(value)`, or `onInput(x, y)`, hears of the reader's moves, not of `set`.  `label` is
   * its name for a screen reader; `mark`, a short one, is shown beside it.  Where a value is not
   * its place on the axis, `toAxis(value)` is, and `fromAxis(place)` leads back.  `onHold(held)`
   * hears when a pointer takes hold and when it lets go: meanwhile an axis should stay as it is.
   */
  GanLab.Chart.prototype.draggable = function (name, options) {
    const { kind, mark = "", axis, y: second, onInput, onHold = () => {} } = options;
    const same = (value) => value;
    const usual = { label: name, min: 0, max: 1, step: 0.1, toAxis: same, fromAxis: same };
    const ways = [options, second].filter(Boolean).map((way) => ({ ...usual, ...way }));
    let values = [];
    const places = () => ways.map(({ toAxis }, i) => toAxis(values[i]));
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
        const [toX, toY] = places();
        const x = pixel(clamp(this.x.of(toX), left, right));
        const y = second ? pixel(clamp(this.vertical(axis).of(toY), top, bottom)) : top;
        grips.forEach((grip, i) => {
          put(grip, { "aria-valuenow": values[i] });
          grip.style.transform = `translate(${x}px, ${y}px)`;
          if (!second) grip.style.height = `${bottom - top}px`;
        });
        const apart = second ? 14 : 5;
        const reach = textWidth(mark) + apart;
        const flip = x + reach > right;
        const above = x - reach > free[0] && x + reach < free[1]; // nothing else is written there
        put(text, {
          x: x + (flip ? -apart : apart),
          y: second ? y + 4 : above ? top - 4 : top + FONT,
          "text-anchor": flip ? "end" : "start",
        });
        return `M${x} ${y}` + (second ? circle : `V${bottom}`);
      },
    });

    function move(wanted) {
      const before = String(values);
      const steps = ways.map(({ min, max, step }, i) => {
        const to = wanted[i];
        return isNumber(to) ? min + step * Math.round((to - min) / step) : clamp(to, min, max);
      });
      handle.set(...steps);
      if (String(values) !== before) onInput(...values);
    }

    let start = null; // where a pointer took hold: from there on the handle follows its way
    grips.forEach((grip, own) => {
      GanLab.onKeys(grip, KEYS, (by, { key }) => {
        // The arrows of a point say which way; the other keys are those of the slider in focus.
        const way = second && key.startsWith("Arrow") ? Number(/Up|Down/.test(key)) : own;
        grips[way].focus({ preventScroll: true });
        move(values.map((value, i) => (i === way ? value + ways[i].step * by : value)));
      });
      GanLab.onHold(grip, {
        down({ clientX, clientY }) {
          start = { pixels: [clientX, clientY], at: places() };
          onHold(true);
        },
        move: ({ clientX, clientY }) => {
          const by = [clientX, clientY].map((to, i) => to - start.pixels[i]);
          const scales = [this.x, this.vertical(axis)];
          move(ways.map(({ fromAxis }, i) => fromAxis(start.at[i] + by[i] / scales[i].by)));
        },
        up: () => onHold(false),
      });
    });
    this.stale = true; // its name needs room above the plot
    this.stage.append(...grips);
    this.labels.append(text);
    handle.set(...ways.map(({ value, min }) => value ?? min));
    return { set: handle.set };
  };
})();
