// The elements of a page, and what the reader turns, presses and hears: fields, buttons, a live
// region, the settings in the page's address, and the mounting of a lab in its <section>.
// Nothing in here knows a GAN.
(function () {
  "use strict";
  if (GanLab.mount) return; // the labs on a page and their addresses are kept in here, once
  GanLab.views = {};
  const { quoted } = GanLab;
  const { hasOwn } = Object;
  const XHTML = "http://www.w3.org/1999/xhtml";
  let count = 0;

  // --- Elements ---

  GanLab.setAttributes = function (made, attributes) {
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  /** A new element with its attributes and children (elements or text); `space` for SVG. */
  GanLab.element = function (tag, attributes = {}, children = [], space = XHTML) {
    const made = GanLab.setAttributes(document.createElementNS(space, tag), attributes);
    made.append(...children);
    return made;
  };
  const { element } = GanLab;

  /** The same at the end of `parent`. */
  GanLab.add = (parent, ...made) => parent.appendChild(element(...made));

  /**
   * Hear the keys that `keys` has, {ArrowUp: 1, …}, in place of the browser: hear(what it has for
   * the key, event).  In a field, or with Ctrl, Alt or the like, they are the browser's.
   */
  GanLab.onKeys = (part, keys, hear) =>
    part.addEventListener("keydown", (event) => {
      const { key, target, ctrlKey, altKey, metaKey } = event;
      const typed = target.closest("input, select, textarea");
      if (!hasOwn(keys, key) || typed || ctrlKey || altKey || metaKey) return;
      event.preventDefault();
      hear(keys[key], event);
    });

  /** A row of buttons is one stop of the Tab key: other keys lead `by` so many to the next one. */
  GanLab.oneStop = (row, by, arrive) =>
    GanLab.onKeys(row, by, (step, { target }) => {
      const buttons = [...row.querySelectorAll("button")];
      const next = buttons.at((buttons.indexOf(target) + step) % buttons.length);
      for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
      arrive(next);
    });

  const { src } = document.currentScript ?? {};

  /** Load scripts that the page has left for later, one after the other, from beside this one. */
  GanLab.load = async function (...names) {
    for (const name of names) {
      const script = element("script", { src: new URL(name, src) });
      const loaded = new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = () => reject(new Error(`${name} could not be loaded`));
      });
      document.head.append(script);
      await loaded;
    }
  };

  /** A text cut at its symbols p_data and p_g: every second piece is a subscript. */
  GanLab.pieces = (text) => text.split(/_(data|g)\b/);

  /** Text for an HTML element's `append`, with p_data and p_g as one writes them by hand. */
  GanLab.symbols = (text) =>
    GanLab.pieces(text).map((piece, i) => (i % 2 ? element("sub", {}, [piece]) : piece));

  /** A place for what went wrong, which is read aloud at once. */
  const complaint = (words = "", attributes = {}) =>
    element("p", { class: "lab-error", role: "alert", ...attributes }, [words]);
  GanLab.complaint = complaint;

  GanLab.damaged = ({ message }) =>
    `The link's settings are damaged (${message}), so the lab starts from its own.`;

  const decimals = (step) => (String(step).split(".")[1] || "").length;

  // --- Fields ---

  function makeInput(kind, id, { min, max, step, choices }) {
    if (kind === "select") {
      const options = choices.map(([value, text]) => element("option", { value }, [text]));
      return element("select", { id }, options);
    }
    if (kind === "range") return element("input", { id, type: kind, min, max, step });
    // Not type="number": browsers swallow what is no number, and we could not say what was wrong.
    const type = kind === "number" ? "text" : kind;
    return element("input", { id, type, autocomplete: "off" });
  }

  /**
   * A labelled control.  `kind` is "number", "range", "select" or "checkbox" (0 or 1).
   * `check(text)` gives the value or throws an Error, whose message then stands under the field,
   * and nothing changes.  `onChange(value)` hears of the reader's changes alone.
   * @returns {{element, input, check, set(value)}}
   */
  GanLab.field = function (parent, options) {
    const { label, kind = "number", value, step, onChange } = options;
    const id = `lab-field-${++count}`;
    const input = makeInput(kind, id, options);
    const name = element("label", { for: id }, [label]);
    const error = complaint("", { id: `${id}-error` });
    const limits = kind === "range" ? input : options; // those of a range may change
    const usual = (text) => (kind === "select" ? text : GanLab.checkNumber(label, text, limits));
    const { check = usual } = options;
    // The value of a range, for the eye; a screen reader hears aria-valuetext.
    const readout = element("span", { class: "lab-readout", "aria-hidden": "true" });
    const row = kind === "range" ? [name, readout, input] : [name, input];
    const box = element("div", { class: `lab-field lab-${kind}` }, [...row, error]);
    let last = value;

    function complain(message) {
      error.textContent = message;
      for (const [name, value] of [["aria-invalid", "true"], ["aria-describedby", error.id]]) {
        if (message) input.setAttribute(name, value);
        else input.removeAttribute(name);
      }
    }

    function showValue() {
      if (kind !== "range") return;
      readout.textContent = GanLab.shown(Number(input.value), decimals(step));
      input.setAttribute("aria-valuetext", readout.textContent);
    }

    function set(now) {
      last = now;
      if (kind === "checkbox") input.checked = Boolean(now);
      else input.value = now;
      complain("");
      showValue();
    }

    function hear() {
      showValue();
      let now;
      try {
        now = check(kind === "checkbox" ? Number(input.checked) : input.value);
      } catch (refusal) {
        return complain(refusal.message);
      }
      complain("");
      if (now === last) return;
      last = now;
      onChange(now);
    }

    input.addEventListener(kind === "range" ? "input" : "change", hear);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && kind === "number") set(last); // back to the last good value
    });
    set(value);
    parent.append(box);
    return { element: box, input, check, set };
  };

  GanLab.button = function (parent, label, onClick) {
    const made = GanLab.add(parent, "button", { type: "button", class: "lab-button" }, [label]);
    made.addEventListener("click", onClick);
    return made;
  };

  /** A <fieldset> with its <legend>, to put fields in. */
  GanLab.group = (parent, legend) =>
    GanLab.add(parent, "fieldset", { class: "lab-group" }, [element("legend", {}, [legend])]);

  /**
   * Panels of which one is seen, under a row of tabs, {name: words}; the arrow keys lead from tab
   * to tab.  opened(name) hears which one is opened.  Returns {tabs, panels}: the row, and the panels
   * by their names.
   */
  GanLab.tabs = function (parent, label, titles, opened) {
    const tabs = GanLab.add(parent, "div", { class: "lab-tabs", role: "tablist", "aria-label": label });
    const [panels, buttons, names] = [{}, {}, Object.keys(titles)];

    function show(chosen) {
      for (const name of names) {
        const on = name === chosen;
        GanLab.setAttributes(buttons[name], { "aria-selected": on, tabindex: on ? 0 : -1 });
        panels[name].hidden = !on;
      }
    }

    for (const name of names) {
      const id = `lab-tab-${++count}`;
      const look = { type: "button", role: "tab", class: "lab-tab", id, "aria-controls": `${id}-panel` };
      buttons[name] = GanLab.add(tabs, "button", look, [titles[name]]);
      panels[name] = GanLab.add(parent, "div", {
        class: `lab-panel lab-panel-${name}`, role: "tabpanel", id: `${id}-panel`,
        "aria-labelledby": id, tabindex: 0,
      });
      buttons[name].addEventListener("click", () => {
        show(name);
        opened(name);
      });
    }
    GanLab.oneStop(tabs, { ArrowRight: 1, ArrowLeft: -1 }, (next) => {
      next.click();
      next.focus();
    });
    show(names[0]);
    return { tabs, panels };
  };

  /**
   * A live region: what it says is seen at once, and read aloud at most once a second, the latest
   * words last.
   * With `heard` it is for screen readers alone, otherwise it is seen as well.
   */
  GanLab.liveText = function (parent, { assertive, heard } = {}) {
    const role = assertive ? "alert" : "status"; // both are live regions
    const region = GanLab.add(parent, "p", { class: heard ? "lab-heard" : "lab-live", role });
    let [timer, spoken, last, silent] = [0, -Infinity, "", false];

    function say(text) {
      clearTimeout(timer);
      if (text === last && !silent) return;
      const wait = spoken + 1000 - performance.now();
      [last, silent] = [text, wait > 0];
      region.ariaLive = silent ? "off" : null; // null: as its role has it
      region.replaceChildren(...GanLab.symbols(text));
      if (silent) timer = setTimeout(() => say(text), wait); // the same words, to be heard
      else spoken = performance.now();
    }
    return { element: region, say };
  };

  // --- The settings in the address ---

  /** {loss: "mean", target: {kind: "normal"}} → [["loss", "mean"], ["target.kind", "normal"]] */
  function flat(object, path = "") {
    return Object.entries(object).flatMap(([name, value]) =>
      value !== null && typeof value === "object"
        ? flat(value, `${path}${name}.`)
        : [[path + name, String(value)]],
    );
  }

  /** Put "target.kind=normal" into the settings; an error of any kind if that cannot be. */
  function put(settings, part) {
    const [, name, text] = /^([\w.-]+)=(.*)$/.exec(part) || [];
    const path = name.split("."); // no name, or a text where an object must be: an error, too
    const last = path.pop();
    let place = settings;
    for (const step of path) place = hasOwn(place, step) ? place[step] : (place[step] = {});
    if ([...path, last].some((step) => step in {}) || hasOwn(place, last)) throw new Error(part);
    place[last] = decodeURIComponent(text);
  }

  const hashOf = (id, object) => {
    const pairs = flat(object).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return [`#lab-${id}`, pairs.join("&")].filter(Boolean).join("?");
  };

  // {id: {visit, hash}}: the settings of each lab, and the visit to it, which lasts until another
  // address with settings is opened.  Each entry of the browser's history keeps them as its state,
  // since its address may be an anchor.  Read here, before a script of Sphinx takes the state away.
  const links = { ...history.state?.ganLab };
  let writing = null;

  /** The lab whose settings are in the address, which may not be on this page. */
  const asked = () =>
    document.getElementById(location.hash.slice(1)) // an anchor that is only called like one
      ? undefined
      : /^#lab-([^?]+)/.exec(location.hash)?.[1];

  /** Keep all labs' settings with this entry, and in its address where that is empty or theirs. */
  function keep() {
    const id = location.hash ? asked() : Object.keys(links).find((lab) => links[lab].hash);
    try {
      const state = { ...history.state, ganLab: links };
      history.replaceState(state, "", links[id]?.hash || location.href);
    } catch {
      // A notebook may show the lab in a frame without an address of its own.
    }
  }

  /** Whether the browser's entry is that of the present visits: another address starts without. */
  function isHere() {
    if (!history.state) return Object.values(links).every(({ visit }) => !visit);
    const kept = Object.entries(history.state.ganLab ?? {});
    return kept.every(([id, { visit }]) => visit === links[id]?.visit);
  }

  GanLab.permalink = {
    /**
     * The settings of lab `id` in the address, all as text; null if it names none of them.
     * An Error says which part cannot be read.
     */
    read(id) {
      links[id] ??= { visit: Math.random(), hash: asked() === id ? location.hash : "" };
      keep();
      const [name, ...rest] = links[id].hash.split("?");
      if (!name) return null;
      const settings = {};
      for (const part of rest.join("?").split("&").filter(Boolean)) {
        try {
          put(settings, part);
        } catch {
          throw new Error(`the part ${quoted(part)} cannot be read`);
        }
      }
      return settings;
    },

    /** The page's address with these settings of lab `id`. */
    address: (id, object) => location.href.split("#")[0] + hashOf(id, object),

    /**
     * Keep settings in the address, shortly after the last change: browsers ration this.  Not
     * where the reader has moved on meanwhile: the page will hear of it in a moment.
     */
    write(id, object) {
      links[id] = { ...links[id], hash: hashOf(id, object) };
      clearTimeout(writing);
      writing = setTimeout(() => isHere() && keep(), 200);
    },
  };

  // --- Mounting ---

  /** Let `build()` fill a section, once; where it fails, the section says so: “what could not …”. */
  GanLab.fillOnce = function (section, what, build) {
    if (section.dataset.mounted) return;
    section.dataset.mounted = "true";
    section.classList.add("gan-lab");
    section.replaceChildren(); // what stood there was for pages without scripts
    try {
      build();
    } catch ({ message }) {
      section.append(complaint(`${what} could not be built: ${message}.`));
    }
  };

  const mounted = []; // {name, section, open()} of each lab

  /**
   * Build the lab that `section` names in data-gan-lab, with its title.
   * Its view returns open(), which starts it anew from the settings in the address.
   */
  GanLab.mount = (section) =>
    GanLab.fillOnce(section, "This lab", () => {
      const name = nameOf(section);
      const preset = presetOf(name);
      const view = preset && GanLab.views[preset.kind];
      if (!preset) throw new Error(`there is none with the name “${name}”`);
      if (!view) throw new Error(`the script of “${preset.kind}” labs is missing`);
      section.setAttribute("aria-label", preset.title);
      GanLab.add(section, "p", { class: "lab-heading" }, [preset.title]);
      mounted.push({ name, section, open: view(section, preset, name) });
      if (name === asked()) section.scrollIntoView();
    });

  const sections = () => [...document.querySelectorAll("section[data-gan-lab]")];
  const nameOf = ({ dataset }) => dataset.ganLab || "full";
  const presetOf = (name) => (hasOwn(GanLab.PRESETS, name) ? GanLab.PRESETS[name] : null);

  /** Say so where the address has settings for a lab that is not on this page. */
  function noteOtherLab() {
    const name = asked();
    const [first] = sections();
    if (!name || !first || sections().map(nameOf).includes(name)) return;
    const title = quoted(presetOf(name)?.title ?? name);
    const words = `The link is for another lab, ${title}: its settings were not taken.`;
    first.firstElementChild.after(complaint(words));
  }

  /** Build the labs that a browser has read of so far, those that it has not built yet. */
  GanLab.mountAll = () => sections().forEach(GanLab.mount);

  // A lab starts anew from another address with settings, but not where the reader went back to an
  // entry of the same visit: there the address follows the lab.
  addEventListener("hashchange", () => {
    const id = asked();
    const kept = history.state?.ganLab?.[id];
    for (const { section, open } of mounted.filter(({ name }) => name === id)) {
      if (kept?.visit === links[id].visit) continue;
      links[id] = kept;
      open();
      section.scrollIntoView();
    }
    keep();
  });

  addEventListener("DOMContentLoaded", () => {
    GanLab.mountAll();
    noteOtherLab();
  });
})();
