"""Functions a textbook loop may call on any kind of number.

Each has a plain Python body, which is its meaning, and a translation for the other kinds.
"""
import math

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic, overload

from .arithmetic import build, call_vector, constant, lanes_of, to_lanes
from .folding import fold, fold_together
from .models import F32, I32, vector
from .types import Column, Grid, Lanes, Mask, Patch, Sheet, Tile


def zero(array):
    """The zero of the numbers that `array` holds, ready to be summed on."""
    return array.dtype.type(0)


def total(acc):
    """The sum over the images in the lanes of a number; a float, or a sheet with channels in its lanes, is its own."""
    return acc


def maximum(a, b):
    """The larger of two; NaN if either is."""
    return a if a > b or a != a else b


def where(mask, a, b):
    """`a` where the mask holds, `b` elsewhere."""
    return a if mask else b


def exp(x):
    """e to the power x."""
    return np.exp(x)


def log(x):
    """The natural logarithm."""
    return np.log(x)


def sqrt(x):
    """The square root, as IEEE 754 rounds it."""
    return np.sqrt(x)


def tanh(x):
    """The hyperbolic tangent."""
    return np.tanh(x)


def erf(x):
    """The error function: the share of a normal distribution of variance 1/2 within [-x, x]."""
    return math.erf(x)


def expm1(x):
    """e to the power x, less 1; exact where x is near 0."""
    return np.expm1(x)


def log1p(x):
    """The natural logarithm of 1 + x; exact where x is near 0."""
    return np.log1p(x)


# ---------------------------------------------------------------- zero
@overload(zero, inline="always")
def _zero(array):
    kind = array.dtype
    if isinstance(kind, types.Float):
        return lambda array: kind(0)
    if isinstance(kind, (Lanes, Tile, Patch, Sheet)):
        return lambda array: _zero_number(array)
    return None


@intrinsic
def _zero_number(typingctx, array):
    kind = array.dtype
    if isinstance(kind, Patch):
        kind = Grid(kind.T, kind.K, kind.L)
    elif isinstance(kind, Tile):
        kind = Tile(kind.T, kind.L)

    def codegen(context, builder, sig, args):
        return ir.Constant(context.get_value_type(kind), None)

    return kind(array), codegen


# ---------------------------------------------------------------- total
@overload(total, inline="always")
def _total(acc):
    if isinstance(acc, (types.Float, Sheet)):
        return lambda acc: acc
    if isinstance(acc, (Lanes, Tile, Grid)):
        return lambda acc: _fold(acc)
    return None


@intrinsic
def _fold(typingctx, acc):
    if isinstance(acc, Lanes):
        return types.float32(acc), lambda context, builder, sig, args: fold(builder, args[0])
    if isinstance(acc, Grid):
        return Patch(acc.T, acc.K, acc.L)(acc), lambda context, builder, sig, args: fold_together(
            builder, [builder.extract_value(args[0], i) for i in range(acc.T * acc.K)])

    def codegen(context, builder, sig, args):
        return build(builder, acc.T, lambda t: fold(builder, builder.extract_value(args[0], t)), F32)

    return Column(acc.T)(acc), codegen


# ---------------------------------------------------------------- maximum, where
@overload(maximum, inline="always")
def _maximum(a, b):
    if isinstance(a, types.Float) and isinstance(b, types.Number):
        return lambda a, b: a if a > b or a != a else b
    if lanes_of((a, b)):
        return lambda a, b: where((a > b) | (a != a), a, b)
    return None


@njit
def _either(mask, a, b):
    """A function of its own: Numba loses track of a branch that is written out twice in one loop."""
    return a if mask else b


@overload(where, inline="always")
def _where(mask, a, b):
    if isinstance(mask, types.Boolean):
        return lambda mask, a, b: _either(mask, a, b)
    if isinstance(mask, Mask):
        return lambda mask, a, b: _select(mask, a, b)
    return None


@intrinsic
def _select(typingctx, mask, a, b):
    kind = Lanes(mask.L)

    def codegen(context, builder, sig, args):
        values = [to_lanes(context, builder, value, ty, mask.L)
                  for value, ty in zip(args[1:], sig.args[1:])]
        return builder.select(args[0], *values)

    return kind(mask, a, b), codegen


# ---------------------------------------------------------------- exp, log, sqrt, tanh, erf
def _lane_function(function, scalar, emit):
    """Translate `function`: `scalar` from the standard library, `emit` on a vector."""

    @intrinsic
    def on_lanes(typingctx, x):
        kind = lanes_of((x,))
        return kind(x), lambda context, builder, sig, args: emit(
            builder, to_lanes(context, builder, args[0], x, kind.L))

    @overload(function, inline="always")
    def translate(x):
        if isinstance(x, types.Float):
            return lambda x: scalar(x)
        if lanes_of((x,)):
            return lambda x: on_lanes(x)
        return None


def _polynomial(builder, x, coefficients):
    """Horner's scheme, the highest power first."""
    L = x.type.count
    value = constant(L, coefficients[0])
    for coefficient in coefficients[1:]:
        value = builder.fadd(builder.fmul(value, x), constant(L, coefficient))
    return value


