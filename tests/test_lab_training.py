"""The training of a live lab where there is no page: it goes back, and goes on as it did."""

import pytest

from tests.lab_runtime import sources

TRAINED = """(() => {
  globalThis.performance = { now: () => 0 };
  const training = GanLab.createTraining();
  const { history, runs } = training;
  const state = () => JSON.stringify([runs.map(({ gan }) => gan.snapshot()), training.own]);
  function goOn(steps) {
    training.play();
    training.setRate(10);
    while (training.steps() < steps) {
      training.owe(0.1);
      training.train();
    }
    training.pause();
  }
  training.start(GanLab.startOf(GanLab.PRESETS.raw), { setting: "dSteps", value: "3" });
  goOn(5);
  const [said, reached] = [training.stateInWords(), state()];
  training.goTo(history.entries[2]);
  const past = [training.steps(), training.isPast(), training.branch()];
  goOn(5);
  const again = state() === reached;
  const changed = training.change("rateG", "0.01");
  const rates = training.settings().map(({ rateG }) => rateG);
  runs[1].gan.g.weights.fill(1e200);
  training.step("D");
  return { said, past, again, changed, rates, why: training.whyStopped(),
           updates: runs.map(({ gan }) => gan.stepsD),
           steps: history.entries.map(({ step }) => step) };
})()"""


def test_a_training_needs_no_page(node_run):
    if node_run is None:
        pytest.skip("no Node, and a browser has a page")
    found = node_run(sources(), TRAINED)
    assert found["said"].startswith("Step 5. Run A: Loss of D ")
    assert found["past"] == [
        2,
        True,
        "From step 2 on this is a new run: the old one is kept as run 2.",
    ]
    assert found["again"]
    assert found["changed"] == "From step 5 on, learning rate of G: 0.001 → 0.01."
    assert found["rates"] == [0.01, 0.01]
    assert "the loss of D of run B" in found["why"]
    assert "a lower learning rate of G" in found["why"]
    assert found["updates"][0] == 6
    assert found["steps"] == [0, 1, 2, 3, 4, 5, 5]
