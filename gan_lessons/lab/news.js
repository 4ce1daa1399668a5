// What has happened in a live lab, for who would rather read or hear it than look: a sentence of
// what has changed between two looks, and a tone.  No page in here, but for the sound.
(function () {
  "use strict";
  const { clamp, LOG_4 } = GanLab;

  // --- The news -------------------------------------------------------------------------------

  const MUCH = 0.25; // σ: a way of p_g, or a change of its spread, that is worth a word
  const SPIKE = 0.1; // σ: a spread that counts as none
  const [NEAR, FAR] = [0.5, 1]; // σ between the means; between the two p_g neither leaves nor comes

  const lost = ({ mean, std }) => !Number.isFinite(mean + std);
  const off = ({ mean, target }) => (mean - target.mean) / target.std;
  const near = (look) => Math.abs(off(look)) < NEAR;
  const far = (look) => Math.abs(off(look)) >= FAR;
  const spike = ({ std, target }) => std < SPIKE * target.std;
  /** How much more than a perfect G's its JSD is; NaN where that is not known. */
  const excess = ({ gap }) => (gap ? gap.jsd / gap.floor.high : NaN);
  const change = (a, b, name) => (b[name] - a[name]) / b.target.std;
  const better = (a, b) => b.w1 < a.w1;

  /** A place, or a spread, with as many decimals as one can tell apart at this σ. */
  const at = (value, { target }) =>
    GanLab.shown(value, Math.max(1, Math.ceil(1 - Math.log10(target.std))));
  /** Whether a change can be seen in these words. */
  const seen = (a, b, read) => at(read(a), b) !== at(read(b), b);
  const fromTo = (a, b, read) => `from ${at(read(a), b)} to ${at(read(b), b)}`;
  const way = (a, b) => fromTo(a, b, ({ mean }) => mean);
  const widths = (a, b) => fromTo(a, b, ({ std }) => std);
  const distances = (a, b) => fromTo(a, b, ({ w1 }) => w1);

  /** [when, what to say] of looks a, then b: the first that holds is the news. */
  const EVENTS = [
    [(a, b) => lost(b), () => "The samples of G are no longer numbers"],
    [
      (a, b) => seen(a, b, ({ target }) => target.mean),
      (a, b) => `p_data has moved ${fromTo(a, b, ({ target }) => target.mean)}`,
    ],
    [
      (a, b) => seen(a, b, ({ target }) => target.std),
      (a, b) => `p_data has another spread, ${fromTo(a, b, ({ target }) => target.std)}`,
    ],
    [
      (a, b) => spike(b) && !spike(a),
      (a, b) => `p_g has collapsed to a spike at ${at(b.mean, b)}`,
    ],
    [
      (a, b) => spike(a) && !spike(b),
      (a, b) => `p_g is no spike any more: it has spread out around ${at(b.mean, b)}`,
    ],
    [(a, b) => near(a) && far(b), (a, b) => `G has left p_data, ${way(a, b)}`],
    [
      (a, b) => excess(a) > 1 && excess(b) <= 1,
      () => "p_g has landed: a perfect G scores no better",
    ],
    // Twice the band: near its edge the noise alone goes in and out.
    [
      (a, b) => excess(a) <= 1 && excess(b) > 2,
      () => "p_g fits no longer as a perfect G would",
    ],
    [(a, b) => far(a) && near(b), (a, b) => `p_g has come to p_data, ${way(a, b)}`],
    [
      (a, b) => off(a) * off(b) < 0 && !near(a) && !near(b),
      (a, b) => `p_g has swung past p_data, ${way(a, b)}`,
    ],
    [
      (a, b) => Math.abs(change(a, b, "mean")) >= MUCH,
      (a, b) => `p_g has moved ${way(a, b)}, ${better(a, b) ? "nearer to" : "away from"} p_data`,
    ],
    [
      (a, b) => Math.abs(change(a, b, "std")) >= MUCH,
      (a, b) => `p_g has grown ${a.std < b.std ? "wider" : "narrower"}, ${widths(a, b)}`,
    ],
    [
      (a, b) => Math.abs(change(a, b, "w1")) >= MUCH,
      (a, b) => `p_g fits ${better(a, b) ? "better" : "worse"}: W1 has gone ${distances(a, b)}`,
    ],
    [
      (a, b) => spike(b) || b.w1 >= NEAR * b.target.std,
      (a, b) => `p_g stands still at ${at(b.mean, b)}, and W1 at ${at(b.w1, b)}`,
    ],
    [() => true, () => "Nothing much has changed"],
  ];

  /** [the least loss, what it says of D], of −E log D(x) − E log(1 − D(G(z))): log 4 for a ½. */
  const OPINIONS = [
    [LOG_4 + 0.1, "D does worse than guessing"],
    [LOG_4 - 0.05, "D guesses"],
    [1.1, "D can hardly tell real from fake"],
    [0.6, "D often tells real from fake"],
    [0.2, "D mostly tells real from fake"],
    [-Infinity, "D tells nearly all apart"],
  ];

  function opinion({ gap, lossD }) {
    if (!Number.isFinite(lossD)) return "";
    if (gap && GanLab.verdict(gap) === "D is blind") return "; D misses most of what is wrong";
    const loss = gap ? gap.loss : lossD;
    return `; ${OPINIONS.find(([least]) => loss >= least)[1]}`;
  }

  /**
   * What has changed from one look to another, some seconds of training later, in one sentence;
   * nothing if there was no training in between.  A look is {step, mean, std, w1, target, lossD}
   * and, where it was measured, `gap`, what the GAN's optimality() found.  Of D, no word is said
   * without its loss: leave that out where D has no part, or no usual loss.
   */
  GanLab.newsOf = function (before, now) {
    if (!before || now.step <= before.step) return "";
    const [, say] = EVENTS.find(([holds]) => holds(before, now));
    return `${say(before, now)}${lost(now) ? "" : opinion(now)}.`;
  };

  // --- The sound ------------------------------------------------------------------------------

  const HIGHEST = 880; // Hz, for a W1 as a perfect G has it
  const MOST = 50; // times that W1, and the tone is two octaves below
  const LOUD = 0.05;
  const SMOOTH = 0.05; // s in which most of a change is done
  const UNTIL = 0.5; // s after which the tone fades where nothing more is said: the lab rests

  /** The tone, and what makes it tremble: both always run, and `volume` lets them be heard. */
  function createTone() {
    const Context = globalThis.AudioContext || globalThis.webkitAudioContext;
    if (!Context) throw new Error("There is no sound: this browser has no Web Audio.");
    const context = new Context();
    const [tone, tremble] = [context.createOscillator(), context.createOscillator()];
    const [depth, trembling, volume] = [0, 1, 0].map((value) => {
      const made = context.createGain();
      made.gain.value = value;
      return made;
    });
    tremble.connect(depth);
    depth.connect(trembling.gain); // is added to its 1
    tone.connect(trembling);
    trembling.connect(volume);
    volume.connect(context.destination);
    for (const oscillator of [tone, tremble]) oscillator.start();
    return {
      context, pitch: tone.frequency, rate: tremble.frequency, depth: depth.gain,
      volume: volume.gain,
    };
  }

  /**
   * A tone that tells how a training goes, off at first; switch it on when the reader presses a
   * button, as browsers demand.  `say` is called in each frame of the training: when nothing more
   * is said the tone fades.  toggle() throws an Error with words for the reader where there can be
   * no sound.
   */
  GanLab.sound = function () {
    let [tone, on] = [null, false];

    function hush() {
      const now = tone.context.currentTime;
      tone.volume.cancelScheduledValues(now);
      tone.volume.setTargetAtTime(0, now, SMOOTH);
    }

    document.addEventListener("visibilitychange", () => {
      if (on && document.hidden) hush();
    });

    return {
      title: "The nearer p_g is to p_data, the higher the tone; the surer D, the more it trembles.",
      get on() { return on; },

      toggle() {
        tone ??= createTone();
        on = !on;
        if (on) tone.context.resume();
        else hush();
        return on;
      },

      /** W1, the highest that a perfect G gets, and D's loss (NaN: no trembling). */
      say({ w1, high, d }) {
        const distance = Math.log(w1 / high) / Math.log(MOST);
        if (!on || document.hidden || Number.isNaN(distance)) return;
        const sure = clamp(1 - d / LOG_4, 0, 1) || 0;
        const now = tone.context.currentTime;
        tone.pitch.setTargetAtTime(HIGHEST * 4 ** -clamp(distance, 0, 1), now, SMOOTH);
        tone.rate.setTargetAtTime(1 + 7 * sure, now, SMOOTH);
        tone.depth.setTargetAtTime(0.7 * sure, now, SMOOTH);
        tone.volume.cancelScheduledValues(now);
        tone.volume.setTargetAtTime(LOUD, now, SMOOTH);
        tone.volume.setTargetAtTime(0, now + UNTIL, SMOOTH);
      },
    };
  };
})();
