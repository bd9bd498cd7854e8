"""From the same pixel of L images to a number in lanes, and back; eight neighboring pixels at a time where they touch.

Pixels of L images lie far apart, and what a CPU waits for is memory: eight pixels of each image are one load, and all
the loads can be under way together.  The square of pixels by images is then transposed in registers.
"""
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from .folding import shuffle
from .models import F32, I32, vector
from .types import Lanes

PIXELS = 8  # neighbors that are taken at a time


def _transposed(builder, rows):
    """The transpose of a square, a power of two rows of as many numbers: riffled that power of times, like a pack of cards."""
    side, half = len(rows), len(rows) // 2
    for _ in range(side.bit_length() - 1):
        rows = [shuffle(builder, rows[i // 2], rows[i // 2 + half], [
            (i % 2 * half + j // 2) + j % 2 * side for j in range(side)]) for i in range(side)]
    return rows


def _joined(builder, parts):
    """Vectors one behind the other as a single one."""
    while len(parts) > 1:
        count = 2 * parts[0].type.count
        order = ir.Constant(ir.VectorType(I32, count), [*range(count)])
        parts = [builder.shuffle_vector(*parts[i:i + 2], order) for i in range(0, len(parts), 2)]
    return parts[0]


def _part(builder, lanes, first, count):
    """Lanes `first` to `first + count`."""
    return builder.shuffle_vector(lanes, lanes, ir.Constant(ir.VectorType(I32, count), [*range(first, first + count)]))


def _pointers(context, builder, kind, array, indices, L):
    """Address of pixel (n + lane, ...) for each of L lanes, and whether there is such an image.

    A lane without an image points to the last one, whose pixels may be read.
    """
    source = context.make_array(kind)(context, builder, array)
    shape, strides = (cgutils.unpack_tuple(builder, those) for those in (source.shape, source.strides))
    last = builder.sub(shape[0], indices[0].type(1))
    found = []
    for lane in range(L):
        n = builder.add(indices[0], indices[0].type(lane))
        there = builder.icmp_signed("<=", n, last)
        address = builder.ptrtoint(source.data, n.type)
        for index, stride in zip((builder.select(there, n, last), *indices[1:]), strides):
            address = builder.add(address, builder.mul(index, stride))
        found.append((builder.inttoptr(address, source.data.type), there))
    return found


def _as_floats(builder, value):
    """Integers, which are bytes without a sign, become floats."""
    if isinstance(getattr(value.type, "element", value.type), ir.IntType):
        target = vector(value.type.count) if isinstance(value.type, ir.VectorType) else F32
        return builder.uitofp(value, target)
    return value


def _several(context, builder, pointer, count):
    """Pointer to `count` neighbors, wherever they begin."""
    return builder.bitcast(pointer, ir.VectorType(pointer.type.pointee, count).as_pointer())


@intrinsic(prefer_literal=True)
def gather(typingctx, x, n, c, h, w, L):
    """The number in lanes of x[n:n + L, c, h, w], float32 or uint8; zero where there is no image."""
    def codegen(context, builder, sig, args):
        out = ir.Constant(vector(L.literal_value), ir.Undefined)
        for lane, (pointer, there) in enumerate(_pointers(context, builder, x, args[0], args[1:5], L.literal_value)):
            value = builder.select(there, _as_floats(builder, builder.load(pointer)), F32(0))
            out = builder.insert_element(out, value, I32(lane))
        return out

    return Lanes(L.literal_value)(x, *[types.int64] * 4, L), codegen


@intrinsic(prefer_literal=True)
def gather_neighbors(typingctx, x, n, c, h, w, L):
    """The numbers in lanes of PIXELS pixels from w on, which must touch in memory."""
    def codegen(context, builder, sig, args):
        rows = []
        for pointer, there in _pointers(context, builder, x, args[0], args[1:5], L.literal_value):
            row = builder.load(_several(context, builder, pointer, PIXELS), align=x.dtype.bitwidth // 8)
            rows.append(builder.select(there, _as_floats(builder, row), ir.Constant(vector(PIXELS), [0] * PIXELS)))
        squares = [_transposed(builder, rows[i:i + PIXELS]) for i in range(0, len(rows), PIXELS)]
        return context.make_tuple(builder, sig.return_type, [_joined(builder, [*those]) for those in zip(*squares)])

    return types.UniTuple(Lanes(L.literal_value), PIXELS)(x, *[types.int64] * 4, L), codegen


@intrinsic(prefer_literal=True)
def scatter(typingctx, lanes, out, n, c, h, w):
    """out[n:n + L, c, h, w] = the number in lanes, as far as there are images."""
    def codegen(context, builder, sig, args):
        pointers = _pointers(context, builder, out, args[1], args[2:6], lanes.L)
        for lane, (pointer, _) in reversed([*enumerate(pointers)]):  # the last image comes after the lanes without one
            builder.store(builder.extract_element(args[0], I32(lane)), pointer)
        return context.get_dummy_value()

    return types.void(lanes, out, *[types.int64] * 4), codegen


@intrinsic(prefer_literal=True)
def scatter_neighbors(typingctx, numbers, out, n, c, h, w):
    """out[n:n + L, c, h, w:w + PIXELS] = numbers, as far as there are images; these pixels must touch in memory."""
    def codegen(context, builder, sig, args):
        L = numbers.dtype.L
        values = cgutils.unpack_tuple(builder, args[0])
        rows = [row for first in range(0, L, PIXELS)
                for row in _transposed(builder, [_part(builder, value, first, PIXELS) for value in values])]
        for row, (pointer, _) in reversed([*zip(rows, _pointers(context, builder, out, args[1], args[2:6], L))]):
            builder.store(row, _several(context, builder, pointer, PIXELS), align=4)
        return context.get_dummy_value()

    return types.void(numbers, out, *[types.int64] * 4), codegen


@intrinsic
def put(typingctx, out, indices, value):
    """out[indices] = value in a plain array.

    Of a loop over numbers that lie far apart LLVM would make vectors, gathered and scattered: on an AMD CPU six cycles a number.
    Of atomic stores, which are plain ones to the CPU, it makes none.
    """
    def codegen(context, builder, sig, args):
        array = context.make_array(out)(context, builder, args[0])
        place = cgutils.get_item_pointer(context, builder, out, array, cgutils.unpack_tuple(builder, args[1]))
        builder.store_atomic(args[2], place, "monotonic", 4)
        return context.get_dummy_value()

    return types.void(out, indices, out.dtype), codegen


@intrinsic
def store_row(typingctx, lanes, out, row, first):
    """out[row, first:first + L] = the lanes of a number, as far as there are columns, which must touch in memory."""
    def codegen(context, builder, sig, args):
        array = context.make_array(out)(context, builder, args[1])
        left = builder.sub(builder.extract_value(array.shape, 1), args[3])
        place = cgutils.get_item_pointer(context, builder, out, array, args[2:])
        L = left.type(lanes.L)
        with builder.if_else(builder.icmp_signed(">=", left, L)) as (whole, part):
            with whole:
                builder.store(args[0], _several(context, builder, place, lanes.L), align=4)
            with part:
                last = builder.sub(left, left.type(1))
                for lane in reversed(range(lanes.L)):  # the last one comes after those beyond it
                    column = builder.select(builder.icmp_signed("<", left.type(lane), left), left.type(lane), last)
                    builder.store(builder.extract_element(args[0], I32(lane)), builder.gep(place, [column]))
        return context.get_dummy_value()

    return types.void(lanes, out, *[types.int64] * 2), codegen


@intrinsic
def store_turned(typingctx, tile, out, m, c, p):
    """out[0, 0, m, c, p] = the tile, of as many channels as images, with its rows and columns exchanged.

    The rows lie as far apart as the type of `out` says; what lies between them stays as it is.
    """
    def codegen(context, builder, sig, args):
        array = context.make_array(out)(context, builder, args[1])
        first = cgutils.get_item_pointer(context, builder, out, array, [*[args[2].type(0)] * 2, *args[2:]])
        first = builder.bitcast(first, F32.as_pointer())
        rows = [builder.extract_value(args[0], t) for t in range(tile.T)]
        for t, row in enumerate(_transposed(builder, rows)):
            place = builder.gep(first, [I32(t * out.dtype.pitch)])
            builder.store(row, builder.bitcast(place, row.type.as_pointer()), align=4 * tile.L)
        return context.get_dummy_value()

    return types.void(tile, out, *[types.int64] * 3), codegen
