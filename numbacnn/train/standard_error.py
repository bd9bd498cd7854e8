"""How far a figure that was measured on few examples may be off: its standard error."""
from math import sqrt


FEWEST = 10  # examples; from fewer, even the error cannot be told


def mean_error(values):
    """Standard error of a mean: the deviation of the values by the root of their number.

    Parameters
    ----------
    values : ndarray of float, shape (N,)

    Returns
    -------
    float or None
        None for fewer than `FEWEST` values.
    """
    return float(values.std(ddof=1) / sqrt(len(values))) if len(values) >= FEWEST else None


def mean_difference(values, others):
    """Mean of `values` minus that of `others`, and the standard error of the difference.

    Both are of the same examples, so what makes an example hard or easy cancels: the error is often a tenth of that
    of either mean.

    Parameters
    ----------
    values, others : ndarray of float, shape (N,)

    Returns
    -------
    difference : float
    error : float or None
        None for fewer than `FEWEST` examples.
    """
    differences = values - others
    return float(differences.mean()), mean_error(differences)


def accuracy_error(accuracy, examples):
    """Standard error of an accuracy, as if one more example were right and one more wrong.

    Without these two, an accuracy of 0 or 100 % on three examples would be certain.
    Source: Agresti & Coull 1998, "Approximate is better than exact for interval estimation of binomial proportions".

    Parameters
    ----------
    accuracy : float
        From 0 to 1.
    examples : int
        How many it was measured on.

    Returns
    -------
    float
    """
    part = (accuracy * examples + 1) / (examples + 2)
    return sqrt(part * (1 - part) / (examples + 2))
