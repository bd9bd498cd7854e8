"""What a number in the maps of each convolution can depend on, and what it does depend on."""
import numpy as np

from numbacnn.insight.receptive_field import receptive_field
from numbacnn.pages.packing import packed
from numbacnn.pages.report.pixels import TOO_COSTLY, as_bytes

MOST_LAYERS = 12
EXAMPLES, FEW_EXAMPLES = 32, 4  # that are averaged over; few of a large network
MOST = 0.9  # part of the gradient that is said to lie on so many pixels


def fields_of(model, x, names, multiply_adds):
    """The receptive field of convolutions, promised and measured.

    Parameters
    ----------
    model : numbacnn.nn.Module
    x : ndarray of float32, shape (N, C, ...)
        As the network is fed.
    names : sequence of str
        The convolutions; of many some at equal distances.
    multiply_adds : int
        Of one example, forward.

    Returns
    -------
    list of dict
        Of each its `name`, the `position` of the output in its maps, the `promised` first and last + 1 pixel along each axis (or
        None), the `measured` gradient as bytes, how many `pixels` hold nine tenths of it, how many the promise has (`of`), and
        what lies `outside` of the promise, as a part of all.
    """
    if len(names) > MOST_LAYERS:
        names = [names[k] for k in np.linspace(0, len(names) - 1, MOST_LAYERS).round().astype(int)]
    x = x[:EXAMPLES if multiply_adds <= TOO_COSTLY else FEW_EXAMPLES]
    return [field_of(name, receptive_field(model, x, name)) for name in names]


def field_of(name, field):
    """One layer for the page."""
    measured, total = field.measured, float(field.measured.sum())
    inside = np.zeros(measured.shape, bool)
    inside[field.promised or ...] = True
    largest_first = np.sort(measured, axis=None)[::-1].cumsum()
    return {"name": name, "position": list(field.position), "measured": packed(as_bytes(measured[None])[0]), "silent": total == 0,
            "promised": field.promised and [[part.start, part.stop] for part in field.promised], "of": int(inside.sum()),
            "pixels": int(np.searchsorted(largest_first, MOST * total) + 1) if total else 0,
            "outside": float(measured[~inside].sum()) / total if total else 0.0}
