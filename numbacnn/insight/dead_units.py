"""ReLUs that are silent: channels whose output is zero on all examples that the network is shown."""
from contextlib import ExitStack


import numbacnn
from numbacnn import nn
from numbacnn.insight.evaluating import evaluating
from numbacnn.insight.trace import trace
from numbacnn.insight.wiring import relu_behind


def dead_units(model, batches):
    """Find the channels behind each ReLU that are zero everywhere, on every example.

    A channel of a map is dead if all its pixels are zero for all examples; behind a dense layer a channel is one number.
    Where a channel is zero on all training examples, the loss gives the weights of its own filter no gradient; they can still
    change by weight decay, and the channel can come alive when earlier layers change.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Looked at in evaluation mode; each layer is left in the mode it was in.
    batches : iterable of Tensor or ndarray
        Examples as the model takes them, normalized. It is not read further once every channel was seen alive.

    Returns
    -------
    list of (str, ndarray of bool)
        For each ReLU, in the order in which they ran, the dotted name of its layer and which channels are dead, shape (C,). A
        layer that runs several times stands there as often.

    Raises
    ------
    ValueError
        If there is no batch.
    """
    seen = []  # for each call of a ReLU: [name, channels that were alive once]
    calls = []

    def look(name):
        def hook(layer, args, out):
            if len(calls) == len(seen):
                seen.append([name, _alive(out.numpy())])
            elif not seen[len(calls)][1].all():  # else there is nothing more to find out, so nothing is computed for it
                seen[len(calls)][1] |= _alive(out.numpy())
            calls.append(name)
        return hook

    read = False
    with ExitStack() as hooks, evaluating(model), numbacnn.no_grad():
        for name, layer in model.named_modules():
            if isinstance(layer, nn.ReLU):
                hooks.enter_context(layer.register_forward_hook(look(name)))
        for batch in batches:
            read = True
            calls.clear()
            model(batch if numbacnn.is_tensor(batch) else numbacnn.tensor(batch))
            if all(alive.all() for _, alive in seen):
                break
    if not read:
        raise ValueError("dead_units: there is no batch; give at least one")
    return [(name, ~alive) for name, alive in seen]


def dead_filters(model, layer, x, batches):
    """Find the dead filters of a convolution: the ReLU behind them is zero everywhere, on every example.

    Parameters
    ----------
    model : numbacnn.nn.Module
    layer : str
        Dotted name of the convolution.
    x : ndarray or Tensor, shape (N, ...)
        An example or a few, with which the ReLU behind the convolution is found.
    batches : iterable of Tensor or ndarray
        The examples to look at, as for `dead_units`.

    Returns
    -------
    ndarray of bool, shape (OC,), or None
        None if no ReLU takes what the convolution gives, channel by channel: then no filter can be said to be dead.
    """
    with evaluating(model):
        steps = trace(model, x)
    place = relu_behind(steps, layer)
    if place is None or not isinstance(dict(model.named_modules()).get(steps[place].layer), nn.ReLU):
        return None
    relus = [n for n, step in enumerate(steps) if step.kind == "relu"]
    found = dead_units(model, batches)
    return found[relus.index(place)][1] if len(found) == len(relus) else None


def _alive(out):
    """Mask of the channels of (N, C, ...) that are above zero somewhere."""
    return out.any(axis=(0, *range(2, out.ndim)))
