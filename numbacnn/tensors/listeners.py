"""Listeners: objects that are told of every operation as it runs, with its numbers, in order to show a network at work.

While there is none, an operation pays for a look at an empty list. Listening changes no number;
only chains of layers that otherwise run in one call run layer by layer.
"""

listeners = []


class Listener:
    """Receives every operation as it runs, of all threads, within `with listener:`. All methods may be overridden."""

    def __enter__(self):
        listeners.append(self)
        return self

    def __exit__(self, *exception):
        listeners.remove(self)

    def hears(self, name, out, operands, settings, kept, engine):
        """An operation ran.

        Parameters
        ----------
        name : str
            The operation in lower case, e.g. "max_pool2d".
        out : Tensor
            Its result; where the tape records, its node is set when the operation returns.
        operands : dict of str to Tensor or None, or sequence of Tensor
            What it read, in the order of the edges of its node.
        settings : dict
            How it was called: stride, padding and the like; Tensors among them were read, too.
        kept : object
            What else its backward pass needs, as the engine has it.
        engine : bool
            Whether it is a loop of the engine.
        """

    def did(self, what):
        """A step of the backward pass or of an optimizer ended: "conv2d backward", or "SGD.step"."""

    def stands_for(self, twin, tensor):
        """The Tensor `twin` has the numbers of `tensor` from before a change in place."""

    def became(self, tensor, out, relatives):
        """The Tensor `tensor` was changed in place to the result `out`, and with it these views of the same memory."""

    def enters(self, layer):
        """The forward of a Module begins."""

    def leaves(self, layer, args, out):
        """It ends with the result `out`; returned is what takes its place."""
        return out


def tell(name, out, operands, settings=None, kept=None, engine=False):
    """Tell all listeners of an operation."""
    for listener in [*listeners]:
        listener.hears(name, out, operands, settings or {}, kept, engine)


def tell_did(what):
    """Tell all listeners of the end of a step that is no operation of the forward pass."""
    for listener in [*listeners]:
        listener.did(what)


def listened_forward(layer, args, kwargs):
    """The forward of a Module, of whose begin and end all listeners are told."""
    for listener in [*listeners]:
        listener.enters(layer)
    out = layer.forward(*args, **kwargs)
    for listener in [*listeners]:
        out = listener.leaves(layer, args, out)
    return out
