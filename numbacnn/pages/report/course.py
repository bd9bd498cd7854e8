"""What the weights did from epoch to epoch: how far they moved, and which ReLUs fell silent."""
import numpy as np

import numbacnn
from numbacnn.insight import dead_units

BATCH = 256
MOST_EPOCHS = 20  # of which the dead are counted: each takes a look at all validation examples
MOST_LINES = 12  # of layers in one picture


def movement(weights):
    """Relative change of the weights of each layer from one kept epoch to the next.

    Parameters
    ----------
    weights : dict of int to (dict of str to ndarray)
        Weights by name, for each epoch that was kept; 0 is before training.

    Returns
    -------
    epochs : list of int
        The later one of each pair.
    parts : dict of str to list of float
        For each layer with weights of two axes or more, |after - before| / |before|, Euclidean norms; None where they were zero.
    """
    epochs = sorted(weights)
    names = [name for name, array in weights[epochs[-1]].items() if name.endswith("weight") and array.ndim > 1]
    names = [name for name in names if all(name in weights[epoch] for epoch in epochs)]
    parts = {name.removesuffix(".weight"): [ratio(weights[a][name], weights[b][name]) for a, b in zip(epochs, epochs[1:])]
             for name in names}
    return epochs[1:], parts


def ratio(before, after):
    """|after - before| / |before|; None if that is not a number."""
    size = float(np.linalg.norm(before))
    part = float(np.linalg.norm(after - before)) / size if size else np.nan
    return part if np.isfinite(part) else None


def deaths(model, weights, batches, watch=lambda done, total: None):
    """Number of dead channels behind each ReLU after each epoch.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Its weights are overwritten.
    weights : dict of int to (dict of str to ndarray)
        A whole `state_dict` an epoch.
    batches : callable
        Makes an iterable of batches, of all validation examples.
    watch : callable, optional
        Called as `watch(done, total)`.

    Returns
    -------
    dict of int to (list of (str, ndarray of bool))
        For each epoch what `dead_units` found.
    """
    found = {}
    for done, epoch in enumerate(sorted(weights)):
        watch(done, len(weights))
        model.load_state_dict({name: numbacnn.tensor(array) for name, array in weights[epoch].items()})
        found[epoch] = dead_units(model, batches())
        if not found[epoch]:
            break
    watch(len(weights), len(weights))
    return found


def some(epochs):
    """At most `MOST_EPOCHS` of them, at equal distances, with the first and the last."""
    if len(epochs) <= MOST_EPOCHS:
        return list(epochs)
    return [epochs[k] for k in np.linspace(0, len(epochs) - 1, MOST_EPOCHS).round().astype(int)]


def batches_of(x, normalize):
    """A callable that makes batches of normalized examples."""
    return lambda: (normalize.tensor(x[start:start + BATCH]) for start in range(0, len(x), BATCH))
