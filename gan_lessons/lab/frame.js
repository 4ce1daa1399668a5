// The frame of a lab that is played by hand: what hand.js, tilt.js, kink.js and dirac.js share.
(function () {
  "use strict";
  const { add, complaint, element, symbols } = GanLab;

  /**
   * The frame of a lab: an introduction, room for charts, controls, a sentence in a live region,
   * and the row of buttons.  The controls are {group: {setting: [label, value, min, max, step]}};
   * without a step it is a checkbox, and the settings of a group "" are not shown, since handles in
   * a chart move them.  `start` brings the lab to life.
   */
  GanLab.frame = function (section, name, intro, controlsOf) {
    const box = (part) => add(section, "div", { class: `lab-${part}` });
    add(section, "p", { class: "lab-intro" }, symbols(intro));
    const notice = section.appendChild(complaint());
    const [charts, controls] = [box("charts"), box("controls")];
    const { say } = GanLab.liveText(section);
    const [numbers, buttons] = [box("numbers"), box("buttons")];
    const [own, settings, fields, groups] = [{}, {}, {}, {}];
    let draw = () => {};

    function changed(changes) {
      Object.assign(settings, changes);
      notice.textContent = "";
      draw(settings);
      const news = Object.entries(settings).filter(([key, value]) => value !== own[key]);
      GanLab.permalink.write(name, Object.fromEntries(news));
    }

    /** Change settings as if the reader had turned the controls. */
    function turn(changes) {
      for (const key in changes) fields[key].set(changes[key]);
      changed(changes);
    }

    for (const [group, rules] of Object.entries(controlsOf)) {
      groups[group] = group ? GanLab.group(controls, group) : element("div");
      for (const [key, [label, value, min, max, step]] of Object.entries(rules)) {
        const rule = { kind: step ? "range" : "checkbox", label, value, min, max, step };
        const onChange = (now) => changed({ [key]: now });
        fields[key] = GanLab.field(groups[group], { ...rule, onChange });
        own[key] = settings[key] = value;
      }
    }

    /** All settings of the permalink: an Error if one of them cannot be taken. */
    function readLink() {
      const given = GanLab.permalink.read(name) || {};
      for (const key in given) {
        if (!Object.hasOwn(own, key)) {
          throw new Error(`${GanLab.quoted(key)} is no setting of this lab`);
        }
        given[key] = fields[key].check(given[key]);
      }
      return given;
    }

    /**
     * Call drawing(settings) now and after each change; `saved` are {charts, csv()} to save,
     * and stop() ends what moves by itself.  Returns open(), which takes the permalink's settings.
     */
    function start(drawing, { stop = () => {}, ...saved }) {
      draw = drawing;
      GanLab.button(buttons, "Reset", () => {
        stop();
        turn(own);
      });
      GanLab.saveButtons(buttons, { name: `gan-lab-${name}`, say, ...saved });

      function open() {
        stop();
        Object.assign(settings, own);
        notice.textContent = "";
        try {
          Object.assign(settings, readLink());
        } catch (error) {
          notice.textContent = GanLab.damaged(error);
        }
        for (const key in settings) {
          fields[key].set(settings[key]);
          const { type, value } = fields[key].input; // a slider moves to its next step
          if (type === "range") settings[key] = Number(value);
        }
        draw(settings);
      }
      open();
      return open;
    }

    const note = (words) => numbers.after(element("p", { class: "lab-note" }, symbols(words)));
    return { charts, numbers, groups, note, turn, say, start };
  };
})();
