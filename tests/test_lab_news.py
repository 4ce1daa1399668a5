"""What the lab says of a training, by its rules, and the tone that it makes of the numbers."""

import pytest

from tests.lab_runtime import sources

LOG_4 = 1.3862943611198906
BLIND = {"loss": 1.38, "jsd": 0.2, "best": 0.986, "floor": {"high": 0.01}}
LOOK = {"mean": 5, "std": 1, "w1": 0.1, "target": {"mean": 5, "std": 1}, "lossD": LOG_4}


@pytest.fixture
def news(run):
    """What is said of two looks, each given by what it has otherwise than p_data."""

    def of(before, now):
        looks = [{"step": 100, **LOOK, **before}, {"step": 200, **LOOK, **now}]
        # JSON has no NaN: null stands for it.
        nan = """const known = (look) => Object.fromEntries(
          Object.entries(look).map(([name, value]) => [name, value ?? NaN]));"""
        return run([*sources(), nan], "GanLab.newsOf(...given.map(known))", looks)

    return of


def gap(jsd, loss=1.38, high=0.01):
    return {"gap": {"loss": loss, "jsd": jsd, "best": LOG_4 - 2 * jsd, "floor": {"high": high}}}


def place(mean, w1=1.0, **more):
    return {"mean": mean, "w1": w1, **more}


FAR_OFF = {"mean": 30, "std": 10}
SAID = [  # in the order of the rules; the first of two rules that hold is the one that is said
    (place(4), place(None), "The samples of G are no longer numbers."),
    ({"std": 1}, {"std": None}, "The samples of G are no longer numbers."),
    ({}, {"target": {"mean": 2, "std": 1}}, "p_data has moved from 5.0 to 2.0"),
    ({}, {"target": {"mean": 5, "std": 2}}, "p_data has another spread, from 1.0 to 2.0"),
    ({}, place(9, std=0.05), "p_g has collapsed to a spike at 9.0"),
    (place(3, std=0.05), place(3), "p_g is no spike any more: it has spread out around 3.0"),
    ({}, place(7.2), "G has left p_data, from 5.0 to 7.2"),
    ({}, place(-2.5), "G has left p_data, from 5.0 to −2.5"),
    (place(2) | gap(0.3), gap(0.01), "p_g has landed: a perfect G scores no better"),
    (gap(0.01), gap(0.021), "p_g fits no longer as a perfect G would"),
    (place(2), place(5.2), "p_g has come to p_data, from 2.0 to 5.2"),
    (place(4), place(6.1), "p_g has swung past p_data, from 4.0 to 6.1"),
    (place(2, 3.0), place(4.1, 1.0), "p_g has moved from 2.0 to 4.1, nearer to p_data"),
    (place(4.1, 1.0), place(3, 2.0), "p_g has moved from 4.1 to 3.0, away from p_data"),
    (place(5, 0.1), place(5.8, 0.8), "p_g has moved from 5.0 to 5.8, away from p_data"),
    ({"std": 0.5}, {"std": 1.1}, "p_g has grown wider, from 0.5 to 1.1"),
    ({"std": 1.3}, {"std": 0.6}, "p_g has grown narrower, from 1.3 to 0.6"),
    ({"w1": 0.7}, {"w1": 0.2}, "p_g fits better: W1 has gone from 0.7 to 0.2"),
    ({"w1": 0.2}, {"w1": 0.7}, "p_g fits worse: W1 has gone from 0.2 to 0.7"),
    (place(2, 3.0), place(2.1, 2.9), "p_g stands still at 2.1, and W1 at 2.9"),
    ({"std": 0.05, "w1": 0.4}, {"std": 0.05, "w1": 0.4}, "p_g stands still at 5.0, and W1 at 0.4"),
    ({}, {}, "Nothing much has changed"),
    (gap(0.01), gap(0.019), "Nothing much has changed"),  # noise, at the edge of the band
    (gap(0.012), {}, "Nothing much has changed"),  # not known is not landed
    ({}, gap(0.005), "Nothing much has changed"),
    (place(5.1, 0.2), place(5.3, 0.3), "Nothing much has changed"),
]


