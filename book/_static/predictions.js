// Predict first: what follows a question is folded until the reader commits or skips.
(function () {
  "use strict";
  const KEY = `predict:${location.pathname}`;
  const KNOTS = 13; // of a drawn curve
  const DRAWN = " It is drawn onto the figure below.";

  // --- What the reader has answered on this page: {name: {answer}}, or {name: {}} if skipped ---

  let kept = {};
  try {
    kept = { ...JSON.parse(localStorage.getItem(KEY)) };
  } catch { /* nothing can be kept here, or it is not ours */ }

  function keep(name, made) {
    kept[name] = made; // undefined is left out of the JSON
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch { /* it lasts as long as the page */ }
  }

  // This runs in the head: what is folded never shows, and what was opened shows at once.
  const root = document.documentElement;
  root.classList.add("predict-folds");
  const early = document.createElement("style");
  early.textContent = Object.keys(kept)
    .map((name) => `[data-after="${CSS.escape(name)}"] { display: block !important; }`)
    .join("\n");
  document.head.append(early);

  // --- Small helpers ---

  const SVG = "http://www.w3.org/2000/svg";
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const fill = (made, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const html = (tag, attributes = {}, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS(SVG, tag), attributes, children);
  const path = (points) => points.map((point, i) => `${i ? "L" : "M"}${point.join(" ")}`).join("");

  /** As in_words of predictions.py. */
  function inWords(value) {
    const size = value ? Math.floor(Math.log10(Math.abs(value))) : 0;
    const text = value.toFixed(clamp(2 - size, 0, 12));
    const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
    return /^-?0$/.test(short) ? "0" : short.replace("-", "−");
  }

  /** As _gap of predictions.py. */
  function gap(who, said, truth, unit = "") {
    const [shown, real] = [inWords(said), inWords(truth)];
    if (shown === real) return `${who} ${shown}${unit}, and so it is.`;
    const off = inWords(Math.abs(said - truth));
    return `${who} ${shown}${unit}; it is ${real}: ${off} too ${said > truth ? "high" : "low"}.`;
  }

  // --- The three kinds: each builds its fields, tells the answer so far, and says how it went ---

  function choice(asked, box, changed) {
    const list = box.querySelector(":scope > ul:last-of-type");
    const options = [...list.children].map((item, i) => {
      const input = html("input", { type: "radio", autocomplete: "off", name: `predict-${asked.name}`, value: i + 1 });
      const text = html("span", {}, ...[...item.childNodes].flatMap((node) =>
        node.localName === "p" ? [...node.childNodes] : [node],
      ));
      const mark = html("span", { class: "predict-mark" });
      input.addEventListener("change", changed);
      return { input, text, mark, label: html("label", {}, input, text, mark) };
    });
    list.replaceWith(html("div", { class: "predict-fields" }, ...options.map((o) => o.label)));
    const answer = () => options.findIndex(({ input }) => input.checked) + 1 || null;
    const isRight = (i) => asked.answer.includes(i + 1);
    return {
      answer,
      fits: (value) => Number.isInteger(value) && Boolean(options[value - 1]),
      set: (value) => options.forEach(({ input }, i) => (input.checked = i + 1 === value)),
      mark(shown) {
        options.forEach(({ input, label, mark }, i) => {
          const right = shown && isRight(i);
          const wrong = shown && input.checked && !right;
          label.classList.toggle("right", right);
          label.classList.toggle("wrong", wrong);
          mark.textContent = right ? " ✓ right" : wrong ? " ✗ your choice" : "";
          if (right && input.checked) mark.textContent = " ✓ right, your choice";
        });
      },
      result(value) {
        // Copies, since a formula is more than its text.
        const quoted = ({ text }) => ["“", text.cloneNode(true), "”"];
        const end = ({ text }) => (/[.?!]\s*$/.test(text.textContent) ? " " : ". ");
        const [yours, right] = [options[value - 1], options.filter((_, i) => isRight(i))];
        const verdict = right.includes(yours) ? ["That is right. "] : [
          "It is ", ...right.flatMap((one, i) => [i ? " or " : "", ...quoted(one)]), end(right.at(-1)),
        ];
        return ["You chose ", ...quoted(yours), end(yours), ...verdict, "Read why below."];
      },
    };
  }

  function number({ name, low, high, step, unit }, box, changed) {
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const written = (value) => Number(value).toFixed(decimals).replace("-", "−");
    const behind = unit ? ` ${unit}` : "";
    let touched = false;
    const id = `predict-${name}-value`;
    const slider = html("input", { type: "range", autocomplete: "off", id, min: low, max: high, step });
    const output = html("output", { for: id });
    function show() {
      const text = touched ? `${written(slider.value)}${behind}` : "not set yet";
      output.textContent = text;
      slider.setAttribute("aria-valuetext", text);
    }
    slider.addEventListener("input", () => {
      touched = true;
      show();
      changed();
    });
    slider.setAttribute("aria-label", "Your prediction");
    const end = (value) => html("span", { "aria-hidden": "true" }, written(value));
    const row = html("div", { class: "predict-slider" }, end(low), slider, end(high));
    box.append(html("div", { class: "predict-fields" }, row, output));
    show();
    return {
      answer: () => (touched ? Number(slider.value) : null),
      fits: (value) => Number.isFinite(value) && value >= low && value <= high,
      set(value) {
        touched = value !== null;
        slider.value = touched ? value : (low + high) / 2;
        show();
      },
      mark() {},
      result(value) {
        const truth = told(name)?.truth;
        if (!truth) return [`You said ${written(value)}${behind}. Read on.`];
        return [gap("You said", value, truth.x ?? truth.y, behind), DRAWN];
      },
      draw(value, { truth }, { at, box: [left, top, right, bottom] }) {
        const upright = "x" in truth;
        // Beyond the picture it is drawn at its edge.
        const x = upright ? clamp(at(value, 1).x, left, right) : right;
        const y = upright ? top : clamp(at(1, value).y, top, bottom);
        const line = upright ? [[x, top], [x, bottom]] : [[left, y], [right, y]];
        const anchor = upright && x < (left + right) / 2 ? "start" : "end";
        const beside = upright ? (anchor === "start" ? 4 : -4) : -4;
        const place = { x: x + beside, y: upright ? top + 12 : y - 4, "text-anchor": anchor };
        return [svg("path", { d: path(line) }), svg("text", place, `you: ${written(value)}`)];
      },
    };
  }

  function curve({ name, x, y, "x-label": xLabel = "x", "y-label": yLabel = "y" }, box, changed) {
    const [W, H, left, right, top, bottom] = [460, 240, 52, 448, 12, 196];
    const xs = Array.from({ length: KNOTS }, (_, i) => x[0] + ((x[1] - x[0]) * i) / (KNOTS - 1));
    const px = (value) => left + ((right - left) * (value - x[0])) / (x[1] - x[0]);
    const py = (value) => bottom - ((bottom - top) * (value - y[0])) / (y[1] - y[0]);
    const step = (y[1] - y[0]) / 40;
    let [heights, here, drawn, pen] = [[], 0, false, null];

    const line = svg("path", { class: "predict-line" });
    const knot = svg("circle", { class: "predict-knot", r: 5 });
    const text = (words, place) => svg("text", place, words);
    const sheet = svg(
      "svg",
      {
        viewBox: `0 0 ${W} ${H}`, class: "predict-sheet", role: "slider", tabindex: 0,
        "aria-label": "Your curve: left and right choose a place, up and down move it",
        "aria-orientation": "vertical", "aria-valuemin": y[0], "aria-valuemax": y[1],
      },
      svg("path", { class: "predict-axes", d: `M${left} ${top}V${bottom}H${right}` }),
      ...[0, 0.25, 0.5, 0.75, 1].map((share) => {
        const value = x[0] + share * (x[1] - x[0]);
        return text(inWords(value), { x: px(value), y: bottom + 16, "text-anchor": "middle" });
      }),
      ...[0, 0.5, 1].map((share) => {
        const value = y[0] + share * (y[1] - y[0]);
        return text(inWords(value), { x: left - 6, y: py(value) + 4, "text-anchor": "end" });
      }),
      text(xLabel, { x: (left + right) / 2, y: H - 8, "text-anchor": "middle" }),
      text(yLabel, { x: left + 8, y: top + 10 }),
      line,
      knot,
    );
    const how = "Draw with the mouse or a finger, or with the arrow keys.";
    box.append(html("div", { class: "predict-fields" }, sheet, html("small", {}, how)));

    function show() {
      line.setAttribute("d", path(xs.map((place, i) => [px(place), py(heights[i])])));
      line.classList.toggle("predict-drawn", drawn);
      knot.setAttribute("cx", px(xs[here]));
      knot.setAttribute("cy", py(heights[here]));
      sheet.setAttribute("aria-valuenow", inWords(heights[here]).replace("−", "-"));
      sheet.setAttribute("aria-valuetext", `x = ${inWords(xs[here])}: ${inWords(heights[here])}`);
    }
    function change(next) {
      heights = next.map((height) => Number(clamp(height, ...y).toPrecision(6)));
      drawn = true;
      show();
      changed();
    }
    /** From where the pen was to where it is, so that a fast stroke leaves no place out. */
    function stroke({ clientX, clientY }) {
      const seen = sheet.getBoundingClientRect();
      const to = [((clientX - seen.left) / seen.width) * W, ((clientY - seen.top) / seen.height) * H];
      const from = pen || to;
      const gaps = xs.map((place) => Math.abs(px(place) - to[0]));
      here = gaps.indexOf(Math.min(...gaps));
      pen = to;
      const height = (pixel) => y[0] + ((bottom - pixel) / (bottom - top)) * (y[1] - y[0]);
      change(heights.map((old, i) => {
        const share = (px(xs[i]) - from[0]) / (to[0] - from[0]); // NaN without a way
        if (i === here) return height(to[1]);
        return share >= 0 && share <= 1 ? height(from[1] + share * (to[1] - from[1])) : old;
      }));
    }
    const locked = () => sheet.getAttribute("aria-disabled") === "true";
    sheet.addEventListener("pointerdown", (event) => {
      if (locked() || event.button) return;
      sheet.setPointerCapture(event.pointerId);
      pen = null;
      stroke(event);
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!locked() && sheet.hasPointerCapture(event.pointerId)) stroke(event);
    });
    const KEYS = {
      ArrowRight: { along: 1 }, ArrowLeft: { along: -1 }, Home: { along: -KNOTS },
      End: { along: KNOTS }, ArrowUp: { up: 1 }, ArrowDown: { up: -1 },
      PageUp: { up: 5 }, PageDown: { up: -5 },
    };
    sheet.addEventListener("keydown", (event) => {
      const key = KEYS[event.key];
      if (!key || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      here = clamp(here + (key.along || 0), 0, KNOTS - 1);
      if (!key.up || locked()) return show();
      change(heights.map((old, i) => (i === here ? old + key.up * step : old)));
    });
    return {
      answer: () => (drawn ? heights : null),
      fits: (value) =>
        Array.isArray(value) && value.length === KNOTS && value.every(Number.isFinite),
      set(value) {
        drawn = value !== null;
        heights = value || xs.map(() => clamp(0, ...y));
        show();
      },
      mark(shown) {
        sheet.setAttribute("aria-disabled", Boolean(shown));
      },
      result(value) {
        const truth = told(name)?.truth;
        if (!truth) return ["Read on."];
        const between = (place) => {
          const i = clamp(Math.ceil(((place - x[0]) / (x[1] - x[0])) * (KNOTS - 1)), 1, KNOTS - 1);
          const share = (place - xs[i - 1]) / (xs[i] - xs[i - 1]);
          return value[i - 1] + share * (value[i] - value[i - 1]);
        };
        let worst = { off: -1 };
        truth.x.forEach((place, i) => {
          if (place < x[0] || place > x[1]) return;
          const said = between(place);
          const off = Math.abs(said - truth.y[i]);
          if (off > worst.off) worst = { off, place, said, true: truth.y[i] };
        });
        const words = gap("you drew", worst.said, worst.true);
        return [`The greatest gap is at x = ${inWords(worst.place)}: ${words}`, DRAWN];
      },
      draw(value, tell, { at, box: [left, top, right, bottom] }) {
        const points = xs.map((place, i) => at(place, value[i])).map((p) => [p.x, p.y]);
        const seen = points.filter(([px]) => px >= left && px <= right);
        const [px, py] = seen.reduce((best, p) => (p[1] < best[1] ? p : best), [right, bottom]);
        const anchor = px > (left + right) / 2 ? "end" : "start";
        const label = { x: px, y: clamp(py - 6, top + 12, bottom), "text-anchor": anchor };
        const frame = { x: left, y: top, width: right - left, height: bottom - top };
        const clip = svg("clipPath", { id: `predict-${name}-clip` }, svg("rect", frame));
        const line = { d: path(points), "clip-path": `url(#predict-${name}-clip)` };
        return [clip, svg("path", line), svg("text", label, "you")];
      },
    };
  }

  // --- The figure that answers ---

  const revealed = (name) =>
    [...document.querySelectorAll("[data-reveal]")].find(
      (mark) => JSON.parse(mark.dataset.reveal).name === name,
    );

  /** What `reveal` of the lesson tells of its figure and of the truth. */
  function told(name) {
    const mark = revealed(name);
    return mark && JSON.parse(mark.dataset.reveal);
  }

  /** Lay the reader's answer over the picture; `parts` draws it, or takes it away if null. */
  function overlay(name, parts) {
    const image = revealed(name)?.closest(".cell_output, .cell")?.querySelector("img");
    if (!image) return;
    if (!image.parentElement.matches(".predict-picture")) {
      const stage = html("span", { class: "predict-picture" });
      image.replaceWith(stage);
      stage.append(image);
    }
    image.parentElement.querySelector("svg")?.remove();
    if (!parts) return;
    const { size, box, x, y, log, truth } = told(name);
    const scaled = (value, isLog) => (isLog ? Math.log(Math.max(value, 1e-300)) : value);
    const share = (value, [from, to], isLog) =>
      (scaled(value, isLog) - scaled(from, isLog)) / (scaled(to, isLog) - scaled(from, isLog));
    const [left, top, right, bottom] = box;
    const at = (placeX, placeY) => ({
      x: left + share(placeX, x, log[0]) * (right - left),
      y: bottom - share(placeY, y, log[1]) * (bottom - top),
    });
    const drawing = { viewBox: `0 0 ${size.join(" ")}`, "aria-hidden": "true", class: "predict-yours" };
    image.parentElement.append(svg("svg", drawing, ...parts({ truth }, { at, box })));
  }

  // --- The block ---

  const KINDS = { choice, number, curve };

  function build(block) {
    const asked = JSON.parse(block.dataset.predict);
    const { name, kind } = asked;
    const after = document.querySelector(`[data-after="${name}"]`);
    const box = html("fieldset", { "aria-labelledby": `predict-${name}-title predict-${name}-asks` });
    const title = block.querySelector(".admonition-title");
    title.id = `predict-${name}-title`;
    const question = [...block.children].filter(
      (part) => part !== title && !(kind === "choice" && part === block.lastElementChild),
    );
    const asks = html("div", { id: `predict-${name}-asks` });
    const rest = kind === "choice" ? [block.lastElementChild] : [];
    title.after(asks, box);
    asks.append(...question);
    box.append(...rest);

    const commit = html("button", { type: "button", class: "predict-commit" }, "Commit");
    const skip = html("button", { type: "button", class: "predict-skip" }, "Skip");
    const again = html("button", { type: "button", class: "predict-again" }, "Predict again");
    const hint = html("small", {}, after ? "What follows opens then." : "");
    const buttons = html("div", { class: "predict-buttons" }, commit, skip, hint);
    const result = html("p", { class: "predict-result", tabindex: -1 });
    const live = html("p", { class: "predict-live", role: "status" });
    const field = KINDS[kind](asked, box, () => (commit.disabled = false));
    block.append(buttons, result, again, live);

    function show() {
      const made = kept[name];
      const open = Boolean(made);
      const answer = made && field.fits(made.answer) ? made.answer : null;
      field.set(answer);
      field.mark(open);
      for (const input of box.querySelectorAll("input")) input.disabled = open;
      commit.disabled = answer === null;
      buttons.hidden = open;
      again.hidden = result.hidden = !open;
      after?.classList.toggle("open", open);
      result.replaceChildren(...(answer === null ? ["You skipped this one."] : field.result(answer)));
      if (field.draw) overlay(name, answer === null ? null : (...a) => field.draw(answer, ...a));
    }
    function decide(made) {
      keep(name, made);
      show();
      result.focus({ preventScroll: true });
      live.textContent = after ? "What follows is open now." : "";
    }
    commit.addEventListener("click", () => decide({ answer: field.answer() }));
    skip.addEventListener("click", () => decide({}));
    again.addEventListener("click", () => {
      keep(name, undefined);
      show();
      live.textContent = "What follows is folded again.";
      box.querySelector("input, [tabindex]").focus();
    });
    show();
  }

  /** A link into what is folded opens it. */
  function openTarget() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id ? document.getElementById(id) : null;
    const folded = target?.closest("[data-after]:not(.open)");
    if (!folded) return;
    folded.classList.add("open");
    target.scrollIntoView();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-predict]").forEach(build);
    early.remove();
    openTarget();
  });
  addEventListener("hashchange", openTarget);
})();
