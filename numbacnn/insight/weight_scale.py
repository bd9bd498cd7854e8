"""The weight that is drawn in the darkest color: a few extreme ones must not wash out the rest."""
from dataclasses import dataclass

import numpy as np

MOST = 0.95  # of the weights stay below the usual size
BEYOND = 4  # times the usual size is extreme; of weights from a normal distribution one in 10^14 is


@dataclass(frozen=True)
class WeightScale:
    """The scale of a sheet of weights: the largest weight that it shows.

    Attributes
    ----------
    limit : float
        The magnitude in the darkest color.
    beyond : int
        How many weights are larger.
    largest : float
        The largest magnitude of all.
    """

    limit: float
    beyond: int
    largest: float


def weight_scale(*arrays):
    """The scale for weights that are drawn together.

    It ends at the largest magnitude, unless that is extreme: more than four times the size below which 95 in 100 weights stay.
    Then it ends at the largest magnitude that is not extreme.

    Parameters
    ----------
    *arrays : ndarray
        NaN and infinity are left out.

    Returns
    -------
    WeightScale
        Its limit is 1 where all weights are zero, so that it can be divided by.
    """
    sizes = np.concatenate([np.abs(array[np.isfinite(array)]).ravel() for array in arrays])
    largest = float(sizes.max(initial=0))
    usual = float(np.quantile(sizes, MOST)) if sizes.size else 0.0
    kept = sizes[sizes <= BEYOND * usual] if usual else sizes
    limit = float(kept.max(initial=0)) or 1.0
    return WeightScale(limit, int((sizes > limit).sum()), largest)
