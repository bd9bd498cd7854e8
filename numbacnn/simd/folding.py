"""Sums over the lanes of a vector, added in one fixed order, whatever the CPU: lane i and i + half, until one is left."""
from llvmlite import ir

from .models import I32


def shuffle(builder, left, right, lanes):
    """A vector of these lanes of two vectors; those of the second are counted on."""
    return builder.shuffle_vector(left, right, ir.Constant(ir.VectorType(I32, len(lanes)), list(lanes)))


def pairs(vectors):
    """Vectors two by two; the last may have nothing beside it."""
    nothing = ir.Constant(vectors[0].type, ir.Undefined)
    return zip(vectors[::2], [*vectors[1::2], nothing])


def fold(builder, lanes):
    """The sum of one vector, a number."""
    while lanes.type.count > 1:
        half = lanes.type.count // 2
        lanes = builder.fadd(shuffle(builder, lanes, lanes, range(half)), shuffle(builder, lanes, lanes, range(half, 2 * half)))
    return builder.extract_element(lanes, I32(0))


def fold_together(builder, vectors):
    """The sums of several vectors as one vector, the bits of `fold`: in each step two vectors are halved and become one."""
    count, width = len(vectors), vectors[0].type.count
    part = width  # of a vector, all of whose lanes belong to one sum
    while part > 1:
        half = part // 2
        lower = [start + i for start in range(0, 2 * width, part) for i in range(half)]
        vectors = [builder.fadd(*(shuffle(builder, *pair, [lane + above for lane in lower]) for above in (0, half)))
                   for pair in pairs(vectors)]
        part = half
    while len(vectors) > 1:
        both = range(2 * vectors[0].type.count)
        vectors = [shuffle(builder, *pair, both) for pair in pairs(vectors)]
    return shuffle(builder, vectors[0], vectors[0], range(count))
