"""Tensor methods that map each element by itself, with their derivatives."""

import math

import numpy as np

from numbacnn.tensors.arithmetic import unary
from numbacnn.tensors.types import bool_

_erf = np.frompyfunc(math.erf, 1, 1)
_erfc = np.frompyfunc(math.erfc, 1, 1)
_SLOPE_OF_ERF = 2 / math.sqrt(math.pi)


def _smooth(name, saves, compute, dx, text):
    """A method that computes in floating point; `dx(dout, a, out)` is its gradient, `saves` what of `a` and `out` it uses."""
    def method(self):
        return unary(name, self._floating(), compute, dx, saves)

    method.__name__, method.__qualname__, method.__doc__ = name, f"Tensor.{name}", text
    return method


def _step(name, compute, text):
    """A method whose derivative is 0 wherever there is one; whole numbers stay what they are."""
    def method(self):
        return unary(name, self, lambda a: compute(a).astype(a.dtype, copy=False), lambda dout, a, out: np.zeros_like(dout),
                     "none")

    method.__name__, method.__qualname__, method.__doc__ = name, f"Tensor.{name}", text
    return method


def _question(name, answer, text):
    """A method that answers yes or no for each element; `answer` takes floating point numbers."""
    def method(self):
        a = self._array
        return self._detached(answer(a if a.dtype.kind == "f" else a.astype(np.float32)))

    method.__name__, method.__qualname__, method.__doc__ = name, f"Tensor.{name}", text
    return method


def _whole(a, ufunc):
    """`ufunc(a)` of floats; whole numbers are their own floor, ceiling and truncation."""
    return ufunc(a) if a.dtype.kind == "f" else a.copy()


def _logit(a):
    return np.log(a / (1 - a))


def _sinc_slope(dout, a, out):
    with np.errstate(all="ignore"):
        return dout * np.where(a == 0, 0, (np.cos(np.pi * a) - out) / np.where(a == 0, 1, a))


