"""Tensor methods that change the Tensor itself: those that end in an underscore, and `x += y`.

On the tape such a change gives the Tensor a new place: it is now the result of the operation, computed from what it was
before, and so are the Tensors that share its memory (see `views`). An operation that keeps its old numbers for the backward
pass finds a newer version there, and refuses. All this is PyTorch's rule: https://docs.pytorch.org/docs/stable/notes/autograd.html,
"In-place operations with autograd".
"""

import numpy as np

from numbacnn.tensors.arithmetic import broadcast_error, operands, unbroadcast
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.listeners import listeners
from numbacnn.tensors.pairwise import both
from numbacnn.tensors.tape import grad_mode
from numbacnn.tensors.views import adopt, relatives

_RICHNESS = {"b": 0, "u": 1, "i": 1, "f": 2}

#: PyTorch's in-place forms of methods; those that the Tensor has a method for are offered
METHODS = (
    "abs", "acos", "acosh", "add", "addbmm", "addcdiv", "addcmul", "addmm", "addmv", "addr", "arccos", "arcsin", "arctan",
    "asin", "asinh", "atan", "atan2", "atanh", "baddbmm", "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "ceil",
    "clamp", "clamp_max", "clamp_min", "clip", "copysign", "cos", "cosh", "cumprod", "cumsum", "div", "divide", "eq", "erf",
    "erfc", "exp", "exp2", "expm1", "fix", "floor", "floor_divide", "fmod", "frac", "ge", "greater",
    "greater_equal", "gt", "heaviside", "hypot", "index_add", "index_copy", "index_fill", "index_put", "le", "lerp", "less",
    "less_equal", "log", "log10", "log1p", "log2", "logical_and", "logical_not", "logical_or", "logical_xor", "logit", "lt",
    "masked_fill", "masked_scatter", "mul", "multiply", "nan_to_num", "ne", "neg", "negative", "not_equal", "pow",
    "reciprocal", "relu", "remainder", "renorm", "round", "rsqrt", "scatter", "scatter_add", "scatter_reduce", "sigmoid",
    "sign", "sin", "sinc", "sinh", "sqrt", "square", "sub", "subtract", "tan", "tanh", "tril", "triu", "true_divide",
    "trunc", "xlogy")


def changed(name, tensor, compute, *others):
    """Change a Tensor in place: it becomes `compute` of what it was.

    Parameters
    ----------
    name : str
        The operation, for error messages.
    tensor : Tensor
    compute : callable
        Takes a Tensor that stands for this one as it was, and returns the new one, recorded like any operation.
    *others : Tensor
        The other operands; if one requires grad, the change is recorded.

    Returns
    -------
    Tensor
        The Tensor itself.

    Raises
    ------
    RuntimeError
        If it is a leaf that requires grad, or a view of one, or cannot hold the result.
    """
    tensor._check_writable(name, *others)
    recorded = grad_mode.enabled and any(getattr(each, "_requires_grad", False) for each in (tensor, *others))
    before = tensor._detached(tensor._before() if recorded else tensor._storage)
    before._node, before._requires_grad = tensor._node, tensor._requires_grad
    for listener in listeners:
        listener.stands_for(before, tensor)
    out = compute(before)
    if out is not before:
        tensor._become(name, out, recorded)
    return tensor


def in_place_of(name):
    """The method `name_` that changes a Tensor as its method `name` computes a new one."""
    def method(self, *args, **kwargs):
        return changed(f"{name}_", self, lambda before: getattr(before, name)(*args, **kwargs), *args, *kwargs.values())

    method.__name__ = method.__qualname__ = f"{name}_"
    method.__doc__ = f"`{name}` in place: the Tensor itself changes, and is returned."
    return method


