// The labs that are played by hand, in lessons 1, 2 and 4: nothing is trained in them, each
// picture is a formula (or, for the impostor, 1000 draws) at the settings of the reader.
(function () {
  "use strict";
  const { add, clamp, element, frame, shown, symbols, PROBABILITY } = GanLab;

  const REAL = GanLab.target({ kind: "normal", mean: 5, std: 1 }); // p_data of all three
  const SEEN = GanLab.grid(-2, 12, 281); // the x of the pictures
  const ON_X = { label: "x", min: -2, max: 12 };
  const DENSITY = { label: "density", min: 0, max: 0.45 };

  const normal = (mean, std) => GanLab.target({ kind: "normal", mean, std });
  const curve = (chart, kind, label, axis) => chart.line(label, { kind, label, axis });

  const logOf = (density) => Math.log(Math.max(density, Number.MIN_VALUE));
  /** log p − log q at each x: the logit of D*. */
  const bestLogit = (p, q) => p.map((_, i) => logOf(p[i]) - logOf(q[i]));

  // --- What the three have in common ---

  /** A table with a row for each {key: words}; returns show({key: number or text}, digits). */
  function table(parent, caption, rows) {
    const cells = {};
    const body = Object.entries(rows).map(([key, words]) => {
      cells[key] = element("td", { "data-number": key });
      return element("tr", {}, [element("th", { scope: "row" }, symbols(words)), cells[key]]);
    });
    const made = [element("caption", {}, [caption]), element("tbody", {}, body)];
    add(parent, "table", { class: "lab-table" }, made);
    return (values, digits) => {
      for (const [key, value] of Object.entries(values)) {
        cells[key].textContent = typeof value === "string" ? value : shown(value, digits);
      }
    };
  }

  // What the measures are, for the line under the numbers.
  const JSD_WORDS =
    "JSD: how well the two can be told apart, 0 for equal, log 2 = 0.693 nats at most " +
    "(nats: by the natural logarithm). ";
  const W1_WORDS = "W1: how far, on average, the samples must move. ";

  // --- Lesson 1: find the discriminator ---

  GanLab.views.game = function (section, preset, name) {
    const lab = frame(
      section,
      name,
      "p_data is N(5, 1). Choose a generator, and then place your own D, a logistic curve: " +
        "D(x) = sigmoid(slope · (x − place)). How close can you come to the best score?",
      {
        "Generator G": {
          mean: ["mean of G", 2, -1, 9, 0.05],
          std: ["std of G", 2, 0.3, 4, 0.05],
        },
        "Your own D": {
          place: ["place of your D", 5, -2, 12, 0.05],
          slope: ["slope of your D", 1, -5, 5, 0.05],
          best: ["show D*", 0, 0, 1],
        },
      },
    );
    const players = GanLab.chart(lab.charts, {
      title: "Densities and discriminators", x: ON_X, y: DENSITY, right: PROBABILITY,
    });
    const real = curve(players, "data", "p_data");
    const fake = curve(players, "fake", "p_g");
    const best = curve(players, "dstar", "D*", "right");
    const yours = curve(players, "d", "your D", "right");
    const scores = GanLab.chart(lab.charts, {
      title: "What each x adds to V", x: ON_X, y: { label: "p_data·log D + p_g·log(1 − D)" },
    });
    const gapArea = scores.area("gap", { kind: "meter", label: "the gap is this area" });
    const bestScore = curve(scores, "dstar", "at D*");
    const yourScore = curve(scores, "d", "at your D");
    const show = table(lab.numbers, "The score of D (D wants it high), in nats", {
      best: "V(D*, G), the best score",
      yours: "V(your D, G)",
      gap: "score gap, V(D*, G) − V(your D, G)",
    });
    let columns = {};

    function draw({ mean, std, place, slope, best: showBest }) {
      const model = normal(mean, std);
      const yourLogit = (x) => slope * (x - place);

      // Beyond seven standard deviations of both there is nothing left to add up.
      const line = GanLab.grid(Math.min(-2, mean - 7 * std), Math.max(12, mean + 7 * std), 2001);
      const [p, q] = [line.map(REAL.pdf), line.map(model.pdf)];
      const top = GanLab.gameValue(line, p, q, bestLogit(p, q));
      const own = GanLab.gameValue(line, p, q, line.map(yourLogit));
      const gap = top - own;

      const [pSeen, qSeen] = [SEEN.map(REAL.pdf), SEEN.map(model.pdf)];
      const [bestAt, yourAt] = [bestLogit(pSeen, qSeen), SEEN.map(yourLogit)];
      const adds = (logit) => GanLab.gameIntegrand(pSeen, qSeen, logit);
      const [bestAdds, yourAdds] = [adds(bestAt), adds(yourAt)];
      columns = {
        x: SEEN, p_data: pSeen, p_g: qSeen,
        D_star: bestAt.map(GanLab.sigmoid), D_yours: yourAt.map(GanLab.sigmoid),
        adds_star: bestAdds, adds_yours: yourAdds,
      };
      real.set(SEEN, pSeen);
      fake.set(SEEN, qSeen);
      best.set(SEEN, columns.D_star);
      best.hide(!showBest);
      yours.set(SEEN, columns.D_yours);
      players.range({ y: [0, Math.max(0.45, 1.1 * Math.max(...qSeen))] });
      bestScore.set(SEEN, bestAdds);
      yourScore.set(SEEN, yourAdds);
      gapArea.set(SEEN, yourAdds, bestAdds);
      const lowest = Math.min(...yourAdds, ...bestAdds);
      scores.range({ y: [Math.min(-0.5, Math.floor(2.1 * lowest) / 2), 0] });

      show({ best: top, yours: own, gap }, 4);
      const about =
        `p_data is N(5, 1), p_g N(${shown(mean, 2)}, ${shown(std, 2)}); ` +
        `your D is ½ at ${shown(place, 2)}, with slope ${shown(slope, 2)}; the gap is ${shown(gap)}.`;
      for (const chart of [players, scores]) chart.describe(about);
      const won = "Below 0.01: you have found a generator and its discriminator!";
      const ask =
        "Challenge: bring the gap below 0.01. With some generators no logistic curve gets there: " +
        "with N(2, 2) the best one has 0.051.";
      lab.say(`Score gap ${shown(gap)}. ${gap < 0.01 ? won : ask}`);
    }

    return lab.start(draw, { charts: [players, scores], csv: () => GanLab.csv(columns) });
  };

  // --- Lesson 2: the scripted run ---

  const FRAMES = 30;
  const FRAME_MS = 100;

  GanLab.views.scripted = function (section, preset, name) {
    const lab = frame(
      section,
      name,
      "p_g walks on rails from N(2, 2) to N(5, 1), in 30 frames. One D is the best there is; " +
        "the other one only looks like a discriminator.",
      {
        Time: { frame: ["frame", 0, 0, FRAMES - 1, 1] },
        "The scripted D": { factor: ["factor λ", 10, -50, 50, 0.1] },
      },
    );
    const chart = GanLab.chart(lab.charts, {
      title: "Scripted: nothing learns here", x: ON_X, y: DENSITY, right: PROBABILITY,
    });
    curve(chart, "data", "p_data").set(SEEN, SEEN.map(REAL.pdf));
    const fake = curve(chart, "fake", "p_g");
    const best = curve(chart, "dstar", "D*, the true one", "right");
    const wrong = curve(chart, "d", "sigmoid(λ·(p_g − p_data)), scripted", "right");
    const show = table(lab.numbers, "In this frame", {
      t: "time t, from 0 to 1",
      model: "p_g, as N(mean, std)",
      scripted: "scripted D at x = 5",
      best: "D* at x = 5",
      jsd: "JSD of p_data and p_g, in nats",
    });
    lab.note(JSD_WORDS);
    const line = GanLab.grid(-15, 20, 2001);
    let columns = {};
    let now = 0;

    function draw({ frame: number, factor }) {
      now = number;
      const t = number / (FRAMES - 1);
      const [mean, std] = [(1 - t) * 2 + t * 5, (1 - t) * 2 + t * 1];
      const model = normal(mean, std);
      const scripted = (x) => GanLab.sigmoid(factor * (model.pdf(x) - REAL.pdf(x)));
      const trueBest = (x) => GanLab.optimalD(REAL.pdf(x), model.pdf(x));
      const jsd = GanLab.jsdOfDensities(line, line.map(REAL.pdf), line.map(model.pdf));

      columns = {
        x: SEEN, p_data: SEEN.map(REAL.pdf), p_g: SEEN.map(model.pdf),
        D_star: SEEN.map(trueBest), D_scripted: SEEN.map(scripted),
      };
      fake.set(SEEN, columns.p_g);
      best.set(SEEN, columns.D_star);
      wrong.set(SEEN, columns.D_scripted);
      const [says, should] = [scripted(5), trueBest(5)];
      const words = `N(${shown(mean, 2)}, ${shown(std, 2)})`;
      show({ t, model: words, scripted: says, best: should, jsd });
      const told =
        `Frame ${number}: p_g is ${words}. At x = 5 the scripted D says ${shown(says)}, ` +
        `and D* ${shown(should)}. JSD ${shown(jsd)}.`;
      chart.describe(told);
      lab.say(told);
    }

    // Play: one frame after the other, until the last one or until the reader presses Pause.
    let timer = null;
    const play = GanLab.button(lab.groups.Time, "Play", () => {
      if (timer !== null) return stop();
      play.textContent = "Pause";
      if (now === FRAMES - 1) lab.turn({ frame: 0 });
      timer = setInterval(() => {
        if (now < FRAMES - 1) lab.turn({ frame: now + 1 });
        if (now >= FRAMES - 1) stop();
      }, FRAME_MS);
    });

    function stop() {
      clearInterval(timer);
      timer = null;
      play.textContent = "Play";
    }

    return lab.start(draw, { charts: [chart], csv: () => GanLab.csv(columns), stop });
  };

  // --- Lesson 4: an impostor ---

  const DRAWS = 1000;
  const MEASURES = { w1: "W1", ks: "KS", jsd: "JSD" };
  const FAR = 3; // “far above the floor”: so many times its upper end

  /** Mean and standard deviation of the two bumps themselves, not of samples. */
  function population({ left, right, share, leftWidth, rightWidth }) {
    const mean = share * left + (1 - share) * right;
    const spread =
      share * (leftWidth ** 2 + (left - mean) ** 2) +
      (1 - share) * (rightWidth ** 2 + (right - mean) ** 2);
    return { mean, std: Math.sqrt(spread) };
  }

  /** A bar for one measure on a logarithmic scale, with the floor's band behind it. */
  function meter(parent, label) {
    const words = add(parent, "p", { class: "lab-meter-words" });
    const track = add(parent, "div", { class: "lab-meter", "aria-hidden": "true" });
    const [band, bar] = ["band", "bar"].map((part) =>
      add(track, "div", { class: `lab-meter-${part}` }),
    );
    return (value, { low, high }) => {
      // The track reaches from a fifth of the band's upper end to 200 times as much.
      const place = (v) => 100 * clamp(Math.log(v / high / 0.2) / Math.log(1000), 0, 1);
      band.style.left = `${place(low)}%`;
      band.style.width = `${place(high) - place(low)}%`;
      bar.style.width = `${place(value)}%`;
      const verdict = value > high ? "above the floor" : "inside the floor";
      words.textContent =
        `${label} ${shown(value, 4)}: ${verdict}, ${shown(low, 4)} to ${shown(high, 4)}`;
    };
  }

  GanLab.views.impostor = function (section, preset, name) {
    const lab = frame(
      section,
      name,
      "The target is N(5, 1), and the loss asks for its mean and std alone. Build a sampler of " +
        "two bumps: drag their places in the picture, or turn the controls. A bump of width 0 " +
        "is a point.",
      {
        "Left bump": {
          left: ["place of the left bump", 3, -2, 5, 0.05],
          leftWidth: ["width of the left bump", 0.3, 0, 3, 0.05],
          share: ["share of the left bump", 0.5, 0, 1, 0.01],
        },
        "Right bump": {
          right: ["place of the right bump", 6, 5, 12, 0.05],
          rightWidth: ["width of the right bump", 0.3, 0, 3, 0.05],
        },
      },
    );
    const chart = GanLab.chart(lab.charts, {
      title: "The target and your sampler", x: ON_X, y: { ...DENSITY, max: 1.05 },
    });
    curve(chart, "data", "p_data").set(SEEN, SEEN.map(REAL.pdf));
    const bumps = curve(chart, "fake", "your sampler");
    const points = curve(chart, "fake", "a point, as a dash at the height of its share");
    const ticks = chart.rug("samples", { kind: "fake", label: "100 of its samples" });
    const handle = (key, min, max) =>
      chart.draggable(key, {
        kind: "fake", label: `place of the ${key} bump`, mark: key, min, max, step: 0.05,
        onInput: (value) => lab.turn({ [key]: value }),
      });
    const handles = { left: handle("left", -2, 5), right: handle("right", 5, 12) };
    const show = table(lab.numbers, "What the loss sees: your sampler's own mean and std", {
      mean: "mean m",
      std: "std s",
      loss: "loss, (m − 5)² + (s − 1)²",
    });
    const box = add(lab.numbers, "div", { class: "lab-meters" });
    const heading = `What the metrics see: ${DRAWS} samples, against the noise floor`;
    add(box, "p", { class: "lab-meter-title" }, [heading]);
    lab.note(
      `The floor: what ${DRAWS} samples of a perfect sampler get, 8 times in 10. ${W1_WORDS}` +
        `KS: the largest gap between the two cdfs. ${JSD_WORDS}`,
    );
    const meters = Object.entries(MEASURES).map(([key, label]) => [key, meter(box, label)]);

    // The same noise for all settings, so that nothing but the settings moves the numbers.
    const random = GanLab.randomSource(0, 5);
    const noise = Array.from({ length: DRAWS }, () => [random.uniform(), random.normal()]);
    let samples = [];

    function draw(settings) {
      const { left, right, share, leftWidth, rightWidth } = settings;
      const { mean, std } = population(settings);
      const loss = (mean - REAL.mean) ** 2 + (std - REAL.std) ** 2;
      samples = noise.map(([u, z]) => (u < share ? left + leftWidth * z : right + rightWidth * z));

      const parts = [[share, left, leftWidth], [1 - share, right, rightWidth]];
      const wide = parts.filter(([weight, , width]) => width > 0 && weight > 0);
      const sharp = parts.filter(([weight, , width]) => width === 0 && weight > 0);
      const laws = wide.map(([weight, place, width]) => [weight, normal(place, width).pdf]);
      const density = (x) => laws.reduce((sum, [weight, pdf]) => sum + weight * pdf(x), 0);
      bumps.set(SEEN, SEEN.map(density));
      bumps.hide(!wide.length);
      points.set(
        sharp.flatMap(([, place]) => [place - 0.25, place + 0.25, NaN]),
        sharp.flatMap(([weight]) => [weight, weight, NaN]),
      );
      points.hide(!sharp.length);
      ticks.set(samples.slice(0, 100));
      for (const key in handles) handles[key].set(settings[key]);

      const results = {};
      for (const [key, showMeter] of meters) {
        const [value, floor] = [GanLab[key](samples, REAL), GanLab.floor(key, REAL, DRAWS)];
        results[key] = value / floor.high;
        showMeter(value, floor);
      }
      show({ mean, std, loss: shown(loss, 5) });
      const told = `Loss ${shown(loss, 4)}, W1 ${shown(results.w1, 1)} times the floor's upper end.`;
      chart.describe(
        `p_data at 5; a bump at ${shown(left, 2)}, and one at ${shown(right, 2)}. ${told}`,
      );
      lab.say(`${told} ${challenge(loss, results)}`);
    }

    function challenge(loss, results) {
      if (Object.values(results).every((ratio) => ratio <= 1)) {
        return `All three are inside the floor: ${DRAWS} samples do not tell it from the target.`;
      }
      if (loss < 0.001 && results.w1 > FAR) {
        return (
          "An impostor: the loss is content, and W1 is not. Now bring W1, KS and JSD inside the " +
          "floor. What do you have to build?"
        );
      }
      return `Challenge: a loss below 0.001, with W1 more than ${FAR} times the floor's upper end.`;
    }

    return lab.start(draw, { charts: [chart], csv: () => GanLab.csv({ sample: samples }) });
  };
})();