class Elementwise:
    """Mixin of Tensor: sines, logarithms, rounding, and questions to each element."""

    __slots__ = ()

    sin = _smooth("sin", "x", np.sin, lambda dout, a, out: dout * np.cos(a), "The sine of each element, in radians.")
    cos = _smooth("cos", "x", np.cos, lambda dout, a, out: -dout * np.sin(a), "The cosine of each element, in radians.")
    tan = _smooth("tan", "out", np.tan, lambda dout, a, out: dout * (1 + out * out), "The tangent of each element, in radians.")
    asin = _smooth("asin", "x", np.arcsin, lambda dout, a, out: dout / np.sqrt(1 - a * a),
                   "The angle in radians whose sine is the element: NaN outside [-1, 1].")
    acos = _smooth("acos", "x", np.arccos, lambda dout, a, out: -dout / np.sqrt(1 - a * a),
                   "The angle in radians whose cosine is the element: NaN outside [-1, 1].")
    atan = _smooth("atan", "x", np.arctan, lambda dout, a, out: dout / (1 + a * a),
                   "The angle in radians whose tangent is the element.")
    sinh = _smooth("sinh", "x", np.sinh, lambda dout, a, out: dout * np.cosh(a), "The hyperbolic sine of each element.")
    cosh = _smooth("cosh", "x", np.cosh, lambda dout, a, out: dout * np.sinh(a), "The hyperbolic cosine of each element.")
    asinh = _smooth("asinh", "x", np.arcsinh, lambda dout, a, out: dout / np.sqrt(a * a + 1),
                    "The number whose hyperbolic sine is the element.")
    acosh = _smooth("acosh", "x", np.arccosh, lambda dout, a, out: dout / (np.sqrt(a - 1) * np.sqrt(a + 1)),
                    "The number whose hyperbolic cosine is the element: NaN below 1.")
    atanh = _smooth("atanh", "x", np.arctanh, lambda dout, a, out: dout / (1 - a * a),
                    "The number whose hyperbolic tangent is the element: NaN outside [-1, 1].")
    exp2 = _smooth("exp2", "out", np.exp2, lambda dout, a, out: dout * out * math.log(2), "2 to the power of each element.")
    expm1 = _smooth("expm1", "out", np.expm1, lambda dout, a, out: dout * (out + 1), "exp(x) - 1, exact also near 0.")
    log2 = _smooth("log2", "x", np.log2, lambda dout, a, out: dout / (a * math.log(2)), "The logarithm to base 2.")
    log10 = _smooth("log10", "x", np.log10, lambda dout, a, out: dout / (a * math.log(10)), "The logarithm to base 10.")
    log1p = _smooth("log1p", "x", np.log1p, lambda dout, a, out: dout / (1 + a), "The natural logarithm of 1 + x, exact also near 0.")
    rsqrt = _smooth("rsqrt", "out", lambda a: 1 / np.sqrt(a), lambda dout, a, out: -0.5 * dout * out ** 3,
                    "1 divided by the square root of each element.")
    reciprocal = _smooth("reciprocal", "out", lambda a: 1 / a, lambda dout, a, out: -dout * out * out, "1 divided by each element.")
    erf = _smooth("erf", "x", lambda a: np.asarray(_erf(a)).astype(a.dtype),
                  lambda dout, a, out: dout * _SLOPE_OF_ERF * np.exp(-a * a),
                  "The error function: 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to x.")
    erfc = _smooth("erfc", "x", lambda a: np.asarray(_erfc(a)).astype(a.dtype),
                   lambda dout, a, out: -dout * _SLOPE_OF_ERF * np.exp(-a * a), "1 - erf(x), exact also for large x.")
    sinc = _smooth("sinc", "both", np.sinc, _sinc_slope, "sin(pi x) / (pi x), and 1 at 0.")
    deg2rad = _smooth("deg2rad", "none", np.deg2rad, lambda dout, a, out: dout * (math.pi / 180), "Degrees as radians.")
    rad2deg = _smooth("rad2deg", "none", np.rad2deg, lambda dout, a, out: dout * (180 / math.pi), "Radians as degrees.")

    floor = _step("floor", lambda a: _whole(a, np.floor), "The largest whole number that is not above each element.")
    ceil = _step("ceil", lambda a: _whole(a, np.ceil), "The smallest whole number that is not below each element.")
    trunc = _step("trunc", lambda a: _whole(a, np.trunc), "Each element without its fraction.")
    sign = _step("sign", lambda a: a.copy() if a.dtype.kind == "b" else np.where(np.isnan(a), 0, np.sign(a)),
                 "-1, 0 or 1: the sign of each element.")

    isnan = _question("isnan", np.isnan, "Whether each element is NaN.")
    isinf = _question("isinf", np.isinf, "Whether each element is infinite.")
    isfinite = _question("isfinite", np.isfinite, "Whether each element is neither infinite nor NaN.")
    isposinf = _question("isposinf", np.isposinf, "Whether each element is plus infinity.")
    isneginf = _question("isneginf", np.isneginf, "Whether each element is minus infinity.")
    signbit = _question("signbit", np.signbit, "Whether each element has a minus sign; -0. has one.")
    isreal = _question("isreal", lambda a: np.ones(a.shape, np.bool_), "Whether each element is a real number: here all are.")

    def square(self):
        """Each element multiplied by itself."""
        return self ** 2

    def neg(self):
        """Each element with the other sign.

        Raises
        ------
        RuntimeError
            If the elements are bool; `logical_not` turns them over.
        """
        if self.dtype == bool_:
            raise RuntimeError("neg: a bool Tensor has no sign; use ~x or x.logical_not()")
        return -self

    def positive(self):
        """This Tensor itself: `+x`."""
        if self.dtype == bool_:
            raise RuntimeError("positive: a bool Tensor has no sign")
        return self

    __pos__ = positive

    def frac(self):
        """The fraction of each element, with its sign."""
        if self.dtype.kind != "f":
            raise RuntimeError(f"frac: the elements are {self.dtype} and have no fraction; take x.float() first")
        return unary("frac", self, lambda a: a - np.trunc(a), lambda dout, a, out: dout, "none")

    def round(self, *, decimals=0):
        """Each element rounded, halves to the even neighbor, to `decimals` digits after the point."""
        if self.dtype.kind != "f":
            if decimals:
                raise RuntimeError(f"round: decimals is for floating point numbers, these are {self.dtype}")
            return self.clone()
        return unary("round", self, lambda a: np.round(a, decimals), lambda dout, a, out: np.zeros_like(dout), "none")

    def logit(self, eps=None):
        """log(x / (1 - x)), the inverse of the sigmoid.

        Parameters
        ----------
        eps : float, optional
            Elements are first limited to [eps, 1 - eps]; without it the result is NaN outside [0, 1].
        """
        x = self._floating()
        x = x if eps is None else x.clamp(eps, 1 - eps)
        return unary("logit", x, _logit, lambda dout, a, out: np.where((a < 0) | (a > 1), np.nan, dout / (a * (1 - a))),
                     "x")

    def nan_to_num(self, nan=0.0, posinf=None, neginf=None):
        """NaN replaced by `nan`, infinities by `posinf` and `neginf` (by default the largest numbers of the dtype)."""
        if self.dtype.kind != "f":
            return self.clone()
        return unary("nan_to_num", self, lambda a: np.nan_to_num(a, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf),
                     lambda dout, a, out: dout * np.isfinite(a), "x")

    def logical_not(self):
        """Whether each element is 0."""
        return self._detached(np.logical_not(self._array))

    def bitwise_not(self):
        """The bits of each whole number turned over; of a bool, its opposite."""
        return ~self

    arcsin, arccos, arctan, arcsinh, arccosh, arctanh = asin, acos, atan, asinh, acosh, atanh
    negative, fix, sgn = neg, trunc, sign

    def absolute(self):
        """The absolute value of each element, as `abs` gives it."""
        return self.abs()
