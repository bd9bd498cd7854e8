"""What a filter of the first layer answers to, in words: only if its weights have a simple shape that noise does not have.

A shape is a small space of filters: all sums (a constant), all slopes (a plane), all bends (a line or a spot), in color also
all sums that tell one color from the others. Its share of a filter is the share of the squared weights that the nearest member
of the space has. Of n weights of normally distributed noise a space of d dimensions has a share from the distribution
Beta(d/2, (n-d)/2), whatever the size of the noise. So one knows how often noise passes. `benchmarks/filter_words.py` measures
that, and how often a shape is found under noise.
"""
from dataclasses import dataclass
from math import lgamma

import numpy as np

LEVEL = 0.005  # at most this part of filters of normal noise gets words; of uniform noise up to 1 in 100 did (benchmarks/filter_words.py)
LEAST = 0.5  # of the squared weights the shape must have
WHOLE, NONE = 0.41, 0.4  # tan(22.5°): what is smaller beside the other axis does not count; the same of the two bends of a line
COMPASS = ("right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right")
LINES = ("horizontal", "falling diagonal", "vertical", "rising diagonal")
HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
GRAY = np.full(3, 3 ** -0.5)
HUE_PLANE = np.array([[2, -1, -1], [0, 1, -1]]) / np.sqrt([[6], [2]])  # red lies at 0°, yellow at 60°


@dataclass(frozen=True)
class FilterShape:
    """A shape that a filter has.

    Attributes
    ----------
    kind : str
        `sum`, `slope`, `bend` or `color`.
    words : str
        What the filter answers to, such as "brighter at the right".
    share : float
        Of its squared weights that the shape has.
    """

    kind: str
    words: str
    share: float


def filter_shapes(weight, kind="images"):
    """The shape of each filter, of those that have one.

    Parameters
    ----------
    weight : ndarray, shape (OC, C, KW), (OC, C, KH, KW) or (OC, C, KD, KH, KW)
        Filters over the input itself.
    kind : str
        What the network reads: `images`, `series` or `video`.

    Returns
    -------
    list of (FilterShape or None), or None
        None for filters that are not tried: those over several channels, except red, green and blue.
    """
    colors = kind == "images" and weight.ndim == 4 and weight.shape[1] == 3
    if kind not in ("images", "series", "video") or weight.shape[1] != 1 and not colors:
        return None
    spaces = shape_spaces(weight.shape[2:], colors)
    return [_shape_of(one.astype(np.float64), spaces, kind, colors) for one in weight]


def chance(share, d, n):
    """Probability that d of n dimensions hold at least this share of normally distributed noise: 1 - the distribution function of Beta."""
    if d >= n or share >= 1:
        return float(d >= n)
    u = (np.arange(4000) + 0.5) * (np.sqrt(1 - share) / 4000)  # x = 1 - u², so that the integrand stays finite at x = 1
    logs = (d / 2 - 1) * np.log1p(-u * u) + (n - d - 1) * np.log(u)
    return float(2 * np.exp(logs + lgamma(n / 2) - lgamma(d / 2) - lgamma((n - d) / 2)).sum() * np.sqrt(1 - share) / 4000)


def shape_spaces(sides, colors):
    """Matrices, one per shape, with one orthonormal row per dimension."""
    places = np.stack([axis.ravel() for axis in np.meshgrid(*(np.arange(side) - (side - 1) / 2 for side in sides), indexing="ij")])
    flat = {"sum": np.ones((1, places.shape[1])), "slope": places}
    if len(sides) < 3:
        pairs = [(a, b) for a in range(len(sides)) for b in range(a, len(sides))]
        flat["bend"] = np.stack([places[a] * places[b] for a, b in pairs])
    before, spaces = np.zeros((0, places.shape[1])), {}
    for name, rows in flat.items():
        rows = rows - rows @ before.T @ before
        _, sizes, basis = np.linalg.svd(rows, full_matrices=False)
        spaces[name] = basis[sizes > 1e-9]
        before = np.concatenate([before, spaces[name]])
    if colors:
        spaces = {name: np.stack([np.outer(GRAY, row).ravel() for row in basis]) if len(basis) else np.zeros((0, 3 * places.shape[1]))
                  for name, basis in spaces.items()}
        spaces["color"] = np.stack([np.repeat(row, places.shape[1]) for row in HUE_PLANE]) / np.sqrt(places.shape[1])
    return {name: basis for name, basis in spaces.items() if len(basis)}


