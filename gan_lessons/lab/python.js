// A run of the lab as a cell for a notebook, which trains it again with the Python package.
// There lab/same_run.py does the same in the package's names.  No page in here.
(function () {
  "use strict";
  const WIDTH = 88; // of a line, so that a notebook shows all of it
  const SNAPSHOTS = 100; // about so many are recorded on the way

  /** Each kind of target in Python. */
  const TARGETS = {
    normal: ({ mean, std }) => `Normal(${mean}, ${std})`,
    mixture: ({ mean, std, gap }) =>
      `Mixture([Normal(${mean - gap / 2}, ${std}), Normal(${mean + gap / 2}, ${std})], [0.5, 0.5])`,
    uniform: ({ mean, std }) => `Uniform(${mean} - ${std} * 3**0.5, ${mean} + ${std} * 3**0.5)`,
    exponential: ({ mean, std }) => `Exponential(rate=1 / ${std}, start=${mean - std})`,
    two_point: ({ mean, std }) => `TwoPoint(${mean - std}, ${mean + std})`,
    drawn: ({ mean, std, shape }) => `Drawn("${shape}", ${mean}, ${std})`,
  };

  /** The package's usual settings, which go without saying. */
  const USUAL = {
    loss: "nonsaturating", batch_size: 128, betas: "(0.9, 0.999)", d_steps: 1, r1: 0, r2: 0,
    gradient_penalty: 0, average: 0, schedule: "constant", optimistic: "no", standardise: "no",
  };

  const quoted = (text) => `"${text}"`;

  /** A call in Python, in lines that are short enough; `given` are its arguments as texts. */
  function call(start, given) {
    const single = `${start}(${given.join(", ")})`;
    if (single.length <= WIDTH) return single;
    const lines = [""];
    for (const text of given) {
      if (lines.at(-1).length + text.length + 6 > WIDTH) lines.push("");
      lines[lines.length - 1] += `${lines.at(-1) && " "}${text},`;
    }
    return [`${start}(`, ...lines.map((line) => `    ${line}`), ")"].join("\n");
  }

  const named = (values) => Object.entries(values).map(([name, value]) => `${name}=${value}`);

  /** The cell: a run with these settings from its start, up to so many steps. */
  GanLab.toPython = function (settings, steps) {
    const most = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };
    const until = GanLab.checkNumber("steps", steps, most);
    const own = GanLab.checkSettings(settings);
    const { latent, hidden, layers, start, seed, decaySteps } = own;
    const learning = {
      loss: own.loss,
      batch_size: own.batch,
      learning_rate_g: own.rateG,
      learning_rate_d: own.rateD,
      betas: `(${own.beta1}, ${own.beta2})`,
      d_steps: own.dSteps,
      r1: own.r1,
      r2: own.r2,
      gradient_penalty: own.gradientPenalty,
      average: own.average,
      schedule: decaySteps ? "cosine" : "constant",
      optimistic: own.optimistic,
      standardise: own.standardise,
    };
    for (const [name, value] of Object.entries(learning)) {
      if (value === USUAL[name]) delete learning[name];
      else if (value === "yes") learning[name] = "True";
      else if (name === "loss" || name === "schedule") learning[name] = quoted(value);
    }
    if (decaySteps && decaySteps !== until) learning.decay_steps = decaySteps;
    const every = Math.ceil(until / SNAPSHOTS);
    const target = TARGETS[own.target.kind](own.target);
    const kinds = [...new Set(target.match(/\b[A-Z]\w+/g))].sort();
    const shape = { latent_dim: latent, hidden_dim: hidden, hidden_layers: layers };
    return [
      `from gan_lessons.distributions import ${kinds.join(", ")}`,
      "from gan_lessons.lab import same_run",
      "",
      `target = ${target}`,
      call(
        "generator, discriminator = same_run.build_players",
        named({ ...shape, start: quoted(start), seed }),
      ),
      call("history = same_run.train", [
        "target", "generator", "discriminator",
        ...named({ steps: until, ...(every > 1 && { every }), seed, ...learning }),
      ]),
      "print(same_run.numbers(history, target))",
      "",
    ].join("\n");
  };
})();
