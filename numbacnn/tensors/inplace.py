"""Tensor methods that write to the Tensor itself, as optimisers and initialisers do.

The tape does not follow such writes, so they are for Tensors that need no gradient, or for `with no_grad():`.
"""

import numpy as np

from numbacnn.tensors.tape import grad_mode
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.arithmetic import broadcast_error, operands


def _infix(ufunc, operator):
    """`x += y`: in place where the tape does not look; on the tape, a new Tensor takes the name."""
    def method(self, other):
        recorded = grad_mode.enabled and (self._requires_grad or getattr(other, "_requires_grad", False))
        leaf = self._requires_grad and self._node is None
        if recorded and not leaf:
            return getattr(type(self), operator)(self, other)
        return self._write(ufunc, other, f"x {ufunc.__name__}= y")

    return method


class InPlace:
    """Mixin of Tensor: methods that end in an underscore, `x += y`, `x[i] = y`."""

    __slots__ = ()

    def _check_writable(self, name, other=None):
        if grad_mode.enabled and (self._requires_grad or getattr(other, "_requires_grad", False)):
            leaf = "a leaf that requires grad" if self._requires_grad and self._node is None else "part of the tape"
            raise RuntimeError(f"{name}: this Tensor is {leaf}, an in-place operation would falsify its gradient; "
                               "put it inside `with numbacnn.no_grad():`, or compute a new Tensor")

    def _write(self, ufunc, other, name):
        self._check_writable(name, other)
        x, y = operands(self, other)
        if y is None:
            raise TypeError(f"{name}: expected a Tensor or a number, got {type(other).__name__}")
        array = self._writable()
        try:
            with np.errstate(all="ignore"):
                ufunc(array, y._array, out=array, casting="same_kind")
        except TypeError:
            raise RuntimeError(f"{name}: the result is {x.dtype}, which a Tensor of {self.dtype} cannot hold") from None
        except ValueError:
            raise broadcast_error(name, self, y) from None
        return self

    __iadd__ = _infix(np.add, "__add__")
    __isub__ = _infix(np.subtract, "__sub__")
    __imul__ = _infix(np.multiply, "__mul__")
    __itruediv__ = _infix(np.divide, "__truediv__")

    def add_(self, other, alpha=1):
        """Add `alpha * other` in place."""
        return self._write(np.add, other if alpha == 1 else other * alpha, "add_")

    def sub_(self, other, alpha=1):
        """Subtract `alpha * other` in place."""
        return self._write(np.subtract, other if alpha == 1 else other * alpha, "sub_")

    def mul_(self, other):
        """Multiply by `other` in place."""
        return self._write(np.multiply, other, "mul_")

    def div_(self, other):
        """Divide by `other` in place."""
        return self._write(np.divide, other, "div_")

    def zero_(self):
        """Fill with zeros."""
        return self.fill_(0)

    def fill_(self, value):
        """Fill with a number."""
        self._check_writable("fill_")
        self._writable().fill(float(value) if self.dtype.kind == "f" else int(value))
        return self

    def copy_(self, src):
        """Copy the elements of `src`, broadcast to this shape and converted to this dtype.

        Raises
        ------
        RuntimeError
            If `src` does not broadcast to this shape.
        """
        self._check_writable("copy_", src)
        try:
            np.copyto(self._writable(), src._array, casting="unsafe")
        except ValueError:
            raise RuntimeError(f"copy_: src has shape {tuple(src.shape)}, which does not broadcast to "
                               f"{tuple(self.shape)}") from None
        return self

    def uniform_(self, from_=0.0, to=1.0, *, generator=None):
        """Fill with numbers drawn evenly from [from_, to)."""
        self._check_writable("uniform_")
        array = self._writable()
        drawn = (generator or default_generator).numpy.random(array.shape, array.dtype)
        np.add(drawn * array.dtype.type(to - from_), array.dtype.type(from_), out=array)
        return self

    def normal_(self, mean=0.0, std=1.0, *, generator=None):
        """Fill with numbers drawn from the normal distribution."""
        self._check_writable("normal_")
        array = self._writable()
        drawn = (generator or default_generator).numpy.standard_normal(array.shape, array.dtype)
        np.add(drawn * array.dtype.type(std), array.dtype.type(mean), out=array)
        return self

    def __setitem__(self, index, value):
        self._check_writable("x[...] = y", value)
        value = value._array if hasattr(value, "_array") else value
        self._writable()[self._plain_index(index)] = value
