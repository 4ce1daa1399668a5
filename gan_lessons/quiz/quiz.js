// The quiz: it builds the questions, marks the answers, keeps them in the browser, and prints.
// The questions come from items.js, in GanQuiz.BANK; numbers, fields and buttons from the lab's
// numbers.js and controls.js.
(function () {
  "use strict";
  const GanQuiz = (globalThis.GanQuiz = globalThis.GanQuiz || {});
  if (GanQuiz.mount) return; // it would listen to the printer twice
  const { add, element, button, field } = GanLab;
  const KINDS = {
    single: { how: "Choose one.", build: buildChoices },
    multiple: { how: "Tick all that are right.", build: buildChoices },
    numeric: { how: "Write a number.", build: buildNumber },
    ordering: { how: "Bring into order with the buttons.", build: buildOrder },
    bug: { how: "Spot the bug: choose one.", build: buildChoices },
  };

  /** An element whose content is HTML of the question bank. */
  function rich(tag, html, attributes = {}) {
    const made = element(tag, attributes);
    made.innerHTML = html;
    return made;
  }

  const plain = (html) => rich("span", html).textContent;

  // --- Chance ---

  function hash(text) {
    let h = 2166136261;
    for (const sign of text) h = Math.imul(h ^ sign.codePointAt(0), 16777619);
    return h >>> 0;
  }

  /** The numbers 0 to n − 1 in an order that the seed and the question choose. */
  function shuffled(n, item, seed) {
    const { uniform } = GanLab.randomSource(hash(`${item.id} ${seed}`), 6);
    const order = [...Array(n).keys()];
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  const choiceOrder = (item, seed) =>
    item.shuffled ? shuffled(item.choices.length, item, seed) : [...item.choices.keys()];

  /** Never the right order: that would leave nothing to do. */
  function entryOrder(item, seed) {
    const order = shuffled(item.entries.length, item, seed);
    const right = order.every((entry, place) => entry === place);
    return right ? [...order.slice(1), order[0]] : order;
  }

  const variantOf = (item, seed) =>
    item.variants[(hash(item.id) + seed) % item.variants.length];

  const promptOf = (item, seed) => (item.variants ? variantOf(item, seed) : item).prompt;

  // --- What the browser keeps ---

  /** Answers and seeds, in localStorage; where nothing can be kept they last as long as the page. */
  function makeStore(base) {
    const key = `gan-quiz-${base}`; // a quiz with another seed is another quiz
    const isObject = (value) => value !== null && typeof value === "object";
    let kept = { seeds: {}, answers: {} };
    let lasting = true;

    /** What is kept now; another tab may have answered meanwhile. */
    function read() {
      try {
        const found = lasting && JSON.parse(localStorage.getItem(key));
        if (isObject(found.seeds) && isObject(found.answers)) kept = found;
      } catch {
        // Nothing lies there, or something else: we go on with what we have.
      }
      return kept;
    }

    function change(how) {
      how(read());
      try {
        localStorage.setItem(key, JSON.stringify(kept));
        lasting = true;
      } catch {
        lasting = false; // what lies there is older than what we have
      }
    }

    const timesOf = (lesson) => {
      const times = read().seeds[lesson];
      return Number.isSafeInteger(times) && times > 0 ? times : 0;
    };
    const seedOf = (lesson) => base + timesOf(lesson);
    function answerTo({ id, lesson, mark }) {
      const answer = read().answers[id];
      const same = answer && answer.mark === mark && answer.seed === seedOf(lesson);
      return same ? answer.given : undefined;
    }
    return {
      lasting: () => lasting,
      seedOf,
      answerTo,
      /** The answers, for who counts them: quiz/points.py reads this. */
      text(items) {
        const answered = items.filter((item) => answerTo(item) !== undefined);
        return JSON.stringify(Object.fromEntries(answered.map(({ id }) => [id, kept.answers[id]])));
      },
      keep({ id, mark }, seed, given) {
        change(({ answers }) => (answers[id] = { mark, seed, given }));
      },
      startAgain(lessons, ids) {
        const next = Object.fromEntries(lessons.map((n) => [n, timesOf(n) + 1]));
        change(({ seeds, answers }) => {
          Object.assign(seeds, next);
          for (const id of ids) delete answers[id];
        });
      },
    };
  }

  // --- The kinds of questions ---
  //
  // Each builds its inputs into `box` and gives back
  //   read()         what is answered, as plain data; throws an Error that says what is missing
  //   fill(given)    shows such an answer again; throws if it is none
  //   mark(given)    {points from 0 to 1, notes: [{label, html, good}]}
  //   lock(given)    nothing can be changed any more, and what was right is marked in words
  //   first          the first input

  const say = (label, text) =>
    label.append(" ", element("span", { class: "quiz-tag" }, [text]));

  function buildChoices(box, item, seed, name) {
    const several = item.kind === "multiple";
    const labels = [];
    const inputs = [];
    const list = add(box, "ul", { class: "quiz-choices" });
    for (const index of choiceOrder(item, seed)) {
      const type = several ? "checkbox" : "radio";
      const id = `${name}-${index}`;
      inputs[index] = element("input", { type, id, name, value: index });
      labels[index] = rich("label", item.choices[index].text, { for: id });
      add(list, "li", {}, [inputs[index], labels[index]]);
    }
    const isRight = (index) => item.choices[index].right;
    const all = [...item.choices.keys()];

    function markSeveral(given) {
      const hits = given.filter(isRight).length;
      const score = (2 * hits - given.length) / all.filter(isRight).length;
      const notes = all
        .filter((index) => given.includes(index) || isRight(index))
        .map((index) => {
          const [{ text, feedback: html }, ticked] = [item.choices[index], given.includes(index)];
          return { label: text, html, good: ticked && isRight(index), missed: !ticked };
        });
      return { points: Math.max(0, score), notes };
    }

    function check(given) {
      const good = Array.isArray(given) && given.length && given.every((i) => all.includes(i));
      if (!good || (!several && given.length > 1)) throw new Error("no answer to this question");
    }

    return {
      first: list.querySelector("input"),
      read() {
        const given = all.filter((index) => inputs[index].checked);
        if (given.length) return given;
        throw new Error(several ? "Tick at least one answer first." : "Choose an answer first.");
      },
      fill(given) {
        check(given);
        for (const index of given) inputs[index].checked = true;
      },
      mark(given) {
        if (several) return markSeveral(given);
        const [chosen] = given;
        const { feedback: html } = item.choices[chosen];
        return { points: Number(isRight(chosen)), notes: [{ html, good: isRight(chosen) }] };
      },
      lock(given) {
        for (const index of all) {
          inputs[index].disabled = true;
          const [chosen, right] = [given.includes(index), isRight(index)];
          if (right) say(labels[index], chosen ? "✓ right, and chosen" : "✓ right");
          else if (chosen) say(labels[index], "✗ chosen, not right");
          if (right || chosen) labels[index].parentNode.dataset.right = right;
        }
      },
    };
  }

  /** The number that a reader wrote: 0.5, 0,5, −3, 1/3; NaN for anything else. */
  GanQuiz.toNumber = function (text) {
    const parts = text.replaceAll("–", "-").replaceAll(",", ".").split("/");
    const [above, below = 1] = parts.map(GanLab.readNumber);
    const value = parts.length > 2 ? NaN : above / below;
    return Number.isFinite(value) ? value : NaN;
  };

  function buildNumber(box, item, seed, name) {
    const variant = variantOf(item, seed);
    const id = `${name}-number`;
    const input = element("input", { type: "text", id, autocomplete: "off", spellcheck: "false" });
    const label = element("label", { for: id }, ["Your number:"]);
    const row = add(box, "p", { class: "quiz-number-row" }, [label, " ", input]);
    const near = (key, value) => Math.abs(value - key) <= item.tolerance;
    const unclear = (text) => Number.isNaN(GanQuiz.toNumber(text));
    return {
      first: input,
      read() {
        const wrong = unclear(input.value);
        if (wrong) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
        if (!wrong) return input.value.trim();
        const what = input.value.trim();
        throw new Error(
          what
            ? `“${what}” is no number. Write it like 0.35, −2 or 1/3.`
            : "Write a number first, like 0.35, −2 or 1/3.",
        );
      },
      fill(given) {
        if (typeof given !== "string" || unclear(given)) throw new Error("no number");
        input.value = given;
      },
      mark(given) {
        const value = GanQuiz.toNumber(given);
        if (near(variant.key, value)) return { points: 1, notes: [{ html: variant.feedback, good: true }] };
        const belief = variant.beliefs.find(({ key }) => near(key, value));
        return { points: 0, notes: [{ html: belief ? belief.feedback : variant.hint, good: false }] };
      },
      lock(given) {
        input.readOnly = true;
        const right = near(variant.key, GanQuiz.toNumber(given));
        say(row, right ? "✓ right" : `✗ not right; right is ${variant.shown}`);
        row.dataset.right = right;
      },
    };
  }

  function buildOrder(box, item, seed, name, tell) {
    const list = add(box, "ol", { class: "quiz-order" });
    const rows = item.entries.map(({ text }, entry) => {
      const what = rich("span", text, { class: "quiz-entry" });
      const row = element("li", {}, [what]);
      row.dataset.entry = entry;
      const moves = add(row, "span", { class: "quiz-moves" });
      for (const [word, by] of [["Up", -1], ["Down", 1]]) {
        const made = button(moves, word, () => move(row, by, made));
        made.setAttribute("aria-label", `${word}: ${plain(text)}`);
      }
      return row;
    });
    list.append(...entryOrder(item, seed).map((entry) => rows[entry]));
    const given = () => [...list.children].map((row) => Number(row.dataset.entry));

    function showEnds() {
      for (const row of list.children) {
        const [up, down] = row.querySelectorAll("button");
        up.setAttribute("aria-disabled", String(row === list.firstChild));
        down.setAttribute("aria-disabled", String(row === list.lastChild));
      }
    }

    function move(row, by, pressed) {
      const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other) return;
      if (by < 0) other.before(row);
      else other.after(row);
      showEnds();
      pressed.focus(); // a browser drops the focus of what it moves
      const place = given().indexOf(Number(row.dataset.entry)) + 1;
      tell(`${row.firstChild.textContent}: now ${place} of ${rows.length}`);
    }

    showEnds();
    return {
      first: list.querySelector("button"),
      read: given,
      fill(order) {
        const good = Array.isArray(order) && order.length === rows.length;
        if (!good || rows.some((_, entry) => !order.includes(entry))) throw new Error("no order");
        list.append(...order.map((entry) => rows[entry]));
        showEnds();
      },
      mark(order) {
        const pairs = order.flatMap((a, i) => order.slice(i + 1).map((b) => a < b));
        const notes = item.entries.map(({ text, feedback }, entry) => ({
          label: `${entry + 1}. ${text}`,
          html: feedback,
          good: order[entry] === entry,
        }));
        return { points: pairs.filter(Boolean).length / pairs.length, notes };
      },
      lock(order) {
        for (const row of rows) {
          const entry = Number(row.dataset.entry);
          row.querySelector(".quiz-moves").remove();
          const right = order.indexOf(entry) === entry;
          say(row, right ? "✓ in its place" : `✗ belongs to place ${entry + 1}`);
          row.dataset.right = right;
        }
      },
    };
  }

  // --- One question ---

  const codeList = (item) =>
    element(
      "ol",
      { class: "quiz-code" },
      item.code.map((line) => element("li", {}, [element("code", {}, [line])])),
    );

  const score = (points) => String(Math.round(100 * points) / 100);

  const goBack = (item, pages) => {
    const { page } = GanQuiz.BANK.lessons.find(({ number }) => number === item.lesson);
    const words = `lesson ${item.lesson}, ${item.section}`;
    if (!pages) return rich("span", words, { class: "quiz-back" });
    return rich("a", words, { class: "quiz-back", href: `${pages}/${page}.html#${item.anchor}` });
  };

  /** A question in the page: its <fieldset>, and its points once it has been answered. */
  function buildItem(item, number, { prefix, store, pages, tell, changed }) {
    const seed = store.seedOf(item.lesson); // kept: another tab may start again
    const name = `${prefix}-${item.id}`;
    const box = element("fieldset", { class: "quiz-item", id: name });
    const how = element("span", { class: "quiz-how" }, [KINDS[item.kind].how]);
    const title = element("span", { class: "quiz-number" }, [`Question ${number}.`]);
    const prompt = rich("span", promptOf(item, seed), { class: "quiz-prompt" });
    add(box, "legend", {}, [title, " ", prompt, " ", how]);
    if (item.code) box.append(codeList(item));
    const inputs = KINDS[item.kind].build(box, item, seed, name, tell);
    const check = button(box, "Check", () => answer());
    check.setAttribute("aria-label", `Check question ${number}`);
    // Here from the start, so that screen readers hear what is put into it.
    const region = add(box, "div", { class: "quiz-feedback", role: "status" });
    const made = { item, number, seed, box, points: null, focus: () => inputs.first.focus() };

    function tellResult(points, notes) {
      const outcome = points === 1 ? "right" : points > 0 ? "partly" : "wrong";
      const words = {
        right: "✓ Right.",
        partly: `◐ Partly right: ${score(points)} of 1 point.`,
        wrong: "✗ Not right.",
      }[outcome];
      const [first] = notes;
      const told = first.label ? element("ul", {}, notes.map(tellNote)) : rich("p", first.html);
      const result = element("p", { class: "quiz-result" }, [words]);
      const stop = /[?!]$/.test(item.section) ? "" : ".";
      const again = element("p", {}, ["Read again: ", goBack(item, pages), stop]);
      // All at once: a screen reader tells each change.
      region.replaceChildren(result, told, ...(points < 1 ? [again] : []));
      box.dataset.result = outcome;
    }

    function tellNote({ label, html, good, missed }) {
      const sign = missed ? "missed: " : good ? "✓ " : "✗ ";
      const parts = [sign, rich("strong", label), " ", rich("span", html)];
      return element("li", {}, parts);
    }

    function close(given) {
      const { points, notes } = inputs.mark(given);
      made.points = points;
      inputs.lock(given);
      check.textContent = "Checked";
      check.setAttribute("aria-label", `Question ${number} is checked`);
      check.setAttribute("aria-disabled", "true"); // not disabled: that would drop the focus
      tellResult(points, notes);
    }

    function answer() {
      if (made.points !== null) return;
      let given;
      try {
        given = inputs.read();
      } catch (missing) {
        region.replaceChildren(element("p", { class: "lab-error" }, [missing.message]));
        return;
      }
      const locked = document.activeElement.matches("[type=radio], [type=checkbox]");
      if (locked) check.focus(); // what is disabled would lose the focus
      close(given);
      store.keep(item, seed, given);
      changed();
    }

    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) {
        event.preventDefault();
        answer();
      }
    });

    const kept = store.answerTo(item);
    if (kept !== undefined) {
      try {
        inputs.fill(kept);
        close(kept);
      } catch {
        // Damaged: the question is open again.
      }
    }
    return made;
  }

  // --- On paper ---

  function onPaper({ item, number, seed }) {
    const box = element("div", { class: "quiz-paper" });
    const told = item.kind === "ordering" ? "Number the lines." : KINDS[item.kind].how;
    const how = element("em", {}, [told]);
    const prompt = rich("span", promptOf(item, seed));
    add(box, "p", {}, [element("strong", {}, [`${number}.`]), " ", prompt, " ", how]);
    if (item.code) box.append(codeList(item));
    if (item.variants) {
      add(box, "p", { class: "quiz-room" }, ["Answer: "]);
      return box;
    }
    const [order, all] = item.choices ? [choiceOrder, item.choices] : [entryOrder, item.entries];
    const texts = order(item, seed).map((i) => rich("li", all[i].text, { class: "quiz-box" }));
    add(box, "ul", {}, texts);
    return box;
  }

  function solution({ item, seed }) {
    if (item.variants) return variantOf(item, seed).shown;
    const right = item.entries || item.choices.filter((choice) => choice.right);
    const words = item.entries ? (entry, i) => `(${i + 1}) ${entry.text}` : (choice) => choice.text;
    return right.map(words).join(" / ");
  }

  /** All these questions for print, with room to write, and on request the answers at the end. */
  function buildSheet(sheet, asked, withAnswers) {
    sheet.replaceChildren(element("p", { class: "lab-heading" }, ["The quiz"]), ...asked.map(onPaper));
    if (!withAnswers) return;
    const told = (one) => rich("li", `<strong>${one.number}.</strong> ${solution(one)}`);
    sheet.append(
      element("p", { class: "lab-heading quiz-key-heading" }, ["Answers"]),
      element("ul", { class: "quiz-key" }, asked.map(told)),
    );
  }

  // --- The score ---

  /** What these questions got: "1.5 of 3 points, 1 still open". */
  function told(each) {
    const done = each.filter(({ points }) => points !== null);
    if (!done.length) return "not answered yet";
    const open = each.length - done.length;
    const whole = `${score(sum(done))} of ${each.length} ${each.length === 1 ? "point" : "points"}`;
    return whole + (open ? `, ${open} still open` : "");
  }

  const sum = (each) => each.reduce((total, { points }) => total + points, 0);

  /** Points by lesson and objective, with the way back to what should be read again. */
  function buildScore(parent, made, pages) {
    const groups = new Map();
    for (const each of made) {
      const name = `${each.item.lesson} ${each.item.objective}`;
      groups.set(name, [...(groups.get(name) || []), each]);
    }
    parent.replaceChildren();
    let [list, lesson] = [null, 0];
    for (const each of groups.values()) {
      const [{ item }] = each;
      if (item.lesson !== lesson) {
        lesson = item.lesson;
        const those = made.filter((one) => one.item.lesson === lesson);
        add(parent, "h4", {}, [`Lesson ${lesson}: ${told(those)}`]);
        list = add(parent, "ul", { class: "quiz-objectives" });
      }
      list.append(scoreRow(each, pages));
    }
  }

  function scoreRow(each, pages) {
    const done = each.filter(({ points }) => points !== null);
    const row = element("li", {}, [
      rich("span", each[0].item.objective),
      element("strong", {}, [told(each)]),
      element("progress", { value: sum(done), max: each.length, "aria-hidden": "true" }),
    ]);
    const lost = done.filter((one) => one.points < 1).map(({ item }) => item);
    const places = [...new Map(lost.map((item) => [item.anchor, item])).values()];
    if (places.length) {
      const back = add(row, "span", { class: "quiz-again" }, ["Read again: "]);
      places.forEach((item, i) => back.append(i ? "; " : "", goBack(item, pages)));
    }
    return row;
  }

  // --- The quiz ---

  function fill(section, count) {
    const { lessons, items } = GanQuiz.BANK;
    const [names, base] = section.dataset.ganQuiz.split("-");
    const asked = names === "all" ? lessons.map(({ number }) => number) : names.split(",").map(Number);
    const pages = section.dataset.pages;
    const prefix = count ? `quiz${count}` : "quiz";
    const store = makeStore(Number(base) || 0);
    const offered = lessons.filter(({ number }) => asked.includes(number));
    const unknown = asked.find((asks) => !lessons.some(({ number }) => number === asks));
    if (unknown !== undefined) throw new Error(`there is no lesson ${unknown}`);
    let chosen = 0; // all that are offered
    let made = [];

    add(section, "p", { class: "lab-heading" }, ["The quiz: test what you know"]);
    const shown = () => made.filter(({ item }) => !chosen || item.lesson === chosen);
    const done = () => shown().filter(({ points }) => points !== null);

    const bar = add(section, "div", { class: "quiz-bar" });
    if (offered.length > 1) {
      field(bar, {
        label: "Questions on",
        kind: "select",
        value: "0",
        choices: [
          ["0", offered.length < lessons.length ? "all of these lessons" : "all lessons"],
          ...offered.map(({ number, title }) => [String(number), `lesson ${number}: ${title}`]),
        ],
        onChange: (value) => {
          chosen = Number(value);
          show();
        },
      });
    }
    const buttons = add(bar, "div", { class: "lab-buttons" });
    button(buttons, "Next open question", () => {
      const next = shown().find(({ points }) => points === null);
      if (!next) return tell("Every question is answered. Your score is at the end.");
      next.box.scrollIntoView({ block: "start" });
      next.focus();
    });
    const again = button(buttons, "Start again", () => ask(true));
    button(buttons, "Hand in", () => handIn());
    button(buttons, "Print", () => print(false));
    button(buttons, "Print with answers", () => print(true));
    const sure = add(bar, "div", { class: "quiz-sure", hidden: "" });
    const doubt = add(sure, "p", { role: "status" });
    const yes = add(sure, "div", { class: "lab-buttons" });
    const clear = button(yes, "Yes, clear them", () => startAgain());
    button(yes, "No, keep them", () => ask(false));
    const id = `${prefix}-text`;
    const how = "Your answers to all questions so far. Copy this text, and paste it into the assignment:";
    const paper = add(bar, "div", { class: "quiz-text", hidden: "" });
    add(paper, "label", { for: id }, [how]);
    const text = add(paper, "textarea", { id, rows: 4, readonly: "", spellcheck: "false" });
    const line = add(bar, "p", { class: "quiz-line" });
    const meter = add(bar, "progress", { "aria-hidden": "true" });
    const { say: tell } = GanLab.liveText(section, { heard: true });

    const body = add(section, "div");
    add(section, "h3", {}, ["Your score by lesson and objective"]);
    const result = add(section, "div", { class: "quiz-score" });
    const sheet = add(section, "div", { class: "quiz-sheet" });
    const groups = new Map();

    function changed() {
      const [all, some] = [shown(), done()];
      line.textContent =
        `${some.length} of ${all.length} questions answered` +
        (some.length ? `, ${score(sum(some))} of ${some.length} points` : "") +
        (store.lasting() ? "" : "; this browser can’t keep them, so they end with the page");
      [meter.value, meter.max] = [some.length, all.length];
      text.value = store.text(items);
      buildScore(result, all, pages);
    }

    function show() {
      for (const [number, group] of groups) group.hidden = Boolean(chosen) && number !== chosen;
      ask(false);
      changed();
    }

    function build() {
      made = [];
      body.replaceChildren();
      for (const { number, title } of offered) {
        const group = add(body, "div", { class: "quiz-lesson" });
        add(group, "h3", {}, [`Lesson ${number}: ${title}`]);
        for (const item of items.filter(({ lesson }) => lesson === number)) {
          const one = buildItem(item, made.length + 1, { prefix, store, pages, tell, changed });
          made.push(one);
          group.append(one.box);
        }
        groups.set(number, group);
      }
      show();
    }

    function ask(open) {
      tell(""); // so that the same words are read again
      const n = done().length;
      if (open && !n) return startAgain();
      const had = sure.contains(document.activeElement);
      sure.hidden = !open;
      if (open) {
        doubt.textContent = `This clears ${n} of your answers.`;
        clear.focus();
      } else if (had) again.focus();
    }

    function startAgain() {
      const numbers = offered.map(({ number }) => number);
      store.startAgain(
        numbers.filter((number) => !chosen || number === chosen),
        shown().map(({ item }) => item.id),
      );
      const hadFocus = sure.contains(document.activeElement);
      build();
      if (hadFocus) again.focus();
      tell("Started again, with another order and other numbers.");
    }

    /** No more than a text: a script may not copy or save in every frame, its reader may. */
    function handIn() {
      changed(); // another tab may have answered
      paper.hidden = false;
      text.focus();
      text.select();
    }

    function print(withAnswers) {
      buildSheet(sheet, shown(), withAnswers);
      sheet.dataset.ready = "true";
      document.documentElement.classList.add("quiz-only");
      window.print();
    }
    addEventListener("beforeprint", () => {
      if (!sheet.dataset.ready) buildSheet(sheet, shown(), false); // by the browser's own menu
    });
    addEventListener("afterprint", () => {
      delete sheet.dataset.ready;
      document.documentElement.classList.remove("quiz-only");
      sheet.replaceChildren();
    });

    build();
  }

  /** Build the quiz in its section; once. */
  GanQuiz.mount = function (section, count = 0) {
    section.classList.add("gan-quiz");
    GanLab.fillOnce(section, "The quiz", () => fill(section, count));
  };

  GanQuiz.mountAll = () =>
    document.querySelectorAll("section[data-gan-quiz]").forEach(GanQuiz.mount);
  addEventListener("DOMContentLoaded", GanQuiz.mountAll);
})();
