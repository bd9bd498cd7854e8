"""Arrays of any kind of number, made from addresses.

A *table* is a row of int64 words that tells a compiled task what to work on: words 0 to 15 are
plain numbers (counts, strides, padding), then come the arrays, 16 words each: the address, the
extents, the strides in bytes.  Which kind of number lies there the task knows when it is compiled.
"""
from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from .types import Column, Lanes, Patch, Sheet, Spread, Stack, Strip, Tile, Turned

WORDS = 16
I64 = ir.IntType(64)


def _word(builder, table, position):
    """Word `position` of the table (an LLVM value)."""
    words = builder.inttoptr(table, I64.as_pointer())
    return builder.load(builder.gep(words, [position]))


def _view(typingctx, kind, size, table, slot, ndim, order="A"):
    """Signature and code of an array of `kind`, `size` bytes each, from a slot of the table."""
    # a patch begins where the one before ends
    array = types.Array(kind, ndim.literal_value, order, aligned=not isinstance(kind, Patch))

    def codegen(context, builder, sig, args):
        if kind not in (types.float32, types.uint8, types.int64):
            # LLVM would unroll loops over numbers that fill the registers already
            builder.function.attributes.add("optsize")
        start = WORDS * (1 + slot.literal_value)
        words = [_word(builder, args[0], I64(start + i)) for i in range(1 + 2 * array.ndim)]
        out = context.make_array(array)(context, builder)
        populate_array(
            out, data=builder.inttoptr(words[0], out.data.type),
            shape=cgutils.pack_array(builder, words[1:1 + array.ndim]),
            strides=cgutils.pack_array(builder, words[1 + array.ndim:]),
            itemsize=context.get_constant(types.intp, size), meminfo=None)
        return impl_ret_borrowed(context, builder, array, out._getvalue())

    return array, codegen


@intrinsic(prefer_literal=True)
def floats(typingctx, table, slot, ndim):
    """The array in `slot` as plain float32."""
    array, codegen = _view(typingctx, types.float32, 4, table, slot, ndim)
    return array(table, slot, ndim), codegen


@intrinsic(prefer_literal=True)
def pixels(typingctx, table, slot, ndim):
    """The array in `slot` as uint8."""
    array, codegen = _view(typingctx, types.uint8, 1, table, slot, ndim)
    return array(table, slot, ndim), codegen


@intrinsic(prefer_literal=True)
def words(typingctx, table, slot, ndim):
    """The array in `slot` as int64, without gaps."""
    array, codegen = _view(typingctx, types.int64, 8, table, slot, ndim, "C")
    return array(table, slot, ndim), codegen


@intrinsic(prefer_literal=True)
def dense_floats(typingctx, table, slot, ndim):
    """The array in `slot` as float32 without gaps, row after row: loops along it become SIMD code by themselves."""
    array, codegen = _view(typingctx, types.float32, 4, table, slot, ndim, "C")
    return array(table, slot, ndim), codegen


@intrinsic(prefer_literal=True)
def lanes(typingctx, table, slot, ndim, L):
    """The array in `slot` as Lanes of L images."""
    kind = Lanes(L.literal_value)
    array, codegen = _view(typingctx, kind, 4 * kind.L, table, slot, ndim)
    return array(table, slot, ndim, L), codegen


@intrinsic(prefer_literal=True)
def columns(typingctx, table, slot, ndim, T):
    """The array in `slot` as Columns of T scalars."""
    kind = Column(T.literal_value)
    array, codegen = _view(typingctx, kind, 4 * kind.T, table, slot, ndim)
    return array(table, slot, ndim, T), codegen


@intrinsic(prefer_literal=True)
def tiles(typingctx, table, slot, ndim, T, L, pitch):
    """The array in `slot` as Tiles of T x L, their channels `pitch` floats apart."""
    kind = Tile(T.literal_value, L.literal_value, pitch.literal_value)
    array, codegen = _view(typingctx, kind, 4 * kind.T * kind.L, table, slot, ndim)
    return array(table, slot, ndim, T, L, pitch), codegen


