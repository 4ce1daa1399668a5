"""Small pairs of a generator and a discriminator, and wrong engines, for the training's tests."""

import inspect
from types import ModuleType

import torch
from torch import nn

from gan_lessons import engine
from gan_lessons.networks import build_discriminator, build_generator
from gan_lessons.raw_weights import RawNetwork, initialize_weights


def perceptrons(seed=0, dtype=torch.float64, hidden=8):
    """The engine takes them."""
    g = build_generator(3, hidden, seed=seed)
    return g.to(dtype), build_discriminator(1, hidden, logits=True, seed=seed + 100).to(dtype)


def raw(seed=0, dtype=torch.float32):
    """The engine takes them, too."""
    g, d = (RawNetwork(initialize_weights(k, seed=seed + k)) for k in (2, 1))
    return g.to(dtype), d.to(dtype)


def leaky(seed=0, dtype=torch.float64):
    """No perceptrons with ReLU: they go by autograd."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        g = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
        d = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(), nn.Linear(8, 1))
    return g.to(dtype), d.to(dtype)


def noisy(seed=0):
    """They have batch statistics, and units that drop out."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        g = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
        d = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
    return g, d


def weights(*networks):
    """A copy of all their weights in a row."""
    return torch.cat([p.detach().flatten() for net in networks for p in net.parameters()]).clone()


def wrong_engine(right, wrong):
    """The engine with some words replaced; not compiled, since it is plain Python, too."""
    source = inspect.getsource(engine)
    assert right in source
    python = "njit = lambda **options: lambda function: function"
    source = source.replace(right, wrong).replace("from numba import njit", python)
    broken = ModuleType("broken")
    exec(compile(source, "broken", "exec"), vars(broken))
    return broken
