"""Compile ahead what the built-in models need, so that the first lesson does not begin with waiting."""
from dataclasses import dataclass
from time import perf_counter

import numpy as np

import numbacnn
from numbacnn.data import ImageData
from numbacnn.engine.cache import compiled
from numbacnn.models import build_model, takes
from numbacnn.models.inputs import extents_of
from numbacnn.train.batches import Normalize
from numbacnn.train.evaluation import predict_logits
from numbacnn.train.familiar import look
from numbacnn.train.loop import fit
from numbacnn.train.settings import OPTIMIZERS, Settings

USUAL = ("lenet5", "mlp", "linear")
BATCHES = (32, 64, 128)  # kernels do not depend on it; what a batch of one size records does
VOCABULARY = 43
SHAPES = {"images": (1, 28, 28), "video": (1, 8, 24, 24), "series": (1, 128), "tokens": (16,)}
CLASSES = {"images": 10, "video": 8, "series": 6, "tokens": 2}  # which tiles suit the last layer depends on it


@dataclass(frozen=True)
class Warmed:
    """A model whose kernels are there now: the seconds it took and how many had to be compiled."""

    model: str
    seconds: float
    compiled: int


def warm_up(models=USUAL):
    """Train and ask each model for an answer, with every optimizer, on a few examples of the data it takes.

    They are as the built-in data: gray 28x28 images of 10 classes, 8 frames of 24x24, series of 128 steps, 16 tokens.

    Parameters
    ----------
    models : sequence of str
        Names of the registry `numbacnn.models.MODELS`.

    Yields
    ------
    Warmed
        When a model is done.

    Raises
    ------
    ValueError
        If there is no model of that name.
    """
    for name in models:
        before, start = compiled(), perf_counter()
        for optimizer in OPTIMIZERS:
            for batch_size in BATCHES:
                _train(name, optimizer, batch_size)
        yield Warmed(name, perf_counter() - start, compiled() - before)


def _train(name, optimizer, batch_size):
    """An epoch of a full batch and one of a single image, one answer, and a look for strange pictures, as `train` and `predict` do."""
    kind = takes(name)[0]
    data = _noise(kind, batch_size + 1)
    numbacnn.manual_seed(0)
    model = build_model(name, **extents_of(kind, SHAPES[kind], VOCABULARY), classes=CLASSES[kind])
    for _ in fit(model, data, Settings(epochs=1, batch_size=batch_size, optimizer=optimizer)):
        pass
    predict_logits(model, data.x_test, Normalize(data.mean, data.std))
    if kind == "images":
        look(model, data.x_val, Normalize(data.mean, data.std))


def _noise(kind, examples):
    rng = np.random.default_rng(0)
    most, dtype = {"series": (100, np.float32), "tokens": (VOCABULARY, np.int64)}.get(kind, (256, np.uint8))
    x = rng.integers(0, most, (examples, *SHAPES[kind])).astype(dtype)
    y = rng.integers(0, CLASSES[kind], examples)
    return ImageData("noise", x, y, x[:20], y[:20], x[:1], y[:1], [str(c) for c in range(CLASSES[kind])], np.array([0.5]),
                     np.array([0.3]), "", "drawn at random", kind)
