"""Tensor arithmetic: elementwise operations with their derivatives, comparisons, the matrix product."""

import numpy as np

from numbacnn.tensors import types
from numbacnn.tensors.storage import added
from numbacnn.tensors.totals import total

_NUMBERS = (int, float, bool, np.generic)


def unbroadcast(gradient, shape):
    """Sum `gradient` over the axes along which an operand of `shape` was repeated by broadcasting."""
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    repeated = tuple(range(extra)) + tuple(
        extra + axis for axis, extent in enumerate(shape) if extent == 1 and gradient.shape[extra + axis] != 1)
    return total(gradient, repeated, True).reshape(shape)


def common_dtype(x, y):
    """The dtype of `x` with `y` by PyTorch's rule: the richer kind wins; within a kind, arrays outrank 0-d Tensors."""
    x_kind, y_kind = ({"b": 0, "u": 1, "i": 1, "f": 2}[each.dtype.kind] for each in (x, y))
    if x_kind != y_kind:
        return x.dtype if x_kind > y_kind else y.dtype
    if (x.ndim == 0) != (y.ndim == 0):
        return x.dtype if x.ndim else y.dtype
    return np.promote_types(x.dtype, y.dtype)


def operands(x, other):
    """`x` and `other` as Tensors of one dtype; (x, None) if `other` is nothing to calculate with."""
    if isinstance(other, Arithmetic):
        if x.dtype != other.dtype:
            dtype = common_dtype(x, other)
            return x.to(dtype), other.to(dtype)
        return x, other
    if isinstance(other, np.ndarray):
        return operands(x, x._detached(other))
    if not isinstance(other, _NUMBERS):
        return x, None
    # A number has no dtype of its own: 2.0 * x keeps float32, and only a richer kind of number changes x.
    if isinstance(other, (float, np.floating)):
        x = x if x.dtype.kind == "f" else x.to(types.default_dtype())
    elif x.dtype.kind == "b" and not isinstance(other, (bool, np.bool_)):
        x = x.to(types.int64)
    return x, x._detached(np.asarray(other, x.dtype))


def broadcast_error(name, x, y, reason="they do not broadcast"):
    """A RuntimeError that says which dimension keeps `x` and `y` from being combined; else `reason`."""
    a, b = x.shape, y.shape
    for dim in range(1, min(len(a), len(b)) + 1):
        if a[-dim] != b[-dim] and 1 not in (a[-dim], b[-dim]):
            return RuntimeError(f"{name}: shapes {tuple(a)} and {tuple(b)} do not broadcast: counted from the end, "
                                f"dimension {dim} is {a[-dim]} and {b[-dim]}; they must be equal, or one of them 1")
    return RuntimeError(f"{name}: cannot combine shapes {tuple(a)} and {tuple(b)}: {reason}")


def binary(name, x, y, compute, dx, dy, saves="other"):
    """Apply `compute` to two Tensors of one dtype and record it.

    `dx(dout, a, b)` and `dy(dout, a, b)` are the gradients before broadcasting is undone. `saves` says from which
    operands each is computed: "other" for a product, whose gradient is the other operand; "both"; or "none".
    """
    a, b = x._array, y._array
    try:
        with np.errstate(all="ignore"):
            out = compute(a, b)
    except ValueError as error:
        raise broadcast_error(name, x, y, error) from None
    x_shape = a.shape if x._requires_grad else None
    y_shape = b.shape if y._requires_grad else None
    keep_x, keep_y = {"none": (False, False), "other": (y._requires_grad, x._requires_grad), "both": (True, True)}[saves]
    a, b = a if keep_x else None, b if keep_y else None

    def backward(dout):
        return (None if x_shape is None else unbroadcast(dx(dout, a, b), x_shape),
                None if y_shape is None else unbroadcast(dy(dout, a, b), y_shape))

    return x._from_op(out, (x, y), backward, name, True, [each for each, keep in ((x, keep_x), (y, keep_y)) if keep])


def unary(name, x, compute, dx, saves="both"):
    """Apply `compute` to a Tensor and record it; `dx(dout, a, out)` is the gradient.

    `saves` says from which of the two it is computed: "x", "out", "both" or "none"; what it does not need is None.
    """
    a = x._array
    with np.errstate(all="ignore"):
        out = compute(a)
    keep_x, keep_out = saves in ("x", "both"), saves in ("out", "both")
    a, result = a if keep_x else None, out if keep_out else None
    return x._from_op(out, (x,), lambda dout: (dx(dout, a, result),), name, True, (x,) if keep_x else (), keep_out)


def _add(x, y):
    """The sum, element by element."""
    out = added(x._storage, y._storage)  # an engine adds without leaving its layout
    if out is not None:
        return x._from_op(out, (x, y), lambda dout: (dout, dout), "add", saves=())
    return binary("add", x, y, np.add, lambda dout, a, b: dout, lambda dout, a, b: dout, saves="none")


def _sub(x, y):
    """The difference, element by element."""
    return binary("sub", x, y, np.subtract, lambda dout, a, b: dout, lambda dout, a, b: -dout, saves="none")


def _rsub(x, y):
    """The difference y - x, element by element."""
    return binary("rsub", x, y, lambda a, b: b - a, lambda dout, a, b: -dout, lambda dout, a, b: dout, saves="none")


def _mul(x, y):
    """The product, element by element."""
    return binary("mul", x, y, np.multiply, lambda dout, a, b: dout * b, lambda dout, a, b: dout * a)


def _div(x, y):
    """The quotient, element by element; of whole numbers in the default dtype."""
    if x.dtype.kind != "f":
        x, y = x.to(types.default_dtype()), y.to(types.default_dtype())
    return binary("div", x, y, np.divide, lambda dout, a, b: dout / b, lambda dout, a, b: -dout * (a / b) / b,
                  saves="both" if y._requires_grad else "other")


