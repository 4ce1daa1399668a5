// Plays a lab of its page as a reader would, in any engine; loaded after the lab's scripts.
globalThis.played = function (name) {
  "use strict";
  const section = document.querySelector(`section[data-gan-lab="${name}"]`);
  const nameOf = (part) =>
    (part.ariaLabel || part.labels?.[0]?.textContent || part.textContent).trim();
  const controls = () => [...section.querySelectorAll("button, input, select, [role=slider]")];
  const steps = () => Number(section.querySelector("[data-steps]").textContent);
  const drawn = () => [...section.querySelectorAll("svg path")].map((p) => p.getAttribute("d")).join();
  const frame = () => new Promise(requestAnimationFrame);

  /** A control by its name, once its tab is open. */
  function part(wanted) {
    const found = controls().find((control) => nameOf(control) === wanted);
    if (!found) throw new Error(`${name} has no “${wanted}”, but ${controls().map(nameOf)}`);
    const panel = found.closest("[role=tabpanel]");
    if (panel) document.getElementById(panel.getAttribute("aria-labelledby")).click();
    return found;
  }

  function press(...names) {
    for (const each of names) part(each).click();
  }

  function give(label, value) {
    const field = part(label);
    field.value = value;
    field.dispatchEvent(new Event(field.type === "range" ? "input" : "change", { bubbles: true }));
  }

  function strike(target, ...keys) {
    for (const key of keys) target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }

  async function until(holds) {
    const end = performance.now() + 120_000;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`waited in vain: ${holds}`);
      await frame();
    }
  }

  function claim(holds) {
    if (!holds()) throw new Error(`it does not hold: ${holds}`);
  }

  return {
    empty: frame,
    async running() {
      press("Play");
      await until(() => steps() >= 5);
    },
    async comparing() {
      give("Compare with", "rateG");
      give("learning rate of G in run B", 0.002);
      press("Compare", "Step D", "Step G", "Charts");
      claim(() => section.ganLab.history.entries.at(-1).runs.length === 2);
      await frame();
    },
    async diverged() {
      press("Step D", "Step G");
      section.ganLab.gan.g.weights.fill(1e200);
      press("Play");
      await until(() => section.querySelector(".lab-alarm").textContent.includes("stopped"));
    },
    async "many seeds"() {
      press("32 seeds"); // whose scripts come with it
      await until(() => controls().some((control) => nameOf(control) === "Train 32 seeds"));
      give("steps", 100);
      press("Train 32 seeds");
      await until(() => section.textContent.includes("32 of 32 trained"));
      claim(() => section.querySelectorAll(".lab-seed").length === 32);
      claim(() => / worker/.test(section.querySelector(".lab-many").textContent));
    },
    async drawing() {
      press("Draw the data");
      const before = section.ganLab.gan.target.spec.shape;
      strike(section.querySelector(".lab-sheet"), "ArrowUp", "ArrowRight", "ArrowUp");
      claim(() => section.ganLab.gan.target.spec.shape !== before);
      await frame();
    },
    help: () => press("Help: charts and keys"),
    async runs() {
      press("Step G", "Step G", "Reset", "Lay over: run 1");
      await frame();
    },

    /** A lab that trains: it waits, steps, goes on, stops, and starts anew. */
    async live() {
      claim(() => steps() === 0);
      press("Step G");
      claim(() => steps() === 1);
      give("Speed", Infinity);
      press("Play");
      await until(() => steps() >= 5);
      press("Pause");
      const reached = steps();
      await frame();
      claim(() => steps() === reached);
      press("Reset");
      claim(() => steps() === 0);
    },
    /** One that is played by hand: what is moved changes the picture, and Reset takes it back. */
    async hand() {
      await frame();
      const before = drawn();
      const slider = section.querySelector("input[type=range]");
      const handle = section.querySelector("[role=slider]");
      if (handle) strike(handle, "ArrowRight");
      else give(nameOf(slider), Number(slider.value) + Number(slider.step));
      await until(() => drawn() !== before);
      press("Reset");
      await until(() => drawn() === before);
    },
    /** The one of the first page, which trains by itself. */
    async hero() {
      await until(() => section.ganLab.gan.steps > 10);
      press("Pause");
      const reached = section.ganLab.gan.steps;
      await frame();
      claim(() => section.ganLab.gan.steps === reached);
    },
  };
};
