"""Errors that say in which layer of a network they arose."""


def name_layer(error, network):
    """Begin the message of an error with the layer that raised it, as in `layer features.3 (Conv2d): conv2d: ...`.

    Called by every Module that an error passes on its way up. The first one is the layer; those above look it up among
    their own, so in the end it has its name in the outermost network that knows it, and its message begins with that one name.

    Parameters
    ----------
    error : Exception
        Changed in place; left alone if it has no plain message.
    network : Module
        The Module whose `forward` the error left.
    """
    if len(error.args) != 1 or type(error.args[0]) is not str:
        return
    # by its number: an error that held the layer itself would carry the weights to wherever it is sent
    layer, kind, reason = getattr(error, "_layer", (None, None, error.args[0]))
    names = [name for name, module in network.named_modules(remove_duplicate=False) if id(module) == layer]
    if not names:  # it is the first, or the layer is kept where a network does not look, in a plain list for example
        error._layer = id(network), type(network).__name__, reason
    elif layer != id(network):
        error.args = (f"layer {' or '.join(names)} ({kind}): {reason}",)
