"""Operators of the kinds of number: what `acc += weight * x` means for each.

A product is kept as its two factors.  Added to a sum it becomes one fused multiply-add a
register (`llvm.fma`: rounded once, the same bits on every run, no fastmath flag); anywhere else
it is rounded first.  On a CPU without fused multiply-add the two are rounded one after the other.
"""
import operator

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import lower_cast
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin

from .choice import HAS_FMA
from .models import F32, I32, vector
from .types import Column, Grid, Lanes, Mask, Product, Sheet, Spread, Stack, Strip, Tile, Turned

SCALARS = (types.Float, types.Integer)


def splat(builder, scalar, L):
    """The vector that holds `scalar` in every lane."""
    undefined = ir.Constant(vector(L), ir.Undefined)
    first = builder.insert_element(undefined, scalar, I32(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(I32, L), [0] * L))


def constant(L, value):
    """The vector that holds the same number in every lane."""
    return ir.Constant(vector(L), [value] * L)


def call_vector(builder, name, L, *args):
    """Call an LLVM intrinsic on vectors of L float32 or float64 (llvmlite's own table knows no vectors)."""
    kind = args[0].type
    bits = 32 if kind.element == F32 else 64
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * len(args)), f"llvm.{name}.v{L}f{bits}")
    return builder.call(function, args)


def multiply_add(builder, a, b, c):
    """a * b + c on vectors, rounded once where the CPU can."""
    if not HAS_FMA:
        return builder.fadd(builder.fmul(a, b), c)
    return call_vector(builder, "fma", a.type.count, a, b, c)


def build(builder, count, element, kind):
    """An LLVM array of `count` values of type `kind`, value i being `element(i)`."""
    out = ir.Constant(ir.ArrayType(kind, count), ir.Undefined)
    for i in range(count):
        out = builder.insert_value(out, element(i), i)
    return out


def to_lanes(context, builder, value, kind, L):
    """`value` (a scalar, lanes, or a product of them) as one rounded vector."""
    if isinstance(kind, Product):
        left = to_lanes(context, builder, builder.extract_value(value, 0), kind.left, L)
        right = to_lanes(context, builder, builder.extract_value(value, 1), kind.right, L)
        return builder.fmul(left, right)
    if isinstance(kind, Lanes):
        return value
    return splat(builder, context.cast(builder, value, kind, types.float32), L)


# ---------------------------------------------------------------- products
def _is_factor_of_lanes(kind):
    return isinstance(kind, SCALARS + (Lanes,))


@infer_global(operator.mul)
class _Multiply(AbstractTemplate):
    def generic(self, args, kws):
        if len(args) != 2:
            return None
        a, b = (arg.sum_type if isinstance(arg, Product) else arg for arg in args)
        outer = (isinstance(a, Column) and isinstance(b, Lanes)
                 or isinstance(a, Column) and isinstance(b, Strip) and a.T == b.K
                 or isinstance(a, (Column, Tile)) and isinstance(b, Stack) and a.T == b.T and getattr(a, "L", b.L) == b.L
                 or isinstance(a, Tile) and isinstance(b, Tile) and a.L == b.L
                 or isinstance(a, Turned) and isinstance(b, Spread) and a.M == b.M)
        lanes = (Lanes in (type(a), type(b)) and _is_factor_of_lanes(a) and _is_factor_of_lanes(b))
        if outer or lanes:
            return signature(Product(a, b), a, b)
        return None


@lower_builtin(operator.mul, Lanes, Lanes)
@lower_builtin(operator.mul, Lanes, types.Number)
@lower_builtin(operator.mul, types.Number, Lanes)
@lower_builtin(operator.mul, Column, Lanes)
@lower_builtin(operator.mul, Column, Strip)
@lower_builtin(operator.mul, Column, Stack)
@lower_builtin(operator.mul, Tile, Stack)
@lower_builtin(operator.mul, Tile, Tile)
@lower_builtin(operator.mul, Turned, Spread)
def _keep_factors(context, builder, sig, args):
    pair = ir.Constant(ir.LiteralStructType([arg.type for arg in args]), ir.Undefined)
    return builder.insert_value(builder.insert_value(pair, args[0], 0), args[1], 1)


