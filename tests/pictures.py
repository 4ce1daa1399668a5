"""Small runs and moving pictures that several tests draw."""

import re
import subprocess

import imageio_ffmpeg
import numpy as np

from gan_lessons.animation import (
    animate_histogram,
    animate_orbits,
    animate_training,
    create_animation,
)
from gan_lessons.distributions import Normal
from gan_lessons.games import gradient_play
from gan_lessons.history import History
from gan_lessons.simulation import simulate_training

X = np.linspace(-2, 12, 100)


def scripted(frames=4, form="optimal"):
    return create_animation(X, *simulate_training(X, frames, form), frames)


def tiny(frames=4):
    """The same on few pixels, for tests that look at files and not at pictures."""
    ani, figure = scripted(frames)
    figure.set_dpi(40)
    return ani


def history(frames=3, blind=False, peak=1.0, steps=None):
    rng = np.random.default_rng(0)
    steps = np.arange(frames) * 2 if steps is None else steps
    x = np.linspace(0, 10, 40)
    p_g = [peak * Normal(2 + frame, 1).pdf(x) for frame in range(frames)]
    d = np.full((frames, 40), np.nan) if blind else np.linspace(0.1, 0.9, frames * 40)
    return History(
        steps=steps,
        x=x,
        p_data=Normal(5, 1).pdf(x),
        p_g=np.array(p_g),
        d=d.reshape(frames, 40),
        samples=rng.normal(3, 1, (frames, 50)) + np.arange(frames)[:, None],
        averaged=np.zeros((frames, 50)),
        mean=np.arange(frames) + 3.0,
        std=np.ones(frames),
        g_loss=np.arange(10) + 0.25,
        d_loss=np.full(10, np.nan) if blind else np.arange(10) + 0.5,
    )


ORBITS = {method: gradient_play(method, 0.3, 4) for method in ("simultaneous", "alternating")}
KINDS = {
    "scripted": lambda: scripted()[0],
    "training": lambda: animate_training(history(), title="A run")[0],
    "two runs": lambda: animate_training(
        history(blind=True), history(peak=0.5, blind=True), title="Two", labels="ab"
    )[0],
    "blind": lambda: animate_training(history(blind=True), title="No D")[0],
    "histogram": lambda: animate_histogram(history(), Normal(5, 1), "Bars", bins=20)[0],
    "blind histogram": lambda: animate_histogram(
        history(blind=True), Normal(5, 1), "Bars", bins=20
    )[0],
    "orbits": lambda: animate_orbits(ORBITS, "Orbits")[0],
}


def read_video(path):
    """What ffmpeg says of a video, and its frames as an array (frames, height, width, 3)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24"]
    done = subprocess.run([*command, "-"], capture_output=True, check=True)
    about = re.search(r"Stream.*?Video: .*", done.stderr.decode()).group()
    width, height = map(int, re.search(r" (\d+)x(\d+)[ ,]", about).groups())
    return about, np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)
