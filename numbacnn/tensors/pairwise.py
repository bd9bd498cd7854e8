"""Tensor methods of two Tensors, element by element, and what is put together from them."""

import numpy as np

from numbacnn.tensors.arithmetic import binary, broadcast_error, operands
from numbacnn.tensors.types import default_dtype, float64, kind_of


def both(name, x, other):
    """`x` and `other` as Tensors of one dtype.

    Raises
    ------
    TypeError
        If `other` is neither a Tensor nor a number.
    """
    x, y = operands(x, other)
    if y is None:
        raise TypeError(f"{name}: expected a Tensor or a number, got {kind_of(other)}")
    return x, y


def _named(method, name, text):
    method.__name__, method.__qualname__, method.__doc__ = name, f"Tensor.{name}", text
    return method


def _smooth(name, compute, dx, dy, text, floating=False):
    """A method with derivatives; `dx(dout, a, b)` and `dy(dout, a, b)` are the gradients before broadcasting is undone."""
    def method(self, other):
        x, y = both(name, self, other)
        if floating and x.dtype.kind != "f":
            x, y = x.to(default_dtype()), y.to(default_dtype())
        return binary(name, x, y, compute, dx, dy, "both")

    return _named(method, name, text)


def _plain(name, compute, text):
    """A method without derivative; whole numbers and bool only go where NumPy knows the operation."""
    def method(self, other):
        x, y = both(name, self, other)
        try:
            return self._detached(compute(x._array, y._array))
        except ValueError:
            raise broadcast_error(name, x, y) from None
        except TypeError:
            raise TypeError(f"{name}: not defined for {x.dtype}") from None

    return _named(method, name, text)


def _greater(dout, a, b):
    return dout * ((a > b) + 0.5 * (a == b)).astype(dout.dtype)


def _not_zero(name, y):
    if y.dtype.kind in "iu" and not y._array.all():
        raise RuntimeError(f"{name}: division of whole numbers by zero")


def _quotient(a, b, round_to):
    if a.dtype.kind == "f":
        return round_to(np.asarray(a / b))
    if round_to is np.floor:
        return a // b
    return np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))


def _floored(a, b):
    """a / b rounded down, from the remainder, which is exact where the quotient would be rounded up."""
    if a.dtype.kind != "f":
        return a // b
    out = np.floor_divide(a, b)
    return np.where(b == 0, a / b, out).astype(a.dtype, copy=False)


def _no_slope(dout, a, b):
    return np.zeros_like(dout)


