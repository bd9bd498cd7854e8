"""What a saliency map is compared with: an edge detector, noise, and the ranks of another map."""
import numpy as np


def edge_map(x):
    """The size of the differences between neighbors, an edge detector that knows no network.

    Parameters
    ----------
    x : array of float, shape (N, C, ...)

    Returns
    -------
    ndarray, shape (N, ...) without channels
        Root of the summed squares of the central differences along each side, the largest over the channels.
    """
    x = np.asarray(x, np.float64)
    steps = [np.gradient(x, axis=axis) for axis in range(2, x.ndim) if x.shape[axis] > 1]
    return np.sqrt(sum(step ** 2 for step in steps)).max(axis=1)


def noise_map(shape, seed=0):
    """Random numbers from 0 to 1, ndarray of float64 of this shape; same seed, same bits."""
    return np.random.default_rng([seed, 1]).random(shape)


def rank_correlation(a, b):
    """Spearman's rank correlation of each map with its counterpart; equal numbers share the mean of their ranks.

    Parameters
    ----------
    a, b : ndarray, shape (N, ...)

    Returns
    -------
    ndarray of float64, shape (N,)
        From -1 to 1. Where a map is the same everywhere it has no order: 1 if both are, else 0.

    Notes
    -----
    Source: Spearman, "The Proof and Measurement of Association between Two Things", American Journal of Psychology 15, 1904.
    """
    if a.shape != b.shape:
        raise ValueError(f"rank_correlation: maps of shapes {a.shape} and {b.shape}, expected the same")
    return np.array([_correlation(_ranks(one.ravel()), _ranks(other.ravel())) for one, other in zip(a, b)])


def _ranks(values):
    """Ranks from 0, less their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count + 1) / 2)[place] - (len(values) - 1) / 2


def _correlation(a, b):
    sizes = (a @ a) * (b @ b)
    return float((a @ b) / np.sqrt(sizes)) if sizes else float(not a.any() and not b.any())
