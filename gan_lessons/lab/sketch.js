// A sheet over a chart: the reader draws on it.
(function () {
  "use strict";
  const { clamp, element, setAttributes: put } = GanLab;
  const { areaPath, copies, marksPath, scale } = GanLab.drawing;

  const RING = "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0";
  const KEYS = {
    ArrowRight: { along: 1 }, ArrowLeft: { along: -1 },
    Home: { along: -Infinity }, End: { along: Infinity },
    ArrowUp: { up: 1 }, ArrowDown: { up: -1 }, PageUp: { up: 5 }, PageDown: { up: -5 },
  };

  /**
   * A sheet over the plot on which the reader draws heights, with a finger, a mouse or the keys:
   * whole numbers from 0 at the foot of the plot to `most` at its top, whatever its axis says, so
   * that an axis may follow the drawing.  show(xs, heights) lays it there, hide() takes it away;
   * `onInput(heights)` hears of what the reader draws.  `label` is its name for a screen reader,
   * and `words(height)` what it reads of a height.
   */
  GanLab.Chart.prototype.sketch = function (name, { label = name, most = 35, words, onInput }) {
    words ??= (height) => `height ${height} of ${most}`;
    let [xs, heights, here] = [[], [], 0]; // `here` is the place that the keys change
    let pen = null; // where on the sheet the pointer was last, in px
    const sheet = element("div", {
      class: "lab-sheet", role: "slider", tabindex: 0, hidden: "", "aria-label": label,
      "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": most,
    });
    const upright = () => scale([0, most], this.box.bottom, this.box.top);
    const drawing = this.add("area", name, {}, {
      take: (where, ...given) => {
        [xs, heights] = copies(where, ["xs", "heights"], given).map((values) => [...values]);
      },
      path: () => {
        const { left, right, top, bottom } = this.box;
        const size = { left, top, width: right - left, height: bottom - top };
        for (const side in size) sheet.style[side] = `${size[side]}px`;
        const text = `x = ${GanLab.words(xs[here])}: ${words(heights[here])}`;
        put(sheet, { "aria-valuenow": heights[here], "aria-valuetext": text });
        return areaPath([xs, heights.map(() => 0), heights], this.x, upright());
      },
    });
    const mark = this.add("points", `${name}: here`, {}, {
      take() {},
      path: () => marksPath([[xs[here]], [heights[here]]], this.x, upright(), RING),
    });

    function hide(hidden) {
      sheet.hidden = hidden;
      if (hidden) letGo();
      for (const series of [drawing, mark]) series.hide(hidden);
    }

    function show(newXs, newHeights) {
      drawing.set(newXs, newHeights);
      here = clamp(here, 0, xs.length - 1);
      mark.set();
      hide(false);
    }

    function change(drawn) {
      const now = drawn.map((height) => clamp(Math.round(height), 0, most));
      const before = String(heights);
      show(xs, now);
      if (String(now) !== before) onInput(now);
    }

    /** From where the pen was to where it is now, so that a fast stroke leaves no place out. */
    const stroke = ({ clientX, clientY }) => {
      const { left, bottom, width, height } = sheet.getBoundingClientRect();
      const to = { x: clamp(clientX - left, 0, width), y: (most * (bottom - clientY)) / height };
      const from = pen || to;
      const places = xs.map((x) => this.x.of(x) - this.box.left);
      const gaps = places.map((place) => Math.abs(place - to.x));
      here = gaps.indexOf(Math.min(...gaps));
      pen = to;
      change(heights.map((old, i) => {
        const share = (places[i] - from.x) / (to.x - from.x); // of the way; NaN without one
        if (i === here) return to.y;
        return share >= 0 && share <= 1 ? from.y + share * (to.y - from.y) : old;
      }));
    };
    const begin = (event) => {
      pen = null;
      stroke(event);
    };
    const letGo = GanLab.onHold(sheet, { down: begin, move: stroke });
    GanLab.onKeys(sheet, KEYS, ({ along = 0, up = 0 }) => {
      here = clamp(here + along, 0, xs.length - 1);
      change(heights.map((old, i) => (i === here ? old + up : old)));
    });
    this.stage.append(sheet);
    hide(true);
    return { element: sheet, show, hide: () => hide(true) };
  };
})();