def _shape_of(weight, spaces, kind, colors):
    """The shape of one filter (C, ...)."""
    flat, size = weight.ravel(), float((weight ** 2).sum())
    if not size > 0 or not np.isfinite(size):
        return None
    shares = {name: min(float(((basis @ flat) ** 2).sum()) / size, 1.0) for name, basis in spaces.items()}
    name = max(shares, key=shares.get)
    passes = chance(shares[name], len(spaces[name]), flat.size) < LEVEL / len(spaces)
    if shares[name] < LEAST or not passes:
        return None
    nearest = (spaces[name].T @ (spaces[name] @ flat)).reshape(weight.shape)
    words = _words(name, nearest.sum(axis=0) if name != "color" else nearest.mean(axis=tuple(range(1, weight.ndim))), kind)
    return words and FilterShape(name, words, shares[name])


def _words(name, nearest, kind):
    """The words for a member of a space, such as a plane; of a bend that is neither line nor spot None."""
    high, low = ("high", "low") if kind == "series" else ("bright", "dark")
    if name == "sum":
        return f"{high if nearest.flat[0] > 0 else low} {'values' if kind == 'series' else 'areas'}"
    if name == "color":
        angle = np.degrees(np.arctan2(*(HUE_PLANE @ nearest)[::-1]))
        return f"{HUES[round(angle / 60) % 6]} areas"
    if name == "slope":
        steps = [float(np.diff(nearest, axis=axis).mean()) if side > 1 else 0.0 for axis, side in enumerate(nearest.shape)]
        if kind == "series":
            return "a rise" if steps[0] > 0 else "a fall"
        return _slope(steps)
    if nearest.ndim == 1:
        return "a peak" if nearest[len(nearest) // 2] > nearest[0] else "a dip"
    return _bend(nearest)


def _slope(steps):
    """Direction in which a filter gets brighter, from its steps along (time,) down and right; for a moving edge also with time."""
    *time, down, right = steps
    space, over_time = np.hypot(down, right), time[0] if time else 0.0
    if space < WHOLE * abs(over_time):
        return "getting brighter" if over_time > 0 else "getting darker"
    words = f"brighter at the {COMPASS[round(np.degrees(np.arctan2(down, right)) / 45) % 8]}"
    if abs(over_time) < WHOLE * space:
        return words
    there = np.degrees(np.arctan2(-down * over_time, -right * over_time))
    return f"{words}, moving to the {COMPASS[round(there / 45) % 8]}"


def _bend(nearest):
    """A line or a spot, by the second derivatives."""
    H, W = nearest.shape
    y, x = np.meshgrid(np.arange(H) - (H - 1) / 2, np.arange(W) - (W - 1) / 2, indexing="ij")
    terms = np.stack([np.ones(H * W), (y * y).ravel(), (x * y).ravel(), (x * x).ravel()], axis=1)
    _, yy, xy, xx = np.linalg.lstsq(terms, nearest.ravel(), rcond=None)[0]
    values, vectors = np.linalg.eigh([[2 * yy, xy], [xy, 2 * xx]])
    strong, weak = (1, 0) if abs(values[1]) > abs(values[0]) else (0, 1)
    color = "bright" if values[strong] < 0 else "dark"
    if abs(values[weak]) < NONE * abs(values[strong]):
        down, right = vectors[:, weak]  # the line runs where nothing bends
        return f"a {color} {LINES[round(np.degrees(np.arctan2(down, right)) / 45) % 4]} line"
    same_sign = values[weak] * values[strong] > 0
    return f"a {color} spot" if same_sign and abs(values[weak]) > (1 - NONE) * abs(values[strong]) else None
