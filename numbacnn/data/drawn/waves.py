"""`waves`: noisy time series of six shapes, at any frequency, phase and height.

The mean of every class is zero at every point, so a linear model has nothing to
hold on to; a filter that sees a few dozen points has.
"""

from __future__ import annotations

import numpy as np

from ..chunks import CHUNK, draw_chunks, even_labels

LENGTH = 128  # points
CYCLES = (2.5, 7.0)  # of a wave, along a series
CLASSES = ("sine", "square", "sawtooth", "pulses", "rising", "falling")


def draw_waves(
    count: int, seed: int, stream: str = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Draw time series: sine, square, sawtooth, pulses, rising and falling frequency.

    Parameters
    ----------
    count, seed, stream
        As for `draw_digits`.

    Returns
    -------
    series : float32 array of shape (count, 1, 128)
    labels : int64 array of shape (count,)
        The place in `CLASSES`.

    Raises
    ------
    DataError
        As `draw_digits`.
    """
    return draw_chunks("draw_waves", draw_chunk, count, seed, stream)


def draw_chunk(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `CHUNK` series."""
    labels = even_labels(rng, len(CLASSES))
    time = np.linspace(0, 1, LENGTH, endpoint=False)
    cycles = np.exp(rng.uniform(*np.log(CYCLES), (CHUNK, 1)))
    sweep = {"rising": 0.7, "falling": -0.7}  # part by which the frequency changes to either side
    change = np.array([sweep.get(name, 0.0) for name in CLASSES])[labels][:, None]
    phase = cycles * (time + change * (time**2 - time)) + rng.random((CHUNK, 1))
    wave = np.sin(2 * np.pi * phase)
    around = phase % 1
    for name, shape in (
        ("square", np.tanh(6 * wave)),
        ("sawtooth", 2 * around - 1),
        ("pulses", 3 * np.exp(-(((around - 0.5) / 0.06) ** 2)) - 0.32),
    ):
        which = labels == CLASSES.index(name)
        wave[which] = shape[which]
    wave *= np.exp(0.3 * rng.standard_normal((CHUNK, 1))) * rng.choice([-1, 1], (CHUNK, 1))
    drift = rng.uniform(-1, 1, (2, CHUNK, 1))
    wave += 0.4 * drift[0] + drift[1] * (time - 0.5)
    wave += rng.uniform(0.1, 0.4, (CHUNK, 1)) * rng.standard_normal(wave.shape)
    return wave.astype(np.float32)[:, None], labels