# ---------------------------------------------------------------- sums
class Accumulate(AbstractTemplate):
    """acc + product, and acc + number for the kinds that sums are made of."""

    def generic(self, args, kws):
        if len(args) != 2:
            return None
        acc, term = args
        if isinstance(term, Product):
            total = term.sum_type
            if acc == total or isinstance(acc, Column) or (
                    isinstance(total, Lanes) and _is_factor_of_lanes(acc)) or (
                    isinstance(total, Tile) and isinstance(acc, types.Float)):
                return signature(total, total, term)
        if isinstance(acc, Tile) and isinstance(term, Tile):
            total = Tile(acc.T, acc.L)
            return signature(total, total, term)
        return None


for _name, _op in (("_Add", operator.add), ("_AddInPlace", operator.iadd)):
    infer_global(_op)(type(_name, (Accumulate,), {}))


@lower_builtin(operator.add, Tile, Product)
@lower_builtin(operator.iadd, Tile, Product)
def _add_column_times_x(context, builder, sig, args):
    acc, (weights, x), kind = args[0], _split(builder, args[1]), sig.args[1].right
    if isinstance(kind, Strip):
        return _add_row_of_taps(builder, acc, weights, x, kind)
    T, L = sig.return_type.T, sig.return_type.L
    return build(builder, T, lambda t: multiply_add(
        builder, splat(builder, builder.extract_value(weights, t), L),
        builder.extract_value(x, t) if isinstance(kind, Stack) else x, builder.extract_value(acc, t)), vector(L))


def _add_row_of_taps(builder, acc, weights, x, strip):
    """acc[t] += sum_{k} weights[k] * x[t + k], in the order of k, over the pixels that the strip has."""
    taps = [splat(builder, builder.extract_value(weights, k), strip.L) for k in range(strip.K)]
    for i in range(strip.begin, strip.end):
        pixel = builder.extract_value(x, i - strip.begin)
        for k in range(max(0, i - strip.T + 1), min(i + 1, strip.K)):
            total = multiply_add(builder, taps[k], pixel, builder.extract_value(acc, i - k))
            acc = builder.insert_value(acc, total, i - k)
    return acc


