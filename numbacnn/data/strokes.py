"""How people write the ten digits: a table of pen strokes, and the curves through them.

A style is written on a grid of 10 x 10, x to the right and y down::

    "1.8,0.8 8,0.5! 4.5,10 / 3.5,5.3 8,5"

The pen passes through the points in a smooth curve, ``!`` marks a corner, and
``/`` lifts the pen.  The number before a style is how often it is used within
its digit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

SAMPLES = 64  # points along one digit: less than a pixel apart after scaling to 20 x 20

STYLES = {
    0: [
        (4, "5,0 2.6,1.8 1.8,5 2.6,8.4 5,10 7.4,8.4 8.2,5 7.4,1.8 5,0"),
        (3, "6.5,0.6 4,0.4 2,3 2,7 4,9.7 6.5,9.3 8.2,6.5 8,3 6.5,0.8 4.8,1"),
        (1, "4.2,1.6 5.8,0.4 3.2,0.8 1.8,4.5 2.6,8.6 5,10 7.6,8.2 8.2,4.6 7.2,1.4 5,1"),
        (1, "6.2,1.4 3.4,0.8 1.8,4.4 2.6,8.8 5.2,10 7.8,8 8.2,4.4 6.8,1.6 3.2,0.2"),
        (1, "7.4,0 4.4,0.8 2,3.6 2.2,8 4.6,10 7.4,8.6 8.2,5.2 7,2 5,1.4 4,3"),
        (1, "3.6,0.4 2,3 2,7 4.2,10 7,8.8 8.2,5 7.2,1.6 4.8,0.6 4.4,1.8"),
    ],
    1: [
        (12, "5,0 5,10"),
        (3, "5.4,0 5.1,5 4.7,10"),
        (2, "3.2,2.4 5.2,0! 5,10"),
        (1, "4.2,1.2 5.2,0! 5,10"),
        (1, "3,2.2 5.2,0! 5,10 / 2,10 8,9.9"),
    ],
    2: [
        (4, "2,2.5 3.4,0.5 6,0 7.8,2 7,5 4.5,7.6 1.6,9.8! 5,9.6 8.8,9.8"),
        (4, "2,2.2 4,0.2 7,0.6 7.6,3 6,6 3.6,8.8 2,9.6 1.6,8.6 3,8 5,9 7,9.8 9,9"),
        (2, "1.8,1.2 4.8,0.2 7.6,0.6! 5.4,4.6 1.8,9.8! 5,9.6 8.6,9.8"),
        (3, "2,2.4 4.4,0 7.2,1.6 6.4,5 3.6,8.4 1.7,9.2 1.5,7.4 3.6,6.9 6,8.6 8.8,9.8"),
        (2, "2.2,1.6 4.6,0 7,1.8 6.2,5.4 3.2,9.4 1.2,9.2 2,7 4.4,7.2 7.4,9.4"),
        (1, "2.6,2.6 2.2,1 4.6,0 7.2,1.4 7,4.4 4.6,8 2.2,8.6 2,6.8 4,6 6.2,7.6 7.6,10"),
        (1, "3.2,3.4 1.8,1.8 4.2,0 7,1 7.2,4 5,8.4 3,9.8 2,8.4 4,7.8 6.6,9.6 8.2,9.6"),
        (2, "1.4,2.6 4,0.4 7.4,1.4 6.2,4.6 2,7.6 1.2,6.6 3.4,6.2 6,7 9.8,6.2"),
        (1, "1.4,1.8 3.6,0 5.6,1.4 4.8,4.6 2,8.6! 5,8.2 9.8,7.8"),
        (1, "2.4,3 3.2,1 5.8,0 7.4,2 6.6,5 4.4,8 2.6,9.8 1.4,8.8 3,7.8 6,9 9.4,8.2"),
    ],
    3: [
        (4, "2,1.5 4.5,0 7.3,1.5 6.5,4 4,5! 7,5.7 8,7.8 5.5,9.8 1.8,9"),
        (2, "2,0.6 4.6,0.5 7.5,0.3! 4.3,4.3! 7.3,5.5 7.8,8 5,10 2,9"),
        (3, "2,1.2 5,0 7.5,1.5 6,4.2 4,4.8 4.6,5.2 7.3,6 7.8,8.3 5,10 1.8,8.8"),
        (1, "2.6,3 2.6,1 5,0 7.4,1.6 6,4.4 4.2,4.8! 7.4,5.6 8,8 5.4,10 2.4,9.2 2.6,7.4"),
        (1, "1.8,0.8 4.4,0.2 7.2,1.2! 4.8,4.4! 6.8,5.6 6.6,8 3.4,10"),
        (1, "2.2,0.8 5,0 7,1.4 5.8,3.8 4.2,4.4 6.4,4.8 8,6.6 6.6,9.4 3.6,10 2,8.6 3.4,8"),
    ],
    4: [
        (4, "3,0.5 2.2,4 2.6,6 5,6.2 8.4,5.5 / 7.5,0 6.8,5 6.5,10"),
        (3, "3,0 2,5.5! 8.5,5.4 / 7,1 6.5,10"),
        (1, "6.5,0 1.5,6.5! 9,6.5 / 6.5,0 6.3,10"),
        (1, "8.8,6.3 1.5,6.5! 6.5,0! 6.2,10"),
        (2, "2.8,0.5 2,4 4.2,5.4 7.3,4.4 / 7.8,0 7,5 6.5,10"),
        (1, "6.2,0.6 3,4.4 2.6,6 5,6 8.6,4.8 / 8,0.8 6.8,5 6.2,10"),
        (2, "3.5,0.5 2.4,4.6 3.6,5.6 6.5,4.4 7.8,0.4! 6.8,5 5.5,10"),
    ],
    5: [
        (3, "8,0.2 3.2,0.4! 2.8,4.5! 5.5,4 8,6 7,9 4.5,10 1.8,9"),
        (4, "3.2,0.6 2.8,4.5! 5.5,3.9 8,6 7,9 4.5,10 1.8,9 / 3.2,0.5 8.5,0"),
        (2, "8,0.5 5,0.5 3.3,2 4,4.2 6.8,5.8 7.2,8.3 5,10 2,9.3"),
        (2, "3,3 2.8,6! 5.5,5.2 8,6.8 7,9.2 4.5,10 1.8,9.2 / 3,2.6 9.4,1.4"),
        (2, "3.4,2.6 2.6,5.4! 5,5.2 6.4,7 5.2,9.2 1,9.8 / 3.4,2.4 6,2 9.6,1"),
        (1, "7.6,1 3,0.8! 3.2,3.8! 6,2.8 8.2,5.4 7,9 4.6,10 2.4,9 2.4,7.6"),
        (3, "9.5,0 4.6,0.8! 3,4.8 6,5 7.2,7 5.6,9.4 1.4,10"),
    ],
    6: [
        (3, "7,0 4,2.5 2.2,6 2.6,9 5,10 7.6,8.8 7.6,6.2 5.2,5.2 2.5,7"),
        (3, "5.5,0 3,4.5 2,8 4,10 7,9.2 8,7 6.3,5.5 3.8,6.5 2.4,8.4"),
        (1, "7.8,1.2 6,0 3.2,2.2 1.9,6 3,9.5 6,9.8 8,7.5 6.5,5.4 4,5.8 2.4,7.6"),
        (2, "6,0 3.6,3.6 2.4,7.8 3.4,10 5.4,9.4 6,7.8 4.8,6.8 2.8,8.2"),
        (1, "7.4,0 3.6,3 1.8,7 3.6,10 7.2,9 8.4,6.6 6.8,5.6 4.6,7 4.2,9.6"),
        (2, "3.5,0 2.5,4 2.2,8 4.5,10 7.8,8.5 7.5,5.8 5,5 2.5,6.3"),
    ],
    7: [
        (4, "1.8,0.8 8,0.5! 4.5,10"),
        (2, "1.6,2.4 2,0.7! 8,0.5! 4.5,10"),
        (2, "1.8,0.8 8,0.5! 4.5,10 / 3.2,5.3 8.2,5"),
        (3, "1.4,3.8 2.2,0.8! 7.8,0.6! 7,4 6.6,10"),
        (2, "1.6,3.4 2.8,0.9 5.4,1 7.6,0.4! 6,4.6 4.6,10"),
        (2, "1.2,1.4 5,1.2 9,0.6! 7.6,4 7,8.4"),
        (1, "2.4,3.2 3,0.6! 5,2.6 8,0.2! 5.4,5 4,10"),
        (2, "1.4,2.2 4.4,1.8 8,0! 5.6,5 3.6,10"),
        (1, "2,0.6 8,0.6! 5,4.6 4.6,10 / 2,5.6 5,4.8 9,4.4"),
        (3, "1.8,1.2 4,0.6 7.8,0.4! 6.3,4 5,7 4.6,10"),
        (3, "1.8,1.8 4,0.8 7,0.4 7.8,1.8 6.5,5 4.8,10"),
    ],
    8: [
        (4, "7.5,1.5 5,0 2.8,2 4.5,4.5 7.3,7 6,9.7 3,9.3 2.5,7.2 5,4.8 7.3,2.5 7.3,1.3"),
        (3, "5,4.7 2.8,3 3.2,0.7 5.3,0 7.3,1 7,3 5,4.7 2.6,6.5 2.6,9 5,10 7.5,9 7.4,6 5,4.7"),
        (2, "7.4,1 4.8,0.4 3.2,1.8 4.4,4 6.6,5.8 6.2,8.8 4.2,10 2.8,8.6 4.4,5.8 7.4,3 8,0.4"),
        (1, "5,4.4 2.4,3.4 2.2,1 4.8,0 7.4,1 7.2,3.6 5,4.4 3.6,6 3.6,9 5,10 6.2,9 6.2,6 5,4.4"),
        (2, "7,3.4 7.6,1.2 5,0 2.4,1.4 3,3.6 6,5.4 6.6,8 4.8,10 3.2,8.4 4.4,6 7.4,3.4"),
        (2, "6.8,0.6 3.6,0.6 2.2,2.4 4.6,4.4 5.8,6.6 4.2,9.8 2.6,8.2 4.4,5.6 8,3 7.2,0.8"),
        (3, "8,0.8 5,0.2 3,2 5,4.8 7,7.5 5.3,10 3,8.5 4.2,6 7,3.3 8.5,0.5"),
    ],
    9: [
        (3, "7.3,2 5,0.2 2.5,2 3,4.8 5.5,4.8 7.4,2! 7.2,6 6.8,10"),
        (2, "7.4,1.5 5,0 2.5,2 3.2,4.8 6,4.4 7.5,1.5! 7.5,6 6.5,9 4,10 2.2,9"),
        (3, "7.5,1 4.8,0.2 2.4,2.6 3.6,5 6.3,3.8 7.5,1! 6.2,5.5 4.5,10"),
        (2, "7.6,0.8 4,0.6 2,3 4.4,4.4 7.4,3 7.6,0.8! 7.2,5 6.6,10"),
        (1, "7,1.2 4.4,0 2.2,1.8 3.4,3.6 6.4,2.8 7.2,1.4! 7.6,5 6.6,8.8 4.4,10 2.4,8.8"),
        (2, "7.8,1.4 5,0 2,1.8 1.4,4.6 3.2,6.2 6,5 7.8,1.6! 7.8,6 8,10"),
        (1, "7.2,0.2 4,0.8 2.2,3.4 4,5 7,3.4 7.4,2.2! 7,6 6.8,10"),
        (2, "6.8,1 4.4,0.4 2.6,2.6 4,5 6.6,3.4 7,1 7.2,4 6.8,10"),
    ],
}


class StrokeTable(NamedTuple):
    """All styles as arrays, so that a batch of digits is drawn by one product.

    ``curve[i] @ points[i]`` is the pen's path of style ``i``: (S, P) @ (P, 2).
    ``pen_down[i]`` (S - 1,) is 0 where the pen is lifted between two samples.
    ``first[digit]`` is the first style of a digit and ``share[digit]`` the
    cumulative share of its styles, padded with 1.
    """

    points: np.ndarray
    curve: np.ndarray
    pen_down: np.ndarray
    first: np.ndarray
    share: np.ndarray


@lru_cache(maxsize=1)
def stroke_table() -> StrokeTable:
    """Return every style of `STYLES` as arrays, built once."""
    styles = [text for digit in range(10) for _, text in STYLES[digit]]
    parsed = [parse_style(text) for text in styles]
    P = max(len(points) for points, _ in parsed)
    points = np.zeros((len(styles), P, 2), np.float32)
    curve = np.zeros((len(styles), SAMPLES, P), np.float32)
    pen_down = np.zeros((len(styles), SAMPLES - 1), np.float32)
    for i, (xy, pieces) in enumerate(parsed):
        points[i, : len(xy)] = xy
        curve[i, :, : len(xy)], pen_down[i] = sample_curve(xy, pieces)
    counts = [len(STYLES[digit]) for digit in range(10)]
    share = np.ones((10, max(counts)))
    for digit in range(10):
        weights = np.cumsum([weight for weight, _ in STYLES[digit]])
        share[digit, : counts[digit]] = weights / weights[-1]
    return StrokeTable(points, curve, pen_down, np.cumsum([0, *counts[:-1]]), share)


def parse_style(text: str) -> tuple[np.ndarray, list[tuple[int, int, bool]]]:
    """Return a style's points (P, 2) on the unit square, and its smooth pieces.

    A piece is ``(start, stop, joined)``: the points it runs through, both ends
    included, and whether it goes on from the previous piece without a lift.
    """
    points: list[tuple[float, float]] = []
    pieces: list[tuple[int, int, bool]] = []
    for stroke in text.split("/"):
        start, joined = len(points), False
        words = stroke.split()
        for k, word in enumerate(words):
            x, y = word.rstrip("!").split(",")
            points.append((float(x) / 10, float(y) / 10))
            if word.endswith("!") or k == len(words) - 1:
                pieces.append((start, len(points) - 1, joined))
                start, joined = len(points) - 1, True
    return np.array(points), pieces


def sample_curve(xy: np.ndarray, pieces: list) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrix (S, P) from points to samples, and where the pen is down (S - 1,).

    The samples are shared out among the spans between points by their length,
    so they lie nearly evenly along the pen's path.
    """
    spans = [(k, piece) for piece in pieces for k in range(piece[0], piece[1])]
    lengths = np.array([np.hypot(*(xy[k + 1] - xy[k])) for k, _ in spans])
    ends = np.round(np.cumsum(lengths) / lengths.sum() * SAMPLES).astype(int)
    rows, lifted, begin = [], [], 0
    for (k, (start, stop, joined)), end in zip(spans, ends):
        t = np.linspace(0, 1, end - begin, endpoint=k + 1 == stop)
        rows.append(catmull_rom(t, k, start, stop, len(xy)))
        if k == start and begin and not joined:
            lifted.append(begin - 1)
        begin = end
    pen_down = np.ones(SAMPLES - 1)
    pen_down[lifted] = 0
    return np.concatenate(rows), pen_down


def catmull_rom(t: np.ndarray, k: int, start: int, stop: int, P: int) -> np.ndarray:
    """Return the weights (T, P) of the points on the curve between points k and k + 1.

    Source: Catmull & Rom 1974, "A class of local interpolating splines": the
    direction at a point is that of the line between its two neighbors.
    Beyond its first and last point, a piece goes on straight.
    """
    basis = np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2], 1
    ) / 2
    weights = np.zeros((len(t), P))
    for offset, column in zip((-1, 0, 1, 2), basis.T):
        j = k + offset
        if j < start:  # the mirrored point 2 * xy[start] - xy[start + 1]
            weights[:, start] += 2 * column
            weights[:, start + 1] -= column
        elif j > stop:
            weights[:, stop] += 2 * column
            weights[:, stop - 1] -= column
        else:
            weights[:, j] += column
    return weights
