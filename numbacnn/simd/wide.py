"""Long sums: numbers are added in float64, whatever they are themselves, so that small ones keep their digits beside a large sum.

On lanes, a product is added before it is rounded: the product of two float32 is exact in float64. (Of plain floats the
product is rounded to float32 first.) A register holds half as many float64, so a row of lanes takes two registers.
"""
import operator

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, overload

from .arithmetic import SCALARS, call_vector, to_lanes
from .choice import HAS_FMA
from .folding import fold
from .generic import total
from .models import F64, vector
from .types import Lanes, Product, Wide


def wide_zero(array):
    """The zero of a long sum of the numbers that `array` holds."""
    return np.float64(0)


def rounded(acc, array):
    """A long sum as one of the numbers that `array` holds."""
    return array.dtype.type(acc)


@overload(wide_zero, inline="always")
def _wide_zero(array):
    if isinstance(array.dtype, types.Float):
        return lambda array: 0.0
    if isinstance(array.dtype, Lanes):
        return lambda array: _zero_sums(array)
    return None


@intrinsic
def _zero_sums(typingctx, array):
    kind = Wide(array.dtype.L)
    return kind(array), lambda context, builder, sig, args: ir.Constant(vector(kind.L, F64), None)


@overload(rounded, inline="always")
def _rounded(acc, array):
    if isinstance(acc, types.Float):
        kind = array.dtype
        return lambda acc, array: kind(acc)
    if isinstance(acc, Wide):
        return lambda acc, array: _narrow(acc)
    return None


@intrinsic
def _narrow(typingctx, acc):
    return Lanes(acc.L)(acc), lambda context, builder, sig, args: builder.fptrunc(args[0], vector(acc.L))


@overload(total, inline="always")
def _total(acc):
    if isinstance(acc, Wide):
        return lambda acc: _fold(acc)
    return None


@intrinsic
def _fold(typingctx, acc):
    return types.float64(acc), lambda context, builder, sig, args: fold(builder, args[0])


class _Accumulate(AbstractTemplate):
    """acc + number and acc + product."""

    def generic(self, args, kws):
        if len(args) != 2 or not isinstance(args[0], Wide):
            return None
        acc, term = args
        if isinstance(term, Product) and term.sum_type == Lanes(acc.L):
            return signature(acc, acc, term)
        if isinstance(term, SCALARS + (Lanes,)):
            return signature(acc, acc, Lanes(acc.L))
        return None


for _op in (operator.add, operator.iadd):
    infer_global(_op)(type("_Accumulate", (_Accumulate,), {}))


def _widened(context, builder, value, kind, L):
    return builder.fpext(to_lanes(context, builder, value, kind, L), vector(L, F64))


@lower_builtin(operator.add, Wide, Lanes)
@lower_builtin(operator.iadd, Wide, Lanes)
def _add_lanes(context, builder, sig, args):
    return builder.fadd(args[0], _widened(context, builder, args[1], sig.args[1], sig.return_type.L))


@lower_builtin(operator.add, Wide, Product)
@lower_builtin(operator.iadd, Wide, Product)
def _add_product(context, builder, sig, args):
    product, L = sig.args[1], sig.return_type.L
    left, right = (_widened(context, builder, builder.extract_value(args[1], i), kind, L)
                   for i, kind in enumerate((product.left, product.right)))
    if not HAS_FMA:
        return builder.fadd(builder.fmul(left, right), args[0])
    return call_vector(builder, "fma", L, left, right, args[0])
