// The fields of a live lab: its target, its settings, what a second run has otherwise, and the
// runs of before.
(function () {
  "use strict";
  const { add, button, field, choicesOf, labelOf, changed, other } = GanLab;
  const { SETTINGS, TARGET_SETTINGS } = GanLab;

  /**
   * Put the fields of the settings into `first`, those that the preset names there, and `more`.
   * `chosen()` gives {preset, own, compare}, the settings as they are; change(setting, value)
   * hears what the reader wants.
   * @returns {{show()}} puts the settings of run A into the fields
   */
  GanLab.settingsPanel = function (first, more, { chosen, change }) {
    const fields = {};
    const { preset } = chosen();
    const own = () => chosen().own;
    first.replaceChildren();
    more.replaceChildren();

    /** The way to read a field: checks the value alone, and together with all others. */
    function reader(setting) {
      return function (text) {
        const next = changed(own(), { [setting]: text });
        if (chosen().compare) other(next, chosen().compare);
        return next[setting];
      };
    }

    /** Where a field goes: among the first, or into the group with this legend. */
    const groups = {};
    const placeOf = (name, legend) =>
      preset.first.includes(name) ? first : (groups[legend] ??= GanLab.group(more, legend));

    function targetFields(legend) {
      fields.kind = field(placeOf("target", legend), {
        kind: "select",
        label: "kind of target",
        choices: choicesOf("target"),
        value: own().target.kind,
        onChange: (kind) => change("target", { kind, mean: own().target.mean }),
      });
      for (const [part, { label }] of Object.entries(TARGET_SETTINGS)) {
        fields[part] = field(placeOf(part, legend), {
          label,
          value: own().target[part] ?? "",
          check: (text) => GanLab.target({ ...own().target, [part]: text }).spec[part],
          onChange: (value) => change("target", { ...own().target, [part]: value }),
        });
      }
    }

    function settingField(setting, legend) {
      const choices = choicesOf(setting, preset);
      fields[setting] = field(placeOf(setting, legend), {
        kind: choices ? "select" : "number",
        label: labelOf(setting),
        choices,
        value: own()[setting],
        check: reader(setting),
        onChange: (value) => change(setting, value),
      });
    }

    targetFields("Target");
    for (const setting of GanLab.settingsOf(preset)) {
      const { shape, cure } = SETTINGS[setting];
      settingField(setting, cure ? "Cures: 0 is none" : shape ? "A new run: networks, seed" : "Training");
    }

    function show() {
      for (const setting of Object.keys(SETTINGS)) fields[setting]?.set(own()[setting]);
      const { target } = own();
      fields.kind.set(target.kind);
      for (const part of Object.keys(TARGET_SETTINGS)) {
        fields[part].set(target[part] ?? "");
        fields[part].element.hidden = !(part in target);
      }
    }
    return { show };
  };

  /** The fields of a second run; setCompare({setting, value} or null) hears what is wanted. */
  GanLab.comparePanel = function (place, { chosen, setCompare }) {
    const own = () => chosen().own;
    place.replaceChildren();
    const group = GanLab.group(place, "Two runs from one seed");
    const compared = GanLab.comparedIn(chosen().preset);
    let wanted = chosen().compare || { setting: "", value: "" };
    let valueField = null;
    field(group, {
      kind: "select",
      label: "Compare with",
      choices: [["", "choose a setting"], ...compared.map((name) => [name, labelOf(name)])],
      value: wanted.setting,
      onChange(setting) {
        const now = setting === "target" ? own().target.kind : own()[setting];
        wanted = { setting, value: setting && GanLab.otherValue(setting, now, chosen().preset) };
        showValue();
      },
    });
    const valuePlace = add(group, "div");
    const refusal = group.appendChild(GanLab.complaint());
    const row = add(group, "div", { class: "lab-buttons" });
    const start = button(row, "Compare", compare);
    const end = button(row, "End comparison", () => setCompare(null));

    function showValue() {
      const { setting } = wanted;
      valuePlace.replaceChildren();
      [refusal.textContent, start.disabled] = ["", !setting];
      if (!setting) return;
      const choices = choicesOf(setting, chosen().preset);
      valueField = field(valuePlace, {
        kind: choices ? "select" : "number",
        label: `${labelOf(setting)} in run B`,
        choices: choices || [],
        value: wanted.value,
        check(text) {
          other(own(), { setting, value: text }); // throws where it is not allowed
          return text;
        },
        onChange: (value) => (wanted = { setting, value }),
      });
    }

    /** Start two runs, unless run B has a value that is not allowed, or that of run A. */
    function compare() {
      refusal.textContent = "";
      if (valueField.input.getAttribute("aria-invalid")) return valueField.input.focus();
      try {
        if (GanLab.equal(other(own(), wanted), own())) {
          throw new Error(`run A has this ${labelOf(wanted.setting)}, too: choose another for B`);
        }
      } catch (error) {
        refusal.textContent = error.message;
        return valueField.input.focus();
      }
      setCompare({ ...wanted });
    }
    showValue();
    return { show: () => (end.disabled = !chosen().compare) };
  };

  /** The runs of before, each with its buttons; `training` has them, open(run) and overlay(run). */
  GanLab.keptPanel = function (place, training, { open, overlay }) {
    const list = add(place, "ol", { class: "lab-kept" });
    let shown = "";

    function show() {
      const { kept, overlaid, own } = training;
      const now = JSON.stringify([kept.map(({ number }) => number), overlaid?.number, own]);
      if (now === shown) return;
      shown = now;
      list.replaceChildren();
      if (!kept.length) add(list, "li", {}, ["None yet: a new start keeps the run before it."]);
      for (const run of kept) {
        const { step, runs } = run.history.entries.at(-1);
        const what = `Run ${run.number}`;
        const end = `${step} steps, W1 ${GanLab.words(runs[0].w1)}`;
        const item = add(list, "li", {}, [`${what}: ${GanLab.runWords(run.own, own)}; ${end}. `]);
        const over = overlaid?.number === run.number;
        for (const [words, hear] of [
          ["Open", () => open(run)],
          [over ? "Take away" : "Lay over", () => overlay(over ? null : run)],
        ]) {
          button(item, words, hear).setAttribute("aria-label", `${words}: run ${run.number}`);
        }
      }
    }
    return { show };
  };
})();
