"""Tensor methods as functions, as in PyTorch: `numbacnn.exp(x)` is `x.exp()`."""

import numpy as np

from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of


def _function(method):
    """The function whose first argument is the Tensor that has the method."""
    def function(input, *args, **kwargs):
        if not isinstance(input, Tensor):
            raise TypeError(f"{method}: input must be a Tensor, not {kind_of(input)}")
        return getattr(input, method)(*args, **kwargs)

    function.__name__ = function.__qualname__ = method.strip("_")
    function.__doc__ = getattr(Tensor, method).__doc__
    return function


abs = _function("abs")
add = _function("__add__")
all = _function("all")
any = _function("any")
argmax = _function("argmax")
argmin = _function("argmin")
clamp = _function("clamp")
div = _function("__truediv__")
exp = _function("exp")
flatten = _function("flatten")
log = _function("log")
log_softmax = _function("log_softmax")
matmul = _function("matmul")
max = _function("max")
mean = _function("mean")
min = _function("min")
mm = _function("matmul")
mul = _function("__mul__")
numel = _function("numel")
permute = _function("permute")
pow = _function("pow")
relu = _function("relu")
reshape = _function("reshape")
sigmoid = _function("sigmoid")
softmax = _function("softmax")
sqrt = _function("sqrt")
squeeze = _function("squeeze")
std = _function("std")
sub = _function("__sub__")
sum = _function("sum")
tanh = _function("tanh")
transpose = _function("transpose")
unsqueeze = _function("unsqueeze")
var = _function("var")


def is_tensor(obj):
    """Whether `obj` is a Tensor."""
    return isinstance(obj, Tensor)


def equal(input, other):
    """Whether two Tensors have the same shape and elements."""
    return bool(np.array_equal(input._array, other._array))


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether `|input - other| <= atol + rtol * |other|` everywhere."""
    return bool(np.allclose(input._array, other._array, rtol, atol, equal_nan))