def _reshaped_in_place(name):
    """The method `name_` by which a Tensor becomes its own view of that name."""
    def method(self, *args, **kwargs):
        self._check_writable(f"{name}_")
        shown = self._view is not None and bool(self._view.steps)
        if not shown and relatives(self):
            raise RuntimeError(f"{name}_: other Tensors are views of this one; take x = x.{name}(...) instead")
        if self._node is not None and not grad_mode.enabled:
            raise RuntimeError(f"{name}_: this Tensor was computed on the tape, and nothing is recorded now, so its gradient "
                               f"would have another shape; take x = x.{name}(...) instead")
        out = getattr(self, name)(*args, **kwargs)
        if out is not self:
            self._version.count += 1
            self._storage, self._plain = out._storage, out._plain
            self._node, self._view = out._node, out._view if shown else None
        return self

    method.__name__ = method.__qualname__ = f"{name}_"
    method.__doc__ = f"`{name}` in place: the Tensor itself gets the other shape, and is returned."
    return method


def _infix(ufunc, operator, sign):
    """`x += y`, where `sign` is +."""
    name = f"x {sign}= y"

    def method(self, other):
        x, y = operands(self, other)
        return NotImplemented if y is None else self._write(ufunc, y, name, operator)

    return method


class InPlace:
    """Mixin of Tensor: methods that end in an underscore, and `x += y`."""

    __slots__ = ()

    def _check_writable(self, name, *others):
        """RuntimeError if the tape does not allow a change in place, or the memory."""
        if grad_mode.enabled:
            if self._requires_grad and self._node is None:
                raise RuntimeError(f"{name}: a leaf Variable that requires grad is being used in an in-place operation. Put "
                                   "it inside `with numbacnn.no_grad():`, or compute a new Tensor")
            if self._view is not None and self._view.steps:
                self._check_view(name, self._requires_grad or any([getattr(each, "_requires_grad", False) for each in others]))
        array = self._plain
        if array is not None and array.size and any(step == 0 and extent > 1 for step, extent in zip(array.strides, array.shape)):
            raise RuntimeError(f"{name}: unsupported operation: more than one element of the written-to tensor refers to a "
                               "single memory location. Please clone() the tensor before performing the operation")

    def _check_view(self, name, recorded):
        if recorded and any(step.forward is None for step in self._view.steps):
            raise RuntimeError(f"{name}: a view taken by {' and '.join(step.name for step in self._view.steps)} cannot be "
                               "changed in place on the tape; clone() it first")
        base = next((each for each in relatives(self) if not each._view.steps), None)
        of_recorded = self._view.family.node is not None if base is None else base._requires_grad
        if self._requires_grad and (self._view.family.leaf if base is None else base._node is None):
            raise RuntimeError(f"{name}: a view of a leaf Variable that requires grad is being used in an in-place "
                               "operation. Put it inside `with numbacnn.no_grad():`, or compute a new Tensor")
        if self._view.unrecorded and (recorded or of_recorded):
            raise RuntimeError(f"{name}: A view was created in no_grad mode and is being modified inplace with grad mode "
                               "enabled. Take the view and change it in the same mode, or clone() it first")

    def _become(self, name, out, recorded):
        """Take on the numbers of `out`, and its place on the tape."""
        if tuple(out.shape) != tuple(self.shape):
            raise RuntimeError(f"{name}: output with shape {list(self.shape)} doesn't match the broadcast shape "
                               f"{list(out.shape)}: an in-place operation keeps the shape of the Tensor that it changes")
        if _RICHNESS[out.dtype.kind] > _RICHNESS[self.dtype.kind]:
            raise RuntimeError(f"{name}: result type {out.dtype} can't be cast to the desired output type {self.dtype}; "
                               "compute a new Tensor")
        out = out.to(self.dtype)
        self._take_numbers(out)
        if recorded:
            adopt(self, out)
        for listener in listeners:
            listener.became(self, out, self._version.others(self))

    def _write(self, ufunc, other, name, operator):
        """Change by a function of NumPy, or on the tape, or in lanes, by the operator of the same name."""
        x, y = both(name, self, other)
        recorded = grad_mode.enabled and (self._requires_grad or y._requires_grad)
        if recorded or type(self._storage) is not np.ndarray:
            return changed(name, self, lambda before: getattr(before, operator)(other), y)
        self._check_writable(name)
        array = self._writable()
        try:
            with np.errstate(all="ignore"):
                ufunc(array, y._array, out=array, casting="same_kind")
        except TypeError:
            raise RuntimeError(f"{name}: result type {x.dtype} can't be cast to the desired output "
                               f"type {self.dtype}; compute a new Tensor") from None
        except ValueError:
            raise broadcast_error(name, self, y) from None
        return self

    __iadd__ = _infix(np.add, "__add__", "+")
    __isub__ = _infix(np.subtract, "__sub__", "-")
    __imul__ = _infix(np.multiply, "__mul__", "*")
    __itruediv__ = _infix(np.divide, "__truediv__", "/")
    __ipow__ = _infix(np.power, "__pow__", "**")

    def add_(self, other, alpha=1):
        """Add `alpha * other` in place."""
        return self._write(np.add, other if alpha == 1 else other * alpha, "add_", "__add__")

    def sub_(self, other, alpha=1):
        """Subtract `alpha * other` in place."""
        return self._write(np.subtract, other if alpha == 1 else other * alpha, "sub_", "__sub__")

    def mul_(self, other):
        """Multiply by `other` in place."""
        return self._write(np.multiply, other, "mul_", "__mul__")

    def div_(self, other, *, rounding_mode=None):
        """Divide by `other` in place, as `div` does."""
        if rounding_mode is not None:
            return changed("div_", self, lambda before: before.div(other, rounding_mode=rounding_mode), other)
        return self._write(np.divide, other, "div_", "__truediv__")

    def zero_(self):
        """Fill with zeros."""
        return self.fill_(0)

    def fill_(self, value):
        """Fill with a number, or the only number of a Tensor."""
        if isinstance(value, InPlace):
            if value.ndim:
                raise RuntimeError(f"fill_: expected a number or a Tensor without dimensions, got shape {tuple(value.shape)}")
            return self.copy_(value)
        self._check_writable("fill_")
        if self._requires_grad and grad_mode.enabled:
            return self.copy_(self._detached(np.asarray(value, self.dtype)))
        self._writable().fill(float(value) if self.dtype.kind == "f" else int(value))
        return self

    def copy_(self, src, non_blocking=False):
        """Copy the elements of `src`, a Tensor or a number, broadcast to this shape and converted to this dtype.

        Raises
        ------
        RuntimeError
            If `src` does not broadcast to this shape.
        TypeError
            If `src` is neither a Tensor nor a number.
        """
        if not isinstance(src, InPlace):
            src = both("copy_", self, src)[1]
        self._check_writable("copy_", src)
        try:
            numbers = np.broadcast_to(src._array, self.shape)
        except ValueError:
            raise RuntimeError(f"copy_: src has shape {tuple(src.shape)}, which does not broadcast to "
                               f"{tuple(self.shape)}") from None
        if not (grad_mode.enabled and (self._requires_grad or src._requires_grad)):
            np.copyto(self._writable(), numbers, casting="unsafe")
            return self
        own, dtype = tuple(src.shape), src.dtype

        def backward(dout):
            return np.zeros(dout.shape, dout.dtype), unbroadcast(dout, own).astype(dtype)

        return changed("copy_", self, lambda before: before._from_op(
            numbers.astype(before.dtype), (before, src), backward, "copy", True, ()), src)

    def uniform_(self, from_=0.0, to=1.0, *, generator=None):
        """Fill with numbers drawn evenly from [from_, to)."""
        dtype = self.dtype
        drawn = (generator or default_generator).numpy.random(tuple(self.shape), dtype)
        return self.copy_(self._detached(drawn * dtype.type(to - from_) + dtype.type(from_)))

    def normal_(self, mean=0.0, std=1.0, *, generator=None):
        """Fill with numbers drawn from the normal distribution."""
        dtype = self.dtype
        drawn = (generator or default_generator).numpy.standard_normal(tuple(self.shape), dtype)
        return self.copy_(self._detached(drawn * dtype.type(std) + dtype.type(mean)))

    squeeze_, unsqueeze_, transpose_, t_ = map(_reshaped_in_place, ("squeeze", "unsqueeze", "transpose", "t"))

    def detach_(self):
        """Take the Tensor off the tape; it is a leaf then.

        Raises
        ------
        RuntimeError
            If it is a view.
        """
        if self._view is not None and self._view.steps:
            raise RuntimeError("detach_: Can't detach views in-place. Use detach() instead")
        self._node, self._requires_grad, self._view = None, False, None
        return self
