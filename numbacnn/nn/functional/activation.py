"""Non-linearities."""

import numpy as np

from numbacnn.engine import kind_for, storage_for
from numbacnn.nn.arguments import not_offered
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.tensor import Tensor


def relu(input, inplace=False):
    """max(input, 0), number by number; the gradient at 0 is 0.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    inplace : bool
        Only False is offered.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    if inplace:
        not_offered("relu", inplace=(inplace, False))
    return _elementwise("relu", input, "relu_forward", "relu_backward")


def tanh(input):
    """The hyperbolic tangent, number by number.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    return _elementwise("tanh", input, "tanh_forward", "tanh_backward")


def _elementwise(name, input, forward, backward):
    check_types(name, input)
    # a plain array of any shape needs no packing: the loop on floats takes it as it is
    kind = kind_for(input, packed=type(input._storage) is not np.ndarray)
    out = getattr(kind, forward)(storage_for(kind, input))

    def back(dout):
        return (getattr(kind, backward)(storage_for(kind, dout), out),)

    return Tensor._from_op(out, (input,), back, name)