@pytest.mark.parametrize(("before", "now", "words"), SAID)
def test_the_news_is_what_has_changed_most(news, before, now, words):
    said = news(before, now)
    assert said.split(";")[0].removesuffix(".") == words.removesuffix(".")
    assert said.endswith(".")
    assert len(said.split()) <= 25


@pytest.mark.parametrize(
    ("std", "words"), [(0.05, "5.000 to 5.200"), (0.5, "5.00 to 6.50"), (40, "5.0 to 90.0")]
)
def test_places_have_the_decimals_that_the_spread_asks_for(news, std, words):
    own = {"std": std, "target": {"mean": 5, "std": std}}
    assert words in news(own, own | place(float(words.split()[-1])))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"lossD": 2.5}, "D does worse than guessing"),
        ({"lossD": LOG_4 + 0.09}, "D guesses"),
        ({"lossD": LOG_4 - 0.04}, "D guesses"),
        ({"lossD": LOG_4 - 0.06}, "D can hardly tell real from fake"),
        ({"lossD": 1.0}, "D often tells real from fake"),
        ({"lossD": 0.5}, "D mostly tells real from fake"),
        ({"lossD": 0.1}, "D tells nearly all apart"),
        ({"lossD": 0.1} | gap(0.005), "D guesses"),  # what was not trained on counts
        ({"lossD": LOG_4} | gap(0.3, loss=0.8), "D often tells real from fake"),
        ({"gap": BLIND}, "D misses most of what is wrong"),
    ],
)
def test_of_d_it_says_how_well_it_tells(news, now, words):
    assert news({}, now) == f"Nothing much has changed; {words}."


def test_of_a_d_without_the_usual_loss_it_says_nothing(news):
    for loss in ({"lossD": None}, {"lossD": None, "gap": BLIND}):
        assert news({}, place(7) | loss) == "G has left p_data, from 5.0 to 7.0."


def test_without_training_in_between_there_is_no_news(news):
    assert news({"step": 200}, {}) == ""
    assert news({"step": 300}, place(9)) == ""  # the reader went back


# --- The sound ----------------------------------------------------------------------------------

# A Web Audio that keeps what it is told, by the name of what it steers, and whose clock is ours.
FAKE = """() => {
  window.clock = 10;
  window.told = {};
  window.wires = [];
  const parameter = (name, value) => ({
    name, value,
    setTargetAtTime: (to, from, smooth) => (told[name] ??= []).push([to, from, smooth]),
    cancelScheduledValues: (from) =>
      (told[name] = (told[name] ?? []).filter(([, start]) => start < from)),
  });
  const part = (name, own) => ({name, ...own, connect: (to) => wires.push([name, to.name])});
  const [tones, gains] = [["tone", "tremble"], ["depth", "trembling", "volume"]];
  window.AudioContext = class {
    constructor() { window.made = (window.made ?? 0) + 1; }
    get currentTime() { return clock; }
    destination = {name: "speaker"};
    resume() { window.resumed = true; }
    createOscillator() {
      const name = tones.shift();
      const start = () => wires.push([name, "start"]);
      return part(name, {frequency: parameter(`${name}.frequency`, 440), start});
    }
    createGain() {
      const name = gains.shift();
      return part(name, {gain: parameter(`${name}.gain`, 1)});
    }
  };
  window.sound = GanLab.sound();
  window.hidden = (now) => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => now});
    document.dispatchEvent(new Event("visibilitychange"));
  };
}"""
VOLUME = "told['volume.gain'] ?? []"


@pytest.fixture
def tab(open_page):
    tab = open_page("")
    tab.evaluate(FAKE)
    return tab


def say(tab, **numbers):
    """The last word to each part, once this is said."""
    tab.evaluate("(numbers) => sound.say(numbers)", {"w1": 0.3, "high": 0.1, "d": 1.0, **numbers})
    return tab.evaluate("Object.fromEntries(Object.entries(told).map(([k, v]) => [k, v.at(-1)]))")


def test_it_is_off_until_it_is_switched_on(tab):
    assert say(tab) == {}
    assert tab.evaluate("[sound.on, window.made]") == [False, None]
    assert tab.evaluate("[sound.toggle(), sound.on, window.made, resumed]") == [
        True,
        True,
        1,
        True,
    ]
    assert tab.evaluate(VOLUME) == []  # and silent until something is said
    assert tab.evaluate("[sound.toggle(), sound.toggle(), window.made]") == [False, True, 1]