class Pairwise:
    """Mixin of Tensor: sums and quotients with options, larger and smaller, logic, bits."""

    __slots__ = ()

    maximum = _smooth("maximum", np.maximum, _greater, lambda dout, a, b: _greater(dout, b, a),
                      "The larger of two elements; NaN if one is. Equal ones share the gradient.")
    minimum = _smooth("minimum", np.minimum, lambda dout, a, b: _greater(dout, b, a), _greater,
                      "The smaller of two elements; NaN if one is. Equal ones share the gradient.")
    fmax = _smooth("fmax", np.fmax, lambda dout, a, b: dout * ((a >= b) | np.isnan(b)),
                   lambda dout, a, b: dout * ~((a >= b) | np.isnan(b)), "The larger of two elements; the other one if one is NaN.")
    fmin = _smooth("fmin", np.fmin, lambda dout, a, b: dout * ((a <= b) | np.isnan(b)),
                   lambda dout, a, b: dout * ~((a <= b) | np.isnan(b)), "The smaller of two elements; the other one if one is NaN.")
    atan2 = _smooth("atan2", np.arctan2, lambda dout, a, b: dout * b / (a * a + b * b),
                    lambda dout, a, b: -dout * a / (a * a + b * b), "The angle in radians of the point (other, self).", True)
    hypot = _smooth("hypot", np.hypot, lambda dout, a, b: dout * a / np.hypot(a, b),
                    lambda dout, a, b: dout * b / np.hypot(a, b), "sqrt(self**2 + other**2).")
    logaddexp = _smooth("logaddexp", np.logaddexp, lambda dout, a, b: dout * np.exp(a - np.logaddexp(a, b)),
                        lambda dout, a, b: dout * np.exp(b - np.logaddexp(a, b)), "log(exp(self) + exp(other)), without overflow.")
    xlogy = _smooth("xlogy", lambda a, b: np.where((a == 0) & ~np.isnan(b), 0, a * np.log(b)).astype(a.dtype, copy=False),
                    lambda dout, a, b: dout * np.where((a == 0) & (b <= 0), 0, np.log(b)),
                    lambda dout, a, b: dout * a / b, "self * log(other), and 0 where self is 0.", True)
    copysign = _smooth("copysign", np.copysign,
                       lambda dout, a, b: dout * np.where(a == 0, 0, np.sign(np.copysign(a, b)) * np.sign(a)), _no_slope,
                       "The size of self with the sign of other.", True)

    logical_and = _plain("logical_and", np.logical_and, "Whether both elements differ from 0.")
    logical_or = _plain("logical_or", np.logical_or, "Whether one of two elements differs from 0.")
    logical_xor = _plain("logical_xor", np.logical_xor, "Whether exactly one of two elements differs from 0.")
    bitwise_and = _plain("bitwise_and", np.bitwise_and, "The bits that two whole numbers share.")
    bitwise_or = _plain("bitwise_or", np.bitwise_or, "The bits that one of two whole numbers has.")
    bitwise_xor = _plain("bitwise_xor", np.bitwise_xor, "The bits that exactly one of two whole numbers has.")
    bitwise_left_shift = _plain("bitwise_left_shift", np.left_shift, "The bits of whole numbers moved up by `other` places.")
    bitwise_right_shift = _plain("bitwise_right_shift", np.right_shift, "The bits of whole numbers moved down by `other` places.")
    gcd = _plain("gcd", np.gcd, "The greatest common divisor of two whole numbers.")
    lcm = _plain("lcm", np.lcm, "The least common multiple of two whole numbers.")
    __xor__ = __rxor__ = bitwise_xor
    __rand__, __ror__ = bitwise_and, bitwise_or
    __lshift__, __rshift__ = bitwise_left_shift, bitwise_right_shift

    def add(self, other, *, alpha=1):
        """self + alpha * other."""
        return _scaled_sum("add", self, other, alpha)

    def sub(self, other, *, alpha=1):
        """self - alpha * other."""
        both("sub", self, other)
        if self.dtype.kind == "b" and getattr(other, "dtype", self.dtype).kind == "b" and not isinstance(other, (int, float)):
            raise RuntimeError("sub: bool Tensors cannot be subtracted; use x ^ y or x.logical_xor(y)")
        return self - (other if alpha == 1 else _times(other, alpha, self))

    def rsub(self, other, *, alpha=1):
        """other - alpha * self."""
        both("rsub", self, other)
        return other - (self if alpha == 1 else self * alpha)

    def mul(self, other):
        """self * other."""
        both("mul", self, other)
        return self * other

    def div(self, other, *, rounding_mode=None):
        """self / other, in floating point; with `rounding_mode` "floor" or "trunc" rounded, and whole numbers stay whole.

        Raises
        ------
        ValueError
            If `rounding_mode` is something else.
        RuntimeError
            If whole numbers are divided by zero, and rounded.
        """
        x, y = both("div", self, other)
        if rounding_mode is None:
            return self / other
        if rounding_mode not in ("floor", "trunc"):
            raise ValueError(f'div: rounding_mode is None, "floor" or "trunc", got {rounding_mode!r}')
        _not_zero("div", y)
        if x.dtype.kind == "b":
            raise RuntimeError("div: bool Tensors cannot be divided with rounding_mode; take x.long() first")
        compute = _floored if rounding_mode == "floor" else lambda a, b: _quotient(a, b, np.trunc)
        return binary("div", x, y, compute, _no_slope, _no_slope, "none")

    def floor_divide(self, other):
        """self / other rounded down, `x // y`: no gradient passes."""
        return self.div(other, rounding_mode="floor")

    def remainder(self, other):
        """Remainder of self divided by other, with the sign of other: `x % y`."""
        x, y = both("remainder", self, other)
        _not_zero("remainder", y)
        if x.dtype.kind == "b":
            raise RuntimeError("remainder: not defined for bool; take x.long() first")
        return binary("remainder", x, y, np.remainder, lambda dout, a, b: dout, lambda dout, a, b: -dout * np.floor_divide(a, b),
                      "both" if y.requires_grad else "none")

    def fmod(self, other):
        """Remainder of self divided by other, with the sign of self."""
        x, y = both("fmod", self, other)
        _not_zero("fmod", y)
        if x.dtype.kind == "b":
            raise RuntimeError("fmod: not defined for bool; take x.long() first")
        return binary("fmod", x, y, np.fmod, lambda dout, a, b: dout, lambda dout, a, b: -dout * np.trunc(a / b),
                      "both" if y.requires_grad else "none")

    def __floordiv__(self, other):
        return self.floor_divide(other)

    def __rfloordiv__(self, other):
        x, y = both("floor_divide", self, other)
        return y.floor_divide(x)

    def __mod__(self, other):
        return self.remainder(other)

    def __rmod__(self, other):
        x, y = both("remainder", self, other)
        return y.remainder(x)

    def float_power(self, exponent):
        """self ** exponent, computed in float64."""
        return self.to(float64) ** (exponent.to(float64) if hasattr(exponent, "to") else float(exponent))

    def ldexp(self, other):
        """self * 2**other."""
        x, y = both("ldexp", self, other)
        return self._floating() * 2.0 ** y._floating()

    def lerp(self, end, weight):
        """From self (`weight` 0) to end (`weight` 1) in a straight line."""
        return self + weight * (end - self)

    def addcmul(self, tensor1, tensor2, *, value=1):
        """self + value * tensor1 * tensor2."""
        product = tensor1 * tensor2
        return self + (product if value == 1 else product * value)

    def addcdiv(self, tensor1, tensor2, *, value=1):
        """self + value * tensor1 / tensor2.

        Raises
        ------
        RuntimeError
            If whole numbers would be divided.
        """
        if tensor1.dtype.kind != "f" and tensor2.dtype.kind != "f":
            raise RuntimeError("addcdiv: whole numbers are not divided here; take x.float() first")
        return self + value * (tensor1 / tensor2)

    def isclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
        """Whether |self - other| <= atol + rtol * |other|, element by element."""
        if self.dtype != other.dtype:
            raise RuntimeError(f"isclose: the dtypes differ: {self.dtype} and {other.dtype}")
        return self._detached(np.isclose(self._array, other._array, rtol, atol, equal_nan))

    def clamp(self, min=None, max=None):
        """Each element limited to [min, max], numbers or Tensors; the gradient passes where the element lies inside.

        Raises
        ------
        RuntimeError
            If neither bound is given.
        """
        if min is None and max is None:
            raise RuntimeError("clamp: at least one of min and max must be given")
        out = self
        for name, bound, beyond in (("clamp", min, np.less), ("clamp", max, np.greater)):
            if bound is not None:
                x, y = both(name, out, bound)
                cut = np.maximum if beyond is np.less else np.minimum
                out = binary(name, x, y, cut, lambda dout, a, b, beyond=beyond: dout * ~beyond(a, b),
                             lambda dout, a, b, beyond=beyond: dout * beyond(a, b), "both")
        return out

    def clamp_min(self, min):
        """Each element, but at least `min`."""
        return self.clamp(min)

    def clamp_max(self, max):
        """Each element, but at most `max`."""
        return self.clamp(None, max)

    clip = clamp
    subtract, multiply, divide, true_divide = sub, mul, div, div
    arctan2 = atan2


def _times(other, alpha, x):
    """`alpha * other`; whole numbers take a whole `alpha` only."""
    kinds = x.dtype.kind + (other.dtype.kind if hasattr(other, "dtype") else "f" if isinstance(other, float) else "i")
    if isinstance(alpha, float) and "f" not in kinds:
        raise RuntimeError("alpha must be a whole number where Tensors of whole numbers are added")
    return other * alpha


def _scaled_sum(name, x, other, alpha):
    both(name, x, other)
    return x + (other if alpha == 1 else _times(other, alpha, x))
