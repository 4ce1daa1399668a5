// What each lab starts from.  After the "=" this is JSON, which gan_lessons/lab/__init__.py reads.
(globalThis.GanLab = globalThis.GanLab || {}).PRESETS = {
  "full": {
    "kind": "live", "title": "The live lab", "cures": true,
    "show": ["density", "loss", "distance", "orbit", "gap", "z"],
    "first": ["target", "loss", "rateG", "rateD", "seed"],
    "settings": {}
  },
  "line": {
    "kind": "live", "title": "One-dimensional noise: from z to x",
    "show": ["density", "z", "loss"], "first": ["seed"],
    "settings": {"latent": 1, "hidden": 32, "beta1": 0.5, "target": {"kind": "normal", "mean": 0, "std": 1}}
  },
  "game": {"kind": "game", "title": "Find the discriminator"},
  "scripted": {"kind": "scripted", "title": "Scrub the scripted run"},
  "mean": {
    "kind": "live", "title": "Train with the mean loss",
    "show": ["density", "loss", "orbit"], "first": ["loss", "seed"],
    "losses": ["mean", "squared_mean"],
    "settings": {
      "loss": "mean", "dSteps": 0, "latent": 10, "hidden": 128, "layers": 2, "start": "uniform",
      "rateG": 0.0002, "target": {"kind": "normal", "mean": 5, "std": 1}
    }
  },
  "impostor": {"kind": "impostor", "title": "Build an impostor"},
  "tilt": {"kind": "tilt", "title": "Tilt the discriminator"},
  "adversarial": {
    "kind": "live", "title": "The live GAN",
    "show": ["density", "loss", "distance", "gap"], "first": ["loss", "seed"],
    "settings": {
      "latent": 10, "hidden": 32, "start": "uniform", "batch": 64,
      "target": {"kind": "normal", "mean": 5, "std": 1.5}
    }
  },
  "landed": {
    "kind": "live", "title": "A GAN that lands", "cures": true,
    "show": ["density", "loss", "distance", "orbit"], "first": ["target", "seed"],
    "settings": {
      "latent": 2, "hidden": 64, "start": "uniform", "batch": 64, "beta1": 0, "rateD": 0.003,
      "r1": 0.05, "average": 0.998, "standardise": "yes",
      "target": {"kind": "normal", "mean": 5, "std": 1.5}
    }
  },
  "kink": {"kind": "kink", "title": "Move a kink of D"},
  "raw": {
    "kind": "live", "title": "The GAN of raw weights",
    "show": ["density", "loss", "distance", "orbit"], "first": ["beta1", "seed"],
    "settings": {"target": {"kind": "normal", "mean": -2, "std": 1.5}}
  },
  "dirac": {"kind": "dirac", "title": "Two players, two numbers"},
  "clinic": {
    "kind": "live", "title": "The sick GAN", "cures": true,
    "show": ["density", "loss", "distance", "orbit", "gap"], "first": ["loss", "rateD"],
    "settings": {
      "loss": "saturating", "hidden": 32, "start": "uniform", "dSteps": 5,
      "target": {"kind": "mixture", "mean": 0, "std": 0.5, "gap": 6}
    }
  },
  "hero": {
    "kind": "hero", "title": "A GAN in training",
    "settings": {
      "hidden": 32, "start": "uniform", "batch": 64, "beta1": 0, "beta2": 0.9, "r1": 0.1,
      "average": 0.98, "rateG": 0.003, "rateD": 0.006, "target": {"kind": "normal", "mean": 5, "std": 1.5}
    }
  }
};