def test_the_tone_reaches_the_speaker_and_the_trembling_the_tone(tab):
    tab.evaluate("sound.toggle()")
    assert sorted(tab.evaluate("wires")) == [
        ["depth", "trembling.gain"],
        ["tone", "start"],
        ["tone", "trembling"],
        ["tremble", "depth"],
        ["tremble", "start"],
        ["trembling", "volume"],
        ["volume", "speaker"],
    ]


def test_the_nearer_the_higher_within_two_octaves(tab):
    tab.evaluate("sound.toggle()")
    said = [
        say(tab, w1=0.1 * 50**share)["tone.frequency"][0] for share in (-1, 0, 0.25, 0.5, 1, 9)
    ]
    assert said == pytest.approx([880, 880, 880 / 2**0.5, 440, 220, 220])
    assert say(tab, w1=0)["tone.frequency"][0] == 880
    assert say(tab, w1=1e300)["tone.frequency"][0] == 220


def test_the_surer_d_is_the_more_it_trembles(tab):
    tab.evaluate("sound.toggle()")
    words = [say(tab, d=loss) for loss in (0, LOG_4 / 2, LOG_4, 5)]
    assert [word["tremble.frequency"][0] for word in words] == pytest.approx([8, 4.5, 1, 1])
    assert [word["depth.gain"][0] for word in words] == pytest.approx([0.7, 0.35, 0, 0])
    tab.evaluate("sound.say({w1: 1, high: 0.1, d: NaN})")
    assert tab.evaluate("told['depth.gain'].at(-1)[0]") == 0


def test_it_fades_by_itself_when_the_training_rests(tab):
    tab.evaluate("sound.toggle()")
    say(tab)
    tab.evaluate("clock = 10.25")
    say(tab)
    loud, smooth = tab.evaluate("[told['volume.gain'][0][0], told['volume.gain'][0][2]]")
    assert 0 < loud <= 0.1
    assert smooth > 0.01
    assert tab.evaluate(VOLUME) == [[loud, 10, smooth], [loud, 10.25, smooth], [0, 10.75, smooth]]


def test_it_is_silent_at_once_when_it_is_off_or_the_page_hidden(tab):
    tab.evaluate("sound.toggle()")
    say(tab)
    tab.evaluate("() => { clock = 10.1; sound.toggle(); }")
    assert tab.evaluate(VOLUME)[-1][:2] == [0, 10.1]
    assert say(tab)["volume.gain"][:2] == [0, 10.1]
    tab.evaluate("() => { clock = 10.2; sound.toggle(); }")
    say(tab)
    tab.evaluate("() => { clock = 10.3; hidden(true); }")
    assert tab.evaluate(VOLUME)[-1][:2] == [0, 10.3]
    assert say(tab)["volume.gain"][:2] == [0, 10.3]
    tab.evaluate("hidden(false)")
    assert say(tab)["volume.gain"][:2] == [0, 10.8]


def test_numbers_that_are_none_make_no_sound(tab):
    tab.evaluate("() => { sound.toggle(); sound.say({w1: NaN, high: 0.1, d: 1}); }")
    assert tab.evaluate("told") == {}


def test_without_web_audio_it_says_so_and_stays_off(tab):
    said = """() => {
      [window.AudioContext, window.webkitAudioContext] = [];
      try { sound.toggle(); } catch (error) { return [error.message, sound.on]; }
    }"""
    assert tab.evaluate(said) == ["There is no sound: this browser has no Web Audio.", False]


def test_a_real_web_audio_takes_it(open_page):
    tab = open_page('<button onclick="sound.toggle()">Sound</button>')
    tab.evaluate("() => { window.sound = GanLab.sound(); }")
    tab.get_by_role("button").click()
    tab.evaluate("() => { for (const w1 of [0, 0.1, 1]) sound.say({w1, high: 0.1, d: 0.5}); }")
    tab.get_by_role("button").click()
    assert tab.evaluate("sound.on") is False
