// The settings of a live lab: which go together, what their values are called, those of run B, and
// what of them stands in a link.  No page in here.
(function () {
  "use strict";
  const { SETTINGS, PRESETS, withMinus, words } = GanLab;

  const MOST_WORK = 4.6e6; // weights × batch that a page can bear, about 50 ms an update
  const CHOICE_WORDS = {
    loss: (value) => GanLab.LOSSES[value].label,
    start: (value) => ({ normal: "N(0, 1)", uniform: "small, as in PyTorch" })[value],
    target: (value) => GanLab.TARGETS[value].label,
    recipe: (value) => (value === "full" ? "the usual settings" : PRESETS[value].title),
  };

  const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  GanLab.equal = equal;
  GanLab.labelOf = (name) => SETTINGS[name]?.label ?? name;

  /** The choices of a setting as [[value, words], …]; null where any number may be typed. */
  GanLab.choicesOf = function (name, preset = {}) {
    const values = {
      target: Object.keys(GanLab.TARGETS),
      loss: preset.losses || SETTINGS.loss.choices,
      recipe: Object.keys(PRESETS).filter((key) => PRESETS[key].kind === "live"),
    }[name] || SETTINGS[name].choices;
    return values ? values.map((value) => [value, GanLab.valueWords(name, value)]) : null;
  };

  GanLab.targetWords = function (spec) {
    const { kind, gap } = spec;
    // Of a drawing, its own: those of its settings say where the sheet lies.
    const drawn = kind === "drawn" && GanLab.target(spec);
    const [mean, std] = drawn ? [drawn.mean, drawn.std].map(words) : [spec.mean, spec.std];
    const more = gap === undefined ? "" : `, distance ${gap}`;
    return withMinus(`${CHOICE_WORDS.target(kind)}, μ = ${mean}, σ = ${std}${more}`);
  };

  const valueWords = (GanLab.valueWords = function (name, value) {
    if (Object(value) === value) return GanLab.targetWords(value);
    return CHOICE_WORDS[name] ? CHOICE_WORDS[name](value) : withMinus(String(value));
  });

  /** A run in a few words: its seed, and where it differs from other settings. */
  GanLab.runWords = function (own, from) {
    const names = Object.keys(own).filter((name) => name !== "seed" && !equal(own[name], from[name]));
    const words = (name) => `${GanLab.labelOf(name)} ${valueWords(name, own[name])}`;
    return ["seed", ...names].map(words).join(", ");
  };

  /** What a reader is likely to try in place of a value. */
  GanLab.otherValue = function (name, value, preset) {
    if (name === "recipe") return "adversarial";
    const choices = GanLab.choicesOf(name, preset)?.map(([choice]) => choice);
    if (choices) return choices.find((choice) => choice !== value);
    if (name === "beta1") return value === 0.5 ? 0.9 : 0.5;
    const { max } = SETTINGS[name];
    if (!value) return name === "average" ? 0.99 : Math.min(max, 1);
    return 2 * value <= max ? 2 * value : value / 2;
  };

  const ofCross = { d: "−log D(x) − log(1 − D(G(z)))" };
  /** What D and G minimise, on average over x and z; a is the logit of D. */
  GanLab.FORMULAS = {
    nonsaturating: { ...ofCross, g: "−log D(G(z))" },
    saturating: { ...ofCross, g: "log(1 − D(G(z)))" },
    mean: { ...ofCross, g: "−G(z)" },
    squared_mean: { ...ofCross, g: "(m − μ)², m the mean of G(z)" },
    stats: { ...ofCross, g: "(m − μ)² + (s − σ)², m and s of G(z)" },
    adversarial_plus_stats: { ...ofCross, g: "−log D(G(z)) + (m − μ)² + (s − σ)²" },
    relativistic: {
      d: "−log sigmoid(a(x) − a(G(z)))", g: "−log sigmoid(a(G(z)) − a(x))",
    },
    least_squares: { d: "½(a(x) − 1)² + ½a(G(z))²", g: "½(a(G(z)) − 1)²" },
    hinge: { d: "max(0, 1 − a(x)) + max(0, 1 + a(G(z)))", g: "−a(G(z))" },
    wasserstein: { d: "a(G(z)) − a(x)", g: "−a(G(z))" },
  };

  GanLab.asksD = ({ loss }) => Boolean(GanLab.LOSSES[loss].logits);

  /** Whether D has a part in the game: some losses of G do not ask it, and then it may rest. */
  GanLab.playsD = (settings) => settings.dSteps > 0 || GanLab.asksD(settings);

  const OF_D = ["rateD", "dSteps", "r1", "r2", "gradientPenalty"];

  /** Whether a lab has a D: one with losses that do not ask it has none. */
  GanLab.hasD = ({ losses }) => !losses || losses.some((loss) => GanLab.asksD({ loss }));

  /** The settings that a lab offers. */
  GanLab.settingsOf = (preset) =>
    Object.keys(SETTINGS).filter((name) =>
      (preset.cures || !SETTINGS[name].cure) && (GanLab.hasD(preset) || !OF_D.includes(name)));

  /** The number of weights that one update works with. */
  GanLab.sizeOf = ({ hidden, layers, latent }) =>
    hidden * (latent + 2 + (layers - 1) * (hidden + 1)) + 1;

  /** Settings with some changes, or an Error that says what is not allowed. */
  GanLab.changed = function (settings, changes) {
    const own = { ...settings };
    for (const [name, value] of Object.entries(changes)) {
      own[name] = GanLab.checkSetting(name, value);
    }
    const most = Math.max(128, Math.floor(MOST_WORK / GanLab.sizeOf(own)));
    if (own.batch > most) {
      throw new Error(
        `batch size is “${own.batch}”: with networks this large it must be up to ${most}`,
      );
    }
    return own;
  };

  /** What two runs may differ in: all but the seed, since then each would be another game. */
  GanLab.comparedIn = (preset) => [
    ...(preset.cures ? ["target", "recipe"] : ["target"]),
    ...GanLab.settingsOf(preset).filter((name) => name !== "seed"),
  ];

  /**
   * The settings of run B: those of run A, but for one; of a target it is the kind.  With another
   * lab's recipe all are that lab's, but for seed and target.
   */
  GanLab.other = function (own, { setting, value }) {
    const { seed, target } = own;
    if (setting !== "recipe") {
      return GanLab.changed(own, { [setting]: setting === "target" ? { ...target, kind: value } : value });
    }
    if (!Object.hasOwn(PRESETS, value) || PRESETS[value].kind !== "live") {
      throw new Error(`there is no recipe “${value}”`);
    }
    return { ...GanLab.startOf(PRESETS[value]), seed, target };
  };

  // --- Links ----------------------------------------------------------------------------------

  GanLab.startOf = (preset) => GanLab.changed(GanLab.DEFAULTS, preset.settings || {});
  GanLab.presetName = (preset) => Object.keys(PRESETS).find((key) => PRESETS[key] === preset);

  /** What differs from the lab's own preset, `first`, for the address. */
  GanLab.toLink = function ({ preset, own, compare }, first) {
    const start = GanLab.startOf(preset);
    const link = preset === first ? {} : { preset: GanLab.presetName(preset) };
    for (const [name, value] of Object.entries(own)) {
      if (!equal(value, start[name])) link[name] = value;
    }
    return compare ? { ...link, compare: { ...compare } } : link;
  };

  /** The way back: {preset, own, compare}, or an Error that says what is wrong with the link. */
  GanLab.fromLink = function ({ preset: asked, compare = null, ...changes }, first) {
    let preset = first;
    if (asked !== undefined) {
      preset = Object.hasOwn(PRESETS, asked) ? PRESETS[asked] : null;
      if (!preset || preset.kind !== "live") throw new Error(`there is no live lab “${asked}”`);
    }
    const parts = ["kind", ...Object.keys(GanLab.TARGET_SETTINGS)];
    const { target } = changes;
    const given = typeof target === "object" ? Object.keys(target) : [];
    const unknown = given.find((part) => !parts.includes(part));
    if (unknown) throw new Error(`a target has no “${unknown}”`);
    const own = GanLab.changed(GanLab.startOf(preset), changes);
    const runs = [own];
    if (compare) {
      if (!GanLab.comparedIn(first).includes(compare.setting)) {
        throw new Error(`two runs can't be compared in “${compare.setting ?? "nothing"}”`);
      }
      runs.push(GanLab.other(own, compare));
      if (equal(...runs)) throw new Error("the two runs would be the same");
    }
    const losses = GanLab.choicesOf("loss", first).map(([value]) => value);
    const strange = runs.find(({ loss }) => !losses.includes(loss));
    if (strange) throw new Error(`this lab has no loss “${strange.loss}”`);
    return { preset, own, compare };
  };
})();