@lower_builtin(operator.add, Grid, Product)
@lower_builtin(operator.iadd, Grid, Product)
def _add_tile_times_tile(context, builder, sig, args):
    acc, (left, right) = args[0], _split(builder, args[1])
    T, K, L = sig.return_type.T, sig.return_type.K, sig.return_type.L
    own = isinstance(sig.args[1].right, Stack)
    return build(builder, T * K, lambda i: multiply_add(
        builder, builder.extract_value(left, i // K), builder.extract_value(right, i if own else i % K),
        builder.extract_value(acc, i)), vector(L))


@lower_builtin(operator.add, Sheet, Product)
@lower_builtin(operator.iadd, Sheet, Product)
def _add_turned_times_spread(context, builder, sig, args):
    acc, (left, right) = args[0], _split(builder, args[1])
    T, K = sig.return_type.T, sig.return_type.K
    for m in range(sig.args[1].left.M):
        acc = build(builder, K, lambda k: multiply_add(
            builder, builder.extract_value(left, m), splat(builder, builder.extract_value(right, m * K + k), T),
            builder.extract_value(acc, k)), vector(T))
    return acc


@lower_builtin(operator.add, Lanes, Product)
@lower_builtin(operator.iadd, Lanes, Product)
def _add_lanes_times_lanes(context, builder, sig, args):
    product, L = sig.args[1], sig.return_type.L
    left, right = (to_lanes(context, builder, factor, kind, L) for factor, kind in zip(
        _split(builder, args[1]), (product.left, product.right)))
    return multiply_add(builder, left, right, args[0])


@lower_builtin(operator.add, Tile, Tile)
@lower_builtin(operator.iadd, Tile, Tile)
def _add_tiles(context, builder, sig, args):
    return build(builder, sig.return_type.T, lambda t: builder.fadd(
        builder.extract_value(args[0], t), builder.extract_value(args[1], t)),
        vector(sig.return_type.L))


def _split(builder, pair):
    return builder.extract_value(pair, 0), builder.extract_value(pair, 1)


# ---------------------------------------------------------------- lane by lane
def lanes_of(args):
    """The Lanes type a lane-by-lane operation works in, or None."""
    kinds = [arg.sum_type if isinstance(arg, Product) else arg for arg in args]
    lanes = [kind for kind in kinds if isinstance(kind, Lanes)]
    if lanes and all(_is_factor_of_lanes(kind) for kind in kinds):
        return lanes[0]
    return None


def lane_by_lane(op, emit, result=lambda lanes: lanes):
    """Register a unary or binary operator: lanes with lanes, scalars or products."""

    class LaneByLane(AbstractTemplate):
        def generic(self, args, kws):
            lanes = lanes_of(args)
            fused = op in (operator.add, operator.iadd) and isinstance(args[-1], Product)
            if lanes is None or fused:
                return None
            return signature(result(lanes), *[lanes] * len(args))

    infer_global(op)(LaneByLane)
    for arity in (1, 2):
        lower_builtin(op, *[Lanes] * arity)(
            lambda context, builder, sig, args: emit(builder, *args))


def _subtract_or_negate(builder, a, b=None):
    return builder.fneg(a) if b is None else builder.fsub(a, b)


for _op in (operator.add, operator.iadd):
    lane_by_lane(_op, lambda builder, a, b: builder.fadd(a, b))
for _op in (operator.sub, operator.isub, operator.neg):
    lane_by_lane(_op, _subtract_or_negate)
for _op in (operator.truediv, operator.itruediv):
    lane_by_lane(_op, lambda builder, a, b: builder.fdiv(a, b))
lane_by_lane(abs, lambda builder, a: call_vector(builder, "fabs", a.type.count, a))


def _register_comparison(op, symbol):
    # Python's `!=` is true for a NaN, every other comparison is false
    emit = ir.IRBuilder.fcmp_unordered if symbol == "!=" else ir.IRBuilder.fcmp_ordered
    lane_by_lane(op, lambda builder, a, b: emit(builder, symbol, a, b),
                 result=lambda lanes: Mask(lanes.L))


for _op, _symbol in ((operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"),
                     (operator.ge, ">="), (operator.eq, "=="), (operator.ne, "!=")):
    _register_comparison(_op, _symbol)


class _MaskLogic(AbstractTemplate):
    def generic(self, args, kws):
        if len(args) == 2 and isinstance(args[0], Mask) and args[0] == args[1]:
            return signature(args[0], *args)
        return None


for _name, _op, _emit in (("Or", operator.or_, ir.IRBuilder.or_),
                          ("And", operator.and_, ir.IRBuilder.and_)):
    infer_global(_op)(type(_name, (_MaskLogic,), {}))
    lower_builtin(_op, Mask, Mask)(
        lambda context, builder, sig, args, emit=_emit: emit(builder, *args))


# ---------------------------------------------------------------- conversions
@lower_cast(types.Float, Tile)
def _float_to_tile(context, builder, fromty, toty, value):
    lanes = to_lanes(context, builder, value, fromty, toty.L)
    return build(builder, toty.T, lambda t: lanes, vector(toty.L))


@lower_cast(Column, Tile)
def _column_to_tile(context, builder, fromty, toty, value):
    return build(builder, toty.T, lambda t: splat(
        builder, builder.extract_value(value, t), toty.L), vector(toty.L))


@lower_cast(types.Float, Lanes)
@lower_cast(types.Integer, Lanes)
@lower_cast(Product, Lanes)
def _to_rounded_lanes(context, builder, fromty, toty, value):
    return to_lanes(context, builder, value, fromty, toty.L)


@lower_cast(Tile, Tile)
def _same_tile(context, builder, fromty, toty, value):
    return value