def _exp_lanes(builder, x):
    """exp(x) = 2**n * exp(r) with |r| <= ln(2) / 2; Cephes' expf (Moshier), about 1 ulp."""
    L = x.type.count
    integers = ir.VectorType(I32, L)
    bounded = _clamp(builder, x, -87.3, 88.722839)
    n = call_vector(builder, "rint", L, builder.fmul(bounded, constant(L, 1.4426950408889634)))
    r = builder.fsub(bounded, builder.fmul(n, constant(L, 0.693359375)))
    r = builder.fsub(r, builder.fmul(n, constant(L, -2.12194440e-4)))
    p = _polynomial(builder, r, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
                                 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1))
    value = builder.fadd(builder.fmul(builder.fmul(p, r), r), builder.fadd(r, constant(L, 1.0)))
    # 2**128 is no float32, so the power is applied in two halves
    n = builder.fptosi(n, integers)
    half = builder.ashr(n, ir.Constant(integers, [1] * L))
    for power in (half, builder.sub(n, half)):
        bits = builder.shl(builder.add(power, ir.Constant(integers, [127] * L)),
                           ir.Constant(integers, [23] * L))
        value = builder.fmul(value, builder.bitcast(bits, vector(L)))
    infinite = builder.fcmp_ordered(">", x, constant(L, 88.72283))
    value = builder.select(infinite, constant(L, math.inf), value)
    vanished = builder.fcmp_ordered("<", x, constant(L, -87.3))
    value = builder.select(vanished, constant(L, 0.0), value)
    return builder.select(builder.fcmp_unordered("uno", x, x), x, value)


def _clamp(builder, x, low, high):
    """x held within [low, high]; a NaN becomes `low`, so that it converts to an integer."""
    L = x.type.count
    above = builder.fcmp_ordered(">", x, constant(L, low))
    x = builder.select(above, x, constant(L, low))
    below = builder.fcmp_ordered("<", x, constant(L, high))
    return builder.select(below, x, constant(L, high))


def _tanh_lanes(builder, x):
    """tanh as a quotient of polynomials in x**2; the coefficients are Eigen's (ptanh_float)."""
    L = x.type.count
    bounded = _clamp(builder, x, -7.90531110763549805, 7.90531110763549805)
    square = builder.fmul(bounded, bounded)
    above = _polynomial(builder, square, (
        -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
        1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03))
    below = _polynomial(builder, square, (
        1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03))
    value = builder.fdiv(builder.fmul(bounded, above), below)
    tiny = builder.fcmp_ordered("<", call_vector(builder, "fabs", L, x), constant(L, 0.0004))
    value = builder.select(tiny, x, value)  # tanh(x) = x there, and the quotient would underflow
    return builder.select(builder.fcmp_unordered("uno", x, x), x, value)


def _log_lanes(builder, x):
    """LLVM's own: one call of the C library a lane.  It is taken once an image."""
    return call_vector(builder, "log", x.type.count, x)


def _sqrt_lanes(builder, x):
    return call_vector(builder, "sqrt", x.type.count, x)


def _erf_lanes(builder, x):
    """Near 0 a polynomial, beyond it 1 less a power of e; both interpolate at Chebyshev's nodes, about 1 ulp."""
    L = x.type.count
    size = call_vector(builder, "fabs", L, x)
    size = builder.select(builder.fcmp_ordered("<", size, constant(L, 4.0)), size, constant(L, 4.0))  # erf(4) is 1
    square = builder.fmul(x, x)
    near = _polynomial(builder, square, (-5.977727129e-04, 4.990934018e-03, -2.676536104e-02, 1.128179113e-01,
                                         -3.761249249e-01, 1.283791496e-01))
    near = builder.fadd(builder.fmul(x, near), x)
    far = _exp_lanes(builder, _polynomial(builder, size, (
        1.643525513e-06, -4.617838167e-05, 5.977605804e-04, -4.763726928e-03, 2.643168347e-02, -1.100961282e-01,
        -6.318121908e-01, -1.130239357e+00, 3.209742194e-04)))
    far = call_vector(builder, "copysign", L, builder.fsub(constant(L, 1.0), far), x)
    value = builder.select(builder.fcmp_ordered("<", size, constant(L, 0.9277)), near, far)
    return builder.select(builder.fcmp_unordered("uno", x, x), x, value)


def _expm1_lanes(builder, x):
    """2 * t / (1 - t) with t = tanh(x/2), exact near 0; exp(x) - 1 where t comes near 1."""
    L = x.type.count
    t = _tanh_lanes(builder, builder.fmul(x, constant(L, 0.5)))
    near = builder.fdiv(builder.fadd(t, t), builder.fsub(constant(L, 1.0), t))
    far = builder.fsub(_exp_lanes(builder, x), constant(L, 1.0))
    return builder.select(builder.fcmp_ordered("<", x, constant(L, 0.5)), near, far)


def _log1p_lanes(builder, x):
    """log(u) * x / (u - 1) with u = 1 + x as rounded, so that the rounding cancels (Higham 2002, section 1.14.1)."""
    L = x.type.count
    one = constant(L, 1.0)
    u = builder.fadd(x, one)
    value = builder.fmul(_log_lanes(builder, u), builder.fdiv(x, builder.fsub(u, one)))
    value = builder.select(builder.fcmp_ordered("<", x, constant(L, math.inf)), value, x)
    return builder.select(builder.fcmp_ordered("==", u, one), x, value)


_lane_function(exp, math.exp, _exp_lanes)
_lane_function(log, math.log, _log_lanes)
_lane_function(sqrt, np.sqrt, _sqrt_lanes)
_lane_function(tanh, math.tanh, _tanh_lanes)
_lane_function(erf, math.erf, _erf_lanes)
_lane_function(expm1, math.expm1, _expm1_lanes)
_lane_function(log1p, math.log1p, _log1p_lanes)
