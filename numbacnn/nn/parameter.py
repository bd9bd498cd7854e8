"""Tensors that a Module trains."""

from numbacnn.tensors.internals import hold
from numbacnn.tensors.tensor import Tensor


class Parameter(Tensor):
    """A Tensor that a `Module` counts among its parameters when it becomes an attribute.

    Parameters
    ----------
    data : Tensor or ndarray
        The numbers, shared.
    requires_grad : bool
        Whether to train it.
    """

    def __init__(self, data, requires_grad=True):
        hold(self, data, requires_grad)

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()


class UninitializedParameter(Parameter):
    """A Parameter whose shape is known only once the layer has seen its input."""

    def __init__(self, requires_grad=True):
        # Zero elements: code that counts or adds up parameters sees that there is nothing yet.
        super().__init__(_nothing(), requires_grad)

    def materialize(self, data):
        """Become an ordinary Parameter that holds `data`; every reference to this object then refers to it."""
        self.data = data
        self.__class__ = Parameter

    def __repr__(self):
        return "<UninitializedParameter>"


class UninitializedBuffer(Tensor):
    """A buffer whose shape is known only once the layer has seen its input."""

    __slots__ = ()  # as a Tensor has none besides its own, the object can become one

    def __init__(self):
        hold(self, _nothing(), False)

    def materialize(self, data):
        """Become an ordinary Tensor that holds `data`; every reference to this object then refers to it."""
        self.data = data
        self.__class__ = Tensor

    def __repr__(self):
        return "<UninitializedBuffer>"


def _nothing():
    from numbacnn.tensors.creation import zeros

    return zeros(0)