@intrinsic(prefer_literal=True)
def strips(typingctx, table, slot, ndim, T, K, begin, end, L, pitch):
    """The array in `slot` as Strips, pixels `begin` to `end` of those that T outputs of K taps see, `pitch` floats apart."""
    kind = Strip(*(extent.literal_value for extent in (T, K, begin, end, L, pitch)))
    array, codegen = _view(typingctx, kind, 4 * kind.vectors * kind.L, table, slot, ndim)
    return array(table, slot, ndim, T, K, begin, end, L, pitch), codegen


@intrinsic(prefer_literal=True)
def stacks(typingctx, table, slot, ndim, T, L, pitch):
    """The array in `slot` as Stacks of T x L, their channels `pitch` floats apart."""
    kind = Stack(T.literal_value, L.literal_value, pitch.literal_value)
    array, codegen = _view(typingctx, kind, 4 * kind.T * kind.L, table, slot, ndim)
    return array(table, slot, ndim, T, L, pitch), codegen


@intrinsic(prefer_literal=True)
def patches(typingctx, table, slot, ndim, T, K, L):
    """The array in `slot` as Patches of T x K scalars."""
    kind = Patch(T.literal_value, K.literal_value, L.literal_value)
    array, codegen = _view(typingctx, kind, 4 * kind.T * kind.K, table, slot, ndim)
    return array(table, slot, ndim, T, K, L), codegen


@intrinsic(prefer_literal=True)
def turned(typingctx, table, slot, ndim, M, T):
    """The array in `slot` as Turned of M images x T channels."""
    kind = Turned(M.literal_value, T.literal_value)
    array, codegen = _view(typingctx, kind, 4 * kind.M * kind.T, table, slot, ndim)
    return array(table, slot, ndim, M, T), codegen


@intrinsic(prefer_literal=True)
def spreads(typingctx, table, slot, ndim, K, M, pitch):
    """The array in `slot` as Spreads of K x M, their channels `pitch` floats apart."""
    kind = Spread(K.literal_value, M.literal_value, pitch.literal_value)
    array, codegen = _view(typingctx, kind, 4 * kind.K * kind.M, table, slot, ndim)
    return array(table, slot, ndim, K, M, pitch), codegen


@intrinsic(prefer_literal=True)
def sheets(typingctx, table, slot, ndim, T, K):
    """The array in `slot` as Sheets of T x K sums."""
    kind = Sheet(T.literal_value, K.literal_value)
    array, codegen = _view(typingctx, kind, 4 * kind.T * kind.K, table, slot, ndim)
    return array(table, slot, ndim, T, K), codegen


@intrinsic
def number(typingctx, table, i):
    """Word i of the table: a count, a stride, a padding."""
    def codegen(context, builder, sig, args):
        return _word(builder, args[0], args[1])

    return types.int64(table, types.int64), codegen


@intrinsic
def real(typingctx, table, i):
    """Word i of the table as the float64 whose bits it holds."""
    def codegen(context, builder, sig, args):
        return builder.bitcast(_word(builder, args[0], args[1]), ir.DoubleType())

    return types.float64(table, types.int64), codegen


@intrinsic(prefer_literal=True)
def only(typingctx, array, axis, index):
    """`array` with nothing but `index` left of `axis`: a task's own slice."""
    def codegen(context, builder, sig, args):
        kind = sig.return_type
        source = context.make_array(kind)(context, builder, args[0])
        out = context.make_array(kind)(context, builder)
        shape = cgutils.unpack_tuple(builder, source.shape)
        strides = cgutils.unpack_tuple(builder, source.strides)
        at = axis.literal_value
        address = builder.ptrtoint(source.data, I64)
        address = builder.add(address, builder.mul(args[2], strides[at]))
        shape[at] = I64(1)
        populate_array(out, data=builder.inttoptr(address, source.data.type),
                       shape=cgutils.pack_array(builder, shape), strides=source.strides,
                       itemsize=source.itemsize, meminfo=None)
        return impl_ret_borrowed(context, builder, kind, out._getvalue())

    return array(array, axis, types.int64), codegen


@njit(inline="always")
def cell(array, i, j):
    """`array` with nothing but i left of its first axis and j of its second."""
    return only(only(array, 0, i), 1, j)


@njit(inline="always")
def group(array, i, g, size):
    """`array` with nothing but i left of its first axis and the g-th `size` of its second."""
    return only(array, 0, i)[:, g * size:(g + 1) * size]