def _power(a, b):
    if b.dtype.kind in "iu" and (b < 0).any():
        if b.ndim == 0 and a.ndim:
            raise RuntimeError("pow: Integers to negative integer powers are not allowed; take x.float() first")
        # 1 / a**|b| without its fraction: only 1 and -1 have one
        return np.where(b < 0, np.where(np.abs(a) == 1, np.where(b % 2 == 0, 1, a), 0), a ** np.maximum(b, 0)).astype(a.dtype)
    # NumPy knows squares and square roots only if the exponent is a Python number.
    return a ** (b.item() if b.ndim == 0 else b)


def _pow(x, y):
    # The derivative with respect to the exponent is a**b * log(a), and 0 where a is 0 and the power is defined.
    return binary("pow", x, y, _power,
                  lambda dout, a, b: dout * np.where(b == 0, 0, b * _power(a, np.asarray(b - 1))),
                  lambda dout, a, b: dout * np.where((a == 0) & (b >= 0), 0, _power(a, b) * np.log(a)), saves="both")


def _matmul(x, y):
    """The product of two Tensors of at least two dimensions; leading dimensions are batches and broadcast."""
    if x.shape[-1] != y.shape[-2]:
        raise RuntimeError(f"matmul: the first has {x.shape[-1]} columns but the second has {y.shape[-2]} rows "
                           f"(shapes {tuple(x.shape)} and {tuple(y.shape)})")
    return binary("matmul", x, y, np.matmul,
                  lambda dout, a, b: dout @ b.swapaxes(-1, -2), lambda dout, a, b: a.swapaxes(-1, -2) @ dout)


def _infix(operation, swapped=False):
    def method(self, other):
        x, y = operands(self, other)
        if y is None:
            return NotImplemented
        return operation(y, x) if swapped else operation(x, y)

    method.__doc__ = operation.__doc__
    return method


def _comparison(compute):
    def method(self, other):
        x, y = operands(self, other)
        if y is None:
            return NotImplemented
        try:
            return self._detached(compute(x._array, y._array))
        except ValueError:
            raise broadcast_error(compute.__name__, x, y) from None

    method.__doc__ = f"numpy.{compute.__name__} of each two elements, as a bool Tensor."
    return method


def _named(comparison):
    """The comparison as a method, which refuses what an operator leaves to the other side."""
    def method(self, other):
        out = comparison(self, other)
        if out is NotImplemented:
            raise TypeError(f"a Tensor is compared with a Tensor or a number, got {type(other).__name__}")
        return out

    method.__doc__ = comparison.__doc__
    return method


class Arithmetic:
    """Mixin of Tensor: the operators of Python, and functions of one Tensor."""

    __slots__ = ()

    __add__ = __radd__ = _infix(_add)  # the Tensor first, as in PyTorch, so it is the first of `next_functions`
    __sub__ = _infix(_sub)
    __rsub__ = _infix(_rsub)
    __mul__ = __rmul__ = _infix(_mul)
    __truediv__ = _infix(_div)
    __rtruediv__ = _infix(_div, swapped=True)
    __pow__ = _infix(_pow)
    __rpow__ = _infix(_pow, swapped=True)

    __eq__ = _comparison(np.equal)
    __ne__ = _comparison(np.not_equal)
    __lt__ = _comparison(np.less)
    __le__ = _comparison(np.less_equal)
    __gt__ = _comparison(np.greater)
    __ge__ = _comparison(np.greater_equal)
    eq, ne, lt, le, gt, ge = map(_named, (__eq__, __ne__, __lt__, __le__, __gt__, __ge__))
    __and__ = _comparison(np.bitwise_and)
    __or__ = _comparison(np.bitwise_or)

    def __invert__(self):
        return self._detached(np.invert(self._array))

    def __neg__(self):
        return unary("neg", self, np.negative, lambda dout, a, out: -dout, saves="none")

    def matmul(self, other):
        """The matrix product `self @ other`.

        Parameters
        ----------
        other : Tensor
            One dimension is a vector, two a matrix, more a batch of matrices (broadcast).

        Raises
        ------
        RuntimeError
            If the columns of the first are not as many as the rows of the second.
        """
        x, y = operands(self, other)
        if y is None or x.ndim == 0 or y.ndim == 0:
            raise RuntimeError("matmul: both operands must be Tensors of at least one dimension")
        if x.ndim == 1 and y.ndim == 1:
            return _matmul(x.unsqueeze(0), y.unsqueeze(1)).reshape(())
        if x.ndim == 1:
            return _matmul(x.unsqueeze(0), y).squeeze(-2)
        if y.ndim == 1:
            return _matmul(x, y.unsqueeze(1)).squeeze(-1)
        return _matmul(x, y)

    __matmul__ = matmul

    def pow(self, exponent):
        """`self ** exponent`."""
        return self ** exponent

    def exp(self):
        """e to the power of each element."""
        return unary("exp", self._floating(), np.exp, lambda dout, a, out: dout * out, saves="out")

    def log(self):
        """The natural logarithm of each element: -inf at 0, NaN below."""
        return unary("log", self._floating(), np.log, lambda dout, a, out: dout / a, saves="x")

    def sqrt(self):
        """The square root of each element: NaN below 0."""
        return unary("sqrt", self._floating(), np.sqrt, lambda dout, a, out: dout / (2 * out), saves="out")

    def abs(self):
        """The absolute value of each element; its derivative at 0 is taken as 0."""
        return unary("abs", self, np.abs, lambda dout, a, out: dout * np.sign(a), saves="x")

    __abs__ = abs

    def _floating(self):
        return self if self.dtype.kind == "f" else self.to(types.default_dtype())
