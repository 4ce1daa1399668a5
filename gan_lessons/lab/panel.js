// The fields under a live lab: its target, its settings, and what a second run has otherwise.
(function () {
  "use strict";
  const GanLab = (globalThis.GanLab = globalThis.GanLab || {});
  const { add, SETTINGS, labelOf, changed, other } = GanLab;

  /**
   * Fill `place` with fields.  `chosen()` gives {preset, own, compare}, the settings as they are;
   * change(setting, value) and setCompare({setting, value} or null) hear what the reader wants.
   * @returns {{show()}} puts the settings of run A into the fields
   */
  GanLab.settingsPanel = function (place, { chosen, change, setCompare }) {
    const fields = {};
    const own = () => chosen().own;
    place.replaceChildren();

    /** The way to read a field: checks the value alone, and together with all others. */
    function reader(setting) {
      return function (text) {
        const next = changed(own(), { [setting]: text });
        if (chosen().compare) other(next, chosen().compare);
        return next[setting];
      };
    }

    function settingField(group, setting) {
      const choices = GanLab.choicesOf(setting, chosen().preset);
      fields[setting] = GanLab.field(group, {
        kind: choices ? "select" : "number",
        label: labelOf(setting),
        choices,
        value: own()[setting],
        check: reader(setting),
        onChange: (value) => change(setting, value),
      });
    }

    function targetFields(group) {
      fields.kind = GanLab.field(group, {
        kind: "select",
        label: "kind of target",
        choices: GanLab.choicesOf("target"),
        value: own().target.kind,
        onChange: (kind) => change("target", { kind, mean: own().target.mean }),
      });
      for (const [part, { label }] of Object.entries(GanLab.TARGET_SETTINGS)) {
        fields[part] = GanLab.field(group, {
          label,
          value: own().target[part] ?? "",
          check: (text) => GanLab.target({ ...own().target, [part]: text }).spec[part],
          onChange: (value) => change("target", { ...own().target, [part]: value }),
        });
      }
    }

    function compareFields(group) {
      const more = ["target", chosen().preset.cures && "recipe"];
      const compared = GanLab.COMPARED.filter((name) => fields[name] || more.includes(name));
      let wanted = chosen().compare || { setting: "", value: "" };
      let valueField = null;
      GanLab.field(group, {
        kind: "select",
        label: "Compare with",
        choices: [["", "choose a setting"], ...compared.map((name) => [name, labelOf(name)])],
        value: wanted.setting,
        onChange(setting) {
          const now = { target: own().target.kind, recipe: "adversarial" }[setting] ?? own()[setting];
          wanted = { setting, value: now ?? "" };
          showValue();
        },
      });
      const valuePlace = add(group, "div");
      const refusal = group.appendChild(GanLab.complaint());
      const row = add(group, "div", { class: "lab-buttons" });
      const start = GanLab.button(row, "Compare", compare);
      GanLab.button(row, "End comparison", () => chosen().compare && setCompare(null));

      function showValue() {
        const { setting } = wanted;
        valuePlace.replaceChildren();
        [refusal.textContent, start.disabled] = ["", !setting];
        if (!setting) return;
        const choices = GanLab.choicesOf(setting, chosen().preset);
        valueField = GanLab.field(valuePlace, {
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
    }

    targetFields(GanLab.group(place, "Target: change it at any time"));
    const training = GanLab.group(place, "Training: change it at any time");
    const fresh = GanLab.group(place, "Networks and seed: a new run");
    const cures = chosen().preset.cures && GanLab.group(place, "Cures: 0 is none");
    for (const [setting, { shape, cure }] of Object.entries(SETTINGS)) {
      if (cures || !cure) settingField(cure ? cures : shape ? fresh : training, setting);
    }
    compareFields(GanLab.group(place, "Compare two runs"));

    function show() {
      for (const setting of Object.keys(SETTINGS)) fields[setting]?.set(own()[setting]);
      const { target } = own();
      fields.kind.set(target.kind);
      for (const part of Object.keys(GanLab.TARGET_SETTINGS)) {
        fields[part].set(target[part] ?? "");
        fields[part].element.hidden = !(part in target);
      }
    }
    return { show };
  };
})();
