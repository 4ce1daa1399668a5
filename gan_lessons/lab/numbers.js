// Numbers: read from a text, written in words, drawn at random, and the functions that both the
// targets and the networks are made of.  No page in here.
(globalThis.GanLab = globalThis.GanLab || {}).inWorkers = function (script) {
  (GanLab.workerScripts ??= new Set()).add(`(${script})();`);
  script();
};

// What is given to inWorkers runs here, and its text is kept: ensemble.js makes workers of it.  A
// page from a disk, or in a notebook's frame, has no file that a worker could load.
GanLab.inWorkers(function () {
  "use strict";
  GanLab.LOG_2 = Math.log(2);
  GanLab.LOG_4 = Math.log(4);
  GanLab.clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  GanLab.sigmoid = (a) => 1 / (1 + Math.exp(-a));
  GanLab.softplus = (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));

  /** The least number from `value` on that is one of the factors times a power of ten. */
  GanLab.roundUp = function (value, factors) {
    const power = 10 ** Math.floor(Math.log10(value));
    return power * factors.find((factor) => factor * power >= value * (1 - 1e-9));
  };

  // --- What a reader may give -----------------------------------------------------------------

  /** What was given, for a message: the beginning of it, where it is long. */
  GanLab.quoted = function (given) {
    const text = String(given);
    return `“${text.slice(0, 40)}${text[40] ? "…" : ""}”`;
  };

  /** Throw an Error that says what was given, and what is allowed. */
  GanLab.refuse = function (label, given, allowed) {
    const single = Object(given) === given ? "is no single value" : `is ${GanLab.quoted(given)}`;
    const words = given === undefined ? "is not given" : single;
    throw new Error(`${label} ${words}: it must be ${allowed}`);
  };

  /** The number in a text like "-1.5", ".5" or "1e-3"; NaN for all else. */
  GanLab.readNumber = function (given) {
    const text = String(given).trim().replaceAll("−", "-");
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
  };

  /** The number in a text, if it is in the range (and whole); otherwise an Error. */
  GanLab.checkNumber = function (label, given, { min = -Infinity, max = Infinity, whole }) {
    const value = GanLab.readNumber(given);
    const fits = Number.isFinite(value) && value >= min && value <= max;
    if (fits && (!whole || Number.isInteger(value))) return value;
    const comma = !whole && /^\s*\D?\d*,\d+\s*$/.test(given);
    const hint = comma ? `; write ${String(given).trim().replace(",", ".")}, with a point` : "";
    const kind = whole ? "whole " : "";
    return GanLab.refuse(label, given, `a ${kind}number from ${min} up to ${max}${hint}`);
  };

  // --- What the page writes -------------------------------------------------------------------

  /** Numbers in a text with a real minus sign. */
  GanLab.withMinus = (text) => text.replaceAll("-", "−");

  /** A number for the page, with so many decimals. */
  GanLab.shown = function (value, digits = 3) {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "not defined" : "infinite";
    const text = value.toFixed(digits);
    return Number(text) === 0 ? text.replace("-", "") : GanLab.withMinus(text);
  };

  /** A number in about three significant digits, for a sentence. */
  GanLab.words = function (value) {
    const size = Math.abs(value);
    if (size < Infinity && size > 0 && (size < 1e-3 || size >= 1e5)) {
      return GanLab.withMinus(value.toExponential(1));
    }
    const digits = [100, 10, 0.1, 0.01].findIndex((least) => size >= least || size === 0);
    return GanLab.shown(value, digits < 0 ? 4 : digits);
  };

  // --- Chance ---------------------------------------------------------------------------------

  /**
   * Uniform and normal random numbers from a seed; `state` is all there is to copy.
   * Source: sfc32 by C. Doty-Humphrey (PractRand); normals by Box and Muller (1958).
   */
  GanLab.randomSource = function (seed, stream) {
    const state = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, stream >>> 0, 1, NaN];

    function bits() {
      const sum = (state[0] + state[1] + state[3]) | 0;
      state[3] = (state[3] + 1) | 0;
      state[0] = state[1] ^ (state[1] >>> 9);
      state[1] = (state[2] + (state[2] << 3)) | 0;
      state[2] = (((state[2] << 21) | (state[2] >>> 11)) + sum) | 0;
      return sum >>> 0;
    }

    /** A number in (0, 1), never either end, so that its logarithm is finite. */
    const uniform = () => (bits() + 0.5) / 2 ** 32;

    function normal() {
      const spare = state[4];
      state[4] = NaN;
      if (!Number.isNaN(spare)) return spare;
      const radius = Math.sqrt(-2 * Math.log(uniform()));
      const angle = 2 * Math.PI * uniform();
      state[4] = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    }

    for (let i = 0; i < 15; i++) bits(); // nearby seeds start alike: let them part
    return { state, uniform, normal };
  };
});
