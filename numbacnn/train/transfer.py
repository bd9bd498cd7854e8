"""Weights of another training as a start: layer by layer, where names and shapes agree."""
from numbacnn.train.freezing import layers_of


def take_weights(model, state):
    """Copy into a model every layer of a state that it has too.

    A layer is taken as a whole or not at all: a bias without the weights it was trained beside is worth nothing.

    Parameters
    ----------
    model : numbacnn.nn.Module
    state : dict of str to Tensor
        The `state_dict` of another model.

    Returns
    -------
    taken, new : list of str
        Names of layers: those that are copied, and those that stay as they were drawn.
    """
    taken, new, copied = [], [], {}
    for name, layer in layers_of(model).items():
        own = {f"{name}.{entry}": tensor for entry, tensor in layer.state_dict().items()}
        agrees = all(entry in state and tuple(state[entry].shape) == tuple(tensor.shape) for entry, tensor in own.items())
        (taken if agrees else new).append(name)
        if agrees:
            copied |= {entry: state[entry] for entry in own}
    model.load_state_dict({**model.state_dict(), **copied})
    return taken, new
