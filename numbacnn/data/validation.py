"""Which training examples are held back to validate with."""

from __future__ import annotations

import numpy as np

from .errors import ArgumentError

Rows = slice | np.ndarray
VALIDATION_PART, VALIDATION_MOST = 12, 5_000  # 5,000 of 60,000


def validation_count(N: int, validation: int | None) -> int:
    """Return how many of N training images to validate with."""
    if validation is None:
        return min(VALIDATION_MOST, max(1, N // VALIDATION_PART)) if N >= 2 else 0
    if not 0 <= validation < N:
        raise ArgumentError(
            "validation",
            f"is {validation} of {N:,} training images; give 0 to {N - 1:,}, "
            "so that at least 1 is left to train with",
        )
    return validation


def held_back(y: np.ndarray, count: int, seed: int, at_random: bool) -> tuple[Rows, Rows]:
    """Return which examples train, and which ``count`` validate, each in their order.

    Those picked at random are copied, the last ones are not.  The last example
    of a class is picked only if there are no others, for what is not trained
    with is not learned.

    Parameters
    ----------
    y : int64 array of shape (N,)
        The labels of the examples.
    """
    N = len(y)
    if not at_random or not count:
        return slice(N - count), slice(N - count, N)
    order = np.random.default_rng(seed).permutation(N)
    backwards = y[order[::-1]]
    kept = np.zeros(N, bool)
    kept[N - 1 - np.unique(backwards, return_index=True)[1]] = True  # the last of each class in this order
    order = np.concatenate([order[~kept], order[kept]])
    return np.sort(order[count:]), np.sort(order[:count])
