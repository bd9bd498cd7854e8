"""Random numbers that need no state: a function of a seed and a place, so that the order of the work does not matter."""
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, overload

from .arithmetic import constant
from .models import I32, vector
from .types import Lanes

GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
I64 = ir.IntType(64)


def splitmix64(seed, place):
    """Number `place` of the stream of 64-bit numbers that begins with `seed`.

    Source: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", figure 16, with the constants
    of Vigna's splitmix64.c.
    """
    word = (1 << 64) - 1
    z = (seed + (place + 1) * GOLDEN) & word
    z = ((z ^ (z >> 30)) * FIRST) & word
    z = ((z ^ (z >> 27)) * SECOND) & word
    return z ^ (z >> 31)


def uniform(image, size, position, seed):
    """A number in [0, 1) for place image*size + position: 24 bits of splitmix64, a float32 without rounding."""
    return (splitmix64(int(seed), int(image) * size + position) >> 40) / (1 << 24)


def _mixed(builder, place, seed):
    """splitmix64 of LLVM integers, or vectors of them."""
    def number(value):
        kind = place.type
        return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)

    z = builder.add(builder.mul(builder.add(place, number(1)), number(GOLDEN)), seed)
    for shift, factor in ((30, FIRST), (27, SECOND)):
        z = builder.mul(builder.xor(z, builder.lshr(z, number(shift))), number(factor))
    z = builder.xor(z, builder.lshr(z, number(31)))
    return builder.lshr(z, number(40))


def _splat(builder, value, L):
    kind = ir.VectorType(I64, L)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, I32(0))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(I32, L), [0] * L))


@intrinsic
def _uniform(typingctx, image, size, position, seed):
    lanes = isinstance(image, Lanes)

    def codegen(context, builder, sig, args):
        image, *numbers = args
        if not lanes:
            place = builder.add(builder.mul(builder.fptosi(image, I64), numbers[0]), numbers[1])
            bits = _mixed(builder, place, numbers[2])
            kind = context.get_value_type(sig.return_type)
            return builder.fmul(builder.sitofp(bits, kind), ir.Constant(kind, 2.0 ** -24))
        L = sig.return_type.L
        size, position, seed = (_splat(builder, number, L) for number in numbers)
        place = builder.add(builder.mul(builder.fptosi(image, ir.VectorType(I64, L)), size), position)
        bits = builder.trunc(_mixed(builder, place, seed), ir.VectorType(I32, L))
        return builder.fmul(builder.sitofp(bits, vector(L)), constant(L, 2.0 ** -24))

    return image(image, types.int64, types.int64, types.int64), codegen


@overload(uniform, inline="always")
def _uniform_of_any_kind(image, size, position, seed):
    if isinstance(image, (types.Float, Lanes)):
        return lambda image, size, position, seed: _uniform(image, size, position, seed)
    return None
