"""Tensor methods as functions, as in PyTorch: `numbacnn.exp(x)` is `x.exp()`; `names` lists them."""

from functools import wraps

from numbacnn.tensors.names import METHODS, OTHERWISE
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of


def _function(name, method):
    """The function whose first argument is the Tensor that has the method."""
    def function(input, *args, out=None, **kwargs):
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}: input must be a Tensor, not {kind_of(input)}")
        result = getattr(input, method)(*args, **kwargs)
        return result if out is None else written(name, result, out)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = getattr(Tensor, method).__doc__
    return function


def written(name, result, out):
    """`out` with the numbers of `result`, as `out=` asks for.

    Raises
    ------
    TypeError
        If one of them is not a Tensor.
    RuntimeError
        If a gradient would be lost, or the shape or kind of number differs.
    """
    if not isinstance(out, Tensor) or not isinstance(result, Tensor):
        given = out if not isinstance(out, Tensor) else result
        raise TypeError(f"{name}: out= takes a Tensor for a result that is one, not {kind_of(given)}")
    if result.requires_grad or out.requires_grad:
        raise RuntimeError(f"{name}(): functions with out=... arguments don't support automatic differentiation, "
                           "but one of the arguments requires grad.")
    if out.shape != result.shape:
        raise RuntimeError(f"{name}: out has shape {tuple(out.shape)}, but the result has {tuple(result.shape)}")
    if result.dtype.kind == "f" != out.dtype.kind:
        raise RuntimeError(f"{name}: the result is {result.dtype} and cannot be written to out of {out.dtype}")
    return out.copy_(result)


def takes_out(create):
    """The function with `out=`, a Tensor of the wanted shape that takes the numbers and is returned."""
    @wraps(create)
    def created(*args, out=None, **kwargs):
        if out is None:
            return create(*args, **kwargs)
        if isinstance(out, Tensor):
            kwargs.setdefault("dtype", out.dtype)
        return written(create.__name__, create(*args, **kwargs), out)

    return created


globals().update({name: _function(name, OTHERWISE.get(name, name)) for name in METHODS})


def is_tensor(obj):
    """Whether `obj` is a Tensor."""
    return isinstance(obj, Tensor)
