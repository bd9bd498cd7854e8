"""How far two results may lie apart: the only place that says so.

The rounding errors of a sum are a random walk, so they grow with the square root of its terms: after n terms the sum
is off by about 0.2 * sqrt(n) roundings of its own size, and the worst of some thousand sums by five times as much.
"""
import numpy as np

ROUNDINGS = 4


def tolerance(dtype, terms=1):
    """The difference, as a part of the largest number compared, that `terms` summed roundings explain."""
    return ROUNDINGS * float(np.finfo(dtype).eps) * np.sqrt(terms)


def assert_close(actual, expected, terms=1, roundings=1, size=0):
    """`actual` is `expected` but for rounding; NaN and infinities stand in the same places.

    `terms` is the number of terms in the longest sum, `roundings` how many operations of that length follow each
    other, `size` how large the terms are if they are larger than the result.  The type of `actual` decides what a
    rounding is.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    finite = np.abs(expected[np.isfinite(expected)], dtype=np.float64)
    size = finite.max(initial=size)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=roundings * tolerance(actual.dtype, terms) * size)


def ulps(actual, expected):
    """Distance to the exact float64 `expected` in units of the last place of float32."""
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    unit = np.spacing(np.maximum(np.abs(expected), np.finfo(np.float32).smallest_subnormal).astype(np.float32))
    return np.abs(actual - expected) / unit.astype(np.float64)
